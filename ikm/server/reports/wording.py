"""Figures and dates as Indonesian readers write them; the only place where an exact figure becomes text."""

from decimal import Decimal
from fractions import Fraction

from ikm.domain.filled import Filled
from ikm.domain.period import in_words, month_in_words
from ikm.domain.regulation import GradeBand, Regulation
from ikm.domain.rollup import Standing
from ikm.domain.sampling import Sample
from ikm.domain.score import round_half_up

GRADES_FROM = 10
"""From so many answers on a grade says more about the answers than about who happened to come: an element's letter, its
place as the lowest or highest, and the probabilities of grades are not told of fewer."""


def number(value: Fraction | Decimal | float, places: int) -> str:
    """A figure with that many decimals, rounded half-up: '78,74', '1.234,5'. Raises ValueError when negative."""
    return _swapped(f"{round_half_up(Fraction(value), places):,f}")


def rounded(value: Fraction | Decimal | float, places: int) -> float:
    """The figure that `number` writes, as a number; halves go away from zero."""
    exact = Fraction(value)
    text = round_half_up(abs(exact), places)
    return float(text) if exact >= 0 else -float(text)


def count(value: int) -> str:
    """A whole number with dots between thousands: '12.345'."""
    return _swapped(f"{value:,}")


def undated(responses: int) -> Filled:
    """What has to be said of responses whose date only has bounds."""
    return Filled(
        "%(n)s jawaban tidak pasti tanggalnya karena jam kios belum cocok; "
        "dihitung pada tanggal paling awal yang mungkin.", n=count(responses),
    )  # fmt: skip


def fraction(value: Fraction) -> str:
    """The exact figure: '11575/147', or a whole number."""
    return count(value.numerator) if value.denominator == 1 else f"{count(value.numerator)}/{count(value.denominator)}"


def index_name(rule: Regulation) -> str:
    """What the index of a rule is called: 'IKM', or 'IPAK' and 'IPKP' for the second instruments."""
    return rule.code.upper() if rule.index_factor == 1 else "IKM"


def verdict(band: GradeBand) -> str:
    """A grade in words: 'mutu B (Baik)', or 'memenuhi ambang' where a rule has a threshold and no letters."""
    return f"mutu {band.grade} ({band.label})" if len(band.grade) == 1 else band.label.lower()


def adequacy(sample: Sample) -> str | None:
    """Whether a sample suffices, in a sentence's middle: '49 dari target 132 responden'; None without a target."""
    if sample.target is None:
        return None
    if sample.answers == sample.respondents:
        return f"{count(sample.respondents)} dari target {count(sample.target)} responden"
    return f"unsur yang paling jarang dijawab punya {count(sample.answers)} dari target {count(sample.target)} jawaban"


def place(standing: Standing | None) -> str:
    """A place among others: '3', a range '1–3' where it cannot be told more closely, '–' where there is none."""
    if standing is None:
        return "–"
    return str(standing.rank) if standing.rank == standing.last else f"{standing.rank}–{standing.last}"


def chance(value: float) -> str:
    """A probability (0-1) in whole per cent, without claiming more than is known near the ends: '95 %', '< 1 %'."""
    if value < 0.005:
        return "< 1 %"
    if value >= 0.995:
        return "> 99 %"
    return f"{100 * value:.0f} %"


day, month = in_words, month_in_words


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))
