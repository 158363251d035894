"""Devices: the server's own id, and who a device is."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server import tables as t
from ikm.server.store.keys import first_key, keep_server_key
from ikm.server.store.part import Part, insert


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device: where it stands, its Ed25519 public key, the number of its newest configuration."""

    id: str
    counter: str
    unit: str
    time_zone: TimeZone
    public_key: bytes
    configuration: int


_NEWEST = select(func.max(t.configuration.c.version)).where(
    t.configuration.c.counter == t.device.c.counter, t.configuration.c.released_ms.is_not(None)
)
_DEVICE = (
    select(
        t.device.c.counter,
        t.device.c.public_key,
        t.node.c.parent,
        t.unit.c.time_zone,
        func.coalesce(_NEWEST.scalar_subquery(), 0).label("configuration"),
    )
    .join(t.node, t.node.c.code == t.device.c.counter)
    .join(t.unit, t.unit.c.code == t.node.c.parent)
    # a revoked device is still who it is: it is told so, and what it gave before counts
    .where(t.device.c.id == bindparam("device"))
)


class DevicesPart(Part):
    """Who may send."""

    def identify(self, server: str, now_ms: int) -> None:
        """Give this database its server id and the first key it signs with, unless it has them."""

        def write(connection: Connection) -> None:
            statement = insert(connection)(t.server).values(one=1, id=server, created_ms=now_ms)
            connection.execute(statement.on_conflict_do_nothing())
            keep_server_key(connection, first_key(now_ms))

        self._write(write)

    def server_id(self) -> str:
        """The UUIDv7 this database's server goes by."""
        return str(self._glance(lambda connection: connection.execute(select(t.server.c.id)).scalar_one()))

    def device(self, device: str) -> Device:
        """An enrolled device. Raises Refusal (`device_unknown`)."""
        row = self._glance(lambda connection: connection.execute(_DEVICE, {"device": device}).first())
        if row is None:
            raise Refusal("device_unknown")
        return Device(
            device, row.counter, row.parent, TimeZone[row.time_zone], bytes(row.public_key), row.configuration
        )
