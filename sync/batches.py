"""Batches as they travel, in a request or in a file: whole epochs' rows cut to the wire's bytes."""

import secrets

from ikm import wire
from ikm.wire import Batch, Health, Row
from sync.failure import Cause, Failure
from sync.ports import Outbox


def empty_batch(outbox: Outbox, epoch: int, health: Health) -> Batch:
    """A batch of that epoch without rows, which is a heartbeat. Raises Failure for a device that is not enrolled."""
    identity, held = outbox.identity(), outbox.configuration()
    if identity is None:
        raise Failure(Cause.UNEXPECTED, "not enrolled")
    return Batch(
        configuration=held.version if held else 0,
        device=identity.device,
        epoch=epoch,
        health=health,
        nonce=secrets.token_hex(16),
        opening=outbox.opening(epoch),
        protocol=wire.PROTOCOL,
        rows=[],
    )


def filled(batch: Batch, rows: list[Row]) -> Batch:
    """The batch with as many of those rows as the wire takes; one at least, for the server to refuse by name."""
    batch.rows.extend(_fitting(rows, wire.MAX_BODY_BYTES - len(wire.canonical(batch))))
    return batch


def path_of(batch: Batch) -> str:
    """Where a batch is posted to: part of what is signed."""
    return f"/api/v1/devices/{batch.device}/batches"


def _fitting(rows: list[Row], room: int) -> list[Row]:
    taken: list[Row] = []
    for row in rows:
        room -= len(wire.canonical(row)) + 1
        if room < 0 and taken:
            break
        taken.append(row)
    return taken
