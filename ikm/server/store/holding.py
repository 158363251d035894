"""Rows held back from the tallies and let in again, both in the transaction that decides it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, exists, select, update

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.server import tables as t
from ikm.server.store.asked import asked
from ikm.server.store.cells import CellKey, Counts, Zones, cells, whole_units
from ikm.server.store.rows import facet_values, month_values
from ikm.server.store.writer import writer_of

_CHUNK = 1000


class Stored(NamedTuple):
    """A stored response, as cells are counted from."""

    body: wire.ResponseBody
    local_date: date
    occurred_ms: int
    clock: str


def hold(connection: Connection, device: str, epoch: int, first: int) -> None:
    """Take the responses of an epoch from that number on out of the tallies."""
    _take_out(connection, _rows(device, epoch, first, None) & ~t.response.c.held)


def hold_one(connection: Connection, response: str) -> None:
    """Take one response out of the tallies, if it is in them."""
    _take_out(connection, (t.response.c.id == response) & ~t.response.c.held)


def let_in(connection: Connection, device: str, epoch: int, before: int) -> None:
    """Count the held responses of an epoch that stand before that number, but for those declared void."""
    void = exists().where(t.void.c.response == t.response.c.id)
    rows = _rows(device, epoch, 1, before) & t.response.c.held & ~void
    found = cells(_dated(connection, rows), zones(connection))
    connection.execute(update(t.response).where(rows).values(held=False))
    writer_of(connection).add_cells(connection, found)


def zones(connection: Connection) -> Zones:
    """How that connection tells the time zone of a unit, read at once for all."""
    query = select(t.unit.c.code, t.unit.c.time_zone)
    return {code: TimeZone[zone] for code, zone in connection.execute(query)}.get


def _take_out(connection: Connection, rows: ColumnElement[bool]) -> None:
    found = cells(_dated(connection, rows), zones(connection))
    connection.execute(update(t.response).where(rows).values(held=True))
    writer_of(connection).subtract_cells(connection, found)
    _drop_empty(connection, found)


def _rows(device: str, epoch: int, first: int, before: int | None) -> ColumnElement[bool]:
    c = t.response.c
    rows = and_(c.device == device, c.epoch == epoch, c.seq >= first)
    return rows if before is None else and_(rows, c.seq < before)


def _dated(connection: Connection, rows: ColumnElement[bool]) -> Iterator[Stored]:
    c = t.response.c
    query = select(c.body, c.local_date, c.occurred_ms, c.clock).where(rows).execution_options(yield_per=_CHUNK)
    for raw, *when in connection.execute(query):
        yield Stored(wire.decode_body(bytes(raw)), *when)


def _drop_empty(connection: Connection, found: Mapping[CellKey, Counts]) -> None:
    # a cell that counts nothing is no cell: recounting the responses would not find it
    if not found:
        return
    names = [f"of_{c.name}" for c in t.tally.primary_key]
    keys = [dict(zip(names, (*key[:5], key.channel.value), strict=True)) for key in found]
    rating, product = t.tally_rating, t.tally_product
    none = and_(*(rating.c[f"rating_{number}"] == 0 for number in (1, 2, 3, 4)))
    connection.execute(delete(rating).where(_is_cell(rating), none), keys)
    complete = exists().where(_is_cell(t.tally), t.tally.c.complete > 0)
    connection.execute(delete(product).where(_is_cell(product), ~complete), keys)
    connection.execute(delete(t.tally).where(_is_cell(t.tally), t.tally.c.responses == 0), keys)
    _drop(connection, t.tally_facet, [row for key, counts in found.items() for row in facet_values(key, counts)])
    questions = asked(connection)
    whole = whole_units(found).items()
    _drop(connection, t.tally_month, [month_values(key, each, questions(key.questionnaire)) for key, each in whole])


def _drop(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    names = [c.name for c in table.primary_key]
    keys = [{f"of_{name}": value for name, value in zip(names, row, strict=False)} for row in rows]
    same = and_(*(table.c[name] == bindparam(f"of_{name}") for name in names))
    connection.execute(delete(table).where(same, table.c.responses == 0), keys)


def _is_cell(table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[c.name] == bindparam(f"of_{c.name}") for c in t.tally.primary_key))
