from dataclasses import replace
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.change import Change, change
from ikm.domain.regulations import IPKP, PERMENPANRB_14_2017
from ikm.domain.score import Score, score
from ikm.domain.statistics import Certainty, certainty
from ikm.domain.tally import Tally, tally_of
from tests.support.samples import response

ASKED = {code: (code,) for code in PERMENPANRB_14_2017.codes}


def measured(*sheets: tuple[int, ...]) -> tuple[Score, Certainty | None]:
    tally = tally_of(response(*sheet) for sheet in sheets)
    found = score(tally, ASKED, PERMENPANRB_14_2017)
    return found, certainty(tally, found)


GOOD = measured(*[(4,) * 9] * 60, *[(3,) * 9] * 20)
BAD = measured(*[(2,) * 9] * 60, *[(3,) * 9] * 20)
NEARLY = measured(*[(4,) * 9] * 58, *[(3,) * 9] * 22)


def test_a_large_difference_has_a_direction_and_a_small_one_none():
    assert change(BAD[0], GOOD[0], BAD[1], GOOD[1]).direction == "up"
    assert change(GOOD[0], BAD[0], GOOD[1], BAD[1]).direction == "down"
    assert change(GOOD[0], NEARLY[0], GOOD[1], NEARLY[1]).direction == "same"


def test_seen_from_the_other_end_everything_has_the_other_sign():
    there, back = change(GOOD[0], BAD[0], GOOD[1], BAD[1]), change(BAD[0], GOOD[0], BAD[1], GOOD[1])
    assert isclose(there.points, -back.points)
    assert isclose(there.interval[0], -back.interval[1])
    assert isclose(there.interval[1], -back.interval[0])


@given(*[st.floats(0, 8)] * 4)
def test_the_interval_holds_the_difference_and_is_narrower_than_both_ends_put_together(a, b, c, d):
    old, new = GOOD[0], BAD[0]
    centre_old, centre_new = float(old.index_exact), float(new.index_exact)
    sure_old = replace(GOOD[1], interval=(centre_old - a, centre_old + b))
    sure_new = replace(BAD[1], interval=(centre_new - c, centre_new + d))
    low, high = change(old, new, sure_old, sure_new).interval
    points = centre_new - centre_old
    assert points - (b + c) - 1e-9 <= low <= points <= high <= points + (a + d) + 1e-9
    assert low <= points - max(b, c) + 1e-9


def test_without_an_interval_a_difference_has_no_direction():
    assert change(GOOD[0], BAD[0], None, BAD[1]) == Change(change(GOOD[0], BAD[0], *GOOD[1:], BAD[1]).points, None)
    assert change(GOOD[0], BAD[0], None, BAD[1]).direction is None


@pytest.mark.parametrize("other", ["none", "empty", "rule"])
def test_what_does_not_measure_the_same_is_not_compared(other):
    empty = score(Tally(), ASKED, PERMENPANRB_14_2017)
    foreign = replace(GOOD[0], regulation=IPKP)
    assert change({"none": None, "empty": empty, "rule": foreign}[other], GOOD[0], GOOD[1], GOOD[1]) is None
