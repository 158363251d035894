from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from ikm.server.reports import wording


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(11575, 147), 2, "78,74"),
        (Fraction(88305, 1000), 2, "88,31"),
        (Decimal("100.00"), 2, "100,00"),
        (Fraction(3), 3, "3,000"),
        (Fraction(12345678, 10), 1, "1.234.567,8"),
        (Fraction(1, 3), 0, "0"),
    ],
)
def test_decimals_have_a_comma_and_thousands_a_dot(value, places, text):
    assert wording.number(value, places) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (999, "999"), (1000, "1.000"), (1234567, "1.234.567")])
def test_counts_have_dots_between_thousands(value, text):
    assert wording.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(11575, 147), "11.575/147"), (Fraction(75), "75"), (Fraction(1, 9), "1/9")]
)
def test_exact_figures_are_fractions(value, text):
    assert wording.fraction(value) == text


def test_dates_are_in_words():
    assert wording.day(date(2026, 8, 7)) == "7 Agustus 2026"
