"""The look in one place: colours (red, green, blue, alpha from 0 to 1), and sizes that grow with the window."""

from dataclasses import dataclass

Colour = tuple[float, float, float, float]


def _colour(code: str) -> Colour:
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue, 1.0


PAPER = _colour("FAF8F3")
CARD = _colour("FFFFFF")
INK = _colour("17212B")
SOFT_INK = _colour("38434E")
"""For second lines: still 7:1 on paper, mist and tints."""
LINE = _colour("CFC9BB")
TEAL = _colour("0B5F63")
DEEP_TEAL = _colour("084A4D")
MIST = _colour("DCE9E6")
"""Teal's palest tone: things to look at, not to press."""
AMBER = _colour("F2B33D")

RATING_COLOURS = (_colour("D84A24"), AMBER, _colour("5FB08F"), TEAL)
"""Vermilion, amber, sea green, deep teal, for ratings 1 to 4: no two alike in lightness."""
RATING_TINTS = (_colour("FBE3DA"), _colour("FDF0D3"), _colour("DFF0E8"), _colour("D3E6E5"))
RATING_FEATURES = (INK, INK, INK, CARD)
"""What eyes and mouth are drawn in, on the colour of that rating."""

ENDONYMS = {"id": "Bahasa Indonesia", "en": "English", "jv": "Basa Jawa", "su": "Basa Sunda"}
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
        return self.scale_px / 10

    @property
    def question_px(self) -> float:
        """Size of a question."""
        return self.scale_px / 17

    @property
    def body_px(self) -> float:
        """Size of sentences."""
        return self.scale_px / 24

    @property
    def label_px(self) -> float:
        """Size of what stands on a target."""
        return self.scale_px / 27

    @property
    def small_px(self) -> float:
        """Size of second lines."""
        return self.scale_px / 36

    @property
    def least_px(self) -> float:
        """No text is smaller than this."""
        return self.scale_px / 42

    @property
    def space_px(self) -> float:
        """One step of the spacing grid."""
        return self.scale_px / 100

    @property
    def margin_px(self) -> float:
        """What stays empty round a screen."""
        return 5 * self.space_px

    @property
    def target_px(self) -> float:
        """The least height and width of what is tapped: 20 mm on a 10-inch screen of 1280x800."""
        return self.scale_px * 119 / 800

    @property
    def radius_px(self) -> float:
        """How round corners are."""
        return 2 * self.space_px
