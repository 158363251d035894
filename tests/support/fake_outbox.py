"""The device's store without a medium: it passes the contract the real one passes, and costs nothing."""

from dataclasses import dataclass, field, replace
from itertools import takewhile

import uuid_utils
from msgspec import Raw

from ikm import wire
from sync.ports import Identity, Queue, Reason

KEPT_MS = 90 * 86_400_000


@dataclass
class Epoch:
    number: int
    genesis: str
    opening: wire.Opening | None = None
    rows: list[wire.Row] = field(default_factory=list)
    acknowledged_seq: int = 0
    forgotten: set[int] = field(default_factory=set)

    @property
    def pending(self) -> list[wire.Row]:
        waiting = self.rows[self.acknowledged_seq :]
        lost = next((place for place, row in enumerate(waiting) if row.seq in self.forgotten), len(waiting))
        return waiting[:lost]

    def hash_at(self, seq: int) -> str | None:
        if seq == 0:
            return self.genesis
        return self.rows[seq - 1].hash if 0 < seq <= len(self.rows) else None


@dataclass
class FakeOutbox:
    held_identity: Identity | None = None
    held_configuration: wire.ConfigurationMessage | None = None
    begun: list[Epoch] = field(default_factory=list)
    held_next_key: bytes | None = None
    now_ms: int = 1_793_500_000_000
    # how far the next epoch's number is from the last; a salvage that may not know them all leaves some out
    step: int = 1

    @property
    def rows(self) -> list[wire.Row]:
        """All rows, epoch by epoch."""
        return [row for epoch in self.begun for row in epoch.rows]

    @property
    def acknowledged_seq(self) -> int:
        """The watermark of the first epoch."""
        return self.begun[0].acknowledged_seq

    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None:
        self.held_identity = identity
        self.held_configuration = configuration
        self.held_next_key = None
        self.begun = [Epoch(1, wire.GENESIS)]

    def append(self, body: wire.ResponseBody) -> wire.Row:
        return self._link(str(uuid_utils.uuid7()), wire.canonical(body))

    def _link(self, row_id: str, raw: bytes) -> wire.Row:
        assert self.held_identity is not None
        epoch = self.begun[-1]
        seq = len(epoch.rows) + 1
        prev = epoch.hash_at(seq - 1)
        assert prev is not None
        digest = wire.row_hash(
            device=self.held_identity.device, epoch=epoch.number, seq=seq, row_id=row_id, prev_hash=prev, body=raw
        )
        epoch.rows.append(wire.Row(body=Raw(raw), hash=digest, id=row_id, prev_hash=prev, seq=seq))
        return epoch.rows[-1]

    def identity(self) -> Identity | None:
        return self.held_identity

    def epoch(self) -> int:
        behind = (epoch for epoch in self.begun if epoch.acknowledged_seq < len(epoch.rows))
        return next(behind, self.begun[-1]).number

    def _epoch(self, number: int) -> Epoch | None:
        return next((epoch for epoch in self.begun if epoch.number == number), None)

    def epochs(self) -> list[int]:
        return [epoch.number for epoch in self.begun]

    def pending(self, epoch: int, limit: int, after_seq: int = 0) -> list[wire.Row]:
        found = self._epoch(epoch)
        return [row for row in found.pending if row.seq > after_seq][:limit] if found else []

    def hash_at(self, epoch: int, seq: int) -> str | None:
        found = self._epoch(epoch)
        return found.hash_at(seq) if found else None

    def acknowledge(self, epoch: int, head_seq: int) -> None:
        found = self._epoch(epoch)
        if found is None or found.hash_at(head_seq) is None:
            raise ValueError(f"epoch {epoch} has no row {head_seq}")
        found.acknowledged_seq = head_seq

    def queue(self) -> Queue:
        stored = sum(len(epoch.rows) for epoch in self.begun)
        waiting = self.pending(self.epoch(), 1) if self.begun else []
        return Queue(
            stored=stored,
            pending=stored - sum(epoch.acknowledged_seq for epoch in self.begun),
            oldest_pending_ms=wire.decode_body(waiting[0].body).clock.wall_ms if waiting else None,
        )

    def configuration(self) -> wire.ConfigurationMessage | None:
        return self.held_configuration

    def hold_configuration(self, configuration: wire.ConfigurationMessage) -> None:
        if self.held_configuration is None or configuration.version > self.held_configuration.version:
            self.held_configuration = configuration

    def opening(self, epoch: int) -> wire.Opening | None:
        found = self._epoch(epoch)
        return found.opening if found else None

    def begin_epoch(self, reason: Reason, after_seq: int, known_seq: int, *, epoch: int | None = None) -> int:
        closing = self.begun[-1].number if epoch is None else epoch
        closed = self._epoch(closing)
        previous_hash = closed.hash_at(after_seq) if closed else None
        if closed is None or previous_hash is None:
            raise ValueError(f"epoch {closing} has no row {after_seq}")
        assert self.held_identity is not None
        heard = [e.opening.known_seq for e in self.begun if e.opening and e.opening.previous_epoch == closing]
        later = [row for row in closed.rows[after_seq:] if row.seq not in closed.forgotten]
        opened = wire.Opening(
            known_seq=max([known_seq, len(closed.rows), *heard]), previous_epoch=closing, previous_hash=previous_hash,
            previous_seq=after_seq, reason=reason, salvaged=len(later),
        )  # fmt: skip
        del closed.rows[after_seq:]
        closed.acknowledged_seq = min(closed.acknowledged_seq, after_seq)
        number = self.begun[-1].number + self.step
        self.begun.append(Epoch(number, wire.genesis(self.held_identity.device, number, opened), opened))
        for row in later:
            self._link(row.id, bytes(row.body))
        return number

    def forget(self, epoch: int, durable_seq: int) -> int:
        found = self._epoch(epoch)
        if found is None:
            return 0
        durable = found.rows[: max(0, min(durable_seq, found.acknowledged_seq, len(found.rows) - 1))]
        old = {row.seq for row in takewhile(self._is_old, durable)}
        dropped = len(old - found.forgotten)
        found.forgotten |= old
        return dropped

    def _is_old(self, row: wire.Row) -> bool:
        return wire.decode_body(row.body).clock.wall_ms < self.now_ms - KEPT_MS

    def pin_server_key(self, key: str) -> None:
        assert self.held_identity is not None
        self.held_identity = replace(self.held_identity, server_key=key)

    def put_next_key(self, private_key: bytes) -> None:
        if self.held_next_key not in (None, private_key):
            raise ValueError("another key waits")
        self.held_next_key = private_key

    def next_key(self) -> bytes | None:
        return self.held_next_key

    def use_next_key(self) -> None:
        if self.held_next_key is None or self.held_identity is None:
            raise ValueError("no key waits")
        self.held_identity = replace(self.held_identity, private_key=self.held_next_key)
        self.held_next_key = None
