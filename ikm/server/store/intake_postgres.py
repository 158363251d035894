"""Taking many rows on PostgreSQL: COPY for the rows, one statement each for cells, ratings and products.

The rows go straight into their table: under the device's lock every one of them is new by its place in the chain, so
the only thing that can be taken is an id, and that refuses the whole batch anyway. A temporary table in between would
cost a third of the speed and buy nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec
import psycopg
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Connection, Date, LargeBinary, Table, Uuid

from ikm.server import tables as t
from ikm.server.store.asked import asked
from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.faults import KnownId
from ikm.server.store.rows import CELL_TABLES, adding, cell_rows


def _types(table: Table) -> list[str]:
    names = (
        (Uuid, "uuid"), (BigInteger, "int8"), (Date, "date"), (LargeBinary, "bytea"), (ARRAY, "int8[]"),
        (Boolean, "bool"),
    )  # fmt: skip
    return [next((name for kind, name in names if isinstance(c.type, kind)), "text") for c in table.c]


def _adding(table: Table) -> str:
    columns = ", ".join(c.name for c in table.c)
    types = ", ".join(f"{c.name} {kind}" for c, kind in zip(table.c, _types(table), strict=True))
    sums = ", ".join(f"{c.name} = {_sum(c)}" for c in adding(table))
    key = ", ".join(c.name for c in table.primary_key)
    # names come from the tables alone, values travel as one JSON parameter: arrays take the driver ten times as long
    return (
        f"INSERT INTO {table.name} AS held ({columns}) SELECT * FROM json_to_recordset(%s::json) AS given({types}) "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET {sums}"
    )


def _taking(table: Table) -> str:
    types = ", ".join(f"{c.name} {kind}" for c, kind in zip(table.c, _types(table), strict=True))
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


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


# a batch names few units, services and languages, again and again
@lru_cache(1000)
def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


_SPELLERS: dict[str, Callable[[Any], str]] = {"bytea": _bytes, "text": _text}
_COPY = f"COPY response ({', '.join(c.name for c in t.response.c)}) FROM STDIN"
_SPELT = [_SPELLERS.get(kind, str) for kind in _types(t.response)]
_ADDING = {table: _adding(table) for table in CELL_TABLES}
_TAKING = {table: _taking(table) for table in CELL_TABLES}


class PostgresWriter:
    """PostgreSQL's way, over the driver's own connection inside SQLAlchemy's transaction."""

    def add_rows(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows of `tables.response`. Raises KnownId when an id is known or comes twice."""
        # as text and all at once: the driver's own way goes through a dumper for every single value
        lines = ["\t".join([spell(value) for spell, value in zip(_SPELT, row, strict=True)]) for row in rows]
        lines.append("")
        try:
            with _driver(connection).cursor().copy(_COPY) as copy:
                copy.write("\n".join(lines))
        except psycopg.errors.UniqueViolation:
            raise KnownId from None

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        given = [(_ADDING[table], rows) for table, rows in cell_rows(found, asked(connection)) if rows]
        driver = _driver(connection)
        # one trip for all of them
        with driver.pipeline(), driver.cursor() as cursor:
            for statement, rows in given:
                cursor.execute(statement, [msgspec.json.encode(rows).decode()])

    def subtract_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Take the numbers from the cells, in the order given; what then counts nothing is no longer kept."""
        cursor = _driver(connection).cursor()
        for table, rows in cell_rows(found, asked(connection)):
            if rows:
                cursor.execute(_TAKING[table], [msgspec.json.encode(rows).decode()])


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
