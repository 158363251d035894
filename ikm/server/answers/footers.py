"""Which rows below the answers are no respondents: the sums, means and index that official working sheets end with."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from ikm.server.answers.headings import words

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


def sums_or_means(values: Sequence[Decimal | None], sums: Sequence[int], counts: Sequence[int]) -> bool:
    """Whether a row's numbers are the columns' sums, or their means as rounded in the row."""
    given = [Fraction(value) for value in values if value is not None]
    if len(given) < len(values):
        return False
    if given == [Fraction(total) for total in sums]:
        return True
    if not all(counts):
        return False
    means = [Fraction(total, count) for total, count in zip(sums, counts, strict=True)]
    # a row is rounded, or cut, to as many decimals as its longest figure shows: 3.1 beside 3.31 stands for 3.10
    width = Fraction(1, 10 ** max(_places(value) for value in values if value is not None))
    return all(value == mean or abs(value - mean) < width < 1 for value, mean in zip(given, means, strict=True))


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
