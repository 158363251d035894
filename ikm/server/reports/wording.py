"""Figures and dates as Indonesian readers write them; the only place where an exact figure becomes text."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from ikm.domain.period import MONTHS
from ikm.domain.score import round_half_up


def number(value: Fraction | Decimal, places: int) -> str:
    """A figure with that many decimals, rounded half-up: '78,74', '1.234,5'. Raises ValueError when negative."""
    return _swapped(f"{round_half_up(Fraction(value), places):,f}")


def count(value: int) -> str:
    """A whole number with dots between thousands: '12.345'."""
    return _swapped(f"{value:,}")


def fraction(value: Fraction) -> str:
    """The exact figure: '11575/147', or a whole number."""
    return count(value.numerator) if value.denominator == 1 else f"{count(value.numerator)}/{count(value.denominator)}"


def day(value: date) -> str:
    """A date in words: '24 November 2026'."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))
