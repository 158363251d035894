"""The look's promises in numbers: contrast, lightness, sizes."""

from itertools import combinations

import pytest

from ikm.domain.configuration import Aid
from kiosk import theme
from kiosk.theme import CALM, STARK, Theme
from tests.screens.measure import contrast, lightness
from tests.support.stage import SIZES

PALETTES = pytest.mark.parametrize("palette", [CALM, STARK], ids=["calm", "stark"])
AIDS = [frozenset(), frozenset({Aid.LARGE}), frozenset(Aid)]


@PALETTES
def test_text_stands_out_seven_to_one(palette):
    grounds = (palette.paper, palette.card, palette.mist)
    pairs = [
        *((text, ground) for text in (palette.ink, palette.soft_ink, palette.deep_brand) for ground in grounds),
        *((text, tint) for text in (palette.ink, palette.soft_ink) for tint in palette.tints),
        (palette.on_brand, palette.brand),
        (palette.on_pressed, palette.pressed),
    ]
    for text, ground in pairs:
        assert contrast(text, ground) >= 7, (text, ground)


@PALETTES
def test_what_can_be_pressed_has_an_edge_three_to_one(palette):
    for ground in (palette.paper, palette.card):
        assert contrast(palette.line, ground) >= 3
        assert contrast(palette.brand, ground) >= 4.5


@PALETTES
def test_a_pressed_target_is_unmistakable(palette):
    assert contrast(palette.pressed, palette.card) >= 7


@PALETTES
def test_ratings_differ_in_lightness_alone(palette):
    for one, other in combinations(palette.ratings, 2):
        assert abs(lightness(one) - lightness(other)) >= 10


@PALETTES
def test_faces_are_drawn_clearly_on_their_colours(palette):
    for colour, features in zip(palette.ratings, palette.features, strict=True):
        assert contrast(colour, features) >= 4.5


@pytest.mark.parametrize("aids", AIDS, ids=len)
@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_smaller_than_a_42nd_of_the_scale(size, aids):
    look = Theme(*size, aids)
    sizes = (look.display_px, look.question_px, look.body_px, look.label_px, look.small_px, look.least_px)
    assert list(sizes) == sorted(sizes, reverse=True)
    least = look.scale_px / 42 * (1.3 if Aid.LARGE in aids else 1)
    assert min(sizes) >= least - 1e-6


@pytest.mark.parametrize("aids", AIDS, ids=len)
def test_the_reference_screen_has_targets_of_20_mm(aids):
    # 10 inches across the diagonal of 1280x800
    pixels_per_mm = (1280**2 + 800**2) ** 0.5 / 254
    assert Theme(1280, 800, aids).target_px >= 20 * pixels_per_mm
    assert Theme(1280, 800, aids).key_px >= 20 * pixels_per_mm


def test_each_aid_changes_what_it_is_for():
    look = Theme(1280, 800, frozenset({Aid.LARGE, Aid.CONTRAST, Aid.LOW}))
    assert (look.colours, look.low, look.body_px / Theme(1280, 800).body_px) == (STARK, True, pytest.approx(1.3))
    assert (Theme(1280, 800).colours, Theme(1280, 800).low) == (CALM, False)


def test_a_language_is_named_in_its_own_words():
    assert (theme.endonym("id"), theme.endonym("en"), theme.endonym("bug")) == ("Indonesia", "English", "BUG")
