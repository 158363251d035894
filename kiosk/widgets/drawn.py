"""Everything that is drawn rather than written: faces, arrows, ticks, the progress bar, the countdown's ring.

Drawn from smooth primitives, since pictures would have to exist for every size of screen.
"""

from kivy.graphics import Color, SmoothEllipse, SmoothLine, SmoothRoundedRectangle
from kivy.properties import BoundedNumericProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.theme import CALM

_CURVES = {1: -0.20, 2: -0.07, 3: 0.13, 4: 0.0}
"""How far the corners of the mouth stand above its middle, in radii; the fourth mouth is open."""


class Stroke:
    """A line with round ends."""

    def __init__(self) -> None:
        self._line = SmoothLine(width=1)
        self._ends = (SmoothEllipse(), SmoothEllipse())

    @property
    def instructions(self) -> tuple[object, ...]:
        """What it is drawn by."""
        return self._line, *self._ends

    def draw(self, points: list[tuple[float, float]], weight: float) -> None:
        """Lead the line through these points, `weight` pixels thick."""
        self._line.width = max(1.01, weight / 2)
        self._line.points = [place for point in points for place in point]
        for end, (x, y) in zip(self._ends, (points[0], points[-1]), strict=True):
            end.size = (weight, weight)
            end.pos = (x - weight / 2, y - weight / 2)

    def hide(self) -> None:
        """Show nothing."""
        self._line.points = []
        for end in self._ends:
            end.size = (0, 0)


class Face(Widget):
    """A face for a rating: brows and a hard mouth, a sad one, a smile, an open smile.

    `outline` sets a head whose colour is close to the ground off from it.
    """

    rating = NumericProperty(4)
    head = ColorProperty(CALM.brand)
    outline = ColorProperty((0, 0, 0, 0))
    features = ColorProperty(CALM.on_brand)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._outline_colour = Color()
            self._outline = SmoothEllipse(segments=90)
            self._head_colour = Color()
            self._head = SmoothEllipse(segments=90)
            self._feature_colour = Color()
            self._eyes = (SmoothEllipse(), SmoothEllipse())
            self._brows = (Stroke(), Stroke())
            self._mouth = Stroke()
            self._laugh = SmoothEllipse(angle_start=90, angle_end=270, segments=60)
        for name in ("pos", "size", "rating", "head", "features", "outline"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_event: object) -> None:
        radius = min(self.size) / 2
        middle_x, middle_y = _middle(self)
        self._head_colour.rgba = self.head
        self._feature_colour.rgba = self.features
        self._outline_colour.rgba = self.outline
        inner = radius * (0.965 if self.outline[3] else 1)
        for disc, reach in ((self._outline, radius), (self._head, inner)):
            disc.pos = (middle_x - reach, middle_y - reach)
            disc.size = (2 * reach, 2 * reach)
        for eye, side in zip(self._eyes, (-1, 1), strict=True):
            eye.size = (0.19 * radius, 0.26 * radius)
            eye.pos = (middle_x + side * 0.33 * radius - 0.095 * radius, middle_y + 0.10 * radius)
        self._draw_brows(middle_x, middle_y, radius)
        self._draw_mouth(middle_x, middle_y, radius)

    def _draw_brows(self, x: float, y: float, radius: float) -> None:
        for brow, side in zip(self._brows, (-1, 1), strict=True):
            if self.rating == 1:
                outer = (x + side * 0.52 * radius, y + 0.56 * radius)
                inner = (x + side * 0.20 * radius, y + 0.44 * radius)
                brow.draw([outer, inner], 0.09 * radius)
            else:
                brow.hide()

    def _draw_mouth(self, x: float, y: float, radius: float) -> None:
        if self.rating == 4:
            self._mouth.hide()
            self._laugh.size = (1.04 * radius, 0.92 * radius)
            self._laugh.pos = (x - 0.52 * radius, y - 0.62 * radius)
            return
        self._laugh.size = (0, 0)
        curve = _CURVES[int(self.rating)] * radius
        base = y - 0.38 * radius - curve / 2
        steps = [step / 12 for step in range(-12, 13)]
        self._mouth.draw([(x + step * 0.42 * radius, base + curve * step * step) for step in steps], 0.10 * radius)


class Arrow(Widget):
    """A chevron that points back or forward, or nothing."""

    way = StringProperty("")
    tone = ColorProperty(CALM.ink)
    weight = NumericProperty(3)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._colour = Color()
            self._stroke = Stroke()
        for name in ("pos", "size", "way", "tone", "weight"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_event: object) -> None:
        self._colour.rgba = self.tone
        left, right, bottom = self.x, self.x + self.width, self.y
        tip, tail = (left, right) if self.way == "back" else (right, left)
        if self.way:
            points = [(tail, bottom), (tip, bottom + self.height / 2), (tail, bottom + self.height)]
            self._stroke.draw(points, self.weight)
        else:
            self._stroke.hide()


class Tick(Widget):
    """A tick: chosen."""

    tone = ColorProperty(CALM.brand)
    weight = NumericProperty(3)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._colour = Color()
            self._stroke = Stroke()
        for name in ("pos", "size", "tone", "weight"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_event: object) -> None:
        self._colour.rgba = self.tone
        places = ((0.05, 0.5), (0.38, 0.15), (0.95, 0.85))
        self._stroke.draw([(self.x + x * self.width, self.y + y * self.height) for x, y in places], self.weight)


class Mark(Widget):
    """A tick on a disc at most `most_px` wide: done."""

    most_px = NumericProperty(10_000)
    disc = ColorProperty(CALM.accent)
    tone = ColorProperty(CALM.ink)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._disc_colour = Color()
            self._disc = SmoothEllipse(segments=90)
            self._tone_colour = Color()
            self._stroke = Stroke()
        for name in ("pos", "size", "disc", "tone", "most_px"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_event: object) -> None:
        self._disc_colour.rgba, self._tone_colour.rgba = self.disc, self.tone
        radius = max(0, min(*self.size, self.most_px)) / 2
        x, y = _middle(self)
        self._disc.pos, self._disc.size = (x - radius, y - radius), (2 * radius, 2 * radius)
        places = ((-0.45, 0.02), (-0.13, -0.32), (0.47, 0.34))
        self._stroke.draw([(x + across * radius, y + up * radius) for across, up in places], 0.15 * radius)


class Bar(Widget):
    """How much of something is behind us, `part` from 0 to 1."""

    part = BoundedNumericProperty(0.0, min=0.0, max=1.0)
    tone = ColorProperty(CALM.brand)
    track = ColorProperty(CALM.line)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._track_colour = Color()
            self._track = SmoothRoundedRectangle()
            self._tone_colour = Color()
            self._filled = SmoothRoundedRectangle()
        for name in ("pos", "size", "part", "tone", "track"):
            self.fbind(name, self._draw)

    def _draw(self, *_event: object) -> None:
        self._track_colour.rgba, self._tone_colour.rgba = self.track, self.tone
        for shape, width in ((self._track, self.width), (self._filled, max(self.height, self.width * self.part))):
            shape.pos = self.pos
            shape.size = (width, self.height)
            shape.radius = [self.height / 2]


class Ring(Widget):
    """How much time is left, `part` from 1 to 0, as a circle that empties."""

    part = BoundedNumericProperty(1.0, min=0.0, max=1.0)
    tone = ColorProperty(CALM.brand)
    track = ColorProperty(CALM.line)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._track_colour = Color()
            self._track = SmoothLine()
            self._tone_colour = Color()
            self._left = SmoothLine()
        for name in ("pos", "size", "part", "tone", "track"):
            self.fbind(name, self._draw)

    def _draw(self, *_event: object) -> None:
        self._track_colour.rgba, self._tone_colour.rgba = self.track, self.tone
        radius = min(self.size) / 2
        weight = max(1.01, radius * 0.055)
        for line, end in ((self._track, 360), (self._left, max(1, 360 * self.part))):
            line.width = weight
            line.circle = (*_middle(self), radius - 2 * weight, 0, end)


def _middle(widget: Widget) -> tuple[float, float]:
    # not `center`: Kivy caches it, and while a size is being set the cache is a step behind
    return widget.x + widget.width / 2, widget.y + widget.height / 2
