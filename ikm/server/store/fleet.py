"""The devices as whoever looks after them sees them: where each stands, how far it came, whether it still counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
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
class BegunEpoch:
    """An epoch after the first: why it began, and where the one before ended by the device's word and by ours."""

    epoch: int
    reason: str
    previous_epoch: int
    previous_seq: int
    known_seq: int
    head_seq_before: int
    salvaged: int
    opened_ms: int


@dataclass(frozen=True, slots=True)
class FleetDevice:
    """One device; times are milliseconds since 1970, `health` is its last message about itself, None before one.

    `configuration` is the version it runs on, None before it said so.
    """

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
    configuration: int | None = None

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
        return self._read(lambda connection: read_fleet(connection, unit=unit, device=device))

    def openings(self, device: str) -> Sequence[BegunEpoch]:
        """The epochs after a device's first, in order."""
        c = t.opening.c
        query = select(
            c.epoch, c.reason, c.previous_epoch, c.previous_seq, c.known_seq, c.head_seq_before, c.salvaged, c.opened_ms
        )
        query = query.where(c.device == device).order_by(c.epoch)
        return [BegunEpoch(*row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def revoke(
        self, device: str, now_ms: int, *, after: tuple[int, int] | None = None, who: str = "", reason: str = "",
        by: Doer | None = None,
    ) -> bool:  # fmt: skip
        """Whether the device is revoked by this call; once it is, it stays so with its first row, person and reason.

        What comes after row `after` (epoch, number) is kept aside; without it, all that is not held yet. It is written
        down as done by `by`, or by `who` for `reason` where there is no more to say.

        Raises:
            Refusal: `device_unknown`, `done_already`.
        """
        c = t.device.c

        def write(connection: Connection) -> bool:
            row = connection.execute(select(c.revoked_ms, c.counter).where(c.id == device).with_for_update()).first()
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
            facts = {"after": list(after)} if after else {}
            doer = by or Doer(who, now_ms, reason=reason)
            note(connection, doer, "device.revoked", node=row.counter, subject=device, facts=facts)
            return True

        return self._write(write)


def read_fleet(connection: Connection, *, unit: str | None = None, device: str | None = None) -> list[FleetDevice]:
    """The devices of a unit, or that one, or all; by unit, counter and moment of enrolment."""
    heads: dict[str, list[EpochHead]] = {}
    held = select(t.head).order_by(t.head.c.device, t.head.c.epoch)
    forks = select(t.fork.c.device, func.count()).where(t.fork.c.decided_ms.is_(None)).group_by(t.fork.c.device)
    if device is not None:
        held, forks = held.where(t.head.c.device == device), forks.where(t.fork.c.device == device)
    for row in connection.execute(held):
        heads.setdefault(str(row.device), []).append(EpochHead(row.epoch, row.seq))
    found = {str(owner): count for owner, count in connection.execute(forks)}
    return [_device(row, heads, found) for row in connection.execute(_devices(unit, device))]


def _devices(unit: str | None, device: str | None) -> Select[Any]:
    c = t.device.c
    query = (
        select(
            c.id, c.counter, t.node.c.parent.label("unit"), c.public_key, c.enrolled_ms, c.last_seen_ms, c.health,
            c.revoked_ms, c.revoked_epoch, c.revoked_after_seq, c.revoked_by, c.revoked_reason, c.configuration,
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
        health=None if row.health is None else wire.decode(row.health.encode(), wire.Health),
        heads=tuple(heads.get(str(row.id), ())),
        revocation=revocation,
        open_forks=forks.get(str(row.id), 0),
        configuration=row.configuration,
    )
