"""One round of the sync: pending rows go up in order, receipts move the watermark, a configuration comes down.

No database transaction is open while the network is waited for: each call to the outbox is one of its own.
"""

import logging
from dataclasses import dataclass
from importlib import metadata

from ikm import wire
from ikm.wire import Batch, Health, Receipt
from sync.batches import empty_batch, filled
from sync.divergence import Divergence
from sync.failure import Cause, Failure
from sync.memory import Memory
from sync.ports import Device, Outbox, Server

APP_VERSION = metadata.version("ikm-kiosk")
"""The version of this software, as devices report it."""

# 2026-11-01: no right clock shows an earlier moment, for this software did not exist then
_BEFORE_US_MS = 1_793_491_200_000

_TOO_LARGE = 413
# settled at once: the row is on the server, under another number
_REPEATED = "response_repeated"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round ended.

    `acknowledged` counts rows that are proved to be on the server since, `receipt` is the last one if any came,
    `failure` what ended the round, `rejected` the places (epoch, seq) of rows that the server keeps aside.
    """

    acknowledged: int
    receipt: Receipt | None
    failure: Failure | None
    rejected: tuple[tuple[int, int], ...] = ()


def sync_once(
    outbox: Outbox, server: Server, device: Device, memory: Memory | None = None, *, rows: bool = True
) -> Outcome:
    """How one round went, for an enrolled device; failures of the exchange are in it and never raised.

    Args:
        outbox: Where the rows are.
        server: Where they go.
        device: The machine.
        memory: What the round before left; without it this is the first round of its process.
        rows: Whether rows are sent; otherwise only the heartbeat is, and the configuration is fetched.
    """
    exchange = _Round(outbox, server, device, memory or Memory())
    failure: Failure | None = None
    try:
        exchange.send(rows=rows)
    except Failure as caught:
        failure = caught
        if failure.slow:
            exchange.after_refusal()
    if failure is None or failure.slow:
        try:
            exchange.fetch_configuration(unasked=failure is not None)
        except Failure as caught:
            failure = failure or caught
    if failure is not None and _is_doubtful(device):
        failure.doubt_clock()
    return Outcome(exchange.acknowledged, exchange.receipt, failure, tuple(exchange.rejected))


class _Round:
    def __init__(self, outbox: Outbox, server: Server, device: Device, memory: Memory) -> None:
        self._outbox = outbox
        self._server = server
        self._device = device
        self._memory = memory
        self._divergence = Divergence(outbox, memory)
        self._cap = wire.MAX_ROWS
        self._durable: dict[int, int] = {}
        self._rows_refused = False
        self.acknowledged = 0
        self.receipt: Receipt | None = None
        self.rejected: list[tuple[int, int]] = []

    def send(self, *, rows: bool) -> None:
        """Push what is pending, or only the heartbeat."""
        if self._outbox.identity() is None:
            raise Failure(Cause.UNEXPECTED, "not enrolled")
        if rows:
            self.drain()
        else:
            self.heartbeat()

    def drain(self) -> None:
        """Push until nothing is pending in any epoch; at least once, for a batch without rows is the heartbeat."""
        if not self._memory.asked:
            # rows of a card that was put back have numbers the server saw used: sent unasked, they would be a clone's
            self.heartbeat()
            self._memory.asked = True
        self._drain_pending()
        if self._memory.is_look_back_due(self._device.clock().boot_ms):
            self._look_back()
            self._drain_pending()

    def heartbeat(self) -> None:
        """Push a batch without rows."""
        self._exchange(self._outbox.epoch(), 0)

    def after_refusal(self) -> None:
        """Say at least that this device lives, and hear what is new: refused rows must not hold that up."""
        if not self._rows_refused:
            return
        try:
            self.heartbeat()
        except Failure as failure:
            _log.info("no heartbeat after the refusal either: %s", failure)

    def fetch_configuration(self, *, unasked: bool = False) -> None:
        """Hold the configuration the receipt speaks of, when it is newer than the one held.

        `unasked` fetches without a receipt too: a new configuration may be what mends a refusal.
        """
        spoken_of = self.receipt.configuration if self.receipt else 0
        if spoken_of <= self._held() and not (unasked and self.receipt is None):
            return
        configuration = self._server.configuration()
        if configuration.version < spoken_of:
            raise Failure(Cause.NOT_OUR_SERVER, f"configuration {configuration.version} is an old copy")
        if configuration.version > self._held():
            self._outbox.hold_configuration(configuration)
            _log.info("configuration %d held", configuration.version)

    def _held(self) -> int:
        held = self._outbox.configuration()
        return held.version if held else 0

    def _drain_pending(self) -> None:
        while self.receipt is None or self._outbox.pending(self._outbox.epoch(), 1):
            self._exchange(self._outbox.epoch(), min(self._memory.limit, self._cap))

    def _look_back(self) -> None:
        """Ask about every epoch: a restored server may have lost rows of one that is sent no more."""
        epochs = self._outbox.epochs()
        openings = [opening for epoch in epochs if (opening := self._outbox.opening(epoch))]
        # the server may know such a number as another's epoch, and nothing of ours is in it
        empty = {opening.previous_epoch for opening in openings if opening.previous_seq == 0}
        for epoch in epochs:
            if epoch not in self._durable and epoch not in empty:
                self._exchange(epoch, 0)
            forgotten = self._outbox.forget(epoch, self._durable.get(epoch, 0))
            if forgotten:
                _log.info("epoch %d: bodies of %d rows forgotten", epoch, forgotten)
        self._memory.looked_back_ms = self._device.clock().boot_ms

    def _exchange(self, epoch: int, limit: int) -> None:
        """Push one batch; where the answer tells what to do before the next, that is done."""
        health = Health(
            app_version=APP_VERSION,
            clock=self._device.clock(),
            disk_free_bytes=self._device.disk_free_bytes(),
            queued=self._outbox.queue().pending,
            warnings=self._device.warnings(),
        )
        batch = empty_batch(self._outbox, epoch, health)
        filled(batch, self._outbox.pending(epoch, limit) if limit else [])
        self._rows_refused = False
        try:
            receipt = self._server.push(batch)
        except Failure as failure:
            self._recover(batch, failure)
            return
        self._device.heard(receipt.server_time_ms, batch.health.clock)
        self._acknowledge(batch, receipt)

    def _acknowledge(self, batch: Batch, receipt: Receipt) -> None:
        epoch, head_seq = receipt.epoch, receipt.head_seq
        own_hash = self._outbox.hash_at(epoch, head_seq)
        if own_hash == receipt.head_hash:
            # proved by the hash of a row of ours: whichever way the watermark goes, that is where the server stands
            self._outbox.acknowledge(epoch, head_seq)
            # an epoch without rows fits whatever is said of it
            self._memory.unproved = 0 if batch.rows else self._memory.unproved
            self._divergence.bridge(epoch, head_seq)
        elif own_hash is None and self._is_closed_before(batch, head_seq):
            # what follows our last row there is why the next epoch began; had ours been others, this were a fork
            if batch.rows:
                head_seq = batch.rows[-1].seq
                self._outbox.acknowledge(epoch, head_seq)
        else:
            self._divergence.receipt(batch, receipt)
            return
        self.receipt = receipt
        self._durable[epoch] = min(receipt.durable_seq, receipt.head_seq)
        self._note_rejected(batch, receipt)
        if batch.rows:
            self._count(batch, head_seq)
        elif self._is_behind(epoch, head_seq):
            self._memory.looked_back_ms = None

    def _is_closed_before(self, batch: Batch, head_seq: int) -> bool:
        """Whether the batch is of an epoch that a later one closed, and all of it below that head."""
        closed = batch.epoch != self._outbox.epochs()[-1]
        return closed and (not batch.rows or batch.rows[-1].seq <= head_seq)

    def _count(self, batch: Batch, head_seq: int) -> None:
        before = batch.rows[0].seq - 1
        _log.info("epoch %d: rows %d to %d sent, head %d", batch.epoch, before + 1, batch.rows[-1].seq, head_seq)
        if head_seq <= before:
            raise Failure(Cause.SERVER, f"head stays at {head_seq}")
        self.acknowledged += head_seq - before
        self._memory.arrived()

    def _note_rejected(self, batch: Batch, receipt: Receipt) -> None:
        sent = {row.seq for row in batch.rows}
        for row in receipt.rejected:
            if row.seq in sent:
                _log.warning("epoch %d: row %d is kept aside by the server: %s", batch.epoch, row.seq, row.code)
                if row.code != _REPEATED:
                    self.rejected.append((batch.epoch, row.seq))

    def _is_behind(self, epoch: int, head_seq: int) -> bool:
        """Whether rows wait right after that head: it went back, or one was stored this moment."""
        first = self._outbox.pending(epoch, 1)
        return bool(first) and first[0].seq == head_seq + 1

    def _recover(self, batch: Batch, failure: Failure) -> None:
        """Make ready for another try, or raise the failure again."""
        self._rows_refused = bool(batch.rows)
        if failure.code == "gap":
            self._divergence.gap(batch, failure)
        elif failure.code == "fork":
            self._divergence.fork(batch, failure)
        elif failure.code == "opening_invalid":
            self._divergence.opening_refused(batch, failure)
        elif failure.status == _TOO_LARGE and len(batch.rows) > 1:
            self._cap = len(batch.rows) // 2
        else:
            if failure.cause is Cause.NETWORK and failure.partway and batch.rows:
                self._memory.gave_out(len(batch.rows))
            raise failure


def _is_doubtful(device: Device) -> bool:
    clock = device.clock()
    return clock.state == "unknown" or clock.wall_ms < _BEFORE_US_MS
