"""A real window inside this process, stepped by hand. Kivy holds one window per process, so there is one stage.

Its frames are laid out and taken for drawn, but drawn only for whoever looks at pixels, unless a whole stage is wanted:
to draw by software takes ten times as long as everything else.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from kiosk import app
from kiosk.events import Action
from kiosk.model import Model, Place

SIZES = [(1280, 800), (800, 480), (1920, 1080), (1080, 1920)]


class Stage:
    """The window, stepped by hand. Points are pixels from the top left, as in the screen report."""

    def __init__(self, *, drawn: bool) -> None:
        from kivy.base import EventLoop, runTouchApp
        from kivy.core.window import Window

        from kiosk.screens.window import KioskWindow

        self._loop = EventLoop
        self.window = Window
        self.tapped: list[Action] = []
        self.by: list[str] = []
        self.heard: Callable[[Place, Action, str], None] = self._note
        self.felt: Callable[[], None] = _nothing
        self.app = KioskWindow(self._hear, touched=self._feel, started=int)
        self.app._run_prepare()
        runTouchApp(embedded=True)
        self.frames()
        self._draw, self._flip = self.window.on_draw, self.window.on_flip
        if not drawn:
            # what listens for a drawn frame still hears of it
            self.window.on_draw = self.window.on_flip = _nothing

    def _hear(self, place: Place, action: Action, by: str) -> None:
        self.by.append(by)
        self.heard(place, action, by)

    def _feel(self) -> None:
        self.felt()

    def _note(self, _place: Place, action: Action, _by: str) -> None:
        self.tapped.append(action)

    def frames(self, count: int = 3) -> None:
        for _ in range(count):
            self._loop.idle()

    def draw(self) -> None:
        """Draw what is laid out: only then has the window pixels of it."""
        self._draw()

    def resize(self, size: tuple[int, int]) -> None:
        if tuple(self.window.size) != size:
            self.window.size = size
            for _ in range(50):
                self.frames(1)
                if tuple(self.window.size) == size:
                    break
            assert tuple(self.window.size) == size
            # only a picture that is shown gives the next one the room of the new size
            self._draw()
            self._flip()
        self.frames()

    def show(self, model: Model) -> None:
        self.app.show(model)
        self.frames(4)

    def press(self, x: float, y: float, button: str = "left") -> None:
        self.window.dispatch("on_mouse_down", x, y, button, [])
        self.frames(1)

    def move(self, x: float, y: float) -> None:
        self.window.dispatch("on_mouse_move", x, y, [])
        self.frames(1)

    def release(self, x: float, y: float, button: str = "left") -> None:
        self.window.dispatch("on_mouse_up", x, y, button, [])
        self.frames(1)

    def tap(self, name: str, button: str = "left") -> None:
        x, y = self.middle(name)
        self.press(x, y, button)
        self.release(x, y, button)

    def middle(self, name: str) -> tuple[float, float]:
        x, y, width, height = self.app.targets()[name]
        return x + width / 2, y + height / 2

    def widget(self, name: str):
        return dict(self.app.screen().targets())[name]

    def clear(self) -> None:
        """Back to 1280x800, no finger on the glass, with taps noted in `tapped`."""
        # a press whose end never came stays, and swallows the next one on its spot
        self.window.dispatch("on_mouse_up", 0, 0, "all", [])
        self.frames(1)
        self.resize(SIZES[0])
        self.tapped.clear()
        self.by.clear()
        self.heard = self._note
        self.felt = _nothing


def _nothing() -> None:
    pass


def open_stage(folder: Path, *, drawn: bool = False) -> Stage:
    """The stage, on the display that DISPLAY names; where it is `drawn`, every frame is."""
    if "kivy" in sys.modules and "kivy.core.window" in sys.modules:
        raise RuntimeError("Kivy's window was opened before the tests could configure it")
    app.prepare_environment(folder)
    app.configure(SIZES[0], whole_screen=False)
    # frames are stepped by hand, so none has to wait for its turn
    from kivy.config import Config

    Config.set("graphics", "maxfps", 0)
    return Stage(drawn=drawn)
