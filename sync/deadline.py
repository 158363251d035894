"""An end to one exchange, however steadily it drips: time-outs of a socket begin anew with each byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import requests
import urllib3


@dataclass
class Line:
    """The connection in use, so that whoever watches the time can break it, and whether it has been broken."""

    connection: Any = None
    broken: bool = False

    def cut(self) -> None:
        """Break the connection: whoever reads from it or writes to it stops at once."""
        self.broken = True
        sock = getattr(self.connection, "sock", None)
        if isinstance(sock, socket.socket):
            # the plain socket's own call: TLS would first take its state away from under the reading thread
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise TimeoutError if the time is over: while a name is looked up there is no socket to cut."""
        if self.broken:
            raise TimeoutError

    @contextmanager
    def until(self, timeout_s: float) -> Iterator[None]:
        """Cut the line if the block takes longer than that many seconds."""
        self.broken = False
        timer = threading.Timer(timeout_s, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class WatchedAdapter(requests.adapters.HTTPAdapter):
    """One connection at a time, known to `line` from its first byte on. Nothing is tried again here."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections that report themselves."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._line)


def _pools(line: Line) -> dict[str, Any]:
    class Plain(urllib3.connection.HTTPConnection):
        def connect(self) -> None:
            line.connection = self
            super().connect()
            line.check()

    class Secure(urllib3.connection.HTTPSConnection):
        def connect(self) -> None:
            line.connection = self
            super().connect()
            line.check()

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
