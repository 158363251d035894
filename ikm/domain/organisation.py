"""The tree of a regency: regency, agencies, units, counters."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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
    """One place in the organisation. `code` is stable and unique in the whole tree."""

    code: str
    level: Level
    parent: str | None
    name: str
