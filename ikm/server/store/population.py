"""How many people use a service: what officials say of spans of days, and what that says of a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from ikm.domain.errors import Refusal
from ikm.domain.period import Period
from ikm.domain.population import Users, unit_users, users_in
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class Population:
    """The users of one service, or of the whole unit where `service` is '', in a span of days, its end excluded."""

    service: str
    users: Users


class PopulationPart(Part):
    """Users of services."""

    def populations(self, unit: str) -> Sequence[Population]:
        """What is said of a unit and its services, the whole unit first, newest spans first."""
        return self._glance(lambda connection: populations_of(connection, unit))

    def population(self, unit: str, period: Period, service: str | None = None) -> int | None:
        """How many people used a unit, or one service of it, in a period; None where that is not known.

        A span counts only where it lies wholly in the period, and only where spans cover every day of it is there a
        number: nothing is estimated for days nobody spoke of, and no part is taken of a span that reaches beyond.
        Of a whole unit: `ikm.domain.population.unit_users`, over the services it offers today.
        """
        said: dict[str, list[Users]] = {}
        for one in self.populations(unit):
            said.setdefault(one.service, []).append(one.users)
        if service is not None:
            return users_in(period, said.get(service, ()))
        query = select(t.service.c.code).where(t.service.c.unit == unit, t.service.c.retired_ms.is_(None))
        return unit_users(period, said, self._glance(lambda connection: connection.execute(query).scalars().all()))

    def set_population(self, unit: str, one: Population, held: int | None, by: Doer) -> None:
        """Say how many users there were in a span; `held` is the number it replaces, None where there was none.

        Raises:
            Refusal: `population_overlaps` with another span of the same service, in `detail` which one;
                `changed_meanwhile` where another number is held than the one to be replaced; `done_already`.
        """

        def write(connection: Connection) -> None:
            users = one.users
            facts = {"until": users.last.isoformat(), "users": [held, users.number]}
            subject = f"{one.service or '*'} {users.start.isoformat()}"
            note(connection, by, "population.set", node=unit, subject=subject, facts=facts)
            put_population(connection, unit, one, held)

        self._write(write)

    def delete_population(self, unit: str, one: Population, by: Doer) -> None:
        """Take back what was said of a span. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            facts = {"until": one.users.last.isoformat(), "users": [one.users.number, None]}
            subject = f"{one.service or '*'} {one.users.start.isoformat()}"
            note(connection, by, "population.deleted", node=unit, subject=subject, facts=facts)
            erase_population(connection, unit, one)

        self._write(write)


def populations_of(connection: Connection, unit: str) -> list[Population]:
    """What is said of a unit and its services, the whole unit first, newest spans first."""
    c = t.population.c
    rows = connection.execute(select(t.population).where(c.unit == unit).order_by(c.service, c.starts_on.desc()))
    return [Population(row.service, Users(row.starts_on, row.ends_on, row.users)) for row in rows]


def put_population(connection: Connection, unit: str, one: Population, held: int | None) -> None:
    """Write a span's users. Raises Refusal (`population_overlaps`, `changed_meanwhile`)."""
    users = one.users
    for other in populations_of(connection, unit):
        if other.service != one.service:
            continue
        same = (other.users.start, other.users.end) == (users.start, users.end)
        if same and other.users.number != held:
            raise Refusal("changed_meanwhile", str(other.users.number))
        if not same and other.users.start < users.end and users.start < other.users.end:
            raise Refusal("population_overlaps", written(other.users.start, other.users.end))
    c = t.population.c
    key = (c.unit == unit) & (c.service == one.service) & (c.starts_on == users.start)
    gone = connection.execute(t.population.delete().where(key)).rowcount
    if (held is None) != (gone == 0):
        raise Refusal("changed_meanwhile", "")
    connection.execute(
        t.population.insert().values(
            unit=unit, service=one.service, starts_on=users.start, ends_on=users.end, users=users.number
        )
    )


def erase_population(connection: Connection, unit: str, one: Population) -> None:
    """Forget a span's users. Raises Refusal (`changed_meanwhile`)."""
    c, users = t.population.c, one.users
    key = (c.unit == unit) & (c.service == one.service) & (c.starts_on == users.start) & (c.ends_on == users.end)
    if connection.execute(t.population.delete().where(key, c.users == users.number)).rowcount == 0:
        raise Refusal("changed_meanwhile", "")


def written(start: date, end: date) -> str:
    """A span as people write it, with its last day."""
    return Period(start, end).label if end - start > timedelta(days=1) else start.isoformat()
