"""The column that numbers the respondents: where all of them have a number, a text is no respondent's."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ikm.server.answers.cells import blank
from ikm.server.answers.table import Cell, NumberedRow, shown

_DATE_DIGITS = 4
_NUMBERED = re.compile(r"([^\W\d_]*)[\W_]*\d[\d\W_]*([^\W\d_]?)")
_RUNNING = 2


class Oddity(Enum):
    """How a row differs from those that are numbered.

    A text stands for the number, or a number behind other letters, or there is no number beside a text.
    """

    TEXT = "text"
    OTHER = "other"
    UNNUMBERED = "unnumbered"


@dataclass(frozen=True, slots=True)
class Lead:
    """The column left of the answers that counts on by one: its place from 0, the letters before the numbers.

    `first` is the place of the first answer; `ahead` is how far the numbers are ahead of the rows', None where lines
    between the respondents shift them. An age, a telephone number or a date does not count on, and a text among those
    may be anybody's.
    """

    place: int
    letters: str
    first: int
    ahead: int | None

    def fits(self, cell: Cell) -> bool:
        """Whether a cell holds a number, or a number behind the same letters."""
        size = len(self.letters)
        # nearly every cell; the rest is for signs, dates and spaces
        if isinstance(cell, str) and cell[size:].isdecimal() and cell[:size].casefold() == self.letters:
            return True
        return _letters(cell) == self.letters

    def oddity(self, row: int, texts: Sequence[str]) -> Oddity | None:
        """What is odd about a row, by its texts; None for one that is numbered, or has nothing left of the answers."""
        cell = texts[self.place] if self.place < len(texts) else ""
        if blank(cell):
            label = next((text for text in texts[: self.first] if not blank(text)), "")
            return Oddity.UNNUMBERED if label and _letters(label) is None else None
        if self.fits(cell):
            return None
        if _letters(cell) is None:
            return Oddity.TEXT
        # KTP-1, KTP-2, KK-3 count on, whatever the letters
        return None if self.ahead is not None and _digits(cell) == row + self.ahead else Oddity.OTHER


def lead_of(rows: Sequence[NumberedRow], first: int, group: int | None) -> Lead | None:
    """The column that numbers the respondents, by their rows; None where there is none.

    It is the first column that counts on. `first` is the place of the first answer; the column to group by holds units,
    not respondents.
    """
    # a unit's name on a line of its own numbers nobody
    rows = [row for row in rows if not all(map(blank, row[1][first:]))]
    filled = [
        place for place in range(first) if not all(blank(cells[place]) for _, cells in rows if place < len(cells))
    ]
    for place in filled:
        found = _lead_at(place, rows, first)
        if found is not None and place != group:
            return found
    return None


def _lead_at(place: int, rows: Iterable[NumberedRow], first: int) -> Lead | None:
    letters: str | None = None
    numbers: list[int] = []
    ahead: set[int] = set()
    for row, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        found = _letters(cell)
        if not numbers:
            letters = found
        if found is None or found != letters:
            break
        numbers.append(_digits(cell))
        ahead.add(numbers[-1] - row)
    # one number alone does not count on, and "Loket 1" once is a name
    if letters is None or len(numbers) < _RUNNING or any(after != before + 1 for before, after in pairwise(numbers)):
        return None
    return Lead(place, letters, first, ahead.pop() if len(ahead) == 1 else None)


def _digits(cell: Cell) -> int:
    return int(re.sub(r"\D", "", shown(cell))[:18])


def _letters(cell: Cell) -> str | None:
    """The letters before a number, "" for a bare one or a date; None for what is no number."""
    text = shown(cell).casefold()
    if found := _NUMBERED.fullmatch(text):
        return found[1]
    digits = sum(sign.isdecimal() for sign in text)
    dated = text[:1].isdecimal() and (digits >= _DATE_DIGITS or text[-1:].isdecimal())
    return "" if dated else None
