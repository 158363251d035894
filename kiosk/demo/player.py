"""A citizen's finger: real pointer events on a kiosk's window, aimed by what the kiosk reports to be on its screen."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.demo.answers import Citizen

Box = tuple[float, float, float, float]
"""A target on the window: left, top, width, height in pixels from the top left."""

_POLL_S = 0.003
_PRESS_S = 0.015


class PlayerStuck(Exception):
    """The kiosk did not show what should follow; the message names the screen and the wait."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the kiosk's screen report."""

    n: int
    screen: str
    subject: str
    accepts: bool
    targets: Mapping[str, Box]


class Report:
    """The kiosk's screen report, read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._rest = b""
        self._newest: Shown | None = None

    def newest(self) -> Shown | None:
        """The last whole line, or None before the first."""
        if self._path.exists():
            with self._path.open("rb") as stream:
                stream.seek(self._read)
                added = stream.read()
            self._read += len(added)
            # a line may be read while it is being written
            *whole, self._rest = (self._rest + added).split(b"\n")
            if whole:
                line = json.loads(whole[-1])
                targets = {name: tuple(box) for name, box in line["targets"].items()}
                self._newest = Shown(line["n"], line["screen"], line["subject"], line["accepts"], targets)
        return self._newest


class Finger:
    """Presses and lets go on an X display, through one xdotool that waits for its next order."""

    def __init__(self, display: str) -> None:
        self._hand = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, env={**os.environ, "DISPLAY": display})

    def tap(self, box: Box) -> None:
        """One tap in the middle of a target, over when this returns.

        Raises:
            PlayerStuck: The display is gone.
        """
        left, top, width, height = box
        x, y = round(left + width / 2), round(top + height / 2)
        try:
            self._order(f"mousemove {x} {y} mousedown 1 sleep {_PRESS_S} mouseup 1\n")
        except BrokenPipeError:
            raise PlayerStuck("layar tempat kios berjalan sudah tidak ada") from None
        time.sleep(_PRESS_S)

    def close(self) -> None:
        """Let go of the display."""
        if self._hand.stdin is not None:
            self._hand.stdin.close()
        self._hand.wait(10)

    def _order(self, words: str) -> None:
        if self._hand.stdin is not None:
            self._hand.stdin.write(words.encode())
            self._hand.stdin.flush()


class Player:
    """Plays citizens on one kiosk.

    Args:
        report: The file named by KIOSK_SCREEN_REPORT.
        display: The X display of the window, which lies at its top left corner.
        alive: Says whether the kiosk still runs, so that a dead one is not waited for.
        watch: Called with each screen that is ready for a tap, before the tap.
        timeout_s: How long a screen may take to follow the one before.
    """

    def __init__(
        self,
        report: Path,
        display: str,
        alive: Callable[[], bool],
        watch: Callable[[Shown], None],
        timeout_s: float = 60,
    ) -> None:
        self._report = Report(report)
        self._finger = Finger(display)
        self._alive = alive
        self._watch = watch
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Take the finger away."""
        self._finger.close()

    def play(self, citizen: Citizen, service: str | None = None) -> None:
        """Tap one whole visit, from the first screen back to it.

        Raises:
            PlayerStuck: A screen did not come, or lacks the target that should be tapped.
        """
        self._tap(self._wait("attract"), "start")
        while True:
            shown = self._wait()
            match shown.screen:
                case "service":
                    offered = [name for name in shown.targets if name.startswith("service-")]
                    self._tap(shown, f"service-{service}" if service else offered[0])
                case "question":
                    target = f"rating-{citizen.ratings[shown.subject]}"
                    # the same face again so soon would be taken for a trembling hand
                    self._tap(self._wait("question", target), target)
                case "reasons":
                    # why is not in the answers of others; a citizen who says nothing skips it
                    self._tap(self._wait("reasons", "skip"), "skip")
                case "comment":
                    self._tap(self._wait("comment", "done"), "done")
                case "profile":
                    for field, option in citizen.profile.items():
                        self._tap(self._wait("profile"), f"option-{field}-{option}", stays=True)
                    self._tap(self._wait("profile"), "done")
                case "thanks":
                    self._tap(shown, "done")
                    self._wait("attract")
                    return
                case _:
                    raise PlayerStuck(f"layar {shown.screen} tidak diharapkan di tengah kunjungan")

    def _tap(self, shown: Shown, target: str, *, stays: bool = False) -> None:
        if target not in shown.targets:
            raise PlayerStuck(f"layar {shown.screen} tidak memuat tombol {target}")
        self._watch(shown)
        self._finger.tap(shown.targets[target])
        deadline = time.monotonic() + self._timeout_s
        # a tap shows in the report: another screen, or taps refused for a moment; until then the old line is stale
        while True:
            newest = self._report.newest()
            changed = newest is not None and newest.n > shown.n
            if changed and newest is not None and (stays or (newest.screen, newest.subject) != _place(shown)):
                return
            self._pause(deadline, f"setelah tombol {target} di layar {shown.screen}")

    def _wait(self, screen: str | None = None, target: str | None = None) -> Shown:
        deadline = time.monotonic() + self._timeout_s
        while True:
            newest = self._report.newest()
            there = newest is not None and newest.accepts and screen in {None, newest.screen}
            if newest is not None and there and (target is None or target in newest.targets):
                return newest
            self._pause(deadline, f"menunggu layar {screen or 'berikutnya'}, tampil {newest and newest.screen}")

    def _pause(self, deadline: float, what: str) -> None:
        if not self._alive():
            raise PlayerStuck(f"kios berhenti {what}")
        if time.monotonic() > deadline:
            raise PlayerStuck(f"lebih dari {self._timeout_s:.0f} detik {what}")
        time.sleep(_POLL_S)


def _place(shown: Shown) -> tuple[str, str]:
    return shown.screen, shown.subject
