"""Tallies of a period, summed from whole months where it has them and from days at its ragged ends."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from ikm.domain.period import Period
from ikm.domain.questionnaire import Instrument
from ikm.domain.tally import Tally
from ikm.server import tables as t
from ikm.server.clocks import UNCERTAIN
from ikm.server.reports.ports import Cell, Filter
from ikm.server.store.facets import CLOCK
from ikm.server.store.part import Part
from ikm.server.store.rollups import narrowed
from ikm.server.store.totals import Products, added, named

EPOCH = date(1970, 1, 1)


class FiguresPart(Part):
    """What the responses add up to."""

    def cells(
        self, period: Period, unit: str | None = None, *, counts_only: bool = False, chosen: Filter | None = None
    ) -> Sequence[Cell]:
        """The tallies of a period, of one unit or of all, without sums and products where counts are enough."""
        chosen = chosen or Filter()
        return self._read(lambda connection: _cells(connection, period, unit, chosen, counts_only=counts_only))

    def last_received_ms(self, unit: str | None = None) -> int | None:
        """When the newest response arrived here (milliseconds since 1970, UTC), of one unit or of all."""
        query = select(func.max(t.response.c.received_ms))
        if unit is not None:
            query = query.where(t.response.c.unit == unit)
        return self._glance(lambda connection: connection.execute(query).scalar())

    def undated(self, period: Period, unit: str) -> int:
        """How many counted responses of a unit lie in a period only because nothing surer is known of their date."""
        if _whole_months(period) == (period.start, period.end):
            f = t.tally_facet.c
            counted = select(func.coalesce(func.sum(f.responses), 0)).where(
                f.unit == unit, f.starts_on >= period.start, f.starts_on < period.end, f.facet == CLOCK
            )
            return self._glance(lambda connection: int(connection.execute(counted).scalar_one()))
        c = t.response.c
        # what was received before the period began cannot lie in it, and the index knows when each was received
        since_ms = ((period.start - EPOCH).days - 1) * 86_400_000
        query = select(func.count()).where(
            c.unit == unit,
            c.received_ms >= since_ms,
            c.clock == UNCERTAIN,
            c.local_date >= period.start,
            c.local_date < period.end,
            ~c.held,
        )
        return self._glance(lambda connection: int(connection.execute(query).scalar_one()))

    def instruments(self, period: Period, unit: str) -> frozenset[Instrument]:
        """The forms that the responses of a unit in a period came on. Reads every one of them."""
        c = t.response.c
        query = select(c.instrument).distinct()
        query = query.where(c.unit == unit, c.local_date >= period.start, c.local_date < period.end, ~c.held)
        found = self._glance(lambda connection: connection.execute(query).scalars().all())
        return frozenset(Instrument(name) for name in found)


def _cells(
    connection: Connection, period: Period, unit: str | None, chosen: Filter, *, counts_only: bool
) -> list[Cell]:
    key = ("unit", "service", "questionnaire")
    ratings: dict[tuple[str, str, str], dict[str, tuple[int, ...]]] = {}
    c = t.tally_rating.c
    counted = [func.sum(c[f"rating_{rating}"]) for rating in (1, 2, 3, 4)]
    columns = [*(c[name] for name in key), c.question]
    for row in connection.execute(
        select(*columns, *counted).where(_within(c, period, unit), *narrowed(c, chosen)).group_by(*columns)
    ):
        # PostgreSQL sums integers to decimals
        ratings.setdefault(tuple(row[:3]), {})[row[3]] = tuple(int(count) for count in row[4:])
    products = {} if counts_only else _products(connection, period, unit, chosen)
    c = t.tally.c
    columns = [c[name] for name in key]
    query = select(*columns, func.sum(c.responses), func.sum(c.complete)).where(
        _within(c, period, unit), *narrowed(c, chosen)
    )
    return [
        Cell(*row[:3], Tally(int(row[3]), int(row[4]), ratings.get(place, {}), *products.get(place, ({}, {}))))
        for row in connection.execute(query.group_by(*columns).order_by(*columns))
        for place in [tuple(row[:3])]
    ]


def _products(
    connection: Connection, period: Period, unit: str | None, chosen: Filter
) -> Mapping[tuple[str, ...], Products]:
    c = t.tally_product.c
    names: dict[tuple[str, ...], str] = {}
    totals: dict[tuple[str, ...], Sequence[int]] = {}
    query = select(c.unit, c.service, c.questionnaire, c.questions, c.totals).where(
        _within(c, period, unit), *narrowed(c, chosen)
    )
    for *place, questions, more in connection.execute(query):
        key = tuple(place)
        # a version of a questionnaire never changes, so all its cells are of the same questions
        names[key], totals[key] = questions, added(totals.get(key, ()), more)
    return {key: named(names[key], found) for key, found in totals.items()}


def _within(c: Any, period: Period, unit: str | None) -> ColumnElement[bool]:
    first, last = _whole_months(period)
    ends = ((period.start, first), (last, period.end))
    ranges = [and_(c.grain == "month", c.starts_on >= first, c.starts_on < last) if first < last else false()]
    ranges += [and_(c.grain == "day", c.starts_on >= start, c.starts_on < end) for start, end in ends if start < end]
    return or_(*ranges) if unit is None else and_(c.unit == unit, or_(*ranges))


def _whole_months(period: Period) -> tuple[date, date]:
    """The first days of the first whole month and of the month after the last; the same day where there is none."""
    start, end = period.start, period.end.replace(day=1)
    if start.day != 1:
        start = date(start.year + start.month // 12, start.month % 12 + 1, 1) if start.year < date.max.year else end
    if start < end:
        return start, end
    # no whole month inside: all of it counts as one ragged end
    return period.end, period.end
