"""The whole of what is kept looked at once a week, while nobody is there; what was found stays for the staff to see."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

EVERY_MS = 7 * 24 * 60 * 60 * 1000
IDLE_MS = 10 * 60 * 1000
"""So long nobody has touched the screen before a check begins."""
AGAIN_MS = 60 * 60 * 1000
"""So long after one that broke off the next one waits."""
_FILE_NAME = "storage-check.json"

log = logging.getLogger(__name__)


class CheckResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a check went: when by the UTC wall clock in ms, and whether everything was whole."""

    at_ms: int
    whole: bool


_READER = msgspec.json.Decoder(CheckResult)


def last_check(folder: Path) -> CheckResult | None:
    """The last check of what that folder holds, or None where there was none or nothing is known of it."""
    try:
        return _READER.decode((folder / _FILE_NAME).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


class WeeklyCheck:
    """Begins a check when it is due and nobody is there. Called on the window's thread, works on one of its own.

    Args:
        check: Whether everything is whole; an answer never waits for more than a moment of it.
        broken: Told, on the check's own thread, that something is not.
        folder: Where the result is kept.
        wall_ms: The UTC wall clock.
        now_ms: The monotonic clock of `idle_ms`.
    """

    def __init__(
        self,
        check: Callable[[], bool],
        broken: Callable[[], None],
        folder: Path,
        wall_ms: Callable[[], int],
        now_ms: Callable[[], int],
    ) -> None:
        self._check = check
        self._broken = broken
        self._folder = folder
        self._wall_ms = wall_ms
        self._now_ms = now_ms
        self._not_before_ms = 0
        self._thread: threading.Thread | None = None

    def look(self, idle_ms: int) -> None:
        """Begin a check, if it is time and the screen has not been touched for `idle_ms`."""
        running = self._thread is not None and self._thread.is_alive()
        if running or idle_ms < IDLE_MS or self._now_ms() < self._not_before_ms or not self._is_due():
            return
        self._not_before_ms = self._now_ms() + AGAIN_MS
        # a daemon: it only reads, so the end of the process need not wait for it
        self._thread = threading.Thread(target=self._run, name="check", daemon=True)
        self._thread.start()

    def _is_due(self) -> bool:
        last, wall_ms = last_check(self._folder), self._wall_ms()
        # one that lies ahead was noted by a clock that was wrong
        return last is None or not last.at_ms <= wall_ms < last.at_ms + EVERY_MS

    def _run(self) -> None:
        try:
            result = CheckResult(self._wall_ms(), self._check())
            unfinished = self._folder / f"{_FILE_NAME}.part"
            unfinished.write_bytes(msgspec.json.encode(result))
            unfinished.replace(self._folder / _FILE_NAME)
            if result.whole:
                log.info("all that is kept has been looked at, and is whole")
            else:
                log.error("not all that is kept is whole")
                self._broken()
        except Exception:  # the medium may fail in any way; the next hour tries again
            log.exception("what is kept could not be looked at")
