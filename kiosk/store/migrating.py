"""Bringing a database to the newest schema: a copy first, then all steps in one transaction."""

import os
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from ikm.sqlite import writing
from kiosk.store.checks import OURS, mark
from kiosk.store.errors import Damaged, StoreError
from kiosk.store.seals import SEALED, seal


def migrate(engine: Engine, path: Path, migrations: Path) -> None:
    """Bring that file to the newest schema of those migrations; what was in it stays.

    Raises:
        StoreError: It is of a later version, or of something else.
        Damaged: Its two notes of the schema contradict each other.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        _revision(connection, scripts, path)
    # the lock first: of two processes that start together, one migrates and the other finds it done
    with writing(engine) as connection:
        found = _revision(connection, scripts, path)
        newest = str(scripts.get_current_head())
        if found == newest:
            if _noted(connection) != mark(newest):
                raise Damaged(f"schema {found}, header {_noted(connection):#x}")
            return
        if found is not None:
            _copy(engine, path.with_name(f"{path.name}.{found}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        # the columns may be new ones, and what they held was sealed with the old ones or not at all
        seal(connection, *SEALED)
        connection.exec_driver_sql(f"PRAGMA application_id = {mark(newest)}")


def _revision(connection: Connection, scripts: ScriptDirectory, path: Path) -> str | None:
    """The schema's revision, None for an empty file."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    noted = _noted(connection)
    # what was written before there was a second note has none
    if noted >> 16 == OURS and not (found and found.isdecimal() and noted == mark(found)):
        raise Damaged(f"schema {found}, header {noted:#x}")
    if found is not None and found not in known:
        raise StoreError(
            f"Basis data {path} dibuat oleh versi aplikasi yang lebih baru. Pasang versi terbaru aplikasi ini; "
            "isinya tidak diubah."
        )
    if found is None and inspect(connection).get_table_names():
        raise StoreError(f"Berkas {path} bukan basis data kios. Isinya tidak diubah.")
    return found


def _noted(connection: Connection) -> int:
    noted: int = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    return noted


def _copy(engine: Engine, target: Path) -> None:
    """Put what is committed into another file, whole and on the medium before the migration goes on."""
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    # the driver's own connection: the engine's begin a transaction, in which nothing can be vacuumed
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM INTO ?", (str(unfinished),))
    _to_medium(unfinished)
    unfinished.replace(target)
    _to_medium(target.parent)


def _to_medium(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
