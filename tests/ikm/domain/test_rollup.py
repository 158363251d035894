from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.regulation import Element, Factor, extended
from ikm.domain.regulations import KEP_25_2004
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.rollup import shortfalls, standings, unit_mean
from ikm.domain.score import score
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import parse_weights


def scored(rows, rule=RULE, weights="exact"):
    tally = tally_rows(rule.codes, rows) if rows else Tally()
    return score(tally, {code: (code,) for code in rule.codes}, rule, parse_weights(weights, rule.codes))


def test_every_unit_weighs_the_same_whatever_its_respondents():
    mean = unit_mean([scored({(4,) * 9: 1}), scored({(2,) * 9: 1000})])
    assert (mean.units, mean.exact, str(mean.index), mean.band.grade) == (2, 75, "75.00", "C")


def test_a_unit_without_answers_is_left_out_and_not_counted_as_zero():
    mean = unit_mean([scored({(4,) * 9: 3}), scored({}), scored({(3,) * 9: 3})])
    assert (mean.units, str(mean.index)) == (2, "87.50")


def test_the_mean_is_rounded_once_from_exact_indices():
    # 50.00 and 63.89: their rounded figures would give 56.945 and so 56.95
    mean = unit_mean([scored({(2,) * 9: 1}), scored({(3, 3, 3, 3, 3, 2, 2, 2, 2): 1})])
    assert (mean.exact, str(mean.index)) == (Fraction(1025, 18), "56.94")


def test_no_units_and_units_under_different_rules_have_no_mean():
    assert unit_mean([]) is None
    assert unit_mean([scored({})]) is None
    assert unit_mean([scored({(4,) * 9: 1}), scored({(4,) * 14: 1}, KEP_25_2004)]) is None


def test_units_that_do_not_measure_the_same_have_no_mean():
    more = extended(RULE, [Element("SECU", 0, 0, "Keamanan", "Safety", Factor.FACILITIES)])
    assert unit_mean([scored({(4,) * 9: 1}), scored({(4,) * 10: 1}, more)]) is None
    assert unit_mean([scored({(4,) * 9: 1}), scored({(4,) * 9: 1}, weights="0.11")]) is None
    short = score(tally_rows(("REQ",), {(4,): 3}), {"REQ": ("REQ",)}, RULE)
    assert unit_mean([scored({(4,) * 9: 1}), short]) is None
    assert unit_mean([scored({(4,) * 10: 1}, more), scored({(2,) * 10: 1}, more)]).exact == 75


# -- ranking ---------------------------------------------------------------------------------------------------------


def places(*intervals):
    return [(standing.rank, standing.last) for standing in standings(intervals)]


def test_units_that_cannot_be_told_apart_share_a_rank():
    assert places((90, 95), (88, 93), (70, 80)) == [(1, 2), (1, 2), (3, 3)]


def test_overlap_does_not_carry_over_to_a_third():
    # the third is surely below the first, the second is not surely either
    assert places((90, 95), (85, 91), (80, 86)) == [(1, 2), (1, 3), (2, 3)]


def test_ends_that_touch_do_not_part_two_units():
    assert places((80, 90), (70, 80)) == [(1, 2), (1, 2)]


def test_order_of_input_does_not_matter():
    assert places((70, 80), (90, 95)) == [(2, 2), (1, 1)]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted).map(tuple), max_size=12))
def test_a_rank_never_contradicts_an_interval(intervals):
    found = standings(intervals)
    for (low, high), mine in zip(intervals, found, strict=True):
        assert 1 <= mine.rank <= mine.last <= len(intervals)
        for (other_low, other_high), theirs in zip(intervals, found, strict=True):
            if low > other_high:
                assert mine.rank < theirs.rank
                assert mine.last < theirs.last
            if (low, high) == (other_low, other_high):
                assert mine == theirs


# -- what pulls the index down ---------------------------------------------------------------------------------------


def test_points_lost_add_up_to_what_is_missing_from_a_full_index():
    result = scored({(4, 3, 2, 4, 3, 1, 4, 3, 2): 5, (4, 4, 3, 4, 3, 3, 4, 3, 2): 8})
    found = shortfalls(result)
    assert sum(group.points for group in found) == 100 - result.index_exact
    assert all(group.points == sum(line.points for line in group.elements) for group in found)
    assert [group.points for group in found] == sorted((group.points for group in found), reverse=True)


def test_elements_stand_under_their_factor_the_costliest_first():
    found = {group.factor: group for group in shortfalls(scored({(4, 3, 2, 4, 3, 1, 4, 3, 2): 1}))}
    assert [line.element.code for line in found[Factor.SYSTEMS].elements] == ["TIME", "PROC", "CMPL", "REQ", "COST"]
    assert [line.element.code for line in found[Factor.STAFF].elements] == ["COMP", "BEHV"]
    [facilities] = found[Factor.FACILITIES].elements
    assert (facilities.points, facilities.below) == (Fraction(50, 9), True)
    assert not found[Factor.STAFF].elements[1].below


@pytest.mark.parametrize("weights", ["0.11", "0.111"])
def test_under_a_printed_weight_the_full_index_is_that_of_its_scale(weights):
    result = scored({(4, 3, 2, 4, 3, 1, 4, 3, 2): 1}, weights=weights)
    assert sum(group.points for group in shortfalls(result)) == 900 * Fraction(weights) - result.index_exact


def test_no_index_has_no_shortfall():
    assert shortfalls(scored({})) == ()
