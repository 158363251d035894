"""Devices: the server's own id, enrolment codes, and who a device is."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.server import tables as t
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


_NEWEST = select(func.max(t.configuration.c.version)).where(t.configuration.c.counter == t.device.c.counter)
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
    .where(t.device.c.id == bindparam("device"), t.device.c.revoked_ms.is_(None))
)


class DevicesPart(Part):
    """Who may send."""

    def identify(self, server: str, now_ms: int) -> None:
        """Give this database its server id, unless it has one."""

        def write(connection: Connection) -> None:
            statement = insert(connection)(t.server).values(one=1, id=server, created_ms=now_ms)
            connection.execute(statement.on_conflict_do_nothing())

        self._write(write)

    def server_id(self) -> str:
        """The UUIDv7 this database's server goes by."""
        return str(self._glance(lambda connection: connection.execute(select(t.server.c.id)).scalar_one()))

    def device(self, device: str) -> Device:
        """An enrolled device. Raises Refusal (`device_unknown`), also when it was revoked."""
        row = self._glance(lambda connection: connection.execute(_DEVICE, {"device": device}).first())
        if row is None:
            raise Refusal("device_unknown")
        return Device(
            device, row.counter, row.parent, TimeZone[row.time_zone], bytes(row.public_key), row.configuration
        )

    def revoke(self, device: str, now_ms: int) -> None:
        """Accept nothing from that device any more; revoking twice keeps the first moment."""
        statement = update(t.device).where(t.device.c.id == device, t.device.c.revoked_ms.is_(None))
        self._write(lambda connection: connection.execute(statement.values(revoked_ms=now_ms)))

    def add_enrolment_code(self, code_hash: bytes, counter: str, expires_ms: int) -> None:
        """Let one device enrol at a counter. Raises Refusal (`not_found`) when there is no such counter."""

        def write(connection: Connection) -> None:
            level = connection.execute(select(t.node.c.level).where(t.node.c.code == counter)).scalar()
            if level != Level.COUNTER:
                raise Refusal("not_found", counter)
            connection.execute(
                t.enrolment_code.insert().values(code_hash=code_hash, counter=counter, expires_ms=expires_ms)
            )

        self._write(write)

    def enrol(self, code_hash: bytes, device: str, public_key: bytes, now_ms: int) -> tuple[str, str]:
        """The device id and counter that a code gives to a key; the code is used up in the same transaction.

        A repeated request with the same key gets what the first one got, so a lost answer costs no second code.

        Raises:
            Refusal: `enrolment_code_invalid` when the code is unknown, expired or another key's.
        """

        def write(connection: Connection) -> tuple[str, str]:
            c = t.enrolment_code.c
            query = select(c.counter, c.used_by).where(c.code_hash == code_hash, c.expires_ms > now_ms)
            code = connection.execute(query.with_for_update()).first()
            if code is None:
                raise Refusal("enrolment_code_invalid")
            if code.used_by is not None:
                held = select(t.device.c.public_key).where(t.device.c.id == code.used_by)
                if bytes(connection.execute(held).scalar_one()) != public_key:
                    raise Refusal("enrolment_code_invalid")
                return str(code.used_by), code.counter
            connection.execute(
                t.device.insert().values(id=device, counter=code.counter, public_key=public_key, enrolled_ms=now_ms)
            )
            connection.execute(update(t.enrolment_code).where(c.code_hash == code_hash).values(used_by=device))
            return device, str(code.counter)

        return self._write(write)
