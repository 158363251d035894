"""A page of titled lines in columns, in the largest size in which all of it fits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kivy.clock import Clock
from kivy.properties import ListProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.theme import Theme
from kiosk.widgets.fitted import FittedLabel, core_measure, wrapped

Parts = list[tuple[str, tuple[str, ...]]]
"""Titles, each with its lines."""


TITLE_GAP, GAP = 0.55, 0.12
"""What stays empty above a title and above its lines, in heights of a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of one label: in which column they stand, how far below its top, and what they say."""

    column: int
    down: float
    title: bool
    lines: tuple[str, ...]


def flow(parts: Parts, wrap: Callable[[str, bool], list[str]], *, line: float, height: float) -> list[Run]:
    """The runs of all parts through as many columns as they need. A title is never left alone at a column's foot."""
    runs: list[Run] = []
    column, down = 0, 0.0
    for title, texts in parts:
        blocks = [(True, wrap(title, True))] if title else []
        blocks += [(False, wrap(text, False)) for text in texts]
        for is_title, lines in blocks:
            gap = line * (TITLE_GAP if is_title else GAP) if down else 0.0
            # a title needs room for the line after it too
            needed = gap + line * (len(lines) + GAP + 1 if is_title else 1)
            if down and down + needed > height:
                column, down, gap = column + 1, 0.0, 0.0
            left = lines
            while left:
                room = max(1, int((height - down - gap) / line + 1e-6))
                runs.append(Run(column, down + gap, is_title, tuple(left[:room])))
                down += gap + line * len(left[:room])
                left = left[room:]
                if left:
                    column, down, gap = column + 1, 0.0, 0.0
    return runs


class Sheet(Widget):
    """`parts` in `columns`; its labels are kept and change their words."""

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    parts = ListProperty([])
    columns = NumericProperty(2)
    max_px = NumericProperty(30)
    min_px = NumericProperty(12)

    def __init__(self, **properties: object) -> None:
        self._refit = Clock.create_trigger(lambda _elapsed_s: self._lay_out(), -1)
        super().__init__(**properties)
        for name in ("parts", "columns", "pos", "size", "look", "max_px", "min_px"):
            self.fbind(name, lambda *_event: self._refit())

    def _lay_out(self) -> None:
        if self.width <= 1 or self.height <= 1:
            return
        gutter = self.look.space_px * 5
        width = (self.width - gutter * (self.columns - 1)) / self.columns
        px, runs = self._fitting(width)
        for label, run in zip(self._labels(len(runs)), runs, strict=True):
            label.bold = run.title
            label.color = self.look.colours.deep_brand if run.title else self.look.colours.ink
            label.max_px = label.min_px = px
            label.size = width, len(run.lines) * _line(px)
            label.pos = self.x + run.column * (width + gutter), self.top - run.down - label.height
            label.words = " ".join(run.lines)

    def _fitting(self, width: float) -> tuple[int, list[Run]]:
        """The largest size at which all fits, and the runs in columns as equally high as can be."""
        px = least = int(self.min_px)
        for tried in range(int(self.max_px), least - 1, -1):
            if max((run.column for run in self._runs(tried, width, self.height)), default=0) < self.columns:
                px = tried
                break
        low, high = 0.0, float(self.height)
        for _halving in range(7):
            middle = (low + high) / 2
            if max((run.column for run in self._runs(px, width, middle)), default=0) < self.columns:
                high = middle
            else:
                low = middle
        return px, self._runs(px, width, high)

    def _runs(self, px: int, width: float, height: float) -> list[Run]:
        def wrap(text: str, bold: bool) -> list[str]:
            return wrapped(text.split(), core_measure(px, bold=bold), width)

        return flow(list(self.parts), wrap, line=_line(px), height=height)

    def _labels(self, count: int) -> Iterator[FittedLabel]:
        while len(self.children) < count:
            self.add_widget(FittedLabel(halign="left", valign="top"))
        kept = list(reversed(self.children))
        for label in kept[count:]:
            label.words = ""
        yield from kept[:count]


def _line(px: int) -> int:
    """Height of a line in that size, with a pixel for rounding."""
    return core_measure(px)("Ag")[1] + 1
