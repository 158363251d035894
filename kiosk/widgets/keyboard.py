"""The kiosk's own keyboard and the field that shows what it types. Kivy's keyboard would cover half of a screen."""

from collections.abc import Iterator
from pathlib import Path

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    DictProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk import theme
from kiosk.widgets.fitted import FitGroup, FittedLabel
from kiosk.widgets.layouts import ACTIONS, LAYOUTS, broken
from kiosk.widgets.target import Target

__all__ = ["LAYOUTS", "Entry", "FittedLabel", "KeyCap", "Keyboard"]

WRITING_MARGIN = 0.35
"""Room left and right of what is typed, in heights of its letters."""


class KeyCap(Target):
    """One key. `primary` is the one that finishes; `gap` is the space between what is seen of two keys, in pixels."""

    words = StringProperty("")
    primary = BooleanProperty(False)
    letter = BooleanProperty(True)
    gap = NumericProperty(0)
    edge = NumericProperty(0)
    fill = ColorProperty()
    group = ObjectProperty(None, allownone=True)


class Keyboard(Widget):
    """All keys of `layout`; `on_key` is emitted with the name of the one tapped, a letter or one of `ACTIONS`.

    `words` names the keys that are words: {"done": "Kirim", "erase": "Hapus"}. Keys in `hidden` are not offered.
    A held key types once: it is the finger leaving it that counts.
    """

    __events__ = ("on_key",)

    look = ObjectProperty(theme.Theme(1280, 800), rebind=True)
    layout = OptionProperty("comment", options=list(LAYOUTS))
    words = DictProperty({})
    hidden = ListProperty([])

    def __init__(self, **properties: object) -> None:
        self._caps: dict[str, dict[str, KeyCap]] = {}
        self._shown = ""
        self._place = Clock.create_trigger(self._lay_out, -1)
        super().__init__(**properties)
        for name in ("pos", "size", "look", "layout", "words", "hidden"):
            self.fbind(name, self._place)
        self._lay_out(0)

    def on_key(self, name: str) -> None:
        """Emitted for each key tapped."""

    def targets(self) -> Iterator[tuple[str, Target]]:
        """The keys by target name: what finishes first, then the letters, then the way back."""
        caps = self._caps_of(self.layout)
        yield from ((key.target, caps[key.name]) for key in LAYOUTS[self.layout].keys)

    def _lay_out(self, _elapsed_s: float) -> None:
        caps, layout = self._caps_of(self.layout), LAYOUTS[self.layout]
        if self._shown != self.layout:
            self._shown = self.layout
            for gone in self.children:
                # a finger on a key that goes must not type when it is lifted
                gone.forget()
            self.clear_widgets()
            for cap in caps.values():
                self.add_widget(cap)
        for name, (x, y, width, height) in layout.places((self.x, self.y, self.width, self.height)).items():
            cap = caps[name]
            cap.look = self.look
            cap.pos, cap.size = (x, y), (width, height)
            cap.offered = name not in self.hidden
            if name in ACTIONS:
                cap.words = self.words.get(name, "")

    def _caps_of(self, layout: str) -> dict[str, KeyCap]:
        # made once and kept: a keyboard is changed between layouts all day
        if layout not in self._caps:
            letters, actions = FitGroup(), FitGroup()
            self._caps[layout] = {
                key.name: self._cap(layout, key, actions if key.name in ACTIONS else letters)
                for key in LAYOUTS[layout].keys
            }
        return self._caps[layout]

    def _cap(self, layout, key, group) -> KeyCap:
        letter = key.name not in ACTIONS
        words = LAYOUTS[layout].shown(key) if letter else ""
        cap = KeyCap(words=words, letter=letter, primary=key.name == "done", group=group, look=self.look)
        cap.bind(on_tap=lambda _cap: self.dispatch("on_key", key.name))
        return cap


class Entry(Label):
    """What has been typed so far, in `words`, with a caret after it; `hint` is shown while nothing has.

    Letters shrink from `max_px` to `min_px` as the text grows; what then still has no room leaves at the beginning.
    The hint begins `start` pixels further right, behind the caret.
    """

    look = ObjectProperty(theme.Theme(1280, 800), rebind=True)
    words = StringProperty("")
    hint = StringProperty("")
    max_px = NumericProperty(30)
    min_px = NumericProperty(20)
    inset = NumericProperty(0)
    caret = ListProperty([0, 0, 0, 0])
    start = NumericProperty(0)

    def __init__(self, **properties: object) -> None:
        self._write = Clock.create_trigger(self._refit, -1)
        super().__init__(**properties)
        for name in ("words", "hint", "pos", "size", "max_px", "min_px", "inset"):
            self.fbind(name, self._write)
        self._write()

    def lines(self) -> list[str]:
        """The lines shown."""
        return self.text.split("\n") if self.words else []

    def _refit(self, _elapsed_s: float) -> None:
        width, height = self.width - 2 * self.inset, self.height - 2 * self.inset
        px, lines = int(self.max_px), [""]
        said = self.words or self.hint
        while True:
            extents = CoreLabel(font_name=self.font_name, font_size=px, bold=self.bold).get_extents
            line_height = extents("Ag")[1]
            # the caret needs room at the end of a full line
            lines = broken(said, lambda text, extents=extents: extents(text)[0], width - px * WRITING_MARGIN)
            if px <= int(self.min_px) or len(lines) * line_height <= height:
                break
            px = max(int(self.min_px), int(px * 0.95))
        room = max(1, int(height / line_height))
        kept = lines[-room:] if self.words else lines[:room]
        self.font_size = px
        self.text = "\n".join(kept)
        at = extents(kept[-1])[0] if self.words else 0
        # an empty field has its caret where the first letter will stand
        row = len(kept) if self.words else 1
        top = self.y + self.height - self.inset
        self.start = 0 if self.words else px * WRITING_MARGIN
        self.caret = [self.x + self.inset + at + px * 0.06, top - row * line_height, max(2, px * 0.08), line_height]


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
