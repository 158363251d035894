"""Places to choose from: the officer's own, grouped by agency."""

from collections.abc import Sequence
from dataclasses import dataclass

from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Act, Rights


@dataclass(frozen=True, slots=True)
class Group:
    """Places under a heading; without one for the regency."""

    label: str
    nodes: tuple[Node, ...]


def offered(rights: Rights, act: Act) -> Sequence[Group]:
    """Regency, agencies and units on which an officer may do that, each agency with its units."""
    allowed = {code for code in rights.scope(act) if not rights.tree.nodes[code].retired}
    tree, found = rights.tree, []
    for root in (node for node in tree.nodes.values() if node.level is Level.REGENCY):
        if root.code in allowed:
            found.append(Group("", (root,)))
        for agency in tree.children(root.code):
            below = (agency, *tree.children(agency.code))
            nodes = tuple(node for node in below if node.code in allowed)
            if nodes:
                found.append(Group(agency.name, nodes))
    return found
