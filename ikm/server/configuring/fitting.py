"""Whether words fit where the kiosk shows them: its own rules, with the widths of its letters as measured. Pure.

Reckoned for a screen of 1280x800; kiosks scale everything with the height of theirs. Wider screens have more room.
"""

from dataclasses import dataclass
from enum import StrEnum

from ikm.domain.questionnaire import OFFICIAL_LOCALE, Question, words

_HEIGHT = 800
_SIZES = sorted({round(6 * 1.06**step) for step in range(64)}, reverse=True)
_LINE = 1.171875
_OTHER = 600
_BINDING = frozenset("–-&·")
_LONG_LABEL = 45

# thousandths of the letters' size, from the space to the tilde: the regular letters and the bold ones
_REGULAR = (
    248, 257, 320, 616, 562, 732, 622, 174, 342, 348, 431, 567, 196, 276, 263, 412, 562, 562, 562, 562, 562, 562, 562,
    562, 562, 562, 242, 211, 508, 549, 522, 472, 898, 652, 623, 651, 656, 568, 553, 681, 713, 272, 552, 627, 538, 873,
    713, 688, 631, 688, 616, 593, 597, 648, 636, 887, 627, 601, 599, 265, 410, 265, 418, 451, 309, 544, 561, 523, 564,
    530, 347, 561, 551, 243, 239, 507, 243, 876, 552, 570, 561, 568, 338, 516, 327, 551, 484, 751, 496, 473, 496, 338,
    244, 338, 680,
)  # fmt: skip
_BOLD = (
    249, 272, 321, 596, 574, 738, 656, 162, 351, 353, 453, 546, 244, 388, 291, 374, 574, 574, 574, 574, 574, 574, 574,
    574, 574, 574, 282, 262, 509, 572, 517, 498, 895, 673, 638, 654, 650, 562, 548, 681, 707, 292, 559, 635, 542, 876,
    706, 690, 645, 690, 638, 615, 619, 658, 654, 875, 635, 618, 606, 278, 422, 278, 437, 446, 331, 536, 563, 521, 563,
    541, 358, 571, 560, 265, 260, 534, 265, 866, 560, 565, 563, 565, 365, 514, 338, 560, 505, 735, 509, 502, 509, 330,
    253, 330, 648,
)  # fmt: skip


class Fit(StrEnum):
    """How words stand in their box: well, in letters so small that they are hard to read, or without their end."""

    WELL = "well"
    SMALL = "small"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Box:
    """Where words stand: its size and the largest and least letters, in pixels."""

    width: float
    height: float
    most_px: float
    least_px: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """The size words get, in pixels, and how they stand then."""

    px: int
    fit: Fit


@dataclass(frozen=True, slots=True)
class Shown:
    """A question on the screen: its words, its labels, which share one size, and the official ones under them.

    `long`: a label is so long that the answers stand two by two.
    """

    question: Fitted
    labels: Fitted
    official: Fitted
    long: bool

    @property
    def cut(self) -> bool:
        """Whether anything loses its end."""
        return Fit.CUT in (self.question.fit, self.labels.fit, self.official.fit)


def _least() -> float:
    return _HEIGHT / 42


_QUESTION = Box(1200, 160, _HEIGHT / 17, 0.85 * _HEIGHT / 27, bold=True)
_PROMISED = Box(828, 160, _HEIGHT / 17, 0.85 * _HEIGHT / 27, bold=True)
_LABEL = Box(267, 166, 1.1 * _HEIGHT / 27, _least(), bold=True)
_LABEL_ABOVE = Box(267, 104, 1.1 * _HEIGHT / 27, _least(), bold=True)
_OFFICIAL = Box(267, 62, _HEIGHT / 36, _least())
_WIDE_LABEL = Box(372, 161, 1.1 * _HEIGHT / 27, _least(), bold=True)
_WIDE_LABEL_ABOVE = Box(372, 88, 1.1 * _HEIGHT / 27, _least(), bold=True)
_WIDE_OFFICIAL = Box(372, 80, _HEIGHT / 36, _least())


def fit(text: str, box: Box) -> Fitted:
    """How those words stand in that box. Below three quarters of the largest size they count as small."""
    pieces, least = _unbroken(text), int(box.least_px)
    sizes = [px for px in _SIZES if box.least_px < px <= box.most_px] + [least]
    size = next((px for px in sizes if _fits(pieces, px, box)), None)
    if size is None:
        return Fitted(least, Fit.CUT)
    return Fitted(size, Fit.SMALL if size < 0.75 * box.most_px else Fit.WELL)


def question_fits(question: Question, locale: str, *, promised: bool = False) -> Shown:
    """How a question and its four labels stand on the screen in that language; `promised` with a promise beside it."""
    labels = question.labels
    long = any(len(words(label, at)) > _LONG_LABEL for label in labels for at in {locale, OFFICIAL_LOCALE})
    found, under = [], []
    for label in labels:
        shown, official = words(label, locale), label.get(OFFICIAL_LOCALE, "")
        official = official if shown != official else ""
        above = (_WIDE_LABEL_ABOVE if long else _LABEL_ABOVE) if official else (_WIDE_LABEL if long else _LABEL)
        found.append(fit(shown, above))
        if official:
            under.append(fit(official, _WIDE_OFFICIAL if long else _OFFICIAL))
    return Shown(
        question=fit(words(question.text, locale), _PROMISED if promised else _QUESTION),
        labels=Fitted(min((one.px for one in found), default=0), _worst(found)),
        official=Fitted(min((one.px for one in under), default=0), _worst(under)),
        long=long,
    )


def _worst(fits: list[Fitted]) -> Fit:
    order = list(Fit)
    return max((one.fit for one in fits), key=order.index, default=Fit.WELL)


def width_px(text: str, px: int, *, bold: bool = False) -> float:
    """How wide a line is in letters of that size."""
    table = _BOLD if bold else _REGULAR
    return sum(table[ord(sign) - 32] if " " <= sign <= "~" else _OTHER for sign in text) * px / 1000


def _fits(pieces: list[str], px: int, box: Box) -> bool:
    lines: list[str] = []
    for piece in pieces:
        if width_px(piece, px, bold=box.bold) > box.width:
            return False
        longer = f"{lines[-1]} {piece}" if lines else piece
        if lines and width_px(longer, px, bold=box.bold) <= box.width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return len(lines) * _LINE * px <= box.height


def _unbroken(text: str) -> list[str]:
    """The pieces between which a line may break: no line begins with a dash or an ampersand."""
    pieces: list[str] = []
    for word in text.split():
        if pieces and word in _BINDING:
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces
