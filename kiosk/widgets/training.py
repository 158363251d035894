"""The mark over every screen while the kiosk is only being practised on: a striped frame with words, none of it tapped.

The top of every screen is kept free of words for it, `kiosk.theme.Theme.band_px` high.
"""

from pathlib import Path

from kivy.graphics import Color, Mesh
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from ikm.i18n import Translate
from kiosk.theme import CALM, Theme
from kiosk.widgets.fitted import FittedLabel

__all__ = ["FittedLabel", "TrainingMark"]


class TrainingMark(Widget):
    """Says that nothing counts that is answered now; not there at all otherwise."""

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    shown = BooleanProperty(False)
    words = StringProperty("")

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        with self.canvas.before:
            # the same in both palettes: amber and ink are a warning on white and on black
            Color(*CALM.accent)
            self._bands = Mesh(mode="triangles")
            Color(*CALM.ink)
            self._stripes = Mesh(mode="triangles")
        for name in ("pos", "size", "look", "shown"):
            self.fbind(name, self._draw)

    def show(self, _: Translate, *, shown: bool) -> None:
        """Be there, or not."""
        self.shown = shown
        self.words = _("LATIHAN – tidak dihitung") if shown else ""

    def on_touch_down(self, _touch: object) -> bool:
        """Nothing here is ever pressed."""
        return False

    def _draw(self, *_event: object) -> None:
        edge, top = self.look.space_px, self.height - self.look.band_px
        frame = [(0, 0, edge, self.height), (self.width - edge, 0, self.width, self.height), (0, 0, self.width, edge)]
        bands = [*frame, (0, top, self.width, self.height)] if self.shown else []
        _fill(self._bands, [[(x, y), (right, y), (right, up), (x, up)] for x, y, right, up in bands])
        step, middle = 4 * edge, self.width / 2
        reach = self.ids.label.width / 2 if self.ids else middle
        places = [place * step for place in range(int(self.width / step) + 1)] if self.shown else []
        slanted = [x for x in places if x + 3 * edge + self.look.band_px < middle - reach or x > middle + reach]
        height = self.look.band_px
        _fill(
            self._stripes,
            [
                [(x, top), (x + 2 * edge, top), (x + 2 * edge + height, top + height), (x + height, top + height)]
                for x in slanted
            ],
        )


def _fill(mesh: Mesh, quads: list[list[tuple[float, float]]]) -> None:
    mesh.vertices = [number for quad in quads for x, y in quad for number in (x, y, 0, 0)]
    mesh.indices = [4 * place + corner for place in range(len(quads)) for corner in (0, 1, 2, 0, 2, 3)]


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
