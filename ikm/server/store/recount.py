"""Proof that the tallies are the responses: counted again from the stored bodies, cell by cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ikm import wire
from ikm.domain.response import Channel
from ikm.domain.tally import Tally
from ikm.server import tables as t
from ikm.server.store.cells import CellKey
from ikm.server.store.part import Part
from ikm.server.store.totals import Products, named

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose kept tally is not what its responses add up to."""

    cell: CellKey
    kept: Tally
    counted: Tally


class RecountPart(Part):
    """The tallies against their responses."""

    def differences(self) -> Sequence[Difference]:
        """The cells that are wrong; none when all is well. Both sides are read from one state of the database.

        On SQLite writers wait meanwhile, and devices try again later.
        """

        def read(connection: Connection) -> list[Difference]:
            kept, counted = _kept(connection), _counted(connection)
            return [
                Difference(key, kept.get(key, Tally()), counted.get(key, Tally()))
                for key in sorted(kept.keys() | counted.keys())
                if kept.get(key) != counted.get(key)
            ]

        return self._read(read)


def _kept(connection: Connection) -> Mapping[CellKey, Tally]:
    ratings: dict[CellKey, dict[str, tuple[int, ...]]] = {}
    for row in connection.execute(select(t.tally_rating)):
        ratings.setdefault(_key(row), {})[row.question] = tuple(row[7:])
    products = _kept_products(connection)
    kept = {}
    for row in connection.execute(select(t.tally)):
        key = _key(row)
        kept[key] = Tally(row.responses, row.complete, ratings.pop(key, {}), *products.pop(key, ({}, {})))
    # what is kept of a cell that does not exist is a difference too
    for key in ratings.keys() | products.keys():
        kept[key] = Tally(0, 0, ratings.get(key, {}), *products.get(key, ({}, {})))
    return kept


def _kept_products(connection: Connection) -> dict[CellKey, Products]:
    kept: dict[CellKey, Products] = {}
    for row in connection.execute(select(t.tally_product)):
        try:
            kept[_key(row)] = named(row.questions, row.totals)
        except ValueError:
            # as good as not kept, and told as that difference
            continue
    return kept


def _counted(connection: Connection) -> Mapping[CellKey, Tally]:
    counted: dict[CellKey, Tally] = {}
    for key, tally in _responses(connection):
        counted[key] = counted[key].merge(tally) if key in counted else tally
    return counted


def _responses(connection: Connection) -> Iterator[tuple[CellKey, Tally]]:
    query = select(t.response.c.body, t.response.c.local_date).where(~t.response.c.held)
    for raw, day in connection.execute(query.execution_options(yield_per=_CHUNK)):
        response = wire.decode_body(bytes(raw)).to_domain()
        tally = Tally.of(response)
        for grain, starts_on in (("day", day), ("month", day.replace(day=1))):
            channel = response.channel
            yield CellKey(response.unit, grain, starts_on, response.service, response.questionnaire, channel), tally


def _key(row: Row[Any]) -> CellKey:
    return CellKey(row.unit, row.grain, row.starts_on, row.service, row.questionnaire, Channel(row.channel))
