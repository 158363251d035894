"""Whole surveys without a finger, on the kiosk as it is installed: its own process, a real display, real key events."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikm import wire
from kiosk.store import Store
from sync.ports import Identity
from tests.support import samples

pytestmark = [pytest.mark.whole, pytest.mark.window]

ROOT = Path(__file__).parents[2]
STEP_MS = 300
TIMEOUT_S = 20


@dataclass
class Sight:
    """One line of the screen report."""

    screen: str
    subject: str
    accepts: bool
    targets: dict[str, list[int]]
    ring: list[str]


class Keyboard:
    """Presses keys of the X display, and sees what the kiosk says is on its screen."""

    def __init__(self, display: str, report: Path, process: subprocess.Popen[bytes]) -> None:
        self._environment = {**os.environ, "DISPLAY": display}
        self._report = report
        self._process = process

    def press(self, *keys: str) -> None:
        """Press and let go, one after the other."""
        subprocess.run(["xdotool", "key", "--delay", "120", *keys], env=self._environment, check=True)

    def sight(self) -> Sight | None:
        """The newest line of the report."""
        whole = self._report.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[2] if self._report.exists() else b""
        if not whole:
            return None
        line = json.loads(whole)
        del line["n"]
        return Sight(**line)

    def until(self, condition: Callable[[Sight], bool]) -> Sight:
        """Wait for a screen."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while True:
            seen = self.sight()
            if seen is not None and condition(seen):
                return seen
            assert self._process.poll() is None, "the kiosk has ended"
            assert time.monotonic() < deadline_s, seen
            time.sleep(0.01)

    def tab_to(self, name: str) -> None:
        """Move the ring with the Tab key until it is there."""
        while (ring := self.until(lambda seen: seen.accepts).ring) != [name]:
            self.press("Tab")
            self.until(lambda seen, before=ring: seen.ring != before)

    def choose(self, name: str) -> None:
        """With the switch alone: wait until the ring comes there by itself, and press."""
        place = self.until(lambda seen: seen.accepts and seen.ring == [name])
        self.press("space")
        self.until(lambda seen: (seen.screen, seen.subject) != (place.screen, place.subject) or seen.ring != [name])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A device that is enrolled with a server that is not there."""
    with Store.open(tmp_path / "kiosk") as store:
        identity = Identity(samples.DEVICE, samples.SERVER, "http://127.0.0.1:9", bytes(range(32)))
        store.enrol(identity, wire.configuration_message(samples.configuration()))
    return tmp_path


@pytest.fixture
def keyboard(display: str, folder: Path) -> Iterator[Keyboard]:
    environment = {
        **os.environ, "DISPLAY": display, "KIOSK_DATA": str(folder / "kiosk"), "KIOSK_WINDOW": "1280x800",
        "KIOSK_SCREEN_REPORT": str(folder / "report.jsonl"), "KIOSK_SCAN_STEP_MS": str(STEP_MS),
        # a sound device that writes down what it plays
        "SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(folder / "played.raw"),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "kiosk", "run"], env=environment, cwd=ROOT)
    try:
        made = Keyboard(display, folder / "report.jsonl", process)
        made.until(lambda seen: seen.screen == "attract" and seen.accepts)
        # where no window manager gives the focus, keys go to the window under the pointer
        subprocess.run(["xdotool", "mousemove", "3", "3"], env=environment, check=True)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def kept(folder: Path) -> wire.ResponseBody:
    with Store.open(folder / "kiosk") as store:
        [row] = store.pending(store.epoch(), 10)
        return wire.decode_body(row.body)


def sounds(played: Path) -> bool:
    """Whether a sound device was given a second of something that is not silence."""
    return played.exists() and sum(1 for byte in played.read_bytes() if byte) > 44_100 * 4


def test_a_whole_survey_by_keyboard_alone_read_aloud(keyboard, folder):
    ratings = (4, 3, 1, 2, 4, 3, 3, 4, 4)
    keyboard.tab_to("aid-aloud")
    keyboard.press("Return")
    keyboard.until(lambda _seen: sounds(folder / "played.raw"))
    keyboard.tab_to("start")
    keyboard.press("Return")
    for code, rating in zip(samples.CODES, ratings, strict=True):
        keyboard.until(lambda seen, code=code: seen.subject == code and seen.screen == "question")
        # the same figure again so soon would be taken for a trembling hand
        asked = keyboard.until(lambda seen, name=f"rating-{rating}": seen.accepts and name in seen.targets)
        assert asked.subject == code
        # from the row of figures, and from the keypad
        keyboard.press(str(rating) if rating > 2 else f"KP_{rating}")
        if rating <= 2:
            keyboard.until(lambda seen: seen.screen == "reasons" and seen.accepts)
            keyboard.tab_to("skip")
            keyboard.press("Return")
    keyboard.until(lambda seen: seen.screen == "profile" and seen.accepts)
    keyboard.tab_to("done")
    keyboard.press("Return")
    keyboard.until(lambda seen: seen.screen == "comment" and seen.accepts)
    keyboard.press("shift+r", "a", "m", "a", "h", "7", "BackSpace", "h", "F1", "ctrl+q", "alt+F4")
    keyboard.tab_to("done")
    keyboard.press("Return")
    keyboard.until(lambda seen: seen.screen == "thanks")
    body = kept(folder)
    assert body.answers == dict(zip(samples.CODES, ratings, strict=True))
    assert (body.comment, list(body.visit.inputs)) == ("Ramah", ["keyboard"])


def test_a_whole_survey_by_one_switch_alone(keyboard, folder):
    ratings = (4, 3, 2, 3, 4, 3, 3, 4, 3)
    keyboard.press("space")
    keyboard.choose("start")
    for code, rating in zip(samples.CODES, ratings, strict=True):
        keyboard.until(lambda seen, code=code: (seen.screen, seen.subject) == ("question", code))
        keyboard.choose(f"rating-{rating}")
        if rating <= 2:
            keyboard.until(lambda seen: seen.screen == "reasons")
            keyboard.choose("skip")
    keyboard.until(lambda seen: seen.screen == "profile")
    keyboard.choose("option-gender-P")
    keyboard.choose("done")
    keyboard.until(lambda seen: seen.screen == "comment")
    keyboard.until(lambda seen: "key-o" in seen.ring)
    keyboard.press("space")
    keyboard.choose("key-o")
    keyboard.choose("done")
    keyboard.until(lambda seen: seen.screen == "thanks")
    body = kept(folder)
    assert body.answers == dict(zip(samples.CODES, ratings, strict=True))
    assert (body.profile, body.comment, list(body.visit.inputs)) == ({"gender": "P"}, "O", ["switch"])
