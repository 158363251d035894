"""What the first rows below the headings hold, to tell a column of ratings from one of texts or dates."""

from collections.abc import Sequence
from dataclasses import dataclass

from ikm.server.answers.cells import blank, is_rating
from ikm.server.answers.labels import NO_LABELS, Labels
from ikm.server.answers.table import Cell, NumberedRow

SAMPLED = 200
"""So many rows below the headings are looked at before columns are chosen."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows below the headings."""

    rows: Sequence[NumberedRow]

    def column(self, place: int) -> list[Cell]:
        """The cells of a column that hold something."""
        cells = [cells[place] for _, cells in self.rows if place < len(cells)]
        return [cell for cell in cells if not blank(cell)]

    def ratings(self, place: int, labels: Labels = NO_LABELS) -> int:
        """How many cells of a column hold a rating."""
        return sum(is_rating(cell, labels) for cell in self.column(place))

    def mostly_ratings(self, place: int) -> bool:
        """Whether a column holds several numbers from 1 to 4 and little else."""
        filled = self.column(place)
        return sum(map(is_rating, filled)) >= max(2, len(filled) // 2 + 1)
