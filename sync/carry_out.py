"""Answers that leave on a stick where there is no line, and receipts that come back on it.

Each line of the file holds a batch signed for the very POST that would have carried it, so that the server takes it in
by the same way, as often as it is given; a receipt counts as one from the line does, but for the nonce, which nobody
waits for.
"""

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct, json

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.wire import Batch, Clock, Health, Receipt
from sync import keys
from sync.batches import empty_batch, filled, path_of
from sync.failure import Cause, Failure
from sync.once import APP_VERSION
from sync.ports import Identity, Outbox

# no row has this boot, so no moment of a row is ever reckoned from when the file happens to arrive
_NO_BOOT = "00000000-0000-0000-0000-000000000000"
_MOST_RECEIPT_BYTES = 1024 * 1024

_log = logging.getLogger(__name__)


class CarriedBatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the file: where the batch would be posted, the device's signature, the batch's bytes as text."""

    format: Literal["ikm-carry-out-1"] = "ikm-carry-out-1"
    path: str
    signature: str
    body: str


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A file that was written: where, with how many rows in how many batches."""

    path: Path
    rows: int
    batches: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Receipts that were read: how many there were, how many rows they newly prove to be on the server.

    `standing` is what the last of them says of this device.
    """

    receipts: int
    acknowledged: int
    standing: str = "active"


def write_carry_out(
    outbox: Outbox,
    folder: Path,
    made_ms: int,
    *,
    disk_free_bytes: int = 0,
    written: Callable[[int], None] = lambda _rows: None,
) -> CarriedOut:
    """The file with all pending rows, whole and on the medium; nothing is acknowledged by it.

    Args:
        outbox: Where the rows are.
        folder: Where the file goes.
        made_ms: The device's UTC clock in ms, for the file's name.
        disk_free_bytes: Free space on the device, in bytes.
        written: Told the number of rows after each batch.

    Raises:
        Failure: Not enrolled, or the medium failed; no unfinished file is left where it can be helped.
    """
    identity = outbox.identity()
    if identity is None:
        raise Failure(Cause.UNEXPECTED, "not enrolled")
    # 9999 is the last year a date can have, whatever a wrong clock says
    made = datetime.fromtimestamp(min(max(made_ms, 0) // 1000, 253_402_300_799), UTC)
    path = folder / f"ikm-{identity.device}-{made:%Y%m%d-%H%M%S}.jsonl"
    clock = Clock(boot_id=_NO_BOOT, boot_ms=0, state="unknown", wall_ms=made_ms)
    health = Health(
        app_version=APP_VERSION, clock=clock, disk_free_bytes=disk_free_bytes, queued=outbox.queue().pending
    )
    rows = batches = 0
    with _medium(path), _whole(path) as descriptor:
        for batch in _batches(outbox, health):
            _write(descriptor, _line(identity, batch))
            rows += len(batch.rows)
            batches += 1
            written(rows)
    _log.info("%d rows carried out in %d batches", rows, batches)
    return CarriedOut(path, rows, batches)


def take_receipts(outbox: Outbox, file: Path) -> TakenBack:
    """How many receipts a file brought back and what they prove.

    All are looked at before any is believed. A watermark only goes forward here: an old file is no restored server.

    Raises:
        Failure: The file cannot be read, or one of its lines is no receipt of our server for a row of this device.
    """
    identity = outbox.identity()
    if identity is None:
        raise Failure(Cause.UNEXPECTED, "not enrolled")
    heads: dict[int, Receipt] = {}
    receipts, standing = 0, ""
    with _medium(file), file.open("rb") as stream:
        while line := stream.readline(_MOST_RECEIPT_BYTES):
            receipt = _receipt(outbox, identity, line)
            receipts, standing = receipts + 1, receipt.standing
            before = heads.get(receipt.epoch)
            if before is None or receipt.head_seq > before.head_seq:
                heads[receipt.epoch] = receipt
            for row in receipt.rejected:
                _log.warning("epoch %d: row %d is kept aside by the server: %s", receipt.epoch, row.seq, row.code)
    if not receipts:
        raise Failure(Cause.RECEIPTS_UNREADABLE, "no receipt")
    acknowledged = sum(_move(outbox, heads[epoch]) for epoch in sorted(heads))
    _log.info("%d receipts brought back, %d rows acknowledged", receipts, acknowledged)
    return TakenBack(receipts, acknowledged, standing)


def _batches(outbox: Outbox, health: Health) -> Iterator[Batch]:
    if not health.queued:
        yield empty_batch(outbox, outbox.epoch(), health)
        return
    epoch: int | None = outbox.epoch()
    while epoch is not None:
        after_seq = 0
        # a watermark that moves meanwhile leaves out what the server has, and brings nothing twice
        while rows := outbox.pending(epoch, wire.MAX_ROWS, after_seq):
            batch = filled(empty_batch(outbox, epoch, health), rows)
            after_seq = batch.rows[-1].seq
            yield batch
        epoch = next((later for later in outbox.epochs() if later > epoch), None)


def _line(identity: Identity, batch: Batch) -> bytes:
    path, body = path_of(batch), wire.canonical(batch)
    signature = keys.signature(identity.private_key, "POST", path, body)
    carried = CarriedBatch(path=path, signature=signature, body=body.decode())
    return json.encode(carried, order="sorted") + b"\n"


def _receipt(outbox: Outbox, identity: Identity, line: bytes) -> Receipt:
    try:
        receipt = wire.decode(line, wire.Receipt)
    except Refusal as refusal:
        raise Failure(Cause.RECEIPTS_UNREADABLE, refusal.detail) from None
    expected = (wire.PROTOCOL, identity.device, identity.server)
    if (receipt.protocol, receipt.device, receipt.server) != expected:
        raise Failure(Cause.RECEIPTS_UNREADABLE, "receipt for something else")
    if not keys.is_receipt_signed(identity.server_key, receipt):
        raise Failure(Cause.RECEIPTS_UNREADABLE, "receipt without our server's signature")
    if outbox.hash_at(receipt.epoch, receipt.head_seq) not in {receipt.head_hash, None}:
        raise Failure(Cause.DIVERGED, f"epoch {receipt.epoch} head {receipt.head_seq}")
    return receipt


def _move(outbox: Outbox, receipt: Receipt) -> int:
    """By how many rows the watermark went forward: not at all for a head that is no row of ours."""
    epoch, head_seq = receipt.epoch, receipt.head_seq
    first = outbox.pending(epoch, 1)
    if not first or head_seq < first[0].seq or outbox.hash_at(epoch, head_seq) is None:
        return 0
    outbox.acknowledge(epoch, head_seq)
    outbox.forget(epoch, min(receipt.durable_seq, head_seq))
    return head_seq - first[0].seq + 1


@contextmanager
def _medium(path: Path) -> Iterator[None]:
    """What the medium cannot do, as a failure."""
    try:
        yield
    except OSError as error:
        cause = Cause.MEDIUM_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else Cause.MEDIUM
        raise Failure(cause, f"{path.name}: {error.strerror or type(error).__name__}") from error


@contextmanager
def _whole(path: Path) -> Iterator[int]:
    """A file to write that appears under its name when it is whole and on the medium, or not at all."""
    unfinished = path.with_suffix(".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        try:
            yield descriptor
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        unfinished.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        # half of it would look like all of it to whoever carries it
        unfinished.unlink(missing_ok=True)
        raise


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # some drivers of foreign file systems have no such call for folders
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
