"""Taking many rows on SQLite: one prepared statement each for rows, cells, ratings and products."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ARRAY, Column, Connection, Table, bindparam, func, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from ikm.server import tables as t
from ikm.server.store.asked import asked
from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.chains import NewHead
from ikm.server.store.faults import KnownId
from ikm.server.store.rows import CELL_TABLES, adding, cell_rows

_TAKEN = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE")
_RESPONSE = t.response.insert()


def _adding(table: Table) -> str:
    columns, marks = ", ".join(table.c.keys()), ", ".join("?" for _ in table.c)
    key = ", ".join(c.name for c in table.primary_key)
    sums = ", ".join(f"{c.name} = {_sum(c)}" for c in adding(table))
    # names come from the tables alone; the driver itself takes a batch's many small rows in half the time
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {sums}"  # noqa: S608


def _sum(column: Column[Any]) -> str:
    held, more = column.name, f"excluded.{column.name}"
    return f"ikm_added({held}, {more})" if isinstance(column.type, ARRAY) else f"{held} + {more}"


def _plain(value: Any) -> Any:
    """A value as the tables hold it."""
    if isinstance(value, date):
        return value.isoformat()
    return msgspec.json.encode(value).decode() if isinstance(value, list) else value


def _taking(table: Table) -> Any:
    statement = update(table).where(*(c == bindparam(f"of_{c.name}") for c in table.primary_key))
    return statement.values({c.name: _rest(c) for c in adding(table)})


def _rest(held: Column[Any]) -> Any:
    less = bindparam(f"of_{held.name}", type_=held.type)
    return func.ikm_subtracted(held, less) if isinstance(held.type, ARRAY) else held - less


def _moving() -> Any:
    statement = insert(t.head)
    moved = {c.name: statement.excluded[c.name] for c in t.head.c if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=list(t.head.primary_key), set_=moved)


_MOVING = _moving()
_ADDING = {table: _adding(table) for table in CELL_TABLES}
_TAKING = {table: _taking(table) for table in CELL_TABLES}


class SqliteWriter:
    """SQLite's way."""

    def end(
        self,
        connection: Connection,
        rows: Sequence[tuple[Any, ...]],
        found: Mapping[CellKey, Counts],
        heads: Iterable[NewHead],
    ) -> None:
        """Insert rows of `tables.response`, add the numbers to the cells, move the heads.

        Raises:
            KnownId: An id is known or comes twice.
        """
        names = t.response.c.keys()
        try:
            # plain, so that a known id is an error and never a row left out in silence
            if rows:
                connection.execute(_RESPONSE, [dict(zip(names, row, strict=True)) for row in rows])
        except IntegrityError as error:
            if getattr(error.orig, "sqlite_errorname", "") not in _TAKEN:
                raise
            raise KnownId from None
        self.add_cells(connection, found)
        ends = [(device, epoch, head.seq, bytes.fromhex(head.hash)) for device, epoch, head in heads]
        connection.execute(_MOVING, [dict(zip(t.head.c.keys(), end, strict=True)) for end in ends])

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        for table, rows in cell_rows(found, asked(connection)):
            if rows:
                connection.exec_driver_sql(_ADDING[table], [tuple(map(_plain, row.values())) for row in rows])

    def subtract_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Take the numbers from the cells, in the order given; what then counts nothing is no longer kept."""
        for table, rows in cell_rows(found, asked(connection)):
            if rows:
                less = [{f"of_{name}": value for name, value in row.items()} for row in rows]
                connection.execute(_TAKING[table], less)
