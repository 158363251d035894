"""Whole units by the month, and who answered them: what the desk's figures are made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, cast, func, select

from ikm.domain.period import Period
from ikm.domain.population import Users, unit_users, users_in
from ikm.domain.tally import Tally
from ikm.server import tables as t
from ikm.server.reports.ports import Filter, UnitMonth
from ikm.server.store.part import Part
from ikm.server.store.totals import numbers

_LIST = msgspec.json.Decoder(list[int])


@dataclass(frozen=True, slots=True)
class DayCount:
    """The tally of one day of one service, version and channel of a unit."""

    day: date
    service: str
    questionnaire: str
    channel: str
    tally: Tally


class RollupsPart(Part):
    """What units come to."""

    def unit_months(
        self, period: Period, units: Collection[str] | None = None, channel: str = ""
    ) -> Sequence[UnitMonth]:
        """The months that begin in a period, of those units or of all, in the order of unit and month."""
        c = t.tally_month.c
        # as text: whoever held the same numbers before need not read them again
        query = select(
            c.unit, c.starts_on, c.questionnaire, c.channel, c.responses, c.complete, c.questions, cast(c.totals, Text)
        ).where(c.starts_on >= period.start, c.starts_on < period.end)
        if units is not None:
            query = query.where(c.unit.in_(sorted(units)))
        if channel:
            query = query.where(c.channel == channel)
        query = query.order_by(c.unit, c.starts_on, c.questionnaire, c.channel)
        return self._glance(lambda connection: [UnitMonth(*row) for row in connection.execute(query)])

    def facets(
        self, period: Period, unit: str, chosen: Filter | None = None
    ) -> Mapping[str, Mapping[str, tuple[int, int, int]]]:
        """Facet -> value -> responses, ratings, points, over the months that begin in a period."""
        chosen = chosen or Filter()
        c = t.tally_facet.c
        sums = (func.sum(c.responses), func.sum(c.ratings), func.sum(c.total))
        query = select(c.facet, c.value, *sums).where(
            c.unit == unit, c.starts_on >= period.start, c.starts_on < period.end, *narrowed(c, chosen)
        )
        found: dict[str, dict[str, tuple[int, int, int]]] = {}

        def read(connection: Connection) -> None:
            found.clear()
            for facet, value, *counts in connection.execute(query.group_by(c.facet, c.value).order_by(c.value)):
                responses, ratings, points = (int(count) for count in counts)
                found.setdefault(facet, {})[value] = (responses, ratings, points)

        self._glance(read)
        return found

    def populations_in(self, period: Period, units: Collection[str]) -> Mapping[str, int]:
        """How many people use those units in a period, of those of which that is known: see `population`."""
        c = t.population.c
        query = select(c.unit, c.service, c.starts_on, c.ends_on, c.users).where(
            c.unit.in_(sorted(units)), c.starts_on >= period.start, c.ends_on <= period.end
        )
        services = select(t.service.c.unit, t.service.c.code).where(
            t.service.c.unit.in_(sorted(units)), t.service.c.retired_ms.is_(None)
        )

        def read(connection: Connection) -> Mapping[str, int]:
            said: dict[str, dict[str, list[Users]]] = {}
            for unit, service, start, end, users in connection.execute(query):
                said.setdefault(unit, {}).setdefault(service, []).append(Users(start, end, users))
            offered: dict[str, list[str]] = {}
            for unit, code in connection.execute(services):
                offered.setdefault(unit, []).append(code)
            found = {unit: unit_users(period, spans, offered.get(unit, [])) for unit, spans in said.items()}
            return {unit: users for unit, users in found.items() if users is not None}

        return self._read(read)

    def populations_by_period(
        self, unit: str, periods: Sequence[Period], service: str = ""
    ) -> Mapping[Period, int | None]:
        """How many people use a unit, or one service of it, in each of those periods: `population`, read at once."""
        c = t.population.c
        query = select(c.service, c.starts_on, c.ends_on, c.users).where(c.unit == unit)
        services = select(t.service.c.code).where(t.service.c.unit == unit, t.service.c.retired_ms.is_(None))

        def read(connection: Connection) -> Mapping[Period, int | None]:
            said: dict[str, list[Users]] = {}
            for of, start, end, users in connection.execute(query):
                said.setdefault(of, []).append(Users(start, end, users))
            if service:
                return {period: users_in(period, said.get(service, [])) for period in periods}
            offered = connection.execute(services).scalars().all()
            return {period: unit_users(period, said, offered) for period in periods}

        return self._read(read)

    def questionnaires_used(self, period: Period, unit: str) -> Sequence[str]:
        """The versions a unit's responses of a period came on."""
        c = t.tally_month.c
        query = select(c.questionnaire).where(c.unit == unit, c.starts_on >= period.start, c.starts_on < period.end)
        query = query.distinct().order_by(c.questionnaire)
        return self._glance(lambda connection: list(connection.execute(query).scalars()))

    def services_used(self, units: Collection[str]) -> Sequence[tuple[str, str]]:
        """Code and official name of the services those units offer, each code once, by name."""
        c = t.service.c
        query = select(c.code, c.name).where(c.unit.in_(sorted(units)), c.retired_ms.is_(None))

        def read(connection: Connection) -> list[tuple[str, str]]:
            names = {code: msgspec.json.decode(name)["id"] for code, name in connection.execute(query)}
            return sorted(names.items(), key=lambda one: one[1])

        return self._glance(read)

    def day_counts(self, unit: str, period: Period, after: date | None = None, days: int = 31) -> Sequence[DayCount]:
        """A unit's tallies by the day, of at most so many days with answers after a date; by day and then service."""
        c = t.tally.c
        key = (c.starts_on, c.service, c.questionnaire, c.channel)
        reach = [c.unit == unit, c.grain == "day", c.starts_on >= period.start, c.starts_on < period.end]
        if after is not None:
            reach.append(c.starts_on > after)

        def read(connection: Connection) -> list[DayCount]:
            found = connection.execute(select(c.starts_on).where(*reach).distinct().order_by(c.starts_on))
            chosen = list(found.scalars())[:days]
            if not chosen:
                return []
            r = t.tally_rating.c
            ratings: dict[Any, dict[str, tuple[int, ...]]] = {}
            query = select(r.starts_on, r.service, r.questionnaire, r.channel, r.question, *_counts(r))
            query = query.where(r.unit == unit, r.grain == "day", r.starts_on.in_(chosen))
            for row in connection.execute(query):
                ratings.setdefault(tuple(row[:4]), {})[row[4]] = tuple(row[5:])
            cells = select(*key, c.responses, c.complete).where(c.unit == unit, c.grain == "day")
            return [
                DayCount(*row[:4], Tally(row[4], row[5], ratings.get(tuple(row[:4]), {})))
                for row in connection.execute(cells.where(c.starts_on.in_(chosen)).order_by(*key))
            ]

        return self._read(read)

    def remarks_by_state(self, unit: str, period: Period) -> Sequence[tuple[str, str, int]]:
        """Status, category and number of what citizens wrote to a unit in a period."""
        c = t.remark.c
        query = (
            select(c.status, c.category, func.count())
            .where(c.unit == unit, c.local_date >= period.start, c.local_date < period.end)
            .group_by(c.status, c.category)
            .order_by(c.status, c.category)
        )
        return self._glance(lambda connection: [(row[0], row[1], row[2]) for row in connection.execute(query)])


def tally_of_month(month: UnitMonth) -> Tally:
    """What a month holds."""
    return Tally(month.responses, month.complete, *numbers(month.questions, _LIST.decode(f"[{month.totals[1:-1]}]")))


def narrowed(c: Any, chosen: Filter) -> list[Any]:
    """What a filter asks of a table of cells."""
    wanted = (("service", chosen.service), ("channel", chosen.channel), ("questionnaire", chosen.questionnaire))
    return [c[name] == value for name, value in wanted if value]


def _counts(c: Any) -> list[Any]:
    return [c[f"rating_{rating}"] for rating in (1, 2, 3, 4)]
