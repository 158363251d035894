"""From the bytes of a request to a receipt: every doubt is settled before the one transaction, and none is kept."""

import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import clocks
from ikm.server.chain import check_order
from ikm.server.checks import Checks
from ikm.server.keys import Signer, check_signature
from ikm.server.store import Store
from ikm.server.store.delivery import Accepted, Aside, Boot, Delivery
from ikm.server.store.sender import Sender

_GZIP = 16 + zlib.MAX_WBITS
# a boot's offset is written again only where it comes nearer to the truth by this much
_WORTH_WRITING_MS = 1000


def now_ms() -> int:
    """This machine's UTC clock, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A device's request as it came in: `path` as called, `body` as sent, `encoding` and `signature` its headers.

    `carried` says that it came by hand, some time after the device made it.
    """

    method: str
    path: str
    device: str
    signature: str
    body: bytes = b""
    encoding: str = ""
    carried: bool = False

    def signed(self, raw: bytes) -> bytes:
        """The bytes a signature is over, for a body whose uncompressed bytes are these."""
        return wire.signing_bytes(self.method, self.path, raw)


class Ingest:
    """Accepts batches into a store. Safe for several threads."""

    def __init__(self, store: Store, clock_ms: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._server = store.server_id()
        self._checks = Checks(store)
        self._signer = Signer(store)

    def accept(self, call: Call) -> wire.Receipt:
        """The receipt for a batch, once its rows are committed.

        Raises:
            Refusal: Nothing of the batch was counted; of a `fork` its rows are kept aside.
        """
        raw = uncompressed(call.body, call.encoding)
        batch = wire.skim_batch(raw)
        if not is_id(call.device):
            raise Refusal("device_unknown")
        sender = self._store.sender(call.device, batch.epoch, batch.health.clock.boot_id)
        check_signature(sender.public_key, call.signature, call.signed(raw))
        if batch.device != sender.id:
            raise Refusal("batch_device_mismatch")
        check_order(batch.rows)
        now = self._clock_ms()
        taken = self._store.receive(self._delivery(batch, sender, now, carried=call.carried))
        return self._signer.sign(
            wire.Receipt(
                configuration=sender.configuration,
                device=sender.id,
                durable_seq=sender.durable_seq,
                epoch=batch.epoch,
                head_hash=taken.head.hash,
                head_seq=taken.head.seq,
                nonce=batch.nonce,
                protocol=batch.protocol,
                rejected=[wire.RejectedRow(code=code, seq=seq) for seq, code in taken.rejected],
                server=self._server,
                server_time_ms=now,
                signature="",
                standing=taken.standing,
            )
        )

    def configuration(self, call: Call) -> wire.ConfigurationMessage:
        """The newest configuration for the device that asks. Raises Refusal."""
        if not is_id(call.device):
            raise Refusal("device_unknown")
        device = self._store.device(call.device)
        check_signature(device.public_key, call.signature, call.signed(b""))
        return self._store.configuration(device.counter)

    def _delivery(self, batch: wire.Batch, sender: Sender, now: int, *, carried: bool) -> Delivery:
        told = batch.health.clock
        offsets = {} if sender.offset_ms is None else {told.boot_id: sender.offset_ms}
        boot = None
        # a message that was carried says nothing about the time it was written at
        if not carried:
            offset = clocks.offset_ms(told, now)
            known = offsets.get(told.boot_id)
            offsets[told.boot_id] = offset if known is None else min(offset, known)
            if known is None or offset <= known - _WORTH_WRITING_MS:
                boot = Boot(told.boot_id, offset)
        return Delivery(
            device=sender.id,
            epoch=batch.epoch,
            rows=self._judged(batch, sender, now, offsets),
            # it counted the rows it was about to send
            health=msgspec.structs.replace(batch.health, queued=max(batch.health.queued - len(batch.rows), 0)),
            received_ms=now,
            time_zone=sender.time_zone,
            opening=batch.opening,
            boot=boot,
            carried=carried,
            configuration=batch.configuration,
        )

    def _judged(
        self, batch: wire.Batch, sender: Sender, now: int, offsets: Mapping[str, int]
    ) -> list[Accepted | Aside]:
        _check_hashes(batch)
        bodies = [self._body(row, sender.unit) for row in batch.rows]
        boots = {body.clock.boot_id for body in bodies if isinstance(body, wire.ResponseBody)} - offsets.keys()
        if boots:
            offsets = {**offsets, **self._store.boots(sender.id, boots)}
        dates = _Dates(sender)
        found: list[Accepted | Aside] = []
        for row, body in zip(batch.rows, bodies, strict=True):
            if isinstance(body, Refusal):
                found.append(Aside(row, body.code, body.detail))
                continue
            when = clocks.moment(body.clock, offsets.get(body.clock.boot_id), now)
            if when is None:
                found.append(Accepted(row, body, date.min, 0, clocks.UNCERTAIN))
            else:
                found.append(Accepted(row, body, dates.of(when.ms), when.ms, when.clock))
        return found

    def _body(self, row: wire.Row, unit: str) -> wire.ResponseBody | Refusal:
        try:
            return self._checks.body(row.body, unit)
        except Refusal as refusal:
            # that is said of this server, not of the row
            if refusal.problem.is_of_the_server:
                raise
            return refusal


class _Dates:
    """Local dates at a device's place."""

    def __init__(self, sender: Sender) -> None:
        self._zone = sender.time_zone
        self._known: dict[int, date] = {}

    def of(self, ms: int) -> date:
        """The local date of a moment (milliseconds since 1970, UTC)."""
        # zones differ by whole hours, so an hour lies in one date
        hour = ms // 3_600_000
        day = self._known.get(hour)
        if day is None:
            day = self._known[hour] = self._zone.local_date(ms)
        return day


def _check_hashes(batch: wire.Batch) -> None:
    for row in batch.rows:
        digest = wire.row_hash(
            device=batch.device, epoch=batch.epoch, seq=row.seq, row_id=row.id, prev_hash=row.prev_hash, body=row.body
        )
        if digest != row.hash:
            raise Refusal("row_hash_invalid", f"seq {row.seq}")


def is_id(text: str) -> bool:
    """Whether that is spelt as an id of this protocol, so that a database may be asked for it."""
    try:
        msgspec.convert(text, wire.Uuid7)
    except msgspec.ValidationError:
        return False
    return True


def uncompressed(body: bytes, encoding: str) -> bytes:
    """The bytes a device meant, from those it sent; never more than `wire.MAX_BODY_BYTES` of them.

    Raises:
        Refusal: `content_encoding_unsupported`, `body_too_large`, or `body_malformed` when the gzip stream is broken,
            cut short, or followed by anything.
    """
    if len(body) > wire.MAX_BODY_BYTES:
        raise Refusal("body_too_large")
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refusal("content_encoding_unsupported")
    stream = zlib.decompressobj(_GZIP)
    try:
        raw = stream.decompress(body, wire.MAX_BODY_BYTES + 1)
    except zlib.error:
        raise Refusal("body_malformed", "gzip") from None
    if len(raw) > wire.MAX_BODY_BYTES:
        raise Refusal("body_too_large")
    if not stream.eof or stream.unused_data:
        raise Refusal("body_malformed", "gzip")
    return raw
