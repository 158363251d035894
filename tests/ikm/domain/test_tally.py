import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from ikm.domain.tally import Tally, tally_of
from tests.support.samples import CODES, response

responses = st.lists(st.integers(1, 4), min_size=1, max_size=9).map(lambda ratings: response(*ratings))
tallies = st.lists(responses, max_size=8).map(tally_of)


def test_one_response_counts_once_in_each_question_it_answered():
    tally = Tally.of(response(4, 1))
    assert (tally.responses, tally.complete) == (1, 0)
    assert dict(tally.counts) == {"REQ": (0, 0, 0, 1), "PROC": (1, 0, 0, 0)}
    assert Tally.of(response(*[2] * 9)).complete == 1


def test_totals_are_points_and_answers_are_people():
    tally = tally_of([response(4, 2), response(3)])
    assert (tally.answered("REQ"), tally.total("REQ")) == (2, 7)
    assert (tally.answered("PROC"), tally.total("PROC")) == (1, 2)
    assert (tally.answered("TIME"), tally.total("TIME")) == (0, 0)


@given(tallies, tallies, tallies)
def test_tallies_are_a_commutative_monoid(a, b, c):
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(Tally()) == a


@given(tallies, tallies)
def test_subtracting_what_was_merged_gives_the_rest(a, b):
    assert a.merge(b).subtract(b) == a


@given(st.lists(responses, max_size=12), st.randoms(use_true_random=False), st.integers(0, 12))
def test_any_order_and_any_grouping_of_responses_gives_the_same_tally(given_responses, chance, cut):
    shuffled = list(given_responses)
    chance.shuffle(shuffled)
    assert tally_of(given_responses) == tally_of(shuffled[:cut]).merge(tally_of(shuffled[cut:]))


@given(st.lists(responses, max_size=12))
def test_counts_and_totals_are_those_of_the_raw_answers(given_responses):
    tally = tally_of(given_responses)
    for code in CODES:
        raw = [response.answers[code] for response in given_responses if code in response.answers]
        assert (tally.answered(code), tally.total(code)) == (len(raw), sum(raw))


@pytest.mark.parametrize(
    "facts",
    [
        {"responses": -1},
        {"responses": 1, "complete": 2},
        {"responses": 1, "counts": {"REQ": (0, -1, 0, 0)}},
    ],
)
def test_less_than_nothing_is_refused(facts):
    with pytest.raises(Refusal) as refusal:
        Tally(**facts)
    assert refusal.value.code == "tally_negative"


def test_subtracting_what_is_not_a_part_is_refused():
    with pytest.raises(Refusal):
        Tally.of(response(1)).subtract(Tally.of(response(2)))


def test_a_tally_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        Tally.of(response(1)).counts["REQ"] = (9, 9, 9, 9)
