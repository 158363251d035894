"""A table of cells as a file shows it, whatever the file: what readers of CSV and of workbooks both give."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class OddKind(StrEnum):
    """What a spreadsheet's cell can hold besides a number or a text."""

    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"
    UNCOMPUTED = "uncomputed"


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that is neither number nor text: its kind, and what the spreadsheet shows there."""

    kind: OddKind
    shown: str


Cell = str | Odd
"""A cell: the text of a CSV cell or of a spreadsheet's text or number; "" where nothing stands."""

NumberedRow = tuple[int, list[Cell]]
"""A row with its number as the file shows it, from 1: the line of a CSV file, the row of a sheet."""


class Table(Protocol):
    """Rows that can be read as often as wanted, never held together in memory."""

    @property
    def sheet(self) -> str | None:
        """The sheet's name; None for a file that has no sheets."""

    @property
    def separated(self) -> bool:
        """Whether cells are parted by a sign, so that a sign too many in a row shifts the cells after it."""

    def rows(self) -> Iterator[NumberedRow]:
        """Rows from the top; wholly empty ones may be left out, the numbers say so."""


def shown(cell: Cell) -> str:
    """A cell's text on one line: no white space around it and single spaces within."""
    return " ".join((cell if isinstance(cell, str) else cell.shown).split())


def letter(place: int) -> str:
    """The name of a column as spreadsheets show it, for its place from 0: A, B, ..., Z, AA."""
    name = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
