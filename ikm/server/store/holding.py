"""Rows held back from the tallies and let in again, both in the transaction that decides it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, exists, select, update

from ikm import wire
from ikm.server import tables as t
from ikm.server.store.cells import CellKey, Counts, cells
from ikm.server.store.writer import writer_of

_CHUNK = 1000


class _Dated(NamedTuple):
    body: wire.ResponseBody
    local_date: date


def hold(connection: Connection, device: str, epoch: int, first: int) -> None:
    """Take the responses of an epoch from that number on out of the tallies."""
    rows = _rows(device, epoch, first, None) & ~t.response.c.held
    found = cells(_dated(connection, rows))
    connection.execute(update(t.response).where(rows).values(held=True))
    writer_of(connection).subtract_cells(connection, found)
    _drop_empty(connection, found)


def let_in(connection: Connection, device: str, epoch: int, before: int) -> None:
    """Count the held responses of an epoch that stand before that number."""
    rows = _rows(device, epoch, 1, before) & t.response.c.held
    found = cells(_dated(connection, rows))
    connection.execute(update(t.response).where(rows).values(held=False))
    writer_of(connection).add_cells(connection, found)


def _rows(device: str, epoch: int, first: int, before: int | None) -> ColumnElement[bool]:
    c = t.response.c
    rows = and_(c.device == device, c.epoch == epoch, c.seq >= first)
    return rows if before is None else and_(rows, c.seq < before)


def _dated(connection: Connection, rows: ColumnElement[bool]) -> Iterator[_Dated]:
    query = select(t.response.c.body, t.response.c.local_date).where(rows).execution_options(yield_per=_CHUNK)
    for raw, day in connection.execute(query):
        yield _Dated(wire.decode_body(bytes(raw)), day)


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


def _is_cell(table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[c.name] == bindparam(f"of_{c.name}") for c in t.tally.primary_key))
