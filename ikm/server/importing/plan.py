"""What a file would change, as it is shown before anything is written."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from ikm.server.importing.records import Fault
from ikm.server.store.imports import AnyChange


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One row: what it is about, what becomes of it, what exactly changes, and what is wrong."""

    row: int
    about: str
    outcome: Outcome
    details: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change: nothing at all where any row is wrong."""

    lines: tuple[PlanLine, ...]
    changes: tuple[AnyChange, ...]

    def count(self, outcome: Outcome) -> int:
        """How many rows come out so."""
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong, by row."""
        return tuple(fault for line in self.lines for fault in line.faults)

    @property
    def digest(self) -> str:
        """A name for exactly these changes, to tell whether what is confirmed is still what was shown."""
        return hashlib.sha256(msgspec.json.encode(self.changes)).hexdigest()
