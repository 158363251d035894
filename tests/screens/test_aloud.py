"""The right clip for each screen, seen where the window hands files to the player."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import words
from kiosk.events import Use
from kiosk.model import Screen
from kiosk.spoken import texts_of
from tests.screens.scenes import scenes
from tests.screens.test_keys import SPACE, Typist, typist  # noqa: F401  (a fixture)
from tests.screens.test_words import drawn
from tests.support.fake_keeper import FakeScheduler
from tests.support.samples import configuration, skm

GREETING = "Suara dinyalakan."


class Ears:
    """A player that notes the texts whose clips it is told to play."""

    def __init__(self) -> None:
        from kiosk.voice.clips import Clips

        known = Clips()
        self._text = {
            known.find(locale, text).path: (locale, text) for locale in ("id", "en") for text in known.texts(locale)
        }
        self.heard: list[list[str]] = []
        self.languages: set[str] = set()

    def play(self, files: list[Path], _volume: int) -> None:
        self.heard.append([self._text[file][1] for file in files])
        self.languages |= {self._text[file][0] for file in files}


@pytest.fixture
def ears(stage) -> Iterator[Ears]:
    from kiosk.voice.clips import Clips
    from kiosk.voice.speech import Voice

    made = Ears()
    stage.app.voice = Voice(Clips(), made)
    yield made
    stage.app.voice = None
    # nobody speaks any more, so nothing is named
    stage.app.keys.acted()


def aloud(model):
    return replace(model, aids=model.aids | {Aid.ALOUD})


def labels(number: int, language: str = "id") -> list[str]:
    asked = skm().questions[number - 1]
    return [words(asked.text, language), *(words(label, language) for label in asked.labels)]


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_question_is_read_with_its_own_labels(stage, ears, language):
    shown = scenes(configuration(services=(plain_service(),)), language)
    for number in range(1, 10):
        stage.show(aloud(shown[f"question-{number}"]))
        assert ears.heard[-1][-5:] == labels(number, language)
    assert len(ears.heard) == 9
    assert ears.languages == {language}


def plain_service():
    return replace(configuration().services[0], standard={})


@pytest.mark.parametrize(
    ("scene", "begins"),
    [
        ("attract", ["Bagaimana pelayanan kami hari ini?", "9 pertanyaan, kurang dari 1 menit."]),
        ("attract-one-tap", labels(1)),
        ("options", ["Bahasa & bantuan", "Huruf besar"]),
        ("reasons-1", ["Apa yang kurang?"]),
        ("profile", ["Sedikit tentang Anda"]),
        ("comment-empty", ["Ada saran untuk kami? (boleh dilewati)"]),
        ("idle", ["Masih di sini?"]),
        ("thanks", ["Terima kasih!"]),
        ("out-of-service-save", ["Mohon maaf"]),
        ("service-page-1", ["Layanan apa yang baru saja Anda terima?", "KTP elektronik"]),
    ],
)
def test_each_screen_says_what_it_is_about(stage, ears, scene, begins):
    stage.show(aloud(scenes()[scene]))
    said = ears.heard[-1]
    assert said[: len(begins)] == begins or said[1 : len(begins) + 1] == begins


def test_no_screen_of_a_citizen_is_silent_and_each_says_only_what_it_shows(stage, ears):
    for name, model in scenes().items():
        if name == "sleep" or name.startswith("staff"):
            continue
        # without the aid, so that each screen is one that has just come
        stage.show(model)
        ears.heard.clear()
        stage.show(aloud(model))
        texts = texts_of(stage.app.screen().spoken())
        seen = " ".join(" ".join(drawn(stage)).split())
        assert [text for text in texts if " ".join(text.split()) not in seen and "…" not in seen] == [], name
        assert [texts[0] for texts in ears.heard] == [GREETING], name
        assert len(ears.heard[0]) > 1, name


def test_the_first_thing_heard_is_that_the_voice_is_on(stage, ears):
    stage.show(scenes()["question-1"])
    assert ears.heard == []
    stage.show(aloud(scenes()["question-1"]))
    assert ears.heard[0][0] == GREETING
    stage.show(aloud(scenes()["question-2"]))
    assert GREETING not in ears.heard[1]


def test_what_the_ring_comes_to_is_read_and_whether_it_is_chosen(stage, ears):
    question = scenes(configuration(services=(plain_service(),)))["question-1"]
    stage.show(scenes()["thanks"])
    stage.show(aloud(question))
    for _ in range(2):
        stage.window.dispatch("on_key_down", 9, 0, None, [])
        stage.window.dispatch("on_key_up", 9, 0)
    # the scene's citizen has given a 2
    assert ears.heard[-2:] == [["Tidak sesuai"], ["Kurang sesuai", "Sudah dipilih."]]


def test_a_label_in_a_language_without_a_voice_is_read_in_indonesian_once(stage, ears):
    stage.show(scenes(language="jv")["thanks"])
    stage.show(aloud(scenes(language="jv")["question-1"]))
    stage.window.dispatch("on_key_down", 9, 0, None, [])
    stage.window.dispatch("on_key_up", 9, 0)
    assert ears.heard[-1] == ["Tidak sesuai"]
    assert ears.languages == {"id"}


def test_scanning_waits_until_a_screen_and_a_target_have_been_read(kiosk, ears, typist):  # noqa: F811
    typist.key(SPACE)
    typist.kiosk.shell.tap(typist.kiosk.shell.model.place, use_voice())
    typist.kiosk.rest()
    typist.choose("start")
    reading_s = sum(clip_s(text) for text in ears.heard[-1])
    typist.kiosk.time.pass_s(reading_s - 0.5)
    assert typist.keys.ring == ()
    typist.kiosk.time.pass_s(1.2)
    assert typist.keys.ring == ("rating-1",)


def test_a_promise_is_said_whole_or_not_at_all(stage, ears):
    service = replace(configuration().services[0], standard={"CMPL": ({"id": "Ditanggapi dalam 3 hari kerja"},)})
    stage.show(aloud(scenes(configuration(services=(service,)))["question-9"]))
    assert stage.app.screen().promise == "Ditanggapi dalam 3 hari kerja"
    # with the heading alone it would go "promised: no channel"
    assert ears.heard == [[GREETING, *labels(9)]]
    kept = replace(service, standard={"CMPL": ({"id": "3 hari kerja"},)})
    stage.show(scenes()["thanks"])
    stage.show(aloud(scenes(configuration(services=(kept,)))["question-9"]))
    question, *answers = labels(9)
    assert ears.heard[-1] == [GREETING, question, "Dijanjikan", "3 hari kerja", *answers]


def test_a_heading_of_the_standard_is_said_with_its_lines_or_not_at_all(stage, ears):
    standard = {"TIME": ({"id": "3 hari kerja"},), "COST": ({"id": "Seikhlasnya, di loket dua"},)}
    service = replace(configuration().services[0], standard=standard)
    stage.show(aloud(scenes(configuration(services=(service,), pledge=()))["reading-1"]))
    assert {title for title, _lines in stage.app.screen().ids.sheet.parts} == {"Waktu", "Biaya"}
    assert ears.heard[0][-2:] == ["Waktu", "3 hari kerja"]
    assert "Biaya" not in ears.heard[0]


@pytest.fixture
def by_hand(stage) -> Iterator[FakeScheduler]:
    """The time of rings, run by hand."""
    from kiosk.screens.keys import Timing

    time, keys = FakeScheduler(), stage.app.keys
    before, keys.timing = keys.timing, Timing(time.later, time.now_ms)
    yield time
    keys.acted()
    keys.timing = before


def named_while(stage, time: FakeScheduler, spoken: list[str]) -> list[str]:
    """What is ringed in the middle of each of these texts, one after another."""
    seen = []
    for text in spoken:
        time.pass_s(clip_s(text) / 2)
        seen.append(stage.app.keys.named)
        time.pass_s(clip_s(text) / 2)
    return seen


def ringed(stage) -> bool:
    """Whether a ring is drawn anywhere."""
    return any(stage.app.keys._ring._drawn[:1])


def test_each_answer_is_ringed_while_it_is_said(stage, ears, by_hand):
    stage.show(scenes()["thanks"])
    stage.show(aloud(scenes(configuration(services=(plain_service(),)))["question-1"]))
    assert ears.heard[-1] == [GREETING, *labels(1)]
    boxes = stage.app.targets()
    assert not ringed(stage)
    assert named_while(stage, by_hand, [GREETING, labels(1)[0]]) == ["", ""]
    for number, label in enumerate(labels(1)[1:], 1):
        assert named_while(stage, by_hand, [label]) == [f"rating-{number}"]
    by_hand.pass_s(0.01)
    assert stage.app.keys.named == ""
    assert not ringed(stage)
    assert stage.app.targets() == boxes
    assert stage.tapped == []


def test_the_ring_of_the_voice_is_drawn_and_is_no_focus(stage, ears, by_hand):
    question = scenes(configuration(services=(plain_service(),)))["question-3"]
    stage.show(aloud(question))
    by_hand.pass_s(sum(clip_s(text) for text in (GREETING, *labels(3)[:2])) + 0.1)
    assert stage.app.keys.named == "rating-2"
    assert stage.app.keys._ring._drawn[0] == (stage.app.targets()["rating-2"],)
    assert stage.app.keys.ring == ()
    stage.window.dispatch("on_key_down", 13, 0, None, [])
    stage.window.dispatch("on_key_up", 13, 0)
    assert stage.tapped == []


@pytest.mark.parametrize("scene", ["reasons-1", "profile", "service-page-1", "attract-one-tap", "options", "idle"])
def test_whatever_is_said_to_be_chosen_is_ringed(stage, ears, by_hand, scene):
    stage.show(aloud(scenes()[scene]))
    said = ears.heard[-1]
    screen = stage.app.screen()
    on = {target.words: name for name, target in screen.targets() if hasattr(target, "words")}
    assert named_while(stage, by_hand, said) == [on.get(text, "") for text in said]
    assert sum(1 for text in said if text in on) > 1


def before_the_second_answer(stage, ears, by_hand):
    """A question, its first answer being said."""
    question = scenes(configuration(services=(plain_service(),)))["question-1"]
    stage.show(scenes()["thanks"])
    stage.show(aloud(question))
    by_hand.pass_s(sum(clip_s(text) for text in ears.heard[-1][:2]) + 0.1)
    assert stage.app.keys.named == "rating-1"
    return question


def tap(stage, question):
    stage.tap("rating-3")


def next_screen(stage, question):
    stage.show(aloud(scenes()["comment-empty"]))


def no_voice(stage, question):
    stage.show(question)


def tab(stage, question):
    stage.window.dispatch("on_key_down", 9, 0, None, [])
    stage.window.dispatch("on_key_up", 9, 0)


@pytest.mark.parametrize("then", [tap, next_screen, no_voice, tab])
def test_the_ring_of_the_voice_goes_with_the_first_answer_and_with_its_screen(stage, ears, by_hand, then):
    question = before_the_second_answer(stage, ears, by_hand)
    then(stage, question)
    for _second in range(8):
        assert stage.app.keys.named == ""
        by_hand.pass_s(1)


def test_the_same_screen_shown_again_keeps_the_ring_of_the_voice(stage, ears, by_hand):
    question = before_the_second_answer(stage, ears, by_hand)
    stage.show(replace(aloud(question), seen_ms=question.seen_ms + 1_000))
    assert stage.app.keys.named == "rating-1"
    by_hand.pass_s(clip_s(labels(1)[1]))
    assert stage.app.keys.named == "rating-2"


def test_to_who_scans_no_ring_stands_where_the_switch_would_not_press(stage, ears, by_hand):
    question = scenes(configuration(services=(plain_service(),)))["question-1"]
    stage.show(replace(question, aids=frozenset({Aid.ALOUD, Aid.SCANNING})))
    assert set(named_while(stage, by_hand, ears.heard[-1])) == {""}


@pytest.mark.parametrize("code", [ord("5"), 261], ids=["row", "keypad"])
def test_the_key_with_the_dot_turns_the_voice_on_and_off(kiosk, ears, typist, code):  # noqa: F811
    typist.key(code)
    assert typist.kiosk.shell.model.aids == {Aid.ALOUD}
    assert ears.heard[-1][:2] == [GREETING, "Bagaimana pelayanan kami hari ini?"]
    typist.tab_to("start")
    typist.key(13)
    assert typist.screen is Screen.QUESTION
    typist.key(code)
    assert typist.kiosk.shell.model.aids == frozenset()
    assert ears.heard[-1] == []
    assert typist.kiosk.shell.model.session.answers == {}


def use_voice():
    return Use(Aid.ALOUD)


def clip_s(text: str) -> float:
    from kiosk.voice.clips import Clips
    from kiosk.voice.speech import GAP_S

    known = Clips()
    return known.find("id", text).seconds + GAP_S
