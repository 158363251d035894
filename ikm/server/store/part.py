"""What the parts of the store share."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from ikm.server.store.engine import glancing, is_sqlite, reading, writing
from ikm.server.store.faults import persistently

T = TypeVar("T")


class Part:
    """A part of the store over one engine: each call is one transaction, run again where the database asks for it.

    Every call may raise Refusal (`server_busy`, `storage_full`) and DatabaseFault.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _read(self, work: Callable[[Connection], T]) -> T:
        """What several statements over one state of the database give."""

        def once() -> T:
            with reading(self._engine) as connection:
                return work(connection)

        return persistently(once)

    def _glance(self, work: Callable[[Connection], T]) -> T:
        """What one statement gives."""

        def once() -> T:
            with glancing(self._engine) as connection:
                return work(connection)

        return persistently(once)

    def _write(self, work: Callable[[Connection], T]) -> T:
        """What a transaction that changes something gives, once it is committed."""

        def once() -> T:
            with writing(self._engine) as connection:
                return work(connection)

        return persistently(once)


def insert(connection: Connection) -> Callable[..., Any]:
    """The database's own insert, which knows ON CONFLICT: the two are written alike and typed apart."""
    return sqlite.insert if is_sqlite(connection.engine.url) else postgresql.insert
