"""A receipt by somebody who has read the request but is not the server: right in everything but the signature."""

import gzip

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal

_HEAD_END = b"\r\n\r\n"
_FOREIGN = Ed25519PrivateKey.from_private_bytes(bytes(range(7, 39)))


def forged(request: bytes, server: str) -> bytes:
    """The HTTP answer to a batch that has everything delivered; b"" where there is nothing to forge."""
    head, _, body = request.partition(_HEAD_END)
    try:
        batch = wire.decode_batch(gzip.decompress(body) if b"gzip" in head.lower() else body)
    except Refusal:
        return b""
    if not batch.rows:
        return b""
    receipt = wire.Receipt(
        configuration=batch.configuration, device=batch.device, durable_seq=0, epoch=batch.epoch,
        head_hash=batch.rows[-1].hash, head_seq=batch.rows[-1].seq, nonce=batch.nonce, protocol=batch.protocol,
        rejected=[], server=server, server_time_ms=batch.health.clock.wall_ms, signature="", standing="active",
    )  # fmt: skip
    signature = wire.to_base64(_FOREIGN.sign(wire.receipt_bytes(receipt)))
    raw = wire.canonical(replace(receipt, signature=signature))
    lines = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}"
    return lines.encode() + _HEAD_END + raw
