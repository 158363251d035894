"""The tree of a regency: regency, agencies, units, counters."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from types import MappingProxyType


class Level(StrEnum):
    """Where a node stands in the tree; an index belongs to a unit."""

    REGENCY = "regency"
    AGENCY = "agency"
    UNIT = "unit"
    COUNTER = "counter"


PARENT: Mapping[Level, Level | None] = MappingProxyType(
    {
        Level.REGENCY: None,
        Level.AGENCY: Level.REGENCY,
        Level.UNIT: Level.AGENCY,
        Level.COUNTER: Level.UNIT,
    }
)
"""The level a node's parent must have."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the organisation. `code` is stable and unique in the whole tree.

    A `retired` one is offered no longer; what was answered there stays, and rights on it too.
    """

    code: str
    level: Level
    parent: str | None
    name: str
    retired: bool = False


class Tree:
    """The places of a regency by code, and what lies above and below each."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: Mapping[str, Node] = {node.code: node for node in nodes}
        self._below: dict[str, list[str]] = {}
        for node in self.nodes.values():
            if node.parent is not None:
                self._below.setdefault(node.parent, []).append(node.code)

    def path(self, code: str) -> tuple[str, ...]:
        """A place and all above it, from itself to the regency; () for one that is not in the tree."""
        found: list[str] = []
        node = self.nodes.get(code)
        # a tree read from a damaged database may lead in a circle
        while node is not None and node.code not in found:
            found.append(node.code)
            node = self.nodes.get(node.parent) if node.parent is not None else None
        return tuple(found)

    def children(self, code: str) -> tuple[Node, ...]:
        """The places right below one, in their order."""
        return tuple(self.nodes[below] for below in self._below.get(code, ()))

    def below(self, code: str, level: Level | None = None) -> tuple[Node, ...]:
        """A place and all below it, parents first, or those of them on one level; () where it is not in the tree."""
        if code not in self.nodes:
            return ()
        found, waiting = [self.nodes[code]], [code]
        while waiting:
            children = self.children(waiting.pop(0))
            found += children
            waiting += (child.code for child in children)
        return tuple(node for node in found if level is None or node.level is level)


CODE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
"""What officials' codes look like; older ones may have capitals and underscores."""

_LONGEST_PROPOSAL = 40


def proposed_code(name: str, taken: Collection[str]) -> str:
    """A code for a place or service of that name, such as 'upt-pasar', that is not taken yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words: list[str] = re.findall(r"[a-z0-9]+", plain) or ["tempat"]
    code = words[0][:_LONGEST_PROPOSAL]
    for word in words[1:]:
        if len(code) + 1 + len(word) > _LONGEST_PROPOSAL:
            break
        code = f"{code}-{word}"
    if code not in taken:
        return code
    return next(f"{code}-{number}" for number in count(2) if f"{code}-{number}" not in taken)
