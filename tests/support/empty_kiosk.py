"""A kiosk's new database without its migrations: what they make of an empty file is noted once, and said again."""

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ikm.sqlite import writing
from kiosk.store import Store, migrating
from kiosk.store.opening import FILE_NAME, MIGRATIONS


def remember_the_schema(patch: pytest.MonkeyPatch) -> None:
    """Have files that are empty filled with what the migrations would put there; all others are migrated."""
    migrate = migrating.migrate

    def said_again(engine: Engine, path: Path, migrations: Path) -> None:
        if migrations == MIGRATIONS and _is_empty(path):
            with writing(engine) as connection:
                # another process may have been there first
                if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one():
                    for statement in _made():
                        connection.exec_driver_sql(statement)
                    return
        migrate(engine, path, migrations)

    @cache
    def _made() -> tuple[str, ...]:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as own:
            own.setattr(migrating, "migrate", migrate)
            Store.open(Path(folder)).close()
            with closing(sqlite3.connect(Path(folder) / FILE_NAME)) as connection:
                [mark] = connection.execute("PRAGMA application_id").fetchone()
                said = (line.rstrip(";") for line in connection.iterdump())
                kept = tuple(line for line in said if line not in {"BEGIN TRANSACTION", "COMMIT"})
        return (*kept, f"PRAGMA application_id = {mark}")

    patch.setattr(migrating, "migrate", said_again)


def _is_empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0
