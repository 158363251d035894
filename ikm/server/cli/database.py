"""The settings and the store as commands need them, with their faults told as one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ikm.domain.errors import Refusal
from ikm.domain.oserrors import reason
from ikm.server.cli.common import USAGE, end
from ikm.server.settings import Settings, SettingsError
from ikm.server.store import Store
from ikm.server.store.engine import is_missing
from ikm.server.store.faults import DatabaseFault
from ikm.server.store.migrate import NewerDatabase

_SENTENCES = {
    "server_busy": "Basis data tidak dapat dihubungi atau sedang dikunci. "
    "Periksa IKM_DATABASE_URL dan apakah PostgreSQL berjalan.",
    "period_invalid": "Periode {detail} tidak benar. Tulis seperti 2026, 2026-S1, 2026-Q4 atau 2026-11.",
}
"""What an operator is told where a visitor would be told something else."""


def read_settings(host: str | None = None, port: int | None = None) -> Settings:
    """The settings of this environment, overridden by what the command line gave; ends the command when wrong."""
    given = {"IKM_HOST": host, "IKM_PORT": None if port is None else str(port)}
    environment = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    try:
        return Settings.from_environment(environment)
    except SettingsError as error:
        end(str(error), USAGE)


@contextmanager
def open_store(*, creates: bool = False) -> Iterator[Store]:
    """The store, closed afterwards; ends the command when there is no database and none is to be made."""
    with sentences():
        database = read_settings().database
        if not creates and is_missing(database):
            end(f"Basis data {database.database} belum ada. Periksa IKM_DATABASE_URL atau IKM_DATA.")
        store = Store.open(database)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what may happen to an operator into a sentence; what may not keeps its traceback."""
    try:
        yield
    except Refusal as refusal:
        end(_SENTENCES.get(refusal.code, refusal.problem.title).format(detail=refusal.detail))
    except NewerDatabase:
        end("Basis data ini milik versi perangkat lunak yang lebih baru; perbarui server ini dahulu.")
    except DatabaseFault as fault:
        end(f"Basis data tidak dapat dipakai ({fault}).")
    except OSError as error:
        end(f"Folder data {error.filename} tidak dapat dipakai: {reason(error)}.")
