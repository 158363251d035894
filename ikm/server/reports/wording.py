"""Figures and dates as Indonesian readers write them; the only place where an exact figure becomes text."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from ikm.domain.period import MONTHS
from ikm.domain.score import round_half_up


def number(value: Fraction | Decimal | float, places: int) -> str:
    """A figure with that many decimals, rounded half-up: '78,74', '1.234,5'. Raises ValueError when negative."""
    return _swapped(f"{round_half_up(Fraction(value), places):,f}")


def count(value: int) -> str:
    """A whole number with dots between thousands: '12.345'."""
    return _swapped(f"{value:,}")


def fraction(value: Fraction) -> str:
    """The exact figure: '11575/147', or a whole number."""
    return count(value.numerator) if value.denominator == 1 else f"{count(value.numerator)}/{count(value.denominator)}"


def chance(value: float) -> str:
    """A probability (0-1) in whole per cent, without claiming more than is known near the ends: '95 %', '< 1 %'."""
    if 0 < value < 0.005:
        return "< 1 %"
    if 0.995 <= value < 1:
        return "> 99 %"
    return f"{100 * value:.0f} %"


def day(value: date) -> str:
    """A date in words: '24 November 2026'."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))
