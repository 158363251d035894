"""The right clip for each screen, seen where the window hands files to the player."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import words
from tests.screens.scenes import scenes
from tests.screens.test_keys import SPACE, Typist, typist  # noqa: F401  (a fixture)
from tests.screens.test_words import drawn
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
        texts = stage.app.screen().spoken()
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


def use_voice():
    from kiosk.events import Use

    return Use(Aid.ALOUD)


def clip_s(text: str) -> float:
    from kiosk.voice.clips import Clips
    from kiosk.voice.speech import GAP_S

    return Clips().find("id", text).seconds + GAP_S
