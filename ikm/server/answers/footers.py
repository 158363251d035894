"""Which rows below the answers are no respondents: the sums, means and index that official working sheets end with."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from ikm.server.answers.cells import number
from ikm.server.answers.headings import words
from ikm.server.answers.table import Cell

_STRONG = frozenset(
    {
        "jumlah", "jml", "total", "sum", "σ", "nrr", "rata", "rata2", "rerata", "rataan", "mean", "average", "bobot",
        "tertimbang", "konversi", "maksimum", "minimum", "max", "min", "modus", "median", "simpangan", "stdev",
    }
)  # fmt: skip
"""Words for figures over all respondents, which no unit, service or citizen is called by."""

_WEAK = frozenset({"nilai", "ikm", "skm", "mutu", "indeks", "index", "kinerja", "kategori", "predikat"})
"""Words that name such a figure too, but may also be a unit's: IKM is a small industry as well."""

_BESIDE = frozenset(
    {
        "unsur", "per", "pelayanan", "layanan", "unit", "hasil", "skor", "akhir", "x", "responden", "penimbang",
        "interval", "keseluruhan", "dan", "n", "ke", "kepuasan", "masyarakat", "survei", "survey", "setiap", "tiap",
        "masing", "semua", "angka", "upp", "data", "grand", "u", "dari", "baku", "standar", "deviasi",
    }
)  # fmt: skip


class Label(Enum):
    """How surely a text is the label of a footer."""

    NONE = 0
    WEAK = 1
    STRONG = 2


def label_of(text: str) -> Label:
    """How surely a row's first text names a figure over all respondents: all its words must belong to such names."""
    if "∑" in text:
        return Label.STRONG
    told = {word for word in words(text) if not word.isdecimal()}
    if not told <= _STRONG | _WEAK | _BESIDE:
        return Label.NONE
    if told & _STRONG:
        return Label.STRONG
    return Label.WEAK if told & _WEAK else Label.NONE


@dataclass(slots=True)
class Figures:
    """Per question the sum and the number of the figures above a row; faulty ones too, for so a spreadsheet adds."""

    sums: list[Decimal]
    counts: list[int]

    @classmethod
    def of_nothing(cls, questions: int) -> "Figures":
        """The figures above the first row."""
        return cls([Decimal(0)] * questions, [0] * questions)

    def add(self, values: Sequence[Cell]) -> None:
        """Counts a row in."""
        for place, cell in enumerate(values):
            value = number(cell)
            if value is not None:
                self.sums[place] += value
                self.counts[place] += 1

    def are_in(self, values: Sequence[Cell]) -> bool:
        """Whether a row's numbers are the sums, or the means as far as the row writes them."""
        given = [value for cell in values if (value := number(cell)) is not None]
        if len(given) < len(values):
            return False
        if given == self.sums:
            return True
        if not all(self.counts):
            return False
        means = [Fraction(total) / count for total, count in zip(self.sums, self.counts, strict=True)]
        # a row is rounded, or cut, to as many decimals as its longest figure shows: 3.1 beside 3.31 stands for 3.10
        width = Fraction(1, 10 ** max(map(_places, given)))
        pairs = zip(map(Fraction, given), means, strict=True)
        return all(value == mean or abs(value - mean) < width < 1 for value, mean in pairs)


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
