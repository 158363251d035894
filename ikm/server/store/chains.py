"""A device's chains as they are held: its lock, its heads, and the hash of any row, accepted or kept aside."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, null, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.chain import Head
from ikm.server.store.contacts import HOUR_MS, note_contact
from ikm.server.store.delivery import Delivery
from ikm.server.store.engine import is_sqlite


@dataclass(slots=True)
class Facts:
    """What is true of a device while it is locked.

    `revoked_after` is the place (epoch, number) of its last row that counts, None unless it was revoked. `disputed`:
    forks say something against rows of it. `latest_epoch` is its newest.
    """

    device: str
    revoked_after: tuple[int, int] | None
    disputed: bool
    latest_epoch: int


class HeldRow(NamedTuple):
    """A row that holds its place in a chain; `code` says why where it was kept aside, else None."""

    seq: int
    hash: str
    code: str | None


_FACTS = (
    t.device.c.revoked_ms, t.device.c.revoked_epoch, t.device.c.revoked_after_seq, t.device.c.disputed,
    t.device.c.latest_epoch, t.device.c.contact_hour,
)  # fmt: skip
_THIS = update(t.device).where(t.device.c.id == bindparam("device"))
_SEEN = _THIS.values(
    last_seen_ms=bindparam("now_ms"), health=bindparam("health"), configuration=bindparam("version")
).returning(*_FACTS)
_LOCK = _THIS.values(enrolled_ms=t.device.c.enrolled_ms).returning(*_FACTS)
_HEAD = select(t.head.c.seq, t.head.c.hash).where(
    t.head.c.device == bindparam("device"), t.head.c.epoch == bindparam("epoch")
)


def _between(table: Any) -> Any:
    c = table.c
    return and_(
        c.device == bindparam("device"),
        c.epoch == bindparam("epoch"),
        c.seq.between(bindparam("first"), bindparam("last")),
    )


_HELD = union_all(
    select(t.response.c.seq, t.response.c.hash, null().label("code")).where(_between(t.response)),
    select(t.quarantine.c.seq, t.quarantine.c.hash, t.quarantine.c.code).where(
        _between(t.quarantine), t.quarantine.c.chained
    ),
)


def _advancing(insert: Callable[..., Any]) -> Any:
    statement = insert(t.head)
    moved = {"seq": statement.excluded.seq, "hash": statement.excluded.hash}
    return statement.on_conflict_do_update(index_elements=["device", "epoch"], set_=moved)


_ADVANCE_SQLITE, _ADVANCE_POSTGRES = _advancing(sqlite.insert), _advancing(postgresql.insert)


def seen(connection: Connection, delivery: Delivery) -> Facts:
    """The facts of the device that sends, locked, and noted that it did. Raises Refusal (`device_unknown`)."""
    # the device's row is the lock of all its epochs: there is one before the first head is, and it is written anyway
    if delivery.carried:
        return locked(connection, delivery.device)
    health = wire.canonical(delivery.health).decode()
    given = {
        "device": delivery.device, "now_ms": delivery.received_ms, "health": health, "version": delivery.configuration,
    }  # fmt: skip
    row = connection.execute(_SEEN, given).first()
    facts = _facts(delivery.device, row)
    if row is not None and row.contact_hour != delivery.received_ms // HOUR_MS:
        note_contact(connection, delivery.device, delivery.received_ms)
    return facts


def locked(connection: Connection, device: str) -> Facts:
    """The facts of a device, locked. Raises Refusal (`device_unknown`)."""
    return _facts(device, connection.execute(_LOCK, {"device": device}).first())


def head_of(connection: Connection, device: str, epoch: int) -> Head | None:
    """The last row held of an epoch, None where there is none."""
    row = connection.execute(_HEAD, {"device": device, "epoch": epoch}).first()
    return None if row is None else Head(row.seq, bytes(row.hash).hex())


def held_rows(connection: Connection, device: str, epoch: int, first: int, last: int) -> Mapping[int, HeldRow]:
    """The rows of that range of an epoch, by their numbers."""
    place = {"device": device, "epoch": epoch, "first": first, "last": last}
    rows = connection.execute(_HELD, place)
    return {row.seq: HeldRow(row.seq, bytes(row.hash).hex(), row.code) for row in rows}


def advance(connection: Connection, device: str, epoch: int, head: Head) -> None:
    """Move the epoch's head."""
    place = {"device": device, "epoch": epoch, "seq": head.seq, "hash": bytes.fromhex(head.hash)}
    connection.execute(_ADVANCE_SQLITE if is_sqlite(connection.engine.url) else _ADVANCE_POSTGRES, place)


def epochs_after(connection: Connection, device: str, epoch: int) -> Iterable[int]:
    """The later epochs that anything is known of, in their order."""
    later = [
        select(table.c.epoch).where(table.c.device == device, table.c.epoch > epoch) for table in (t.head, t.opening)
    ]
    return sorted(set(connection.execute(union_all(*later)).scalars()))


def occurred_before(connection: Connection, device: str, epoch: int, seq: int) -> int | None:
    """When the response before that place was given (milliseconds since 1970, UTC), None where there is none."""
    c = t.response.c
    earlier = (c.epoch == epoch) & (c.seq < seq) | (c.epoch < epoch)
    query = select(c.occurred_ms).where(c.device == device, earlier).order_by(c.epoch.desc(), c.seq.desc()).limit(1)
    return connection.execute(query).scalar()


def _facts(device: str, row: Any) -> Facts:
    if row is None:
        raise Refusal("device_unknown")
    after = None if row.revoked_ms is None else (row.revoked_epoch or 0, row.revoked_after_seq or 0)
    return Facts(device, after, bool(row.disputed), row.latest_epoch)
