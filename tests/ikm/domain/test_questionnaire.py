import hashlib
from dataclasses import replace

import pytest

from ikm.assets import asset
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Question, words
from ikm.domain.regulation import Element, Factor
from tests.support.samples import skm, version

V1_SHA256 = "e232c0ee6c3c1e7e1328bc757b6f2465e473235a1414fd02aad34568824f6a14"
LABELS = tuple({"id": word} for word in ("satu", "dua", "tiga", "empat"))


def test_the_shipped_questionnaire_asks_in_the_order_of_the_sample_form():
    assert [question.code for question in skm().questions] == [
        "REQ", "PROC", "TIME", "COST", "PROD", "COMP", "BEHV", "FACI", "CMPL",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "labels"),
    [
        ("COST", ["Sangat mahal", "Cukup mahal", "Murah", "Gratis"]),
        ("CMPL", ["Tidak ada", "Ada tetapi tidak berfungsi", "Berfungsi kurang maksimal", "Dikelola dengan baik"]),
        ("FACI", ["Buruk", "Cukup", "Baik", "Sangat baik"]),
        ("REQ", ["Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"]),
        ("BEHV", ["Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sopan dan ramah", "Sangat sopan dan ramah"]),
    ],
)
def test_each_element_has_its_own_official_labels(code, labels):
    assert [label["id"] for label in skm().question(code).labels] == labels


def texts(questionnaire):
    yield questionnaire.title
    for question in questionnaire.questions:
        yield question.text
        yield from question.labels
    for field in questionnaire.profile_fields:
        yield field.text
        yield from (option.text for option in field.options)
    yield from (reason.text for reason in questionnaire.reasons)


def test_every_text_of_the_shipped_questionnaire_exists_in_all_four_languages():
    assert all(set(text) == {"id", "en", "jv", "su"} for text in texts(skm()))


def test_what_stands_on_a_kiosk_is_short_in_every_language():
    questionnaire = skm()
    assert max(len(word) for question in questionnaire.questions for word in question.text.values()) <= 60
    assert (
        max(len(word) for question in questionnaire.questions for label in question.labels for word in label.values())
        <= 36
    )
    assert max(len(word) for reason in questionnaire.reasons for word in reason.text.values()) <= 40


def test_each_element_offers_three_to_five_reasons_and_other_last():
    questionnaire = skm()
    for question in questionnaire.questions:
        offered = [reason.code for reason in questionnaire.reasons_for(question.code)]
        assert 3 <= len(offered) <= 5
        assert offered[-1] == "other"
        assert len(set(offered)) == len(offered)


@pytest.mark.parametrize(
    ("words_of_the_county", "element"),
    [
        ("Petugas kurang profesional", "COMP"),
        ("Prosedur berbelit-belit", "PROC"),
        ("Standar pelayanan tidak jelas", "PROD"),
        ("Lainnya", "CMPL"),
    ],
)
def test_the_complaints_the_county_names_can_be_chosen(words_of_the_county, element):
    assert words_of_the_county in [reason.text["id"] for reason in skm().reasons_for(element)]


def test_reasons_of_a_question_follow_its_element_and_not_its_code():
    first = skm().questions[0]
    asked = replace(skm(), questions=(first, replace(first, code="REQ-2")))
    assert asked.reasons_for("REQ-2") == asked.reasons_for("REQ") != ()
    assert asked.reasons_for("TIME") == ()


def test_version_one_stays_readable_as_it_was_asked():
    first = version("skm-14-2017-v1")
    assert hashlib.sha256(asset("questionnaires/skm-14-2017-v1.json").read_bytes()).hexdigest() == V1_SHA256
    assert [(one.code, [label["id"] for label in one.labels]) for one in first.questions] == [
        (one.code, [label["id"] for label in one.labels]) for one in skm().questions
    ]
    assert first.reasons == ()


def test_the_profile_is_that_of_the_official_form_and_names_nobody():
    assert {field.code: [option.code for option in field.options] for field in skm().profile_fields} == {
        "gender": ["L", "P"],
        "education": ["SD", "SMP", "SMA", "S1", "S2", "S3"],
        "occupation": ["PNS", "TNI", "POLRI", "SWASTA", "WIRAUSAHA", "LAINNYA"],
    }


def test_a_missing_translation_shows_the_official_words():
    assert words({"id": "Mudah"}, "en") == "Mudah"
    assert words({"id": "Mudah", "en": "Easy"}, "en") == "Easy"


def test_two_questions_may_ask_about_one_element():
    first = skm().questions[0]
    asked = replace(skm(), questions=(first, replace(first, code="REQ-2"))).elements()
    assert asked == {"REQ": ("REQ", "REQ-2")}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"questions": ()}, "tidak ada pertanyaan"),
        ({"regulation": "perbup-1-1999"}, "tidak dikenal"),
        ({"questions": (skm().questions[0], skm().questions[0])}, "REQ berulang"),
        ({"questions": (Question("X", "SPEED", {"id": "Cepat?"}, LABELS),)}, "unsur SPEED tidak ada"),
        ({"questions": (Question("X", "TIME", {"id": "Cepat?"}, LABELS[:3]),)}, "harus ada 4 label, ada 3"),
        ({"questions": (Question("X", "TIME", {"en": "Fast?"}, LABELS),)}, "teks bahasa Indonesia kosong"),
        ({"questions": (Question("X", "TIME", {"id": "Cepat?"}, ({"id": " "}, *LABELS[1:])),)}, "label X"),
        ({"title": {"en": "Survey"}}, "judul"),
        ({"profile_fields": (skm().profile_fields[0],) * 2}, "gender berulang"),
        ({"reasons": (skm().reasons[0],) * 2}, "alasan wait berulang"),
        ({"reasons": (replace(skm().reasons[0], elements=("SPEED",)),)}, "alasan wait: unsur SPEED tidak ada"),
        (
            {"reasons": (replace(skm().reasons[0], text={"en": "The wait"}),)},
            "alasan wait: teks bahasa Indonesia kosong",
        ),
    ],
)
def test_a_questionnaire_that_cannot_be_asked_is_refused_with_the_place(change, complaint):
    with pytest.raises(Refusal, match=complaint) as refusal:
        replace(skm(), **change)
    assert refusal.value.code == "questionnaire_invalid"


# -- added elements ------------------------------------------------------------------------------------------------

SIGNS = Element("SIGN", 0, 0, "Papan petunjuk", "Signposts", Factor.FACILITIES)


def with_signs(**changes):
    held = skm()
    question = replace(held.questions[0], code="SIGN", element="SIGN")
    return replace(held, questions=(*held.questions, question), **{"added": (SIGNS,), **changes})


def test_an_added_element_stands_after_those_of_the_rule():
    rule = with_signs().rule
    assert rule.codes[-1] == "SIGN"
    assert rule.element("SIGN").annex_number == 10
    assert rule.base.code == rule.code


@pytest.mark.parametrize(
    "added", [(), (replace(SIGNS, code="REQ"),), (SIGNS, SIGNS), (SIGNS, replace(SIGNS, code="IDLE"))]
)
def test_an_added_element_is_known_once_and_asked_about(added):
    with pytest.raises(Refusal):
        with_signs(added=added)
