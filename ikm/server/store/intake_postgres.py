"""Taking rows on PostgreSQL: COPY where they are many, and one trip for everything else, the commit included.

The rows go straight into their table: under the device's lock every one of them is new by its place in the chain, so
the only thing that can be taken is an id, and that refuses the whole batch anyway. A temporary table in between would
cost a third of the speed and buy nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Connection, Date, LargeBinary, Table, Uuid

from ikm.server import tables as t
from ikm.server.store.asked import asked
from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.chains import NewHead
from ikm.server.store.direct import driver_of, one_trip
from ikm.server.store.faults import KnownId
from ikm.server.store.rows import CELL_TABLES, adding, cell_rows


def _types(table: Table) -> list[str]:
    names = (
        (Uuid, "uuid"), (BigInteger, "int8"), (Date, "date"), (LargeBinary, "bytea"), (ARRAY, "int8[]"),
        (Boolean, "bool"),
    )  # fmt: skip
    return [next((name for kind, name in names if isinstance(c.type, kind)), "text") for c in table.c]


def _columns(table: Table) -> str:
    return ", ".join(f"{c.name} {kind}" for c, kind in zip(table.c, _types(table), strict=True))


def _inserting(table: Table) -> str:
    columns = ", ".join(c.name for c in table.c)
    # names come from the tables alone, values travel as JSON: arrays take the driver ten times as long
    return (
        f"INSERT INTO {table.name} AS held ({columns}) "  # noqa: S608
        f"SELECT * FROM json_to_recordset(%({table.name})s::json) AS given({_columns(table)})"
    )


def _adding(table: Table) -> str:
    sums = ", ".join(f"{c.name} = {_sum(c)}" for c in adding(table))
    return f"{_inserting(table)} ON CONFLICT ({_key(table)}) DO UPDATE SET {sums}"


def _moving(table: Table) -> str:
    new = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.c if not c.primary_key)
    return f"{_inserting(table)} ON CONFLICT ({_key(table)}) DO UPDATE SET {new}"


def _key(table: Table) -> str:
    return ", ".join(c.name for c in table.primary_key)


def _taking(table: Table) -> str:
    types = _columns(table)
    rest = ", ".join(f"{c.name} = {_rest(c)}" for c in adding(table))
    same = " AND ".join(f"held.{c.name} = less.{c.name}" for c in table.primary_key)
    return (
        f"UPDATE {table.name} AS held SET {rest} "  # noqa: S608
        f"FROM json_to_recordset(%s::json) AS less({types}) WHERE {same}"
    )


def _sum(column: Column[Any]) -> str:
    held, more = f"held.{column.name}", f"excluded.{column.name}"
    if isinstance(column.type, ARRAY):
        return f"ARRAY(SELECT a + b FROM unnest({held}, {more}) WITH ORDINALITY AS pair(a, b, place) ORDER BY place)"  # noqa: S608
    return f"{held} + {more}"


def _rest(column: Column[Any]) -> str:
    held, less = f"held.{column.name}", f"less.{column.name}"
    if isinstance(column.type, ARRAY):
        return f"ARRAY(SELECT a - b FROM unnest({held}, {less}) WITH ORDINALITY AS pair(a, b, place) ORDER BY place)"  # noqa: S608
    return f"{held} - {less}"


_COPY = f"COPY response ({', '.join(c.name for c in t.response.c)}) FROM STDIN"
_BYTES = [place for place, kind in enumerate(_types(t.response)) if kind == "bytea"]
_LINE = "\t".join("\\\\x%s" if kind == "bytea" else "%s" for kind in _types(t.response)) + "\n"
_FEW = 20
"""Up to so many rows go with the cells in one trip; beyond, COPY is worth its two."""
_PARTS = [_inserting(t.response), *map(_adding, CELL_TABLES)]
# all in one statement, since each of its own costs the driver as much as the database; PostgreSQL carries its parts out
# in an order that is always the same, so two servers take the locks of cells in one order
_STORE = f"WITH {', '.join(f'part_{place} AS ({part})' for place, part in enumerate(_PARTS))} {_moving(t.head)}"
_NOTHING = {table.name: "[]" for table in (t.response, *CELL_TABLES, t.head)}
_TAKING = {table: _taking(table) for table in CELL_TABLES}


class PostgresWriter:
    """PostgreSQL's way, over the driver's own connection inside SQLAlchemy's transaction."""

    def end(
        self,
        connection: Connection,
        rows: Sequence[tuple[Any, ...]],
        found: Mapping[CellKey, Counts],
        heads: Iterable[NewHead],
    ) -> None:
        """Insert rows of `tables.response`, add the numbers to the cells, move the heads, and commit.

        Raises:
            KnownId: An id is known or comes twice.
        """
        given = _given(connection, found)
        ends = [(device, epoch, head.seq, bytes.fromhex(head.hash)) for device, epoch, head in heads]
        given[t.head.name] = _rows(t.head, ends)
        try:
            if len(rows) > _FEW:
                _copy(driver_of(connection), rows)
            else:
                given[t.response.name] = _rows(t.response, rows)
            with one_trip(connection, commit=True) as trip:
                trip.send(_STORE, given)
        except psycopg.errors.UniqueViolation:
            raise KnownId from None

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        driver_of(connection).execute(_STORE, _given(connection, found))

    def subtract_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Take the numbers from the cells, in the order given; what then counts nothing is no longer kept."""
        cursor = driver_of(connection).cursor()
        for table, rows in cell_rows(found, asked(connection)):
            if rows:
                cursor.execute(_TAKING[table], [_json(rows)])


def _given(connection: Connection, found: Mapping[CellKey, Counts]) -> dict[str, str]:
    return _NOTHING | {table.name: _json(rows) for table, rows in cell_rows(found, asked(connection))}


def _rows(table: Table, rows: Iterable[tuple[Any, ...]]) -> str:
    names = table.c.keys()
    return _json([dict(zip(names, map(_plain, row), strict=True)) for row in rows])


def _copy(driver: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    # as text and all at once: the driver's own way goes through a dumper for every single value
    text = "".join([_LINE % _hexadecimal(row) for row in rows])
    # codes hold no character that COPY reads as its own, and nothing else is text
    if any(text.count(mark) != len(rows) * _LINE.count(mark) for mark in "\t\n\\"):
        raise ValueError("a row with control characters or a backslash")
    with driver.cursor().copy(_COPY) as copy:
        copy.write(text)


def _hexadecimal(row: tuple[Any, ...]) -> tuple[Any, ...]:
    cells = list(row)
    for place in _BYTES:
        cells[place] = cells[place].hex()
    return tuple(cells)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()


def _plain(value: Any) -> Any:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
