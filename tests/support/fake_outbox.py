"""The device's store without a medium: it passes the contract the real one passes, and costs nothing."""

from dataclasses import dataclass, field

import uuid_utils
from msgspec import Raw

from ikm import wire
from sync.ports import Identity, Queue


@dataclass
class FakeOutbox:
    held_identity: Identity | None = None
    held_configuration: wire.ConfigurationMessage | None = None
    rows: list[wire.Row] = field(default_factory=list)
    acknowledged_seq: int = 0

    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None:
        self.held_identity = identity
        self.held_configuration = configuration

    def append(self, body: wire.ResponseBody) -> wire.Row:
        assert self.held_identity is not None
        raw = wire.canonical(body)
        seq = len(self.rows) + 1
        row_id = str(uuid_utils.uuid7())
        prev = self.rows[-1].hash if self.rows else wire.GENESIS
        digest = wire.row_hash(
            device=self.held_identity.device, epoch=1, seq=seq, row_id=row_id, prev_hash=prev, body=raw
        )
        self.rows.append(wire.Row(body=Raw(raw), hash=digest, id=row_id, prev_hash=prev, seq=seq))
        return self.rows[-1]

    def identity(self) -> Identity | None:
        return self.held_identity

    def epoch(self) -> int:
        return 1

    def pending(self, epoch: int, limit: int) -> list[wire.Row]:
        return self.rows[self.acknowledged_seq :][:limit] if epoch == 1 else []

    def hash_at(self, epoch: int, seq: int) -> str | None:
        if seq == 0:
            return wire.GENESIS
        return self.rows[seq - 1].hash if epoch == 1 and 0 < seq <= len(self.rows) else None

    def acknowledge(self, epoch: int, head_seq: int) -> None:
        if self.hash_at(epoch, head_seq) is None:
            raise ValueError(f"epoch {epoch} has no row {head_seq}")
        self.acknowledged_seq = head_seq

    def queue(self) -> Queue:
        waiting = self.pending(1, 1)
        return Queue(
            stored=len(self.rows),
            pending=len(self.rows) - self.acknowledged_seq,
            oldest_pending_ms=wire.decode_body(waiting[0].body).clock.wall_ms if waiting else None,
        )

    def configuration(self) -> wire.ConfigurationMessage | None:
        return self.held_configuration

    def hold_configuration(self, configuration: wire.ConfigurationMessage) -> None:
        if self.held_configuration is None or configuration.version > self.held_configuration.version:
            self.held_configuration = configuration
