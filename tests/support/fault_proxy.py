"""A network that misbehaves between a device and its server: an HTTP-aware TCP proxy in a thread of its own.

Whole requests come in; what becomes of each is one `Trouble`, chosen by whoever made the proxy. Nothing of the protocol
is known here: bodies are bytes, so whatever the proxy does, somebody on the way could have done.
"""

import asyncio
import random
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_MOST_BYTES = 8 * 1024 * 1024
_KEPT_ANSWERS = 200
_DRIP_PIECES = 6
_PORTAL_PAGE = b"<!doctype html><title>Login</title><form><input name=kata-sandi></form>"
_HANG_S = 0.05


class Trouble(StrEnum):
    """What becomes of one request and its answer."""

    NONE = "none"
    LATENCY = "both ways take their time"
    DRIP = "the answer drips in pieces"
    CUT_REQUEST = "the request breaks off after some bytes"
    CUT_ANSWER = "the answer breaks off after some bytes"
    RESET_BEFORE = "reset before the server hears of it"
    RESET_AFTER = "reset after the server has answered"
    LOST_ANSWER = "the server has answered, nobody hears it"
    TWICE = "the server gets the request twice"
    TWICE_AT_ONCE = "the server gets the request twice at the same time"
    LATE = "lost for the device, delivered after later requests"
    OLD_ANSWER = "an answer to another request comes, the server hears nothing"
    SWAPPED_ANSWER = "the server answers, an older answer comes"
    PORTAL = "a page asks for a password with 200"
    PORTAL_JSON = "a page asks for a password with 200 and calls itself JSON"
    REDIRECT = "302 to somewhere else"
    LOGIN = "511, this network wants a login"
    BUSY = "503 with Retry-After"
    FORGED = "somebody answers in the server's name, the server hears nothing"
    HANG = "no answer until the line drops"


Chooser = Callable[[str], Trouble]
"""The trouble for a request's first line."""


Forger = Callable[[bytes], bytes]
"""A false answer to a request, b"" where there can be none."""


def by_chance(chance: random.Random, share: float) -> Chooser:
    """Trouble of every kind for that share of all requests."""
    kinds = [kind for kind in Trouble if kind is not Trouble.NONE]
    return lambda _: chance.choice(kinds) if chance.random() < share else Trouble.NONE


class FaultProxy:
    """Runs between `start` and `stop`; `met` counts the troubles that happened."""

    def __init__(self, upstream: str, choose: Chooser, seed: int = 0, forge: Forger = lambda _: b"") -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self.choose = choose
        self.forge = forge
        self.met: Counter[Trouble] = Counter()
        self.url = ""
        self._chance = random.Random(seed)
        self._answers: deque[tuple[bytes, bytes]] = deque(maxlen=_KEPT_ANSWERS)
        self._held: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), name="proxy")

    def start(self) -> None:
        """Listen; `url` is where."""
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        """Hang up on everybody. What was held back is lost."""
        if self._over is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=_MOST_BYTES)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._over.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # whoever hangs up has had enough; the next request comes on another line
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            while True:
                request = await _message(reader)
                trouble = self.choose(_line(request).decode("latin-1"))
                needs_old = trouble in {Trouble.OLD_ANSWER, Trouble.SWAPPED_ANSWER}
                if (needs_old and not self._answers) or (trouble is Trouble.FORGED and not self.forge(request)):
                    trouble = Trouble.NONE
                self.met[trouble] += 1
                if not await self._handle(trouble, request, writer):
                    break
        writer.close()

    async def _handle(self, trouble: Trouble, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the line stays open."""
        answer = await self._answer(trouble, request)
        if not answer and trouble not in _SILENT:
            return False
        match trouble:
            case Trouble.RESET_BEFORE | Trouble.RESET_AFTER:
                _reset(writer)
                return False
            case Trouble.CUT_ANSWER:
                writer.write(answer[: self._chance.randrange(len(answer))])
                await writer.drain()
                return False
            case Trouble.HANG:
                await asyncio.sleep(_HANG_S)
                return False
            case Trouble.DRIP:
                for piece in _pieces(answer, _DRIP_PIECES):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.003)
                return True
        writer.write(answer)
        await writer.drain()
        return bool(answer)

    async def _answer(self, trouble: Trouble, request: bytes) -> bytes:
        """What will be said, b"" for nothing; the server is asked where the trouble lets it hear."""
        match trouble:
            case Trouble.LATE:
                self._held.append(request)
            case Trouble.CUT_REQUEST:
                await self._ask(request[: self._chance.randrange(len(request))], whole=False)
            case Trouble.LATENCY:
                await asyncio.sleep(self._chance.uniform(0.0, 0.05))
        if trouble in _DEAF:
            return self.forge(request) if trouble is Trouble.FORGED else _SAID.get(trouble, b"")
        # an old answer in place of one from the server, or before the server has heard anything
        if trouble is Trouble.OLD_ANSWER:
            return self._old_answer(request)
        old = self._old_answer(request) if trouble is Trouble.SWAPPED_ANSWER else b""
        answer = await self._forward(trouble, request)
        if old:
            return old
        return b"" if trouble is Trouble.LOST_ANSWER else answer

    def _old_answer(self, request: bytes) -> bytes:
        """The newest to the same address, as a cache would give it; anybody's where there is none."""
        same = [answer for line, answer in self._answers if line == _line(request)]
        return same[-1] if same else self._chance.choice(list(self._answers))[1]

    async def _forward(self, trouble: Trouble, request: bytes) -> bytes:
        if trouble is Trouble.TWICE_AT_ONCE:
            answer, _ = await asyncio.gather(self._ask(request), self._ask(request))
        else:
            answer = await self._ask(request)
            if trouble is Trouble.TWICE:
                answer = await self._ask(request)
        if answer.startswith(b"HTTP/1.1 200"):
            self._answers.append((_line(request), answer))
        # what was held back comes after this one, in the wrong order
        if self._held and self._chance.random() < 0.5:
            self._chance.shuffle(self._held)
            await self._ask(self._held.pop())
        return answer

    async def _ask(self, request: bytes, *, whole: bool = True) -> bytes:
        """The server's whole answer, b"" where it gives none."""
        try:
            reader, writer = await asyncio.open_connection(*self._upstream, limit=_MOST_BYTES)
        except OSError:
            return b""
        try:
            writer.write(request)
            await writer.drain()
            if not whole:
                return b""
            return await asyncio.wait_for(_message(reader), 60)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            return b""
        finally:
            writer.close()


def _line(request: bytes) -> bytes:
    return request.split(b"\r\n", 1)[0]


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, head and body. The device and the server both say how long a body is."""
    head = await reader.readuntil(_HEAD_END)
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return head + await reader.readexactly(int(value))
        if name.strip().lower() == b"transfer-encoding":
            return head + await _chunks(reader)
    return head


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(size, 16) + 2)
        found += size + chunk
        if chunk == b"\r\n":
            return found


def _said_without_asking(status: str, body: bytes, *headers: str, media_type: str = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + _HEAD_END + body


_SAID = {
    Trouble.PORTAL: _said_without_asking("200 OK", _PORTAL_PAGE),
    Trouble.PORTAL_JSON: _said_without_asking("200 OK", b'{"login":true}', media_type="application/json"),
    Trouble.REDIRECT: _said_without_asking("302 Found", b"", "Location: http://login.invalid/"),
    Trouble.LOGIN: _said_without_asking("511 Network Authentication Required", _PORTAL_PAGE),
    Trouble.BUSY: _said_without_asking("503 Service Unavailable", b"", "Retry-After: 1"),
}


_DEAF = frozenset({*_SAID, Trouble.FORGED, Trouble.RESET_BEFORE, Trouble.HANG, Trouble.LATE, Trouble.CUT_REQUEST})
_SILENT = frozenset({Trouble.RESET_BEFORE, Trouble.HANG})


def _pieces(data: bytes, count: int) -> Iterator[bytes]:
    size = max(1, -(-len(data) // count))
    for at in range(0, len(data), size):
        yield data[at : at + size]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Hang up so that the other side hears a reset, not an end."""
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def fault_proxy(upstream: str, choose: Chooser, seed: int = 0, forge: Forger = lambda _: b"") -> Iterator[FaultProxy]:
    """A running proxy before that address."""
    proxy = FaultProxy(upstream, choose, seed, forge)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
