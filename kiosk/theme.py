"""The look in one place: colours (red, green, blue, alpha from 0 to 1), and sizes that grow with the window.

Both follow the aids in use: larger text, high contrast, low reach.
"""

from dataclasses import dataclass
from math import ceil

from ikm.domain.configuration import Aid

Colour = tuple[float, float, float, float]


def _colour(code: str) -> Colour:
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue, 1.0


_INK, _CARD, _AMBER, _TEAL = _colour("17212B"), _colour("FFFFFF"), _colour("F6BE4F"), _colour("0B5F63")
_BLACK, _WHITE, _YELLOW = _colour("000000"), _colour("FFFFFF"), _colour("FFE34D")


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour of one look, by what it is for.

    `soft_ink` is for second lines: still 7:1 on paper, mist and tints. `brand` is the one thing to do, `deep_brand` is
    brand as text on paper, card and mist; `mist` its palest tone, for things to look at and not to press. `pressed` is
    a target under a finger. `on_...` is text on that colour. `ratings`, `tints` and `features` (what eyes and mouth
    are drawn in) run from rating 1 to 4; no two ratings are alike in lightness.
    """

    paper: Colour
    card: Colour
    ink: Colour
    soft_ink: Colour
    line: Colour
    brand: Colour
    on_brand: Colour
    deep_brand: Colour
    mist: Colour
    accent: Colour
    pressed: Colour
    on_pressed: Colour
    ratings: tuple[Colour, Colour, Colour, Colour]
    tints: tuple[Colour, Colour, Colour, Colour]
    features: tuple[Colour, Colour, Colour, Colour]


CALM = Palette(
    paper=_colour("FAF8F3"),
    card=_CARD,
    ink=_INK,
    soft_ink=_colour("38434E"),
    # 3:1 on paper and card: what can be pressed must be seen to have an edge
    line=_colour("8C8674"),
    brand=_TEAL,
    on_brand=_CARD,
    deep_brand=_colour("084A4D"),
    mist=_colour("DCE9E6"),
    accent=_AMBER,
    pressed=_INK,
    on_pressed=_CARD,
    ratings=(_colour("E45E34"), _AMBER, _colour("66B795"), _TEAL),
    tints=(_colour("FBE3DA"), _colour("FDF0D3"), _colour("DFF0E8"), _colour("D3E6E5")),
    features=(_INK, _INK, _INK, _CARD),
)
"""The civic everyday look."""

STARK = Palette(
    paper=_BLACK,
    card=_BLACK,
    ink=_WHITE,
    soft_ink=_colour("E6E6E6"),
    line=_WHITE,
    brand=_YELLOW,
    on_brand=_BLACK,
    deep_brand=_YELLOW,
    mist=_colour("1E1E1E"),
    accent=_YELLOW,
    pressed=_WHITE,
    on_pressed=_BLACK,
    ratings=(_colour("E85A30"), _colour("FFC24D"), _colour("D2F4E4"), _colour("35B9C0")),
    tints=(_colour("331008"), _colour("332300"), _colour("0B2A1D"), _colour("062B2D")),
    features=(_BLACK, _BLACK, _BLACK, _BLACK),
)
"""High contrast: light on black, edges in white."""

ENDONYMS = {"id": "Indonesia", "en": "English", "jv": "Jawa", "su": "Sunda"}
"""A language is offered in its own words."""


def endonym(locale: str) -> str:
    """What speakers call that language, or its code where we do not know."""
    return ENDONYMS.get(locale, locale.upper())


@dataclass(frozen=True, slots=True)
class Theme:
    """All sizes for one window, in its pixels.

    Everything follows `scale_px`: the window's height, held back where the window is narrow, since text that follows
    a portrait screen's height would break into single words.
    """

    width_px: int
    height_px: int
    aids: frozenset[Aid] = frozenset()

    @property
    def colours(self) -> Palette:
        """The palette in use."""
        return STARK if Aid.CONTRAST in self.aids else CALM

    @property
    def low(self) -> bool:
        """Whether everything that is tapped has to lie in the lower half."""
        return Aid.LOW in self.aids

    @property
    def text_scale(self) -> float:
        """What text sizes are multiplied by."""
        return 1.3 if Aid.LARGE in self.aids else 1.0

    @property
    def portrait(self) -> bool:
        """Whether the window is higher than it is wide."""
        return self.height_px > self.width_px

    @property
    def scale_px(self) -> float:
        """The length all others are fractions of."""
        return min(self.height_px, 1.25 * self.width_px)

    @property
    def display_px(self) -> float:
        """Size of the one thing a screen says, where it says only one."""
        return self.text_scale * self.scale_px / 10

    @property
    def question_px(self) -> float:
        """Size of a question."""
        return self.text_scale * self.scale_px / 17

    @property
    def body_px(self) -> float:
        """Size of sentences."""
        return self.text_scale * self.scale_px / 24

    @property
    def label_px(self) -> float:
        """Size of what stands on a target."""
        return self.text_scale * self.scale_px / 27

    @property
    def small_px(self) -> float:
        """Size of second lines."""
        return self.text_scale * self.scale_px / 36

    @property
    def least_px(self) -> float:
        """No text is smaller than this."""
        return self.text_scale * self.scale_px / 42

    @property
    def space_px(self) -> float:
        """One step of the spacing grid."""
        return self.scale_px / 100

    @property
    def margin_px(self) -> float:
        """What stays empty round a screen."""
        return 5 * self.space_px

    @property
    def band_px(self) -> float:
        """The height at the top of every screen where no word stands, kept for the training mark."""
        return 4.4 * self.space_px

    @property
    def target_px(self) -> float:
        """The least height and width of what is tapped: 20 mm on a 10-inch screen of 1280x800."""
        # whole, or a layout would round a small screen's down
        return ceil(self.scale_px * 119 / 800)

    @property
    def key_px(self) -> float:
        """The least width of a key of the keyboard.

        Ten keys in a row of 20 mm fill a 10-inch screen. On a portrait screen they are 20 mm from 18.5 inches up, the
        smallest such screen sold for counters; there the rows stay as high as every other target.
        """
        return self.width_px * 94 / 1080 if self.portrait else self.target_px

    @property
    def radius_px(self) -> float:
        """How round corners are."""
        return 2 * self.space_px
