"""What a finger can press. A tap is one finger down and up again on the same target; sliding off takes it back."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.theme import CALM, Theme
from kiosk.widgets.drawn import Arrow, Tick
from kiosk.widgets.fitted import FittedLabel
from kiosk.widgets.signs import Sign

__all__ = ["Arrow", "BigButton", "Chip", "FittedLabel", "Sign", "Target", "Tick"]


class Target(Widget):
    """An area that emits `on_tap`. Where `offered` is false it is neither seen nor felt."""

    __events__ = ("on_tap",)

    offered = BooleanProperty(True)
    pressed = BooleanProperty(False)
    look = ObjectProperty(Theme(1280, 800), rebind=True)

    def __init__(self, **properties: object) -> None:
        self._touch: object = None
        super().__init__(**properties)

    def on_tap(self) -> None:
        """Emitted for a whole tap."""

    def forget(self) -> None:
        """Take back a press under way: what it was aimed at is gone."""
        self._touch = None
        self.pressed = False

    def on_touch_down(self, touch) -> bool:
        """Whether the touch is this target's."""
        # a press whose end was lost is taken over, or the button would be dead from then on
        if not self.offered or not self.collide_point(*touch.pos):
            return False
        # a mouse's other buttons and its wheel arrive as touches too
        if touch.button not in {None, "left"}:
            return True
        touch.grab(self)
        self._touch = touch
        self.pressed = True
        return True

    def on_touch_move(self, touch) -> bool:
        """Follow the finger: off the target is not pressed."""
        if touch is not self._touch:
            return False
        self.pressed = self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch) -> bool:
        """A tap, where the finger left the target it came to."""
        if touch.grab_current is self:
            touch.ungrab(self)
        if touch is not self._touch:
            return False
        inside = self.collide_point(*touch.pos)
        self.forget()
        if inside:
            self.dispatch("on_tap")
        return True


class BigButton(Target):
    """A button with words; `arrow` is 'back', 'forward' or nothing, `icon` a sign to the left of the words or none.

    Where it is `wordless`, its words are only said and not shown: there is room for the sign alone.
    `primary` is the one thing to do on a screen, `inverse` its colours for a dark one.
    What is seen may be lower than what is felt: `inset` is how much, at top and bottom.
    """

    words = StringProperty("")
    primary = BooleanProperty(False)
    inverse = BooleanProperty(False)
    arrow = StringProperty("")
    icon = StringProperty("")
    wordless = BooleanProperty(False)
    inset = NumericProperty(0)
    fill = ColorProperty(CALM.card)
    max_px = NumericProperty(30)


class Chip(Target):
    """A choice among several that can be taken back; `icon` is a sign above the words, or none."""

    words = StringProperty("")
    icon = StringProperty("")
    chosen = BooleanProperty(False)
    edge = NumericProperty(2)
    inset = NumericProperty(0)
    max_px = NumericProperty(30)
    group = ObjectProperty(None, allownone=True)


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
