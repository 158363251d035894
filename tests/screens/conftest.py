"""A whole kiosk on the stage, its medium in memory and its time run by hand."""

from collections.abc import Callable, Iterator

import pytest

from kiosk.shell import Shell
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeScheduler, FakeWorker
from tests.support.stage import Stage


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
        stage.felt = self.shell.touched
        self.shell.start()
        self.rest()

    def rest(self, seconds: float = 0.45) -> None:
        self.time.pass_s(seconds)
        self.stage.frames()

    def tap(self, *names: str) -> None:
        for name in names:
            self.stage.tap(name)
            self.rest()

    def until(self, condition: Callable[[], bool]) -> None:
        self.time.run(condition)
        self.rest()


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
