"""What a database error means to a caller: a refusal where waiting or making room helps, else a fault without data.

Drivers quote rows in their messages ("Failing row contains ..."), so none of those messages leaves this module.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ikm.domain.errors import Refusal

_TRIES = 5
_RETRY_AFTER_S = 5
_DISK_FULL = "53100"
# serialization failure, deadlock: the transaction left nothing and may simply run again
_AGAIN = ("40001", "40P01")
# out of connections or memory, lock not available, cancelled by a timeout, server going down, connection lost
_BUSY = ("53", "55P03", "57014", "57P", "08")

T = TypeVar("T")


class DatabaseFault(Exception):
    """The database failed in a way no caller can mend; carries the driver's class and code, never its message."""


class TryAgain(Exception):
    """The transaction was rolled back through no fault of its own."""


class KnownId(Exception):
    """A response's id is known already; nothing was stored."""


@contextmanager
def faults() -> Iterator[None]:
    """A block whose database errors come out as Refusal (`server_busy`, `storage_full`), TryAgain or DatabaseFault."""
    try:
        yield
    except PoolTimeout:
        raise _busy() from None
    except DBAPIError as error:
        raise _meaning(error.orig or error, lost=error.connection_invalidated) from None
    except (psycopg.Error, sqlite3.Error) as error:
        raise _meaning(error, lost=False) from None
    except SQLAlchemyError as error:
        raise DatabaseFault(type(error).__name__) from None


def persistently(work: Callable[[], T]) -> T:
    """What `work` gives, run again while the database asks for it.

    Raises:
        Refusal: `server_busy` after several tries, `storage_full`.
        DatabaseFault: Anything else the database did.
    """
    for _ in range(_TRIES):
        try:
            with faults():
                return work()
        except TryAgain:
            continue
    raise _busy()


def _meaning(error: BaseException, *, lost: bool) -> Exception:
    if isinstance(error, sqlite3.Error):
        return _sqlite_meaning(error)
    if not isinstance(error, psycopg.Error):
        return DatabaseFault(type(error).__name__)
    state = error.sqlstate or ""
    if state == _DISK_FULL:
        return Refusal("storage_full")
    if state in _AGAIN or lost:
        return TryAgain()
    # a connection that cannot be made carries no SQLSTATE
    if state.startswith(_BUSY) or (not state and isinstance(error, psycopg.OperationalError)):
        return _busy()
    return DatabaseFault(f"{type(error).__name__} {state}")


def _sqlite_meaning(error: sqlite3.Error) -> Exception:
    # extended codes carry the primary one in their low byte
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Refusal("storage_full")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _busy()
    return DatabaseFault(f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '')}".strip())


def _busy() -> Refusal:
    return Refusal("server_busy", retry_after_s=_RETRY_AFTER_S)
