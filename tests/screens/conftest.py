"""A real window on Xvfb, once for all tests of the screens: Kivy holds one window per process."""

import sys
from collections.abc import Callable, Iterator

import pytest

from kiosk import app
from kiosk.model import Action, Model, Place
from kiosk.shell import Shell
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeScheduler, FakeWorker

SIZES = [(1280, 800), (800, 480), (1920, 1080), (1080, 1920)]


class Stage:
    """The window, stepped by hand. Points are pixels from the top left, as in the screen report."""

    def __init__(self) -> None:
        from kivy.base import EventLoop, runTouchApp
        from kivy.core.window import Window

        from kiosk.screens.window import KioskWindow

        self._loop = EventLoop
        self.window = Window
        self.tapped: list[Action] = []
        self.heard: Callable[[Place, Action], None] = self._note
        self.app = KioskWindow(self._hear, started=int)
        self.app._run_prepare()
        runTouchApp(embedded=True)
        self.frames()

    def _hear(self, place: Place, action: Action) -> None:
        self.heard(place, action)

    def _note(self, _place: Place, action: Action) -> None:
        self.tapped.append(action)

    def frames(self, count: int = 3) -> None:
        for _ in range(count):
            self._loop.idle()

    def resize(self, size: tuple[int, int]) -> None:
        if tuple(self.window.size) != size:
            self.window.size = size
            for _ in range(50):
                self.frames(1)
                if tuple(self.window.size) == size:
                    break
            assert tuple(self.window.size) == size
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


class Kiosk:
    """A whole kiosk on the stage, with its medium in memory and its time run by hand."""

    def __init__(self, stage: Stage, keeper: FakeKeeper) -> None:
        self.stage = stage
        self.keeper = keeper
        self.time = FakeScheduler()
        self.shell = Shell(
            keeper, FakeWorker(), FakeMachine(), scheduler=self.time, show=stage.app.show, now_ms=self.time.now_ms
        )
        stage.heard = self.shell.tap
        self.shell.start()
        self.rest()

    def rest(self, seconds: float = 0.4) -> None:
        self.time.pass_s(seconds)
        self.stage.frames()

    def tap(self, *names: str) -> None:
        for name in names:
            self.stage.tap(name)
            self.rest()

    def until(self, condition: Callable[[], bool]) -> None:
        self.time.run(condition)
        self.rest()


@pytest.fixture(scope="session")
def _stage(display: str, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    if "kivy" in sys.modules and "kivy.core.window" in sys.modules:
        raise RuntimeError("Kivy's window was opened before these tests could configure it")
    app.prepare_environment(tmp_path_factory.mktemp("device"))
    app.configure(SIZES[0], whole_screen=False)
    # frames are stepped by hand, so none has to wait for its turn
    from kivy.config import Config

    Config.set("graphics", "maxfps", 0)
    return Stage()


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """The window at 1280x800; taps are noted in `tapped`."""
    _stage.resize(SIZES[0])
    _stage.tapped.clear()
    _stage.heard = _stage._note
    return _stage


@pytest.fixture
def keeper() -> FakeKeeper:
    """The medium of `kiosk`."""
    return FakeKeeper()


@pytest.fixture
def kiosk(stage: Stage, keeper: FakeKeeper) -> Iterator[Kiosk]:
    """A running kiosk between two citizens."""
    made = Kiosk(stage, keeper)
    yield made
    keeper.open.set()
    made.shell.stop()
