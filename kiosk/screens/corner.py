"""The staff's way in: a finger that rests in the upper left corner for three seconds."""

from collections.abc import Callable

from kivy.clock import Clock

HOLD_S = 3.0
"""Long enough not to happen by itself, short enough to be found by somebody who was told."""


class Corner:
    """Feels one finger. `reached` is called once it has stayed in the corner; whatever else it does takes it back."""

    def __init__(self, reached: Callable[[], None], hold_s: float = HOLD_S) -> None:
        self._reached = reached
        self._touch = None
        self._timer = Clock.create_trigger(self._held, hold_s)

    def down(self, touch, window, side: float) -> None:
        """A finger came down. `side` is how wide and high the corner is, in pixels."""
        self.forget()
        if touch.button in {None, "left"} and self._inside(touch, window, side):
            self._touch = touch
            self._timer()

    def moved(self, touch, window, side: float) -> None:
        """A finger moved."""
        if touch is self._touch and not self._inside(touch, window, side):
            self.forget()

    def up(self, touch) -> None:
        """A finger left."""
        if touch is self._touch:
            self.forget()

    def forget(self) -> None:
        """Nobody is in the corner."""
        self._touch = None
        self._timer.cancel()

    def _held(self, _elapsed_s: float) -> None:
        self.forget()
        self._reached()

    @staticmethod
    def _inside(touch, window, side: float) -> bool:
        return touch.x <= side and touch.y >= window.height - side
