"""What is wrong with cells of a file: gathered, so that an official mends them in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from ikm.domain.errors import Refusal

FAULTS_SHOWN = 20
"""So many faults are gathered before reading stops: more of them are one mistake repeated."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that holds no rating: the row as the file shows it, the column's heading and letter, what is wrong."""

    row: int
    heading: str
    column: str
    what: str

    def __str__(self) -> str:
        return f'baris {self.row}, kolom "{self.heading}" ({self.column}): {self.what}'


class BadCells(Refusal):
    """Cells that hold no rating, none of the file's answers taken: `faults`, at most `FAULTS_SHOWN`, in file order.

    `more` says that reading stopped there.
    """

    def __init__(self, where: str, faults: Sequence[Fault], *, more: bool) -> None:
        self.faults = tuple(faults)
        self.more = more
        rest = len(faults) - 1
        others = f" Ada {'sekurangnya ' if more else ''}{rest} sel lain yang salah." if rest else ""
        super().__init__("cell_invalid", f"{where}, {faults[0]}.{others}", row=faults[0].row, column=faults[0].column)
