"""From the bytes of a request to a receipt: every doubt is settled before the one transaction, and none is kept."""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.response import check
from ikm.server.chain import check_order
from ikm.server.store import Store
from ikm.server.store.delivery import Accepted, Delivery
from ikm.server.store.devices import Device

Shape = tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...], str, tuple[str, ...]]
"""What of a response its questionnaire decides about: version, status, questions answered, profile, form, asked."""

_MAX_SHAPES = 10_000
_GZIP = 16 + zlib.MAX_WBITS


def now_ms() -> int:
    """This machine's UTC clock, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A device's request as it came in: `path` as called, `body` as sent, `encoding` and `signature` its headers."""

    method: str
    path: str
    device: str
    signature: str
    body: bytes = b""
    encoding: str = ""


class Ingest:
    """Accepts batches into a store. Safe for several threads.

    Services, counters and questionnaire versions are only ever added, so what was known once is remembered.
    """

    def __init__(self, store: Store, clock_ms: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._server = store.server_id()
        self._known = _Known(store)

    def accept(self, call: Call) -> wire.Receipt:
        """The receipt for a batch, once its rows are committed.

        Raises:
            Refusal: Nothing of the batch was stored.
        """
        raw = uncompressed(call.body, call.encoding)
        batch = wire.decode_batch(raw)
        device = self._authentic(call, raw)
        if batch.device != device.id:
            raise Refusal("batch_device_mismatch")
        check_order(batch.rows)
        now = self._clock_ms()
        responses = self._accepted(batch, device)
        head = self._store.receive(Delivery(device.id, batch.epoch, responses, batch.health, now))
        return wire.Receipt(
            configuration=device.configuration,
            device=device.id,
            # raised only once a verified backup holds the rows; until there are backups no device may forget any
            durable_seq=0,
            epoch=batch.epoch,
            head_hash=head.hash,
            head_seq=head.seq,
            nonce=batch.nonce,
            protocol=wire.PROTOCOL,
            rejected=[],
            server=self._server,
            server_time_ms=now,
            signature="",
        )

    def configuration(self, call: Call) -> wire.ConfigurationMessage:
        """The newest configuration for the device that asks. Raises Refusal."""
        return self._store.configuration(self._authentic(call, b"").counter)

    def _authentic(self, call: Call, raw: bytes) -> Device:
        if not is_id(call.device):
            raise Refusal("device_unknown")
        device = self._store.device(call.device)
        signature = wire.from_base64(call.signature, "signature_invalid")
        try:
            key = Ed25519PublicKey.from_public_bytes(device.public_key)
            key.verify(signature, wire.signing_bytes(call.method, call.path, raw))
        except (InvalidSignature, ValueError):
            raise Refusal("signature_invalid") from None
        return device

    def _accepted(self, batch: wire.Batch, device: Device) -> list[Accepted]:
        dates: dict[int, date] = {}
        found = []
        for row in batch.rows:
            try:
                body = self._body(row, batch.epoch, device)
            except Refusal as refusal:
                raise Refusal(refusal.code, f"seq {row.seq} {refusal.detail}".rstrip()) from None
            # zones differ by whole hours, so an hour lies in one date
            hour = body.clock.wall_ms // 3_600_000
            day = dates.get(hour)
            if day is None:
                day = dates[hour] = device.time_zone.local_date(body.clock.wall_ms)
            found.append(Accepted(row, body, day))
        return found

    def _body(self, row: wire.Row, epoch: int, device: Device) -> wire.ResponseBody:
        digest = wire.row_hash(
            device=device.id, epoch=epoch, seq=row.seq, row_id=row.id, prev_hash=row.prev_hash, body=row.body
        )
        if digest != row.hash:
            raise Refusal("row_hash_invalid")
        body = wire.decode_body(row.body)
        # a counter the device has left since still stands in its older rows; another unit's never may
        if body.unit != device.unit or not self._known.counter(device.unit, body.counter):
            raise Refusal("unit_unknown")
        if not self._known.service(device.unit, body.service):
            raise Refusal("service_unknown")
        self._known.check(body)
        return body


@dataclass(slots=True)
class _Known:
    """What may be named in a response, asked of the store once and again only for a name not seen before."""

    store: Store
    _services: dict[str, frozenset[str]] = field(default_factory=dict)
    _counters: dict[str, frozenset[str]] = field(default_factory=dict)
    _shapes: set[Shape] = field(default_factory=set)
    _questionnaires: dict[str, Questionnaire] = field(default_factory=dict)

    def service(self, unit: str, code: str) -> bool:
        """Whether the unit has that service."""
        return _found(self._services, unit, code, partial(_services_of, self.store))

    def counter(self, unit: str, code: str) -> bool:
        """Whether the unit has that counter."""
        return _found(self._counters, unit, code, partial(_counters_of, self.store))

    def check(self, body: wire.ResponseBody) -> None:
        """Refuse a response that its questionnaire could not have produced. Raises Refusal.

        Which rating was given is checked in decoding, so the questionnaire has to be asked once per shape alone.
        """
        shape = (
            body.questionnaire, body.status, tuple(body.answers), tuple(body.profile.items()),
            body.instrument.value, tuple(body.asked),
        )  # fmt: skip
        # reasons depend on the ratings themselves, and few citizens give any
        if shape in self._shapes and not body.reasons:
            return
        check(body.to_domain(), self._questionnaire(body.questionnaire))
        if len(self._shapes) < _MAX_SHAPES:
            self._shapes.add(shape)

    def _questionnaire(self, code: str) -> Questionnaire:
        known = self._questionnaires.get(code)
        if known is None:
            known = self._questionnaires[code] = self.store.questionnaire(code)
        return known


def _services_of(store: Store, unit: str) -> frozenset[str]:
    return frozenset(service.code for service in store.services(unit))


def _counters_of(store: Store, unit: str) -> frozenset[str]:
    return frozenset(node.code for node in store.organisation() if node.level is Level.COUNTER and node.parent == unit)


def _found(known: dict[str, frozenset[str]], unit: str, code: str, read: Callable[[str], frozenset[str]]) -> bool:
    if code not in known.get(unit, ()):
        known[unit] = read(unit)
    return code in known[unit]


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
