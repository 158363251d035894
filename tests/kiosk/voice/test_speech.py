"""What is said when; the player is one that notes the files it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import words
from kiosk.interview import home
from kiosk.model import Model, Screen, Session, Standing
from kiosk.spoken import Label
from kiosk.voice.clips import Clips, stem
from kiosk.voice.speech import GAP_S, Reading, Voice
from tests.support.samples import CODES, configuration, skm

GREETING = "Suara dinyalakan."


class Notes:
    """A player that notes what it should play, by file name without ending."""

    def __init__(self) -> None:
        self.played: list[tuple[str, ...]] = []
        self.folders: list[str] = []
        self.volumes: list[int] = []

    def play(self, files, volume: int, told=lambda _trouble: None) -> None:
        self.played.append(tuple(Path(file).stem for file in files))
        self.folders.extend(Path(file).parent.name for file in files)
        self.volumes.append(volume)
        told("")


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def voice(notes: Notes) -> Voice:
    return Voice(Clips(), notes)


def question(step: int = 0, language: str = "id", *aids: Aid) -> Model:
    held = configuration(languages=("id", "en", "jv", "su"))
    return replace(
        home(Standing(held), 0),
        screen=Screen.QUESTION,
        language=language,
        aids=frozenset(aids),
        session=Session(0, 0, CODES, step=step, service="ktp"),
    )


def asked(step: int = 0, language: str = "id") -> tuple[str, ...]:
    one = skm().questions[step]
    return words(one.text, language), *(words(label, language) for label in one.labels)


def stems(*texts: str) -> tuple[str, ...]:
    return tuple(stem(text) for text in texts)


def test_who_has_not_asked_for_it_hears_nothing(voice, notes):
    assert voice.shown(question(), asked(), GREETING) == Reading()
    assert voice.pointed(question(), ("Sangat sesuai",)) == 0
    assert notes.played == []


def test_turning_it_on_is_confirmed_and_the_screen_read(voice, notes):
    voice.shown(question(), asked(), GREETING)
    reading = voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING)
    assert notes.played == [stems(GREETING, *asked())]
    clips = Clips()
    assert reading.seconds == pytest.approx(
        sum(clips.find("id", text).seconds + GAP_S for text in (GREETING, *asked()))
    )


def test_each_screen_is_read_once_and_the_next_one_without_the_greeting(voice, notes):
    voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING)
    for _second in range(3):
        assert voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING) is None
    voice.shown(question(1, "id", Aid.ALOUD), asked(1), GREETING)
    assert notes.played == [stems(GREETING, *asked()), stems(*asked(1))]


def test_another_language_is_read_anew(voice, notes):
    voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING)
    voice.shown(question(0, "en", Aid.ALOUD), asked(0, "en"), GREETING)
    assert notes.played[1] == stems(*asked(0, "en"))
    assert set(notes.folders[-5:]) == {"en"}


def test_turning_it_off_is_silence_at_once(voice, notes):
    voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING)
    for _second in range(3):
        voice.shown(question(), (), GREETING)
    assert notes.played[1:] == [()]


def test_a_screen_that_says_nothing_stops_what_was_being_read(voice, notes):
    voice.shown(question(0, "id", Aid.ALOUD), asked(), GREETING)
    voice.shown(replace(question(0, "id", Aid.ALOUD), screen=Screen.SAVING), (), GREETING)
    assert notes.played[1:] == [()]


def test_what_the_ring_comes_to_is_read(voice, notes):
    model = question(0, "id", Aid.ALOUD)
    assert voice.pointed(model, ("Sangat sesuai",)) > 0.5
    assert notes.played == [stems("Sangat sesuai")]


@pytest.mark.parametrize("language", ["jv", "su"])
def test_a_language_without_a_voice_is_read_in_indonesian(voice, notes, language):
    voice.shown(question(0, language, Aid.ALOUD), asked(0, language), voice._translate(language)(GREETING))
    assert asked(0, language) != asked()
    assert notes.played == [stems(GREETING, *asked())]
    assert set(notes.folders) == {"id"}


def test_words_without_a_clip_are_passed_over(voice, notes):
    voice.shown(question(0, "id", Aid.ALOUD), ("Loket 7 di lantai dua", *asked()), GREETING)
    assert notes.played == [stems(GREETING, *asked())]


@pytest.mark.parametrize(
    "group", [("Dijanjikan", "Ditanggapi di lantai dua"), ("Loket tujuh", "3 hari kerja")], ids=["content", "heading"]
)
def test_what_belongs_together_is_passed_over_together(voice, notes, group):
    first, *rest = asked()
    voice.shown(question(0, "id", Aid.ALOUD), (first, group, *rest), GREETING)
    assert notes.played == [stems(GREETING, *asked())]


def test_what_belongs_together_is_said_whole_as_often_as_it_stands_there(voice, notes):
    groups = (("Waktu", "3 hari kerja"), ("Pengaduan", "3 hari kerja"), ("", "Gratis"))
    voice.shown(question(0, "id", Aid.ALOUD), groups, GREETING)
    assert notes.played == [stems(GREETING, "Waktu", "3 hari kerja", "Pengaduan", "3 hari kerja", "Gratis")]


def test_a_reading_tells_when_which_target_is_named(voice):
    spoken = ("Apa yang kurang?", Label("Gratis", "one"), ("Waktu", Label("Murah", "two")), Label("Tanpa klip", "no"))
    voice.shown(question(1, "id", Aid.ALOUD), (), GREETING)
    reading = voice.shown(question(0, "id", Aid.ALOUD), spoken, GREETING)
    lasts = [Clips().find("id", text).seconds + GAP_S for text in ("Apa yang kurang?", "Gratis", "Waktu", "Murah")]
    ends = [pytest.approx(sum(lasts[:count])) for count in (1, 2, 3, 4)]
    assert reading.marks == ((ends[0], "one"), (ends[1], ""), (ends[2], "two"), (ends[3], ""))
    assert reading.seconds == ends[3]


def test_the_volume_is_the_staffs(voice, notes):
    model = question(0, "id", Aid.ALOUD)
    local = replace(model.standing.local, volume=3)
    voice.shown(replace(model, standing=replace(model.standing, local=local)), asked(), GREETING)
    assert notes.volumes == [3]


def test_the_staff_can_try_the_volume(voice, notes):
    told = []
    voice.sample(9, GREETING, told.append)
    assert (notes.played, notes.volumes, told) == ([stems(GREETING)], [9], [""])
    voice.sample(9, "Kalimat tanpa klip", told.append)
    assert (len(notes.played), told[1:]) == (1, ["there is no recording of it"])
