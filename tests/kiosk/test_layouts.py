"""Keyboards as data: whole rows, no digits where a number could name somebody, and lines that lose no letter."""

from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.server.enrol import ALPHABET
from kiosk.widgets.layouts import ACTIONS, LAYOUTS, broken, capital_due

TYPED = {name: {key.name for key in layout.keys} - set(ACTIONS) for name, layout in LAYOUTS.items()}


@pytest.mark.parametrize("name", LAYOUTS)
def test_keys_fill_their_keyboard_and_never_overlap(name):
    layout = LAYOUTS[name]
    places = list(layout.places((10, 20, 600, 400)).values())
    assert sum(width * height for _x, _y, width, height in places) == pytest.approx(600 * 400)
    for at, (x, y, width, height) in enumerate(places):
        assert min(x - 10, y - 20, 610.001 - x - width, 420.001 - y - height) >= 0
        for x2, y2, width2, height2 in places[at + 1 :]:
            across = min(x + width, x2 + width2) - max(x, x2)
            upright = min(y + height, y2 + height2) - max(y, y2)
            assert min(across, upright) < 0.001


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_key_is_met_once_and_what_finishes_first(name):
    layout = LAYOUTS[name]
    names = [key.name for key in layout.keys]
    assert names[0] == "done"
    assert sorted(names) == sorted(key.name for row in layout.rows for key in row)
    assert len({key.target for key in layout.keys}) == len(names)
    assert names[-1] in {"back", "options", "erase"}


def test_the_first_row_lies_at_the_top():
    places = LAYOUTS["comment"].places((0, 0, 100, 40))
    assert places["q"] == (0, 30, 10, 10)
    assert places["done"] == (70, 0, 30, 10)


@pytest.mark.parametrize("name", ["comment", "comment-low"])
def test_a_comment_has_all_letters_and_not_one_digit(name):
    assert TYPED[name] == set(ascii_lowercase) | set(".,?-")
    assert {"back", "erase", "space", "done"} <= {key.name for key in LAYOUTS[name].keys}


def test_the_low_keyboard_alone_has_the_way_to_the_aids():
    assert {name for name, layout in LAYOUTS.items() if "options" in {key.name for key in layout.keys}} == {
        "comment-low"
    }


def test_an_address_of_any_server_can_be_typed():
    assert set("http://192.168.0.17:8080/skm-kab.go.id") <= TYPED["address"]
    assert TYPED["address"] == set(ascii_lowercase) | set(digits) | set(".:/-")


def test_the_letters_of_one_time_codes_are_there_and_no_others():
    assert TYPED["code"] == set(ALPHABET)


def test_a_pin_is_digits():
    assert TYPED["pin"] == set(digits)


def test_capitals_are_shown_only_where_they_may_be_typed():
    comment, address = LAYOUTS["comment"], LAYOUTS["address"]
    assert {comment.shown(key) for key in comment.rows[0]} == set("QWERTYUIOP")
    assert {address.shown(key) for key in address.rows[1]} == set("qwertyuiop")


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("", True),
        ("  ", True),
        ("Baik", False),
        ("Baik.", False),
        ("Baik. ", True),
        ("Baik, ", False),
        ("Lama? ", True),
    ],
)
def test_a_sentence_begins_with_a_capital(text, due):
    assert capital_due(text) is due


@given(text=st.text(alphabet="ab ", max_size=80), width=st.integers(1, 20))
def test_lines_lose_no_letter_and_fit(text, width):
    lines = broken(text, len, width)
    assert "".join(lines) == text
    assert all(len(line.rstrip()) <= width for line in lines)


def test_words_stay_whole_where_a_line_has_room_for_them():
    assert broken("antre lama sekali ", len, 11) == ["antre lama ", "sekali "]
    assert broken("berbelit-belit", len, 8) == ["berbelit", "-belit"]
    assert broken("a berbelit-belit", len, 8) == ["a ", "berbelit", "-belit"]
