"""What the screens say, in which language."""

from dataclasses import replace

import pytest

from ikm.domain.configuration import PublishedIndex
from ikm.domain.questionnaire import words
from kiosk.model import Fault
from kiosk.spoken import texts_of
from tests.screens.measure import labels
from tests.screens.scenes import KTP, LANGUAGES, PLEDGE, full, plain, scenes
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
        "Kabupaten Contoh", "Dinas Kependudukan dan Pencatatan Sipil", "Mulai", "Indonesia", "English",
        "Jawa", "Sunda", "83,45", "B", "Baik", "412 responden, Semester I 2026", "Standar & maklumat pelayanan",
        "9 pertanyaan, kurang dari 1 menit.",
    } <= said(stage)  # fmt: skip


def test_a_kiosk_of_one_language_offers_no_choice(stage):
    stage.show(scenes(configuration(languages=("id",)))["attract"])
    assert not any(name.startswith("language") for name in stage.app.targets())
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
    stage.show(scenes()["profile"])
    assert "Lanjut" in said(stage)
    assert "Selesai" not in said(stage)
    chosen = scenes(full(asks_comment=False))["profile"]
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
    assert len(set(sentences)) == len(sentences) == len(Fault)


def test_a_short_form_says_its_own_number_of_questions(stage):
    stage.show(scenes()["attract-rotating"])
    assert "3 pertanyaan, kurang dari 1 menit." in said(stage)


def test_the_index_is_written_as_each_language_writes_numbers(stage):
    for language, number in (("id", "83,45"), ("en", "83.45"), ("jv", "83,45"), ("su", "83,45")):
        stage.show(scenes(language=language)["attract"])
        assert number in said(stage)
    stage.show(scenes(full(published=PublishedIndex(10000, "A", 7, plain("Mei 2026"))))["attract"])
    assert {"100,00", "A", "Sangat baik", "7 responden, Mei 2026"} <= said(stage)


def test_without_a_published_index_none_is_shown(stage):
    stage.show(scenes()["attract"])
    stage.show(scenes()["attract-bare"])
    assert not {"Indeks Kepuasan Masyarakat", "83,45", "B"} & said(stage)
    assert "read" not in stage.app.targets()


def test_one_tap_asks_on_the_first_screen(stage):
    stage.show(scenes()["attract-one-tap"])
    question = full().questionnaire.questions[0]
    assert {question.text["id"]} | {label["id"] for label in question.labels} <= said(stage)
    assert "Mulai" not in said(stage)


def test_what_was_promised_stands_beside_its_question_and_no_other(stage):
    stage.show(scenes()["question-3"])
    assert {"Dijanjikan", "3 hari kerja"} <= said(stage)
    # behaviour has no promise
    stage.show(scenes()["question-7"])
    assert not {"Dijanjikan", "3 hari kerja"} & said(stage)
    stage.show(scenes(language="en")["question-3"])
    assert {"3 working days", "Completion time"} <= said(stage)
    stage.show(scenes(language="su")["question-3"])
    assert {"3 hari kerja", "Waktu Penyelesaian"} <= said(stage)


def test_a_promise_of_several_lines_says_how_many_more(stage):
    stage.show(scenes()["question-1"])
    assert "Fotokopi Kartu Keluarga, dan 1 lainnya" in said(stage)


def test_progress_is_full_only_when_all_is_answered(stage):
    ninth = scenes()["question-9"]
    parts = []
    for count in (0, 1, 8, 9):
        answers = dict(list(ninth.session.answers.items())[:count])
        stage.show(replace(ninth, session=replace(ninth.session, answers=answers)))
        parts.append(stage.app.screen().part)
    assert parts == [0, 1 / 9, 8 / 9, 1]


def test_the_service_is_named_beside_the_element_only_where_there_are_several(stage):
    stage.show(scenes()["question-of-several"])
    assert "KTP elektronik · Waktu Penyelesaian" in said(stage)
    stage.show(scenes()["question-3"])
    assert "Waktu Penyelesaian" in said(stage)


def test_a_standard_is_read_under_its_six_titles_and_the_pledge_last(stage):
    stage.show(scenes()["reading-1"])
    titles = {"Persyaratan", "Prosedur", "Waktu", "Biaya", "Produk", "Pengaduan"}
    lines = {text["id"] for texts in KTP.standard.values() for text in texts}
    assert {"KTP elektronik", "1 dari 2"} | titles | lines <= said(stage)
    stage.show(scenes()["reading-last"])
    assert {"Maklumat pelayanan", "2 dari 2"} | {text["id"] for text in PLEDGE} <= said(stage)
    assert not titles & said(stage)


def test_a_reason_is_asked_for_under_the_answer_it_explains(stage):
    stage.show(scenes()["reasons-4"])
    cost = full().questionnaire.questions[3]
    assert {"Apa yang kurang?", cost.text["id"], cost.labels[1]["id"], "Lewati"} <= said(stage)


def test_options_say_which_languages_have_a_voice(stage):
    stage.show(scenes()["options"])
    assert "Suara membacakan layar dalam bahasa: Indonesia, English." in said(stage)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_voice_reads_is_what_is_shown(stage, language):
    for name, model in scenes(language=language).items():
        stage.show(model)
        shown = said(stage)
        for text in texts_of(stage.app.screen().spoken()):
            assert " ".join(text.split()) in shown, (name, text)


def test_options_say_so_where_no_language_has_a_voice(stage, monkeypatch):
    stage.show(scenes()["options"])
    monkeypatch.setattr(stage.app.screen(), "voices", frozenset())
    stage.show(scenes()["options"])
    assert "Suara belum ada untuk bahasa di kios ini." in said(stage)
