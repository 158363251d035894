"""One round of the sync: pending rows go up in order, receipts move the watermark, a configuration comes down.

No database transaction is open while the network is waited for: each call to the outbox is one of its own.
"""

import logging
import secrets
from dataclasses import dataclass
from importlib import metadata

from ikm import wire
from ikm.wire import Batch, Health, Receipt, Row
from sync.failure import Cause, Failure
from sync.ports import Device, Outbox, Server

APP_VERSION = metadata.version("ikm-kiosk")
"""The version of this software, as devices report it."""

_TOO_LARGE = 413

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round ended: rows newly acknowledged, the last receipt if one came, the failure if one ended it."""

    acknowledged: int
    receipt: Receipt | None
    failure: Failure | None


def sync_once(outbox: Outbox, server: Server, device: Device) -> Outcome:
    """How one round went, for an enrolled device; failures of the exchange are in it and never raised."""
    exchange = _Round(outbox, server, device)
    failure: Failure | None = None
    try:
        exchange.drain()
        exchange.fetch_configuration()
    except Failure as caught:
        failure = caught
    return Outcome(acknowledged=exchange.acknowledged, receipt=exchange.receipt, failure=failure)


class _Round:
    def __init__(self, outbox: Outbox, server: Server, device: Device) -> None:
        self._outbox = outbox
        self._server = server
        self._device = device
        self._rewound = False
        self._limit = wire.MAX_ROWS
        self.acknowledged = 0
        self.receipt: Receipt | None = None

    def drain(self) -> None:
        """Push until nothing is pending; at least once, for a batch without rows is the heartbeat."""
        while True:
            batch = self._batch()
            try:
                receipt = self._push(batch)
            except Failure as failure:
                self._recover(batch, failure)
                continue
            self._acknowledge(batch, receipt)
            if not self._outbox.pending(self._outbox.epoch(), 1):
                return

    def fetch_configuration(self) -> None:
        """Hold the configuration the receipt speaks of, when it is newer than the one held."""
        if self.receipt is None or self.receipt.configuration <= self._held():
            return
        configuration = self._server.configuration()
        if configuration.version < self.receipt.configuration:
            raise Failure(Cause.NOT_OUR_SERVER, f"configuration {configuration.version} is an old copy")
        self._outbox.hold_configuration(configuration)
        _log.info("configuration %d held", configuration.version)

    def _held(self) -> int:
        held = self._outbox.configuration()
        return held.version if held else 0

    def _batch(self) -> Batch:
        identity = self._outbox.identity()
        if identity is None:
            raise Failure(Cause.UNEXPECTED, "not enrolled")
        epoch = self._outbox.epoch()
        health = Health(
            app_version=APP_VERSION,
            clock=self._device.clock(),
            disk_free_bytes=self._device.disk_free_bytes(),
            queued=self._outbox.queue().pending,
        )
        batch = Batch(
            configuration=self._held(),
            device=identity.device,
            epoch=epoch,
            health=health,
            nonce=secrets.token_hex(16),
            protocol=wire.PROTOCOL,
            rows=[],
        )
        room = wire.MAX_BODY_BYTES - len(wire.canonical(batch))
        batch.rows.extend(_fitting(self._outbox.pending(epoch, self._limit), room))
        return batch

    def _push(self, batch: Batch) -> Receipt:
        receipt = self._server.push(batch)
        self._device.heard(receipt.server_time_ms, batch.health.clock)
        if self._outbox.hash_at(receipt.epoch, receipt.head_seq) != receipt.head_hash:
            raise Failure(Cause.DIVERGED, f"epoch {receipt.epoch} head {receipt.head_seq}")
        return receipt

    def _acknowledge(self, batch: Batch, receipt: Receipt) -> None:
        # proved by the hash of a row of ours: whichever way the watermark goes, that is where the server stands
        self._outbox.acknowledge(receipt.epoch, receipt.head_seq)
        self.receipt = receipt
        if not batch.rows:
            return
        before = batch.rows[0].seq - 1
        sent = (batch.epoch, before + 1, batch.rows[-1].seq, receipt.head_seq)
        _log.info("epoch %d: rows %d to %d sent, head %d", *sent)
        if receipt.head_seq <= before:
            raise Failure(Cause.SERVER, f"head stays at {receipt.head_seq}")
        self.acknowledged += receipt.head_seq - before

    def _recover(self, batch: Batch, failure: Failure) -> None:
        """Make ready for another try, or raise the failure again."""
        if failure.code == "gap" and self._rewind(batch, failure):
            return
        if failure.status == _TOO_LARGE and len(batch.rows) > 1:
            self._limit = len(batch.rows) // 2
            return
        raise failure

    def _rewind(self, batch: Batch, failure: Failure) -> bool:
        """Whether the watermark went back to where the server says it stands.

        Only back, and once a round: what is acknowledged forward, a receipt has to prove.
        """
        problem = failure.problem
        if self._rewound or problem is None or not batch.rows:
            return False
        head_seq, head_hash = problem.head_seq, problem.head_hash
        if not isinstance(head_seq, int) or head_seq >= batch.rows[0].seq - 1:
            return False
        if self._outbox.hash_at(batch.epoch, head_seq) != head_hash:
            raise Failure(Cause.DIVERGED, f"epoch {batch.epoch} gap at {head_seq}", problem=problem)
        _log.warning("epoch %d: the server stands at %d, rows after it are sent again", batch.epoch, head_seq)
        self._outbox.acknowledge(batch.epoch, head_seq)
        self._rewound = True
        return True


def _fitting(rows: list[Row], room: int) -> list[Row]:
    """The first rows that fit into that many bytes; one at least, for the server to refuse by name."""
    taken: list[Row] = []
    for row in rows:
        room -= len(wire.canonical(row)) + 1
        if room < 0 and taken:
            break
        taken.append(row)
    return taken
