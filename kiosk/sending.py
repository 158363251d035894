"""The sync of a device that may not be enrolled yet: it begins with the enrolment, without a restart."""

import logging
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)


class Worker(Protocol):
    """The sync of an enrolled device."""

    def start(self) -> None:
        """Begin."""
        ...

    def poke(self) -> None:
        """Send soon."""
        ...

    def stop(self, timeout_s: float = 2.0) -> None:
        """Start nothing more, and wait up to that many seconds for what is under way."""
        ...


class Sending:
    """A worker as soon as `make` gives one. All calls come from the window's thread."""

    def __init__(self, make: Callable[[], Worker | None]) -> None:
        self._make = make
        self._worker: Worker | None = None
        self._running = False

    def start(self) -> None:
        """Send from now on, if the device is enrolled."""
        self._running = True
        self.enrolled()

    def enrolled(self) -> None:
        """The device may be enrolled now: send from now on, unless it is being done."""
        if not self._running or self._worker is not None:
            return
        try:
            self._worker = self._make()
        except Exception:  # the store may fail in any way; the next poke tries again, and the window goes on
            log.exception("the sync could not be started")
        if self._worker is not None:
            self._worker.start()

    def poke(self) -> None:
        """Send soon, if there is anywhere to send to."""
        self.enrolled()
        if self._worker is not None:
            self._worker.poke()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Start nothing more, and wait up to that many seconds for what is under way."""
        self._running = False
        if self._worker is not None:
            self._worker.stop(timeout_s)
