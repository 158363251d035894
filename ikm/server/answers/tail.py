"""The end of a table: rows that may be sums or may be faulty respondents are held until it is clear which."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS
from ikm.server.answers.cells import number
from ikm.server.answers.faults import Fault
from ikm.server.answers.footers import Figures
from ikm.server.answers.table import Cell

_HELD = 12


@dataclass(frozen=True, slots=True)
class Footer:
    """A row below the answers that is no respondent: its number as the file shows it, its first text."""

    row: int
    label: str


@dataclass(frozen=True, slots=True)
class _Held:
    row: int
    label: str
    values: Sequence[Cell]
    faults: list[Fault]


class Tail:
    """Decides which rows are footers. `quiet` while nothing is held and no footer has been met."""

    def __init__(self, where: str, figures_above: Callable[[int], Figures]) -> None:
        self.footers: list[Footer] = []
        self.quiet = True
        self._where = where
        self._figures_above = figures_above
        self._held: deque[_Held] = deque()
        self._figures: Figures | None = None

    def hold(self, row: int, label: str, values: Sequence[Cell], faults: list[Fault]) -> list[list[Fault]]:
        """Keeps a row with faults, for the last ones may be sums; gives back those that cannot be any more."""
        self._held.append(_Held(row, label, values, faults))
        self.quiet = False
        return [self._held.popleft().faults] if len(self._held) > _HELD else []

    def release(self) -> list[list[Fault]]:
        """The faults of the rows held: a respondent stands below them and no footer above, so they are respondents."""
        faults = [held.faults for held in self._held]
        self._held.clear()
        self.quiet = True
        return faults

    def labelled(self, row: int, label: str) -> list[list[Fault]]:
        """Takes a row for a footer by its label; gives back the faults of the rows held above that are none."""
        faults = self.close()
        self.footers.append(Footer(row, label))
        self.quiet = False
        return faults

    def close(self) -> list[list[Fault]]:
        """Nothing but footers can follow: the faults of the rows held that are neither sums nor means."""
        held = list(self._held)
        self._held.clear()
        figures = self._figures_above(held[0].row) if held else Figures.of_nothing(0)
        for place, one in enumerate(held):
            if figures.are_in(one.values) and any(number(cell) not in RATINGS for cell in one.values):
                self.footers.append(Footer(one.row, one.label))
                for later in held[place + 1 :]:
                    self.below(later.row, later.label, later.values, valid=False)
                return [earlier.faults for earlier in held[:place]]
            figures.add(one.values)
        return [one.faults for one in held]

    def below(self, row: int, label: str, values: Sequence[Cell], *, valid: bool) -> bool:
        """Whether a row stands below a footer, and is then no respondent; False when no footer has been met.

        Raises:
            Refusal: `footer_ambiguous` when it may be a respondent: all it holds, or most of what it should, are
                ratings, and they are not the means of those above.
        """
        if not self.footers:
            return False
        figures = [figure for cell in values if (figure := number(cell)) is not None]
        ratings = sum(figure in RATINGS for figure in figures)
        likely = valid or 2 * ratings > len(values)
        if self._figures is None and likely:
            self._figures = self._figures_above(self.footers[0].row)
        if not likely or (self._figures is not None and self._figures.are_in(values)):
            if figures:
                self.footers.append(Footer(row, label))
            return True
        first = self.footers[0]
        raise Refusal(
            "footer_ambiguous",
            f'{self._where}, baris {row}: ada jawaban di bawah baris {first.row} ("{first.label[:40]}"). Bila baris '
            f"{first.row} bukan responden, hapus atau pindahkan ke paling bawah, lalu coba lagi.",
            row=row,
        )
