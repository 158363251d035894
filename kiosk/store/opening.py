"""Opening the database: brought to this software's schema, looked at, salvaged if damaged, refused if foreign."""

import errno
import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import DatabaseError

from ikm.domain.oserrors import reason
from ikm.sqlite import WeakDurability, durable_engine
from kiosk.store import chain, checks, tables
from kiosk.store.errors import Cause, Damaged, MediumFailed, StoreError, cause_of, is_of_the_file
from kiosk.store.lock import Use
from kiosk.store.second import SecondCopy
from sync.ports import Reason

FILE_NAME = "kiosk.db"
MIGRATIONS = Path(__file__).parent / "migrations"

_log = logging.getLogger(__name__)


def open_database(folder: Path, second: SecondCopy, use: Use) -> Engine:
    """An engine for the folder's database, its schema the newest. Raises StoreError."""
    path = folder / FILE_NAME
    try:
        _finish(path, use)
        if _is_lost(path, second):
            _salvage(path, second, use, "lost")
        _make_private(path)
        return _opened(path, second, use)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise MediumFailed(Cause.FULL, "") from error
        raise StoreError(f"Folder data {folder} tidak dapat dipakai: {reason(error)}.") from error
    except (DatabaseError, WeakDurability) as error:
        raise _refused(path, error) from error


def wish_for_a_look(folder: Path) -> None:
    """Have the next opening look at every row before it trusts the database. Raises OSError."""
    (folder / f"{FILE_NAME}.periksa").touch(mode=0o600)


def _opened(path: Path, second: SecondCopy, use: Use) -> Engine:
    # read before the database: what another process stores in between must not look lost
    copied = second.heads()
    try:
        engine = _current(path)
    except Damaged as damage:
        _log.error("%s is damaged: %s", path.name, damage)
        _salvage(path, second, use, "damaged")
        return _current(path)
    try:
        found = _findings(path, engine, copied)
        if not found:
            return engine
    except BaseException:
        engine.dispose()
        raise
    engine.dispose()
    _log.error("%s is damaged: %s", path.name, ", ".join(found))
    _salvage(path, second, use, "damaged")
    return _current(path)


def _current(path: Path) -> Engine:
    """An engine for a database of the newest schema. Raises Damaged, StoreError, DatabaseError."""
    # one that was never written to is empty
    if _is_settled(path) and path.stat().st_size and (found := checks.header(path)):
        raise Damaged(", ".join(found))
    engine = durable_engine(path)
    try:
        if not _is_newest(engine):
            # only now: every other start does without the migrations' library and its 17 MB
            from kiosk.store.migrating import migrate  # noqa: PLC0415

            migrate(engine, path, MIGRATIONS)
    except DatabaseError as error:
        engine.dispose()
        # with the right schema, nothing the file says can be an error but its own
        if cause_of(error.orig) is Cause.DAMAGED or (is_of_the_file(error.orig) and checks.is_marked(path, _newest())):
            raise Damaged(str(error.orig)) from error
        raise
    except UnicodeDecodeError as error:
        # SQLite's complaint quotes a schema that is no text any more
        engine.dispose()
        raise Damaged("schema") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def _is_settled(path: Path) -> bool:
    """Whether the file's first bytes can be judged: a commit that was cut off is taken back now, by SQLite itself.

    False while another process is in the middle of one.
    """
    journal = path.with_name(f"{path.name}-journal")
    try:
        if journal.stat().st_size:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except FileNotFoundError:
        return True
    except sqlite3.DatabaseError as error:
        # whatever else is wrong is for the checks to name
        return cause_of(error) is not Cause.LOCKED
    except UnicodeDecodeError:
        return True
    return True


def _findings(path: Path, engine: Engine, copied: dict[str, tuple[int, int]]) -> list[str]:
    wish = path.with_name(f"{path.name}.periksa")
    found = checks.whole(engine) if wish.exists() else checks.at_start(engine)
    if not found:
        wish.unlink(missing_ok=True)
        found = _behind(engine, copied)
    return found


def _behind(engine: Engine, copied: dict[str, tuple[int, int]]) -> list[str]:
    """Whether the second copy has rows that this database should have and has not."""
    with engine.connect() as connection:
        device = connection.scalar(select(tables.identity.c.device))
        standings = chain.standings(connection)
    if device is None or not standings:
        return []
    head = (standings[-1].epoch, standings[-1].head_seq)
    last = copied.get(device, (0, 0))
    return [f"behind: {head} of {last}"] if last > head else []


def _is_lost(path: Path, second: SecondCopy) -> bool:
    return (not path.exists() or path.stat().st_size == 0) and second.device() is not None


def _finish(path: Path, use: Use) -> None:
    """Put a salvaged database in place, where that was broken off."""
    if any(path.parent.glob(f"{path.name}.baru-*")):
        from kiosk.store import salvage  # noqa: PLC0415 - as the migrations

        with use.alone() as alone:
            if alone:
                salvage.finish(path)


def _salvage(path: Path, second: SecondCopy, use: Use, reason: Reason) -> None:
    from kiosk.store import salvage  # noqa: PLC0415 - as the migrations

    with use.alone() as alone:
        if not alone:
            raise MediumFailed(Cause.DAMAGED, "")
        salvage.salvage(path, second, MIGRATIONS, reason)
        path.with_name(f"{path.name}.periksa").unlink(missing_ok=True)


def _refused(path: Path, error: Exception) -> StoreError:
    cause = cause_of(getattr(error, "orig", None))
    otherwise = f"Basis data {path} tidak dapat dibuka. Isinya tidak diubah; hubungi pengelola."
    return MediumFailed(cause, otherwise) if cause in {Cause.FULL, Cause.LOCKED} else StoreError(otherwise)


def _make_private(path: Path) -> None:
    # only ever a new file: closing one that SQLite has open would drop its locks
    if not path.exists():
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
    elif path.stat().st_mode & 0o077:
        # copied by hand, as a rule; the device's key is in it
        _log.warning("%s was open to other users", path.name)
        with suppress(PermissionError):
            path.chmod(0o600)


def _is_newest(engine: Engine) -> bool:
    """Whether the schema is the one of the newest migration; their files' names begin with the revision."""
    newest = _newest()
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        noted = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
        return found == [newest] and noted == checks.mark(newest)


def _newest() -> str:
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*_*.py"))
