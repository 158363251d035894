from dataclasses import replace

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Question, words
from tests.support.samples import skm

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


def test_every_text_of_the_shipped_questionnaire_exists_in_both_languages():
    questionnaire = skm()
    texts = [questionnaire.title]
    for question in questionnaire.questions:
        texts += [question.text, *question.labels]
    for field in questionnaire.profile_fields:
        texts += [field.text, *(option.text for option in field.options)]
    assert all(set(text) == {"id", "en"} for text in texts)


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
    ],
)
def test_a_questionnaire_that_cannot_be_asked_is_refused_with_the_place(change, complaint):
    with pytest.raises(Refusal, match=complaint) as refusal:
        replace(skm(), **change)
    assert refusal.value.code == "questionnaire_invalid"
