"""The end of a table: rows that may be sums or may be respondents are held until it is clear which."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS
from ikm.server.answers.cells import number
from ikm.server.answers.faults import Fault
from ikm.server.answers.footers import Figures
from ikm.server.answers.lead import Lead, Oddity
from ikm.server.answers.table import Cell, letter

Ratings = tuple[int | None, ...]
"""One respondent's ratings, one per question, None where there is no answer."""

_HELD = 12
_INSTEAD = (Oddity.TEXT, Oddity.OTHER)


class Row(NamedTuple):
    """One respondent: the row as the file shows it, the group, a rating per question.

    A named tuple, for a file may hold a million of them.
    """

    number: int
    group: str | None
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class Footer:
    """A row below the answers that is no respondent: its number as the file shows it, its first text."""

    row: int
    label: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with something in it: the respondent it would be, what is wrong with its cells, how its number is odd.

    `label` is its first text, `values` are its cells under the questions.
    """

    respondent: Row
    label: str
    values: Sequence[Cell]
    faults: Sequence[Fault]
    oddity: Oddity | None

    @property
    def number(self) -> int:
        """The row as the file shows it."""
        return self.respondent.number

    @property
    def answered(self) -> bool:
        """Whether all that stands there are ratings, and there are some."""
        return not self.faults and any(self.respondent.ratings)

    @property
    def likely(self) -> bool:
        """Whether this may be a respondent: all it holds, or most of what it should, are ratings."""
        rated = sum(number(cell) in RATINGS for cell in self.values)
        return self.answered or 2 * rated > len(self.values)


class Tail:
    """Decides which rows are footers. `quiet` while nothing is held and no footer has been met."""

    def __init__(self, where: str, lead: Lead | None, headings: Sequence[str], above: Callable[[int], Figures]) -> None:
        self.footers: list[Footer] = []
        self.quiet = True
        self._where = where
        self._lead = lead
        self._headings = headings
        self._figures_above = above
        self._held: deque[Judged] = deque()
        self._before: Sequence[Cell] = ()
        self._figures: Figures | None = None
        self._usual: set[Oddity] = set()

    def oddity(self, row: int, texts: Sequence[str]) -> Oddity | None:
        """What is odd about a row's number, unless respondents above are like that too."""
        found = self._lead.oddity(row, texts) if self._lead else None
        return None if found in self._usual else found

    def hold(self, row: Judged) -> list[Judged]:
        """Keeps a row, for the last ones may be footers; gives back those that are respondents after all."""
        self._held.append(row)
        self.quiet = False
        if len(self._held) <= _HELD:
            return []
        first = self._held.popleft()
        self._before = first.values
        return self._respondents([first])

    def release(self) -> list[Judged]:
        """The rows held, for a respondent stands below them: they are respondents, be they faulty.

        Raises:
            Refusal: `footer_unclear` for a row with a text where the respondents are counted.
        """
        held = self._respondents(self._held)
        self._held.clear()
        self.quiet = True
        return held

    def labelled(self, row: int, label: str) -> list[Judged]:
        """Takes a row for a footer by its label; gives back the rows held above that are respondents. As `close`."""
        respondents = self.close()
        self.footers.append(Footer(row, label))
        self.quiet = False
        return respondents

    def close(self) -> list[Judged]:
        """Nothing but footers can follow: the rows held that are none.

        Raises:
            Refusal: `footer_unclear` where a row may be a respondent or a footer.
        """
        held = list(self._held)
        self._held.clear()
        figures = self._figures_above(held[0].number) if held else Figures(0)
        for place, row in enumerate(held):
            # of equal faulty rows each is the mean of those above
            repeated = row.values == (held[place - 1].values if place else self._before)
            if not repeated and self._is_footer(row, figures):
                self.footers.append(Footer(row.number, row.label))
                for later in held[place + 1 :]:
                    self.below(later)
                return held[:place]
            if row.oddity is not None and row.likely:
                raise self._unclear(row)
            figures.add(row.values)
        return held

    def below(self, row: Judged) -> bool:
        """Whether a row stands below a footer, and is then no respondent; False when no footer has been met.

        Raises:
            Refusal: `footer_ambiguous` when it may be a respondent after all.
        """
        if not self.footers:
            return False
        if self._figures is None and row.likely:
            self._figures = self._figures_above(self.footers[0].row)
        if not row.likely or (self._figures is not None and self._explained(row, self._figures)):
            if any(number(cell) is not None for cell in row.values):
                self.footers.append(Footer(row.number, row.label))
            return True
        first = self.footers[0]
        raise Refusal(
            "footer_ambiguous",
            f'{self._where}, baris {row.number}: ada jawaban di bawah baris {first.row} ("{first.label[:40]}"). Bila '
            f"baris {first.row} bukan responden, hapus atau pindahkan ke paling bawah, lalu coba lagi.",
            row=row.number,
        )

    def _is_footer(self, row: Judged, figures: Figures) -> bool:
        if row.oddity in _INSTEAD:
            return not row.likely or self._explained(row, figures)
        return figures.are_in(row.values) and any(number(cell) not in RATINGS for cell in row.values)

    def _explained(self, row: Judged, figures: Figures) -> bool:
        return figures.are_in(row.values) or (row.oddity in _INSTEAD and figures.explain(row.values))

    def _respondents(self, rows: Iterable[Judged]) -> list[Judged]:
        found = list(rows)
        for row in found:
            if row.oddity is Oddity.TEXT and row.likely:
                raise self._unclear(row)
            if row.oddity is not None:
                self._usual.add(row.oddity)
        return found

    def _unclear(self, row: Judged) -> Refusal:
        place = self._lead.place if self._lead else 0
        holds = "berisi tulisan" if row.oddity in _INSTEAD else "kosong"
        return Refusal(
            "footer_unclear",
            f'{self._where}, baris {row.number}: kolom "{self._headings[place]}" ({letter(place)}) {holds}, padahal di '
            "baris-baris lain berisi nomor, dan sisanya seperti jawaban. Bila baris ini responden, isi nomornya; bila "
            "bukan, hapus barisnya dari salinan berkas, lalu coba lagi.",
            row=row.number,
        )
