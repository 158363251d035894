"""What a part of the torture found, in numbers; nothing but zeros is good, except for the cases."""

from dataclasses import asdict, dataclass, field


@dataclass
class Result:
    """One line of the summary.

    `cases` tried; answers `lost` that were acknowledged, answers `doubled`, cases left `corrupt`; `false_alarms` where
    nothing was wrong; faults `missed` that had to be noticed; `control_failed` when the part could not have failed.
    """

    name: str
    cases: int = 0
    lost: int = 0
    doubled: int = 0
    corrupt: int = 0
    false_alarms: int = 0
    missed: int = 0
    control_failed: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        """Count another part's findings as this one's."""
        self.cases += other.cases
        self.lost += other.lost
        self.doubled += other.doubled
        self.corrupt += other.corrupt
        self.false_alarms += other.false_alarms
        self.missed += other.missed
        self.control_failed |= other.control_failed
        self.notes += other.notes

    @property
    def good(self) -> bool:
        """Whether nothing was found, by a part that tried something and could have found it."""
        found = self.lost + self.doubled + self.corrupt + self.false_alarms + self.missed
        return self.cases > 0 and not found and not self.control_failed

    def line(self) -> dict[str, object]:
        """As the summary holds it."""
        found = asdict(self)
        del found["notes"]
        return found
