"""The sync of a device that may not be enrolled yet: it begins with the enrolment, without a restart."""

from collections.abc import Callable
from typing import Protocol


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
        if self._running and self._worker is None:
            self._worker = self._make()
            if self._worker is not None:
                self._worker.start()

    def poke(self) -> None:
        """Send soon, if there is anywhere to send to."""
        if self._worker is not None:
            self._worker.poke()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Start nothing more, and wait up to that many seconds for what is under way."""
        self._running = False
        if self._worker is not None:
            self._worker.stop(timeout_s)
