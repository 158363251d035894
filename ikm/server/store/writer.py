"""How a database takes many rows at once, and which way this one has."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.chains import NewHead
from ikm.server.store.engine import is_sqlite
from ikm.server.store.intake_postgres import PostgresWriter
from ikm.server.store.intake_sqlite import SqliteWriter

NEVER = 2**63 - 1
"""A number no row has: from here on nothing is held."""


class Writer(Protocol):
    """How a database takes many rows at once."""

    def end(
        self,
        connection: Connection,
        rows: Sequence[tuple[Any, ...]],
        found: Mapping[CellKey, Counts],
        heads: Iterable[NewHead],
    ) -> None:
        """Insert rows of `tables.response`, add the numbers to the cells, move the heads.

        The last thing in a transaction, since every device of a unit writes the same cells and waits for their locks.

        Raises:
            KnownId: An id is known or comes twice.
        """
        ...

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        ...

    def subtract_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Take the numbers from the cells, in the order given."""
        ...


def writer_of(connection: Connection) -> Writer:
    """The way of that connection's database."""
    return SqliteWriter() if is_sqlite(connection.engine.url) else PostgresWriter()
