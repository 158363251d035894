"""A kiosk as it comes out of its box: one process, one finger, from "Siapkan kios" to service, and a restart."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.demo.player import Finger, Report
from kiosk.staff import RESTART_CODE
from kiosk.store import Store
from tests.contracts.outbox import CONFIGURATION
from tests.support.fake_server import Upstream
from tests.support.http_server import HttpServer, http_server
from tests.support.screen import screen

ROOT = Path(__file__).parents[2]
PIN = "8305"


class Box:
    """The kiosk's process, and a finger before it."""

    def __init__(self, display: str, folder: Path) -> None:
        self.display = display
        self.report = Report(folder / "screens.jsonl")
        self.finger = Finger(display)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run"],
            cwd=ROOT,
            env={
                **os.environ,
                "DISPLAY": display,
                "KIOSK_DATA": str(folder / "data"),
                "KIOSK_SCREEN_REPORT": str(folder / "screens.jsonl"),
                "KIOSK_SYNC_INTERVAL_S": "1",
                "SDL_AUDIODRIVER": "dummy",
            },
        )

    def wait_for(self, *names: str, timeout_s: float = 20) -> None:
        """Until all of these can be tapped."""
        deadline = time.monotonic() + timeout_s
        while True:
            shown = self.report.newest()
            if shown is not None and set(names) <= set(shown.targets):
                return
            assert self.process.poll() is None, "the kiosk has ended"
            assert time.monotonic() < deadline, (names, shown)
            time.sleep(0.01)

    def tap(self, *names: str) -> None:
        for name in names:
            self.wait_for(name)
            # longer than what is taken for a bouncing panel
            time.sleep(0.27)
            self.finger.tap(self.report.newest().targets[name])

    def type(self, text: str) -> None:
        for letter in text:
            self.wait_for(f"key-{letter}")
            self.finger.tap(self.report.newest().targets[f"key-{letter}"])
            time.sleep(0.09)

    def rest_in_the_corner(self, seconds: float) -> None:
        order = ["xdotool", "mousemove", "12", "12", "mousedown", "1", "sleep", str(seconds), "mouseup", "1"]
        subprocess.run(order, check=True, env={**os.environ, "DISPLAY": self.display})

    def close(self) -> None:
        self.finger.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server(Upstream(CONFIGURATION)) as running:
        yield running


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with screen("800x480") as display:
        made = Box(display, tmp_path)
        yield made
        made.close()


@pytest.mark.window
@pytest.mark.whole
def test_an_unpacked_kiosk_is_set_up_and_restarted_by_finger_alone(box, server, tmp_path):
    box.tap("setup")
    box.wait_for("key-erase", "key-q")
    for _ in "s://":
        box.tap("key-erase")
    box.type(server.url.removeprefix("http"))
    box.tap("done")
    box.wait_for("key-B")
    time.sleep(0.3)
    box.type("BCDFGHJK")
    box.tap("done")
    box.wait_for("key-7")
    time.sleep(0.3)
    box.type(PIN)
    box.tap("done")
    # only the second of the two pages has a way back
    box.wait_for("back")
    time.sleep(0.3)
    box.type(PIN)
    box.tap("done")
    deadline = time.monotonic() + 20
    while "key-7" in box.report.newest().targets:
        assert time.monotonic() < deadline, box.report.newest()
        time.sleep(0.02)
    box.tap("done")

    # in service at once, and the sync with it
    box.wait_for("start")
    deadline = time.monotonic() + 20
    while not server.answer.server.batches:
        assert time.monotonic() < deadline, "no sync"
        time.sleep(0.02)

    # the finger rests, and the pad asks for the PIN
    time.sleep(0.5)
    box.rest_in_the_corner(4)
    box.wait_for("key-7")
    time.sleep(0.5)
    box.type(PIN)
    box.tap("done", "restart", "done")
    assert box.process.wait(20) == RESTART_CODE
    with Store.open(tmp_path / "data") as store:
        identity, guard = store.identity(), store.guard()
    assert identity is not None
    assert identity.server_url == server.url
    assert (guard.failures, guard.pin_due) == (0, False)
    assert_told((tmp_path / "data" / "kiosk.log").read_text())


def assert_told(log: str) -> None:
    """Whoever looks for what happened finds it, and neither PIN nor code."""
    story = (
        "enrolled by the assistant as device", "configuration 1 taken into use", "a PIN was set",
        "the staff's menu was opened", "the staff wished a restart",
    )  # fmt: skip
    assert all(line in log for line in story), log
    # after a blank: within a moment or an id the digits may stand by chance
    assert f" {PIN}" not in log
    assert "BCDFGHJK" not in log
    assert "asked to end by a signal" not in log
