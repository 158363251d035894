"""Pages of a workbook as cells in memory, and addresses and formulas as text; the writing itself is in `writing`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

Value = int | float | str | Decimal | Fraction | None
"""What a cell shows; None where a formula gives an empty text."""

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `formula` None for a text or number as such, `style` one of `LOOKS`, `width` in columns when merged."""

    value: Value
    formula: str | None
    style: str
    width: int = 1


class Page:
    """A sheet being composed. Rows and columns count from 0; a cell written twice is what was written last."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heights: dict[int, float] = {}
        self.widths: dict[int, float] = {}
        self.breaks: list[int] = []
        self._cells: dict[tuple[int, int], Cell] = {}

    def put(self, row: int, column: int, value: Value, style: str = "text", *, width: int = 1) -> str:
        """The address of a cell with that text or number in it."""
        self._cells[row, column] = Cell(value, None, style, width)
        return at(row, column)

    def compute(self, row: int, column: int, formula: str, value: Value, style: str, *, width: int = 1) -> str:
        """The address of a cell with a formula, beside which what it comes to is kept."""
        self._cells[row, column] = Cell(value, formula, style, width)
        return at(row, column)

    def rows(self) -> Iterator[tuple[int, list[tuple[int, Cell]]]]:
        """The cells row by row from the top, each row from the left."""
        found: dict[int, list[tuple[int, Cell]]] = {}
        for (row, column), cell in sorted(self._cells.items()):
            found.setdefault(row, []).append((column, cell))
        yield from found.items()


def take(thing: Known | None, figure: Callable[[Known], Value]) -> Value:
    """A figure of something, or None where there is nothing to take it from."""
    return None if thing is None else figure(thing)


def letters(column: int) -> str:
    """A column's name: A for 0."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def at(row: int, column: int) -> str:
    """The absolute address of a cell."""
    return f"${letters(column)}${row + 1}"


def down(column: int, first: int, last: int) -> str:
    """The absolute address of part of a column."""
    return f"{at(first, column)}:{at(last, column)}"


def rounded(numerator: str, denominator: str, factor: str) -> str:
    """A formula for factor times a fraction, rounded half-up to two decimals; empty where there is no fraction.

    In whole numbers, so that no binary float pulls a tie down. A denominator of 1 marks a fraction whose parts would
    grow too long for that: its numerator is the quotient already, and ROUND has to do.
    """
    whole = f"INT((200*{factor}*{numerator}+{denominator})/(2*{denominator}))/100"
    quotient = f"INT(ROUND({factor}*{numerator}/{denominator},2)*100+0.5)/100"
    return f'IF({denominator}="","",IF({denominator}>1,{whole},{quotient}))'


LONGEST = 10**10
"""Common denominators from here on are given up: twelve digits are left of a number's fifteen for the rest."""


def denominator(counts: str, times: str | int) -> str:
    """A formula for a common multiple of the counts, times something; 1 when too long, empty when a count is 0."""
    multiple = f"LCM({counts})"
    return f'IF(MIN({counts})=0,"",IF(IFERROR({multiple},1E+300)*{times}<{LONGEST},{multiple}*{times},1))'
