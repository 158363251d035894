"""When places are open: the days on which all below a place are closed."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, or_, select

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part, insert


class HoursPart(Part):
    """Days off."""

    def holidays(self, node: str) -> Sequence[tuple[date, str]]:
        """The days on which a place is closed, with their names, by date: its own and those of all places above it."""

        def read(connection: Connection) -> list[tuple[date, str]]:
            found: dict[date, str] = {}
            # the name that stands highest in the tree is the one everybody knows the day by
            for place in path_of(connection, node):
                rows = connection.execute(select(t.holiday.c.day, t.holiday.c.name).where(t.holiday.c.node == place))
                found |= {row.day: row.name for row in rows}
            return sorted(found.items())

        return self._read(read)

    def put_holidays(self, node: str, days: Mapping[date, str]) -> None:
        """Close a place on those days too; for programs that fill a server."""

        def write(connection: Connection) -> None:
            for day, name in days.items():
                statement = insert(connection)(t.holiday).values(node=node, day=day, name=name)
                facts = {"name": name}
                connection.execute(statement.on_conflict_do_update(index_elements=["node", "day"], set_=facts))

        self._write(write)

    def own_holidays(self, node: str) -> Sequence[tuple[date, str]]:
        """The days off that a place has of its own, by date."""
        c = t.holiday.c
        query = select(c.day, c.name).where(c.node == node).order_by(c.day)
        return [(row.day, row.name) for row in self._glance(lambda connection: connection.execute(query).all())]

    def add_holidays(self, node: str, days: Mapping[date, str], by: Doer) -> None:
        """Close a place on further days; a day it has already, by the same name, stays.

        Raises:
            Refusal: `changed_meanwhile` where a day is there by another name, in `detail` its date; `done_already`.
        """

        def write(connection: Connection) -> None:
            told = {day.isoformat(): name for day, name in days.items()}
            note(connection, by, "holiday.added", node=node, facts=told)
            c = t.holiday.c
            rows = connection.execute(select(c.day, c.name).where(c.node == node, c.day.in_(days)))
            held = {row.day: row.name for row in rows}
            for day, name in days.items():
                if held.get(day, name) != name:
                    raise Refusal("changed_meanwhile", day.isoformat())
            new = [{"node": node, "day": day, "name": name} for day, name in days.items() if day not in held]
            if new:
                connection.execute(t.holiday.insert(), new)

        self._write(write)

    def delete_holiday(self, node: str, day: date, name: str, by: Doer) -> None:
        """Open a place on a day off after all. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            note(connection, by, "holiday.deleted", node=node, subject=day.isoformat(), facts={"name": name})
            c = t.holiday.c
            gone = t.holiday.delete().where(c.node == node, c.day == day, c.name == name)
            if connection.execute(gone).rowcount == 0:
                raise Refusal("changed_meanwhile", day.isoformat())

        self._write(write)


def closed_after(connection: Connection, unit: str, day: date) -> frozenset[date]:
    """The days off of a unit after that day: its own, its agency's and the regency's."""
    h, own, above = t.holiday.c, t.node.alias().c, t.node.alias().c
    agency = select(own.parent).where(own.code == unit).scalar_subquery()
    regency = select(above.parent).where(above.code == agency).scalar_subquery()
    query = select(h.day).where(or_(h.node == unit, h.node == agency, h.node == regency), h.day > day)
    return frozenset(connection.execute(query).scalars())


def path_of(connection: Connection, node: str) -> tuple[str, ...]:
    """A place and all above it, from itself to the regency; () where there is no such place."""
    found: list[str] = []
    code: str | None = node
    while code is not None and code not in found:
        row = connection.execute(select(t.node.c.parent).where(t.node.c.code == code)).first()
        if row is None:
            break
        found.append(code)
        code = row.parent
    return tuple(found)
