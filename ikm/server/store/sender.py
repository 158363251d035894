"""Who sends a batch, in one question: what it is signed with, where it stands, and what its receipt will say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server import tables as t
from ikm.server.store.direct import Direct, first_row
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class Sender:
    """An enrolled device: its unit and zone, its Ed25519 public key, the number of its newest configuration.

    `durable_seq` is how far a verified backup holds the epoch it sends of, `offset_ms` what is known of the boot it
    sends in (`ikm.server.clocks.offset_ms`).
    """

    id: str
    unit: str
    time_zone: TimeZone
    public_key: bytes
    configuration: int
    durable_seq: int
    offset_ms: int | None


_NEWEST = select(func.max(t.configuration.c.version)).where(
    t.configuration.c.counter == t.device.c.counter, t.configuration.c.released_ms.is_not(None)
)
_DURABLE = select(t.durable.c.seq).where(t.durable.c.device == t.device.c.id, t.durable.c.epoch == bindparam("epoch"))
_OFFSET = select(t.boot.c.offset_ms).where(t.boot.c.device == t.device.c.id, t.boot.c.boot_id == bindparam("boot_id"))
# a revoked device is known still: what it gave before counts, and it is told
_SENDER = Direct(
    select(
        t.device.c.public_key,
        t.node.c.parent,
        t.unit.c.time_zone,
        func.coalesce(_NEWEST.scalar_subquery(), 0).label("configuration"),
        func.coalesce(_DURABLE.scalar_subquery(), 0).label("durable_seq"),
        _OFFSET.scalar_subquery().label("offset_ms"),
    )
    .join(t.node, t.node.c.code == t.device.c.counter)
    .join(t.unit, t.unit.c.code == t.node.c.parent)
    .where(t.device.c.id == bindparam("device"))
)


class SenderPart(Part):
    """Who sends."""

    def sender(self, device: str, epoch: int, boot_id: str) -> Sender:
        """The device that sends rows of that epoch in that boot. Raises Refusal (`device_unknown`)."""
        facts = {"device": device, "epoch": epoch, "boot_id": boot_id}
        row = self._glance(lambda connection: first_row(connection, _SENDER, facts))
        if row is None:
            raise Refusal("device_unknown")
        public_key, unit, time_zone, configuration, durable_seq, offset_ms = row
        return Sender(device, unit, TimeZone[time_zone], bytes(public_key), configuration, durable_seq, offset_ms)

    def boots(self, device: str, boot_ids: Iterable[str]) -> Mapping[str, int]:
        """The offset (milliseconds) of each of those boots of a device that has one."""
        c = t.boot.c
        query = select(c.boot_id, c.offset_ms).where(c.device == device, c.boot_id.in_(list(boot_ids)))
        return {row.boot_id: row.offset_ms for row in self._glance(lambda connection: connection.execute(query).all())}
