"""SQLite as both ends use it: what a commit acknowledged is on the medium, whatever happens to the power.

Measured with simulated power cuts: journal DELETE with synchronous FULL, the default of SQLite and SQLAlchemy, loses
the last acknowledged row; TRUNCATE with FULL loses none. WAL is left alone: before SQLite 3.51.3 two connections can
corrupt it, and Debian 12 carries 3.40.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

_PRAGMAS = {
    "journal_mode": "truncate",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "mmap_size": 0,
    "cell_size_check": 1,
    "trusted_schema": 0,
    "temp_store": 2,  # in memory: nothing of an answer in a second file
}
_READ_BACK = ("journal_mode", "synchronous", "foreign_keys")


class WeakDurability(Exception):
    """The database does not give the durability that was asked for, so nothing may be acknowledged from it."""


def durable_engine(path: Path) -> Engine:
    """An engine for that file, each connection set to lose nothing and read back.

    Raises:
        WeakDurability: On the first connection, when a setting did not take.
    """
    # hide_parameters: an error's text goes to the log, and a statement's parameters may be answers
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction that holds the write lock from its beginning; committed when the block ends."""
    with engine.connect().execution_options(ikm_writes=True) as connection, connection.begin():
        yield connection


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # the driver's own transactions begin late and not for reads; ours begin where `_begin` says
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in _PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    for name in _READ_BACK:
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != _PRAGMAS[name]:
            raise WeakDurability(f"{name} is {found}, not {_PRAGMAS[name]}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # two writers that both begin by reading would deadlock on the upgrade, so a writer takes its lock at once
    writes = connection.get_execution_options().get("ikm_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
