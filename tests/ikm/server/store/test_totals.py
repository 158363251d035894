import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.response import Status
from ikm.domain.tally import tally_of
from ikm.server.store.totals import added, named, totals_of
from tests.support.samples import CODES, response

SHEETS = st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=20)


@given(SHEETS, st.integers(0, 20))
def test_totals_read_back_are_the_sums_and_products_of_the_responses(sheets, cut):
    codes = sorted(CODES)
    found = added(*(totals_of(list(zip(*part, strict=True))) for part in (sheets[:cut], sheets[cut:])))
    wanted = tally_of(
        response(answers=dict(zip(codes, sheet, strict=True)), status=Status.COMPLETE) for sheet in sheets
    )
    assert named(" ".join(codes), found) == (wanted.sums, wanted.products)


def test_totals_stand_in_the_order_that_is_told():
    assert totals_of([(1, 1), (2, 1), (3, 4)]) == [2, 3, 7, 2, 3, 7, 5, 10, 25]


def test_nothing_is_added_to_nothing():
    assert added([], []) == []
    assert added([], [1, 1]) == added([1, 1], []) == [1, 1]


@pytest.mark.parametrize("other", [[1, 1], [1] * 6])
def test_totals_of_other_questions_are_not_added(other):
    with pytest.raises(ValueError, match="different questions"):
        added([1, 1, 1, 1, 1], other)


@pytest.mark.parametrize("totals", [[], [1], [1, 1, 1, 1], [1, 1, 1, 1, 1, 1]])
def test_totals_that_are_not_as_many_as_their_questions_ask_for_are_no_totals(totals):
    with pytest.raises(ValueError, match="zip"):
        named("A B", totals)


def test_totals_below_zero_are_no_totals():
    with pytest.raises(ValueError, match="below zero"):
        named("A B", [1, 1, 1, -1, 1])
