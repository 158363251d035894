"""The look's promises in numbers: contrast, lightness, sizes."""

from itertools import combinations

import pytest

from kiosk import theme
from kiosk.theme import Theme


def luminance(colour):
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(colour):
    return 116 * luminance(colour) ** (1 / 3) - 16


TEXT_ON = [
    (theme.INK, theme.PAPER),
    (theme.INK, theme.CARD),
    (theme.SOFT_INK, theme.PAPER),
    (theme.SOFT_INK, theme.CARD),
    (theme.DEEP_TEAL, theme.PAPER),
    (theme.DEEP_TEAL, theme.CARD),
    (theme.DEEP_TEAL, theme.MIST),
    (theme.CARD, theme.TEAL),
    (theme.CARD, theme.INK),
    *((theme.INK, tint) for tint in theme.RATING_TINTS),
    *((theme.SOFT_INK, tint) for tint in theme.RATING_TINTS),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_seven_to_one(text, ground):
    assert contrast(text, ground) >= 7


def test_ratings_differ_in_lightness_alone():
    for one, other in combinations(theme.RATING_COLOURS, 2):
        assert abs(lightness(one) - lightness(other)) >= 10


def test_faces_are_drawn_clearly_on_their_colours():
    for colour, features in zip(theme.RATING_COLOURS, theme.RATING_FEATURES, strict=True):
        assert contrast(colour, features) >= 3


@pytest.mark.parametrize("size", [(1280, 800), (800, 480), (1920, 1080), (1080, 1920)])
def test_no_text_is_smaller_than_a_42nd_of_the_scale(size):
    look = Theme(*size)
    sizes = (look.display_px, look.question_px, look.body_px, look.label_px, look.small_px, look.least_px)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert min(sizes) >= look.scale_px / 42


def test_the_reference_screen_has_targets_of_20_mm():
    assert Theme(1280, 800).target_px >= 118


def test_a_language_is_named_in_its_own_words():
    assert (theme.endonym("id"), theme.endonym("en"), theme.endonym("bug")) == ("Bahasa Indonesia", "English", "BUG")
