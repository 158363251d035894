"""Opening the database: made private, brought to this software's schema, or refused and left as it was."""

import os
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DatabaseError

from ikm.sqlite import WeakDurability, durable_engine, writing
from kiosk.store.errors import StoreError

FILE_NAME = "kiosk.db"

_MIGRATIONS = Path(__file__).parent / "migrations"


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
        _migrate(engine, path)
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


def _migrate(engine: Engine, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        if _revision(connection, scripts, path) == scripts.get_current_head():
            return
    # the lock first: of two processes that start together, one migrates and the other finds it done
    with writing(engine) as connection:
        found = _revision(connection, scripts, path)
        if found == scripts.get_current_head():
            return
        if found is not None:
            _copy(engine, path.with_name(f"{path.name}.{found}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection, scripts: ScriptDirectory, path: Path) -> str | None:
    """The schema's revision, None for an empty file."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"Basis data {path} dibuat oleh versi aplikasi yang lebih baru. Pasang versi terbaru aplikasi ini; "
            "isinya tidak diubah."
        )
    if found is None and inspect(connection).get_table_names():
        raise StoreError(f"Berkas {path} bukan basis data kios. Isinya tidak diubah.")
    return found


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
