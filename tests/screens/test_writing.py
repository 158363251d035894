"""Writing a comment by finger on the drawn keyboard, and the field that shows it."""

from dataclasses import replace
from string import ascii_lowercase

import pytest

from ikm.domain.configuration import Aid
from kiosk.events import Back, Done, Erase, Options, Write
from kiosk.model import Screen
from kiosk.visit import COMMENT_LETTERS
from tests.screens.measure import lay_out
from tests.screens.scenes import scenes
from tests.support.stage import SIZES

WORDS = {"back": Back(), "key-erase": Erase(), "key-space": Write(" "), "done": Done(), "options": Options()}


def comment(text, **of):
    model = scenes(**of)["comment-begun"]
    return replace(model, session=replace(model.session, comment=text))


def commented(stage, text, **of):
    """Shows the screen with that text in it."""
    stage.show(comment(text, **of))


def entry(stage):
    return stage.app.screen().ids.entry


@pytest.mark.parametrize(
    ("size", "aids"),
    [((800, 480), ()), ((800, 480), (Aid.LOW,)), ((1080, 1920), (Aid.LOW,))],
    ids=["small", "small-low", "totem-low"],
)
def test_a_tap_on_every_key_does_what_stands_on_it(stage, size, aids):
    stage.resize(size)
    commented(stage, "Baik", aids=aids)
    expected = {f"key-{letter}": Write(letter) for letter in ascii_lowercase + ".,?-"} | WORDS
    assert stage.app.targets().keys() == expected.keys()
    for name, action in expected.items():
        stage.tapped.clear()
        stage.tap(name)
        assert stage.tapped == [action], name
        shown = stage.widget(name).words if hasattr(stage.widget(name), "words") else ""
        assert not name.startswith("key-") or len(name) > 5 or shown == name[-1].upper()


def test_the_corners_of_a_key_are_its_own(stage):
    commented(stage, "Baik")
    for letter in "qg?":
        x, y, width, height = stage.app.targets()[f"key-{letter}"]
        for across, down in ((2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3)):
            stage.tapped.clear()
            stage.press(x + across, y + down)
            stage.release(x + across, y + down)
            assert stage.tapped == [Write(letter)]


@pytest.mark.parametrize(("text", "typed"), [("", "A"), ("Baik. ", "A"), ("Baik.", "a"), ("Bai", "a")])
def test_a_sentence_begins_with_a_capital_by_itself(stage, text, typed):
    commented(stage, text)
    stage.tap("key-a")
    assert stage.tapped == [Write(typed)]


def test_a_held_key_types_once_and_a_finger_that_slides_off_types_nothing(stage):
    commented(stage, "Bai")
    x, y = stage.middle("key-k")
    stage.press(x, y)
    stage.frames(30)
    assert stage.tapped == []
    assert stage.widget("key-k").pressed
    stage.release(x, y)
    stage.press(x, y)
    stage.move(x, 5)
    stage.release(x, 5)
    assert stage.tapped == [Write("k")]


def test_going_on_is_skipping_until_something_is_written(stage):
    for text, words in (("", "Lewati"), ("   ", "Lewati"), ("Baik", "Kirim")):
        commented(stage, text)
        assert stage.widget("done").words == words


def test_a_full_comment_says_so(stage):
    commented(stage, "a" * (COMMENT_LETTERS - 1))
    assert "NIK" in stage.app.screen().ids.notice.words
    commented(stage, "a" * COMMENT_LETTERS)
    assert str(COMMENT_LETTERS) in stage.app.screen().ids.notice.words


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("aids", [(), (Aid.LARGE, Aid.LOW)], ids=["plain", "large-low"])
@pytest.mark.parametrize(
    "text", ["Petugas ramah. " * 20, "W" * 300, "berbelit-belit " * 20], ids=["words", "one", "long"]
)
def test_the_field_keeps_its_end_and_its_caret_in_sight(stage, size, aids, text):
    stage.resize(size)
    lay_out(stage, comment(text[:COMMENT_LETTERS], aids=aids))
    field = entry(stage)
    assert text[:COMMENT_LETTERS].endswith("".join(field.text.split("\n")))
    assert field.texture_size[0] <= field.width - 2 * field.inset
    assert field.texture_size[1] <= field.height - 2 * field.inset + 1
    x, y, width, height = field.caret
    assert field.x <= x <= x + width <= field.right
    assert field.y <= y <= y + height <= field.top


def test_a_blank_moves_the_caret(stage):
    commented(stage, "Baik")
    before = entry(stage).caret[0]
    commented(stage, "Baik ")
    assert entry(stage).caret[0] > before


def test_a_whole_comment_by_finger_is_kept_and_gone_for_the_next_citizen(kiosk):
    kiosk.tap("start", *["rating-3"] * 9, "done")
    assert kiosk.shell.model.screen is Screen.COMMENT
    names = {" ": "key-space"}
    kiosk.tap(*(names.get(letter, f"key-{letter}") for letter in "bersih. ramahh"), "key-erase", "done")
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.THANKS)
    kiosk.tap("done")
    [body] = kiosk.keeper.bodies
    assert body.comment == "Bersih. Ramah"
    kiosk.tap("start", *["rating-3"] * 9, "done")
    assert entry(kiosk.stage).words == ""


def test_the_keyboard_is_made_once(stage):
    commented(stage, "a")
    before = [widget for _name, widget in stage.app.screen().targets()]
    commented(stage, "b", aids=(Aid.LOW,))
    commented(stage, "c", language="en")
    assert [widget for _name, widget in stage.app.screen().targets()] == before


def test_a_finger_on_a_key_that_goes_types_nothing(stage):
    commented(stage, "a")
    gone = stage.widget("key-q")
    x, y = stage.middle("key-q")
    stage.press(x, y)
    commented(stage, "a", aids=(Aid.LOW,))
    stage.release(x, y)
    assert not gone.pressed
    assert stage.tapped == []
