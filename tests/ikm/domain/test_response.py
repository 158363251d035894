from dataclasses import replace

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import Status, check
from tests.support.samples import CODES, response, skm, version

SHORT = replace(response(2, 4), instrument=Instrument.ROTATING, asked=("REQ", "PROC", "FACI"))


def test_a_whole_and_a_partial_response_pass():
    check(response(*[4] * 9, profile={"gender": "P", "education": "S1", "occupation": "PNS"}), skm())
    check(response(1, 2), skm())


def test_short_forms_pass_whether_or_not_everything_asked_was_answered():
    check(SHORT, skm())
    check(replace(SHORT, asked=("REQ", "PROC"), reasons={"REQ": "standard"}), skm())
    check(replace(response(3), instrument=Instrument.ONE_TAP, asked=("REQ",)), skm())
    check(replace(response(*[3] * 9), instrument=Instrument.ROTATING, asked=CODES), skm())


@pytest.mark.parametrize(
    "change",
    [
        {"asked": ()},
        {"asked": ("REQ",)},
        {"asked": ("REQ", "REQ", "PROC")},
        {"instrument": Instrument.FULL},
        {"instrument": Instrument.ONE_TAP},
        {"instrument": Instrument.ONE_TAP, "asked": ()},
        {"instrument": Instrument.ONE_TAP, "asked": ("TIME",)},
    ],
)
def test_answers_to_other_questions_than_the_form_asked_are_refused(change):
    with pytest.raises(Refusal) as refusal:
        check(replace(SHORT, **change), skm())
    assert refusal.value.code == "asked_contradicts_answers"


def test_a_question_asked_that_does_not_exist_is_refused_by_name():
    with pytest.raises(Refusal) as refusal:
        check(replace(SHORT, asked=("REQ", "PROC", "SPEED")), skm())
    assert (refusal.value.code, refusal.value.detail) == ("question_unknown", "SPEED")


@pytest.mark.parametrize("reason", [one.code for one in skm().reasons])
@pytest.mark.parametrize("rating", [1, 2, 3, 4])
def test_a_reason_is_for_a_low_rating_of_its_own_elements(reason, rating):
    for code in CODES:
        given = replace(response(*[rating] * 9), reasons={code: reason})
        if rating <= 2 and any(one.code == reason and code in one.elements for one in skm().reasons):
            check(given, skm())
            continue
        with pytest.raises(Refusal) as refusal:
            check(given, skm())
        assert (refusal.value.code, refusal.value.detail) == ("reason_unknown", code)


@pytest.mark.parametrize("code", ["TIME", "SPEED"])
def test_a_reason_for_what_was_not_answered_is_refused(code):
    with pytest.raises(Refusal) as refusal:
        check(replace(SHORT, reasons={code: "other"}), skm())
    assert refusal.value.code == "reason_unknown"


def test_a_version_that_offers_no_reasons_takes_none():
    old = replace(response(1), questionnaire="skm-14-2017-v1")
    check(old, version("skm-14-2017-v1"))
    with pytest.raises(Refusal) as refusal:
        check(replace(old, reasons={"REQ": "other"}), version("skm-14-2017-v1"))
    assert refusal.value.code == "reason_unknown"


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
