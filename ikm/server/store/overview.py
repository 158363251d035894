"""What is there and what is still missing at each unit, of all units in a handful of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Select, func, select

from ikm.domain.period import Period
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.domain.standard import COMPLAINTS, COMPONENTS, Component
from ikm.server import tables as t
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class ServiceStanding:
    """A service that is offered, by its Indonesian name, and the published components it has no promise for."""

    code: str
    name: str
    missing: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """What a unit has. `kiosks` are those in use, `populated` says that users are told for some of the period asked."""

    services: tuple[ServiceStanding, ...] = ()
    counters: int = 0
    kiosks: int = 0
    opening: bool = False
    pledged: bool = False
    populated: bool = False
    assessed_ms: int | None = None

    @property
    def unpromised(self) -> tuple[ServiceStanding, ...]:
        """The services whose standard is not whole."""
        return tuple(service for service in self.services if service.missing)


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAME = msgspec.json.Decoder(dict[str, str])


class OverviewPart(Part):
    """Units at a glance."""

    def standings(self, period: Period, units: Collection[str] | None = None) -> Mapping[str, UnitStanding]:
        """What units have that are not retired, all or those; of users, what is said for a part of that period."""
        return self._read(lambda connection: _standings(connection, period, units))


def _standings(connection: Connection, period: Period, chosen: Collection[str] | None) -> dict[str, UnitStanding]:
    n, d, p, a = t.node.c, t.device.c, t.population.c, t.self_assessment.c
    standing = select(n.code).where(n.level == "unit", n.retired_ms.is_(None))
    if chosen is not None:
        standing = standing.where(n.code.in_(chosen))
    units = connection.execute(
        select(t.unit.c.code, t.unit.c.opening, t.unit.c.pledge, t.unit.c.complaints).where(t.unit.c.code.in_(standing))
    ).all()
    services = _services(connection, standing, {row.code for row in units if row.complaints != "[]"})
    here = (n.level == "counter") & n.retired_ms.is_(None)
    counters = dict(_pairs(connection, select(n.parent, func.count()).where(here).group_by(n.parent)))
    kiosks = select(n.parent, func.count()).join_from(t.node, t.device, d.counter == n.code)
    fleet = dict(_pairs(connection, kiosks.where(d.revoked_ms.is_(None)).group_by(n.parent)))
    told = select(p.unit).where(p.starts_on < period.end, p.ends_on > period.start).distinct()
    populated = set(connection.execute(told).scalars())
    assessed = dict(_pairs(connection, select(a.unit, func.max(a.made_ms)).group_by(a.unit)))
    return {
        row.code: UnitStanding(
            tuple(services.get(row.code, ())),
            counters.get(row.code, 0),
            fleet.get(row.code, 0),
            row.opening != "[]",
            row.pledge != "[]",
            row.code in populated,
            assessed.get(row.code),
        )
        for row in units
    }


def _services(
    connection: Connection, units: Select[tuple[str]], complaining: set[str]
) -> dict[str, list[ServiceStanding]]:
    s = t.service.c
    query = select(s.unit, s.code, s.name, s.standard).where(s.retired_ms.is_(None), s.unit.in_(units))
    query = query.order_by(s.position, s.code)
    found: dict[str, list[ServiceStanding]] = {}
    for row in connection.execute(query):
        # which components there are is enough: their lines are many
        held = {code for code, lines in _PARTS.decode(row.standard).items() if bytes(lines) != b"[]"}
        if row.unit in complaining:
            held.add(COMPLAINTS)
        missing = tuple(component for component in COMPONENTS if component.element not in held)
        name = _NAME.decode(row.name).get(OFFICIAL_LOCALE, row.code)
        found.setdefault(row.unit, []).append(ServiceStanding(row.code, name, missing))
    return found


def _pairs(connection: Connection, query: object) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in connection.execute(query)]  # type: ignore[call-overload]
