"""Which rows below the answers are no respondents: the sums, means and index that official working sheets end with."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor

from ikm.domain.regulation import RATINGS
from ikm.server.answers.cells import number
from ikm.server.answers.headings import words
from ikm.server.answers.table import Cell

_REMEMBERED = 10_000

_STRONG = frozenset(
    {
        "jumlah", "jml", "total", "sum", "σ", "nrr", "rata", "rata2", "rerata", "rataan", "mean", "average", "bobot",
        "tertimbang", "konversi", "maksimum", "minimum", "max", "min", "modus", "median", "simpangan", "stdev",
        "tertinggi", "terendah", "terbesar", "terkecil", "maks", "maksimal", "minimal", "target", "peringkat",
        "ranking", "rangking", "rank", "prioritas", "pembulatan", "dibulatkan", "banyaknya", "varians", "variansi",
        "frekuensi", "persentase",
    }
)  # fmt: skip
"""Words for figures over all respondents, which no unit, service or citizen is called by."""

_WEAK = frozenset({"nilai", "ikm", "skm", "mutu", "indeks", "index", "kinerja", "kategori", "predikat", "skor"})
"""Words that name such a figure too, but may also be a unit's: IKM is a small industry as well."""

_BESIDE = frozenset(
    {
        "unsur", "per", "pelayanan", "layanan", "unit", "hasil", "akhir", "x", "responden", "penimbang",
        "interval", "keseluruhan", "dan", "n", "ke", "kepuasan", "masyarakat", "survei", "survey", "setiap", "tiap",
        "masing", "semua", "angka", "upp", "data", "grand", "u", "dari", "baku", "standar", "deviasi",
        "jawaban", "persepsi", "capaian", "perbaikan", "yang", "menjawab", "memilih", "orang", "harapan", "ideal",
    }
)  # fmt: skip


_COUNTS = frozenset({"jumlah", "jml", "frekuensi", "banyaknya", "persentase"})
_COUNTED = frozenset({"tidak", "kurang", "sangat", "baik"})
"""Words of answers: how many gave them is a figure, "Rata-rata baik" a comment."""
_NAMES = frozenset({"max", "min"})
_WISHED = frozenset({"harapan", "ideal"})


class Label(Enum):
    """How surely a text is the label of a footer."""

    NONE = 0
    WEAK = 1
    STRONG = 2


def label_of(text: str) -> Label:
    """How surely a row's first text names a figure over all respondents: all its words must belong to such names."""
    if text.startswith("*"):
        # a footnote to the figures
        return Label.NONE
    if "∑" in text:
        return Label.STRONG
    told = {word for word in words(text) if not word.isdecimal()}
    if told & _COUNTS:
        told -= _COUNTED
    if not told <= _STRONG | _WEAK | _BESIDE:
        return Label.NONE
    # "Nilai harapan" is a figure, where "Harapan" alone may be a village and "Min" a citizen
    if told & _STRONG - _NAMES or (told & _WEAK and told & _WISHED):
        return Label.STRONG
    if told & _NAMES:
        return Label.STRONG if len(told) > 1 else Label.WEAK
    return Label.WEAK if told & _WEAK else Label.NONE


class Figures:
    """The figures above a row, per question; faulty ones too, for so a spreadsheet adds."""

    def __init__(self, questions: int) -> None:
        self._sums = [Decimal(0)] * questions
        self._counts = [0] * questions
        self._ratings: list[Counter[Decimal]] = [Counter() for _ in range(questions)]
        self._known: dict[Cell, Decimal | None] = {}

    def add(self, values: Sequence[Cell]) -> None:
        """Counts a row in."""
        for place, cell in enumerate(values):
            value = self._known[cell] if cell in self._known else self._number(cell)
            if value is not None:
                self._sums[place] += value
                self._counts[place] += 1
                if value in RATINGS:
                    self._ratings[place][value] += 1

    def _number(self, cell: Cell) -> Decimal | None:
        value = number(cell)
        if len(self._known) < _REMEMBERED:
            self._known[cell] = value
        return value

    def are_in(self, values: Sequence[Cell]) -> bool:
        """Whether a row's numbers are the sums, or the means as far as the row writes them."""
        given = [value for cell in values if (value := number(cell)) is not None]
        if len(given) < len(values):
            return False
        if given == self._sums:
            return True
        if not all(self._counts):
            return False
        means = [Fraction(total) / count for total, count in zip(self._sums, self._counts, strict=True)]
        # a row is rounded, or cut, to as many decimals as its longest figure shows: 3.1 beside 3.31 stands for 3.10
        width = Fraction(1, 10 ** max(map(_places, given)))
        pairs = zip(map(Fraction, given), means, strict=True)
        return all(value == mean or abs(value - mean) < width < 1 for value, mean in pairs)

    def explain(self, values: Sequence[Cell]) -> bool:
        """Whether a row's numbers may be figures over those above.

        They are one for all, or the highest, lowest, middle, most frequent or rounded mean of each column.
        """
        given = [(place, value) for place, cell in enumerate(values) if (value := number(cell)) is not None]
        if len({value for _, value in given}) == 1:
            return True
        figures = [_figures_of(self._ratings[place]) for place, _ in given if self._ratings[place]]
        if not given or len(figures) < len(given):
            return False
        return any(
            all(value in figure for (_, value), figure in zip(given, kind, strict=True))
            for kind in zip(*figures, strict=True)
        )


def _figures_of(ratings: Counter[Decimal]) -> tuple[frozenset[Decimal], ...]:
    """A column's highest and lowest value, its most frequent ones, its middle ones, its mean rounded either way."""
    many, ordered = ratings.total(), sorted(ratings)
    mean = sum((Fraction(value) * count for value, count in ratings.items()), Fraction(0)) / many
    most = max(ratings.values())
    reached = list(accumulate(ratings[value] for value in ordered))
    middle = (ordered[bisect_left(reached, half)] for half in ((many + 1) // 2, many // 2 + 1))
    return (
        frozenset((ordered[-1],)),
        frozenset((ordered[0],)),
        frozenset(value for value, count in ratings.items() if count == most),
        frozenset(middle),
        frozenset((Decimal(floor(mean + Fraction(1, 2))),)),
        frozenset((Decimal(floor(mean)),)),
        frozenset((Decimal(ceil(mean)),)),
    )


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
