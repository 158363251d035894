"""The devices as whoever looks after them sees them: where each stands, how far it came, whether it still counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class EpochHead:
    """How far an epoch of a device is held: its number, the last row's."""

    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a device was revoked (milliseconds since 1970), after which row (None: after what was held), by whom."""

    at_ms: int
    after: tuple[int, int] | None
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class FleetDevice:
    """One device; times are milliseconds since 1970, `health` is its last message about itself, None before one."""

    id: str
    counter: str
    unit: str
    public_key: bytes
    enrolled_ms: int
    last_seen_ms: int | None
    health: wire.Health | None
    heads: tuple[EpochHead, ...]
    revocation: Revocation | None
    open_forks: int

    @property
    def standing(self) -> str:
        """'active', 'forked' or 'revoked', as its receipts say."""
        if self.revocation:
            return "revoked"
        return "forked" if self.open_forks else "active"

    @property
    def fingerprint(self) -> str:
        """The six digits of its key."""
        return wire.fingerprint(wire.to_base64(self.public_key))


class FleetPart(Part):
    """Who is out there."""

    def fleet(self, *, unit: str | None = None, device: str | None = None) -> Sequence[FleetDevice]:
        """The devices of a unit, or that one, or all; by unit, counter and moment of enrolment."""

        def read(connection: Connection) -> list[FleetDevice]:
            heads: dict[str, list[EpochHead]] = {}
            for row in connection.execute(select(t.head).order_by(t.head.c.device, t.head.c.epoch)):
                heads.setdefault(str(row.device), []).append(EpochHead(row.epoch, row.seq))
            forks = select(t.fork.c.device, func.count()).where(t.fork.c.decided_ms.is_(None)).group_by(t.fork.c.device)
            found = {str(owner): count for owner, count in connection.execute(forks)}
            return [_device(row, heads, found) for row in connection.execute(_devices(unit, device))]

        return self._read(read)

    def revoke(
        self, device: str, now_ms: int, *, after: tuple[int, int] | None = None, who: str = "", reason: str = ""
    ) -> bool:
        """Whether the device is revoked by this call; once it is, it stays so with its first row, person and reason.

        What comes after row `after` (epoch, number) is kept aside; without it, all that is not held yet.

        Raises:
            Refusal: `device_unknown`.
        """
        c = t.device.c

        def write(connection: Connection) -> bool:
            row = connection.execute(select(c.revoked_ms).where(c.id == device).with_for_update()).first()
            if row is None:
                raise Refusal("device_unknown", device)
            if row.revoked_ms is not None:
                return False
            connection.execute(
                update(t.device)
                .where(c.id == device)
                .values(
                    revoked_ms=now_ms,
                    revoked_epoch=after[0] if after else None,
                    revoked_after_seq=after[1] if after else None,
                    revoked_by=who,
                    revoked_reason=reason,
                )
            )
            return True

        return self._write(write)


def _devices(unit: str | None, device: str | None) -> Select[Any]:
    c = t.device.c
    query = (
        select(
            c.id, c.counter, t.node.c.parent.label("unit"), c.public_key, c.enrolled_ms, c.last_seen_ms, c.health,
            c.revoked_ms, c.revoked_epoch, c.revoked_after_seq, c.revoked_by, c.revoked_reason,
        )
        .join(t.node, t.node.c.code == c.counter)
        .order_by("unit", c.counter, c.enrolled_ms, c.id)
    )  # fmt: skip
    if unit is not None:
        query = query.where(t.node.c.parent == unit)
    if device is not None:
        query = query.where(c.id == device)
    return query


def _device(row: Row[Any], heads: Mapping[str, list[EpochHead]], forks: Mapping[str, int]) -> FleetDevice:
    revocation = None
    if row.revoked_ms is not None:
        after = None if row.revoked_epoch is None else (row.revoked_epoch, row.revoked_after_seq)
        revocation = Revocation(row.revoked_ms, after, row.revoked_by or "", row.revoked_reason or "")
    return FleetDevice(
        id=str(row.id),
        counter=row.counter,
        unit=row.unit,
        public_key=bytes(row.public_key),
        enrolled_ms=row.enrolled_ms,
        last_seen_ms=row.last_seen_ms,
        health=None if row.health is None else msgspec.json.decode(row.health, type=wire.Health),
        heads=tuple(heads.get(str(row.id), ())),
        revocation=revocation,
        open_forks=forks.get(str(row.id), 0),
    )
