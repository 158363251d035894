from collections import Counter
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from ikm.domain.tally import Tally, merge_all, tally_of, tally_rows
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


# -- how answers of one citizen go together ---------------------------------------------------------------------------

rows = st.lists(st.tuples(*[st.sampled_from([None, 1, 2, 3, 4])] * 3), max_size=12)


def test_sums_and_products_are_over_complete_responses_alone():
    tally = tally_of([response(*[2] * 8, 4), response(*[3] * 9), response(4, 4)])
    assert (tally.sums["REQ"], tally.sums[CODES[-1]]) == (5, 7)
    assert tally.product("REQ", "REQ") == 13
    assert tally.product("REQ", CODES[-1]) == tally.product(CODES[-1], "REQ") == 2 * 4 + 3 * 3
    assert len(tally.products) == 45


def test_a_partial_response_leaves_no_sums():
    assert not Tally.of(response(4, 4)).sums
    assert not Tally.of(response(4, 4)).products


@given(st.lists(responses, max_size=12))
def test_products_are_those_of_the_raw_answers(given_responses):
    tally = tally_of(given_responses)
    whole = [response.answers for response in given_responses if len(response.answers) == 9]
    for a, b in combinations_with_replacement(CODES, 2):
        assert tally.product(a, b) == sum(answers[a] * answers[b] for answers in whole)
    for code in CODES:
        assert tally.sums.get(code, 0) == sum(answers[code] for answers in whole)
        raw = [response.answers[code] for response in given_responses if code in response.answers]
        assert tally.squares(code) == sum(rating * rating for rating in raw)


@given(st.lists(tallies, max_size=6))
def test_merging_all_at_once_is_merging_one_by_one(parts):
    one_by_one = Tally()
    for part in parts:
        one_by_one = one_by_one.merge(part)
    assert merge_all(parts) == one_by_one


def of_row(row) -> Tally:
    """One row's tally, spelled out for questions C, A and B."""
    given_ratings = {code: rating for code, rating in zip("CAB", row, strict=True) if rating}
    whole = given_ratings if len(given_ratings) == 3 else {}
    return Tally(
        responses=1,
        complete=int(bool(whole)),
        counts={code: tuple(int(rating == each) for each in (1, 2, 3, 4)) for code, rating in given_ratings.items()},
        sums=whole,
        products={(a, b): whole[a] * whole[b] for a, b in ("AA", "AB", "AC", "BB", "BC", "CC")} if whole else {},
    )


@given(rows)
def test_rows_of_a_file_give_the_tally_of_their_responses(given_rows):
    assert tally_rows("CAB", Counter(given_rows)) == merge_all(of_row(row) for row in given_rows if any(row))


@given(tallies)
def test_other_names_for_the_questions_change_nothing_else(tally):
    names = {code: f"X/{9 - place}" for place, code in enumerate(CODES)}
    back = {new: old for old, new in names.items()}
    renamed = tally.renamed(names)
    assert renamed.renamed(back) == tally
    assert renamed.product(names["REQ"], names["PROC"]) == tally.product("REQ", "PROC")


@pytest.mark.parametrize(
    "facts",
    [
        {"responses": 1, "complete": 1, "sums": {"REQ": -1}},
        {"responses": 1, "complete": 1, "products": {("PROC", "REQ"): -1}},
    ],
)
def test_sums_and_products_below_nothing_are_refused(facts):
    with pytest.raises(Refusal) as refusal:
        Tally(**facts)
    assert refusal.value.code == "tally_negative"
