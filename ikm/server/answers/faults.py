"""What is wrong with cells of a file: gathered, so that an official mends them in one go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ikm.domain.errors import Refusal

FAULTS_SHOWN = 20
"""So many different faults are told: more of them are one mistake repeated."""

CELLS_COUNTED = 1_000
"""After so many faulty cells reading stops, unless bad rows are to be left out."""

_OFTEN = 10
"""One answer in so many above the scale is the scale's fault, not a slip."""

_ROWS_TOLD = 5
_HEADING = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column that hold no rating for the same reason: the column's heading and letter, what is wrong.

    `row` is the first of them as the file shows it, `rows` the first few and `further` whether there are others,
    `count` the number of such cells. `columns` is more than 1 where one cause spoils several columns, of which the
    first is named. `above_scale`: the cell holds a 5, as a scale of five does.
    """

    row: int
    heading: str
    column: str
    what: str
    rows: tuple[int, ...] = ()
    further: bool = False
    count: int = 1
    columns: int = 1
    above_scale: bool = False

    def __str__(self) -> str:
        where = f'kolom "{shortened(self.heading)}" ({self.column})'
        if self.count == 1:
            return f"baris {self.row}, {where}: {self.what}"
        others = f" dan {self.columns - 1} kolom lain" if self.columns > 1 else ""
        rows = ", ".join(map(str, self.rows))
        more = ", dan seterusnya" if self.further else ""
        return f"{where}{others}, {self.count} sel (baris {rows}{more}): {self.what}"


class BadCells(Refusal):
    """Cells that hold no rating, none of the file's answers taken: `faults`, at most `FAULTS_SHOWN`, in file order.

    `cells` is the number of faulty cells, `more` says that reading stopped there, or that there are further faults.
    """

    def __init__(self, where: str, faults: Sequence[Fault], *, cells: int, more: bool) -> None:
        self.faults = tuple(faults)
        self.cells = cells
        self.more = more
        rest = cells - faults[0].count
        others = f" Ada {'sekurangnya ' if more else ''}{rest} sel lain yang salah." if rest else ""
        super().__init__("cell_invalid", f"{where}, {faults[0]}.{others}", row=faults[0].row, column=faults[0].column)


class Gathered:
    """The faults of a file as they are met; those of one column for one reason become one."""

    def __init__(self, questions: int) -> None:
        self.cells = 0
        self.overflowed = False
        self._questions = questions
        self._lines: dict[tuple[str, str], Fault] = {}

    @property
    def enough(self) -> bool:
        """Whether nothing is gained by reading on."""
        return self.overflowed or self.cells >= CELLS_COUNTED

    def add(self, faults: Iterable[Fault]) -> None:
        """Counts faults in."""
        for fault in faults:
            self.cells += 1
            key = (fault.column, fault.what)
            met = self._lines.get(key)
            if met is not None:
                full = len(met.rows) == _ROWS_TOLD
                rows = met.rows if full else (*met.rows, fault.row)
                self._lines[key] = replace(met, rows=rows, further=full, count=met.count + 1)
            elif len(self._lines) < FAULTS_SHOWN:
                self._lines[key] = replace(fault, rows=(fault.row,))
            else:
                self.overflowed = True

    def told(self, rows: int) -> tuple[Fault, ...]:
        """The faults to show of so many rows read, in file order, at most `FAULTS_SHOWN`."""
        above = [fault for fault in self._lines.values() if fault.above_scale]
        columns = len({fault.column for fault in above})
        often = _OFTEN * sum(fault.count for fault in above) >= rows * self._questions
        if columns < 2 or 2 * columns < self._questions or not often:
            return tuple(self._lines.values())
        told = _scale_of_five(above, columns)
        first = above[0]
        return tuple(
            told if fault is first else fault
            for fault in self._lines.values()
            if fault is first or not fault.above_scale
        )


def shortened(heading: str) -> str:
    """A heading as a sentence can carry it: a whole question is cut."""
    return heading if len(heading) <= _HEADING else f"{heading[: _HEADING - 1].rstrip()}…"


def _scale_of_five(above: Sequence[Fault], columns: int) -> Fault:
    rows = sorted({row for fault in above for row in fault.rows})
    further = len(rows) > _ROWS_TOLD or any(fault.further for fault in above)
    what = (
        "bernilai di atas 4, sampai 5: berkas ini tampaknya berskala 1-5, bukan 1-4. Indeks tidak dapat dihitung "
        "darinya; gunakan jawaban berskala 1-4"
    )
    count = sum(fault.count for fault in above)
    told = tuple(rows[:_ROWS_TOLD])
    leftmost = min(above, key=lambda fault: (len(fault.column), fault.column))
    return replace(leftmost, row=rows[0], what=what, rows=told, further=further, count=count, columns=columns)
