"""Whether whoever made a token or a link could make it now: what people made serves no longer than their roles."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from ikm.domain.organisation import Level, Node, Tree
from ikm.domain.rights import Grant, Rights, Role
from ikm.server import tables as t


class Makers:
    """The rights that people have at present on those places, in one state of the database."""

    def __init__(self, connection: Connection, nodes: Iterable[str]) -> None:
        self._connection = connection
        self._tree = _tree_above(connection, nodes)
        self._held: dict[str, Rights] = {}

    def rights(self, person: str) -> Rights:
        """What that person may do there; nothing for whoever may not come in."""
        if person not in self._held:
            g, p = t.role_grant.c, t.person.c
            query = select(g.role, g.node).join_from(t.role_grant, t.person, g.person == p.id)
            rows = self._connection.execute(query.where(p.id == person, p.disabled_ms.is_(None)))
            self._held[person] = Rights([Grant(Role(role), node) for role, node in rows], self._tree)
        return self._held[person]


def _tree_above(connection: Connection, nodes: Iterable[str]) -> Tree:
    """Those places and all above them."""
    c = t.node.c
    found: dict[str, Node] = {}
    wanted = set(nodes)
    while wanted:
        rows = connection.execute(select(c.code, c.level, c.parent, c.name).where(c.code.in_(sorted(wanted)))).all()
        found |= {row.code: Node(row.code, Level(row.level), row.parent, row.name) for row in rows}
        wanted = {row.parent for row in rows if row.parent is not None} - found.keys()
    return Tree(found.values())
