"""Taking rows on PostgreSQL: COPY where they are many, and one statement for everything else.

The rows go straight into their table: under the device's lock every one of them is new by its place in the chain, so
the only thing that can be taken is an id, and that refuses the whole batch anyway. A temporary table in between would
cost a third of the speed and buy nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import psycopg
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Connection, Date, LargeBinary, Table, Uuid

from ikm.server import tables as t
from ikm.server.store.asked import asked
from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.chains import NewHead
from ikm.server.store.direct import driving
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


def _storing(table: Table, after: str | None, changes: Iterable[str]) -> str:
    """The part of a statement that puts rows into a table, once the part of that name is done."""
    columns = ", ".join(c.name for c in table.c)
    # a part that refers to none is carried out when PostgreSQL likes, and cells are to be locked in one order
    turn = "" if after is None else f" WHERE (SELECT count(*) FROM {after}) >= 0"  # noqa: S608
    settled = ", ".join(changes)
    # names come from the tables alone, values travel as JSON: arrays take the driver ten times as long
    return (
        f"INSERT INTO {table.name} AS held ({columns}) "  # noqa: S608
        f"SELECT * FROM json_to_recordset(%({table.name})s::json) AS given({_columns(table)}){turn}"
        + (f" ON CONFLICT ({_key(table)}) DO UPDATE SET {settled}" if settled else "")
    )


def _sums(table: Table) -> Iterator[str]:
    return (f"{c.name} = {_sum(c)}" for c in adding(table))


def _store() -> str:
    """One statement for a sheaf: each of its own costs the driver as much as the database."""
    parts, before = [f"new_response AS ({_storing(t.response, None, ())} RETURNING 1)"], "new_response"
    for table in CELL_TABLES:
        parts.append(f"new_{table.name} AS ({_storing(table, before, _sums(table))} RETURNING 1)")
        before = f"new_{table.name}"
    moved = (f"{c.name} = excluded.{c.name}" for c in t.head.c if not c.primary_key)
    return f"WITH {', '.join(parts)} {_storing(t.head, before, moved)}"


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
"""Up to so many rows go in one statement with the cells; beyond, COPY is worth a statement of its own."""
_STORE = _store()
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
        """Insert rows of `tables.response`, add the numbers to the cells, move the heads.

        Raises:
            KnownId: An id is known or comes twice.
        """
        given = _given(connection, found)
        ends = [(device, epoch, head.seq, bytes.fromhex(head.hash)) for device, epoch, head in heads]
        given[t.head.name] = _rows(t.head, ends)
        try:
            with driving(connection) as driver:
                if len(rows) > _FEW:
                    _copy(driver, rows)
                else:
                    given[t.response.name] = _rows(t.response, rows)
                # by itself: in a pipeline the driver waits for ever once a statement has a few megabytes
                driver.execute(_STORE, given)
        except psycopg.errors.UniqueViolation:
            raise KnownId from None

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        given = _given(connection, found)
        with driving(connection) as driver:
            driver.execute(_STORE, given)

    def subtract_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Take the numbers from the cells, in the order given; what then counts nothing is no longer kept."""
        given = cell_rows(found, asked(connection))
        with driving(connection) as driver:
            for table, rows in given:
                if rows:
                    driver.execute(_TAKING[table], [_json(rows)])


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
