"""The smallest Kivy program on the same display: what the toolkit alone costs.

Appends a line to the file given when its first frame is drawn. Every release of a finger changes its colour.
"""

import os
import sys
from pathlib import Path

os.environ.update(
    KIVY_NO_ARGS="1", KIVY_NO_CONFIG="1", KIVY_NO_CONSOLELOG="1", KIVY_NO_FILELOG="1", SDL_VIDEODRIVER="x11"
)

from kivy.config import Config

Config.set("graphics", "width", "1280")
Config.set("graphics", "height", "800")
Config.set("graphics", "borderless", "1")
Config.set("graphics", "position", "custom")
Config.set("graphics", "left", "0")
Config.set("graphics", "top", "0")
Config.set("graphics", "maxfps", "60")
Config.remove_section("input")
Config.add_section("input")
Config.set("input", "mouse", "mouse,disable_multitouch")

from kivy.app import App  # noqa: E402
from kivy.core.window import Window  # noqa: E402
from kivy.graphics import Color, Rectangle  # noqa: E402
from kivy.uix.label import Label  # noqa: E402


class Bare(App):
    """One label on a ground that changes when tapped."""

    def __init__(self, report: Path) -> None:
        super().__init__()
        self._report = report
        self._pending = "frame\n"

    def build(self) -> Label:
        self.label = Label(text="0", font_size=40)
        with self.label.canvas.before:
            self.colour = Color(0, 0, 0, 1)
            self.ground = Rectangle(size=(1280, 800))
        Window.bind(on_flip=self._drawn, on_touch_up=self._tapped)
        return self.label

    def _tapped(self, *_: object) -> None:
        self.label.text = str(int(self.label.text) + 1)
        self.colour.r = 1 - self.colour.r

    def _drawn(self, *_: object) -> None:
        if self._pending:
            with self._report.open("a") as stream:
                stream.write(self._pending)
            self._pending = ""


if __name__ == "__main__":
    Bare(Path(sys.argv[1])).run()
