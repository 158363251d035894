"""Whole visits without a finger: by the keyboard alone, and by one switch alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ikm.domain.configuration import Aid
from kiosk.events import Erase, Rate, Start, Write
from kiosk.focus import SCAN_STEP_MS
from kiosk.model import Screen
from kiosk.theme import Theme
from tests.screens.conftest import Kiosk
from tests.screens.measure import contrast, pixels
from tests.screens.scenes import scenes
from tests.screens.staff_pages import staff_pages
from tests.screens.test_staff import attend, staff_has_come
from tests.support.samples import CODES

STEP_S = SCAN_STEP_MS / 1000
LOST_MS = 2000
TAB, ENTER, ESCAPE, SPACE, LEFT, RIGHT = 9, 13, 27, 32, 276, 275
RATINGS = (4, 3, 2, 1, 4, 3, 2, 1, 4)


class Typist:
    """A hand on the keyboard or the switch of a running kiosk."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.keys = kiosk.stage.app.keys

    def down(self, code: int, *modifiers: str) -> None:
        text = chr(code) if 32 <= code < 127 else None
        self.kiosk.stage.window.dispatch("on_key_down", code, 0, text, list(modifiers))

    def up(self, code: int) -> None:
        self.kiosk.stage.window.dispatch("on_key_up", code, 0)

    def key(self, code: int | str, *modifiers: str) -> None:
        code = ord(code) if isinstance(code, str) else code
        try:
            self.down(code, *modifiers)
        finally:
            self.up(code)
        self.kiosk.rest()

    def tab_to(self, name: str) -> None:
        for _ in range(60):
            if self.keys.ring == (name,):
                return
            self.key(TAB)
        raise AssertionError(f"the ring never came to {name}; it is at {self.keys.ring}")

    def scan_to(self, wanted: Callable[[tuple[str, ...]], bool]) -> None:
        """Wait, touching nothing, until the ring has come there by itself."""
        for _ in range(60):
            if wanted(self.keys.ring):
                return
            self.kiosk.time.pass_s(STEP_S)
        raise AssertionError(f"scanning never came there; it is at {self.keys.ring} on {self.screen}")

    def choose(self, name: str) -> None:
        """With the switch alone: wait for the target, or for its row and then for it, and press."""
        self.scan_to(lambda ring: name in ring)
        if self.keys.ring != (name,):
            self.key(SPACE)
            self.scan_to(lambda ring: ring == (name,))
        self.key(SPACE)

    @property
    def screen(self) -> Screen:
        return self.kiosk.shell.model.screen


@pytest.fixture
def typist(kiosk: Kiosk) -> Iterator[Typist]:
    # importing it opens Kivy's window, which the stage must have prepared
    from kiosk.screens.keys import LOST_RELEASE_MS, Timing

    assert LOST_RELEASE_MS == LOST_MS

    keys = kiosk.stage.app.keys
    before = keys.timing
    # time starts anew with each kiosk, and an earlier press must not look like one of this moment
    keys._focus = replace(keys._focus, switched_ms=None)
    keys.timing = Timing(kiosk.time.later, kiosk.time.now_ms)
    yield Typist(kiosk)
    keys.timing = before


def test_a_whole_visit_by_keyboard_alone(typist):
    typist.tab_to("start")
    typist.key(ENTER)
    for rating in RATINGS:
        typist.key(str(rating))
        if typist.screen is Screen.REASONS:
            reason = typist.kiosk.shell.model.reasons[1].code
            typist.tab_to(f"reason-{reason}")
            typist.key(ENTER)
    assert typist.screen is Screen.PROFILE
    typist.tab_to("option-gender-P")
    typist.key(ENTER)
    typist.tab_to("done")
    typist.key(ENTER)
    assert typist.screen is Screen.COMMENT
    for letter in "Bagus":
        typist.key(letter.lower(), *(["shift"] if letter.isupper() else []))
    typist.key("7")
    typist.key(8)
    typist.tab_to("done")
    typist.key(ENTER)
    typist.kiosk.until(lambda: typist.screen is Screen.THANKS)
    [body] = typist.kiosk.keeper.bodies
    assert body.answers == dict(zip(CODES, RATINGS, strict=True))
    assert (body.profile, body.comment) == ({"gender": "P"}, "Bagu")
    assert body.visit.inputs == ["keyboard"]


def test_a_whole_visit_by_one_switch_alone(typist):
    typist.key(SPACE)
    assert Aid.SCANNING in typist.kiosk.shell.model.aids
    typist.choose("start")
    for rating in RATINGS:
        typist.choose(f"rating-{rating}")
        if typist.screen is Screen.REASONS:
            typist.choose("skip")
    typist.choose("option-education-S1")
    typist.choose("done")
    assert typist.screen is Screen.COMMENT
    for letter in "ok":
        typist.choose(f"key-{letter}")
    typist.choose("done")
    typist.kiosk.until(lambda: typist.screen is Screen.THANKS)
    [body] = typist.kiosk.keeper.bodies
    assert body.answers == dict(zip(CODES, RATINGS, strict=True))
    assert (body.profile, body.comment.lower()) == ({"education": "S1"}, "ok")
    assert body.visit.inputs == ["switch"]


def test_the_next_citizen_is_not_scanned(typist):
    typist.key(SPACE)
    typist.scan_to(lambda ring: ring == ("start",))
    typist.kiosk.rest(120)
    assert typist.screen is Screen.ATTRACT
    assert Aid.SCANNING not in typist.kiosk.shell.model.aids
    assert typist.keys.ring == ()
    typist.kiosk.time.pass_s(3 * STEP_S)
    assert typist.keys.ring == ()


def test_scanning_alone_is_not_taken_for_somebody(typist):
    typist.key(SPACE)
    typist.choose("start")
    held = typist.kiosk.shell.model.configuration
    typist.kiosk.rest(held.idle_s + 0.5)
    assert typist.screen is Screen.IDLE
    assert typist.keys.ring == ("stay",)
    typist.key(SPACE)
    assert typist.screen is Screen.QUESTION


def test_a_held_key_answers_once(typist):
    typist.tab_to("start")
    typist.key(ENTER)
    for _ in range(30):
        typist.down(ord("4"))
        typist.kiosk.rest(0.1)
    assert typist.kiosk.shell.model.session.answers == {CODES[0]: 4}
    typist.up(ord("4"))


def test_a_key_whose_release_was_never_heard_works_again(typist):
    typist.tab_to("start")
    typist.key(ENTER)
    typist.key("4")
    typist.down(ESCAPE)
    typist.kiosk.rest(LOST_MS / 1000 + 0.5)
    assert typist.kiosk.shell.model.question.code == CODES[0]
    typist.key("3")
    assert typist.kiosk.shell.model.question.code == CODES[1]
    typist.key(ESCAPE)
    assert typist.kiosk.shell.model.question.code == CODES[0]


def test_enter_pressed_again_does_not_answer_the_question_that_came(typist):
    typist.tab_to("start")
    for _ in range(3):
        typist.key(ENTER)
        typist.kiosk.rest(1)
    assert typist.kiosk.shell.model.session.answers == {}
    assert typist.screen is Screen.QUESTION


def test_the_keypad_rates_and_escape_goes_back(typist):
    typist.tab_to("start")
    typist.key(ENTER)
    typist.key(260)
    assert typist.kiosk.shell.model.session.answers == {CODES[0]: 4}
    typist.key(ESCAPE)
    assert typist.kiosk.shell.model.question.code == CODES[0]


@pytest.mark.parametrize("code", [303, 304, 301, 282, 283, 293, 127, 278, 280, 319])
def test_keys_without_a_character_write_nothing(stage, code):
    stage.show(scenes()["comment-begun"])
    # Kivy hands over the letter of that number: the shift key would be a Turkish capital
    stage.window.dispatch("on_key_down", code, 0, chr(code), [])
    stage.window.dispatch("on_key_up", code, 0)
    assert stage.tapped == []


def test_figures_with_ctrl_alt_or_shift_are_no_answers(typist):
    typist.tab_to("start")
    typist.key(ENTER)
    for modifier in ("ctrl", "alt", "meta", "shift"):
        typist.key("4", modifier)
    assert typist.kiosk.shell.model.session.answers == {}


def test_a_finger_takes_the_ring_away(typist):
    typist.tab_to("start")
    typist.kiosk.stage.press(5, 5)
    typist.kiosk.stage.release(5, 5)
    assert typist.keys.ring == ()


def test_arrows_move_the_ring_as_tab_does(stage):
    stage.show(scenes()["question-1"])
    names = list(stage.app.targets())
    for code, expected in ((RIGHT, names[0]), (RIGHT, names[1]), (LEFT, names[0]), (LEFT, names[-1])):
        stage.window.dispatch("on_key_down", code, 0, None, [])
        stage.window.dispatch("on_key_up", code, 0)
        assert stage.app.keys.ring == (expected,)
    assert stage.tapped == []


@pytest.mark.parametrize("aids", [(), (Aid.CONTRAST,)], ids=["calm", "stark"])
def test_the_ring_is_drawn_round_its_target_and_taken_away(stage, aids):
    question = replace(scenes()["question-1"], aids=frozenset(aids))
    colours = Theme(1280, 800, frozenset(aids)).colours
    stage.show(replace(scenes()["thanks"], aids=frozenset(aids)))
    stage.show(question)
    x, y, _width, height = stage.app.targets()["rating-1"]

    def seen():
        stage.frames()
        row = pixels(stage)[stage.window.height - 1 - (y + height // 2)]
        return {tuple(int(part) for part in colour) for colour in row[x - 14 : x]}

    accent = tuple(round(part * 255) for part in colours.accent[:3])
    assert accent not in seen()
    stage.window.dispatch("on_key_down", TAB, 0, None, [])
    stage.window.dispatch("on_key_up", TAB, 0)
    assert accent in seen()
    stage.app.keys.touched()
    assert accent not in seen()


@pytest.mark.parametrize("aids", [(), (Aid.CONTRAST,)], ids=["calm", "stark"])
def test_the_ring_stands_out_on_whatever_lies_beneath(stage, aids):
    from kiosk.screens.keys import dark_of

    look = Theme(1280, 800, frozenset(aids))
    palette = look.colours
    # WCAG 2.2, 2.4.13: one of its two colours has 3:1 on every ground
    for ground in (palette.paper, palette.card, palette.mist, palette.brand, palette.pressed, *palette.tints):
        assert max(contrast(dark_of(look), ground), contrast(palette.accent, ground)) >= 3


def test_a_press_says_what_it_was_made_with(stage):
    stage.show(scenes()["question-1"])
    stage.window.dispatch("on_key_down", ord("3"), 0, "3", [])
    stage.window.dispatch("on_key_up", ord("3"), 0)
    stage.tap("rating-2")
    assert (stage.tapped, stage.by) == ([Rate(3), Rate(2)], ["keyboard", "touch"])
    stage.show(scenes()["attract"])
    stage.tap("start")
    assert (stage.tapped[-1], stage.by[-1]) == (Start(), "touch")


@pytest.mark.parametrize(
    ("page", "typed"), [("pin", [Write("7"), Erase()]), ("address", [Write("7"), Write("b"), Erase()])]
)
def test_a_technician_may_type_on_the_staffs_screens(stage, page, typed):
    staff_has_come(stage)
    attend(stage, staff_pages()[page])
    for code, text in ((ord("7"), "7"), (ord("b"), "b"), (8, None), (SPACE, " ")):
        stage.window.dispatch("on_key_down", code, 0, text, [])
        stage.window.dispatch("on_key_up", code, 0)
    assert stage.tapped == typed
