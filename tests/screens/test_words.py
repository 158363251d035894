"""What the screens say, in which language."""

from dataclasses import replace

import pytest

from ikm.domain.questionnaire import words
from tests.screens.scenes import scenes
from tests.screens.test_layout import labels
from tests.support.samples import configuration, skm
from tests.support.stage import SIZES


def drawn(stage):
    """What is to be read on the screen, lines joined: the text in the picture, not the words meant for it."""
    texts = (" ".join(label.text.split()) for label in labels(stage.app.screen()))
    return [text for text in texts if text]


def said(stage):
    return set(drawn(stage))


def test_attract_says_whose_kiosk_it_is_and_what_answering_takes(stage):
    stage.show(scenes()["attract"])
    assert {
        "Kabupaten Contoh", "Dinas Kependudukan dan Pencatatan Sipil", "Mulai", "Bahasa Indonesia", "English",
        "9 pertanyaan, kurang dari 1 menit.",
    } <= said(stage)  # fmt: skip


def test_a_kiosk_of_one_language_offers_no_choice(stage):
    stage.show(scenes(configuration(languages=("id",)))["attract"])
    assert stage.app.targets().keys() == {"start"}
    stage.show(scenes(configuration(languages=("id",)))["question-1"])
    assert not any(name.startswith("language") for name in stage.app.targets())


@pytest.mark.parametrize("number", range(1, 10))
def test_each_question_shows_its_own_official_labels(stage, number):
    question = skm().questions[number - 1]
    stage.show(scenes()[f"question-{number}"])
    assert {question.text["id"], f"{number} dari 9"} | {label["id"] for label in question.labels} <= said(stage)


def test_a_translation_keeps_the_official_label_in_sight(stage):
    stage.show(scenes(language="en")["question-4"])
    cost = skm().questions[3]
    assert {cost.text["en"], "4 of 9", "Cost/tariff"} <= said(stage)
    assert {label["id"] for label in cost.labels} | {label["en"] for label in cost.labels} <= said(stage)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_a_citizen_who_goes_back_to_indonesian_sees_nothing_of_the_other_language(stage, size):
    stage.resize(size)
    stage.show(scenes()["question-9"])
    before = drawn(stage)
    stage.show(scenes(language="en")["question-9"])
    stage.show(scenes()["question-9"])
    assert drawn(stage) == before


def test_what_has_no_translation_is_shown_in_indonesian_once(stage):
    asked = skm()
    bare = replace(
        asked.questions[0],
        text={"id": asked.questions[0].text["id"]},
        labels=tuple({"id": label["id"]} for label in asked.questions[0].labels),
    )
    held = configuration(questionnaire=replace(asked, questions=(bare, *asked.questions[1:])))
    stage.show(scenes(held, language="en")["question-1"])
    texts = drawn(stage)
    assert bare.text["id"] in texts
    for label in bare.labels:
        assert texts.count(words(label, "en")) == 1


def test_the_profile_button_says_what_it_does(stage):
    chosen = scenes()["profile"]
    stage.show(chosen)
    assert "Selesai" in said(stage)
    stage.show(replace(chosen, session=replace(chosen.session, profile={})))
    assert "Lewati" in said(stage)
    assert "Selesai" not in said(stage)


def test_the_idle_screen_counts(stage):
    idle = scenes()["idle"]
    for seen_ms, left in ((0, "10"), (1_000, "9"), (9_500, "1")):
        stage.show(replace(idle, since_ms=0, seen_ms=seen_ms))
        assert left in said(stage)


def test_the_idle_screen_promises_to_save_only_what_there_is(stage):
    idle = scenes()["idle"]
    stage.show(replace(idle, session=replace(idle.session, answers={})))
    assert "Jika tidak, layar kembali ke awal." in said(stage)


def test_each_fault_is_said_in_a_sentence_of_its_own(stage):
    sentences = []
    for name, model in scenes().items():
        if name.startswith("out-of-service"):
            stage.show(model)
            sentences.append(frozenset(said(stage)))
    assert len(set(sentences)) == 3
