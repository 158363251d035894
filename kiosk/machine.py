"""The machine's own facts: its clocks, how far they can be trusted, and the free space."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ikm.wire import Clock

AGREES_WITHIN_MS = 5_000
"""How far the wall clock may be from the server's and still count as right."""

HELD_AFTER_MS = 24 * 60 * 60 * 1000
"""How long one look at the server's clock vouches for ours."""

_MOST_WARNINGS = 20

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ClockSource:
    """Where moments come from: UTC in ms, ms since the machine started (sleep included), and the name of that start."""

    wall_ms: Callable[[], int]
    boot_ms: Callable[[], int]
    boot_id: Callable[[], str]


def system_clock() -> ClockSource:
    """The clocks of this Linux machine."""
    return ClockSource(
        wall_ms=lambda: time.time_ns() // 1_000_000,
        boot_ms=lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
        boot_id=lambda: _BOOT_ID.read_text(encoding="ascii").strip(),
    )


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The last time wall clock and server agreed: when, and what the wall clock was ahead of the boot clock."""

    boot_ms: int
    ahead_ms: int


class Machine:
    """This machine, as `sync.ports.Device`. Safe for several threads.

    The clock is `unknown` until a receipt of this run proved it within 5 s of the server's, or when it has been moved
    since; `synced` for 24 h after that, then `held`. `warned` gives the codes of what the store complains of.
    """

    def __init__(self, folder: Path, source: ClockSource, warned: Callable[[], list[str]] = list) -> None:
        self._folder = folder
        self._source = source
        self._warned = warned
        self._boot_id = source.boot_id()
        self._agreement: _Agreement | None = None
        self._lock = threading.Lock()

    def clock(self) -> Clock:
        """Now."""
        wall_ms, boot_ms = self._source.wall_ms(), self._source.boot_ms()
        with self._lock:
            state = self._state(wall_ms, boot_ms)
        return Clock(boot_id=self._boot_id, boot_ms=boot_ms, state=state, wall_ms=wall_ms)

    def disk_free_bytes(self) -> int:
        """Free space where the answers are kept, in bytes."""
        return shutil.disk_usage(self._folder).free

    def warnings(self) -> list[str]:
        """Codes of what people should look after, each once, no more than a heartbeat carries."""
        return list(dict.fromkeys(self._warned()))[:_MOST_WARNINGS]

    def heard(self, server_time_ms: int, sent: Clock) -> None:
        """Compare the wall clock with a receipt that has just come for the request of that moment.

        The server read its clock somewhere between the two, so half the round trip counts as error.
        """
        wall_ms, boot_ms = self._source.wall_ms(), self._source.boot_ms()
        margin_ms = (boot_ms - sent.boot_ms) / 2
        apart_ms = abs(server_time_ms - (wall_ms - margin_ms))
        with self._lock:
            if apart_ms + margin_ms <= AGREES_WITHIN_MS:
                self._agreement = _Agreement(boot_ms, wall_ms - boot_ms)
            # over a slow line the receipt may prove nothing either way
            elif apart_ms - margin_ms > AGREES_WITHIN_MS:
                self._agreement = None

    def _state(self, wall_ms: int, boot_ms: int) -> Literal["synced", "held", "unknown"]:
        agreement = self._agreement
        if agreement is None or abs(wall_ms - boot_ms - agreement.ahead_ms) > AGREES_WITHIN_MS:
            return "unknown"
        return "synced" if boot_ms - agreement.boot_ms <= HELD_AFTER_MS else "held"


def this_machine(folder: Path, warned: Callable[[], list[str]] = list) -> Machine:
    """This machine, with answers kept in that folder, and what their store complains of."""
    return Machine(folder, system_clock(), warned)
