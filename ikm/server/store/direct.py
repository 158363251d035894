"""Statements that run with every batch: compiled once, and on PostgreSQL several of them sent in one trip.

A single answer waits for each of them by itself, in Python and on the way. They are SQLAlchemy's all the same, so
there is one spelling for both databases.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

import psycopg
from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects.postgresql.psycopg import dialect as postgres_dialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from ikm.server.store.engine import is_sqlite
from ikm.server.store.faults import TryAgain

Given = dict[str, Any]
Row = tuple[Any, ...]
Later = Callable[[], Row | None]
"""The first row of a statement, or None; to be asked for when the trip is over."""


class Direct:
    """A statement for both databases, compiled once."""

    def __init__(self, statement: Executable) -> None:
        # the two dialects' own functions are not typed
        self._postgres = _Spelt(statement, postgres_dialect())  # type: ignore[no-untyped-call]
        self._sqlite = _Spelt(statement, sqlite_dialect(paramstyle="named"))

    def for_postgres(self, given: Given) -> tuple[str, Given]:
        """Its text and parameters for psycopg."""
        return self._postgres.with_values(given)

    def for_sqlite(self, given: Given) -> tuple[str, Given]:
        """Its text and parameters for sqlite3."""
        return self._sqlite.with_values(given)


class _Spelt:
    """A statement as one database reads it, and how it wants what is given with it."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._text = str(compiled)
        # numbers that stand in the statement itself
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        found = {name: each.type.dialect_impl(dialect).bind_processor(dialect) for name, each in compiled.binds.items()}
        self._processors = {name: processor for name, processor in found.items() if processor is not None}

    def with_values(self, given: Given) -> tuple[str, Given]:
        values = self._constants | given
        for name, processor in self._processors.items():
            values[name] = processor(values[name])
        return self._text, values


class Trip(Protocol):
    """Statements on their way."""

    def first(self, statement: Direct, given: Given) -> Later:
        """How to ask for the statement's first row once the trip is over."""
        ...


class _SqliteTrip:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, statement: Direct, given: Given) -> Later:
        row = self._connection.exec_driver_sql(*statement.for_sqlite(given)).first()
        return lambda: row


class _PostgresTrip:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def first(self, statement: Direct, given: Given) -> Later:
        return self._connection.cursor().execute(*statement.for_postgres(given)).fetchone


@contextmanager
def one_trip(connection: Connection) -> Iterator[Trip]:
    """Statements that are sent together. Raises as `driving` does."""
    if is_sqlite(connection.engine.url):
        yield _SqliteTrip(connection)
        return
    with driving(connection) as driver, driver.pipeline():
        yield _PostgresTrip(driver)


def first_row(connection: Connection, statement: Direct, given: Given) -> Row | None:
    """The first row of a statement that travels alone. Raises as `driving` does."""
    if is_sqlite(connection.engine.url):
        return _SqliteTrip(connection).first(statement, given)()
    with driving(connection) as driver:
        return driver.execute(*statement.for_postgres(given)).fetchone()


@contextmanager
def driving(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection below SQLAlchemy's, inside its transaction.

    Raises psycopg's own errors on PostgreSQL, and TryAgain where the connection to it is lost.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        yield driver
    except psycopg.OperationalError:
        if driver.closed:
            # pooled while its server went away, as all others were: new ones may be had at once
            connection.invalidate()
            connection.engine.dispose()
            raise TryAgain from None
        raise
