"""Engines for the two databases, both set so that what a commit acknowledged stays."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ikm import sqlite
from ikm.server.store.totals import added

# a commit that only reached memory is not a receipt, whatever the database's own default says; and a lock that is not
# had within the timeout is a busy server, not a hanging one
_POSTGRES_OPTIONS = "-c synchronous_commit=on -c lock_timeout=10000 -c timezone=UTC -c client_min_messages=warning"

_LIST = msgspec.json.Decoder(list[int])


def open_engine(url: URL) -> Engine:
    """An engine for a SQLite file (its folder is made) or a PostgreSQL database."""
    if is_sqlite(url):
        path = Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = sqlite.durable_engine(path)
        # a statement's parameters are answers, and errors are logged
        engine.hide_parameters = True
        event.listen(engine, "connect", _teach)
        return engine
    # a connection that died while pooled shows at its first statement, and the work is run again: no ping before each
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=0,
        pool_timeout=10,
        connect_args={
            "options": _POSTGRES_OPTIONS,
            "connect_timeout": 5,
            # a host that vanishes in the middle of a statement is noticed in seconds, not in TCP's own many minutes
            "tcp_user_timeout": 15_000,
            "keepalives_idle": 15,
            "application_name": "ikm",
        },
    )


def is_sqlite(url: URL) -> bool:
    """Whether that address is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def is_missing(url: URL) -> bool:
    """Whether that address is a SQLite file that does not exist."""
    return is_sqlite(url) and not Path(str(url.database)).exists()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in one writing transaction, committed when the block ends and rolled back when it raises."""
    if is_sqlite(engine.url):
        with sqlite.writing(engine) as connection:
            yield connection
    else:
        with engine.begin() as connection:
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction that sees a single state of the database."""
    # SQLite's transactions are that already
    options = {} if is_sqlite(engine.url) else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """A connection for a single statement, which is a transaction by itself and needs no second trip for it."""
    if is_sqlite(engine.url):
        with reading(engine) as connection:
            yield connection
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection


def _teach(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # SQLite cannot add lists by itself
    driver = cast("sqlite3.Connection", connection)
    driver.create_function("ikm_added", 2, _added_lists)
    driver.create_function("ikm_subtracted", 2, _subtracted_lists)


def _added_lists(held: str, more: str) -> str:
    return msgspec.json.encode(added(_LIST.decode(held), _LIST.decode(more))).decode()


def _subtracted_lists(held: str, less: str) -> str:
    negative = [-number for number in _LIST.decode(less)]
    return msgspec.json.encode(added(_LIST.decode(held), negative)).decode()
