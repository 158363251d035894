from dataclasses import replace

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.response import Status, check
from tests.support.samples import response, skm


def test_a_whole_and_a_partial_response_pass():
    check(response(*[4] * 9, profile={"gender": "P", "education": "S1", "occupation": "PNS"}), skm())
    check(response(1, 2), skm())


@pytest.mark.parametrize("rating", [0, 5, -1, True, 2**63, "4", 4.0, None])
def test_only_the_integers_one_to_four_are_ratings(rating):
    wrong = replace(response(3), answers={"REQ": rating})
    with pytest.raises(Refusal) as refusal:
        check(wrong, skm())
    assert refusal.value.code == "rating_out_of_range"
    assert refusal.value.detail == "REQ"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"questionnaire": "skm-14-2017-v3"}, "questionnaire_unknown"),
        ({"answers": {}}, "answers_empty"),
        ({"answers": {"U8": 3}}, "question_unknown"),
        ({"status": Status.COMPLETE}, "status_contradicts_answers"),
        ({"profile": {"name": "Siti"}}, "profile_unknown"),
        ({"profile": {"gender": "X"}}, "profile_unknown"),
    ],
)
def test_what_its_questionnaire_could_not_have_produced_is_refused(change, code):
    with pytest.raises(Refusal) as refusal:
        check(replace(response(3, 3), **change), skm())
    assert refusal.value.code == code


def test_all_nine_answers_are_not_partial():
    with pytest.raises(Refusal) as refusal:
        check(replace(response(*[3] * 9), status=Status.PARTIAL), skm())
    assert refusal.value.code == "status_contradicts_answers"


def test_a_refusal_never_repeats_what_the_citizen_chose():
    with pytest.raises(Refusal) as refusal:
        check(replace(response(3), profile={"gender": "rahasia"}), skm())
    assert "rahasia" not in str(refusal.value)
