from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import score
from ikm.domain.tally import Tally, tally_of
from ikm.server.reports.pooling import pool
from tests.support.samples import response, skm

RATINGS = st.lists(st.integers(1, 4), min_size=1, max_size=9)


def reworded() -> Questionnaire:
    """A second version that asks the same elements under other question codes, the last first."""
    return replace(
        skm(), code="skm-v2", questions=tuple(replace(q, code=f"Q-{q.code}") for q in reversed(skm().questions))
    )


def recoded(tally: Tally) -> Tally:
    return tally.renamed({question.code: f"Q-{question.code}" for question in skm().questions})


def doubled(code: str, extra: str) -> Questionnaire:
    """A version that asks about requirements twice."""
    return replace(skm(), code=code, questions=(*skm().questions, replace(skm().questions[0], code=extra)))


def test_nobody_is_no_result_and_nothing_incomparable():
    result = pool([(skm(), Tally()), (reworded(), Tally())])
    assert (result.responses, result.score, result.incomparable, result.questionnaires) == (0, None, False, ())


@given(st.lists(st.tuples(RATINGS, st.booleans()), min_size=1, max_size=20))
def test_a_reworded_version_counts_as_if_all_had_answered_one(answers):
    old = tally_of(response(*ratings) for ratings, new in answers if not new)
    new = tally_of(response(*ratings) for ratings, new in answers if new)
    together = pool([(skm(), old), (reworded(), recoded(new))])
    alone = score(tally_of(response(*ratings) for ratings, _ in answers), skm().elements(), RULE)
    assert together.score == alone


def test_different_elements_are_never_added_up():
    shorter = replace(skm(), code="short", questions=skm().questions[:5])
    result = pool([(skm(), tally_of([response(*[4] * 9)])), (shorter, tally_of([response(1, 1, 1, 1, 1)]))])
    assert result.score is None
    assert result.incomparable
    assert (result.responses, [version.code for version in result.questionnaires]) == (2, ["skm-14-2017-v2", "short"])


def test_a_version_nobody_answered_spoils_nothing():
    shorter = replace(skm(), code="short", questions=skm().questions[:5])
    result = pool([(skm(), tally_of([response(*[4] * 9)])), (shorter, Tally())])
    assert str(result.score.index) == "100.00"


def test_an_element_shared_by_the_same_questions_is_averaged_inside_first():
    tally = tally_of([response(*[4] * 9)])
    first = tally.merge(Tally(0, 0, {"MORE": (1, 0, 0, 0)}))
    result = pool([(doubled("v3", "MORE"), first), (doubled("v4", "MORE"), first)])
    assert result.score.index_exact == 25 * (Fraction(5, 2) + 8 * 4) / 9


@pytest.mark.parametrize("other", [skm(), doubled("v5", "OTHER")])
def test_an_element_shared_by_other_questions_is_not_the_same_measure(other):
    tally = tally_of([response(*[4] * 9)])
    assert pool([(doubled("v3", "MORE"), tally), (other, tally)]).incomparable


def test_an_element_without_answers_is_named_and_leaves_no_index():
    result = pool([(skm(), tally_of([response(4, 3)]))])
    assert result.scored is None
    assert [element.annex_number for element in result.unanswered] == [3, 4, 5, 6, 7, 8, 9]
    assert (result.complete, result.partial) == (0, 1)
