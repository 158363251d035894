from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import round_half_up, score
from ikm.domain.tally import Tally, tally_of
from tests.support.samples import CODES, response, skm

ANNEX = [element.code for element in RULE.elements]


def points(respondents: int, total: int) -> Tally:
    """That many whole responses whose ratings sum to that many points."""
    spread, extra = divmod(total, respondents * len(CODES))
    ratings = [spread + 1] * extra + [spread] * (respondents * len(CODES) - extra)
    rows = [ratings[start : start + len(CODES)] for start in range(0, len(ratings), len(CODES))]
    return tally_of(response(*row) for row in rows)


def scored(tally: Tally):
    return score(tally, skm().elements(), RULE)


@pytest.mark.parametrize(
    ("respondents", "total", "index", "grade"),
    [
        (19, 524, "76.61", "B"),
        (19, 604, "88.30", "B"),
        (58, 1357, "64.99", "D"),
        (10, 360, "100.00", "A"),
        (10, 90, "25.00", "D"),
    ],
)
def test_known_sums_give_the_known_index(respondents, total, index, grade):
    result = scored(points(respondents, total))
    assert (str(result.index), result.band.grade) == (index, grade)


def test_a_published_matrix_gives_its_index():
    # 49 respondents, Sekadau regency, first semester 2019, published at sekadaukab.go.id; U1-U9 in the annex's order
    _, *lines = asset("samples/sekadau-2019-s1.csv").read_text().split()
    rows = [dict(zip(ANNEX, map(int, line.split(",")[1:]), strict=True)) for line in lines]
    result = scored(tally_of(response(*[row[code] for code in CODES]) for row in rows))
    assert (result.responses, str(result.index), result.band.grade) == (49, "78.74", "B")


def test_nobody_gives_no_score_and_no_grade():
    result = scored(Tally())
    assert (result.index_exact, result.index, result.band) == (None, None, None)
    assert all(element.mean is None for element in result.elements)


def test_an_element_nobody_answered_leaves_no_index_but_the_other_means():
    result = scored(tally_of([response(4, 3)]))
    assert result.index is None
    assert {element.element.code: element.mean for element in result.elements if element.mean} == {"REQ": 4, "PROC": 3}


def test_who_left_early_counts_where_they_answered_and_nowhere_else():
    result = scored(tally_of([response(*[2] * 9), response(4)]))
    by_code = {element.element.code: element for element in result.elements}
    assert (by_code["REQ"].answers, by_code["REQ"].mean) == (2, 3)
    assert (by_code["PROC"].answers, by_code["PROC"].mean) == (1, 2)
    assert result.index_exact == 25 * Fraction(2 * 8 + 3, 9)


def test_two_questions_on_one_element_weigh_as_one():
    questions = (*skm().questions, replace(skm().questions[0], code="REQ-2"))
    tally = tally_of([response(*[4] * 9)]).merge(Tally(1, 0, {"REQ-2": (1, 0, 0, 0)}))
    result = score(tally, replace(skm(), questions=questions).elements(), RULE)
    assert {element.weight for element in result.elements} == {Fraction(1, 9)}
    assert result.index_exact == 25 * (Fraction(5, 2) + 8 * 4) / 9


def test_elements_come_in_the_order_of_the_annex_whatever_order_was_asked():
    assert [element.element.code for element in scored(Tally()).elements] == ANNEX


def test_the_grade_is_that_of_the_rounded_figure_not_of_the_exact_one():
    # 88.305 lies in the gap of the printed table: half-up makes it 88.31, an A
    result = scored(Tally(5000, 5000, dict.fromkeys(CODES, (0, 0, 2339, 2661))))
    assert (result.index_exact, str(result.index), result.band.grade) == (Fraction("88.305"), "88.31", "A")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(88305, 1000), "88.31"),
        (Fraction(88304999, 1000000), "88.30"),
        (Fraction(1, 200), "0.01"),
        (Fraction(0), "0.00"),
        (Fraction(7661, 100), "76.61"),
    ],
)
def test_halves_go_up(value, rounded):
    assert str(round_half_up(value, 2)) == rounded


@given(st.fractions(min_value=0, max_value=100, max_denominator=10**6), st.integers(0, 4))
def test_rounding_agrees_with_decimal_at_fifty_digits(value, places):
    with localcontext() as context:
        context.prec = 50
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        # a tie whose decimal expansion ends is exact at fifty digits, and any other value is not a tie
        assert round_half_up(value, places) == exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def test_negative_values_do_not_round():
    with pytest.raises(ValueError, match="negative"):
        round_half_up(Fraction(-1, 2), 2)


@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=30))
def test_the_index_equals_an_independent_decimal_computation_on_the_raw_answers(rows):
    result = scored(tally_of(response(*row) for row in rows))
    total = sum(sum(row) for row in rows)
    with localcontext() as context:
        context.prec = 50
        exact = Decimal(25 * total) / Decimal(9 * len(rows))
        assert result.index == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(25) <= result.index <= Decimal(100)
    assert result.band == RULE.grade(result.index)
