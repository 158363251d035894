"""Small signs that stand beside words: larger letters, contrast, lower, aloud, one switch, languages, a page to read.

Each is a list of strokes in a square of side 1, so that it is crisp at every size.
"""

from math import cos, pi, sin

from kivy.graphics import Color, InstructionGroup, SmoothEllipse
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.theme import CALM
from kiosk.widgets.drawn import Stroke

Path = tuple[tuple[float, float], ...]


def _arc(x: float, y: float, across: float, up: float, *, reach: float = 180.0) -> Path:
    """An ellipse round (x, y), or what of it lies within `reach` degrees of its right end."""
    steps = [reach * step / 16 for step in range(-16, 17)]
    return tuple((x + across * cos(at * pi / 180), y + up * sin(at * pi / 180)) for at in steps)


def _box(left: float, bottom: float, right: float, top: float) -> Path:
    return (left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)


STROKES: dict[str, tuple[Path, ...]] = {
    "large": (
        ((0.40, 0.05), (0.70, 0.95), (1.00, 0.05)),
        ((0.51, 0.36), (0.89, 0.36)),
        ((0.00, 0.05), (0.16, 0.52), (0.32, 0.05)),
        ((0.07, 0.22), (0.25, 0.22)),
    ),
    "contrast": (_arc(0.5, 0.5, 0.46, 0.46),),
    "low": (
        ((0.50, 0.97), (0.50, 0.30)),
        ((0.22, 0.55), (0.50, 0.27), (0.78, 0.55)),
        ((0.08, 0.05), (0.92, 0.05)),
    ),
    "aloud": (
        ((0.02, 0.36), (0.22, 0.36), (0.46, 0.12), (0.46, 0.88), (0.22, 0.64), (0.02, 0.64), (0.02, 0.36)),
        _arc(0.46, 0.5, 0.22, 0.22, reach=50),
        _arc(0.46, 0.5, 0.46, 0.46, reach=50),
    ),
    "scanning": (
        _box(0.28, 0.22, 0.72, 0.78),
        _box(0.02, 0.40, 0.14, 0.60),
        _box(0.44, 0.40, 0.56, 0.60),
        _box(0.86, 0.40, 0.98, 0.60),
    ),
    "help": (
        _arc(0.5, 0.5, 0.46, 0.46),
        _arc(0.5, 0.5, 0.20, 0.46),
        ((0.04, 0.5), (0.96, 0.5)),
    ),
    "read": (
        _box(0.14, 0.03, 0.86, 0.97),
        ((0.32, 0.72), (0.68, 0.72)),
        ((0.32, 0.50), (0.68, 0.50)),
        ((0.32, 0.28), (0.55, 0.28)),
    ),
}


class Sign(Widget):
    """The sign called `name`, or nothing."""

    name = StringProperty("")
    tone = ColorProperty(CALM.ink)
    weight = NumericProperty(3)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._colour = Color()
        self._drawn = InstructionGroup()
        self.canvas.add(self._drawn)
        self.fbind("tone", self._paint)
        for name in ("pos", "size", "name", "weight"):
            self.fbind(name, self._draw)
        self._draw()

    def _paint(self, *_event: object) -> None:
        self._colour.rgba = self.tone

    def _draw(self, *_event: object) -> None:
        self._paint()
        self._drawn.clear()
        side = min(self.size)
        left, bottom = self.x + (self.width - side) / 2, self.y + (self.height - side) / 2
        for path in STROKES.get(self.name, ()):
            stroke = Stroke()
            stroke.draw([(left + x * side, bottom + y * side) for x, y in path], self.weight)
            for instruction in stroke.instructions:
                self._drawn.add(instruction)
        if self.name == "contrast":
            half = SmoothEllipse(pos=(left + 0.04 * side, bottom + 0.04 * side), size=(0.92 * side, 0.92 * side))
            half.angle_start, half.angle_end = 0, 180
            self._drawn.add(half)
