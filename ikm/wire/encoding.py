"""From messages to bytes and back, strictly, and what is hashed and signed of them."""

import base64
import binascii
import hashlib
from typing import TypeVar

from msgspec import DecodeError, Raw, Struct, ValidationError, json
from msgspec.structs import replace

from ikm.domain.errors import Refusal
from ikm.wire.device import Batch, EnrolRequest, KeyRoll, Opening, ResponseBody
from ikm.wire.readers import reader
from ikm.wire.server import Receipt
from ikm.wire.types import SPOKEN, Message

MAX_BODY_BYTES = 256 * 1024
"""No request body is longer than this, before or after gzip."""

GENESIS = "0" * 64
"""The hash before the first row of a device's first epoch."""

SIGNATURE_HEADER = "Ikm-Signature"
"""Carries `sign_with`'s signature of a request, base64."""

M = TypeVar("M", bound=Message)


def canonical(message: Message) -> bytes:
    """The message's only spelling: JSON bytes as the module's first paragraph says."""
    return json.encode(message, order="sorted")


def decode(raw: bytes | Raw, kind: type[M], refusal_code: str = "body_malformed") -> M:
    """A message from bytes.

    Raises:
        Refusal: `refusal_code`, with the place of the fault and never the value.
    """
    try:
        message: M = reader(kind).decode(raw)
    # RecursionError: nesting deeper than the decoder follows is malformed too
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(refusal_code, _place(error)) from None
    return message


def decode_batch(raw: bytes) -> Batch:
    """A batch of a protocol this server speaks. Raises Refusal (`body_malformed`, `protocol_unsupported`)."""
    return _request(raw, Batch)


def decode_enrol_request(raw: bytes) -> EnrolRequest:
    """An enrolment of a protocol this server speaks. Raises Refusal (`body_malformed`, `protocol_unsupported`)."""
    return _request(raw, EnrolRequest)


def decode_key_roll(raw: bytes) -> KeyRoll:
    """A wish for a new key. Raises Refusal (`body_malformed`, `protocol_unsupported`)."""
    return _request(raw, KeyRoll)


def decode_body(raw: bytes | Raw) -> ResponseBody:
    """A response body, provided its bytes are the canonical ones.

    Raises:
        Refusal: `rating_out_of_range`, `response_malformed` or `response_not_canonical`.
    """
    try:
        body = decode(raw, ResponseBody, "response_malformed")
    except Refusal as refusal:
        if refusal.detail.startswith("$.answers["):
            raise Refusal("rating_out_of_range", refusal.detail) from None
        raise
    if canonical(body) != bytes(raw):
        raise Refusal("response_not_canonical")
    return body


class _Versioned(Struct):
    protocol: int


_VERSIONED = json.Decoder(_Versioned)


def _request(raw: bytes, kind: type[M]) -> M:
    _check_protocol(raw)
    message = decode(raw, kind)
    # of a doubled member the decoder keeps the last, and two programs must not read one request in two ways
    if canonical(message) != raw:
        raise Refusal("body_malformed", "canonical")
    return message


def _check_protocol(raw: bytes) -> None:
    try:
        version = _VERSIONED.decode(raw).protocol
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("body_malformed", _place(error)) from None
    if version not in SPOKEN:
        raise Refusal("protocol_unsupported", str(version)[:20])


def _place(error: Exception) -> str:
    # msgspec ends its sentences with " - at `$.path`"; what stands before may quote the value, which stays out of logs
    _, marker, place = str(error).partition(" - at ")
    if not isinstance(error, ValidationError):
        return "JSON"
    return place.strip("`") if marker else "$"


def row_hash(*, device: str, epoch: int, seq: int, row_id: str, prev_hash: str, body: bytes | Raw) -> str:
    """SHA-256 (hex) of a row: its device, place and predecessor, then the body's bytes."""
    head = f"ikm-row-1\n{device}\n{epoch}\n{seq}\n{row_id}\n{prev_hash}\n".encode()
    return hashlib.sha256(head + bytes(body)).hexdigest()


def signing_bytes(method: str, path: str, body: bytes) -> bytes:
    """What a device signs (Ed25519) for one request: method, path and the body's digest before any compression."""
    return f"ikm-request-1\n{method}\n{path}\n{hashlib.sha256(body).hexdigest()}".encode()


def genesis(device: str, epoch: int, opening: Opening | None) -> str:
    """The hash (hex) before the first row of an epoch; the first row's `prev_hash` makes all others answer for it."""
    if opening is None:
        return GENESIS
    return hashlib.sha256(f"ikm-epoch-1\n{device}\n{epoch}\n".encode() + canonical(opening)).hexdigest()


def receipt_bytes(receipt: Receipt) -> bytes:
    """What a server signs (Ed25519) of a receipt: all of it but the signature."""
    return b"ikm-receipt-1\n" + canonical(replace(receipt, signature=""))


def server_key_bytes(server: str, key: str) -> bytes:
    """What a server's key signs (Ed25519) to hand over to the next one."""
    return f"ikm-server-key-1\n{server}\n{key}".encode()


def key_roll_bytes(device: str, key: str) -> bytes:
    """What a device's new key signs (Ed25519) to show that the device has it."""
    return f"ikm-device-key-1\n{device}\n{key}".encode()


def fingerprint(key: str) -> str:
    """Six digits by which two people see that they speak of the same public key (base64), as '123 456'."""
    digest = hashlib.sha256(b"ikm-fingerprint-1\n" + base64.b64decode(key)).digest()
    digits = f"{int.from_bytes(digest[:8]) % 1_000_000:06}"
    return f"{digits[:3]} {digits[3:]}"


def to_base64(raw: bytes) -> str:
    """Keys and signatures as text (RFC 4648, padded)."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str, refusal_code: str) -> bytes:
    """The bytes of such a text. Raises Refusal (`refusal_code`)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(refusal_code) from None
