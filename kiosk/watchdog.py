"""A sign of life for systemd, given by the window's own clock: a window that hangs stops giving it and is restarted.

The protocol is sd_notify(3): datagrams to the socket named by NOTIFY_SOCKET. Without one nothing is sent.
"""

import logging
import socket
from collections.abc import Callable, Mapping
from typing import Self

log = logging.getLogger(__name__)


class Watchdog:
    """Tells the supervisor how the window is. Nothing here ever raises: a lost sign of life is no reason to stop."""

    def __init__(self, address: str, interval_s: float) -> None:
        self._address = address
        self.interval_s = interval_s
        """How often to call `alive`, in seconds; 0 where nobody listens for it."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """The watchdog systemd asks for in this environment.

        WATCHDOG_PID is not looked at: systemd writes there the number of xinit, whose child the kiosk is.
        """
        address = environment.get("NOTIFY_SOCKET", "")
        limit_us = environment.get("WATCHDOG_USEC", "0")
        # half of what is allowed, as sd_watchdog_enabled(3) advises
        return cls(address, int(limit_us) / 2_000_000 if address and limit_us.isdecimal() else 0.0)

    def ready(self) -> None:
        """The window is up."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The window's loop goes round."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The window is closing."""
        self._tell("STOPPING=1")

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        # "@" stands for the zero byte of an abstract socket
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)
                channel.sendto(words.encode(), name)
        except OSError as error:
            log.warning("the supervisor could not be told %s: %s", words, error)


def every(repeat: Callable[[float, Callable[[], None]], object], watchdog: Watchdog) -> None:
    """Let `repeat` (seconds, action) give the sign of life for as long as it runs."""
    watchdog.ready()
    if watchdog.interval_s:
        repeat(watchdog.interval_s, watchdog.alive)
