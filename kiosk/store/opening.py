"""Opening the database: made private, brought to this software's schema, or refused and left as it was."""

import os
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError

from ikm.sqlite import WeakDurability, durable_engine
from kiosk.store.errors import StoreError

FILE_NAME = "kiosk.db"

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(folder: Path) -> Engine:
    """An engine for the folder's database, its schema the newest. Raises StoreError."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(path)
    except OSError as error:
        raise StoreError(f"Folder data {folder} tidak dapat dipakai: {error.strerror}.") from error
    engine = durable_engine(path)
    # what a failed statement carried stays out of logs: it may be a citizen's answers
    engine.hide_parameters = True
    try:
        if not _is_newest(engine):
            # only now: every other start does without the migrations' library and its 17 MB
            from kiosk.store.migrating import migrate  # noqa: PLC0415

            migrate(engine, path, MIGRATIONS)
    except (DatabaseError, WeakDurability) as error:
        engine.dispose()
        raise StoreError(f"Basis data {path} tidak dapat dibuka. Isinya tidak diubah; hubungi pengelola.") from error
    except StoreError:
        engine.dispose()
        raise
    return engine


def _make_private(path: Path) -> None:
    # only ever a new file: closing one that SQLite has open would drop its locks
    if not path.exists():
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return


def _is_newest(engine: Engine) -> bool:
    """Whether the schema is the one of the newest migration; their files' names begin with the revision."""
    newest = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*_*.py"))
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [newest]
