"""Which rows below the answers are no respondents: the sums, means and index that official working sheets end with."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ikm.server.answers.headings import words

_TELLING = frozenset(
    {
        "jumlah", "jml", "total", "sum", "σ", "nrr", "rata", "rerata", "rataan", "mean", "average", "ikm", "skm",
        "mutu", "indeks", "index", "bobot", "tertimbang", "konversi", "kinerja", "kategori", "predikat",
    }
)  # fmt: skip
_BESIDE = frozenset(
    {
        "nilai", "unsur", "per", "pelayanan", "layanan", "unit", "hasil", "skor", "akhir", "x", "responden",
        "penimbang", "interval", "keseluruhan", "dan", "n", "ke", "kepuasan", "masyarakat", "survei", "survey",
        "setiap", "tiap", "masing", "semua", "angka", "upp", "data", "grand", "rata2", "u", "dari",
    }
)  # fmt: skip


def is_label(text: str) -> bool:
    """Whether a row's first text names a figure over all respondents: all its words belong to such names."""
    if "∑" in text:
        return True
    told = [word for word in words(text) if not word.isdecimal()]
    if not told or not all(word in _TELLING or word in _BESIDE for word in told):
        return False
    return told[0] == "nilai" or any(word in _TELLING for word in told)


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


def in_proportion(values: Sequence[Decimal | None], sums: Sequence[int], counts: Sequence[int]) -> bool:
    """Whether a row's numbers are the columns' means times one and the same factor, up to rounding: weighted means."""
    given = [value for value in values if value is not None]
    if len(given) < len(values) or not all(counts) or not all(sums):
        return False
    means = [Fraction(total, count) for total, count in zip(sums, counts, strict=True)]
    width = Fraction(1, 10 ** max(2, *map(_places, given)))
    # each rounded figure leaves the factor a range; one factor must be in all of them
    low = max((Fraction(value) - width) / mean for value, mean in zip(given, means, strict=True))
    high = min((Fraction(value) + width) / mean for value, mean in zip(given, means, strict=True))
    return 0 < low <= high


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
