"""The column that numbers the respondents: where all of them have a number, a text is no respondent's."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ikm.server.answers.cells import blank
from ikm.server.answers.table import Cell, NumberedRow, shown

_DATE_DIGITS = 4
_NUMBERED = re.compile(r"([^\W\d_]*)[\W_]*\d[\d\W_]*([^\W\d_]?)")
_RUNNING = 2


class Oddity(Enum):
    """How a row differs from those that are numbered: a text for a number, or no number beside a text."""

    TEXT = "text"
    UNNUMBERED = "unnumbered"


@dataclass(frozen=True, slots=True)
class Lead:
    """The first filled column left of the answers: its place from 0, the letters before the numbers, lower case.

    `first` is the place of the first answer. `running`: the first rows count on by one, so it can be nothing but the
    respondents' number.
    """

    place: int
    letters: str
    first: int
    running: bool

    def fits(self, cell: Cell) -> bool:
        """Whether a cell holds a number, or a number behind the same letters."""
        size = len(self.letters)
        # nearly every cell; the rest is for signs, dates and spaces
        if isinstance(cell, str) and cell[size:].isdecimal() and cell[:size].casefold() == self.letters:
            return True
        return _letters(cell) == self.letters

    def oddity(self, texts: Sequence[str]) -> Oddity | None:
        """What is odd about a row, by its texts; None for one that is numbered, or has nothing left of the answers."""
        cell = texts[self.place] if self.place < len(texts) else ""
        if not blank(cell):
            return None if self.fits(cell) else Oddity.TEXT
        label = next((text for text in texts[: self.first] if not blank(text)), "")
        return Oddity.UNNUMBERED if label and _letters(label) is None else None


def lead_of(rows: Iterable[NumberedRow], first: int, group: int | None) -> Lead | None:
    """The column that numbers the respondents, by their rows; None where the first respondent has no number.

    `first` is the place of the first answer; the column to group by holds units, not respondents.
    """
    seen: list[str] = []
    place = -1
    letters: str | None = None
    for _, cells in rows:
        if place < 0:
            place = next((where for where, cell in enumerate(cells[:first]) if not blank(cell)), -1)
            letters = _letters(cells[place]) if place >= 0 else None
        if letters is None or place >= len(cells) or _letters(cells[place]) != letters:
            break
        seen.append(shown(cells[place]))
    if letters is None or place == group:
        return None
    numbers = [int(digits) for text in seen if (digits := re.sub(r"\D", "", text)[:18])]
    running = len(numbers) >= _RUNNING and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return Lead(place, letters, first, running)


def _letters(cell: Cell) -> str | None:
    """The letters before a number, "" for a bare one or a date; None for what is no number."""
    text = shown(cell).casefold()
    if found := _NUMBERED.fullmatch(text):
        return found[1]
    dated = text[:1].isdigit() and sum(sign.isdigit() for sign in text) >= _DATE_DIGITS
    return "" if dated else None
