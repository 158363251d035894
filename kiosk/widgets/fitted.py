"""Text that always fits its box: it wraps, shrinks within limits, and loses its end before it would be clipped."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.lang import Builder
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.label import Label

Measure = Callable[[str], tuple[int, int]]
"""Width and height in pixels of a line of text."""

Builder.load_file(str(Path(__file__).with_suffix(".kv")))


SIZES_PX = tuple(sorted({round(6 * 1.06**step) for step in range(64)}, reverse=True))
"""Letters come in these sizes only, whatever the label: each size that is opened keeps its font in memory."""


BINDING = frozenset("–-&·")
"""Signs that end a line rather than begin one."""


class FitGroup:
    """Labels that share one size, that of the one with the least room: four answers of equal weight look equal."""

    def __init__(self) -> None:
        self._members: list[FittedLabel] = []
        self.refit = Clock.create_trigger(self._refit, -1)

    def join(self, label: "FittedLabel") -> None:
        """Size this label with the others from now on."""
        self._members.append(label)
        self.refit()

    def _refit(self, _elapsed_s: float) -> None:
        for label in self._members:
            # no size to agree on, but what it said before must go
            if not label.words:
                label.text = ""
        # what is out of sight has no say in the size of what is seen, but is ready when it comes back
        natural = [(label, label.natural_px()) for label in self._members if label.words]
        seen = min((px for label, px in natural if label.get_root_window()), default=0)
        unseen = min((px for _label, px in natural), default=0)
        for label, _px in natural:
            label.fit(seen if label.get_root_window() else unseen)


class FittedLabel(Label):
    """A label for `words`, at most `max_px` and at least `min_px` high. It breaks its own lines."""

    words = StringProperty("")
    max_px = NumericProperty(30)
    min_px = NumericProperty(12)
    group = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: object) -> None:
        self._refit = Clock.create_trigger(lambda _elapsed_s: self.fit(self.natural_px()), -1)
        super().__init__(**properties)
        for name in ("words", "size", "max_px", "min_px", "bold"):
            self.fbind(name, self._changed)
        self._changed()

    def on_group(self, _label: object, group: FitGroup) -> None:
        """Join the group."""
        group.join(self)

    def natural_px(self) -> int:
        """The largest size at which the words fit, or the least one allowed."""
        least = int(self.min_px)
        words = unbroken(self.words)
        sizes = (px for px in SIZES_PX if least < px <= self.max_px)
        return next((px for px in sizes if self._fits(words, px)), least)

    def fit(self, px: int) -> None:
        """Show the words at this size, without their end where even so there is no room for it."""
        kept = [self._within(word, px) for word in unbroken(self.words)]
        while len(kept) > 1 and not self._fits(kept, px):
            kept = [*kept[:-2], kept[-2].rstrip("…,;.") + "…"]
        self.font_size = px
        self.text = "\n".join(self._balanced(kept, px))

    def _changed(self, *_event: object) -> None:
        if self.group is None:
            self._refit()
        else:
            self.group.refit()

    def _fits(self, words: list[str], px: int) -> bool:
        measure = self._measure(px)
        if any(measure(word)[0] > self.width for word in words):
            return False
        return len(wrapped(words, measure, self.width)) * measure("Ag")[1] <= self.height

    def _within(self, word: str, px: int) -> str:
        measure = self._measure(px)
        if measure(word)[0] <= self.width:
            return word
        end = len(word)
        while end > 1 and measure(word[:end] + "…")[0] > self.width:
            end -= 1
        return word[:end] + "…"

    def _balanced(self, words: list[str], px: int) -> list[str]:
        """Lines as few as can be and as equal as can be: no word is left alone on the last one."""
        measure = self._measure(px)
        lines = wrapped(words, measure, self.width)
        narrow, wide = 0.0, float(self.width)
        for _halving in range(7):
            middle = (narrow + wide) / 2
            tried = wrapped(words, measure, middle)
            if len(tried) == len(lines) and all(measure(line)[0] <= middle for line in tried):
                lines, wide = tried, middle
            else:
                narrow = middle
        return lines

    def _measure(self, px: int) -> Measure:
        return core_measure(px, bold=self.bold)


def unbroken(words: str) -> list[str]:
    """The pieces between which a line may break: no line begins with a dash or an ampersand."""
    pieces: list[str] = []
    for word in words.split():
        if pieces and word in BINDING:
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def core_measure(px: int, *, bold: bool = False) -> Measure:
    """How wide and high a line is in the interface's letters of that size."""
    return partial(_extents, px, bold)


# the same few words are measured again and again while a size is sought, and by every citizen's visit
@lru_cache(maxsize=20_000)
def _extents(px: int, bold: bool, text: str) -> tuple[int, int]:
    extents: tuple[int, int] = CoreLabel(font_size=px, bold=bold).get_extents(text)
    return extents


def wrapped(words: list[str], measure: Measure, width: float) -> list[str]:
    """The words in as few lines of that width as they need."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
