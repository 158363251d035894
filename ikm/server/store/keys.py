"""Keys: those the server signs with, one after the other, and those a device has signed with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, func, select, update

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.part import Part, insert


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One of the server's keys, raw Ed25519; `signature` is that of the key before it, None for the first.

    `since_ms` is when it was made (milliseconds since 1970). The private half is never printed.
    """

    number: int
    private_key: bytes = field(repr=False)
    public_key: bytes
    signature: bytes | None
    since_ms: int


class KeysPart(Part):
    """Who signs."""

    def server_keys(self) -> Sequence[HeldKey]:
        """Every key this server has signed with, the current one last; there is always one."""
        query = select(t.server_key).order_by(t.server_key.c.number)
        return self._glance(lambda connection: [_held(row) for row in connection.execute(query)])

    def add_server_key(self, following: Callable[[HeldKey], HeldKey]) -> HeldKey:
        """The key that `following` makes of the current one, kept; rolls at the same time follow one another."""

        def write(connection: Connection) -> HeldKey:
            take_turns(connection)
            newest = select(t.server_key).order_by(t.server_key.c.number.desc()).limit(1)
            key = following(_held(connection.execute(newest).one()))
            keep_server_key(connection, key)
            return key

        return self._write(write)

    def roll_device_key(self, device: str, old: bytes, new: bytes, now_ms: int) -> None:
        """Let `new` stand for the device in the place of `old`; the same once more changes nothing.

        Raises:
            Refusal: `signature_invalid` when `old` is not the device's key any more, `key_invalid` when `new` was ever
                a key before, of whichever device.
        """

        def write(connection: Connection) -> None:
            current = select(t.device.c.public_key).where(t.device.c.id == device).with_for_update()
            held = bytes(connection.execute(current).scalar_one())
            if held == new and old == new:
                return
            if held != old:
                raise Refusal("signature_invalid")
            if _was_used(connection, new):
                raise Refusal("key_invalid", "key")
            connection.execute(update(t.device).where(t.device.c.id == device).values(public_key=new))
            keep_device_key(connection, device, new, now_ms)

        self._write(write)

    def device_keys(self, device: str) -> Sequence[tuple[bytes, int]]:
        """The public keys of a device and since when each (milliseconds since 1970), the current one last."""
        c = t.device_key.c
        query = select(c.public_key, c.since_ms).where(c.device == device).order_by(c.number)
        return self._glance(
            lambda connection: [(bytes(row.public_key), row.since_ms) for row in connection.execute(query)]
        )


def take_turns(connection: Connection) -> None:
    """Wait until no other transaction holds the server's own row: what looks before it writes does so one at a time."""
    connection.execute(select(t.server.c.one).with_for_update())


def keep_server_key(connection: Connection, key: HeldKey) -> None:
    """Write down a server key, unless that number is taken."""
    statement = insert(connection)(t.server_key).values(
        number=key.number,
        private_key=key.private_key,
        public_key=key.public_key,
        signature=key.signature,
        since_ms=key.since_ms,
    )
    connection.execute(statement.on_conflict_do_nothing())


def keep_device_key(connection: Connection, device: str, public_key: bytes, now_ms: int) -> None:
    """Write down that a device signs with that key from now on."""
    c = t.device_key.c
    number = connection.execute(select(func.coalesce(func.max(c.number), 0) + 1).where(c.device == device)).scalar_one()
    connection.execute(
        t.device_key.insert().values(device=device, number=number, public_key=public_key, since_ms=now_ms)
    )


def _was_used(connection: Connection, key: bytes) -> bool:
    known = select(t.device_key.c.device).where(t.device_key.c.public_key == key)
    current = select(t.device.c.id).where(t.device.c.public_key == key)
    return connection.execute(known.union(current).limit(1)).first() is not None


def _held(row: Row[tuple[int, bytes, bytes, bytes | None, int]]) -> HeldKey:
    signature = None if row.signature is None else bytes(row.signature)
    return HeldKey(row.number, bytes(row.private_key), bytes(row.public_key), signature, row.since_ms)


def first_key(now_ms: int) -> HeldKey:
    """A server's first key, which nothing hands over to."""
    private = Ed25519PrivateKey.generate()
    return HeldKey(1, private.private_bytes_raw(), private.public_key().public_bytes_raw(), None, now_ms)
