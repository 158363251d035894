"""When places are open: the days on which all below a place are closed."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from ikm.server import tables as t
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
