"""Proof that the tallies are the responses: counted again from the stored bodies, cell by cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.response import Channel
from ikm.domain.tally import Tally, merge_all
from ikm.server import tables as t
from ikm.server.store.cells import CellKey, Dated
from ikm.server.store.facets import Facets, add_facets
from ikm.server.store.holding import Stored, zones
from ikm.server.store.part import Part
from ikm.server.store.totals import Products, named, numbers

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose kept tally is not what its responses add up to; one of a whole unit's month has no service.

    `facets` are those values of facets whose numbers are wrong, with what is kept and what was counted.
    """

    cell: CellKey
    kept: Tally
    counted: Tally
    facets: Mapping[tuple[str, str], tuple[Sequence[int], Sequence[int]]] = field(default_factory=dict)


class RecountPart(Part):
    """The tallies against their responses."""

    def differences(self) -> Sequence[Difference]:
        """The cells that are wrong; none when all is well. Both sides are read from one state of the database.

        On SQLite writers wait meanwhile, and devices try again later.
        """

        def read(connection: Connection) -> list[Difference]:
            kept, kept_facets = _kept(connection), _kept_facets(connection)
            counted, facets = _counted(connection)
            unlike = _unlike(kept_facets, facets)
            return [
                Difference(key, kept.get(key, Tally()), counted.get(key, Tally()), unlike.get(key, {}))
                for key in sorted(kept.keys() | counted.keys() | unlike.keys())
                if kept.get(key) != counted.get(key) or key in unlike
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
    return {**kept, **_kept_months(connection)}


def _kept_months(connection: Connection) -> Mapping[CellKey, Tally]:
    kept = {}
    for row in connection.execute(select(t.tally_month)):
        key = CellKey(row.unit, "month", row.starts_on, "", row.questionnaire, Channel(row.channel))
        try:
            kept[key] = Tally(row.responses, row.complete, *numbers(row.questions, row.totals))
        except (ValueError, Refusal):
            # as good as not kept, and told as that difference
            kept[key] = Tally()
    return kept


def _kept_facets(connection: Connection) -> Mapping[CellKey, Facets]:
    kept: dict[CellKey, Facets] = {}
    for row in connection.execute(select(t.tally_facet)):
        key = CellKey(row.unit, "month", row.starts_on, row.service, row.questionnaire, Channel(row.channel))
        kept.setdefault(key, {})[row.facet, row.value] = [row.responses, row.ratings, row.total]
    return kept


def _unlike(
    kept: Mapping[CellKey, Facets], counted: Mapping[CellKey, Facets]
) -> Mapping[CellKey, Mapping[tuple[str, str], tuple[Sequence[int], Sequence[int]]]]:
    unlike: dict[CellKey, dict[tuple[str, str], tuple[Sequence[int], Sequence[int]]]] = {}
    for key in kept.keys() | counted.keys():
        ours, theirs = kept.get(key, {}), counted.get(key, {})
        for value in sorted(ours.keys() | theirs.keys()):
            pair = ours.get(value, [0, 0, 0]), theirs.get(value, [0, 0, 0])
            if pair[0] != pair[1]:
                unlike.setdefault(key, {})[value] = pair
    return unlike


def _kept_products(connection: Connection) -> dict[CellKey, Products]:
    kept: dict[CellKey, Products] = {}
    for row in connection.execute(select(t.tally_product)):
        try:
            kept[_key(row)] = named(row.questions, row.totals)
        except ValueError:
            # as good as not kept, and told as that difference
            continue
    return kept


def _counted(connection: Connection) -> tuple[Mapping[CellKey, Tally], Mapping[CellKey, Facets]]:
    days: dict[CellKey, list[Tally]] = {}
    facets: dict[CellKey, Facets] = {}
    zone = zones(connection)
    for given in _responses(connection):
        response = given.body.to_domain()
        key = CellKey(
            response.unit, "day", given.local_date, response.service, response.questionnaire, response.channel
        )  # fmt: skip
        add_facets(facets.setdefault(_month(key), {}), given, zone(response.unit))
        pile = days.setdefault(key, [])
        pile.append(Tally.of(response))
        # many at once: writers wait, and merging one by one takes three times as long
        if len(pile) == _CHUNK:
            pile[:] = [merge_all(pile)]
    cells = {day: merge_all(pile) for day, pile in days.items()}
    months: dict[CellKey, list[Tally]] = {}
    for day, tally in cells.items():
        for month in (_month(day), _month(day).whole_unit):
            months.setdefault(month, []).append(tally)
    return cells | {month: merge_all(tallies) for month, tallies in months.items()}, facets


def _month(day: CellKey) -> CellKey:
    return day._replace(grain="month", starts_on=day.starts_on.replace(day=1))


def _responses(connection: Connection) -> Iterator[Dated]:
    c = t.response.c
    query = select(c.body, c.local_date, c.occurred_ms, c.clock).where(~c.held)
    for raw, *when in connection.execute(query.execution_options(yield_per=_CHUNK)):
        yield Stored(wire.decode_body(bytes(raw)), *when)


def _key(row: Row[Any]) -> CellKey:
    return CellKey(row.unit, row.grain, row.starts_on, row.service, row.questionnaire, Channel(row.channel))
