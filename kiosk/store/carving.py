"""Rows out of a damaged file, without the database's help: every place that looks like one is tried.

A row of ours has a telltale head: two small integers, a text of 36 letters, a body, two texts of 64. Whatever else of
the file is broken (its header, a page's, the trees above), a row that is whole itself is found, and its own hash says
that it is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ikm import wire

PAGE_BYTES = 4096
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HASH = re.compile(rb"[0-9a-f]{64}")
# SQLite's record format: length of the head, then a type for each column of `responses`; 0x55 is a text of 36 bytes,
# 0x81 0x0d one of 64, 9 the number one
_HEAD = re.compile(rb"[\x08-\x0c]([\x01-\x06\x09])([\x01-\x06\x09])\x55([\x80-\xff]{0,4}[\x00-\x7f])\x81\x0d\x81\x0d")
# none (the row's own number), two texts of 36, an address, 32 bytes, a text of 44 or none
_IDENTITY = re.compile(rb"[\x07\x08]\x00\x55\x55([\x80-\xff]?[\x00-\x7f])\x4c([\x0d\x65])")
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 9: 0}


@dataclass(frozen=True, slots=True)
class Found:
    """A row as it was stored; `body` is None where it had been forgotten."""

    epoch: int
    seq: int
    id: str
    body: bytes | None
    prev_hash: str
    hash: str


def is_whole(found: Found, device: str) -> bool:
    """Whether a row is one of that device's; a forgotten one can only be judged by its neighbours."""
    if found.body is None:
        return True
    return found.hash == wire.row_hash(
        device=device, epoch=found.epoch, seq=found.seq, row_id=found.id, prev_hash=found.prev_hash, body=found.body
    )


def carve(path: Path, device: str) -> Iterator[Found]:
    """Every row of that device in the file, as it lies there."""
    raw = path.read_bytes()
    for head in _HEAD.finditer(raw):
        if head.end() - head.start() != raw[head.start()]:
            continue
        found = _record(raw, head)
        if found is not None and is_whole(found, device):
            yield found


def carve_identities(path: Path) -> Iterator[list[Any]]:
    """The columns of `identity` wherever a row of that table seems to lie; nothing vouches for them but their shape."""
    raw = path.read_bytes()
    for head in _IDENTITY.finditer(raw):
        if len(head[0]) != raw[head.start()]:
            continue
        url_type = 0
        for byte in head[1]:
            url_type = url_type << 7 | byte & 0x7F
        sizes = (36, 36, (url_type - 13) // 2, 32, (head[2][0] - 13) // 2)
        parts, at = [], head.end()
        for size in sizes:
            parts.append(raw[at : at + size])
            at += size
        device, server, url, key, server_key = parts
        if _ID.fullmatch(device) and _ID.fullmatch(server) and url.startswith(b"http") and url.isascii():
            yield [1, device.decode(), server.decode(), url.decode(), key, server_key.decode("ascii", "replace")]


def _record(raw: bytes, head: re.Match[bytes]) -> Found | None:
    body_type = 0
    for byte in head[3]:
        body_type = body_type << 7 | byte & 0x7F
    # 0 is no value, even numbers from 12 on are bytes
    if body_type % 2 or 0 < body_type < 14:
        return None
    body_bytes = (body_type - 12) // 2 if body_type else 0
    epoch_bytes, seq_bytes = _INTEGER_BYTES[head[1][0]], _INTEGER_BYTES[head[2][0]]
    sizes = (len(head[0]), epoch_bytes, seq_bytes, 36, body_bytes, 64, 64)
    payload = _payload(raw, head.start(), sum(sizes))
    if payload is None:
        return None
    parts, at = [], 0
    for size in sizes:
        parts.append(payload[at : at + size])
        at += size
    _, epoch, seq, row_id, body, prev_hash, digest = parts
    if not (_ID.fullmatch(row_id) and _HASH.fullmatch(prev_hash) and _HASH.fullmatch(digest)):
        return None
    found = Found(
        epoch=_integer(epoch),
        seq=_integer(seq),
        id=row_id.decode(),
        body=body if body_type else None,
        prev_hash=prev_hash.decode(),
        hash=digest.decode(),
    )
    return found if found.epoch >= 1 and found.seq >= 1 else None


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw, signed=True) if raw else 1


def _payload(raw: bytes, start: int, size: int) -> bytes | None:
    """A record from its first byte on, gathered from its overflow pages; None where they do not lead to its end."""
    here = size
    if size > PAGE_BYTES - 35:
        # how much of a long record stays in its own page, from the file format's description
        least = (PAGE_BYTES - 12) * 32 // 255 - 23
        here = least + (size - least) % (PAGE_BYTES - 4)
        if here > PAGE_BYTES - 35:
            here = least
    gathered = bytearray(raw[start : start + here])
    following = raw[start + here : start + here + 4]
    while len(gathered) < size:
        page = int.from_bytes(following)
        at = (page - 1) * PAGE_BYTES
        if page < 1 or at + PAGE_BYTES > len(raw):
            return None
        following = raw[at : at + 4]
        gathered += raw[at + 4 : at + 4 + min(PAGE_BYTES - 4, size - len(gathered))]
    return bytes(gathered)
