"""A real server process, asked over real sockets, and what has to be true after every bad request."""

import http.client
import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Raw
from sqlalchemy import select

from ikm import wire
from ikm.domain.errors import PROBLEMS
from ikm.server import tables
from ikm.server.ingest import Call
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import KioskDevice, linked, stored
from tests.support import samples

SECRET = "rahasia warga"
"""Stands in every bad answer, and may stand in no log and no reply."""

JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"

WAIT_S = 20


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> wire.Problem:
        """The problem, spelt and typed as it must be."""
        assert self.headers.get("content-type") == PROBLEM, (self.status, self.headers, self.body[:200])
        message = wire.decode(self.body, wire.Problem)
        assert self.body == wire.canonical(message)
        assert message.status == self.status == PROBLEMS[message.code].status
        assert (message.type, message.title) == (f"urn:ikm:problem:{message.code}", PROBLEMS[message.code].title)
        return message

    @property
    def receipt(self) -> wire.Receipt:
        """The receipt of a batch that was taken."""
        assert self.status == 200, (self.status, self.body[:300])
        return wire.decode(self.body, wire.Receipt)


@dataclass(frozen=True)
class Site:
    """The server by its address, and what it keeps: its database and its log, read beside it."""

    url: str
    store: Store
    log: Path

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request in a connection of its own."""
        where = urlsplit(self.url)
        assert where.hostname is not None
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=WAIT_S)
        try:
            told = {"Content-Length": str(len(body))} | dict(headers or {})
            # one that is too large is answered before its end, and sent on into a closed line
            connection.request(method, path, body if len(body) <= wire.MAX_BODY_BYTES else body[:4096], told)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def send(self, call: Call, **headers: str) -> Answer:
        """A device's call as its client would send it, some headers changed ('Content_Type' for Content-Type)."""
        told = {**JSON, wire.SIGNATURE_HEADER: call.signature}
        if call.encoding:
            told["Content-Encoding"] = call.encoding
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(call.method, call.path, call.body, told)

    def raw(self, *parts: bytes, end: bool = False) -> bytes:
        """What comes back for these bytes until the server closes; `end` says first that no more will come."""
        with self.line() as line:
            for part in parts:
                line.sendall(part)
            if end:
                # the server may have closed already
                with suppress(OSError):
                    line.shutdown(socket.SHUT_WR)
            return heard(line)

    def line(self) -> socket.socket:
        """A connection."""
        where = urlsplit(self.url)
        return socket.create_connection((where.hostname, where.port), timeout=WAIT_S)


def heard(line: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    pieces = []
    try:
        while piece := line.recv(65_536):
            pieces.append(piece)
    except ConnectionResetError:
        # closed with something of ours unread
        pass
    return b"".join(pieces)


def status_of(answer: bytes) -> int:
    """The status of an answer as it came over the line."""
    assert answer.startswith(b"HTTP/1."), answer[:100]
    return int(answer.split(None, 2)[1])


@dataclass(frozen=True)
class Ward:
    """A device whose chain goes on after whatever is done in its name."""

    site: Site
    device: KioskDevice

    def refuses(self, call: Call, code: str, **headers: str) -> wire.Problem:
        """See that this call is refused with that code and changes nothing; the problem."""
        return self.unmoved(lambda: self.site.send(call, **headers), code)

    def unmoved(self, act: Callable[[], Answer], code: str) -> wire.Problem:
        """See that this is refused with that code, stores nothing, tells nothing, and hinders nothing."""
        before, mark = stored(self.site.store), self.mark()
        answer = act()
        problem = answer.problem
        assert problem.code == code, problem
        assert SECRET.encode() not in answer.body
        self.still(before, mark)
        return problem

    def still(self, before: Mapping[str, int], mark: int) -> None:
        """See that nothing was stored since, that the log is quiet, and that the chain goes on."""
        assert stored(self.site.store) == before
        self.goes_on()
        self.quiet(mark)

    def goes_on(self) -> None:
        """See that the next good response is taken and counted."""
        responses = stored(self.site.store)["response"]
        receipt = self.site.send(self.device.call(self.device.add(samples.body()))).receipt
        assert (receipt.head_seq, receipt.head_hash) == (len(self.device.rows), self.device.rows[-1].hash)
        assert receipt.rejected == []
        assert stored(self.site.store)["response"] == responses + 1

    def keeps_aside(self, *asides: tuple[bytes, str]) -> None:
        """See that bodies are kept aside under these codes, byte for byte, and hold up nothing."""
        before, mark = stored(self.site.store), self.mark()
        rows = self.device.add(*(body for body, _ in asides))
        answer = self.site.send(self.device.call(rows))
        assert SECRET.encode() not in answer.body
        receipt = answer.receipt
        assert (receipt.head_seq, receipt.head_hash) == (rows[-1].seq, rows[-1].hash)
        told = [wire.RejectedRow(code=code, seq=row.seq) for row, (_, code) in zip(rows, asides, strict=True)]
        assert receipt.rejected == told, [
            (row.code, body) for row, (body, _) in zip(receipt.rejected, asides, strict=False)
        ]
        kept = {row.seq: row for row in self.site.store.quarantined(self.device.device) if row.epoch == 1}
        for row, (body, code) in zip(rows, asides, strict=True):
            found = kept[row.seq]
            assert (found.body, found.hash, found.code, found.chained) == (body, row.hash, code, True)
        after = stored(self.site.store)
        assert after["quarantine"] == before["quarantine"] + len(rows)
        assert after["response"] == before["response"]
        assert self.site.store.differences() == []
        self.goes_on()
        self.quiet(mark)

    def is_sound(self) -> bool:
        """Whether the server's head is this device's."""
        c = tables.head.c
        with self.site.store._engine.connect() as connection:
            head = connection.execute(select(c.seq).where(c.device == self.device.device)).scalar()
        return (head or 0) == len(self.device.rows) and not self.site.store.forks(self.device.device)

    def mark(self) -> int:
        """How long the log is."""
        return self.site.log.stat().st_size

    def quiet(self, mark: int) -> None:
        """See that since then the log holds no answer and nothing the server has to be ashamed of."""
        with self.site.log.open("rb") as log:
            log.seek(mark)
            written = log.read()
        for unwanted in (SECRET.encode(), b"Traceback", b" ERROR ", b"internal_error"):
            assert unwanted not in written, written[-2000:]

    def next(self, *bodies: bytes) -> list[wire.Row]:
        """Rows that would come next, not yet of the chain."""
        prev = self.device.rows[-1].hash if self.device.rows else self.device.start
        return linked(
            self.device.device, self.device.epoch, list(bodies or (secret(),)), after=len(self.device.rows), prev=prev,
            salt=0xEE,
        )  # fmt: skip

    def envelope(self, change: Callable[[dict[str, Any]], object]) -> Call:
        """A signed batch of one row, changed by `change` in its parsed form."""
        told = json.loads(self.plain())
        change(told)
        return self.device.signed(spelt(told))

    def plain(self) -> bytes:
        """The bytes of a good batch of one row that would come next."""
        return wire.canonical(samples.batch(self.next(), device=self.device.device))

    def respelt(self, old: str, new: str) -> Call:
        """That batch, signed, with something else written in it once."""
        raw = self.plain()
        assert old.encode() in raw, old
        return self.device.signed(raw.replace(old.encode(), new.encode("utf-8", "surrogateescape"), 1))

    def rows(self, rows: list[wire.Row]) -> Call:
        """A signed batch of these."""
        return self.device.call(rows)


def secret(**changes: Any) -> bytes:
    """A good body with a comment nobody but the office may read."""
    return wire.canonical(samples.body(**{"comment": SECRET, **changes}))


def spelled(old: str, new: str, **changes: Any) -> bytes:
    """Such a body's bytes with something else written in them once."""
    raw = secret(**changes)
    assert old.encode() in raw, old
    return raw.replace(old.encode(), new.encode("utf-8", "surrogateescape"), 1)


def spelt(told: object) -> bytes:
    """Canonical bytes of something parsed."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def rehashed(row: wire.Row, device: str, epoch: int = 1, **changes: Any) -> wire.Row:
    """A row with something else in it, its hash made for that."""
    facts = {name: getattr(row, name) for name in ("body", "id", "prev_hash", "seq")} | changes
    facts["body"] = Raw(bytes(facts["body"]))
    digest = wire.row_hash(
        device=device, epoch=epoch, seq=facts["seq"], row_id=facts["id"], prev_hash=facts["prev_hash"],
        body=facts["body"],
    )  # fmt: skip
    return wire.Row(hash=digest, **facts)
