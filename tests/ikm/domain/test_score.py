from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.assets import asset
from ikm.domain.regulation import Element, Factor, extended
from ikm.domain.regulations import KEP_25_2004
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import round_half_up, score
from ikm.domain.tally import Tally, tally_of, tally_rows
from ikm.domain.weights import parse_weights
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


# -- weights, added elements, single elements ------------------------------------------------------------------------


def sekadau() -> Tally:
    _, *lines = asset("samples/sekadau-2019-s1.csv").read_text().split()
    return tally_rows(ANNEX, Counter(tuple(map(int, line.split(",")[1:])) for line in lines))


def weighed(weights: str, tally: Tally | None = None):
    return score(tally or sekadau(), skm().elements(), RULE, parse_weights(weights, RULE.codes))


@pytest.mark.parametrize(
    ("weights", "index", "grade"), [("exact", "78.74", "B"), ("0,11", "77.95", "B"), ("0.111", "78.66", "B")]
)
def test_a_convention_gives_its_own_index_and_keeps_the_exact_one(weights, index, grade):
    result = weighed(weights)
    assert (str(result.index), result.band.grade) == (index, grade)
    assert result.unweighted_exact == Fraction(11575, 147)
    assert result.weights.convention == weights.replace(",", ".")


def test_the_printed_weight_takes_a_letter_from_who_just_earned_it():
    # 88.31 to 89.19 by exactly 1/9 is an A that 0.11 turns into a B
    tally = tally_rows(ANNEX, {(4, 4, 4, 4, 4, 3, 3, 3, 3): 100, (4, 4, 4, 4, 4, 4, 3, 3, 3): 50})
    assert (str(weighed("exact", tally).index), weighed("exact", tally).band.grade) == ("89.81", "A")
    assert (str(weighed("0.11", tally).index), weighed("0.11", tally).band.grade) == ("88.92", "A")
    lower = tally_rows(ANNEX, {(4, 4, 4, 4, 4, 3, 3, 3, 3): 1})
    assert (str(weighed("exact", lower).index), weighed("exact", lower).band.grade) == ("88.89", "A")
    assert (str(weighed("0.11", lower).index), weighed("0.11", lower).band.grade) == ("88.00", "B")


@pytest.mark.parametrize(
    ("rule", "weights", "highest", "lowest"),
    [(RULE, "0.11", "99.00", "24.75"), (RULE, "0.111", "99.90", "24.98"), (KEP_25_2004, "0.071", "99.40", "24.85")],
)
def test_a_printed_weight_cannot_reach_the_ends_of_the_scale(rule, weights, highest, lowest):
    asked = {code: (code,) for code in rule.codes}
    for rating, index, grade in ((4, highest, "A"), (1, lowest, "D")):
        tally = tally_rows(rule.codes, {(rating,) * len(rule.codes): 3})
        result = score(tally, asked, rule, parse_weights(weights, rule.codes))
        assert (str(result.index), result.band.grade) == (index, grade)


def test_own_weights_move_the_index_and_leave_the_unweighted_one():
    tally = tally_rows(ANNEX, {(4, 2, 2, 2, 2, 2, 2, 2, 2): 5})
    heavy = "REQ=1/2 " + " ".join(f"{code}=1/16" for code in ANNEX[1:])
    assert weighed(heavy, tally).index_exact == 75
    assert weighed(heavy, tally).unweighted_exact == Fraction(500, 9)


def test_the_fourteen_elements_of_2004_have_their_own_letter():
    rule = KEP_25_2004
    tally = tally_rows(rule.codes, {(3,) * 14: 10, (4,) * 14: 2})
    result = score(tally, {code: (code,) for code in rule.codes}, rule)
    # 79.17 is a B in both tables, 3.25 of 4 (81.25) still a B in that of 2004 alone
    assert (str(result.index), result.band.grade) == ("79.17", "B")
    edge = score(tally_rows(rule.codes, {(3,) * 14: 3, (4,) * 14: 1}), {code: (code,) for code in rule.codes}, rule)
    assert (str(edge.index), edge.band.grade) == ("81.25", "B")


def test_added_elements_count_and_the_nine_stand_beside():
    rule = extended(RULE, [Element("SECU", 0, 0, "Keamanan", "Safety", Factor.FACILITIES)])
    asked = {code: (code,) for code in rule.codes}
    result = score(tally_rows(rule.codes, {(4,) * 9 + (1,): 7}), asked, rule)
    assert {element.weight for element in result.elements} == {Fraction(1, 10)}
    assert str(result.index) == "92.50"
    assert (str(result.base.index), len(result.base.elements), result.base.regulation) == ("100.00", 9, RULE)


def test_a_replaced_element_leaves_no_nine_element_index():
    rule = extended(RULE, replaced={"COST": Element("SITE", 0, 0, "Situs web", "Website", Factor.SYSTEMS)})
    result = score(tally_rows(rule.codes, {(3,) * 9: 7}), {code: (code,) for code in rule.codes}, rule)
    assert (str(result.index), result.base) == ("75.00", None)
    assert [element.element.code for element in result.elements][3] == "SITE"


def test_a_rule_without_additions_has_nothing_beside():
    assert weighed("exact").base is None


def test_each_element_has_its_own_index_and_letter():
    tally = tally_rows(ANNEX, {(4, 3, 2, 1, 3, 3, 3, 3, 3): 1})
    found = {
        element.element.code: (str(element.index), element.band.grade) for element in weighed("0.11", tally).elements
    }
    assert [found[code] for code in ("REQ", "PROC", "TIME", "COST")] == [
        ("100.00", "A"), ("75.00", "C"), ("50.00", "D"), ("25.00", "D"),
    ]  # fmt: skip
    assert weighed("exact", tally).elements[0].weighted == Fraction(4, 9)
    assert weighed("0.11", tally).elements[0].weighted == Fraction("0.44")


def test_questions_of_an_element_weigh_the_same_however_often_each_was_answered():
    tally = tally_rows(("REQ", "REQ-2", *ANNEX[1:]), {(4, None, *[4] * 8): 3, (4, 1, *[4] * 8): 1})
    result = score(tally, {**skm().elements(), "REQ": ("REQ", "REQ-2")}, RULE)
    assert (result.elements[0].answers, result.elements[0].mean) == (5, Fraction(5, 2))


def test_an_element_half_of_whose_questions_nobody_answered_has_no_mean():
    asked = {**skm().elements(), "REQ": ("REQ", "REQ-2")}
    result = score(tally_of([response(*[4] * 9)]), asked, RULE)
    assert result.elements[0].mean is None
    assert result.index is None
