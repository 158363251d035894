"""A device's chains as they are held: its lock, its heads, and the hash of any row, accepted or kept aside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, null, select, union_all, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.chain import Head
from ikm.server.store.contacts import HOUR_MS, note_contact
from ikm.server.store.delivery import Delivery
from ikm.server.store.direct import Direct, Later, Trip, first_row, one_trip


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


NewHead = tuple[str, int, Head]
"""A device, an epoch of it, and the last row held of that."""

_FACTS = (
    t.device.c.revoked_ms, t.device.c.revoked_epoch, t.device.c.revoked_after_seq, t.device.c.disputed,
    t.device.c.latest_epoch, t.device.c.contact_hour,
)  # fmt: skip
_THIS = update(t.device).where(t.device.c.id == bindparam("device"))
_SEEN = Direct(
    _THIS.values(
        last_seen_ms=bindparam("now_ms"), health=bindparam("health"), configuration=bindparam("version")
    ).returning(*_FACTS)
)
_LOCK = Direct(_THIS.values(enrolled_ms=t.device.c.enrolled_ms).returning(*_FACTS))
_HEAD = select(t.head.c.seq, t.head.c.hash).where(
    t.head.c.device == bindparam("device"), t.head.c.epoch == bindparam("epoch")
)
_HEAD_AT_ONCE = Direct(_HEAD)


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


@dataclass(frozen=True, slots=True)
class Met:
    """A device that sends, locked: its facts, and the last row held of the epoch it sends, None where there is none."""

    facts: Facts
    head: Head | None


def meet(connection: Connection, deliveries: Sequence[Delivery]) -> Sequence[Met]:
    """The senders of those deliveries, all locked in that order, and noted that they sent.

    Raises:
        Refusal: `device_unknown`.
    """
    with one_trip(connection) as trip:
        # the device's row is the lock of all its epochs: there is one before the first head is, and it is written
        # anyway. The head is asked for after it, in a statement of its own: only that sees what the lock waited for
        later = [(_seen(trip, one), _head_of(trip, one)) for one in deliveries]
    found = []
    for delivery, (seen, head) in zip(deliveries, later, strict=True):
        row = seen()
        facts = _facts(delivery.device, row)
        if row is not None and not delivery.carried and row[-1] != delivery.received_ms // HOUR_MS:
            note_contact(connection, delivery.device, delivery.received_ms)
        found.append(Met(facts, _head(head())))
    return found


def _seen(trip: Trip, delivery: Delivery) -> Later:
    if delivery.carried:
        return trip.first(_LOCK, {"device": delivery.device})
    given = {
        "device": delivery.device,
        "now_ms": delivery.received_ms,
        "health": wire.canonical(delivery.health).decode(),
        "version": delivery.configuration,
    }
    return trip.first(_SEEN, given)


def _head_of(trip: Trip, delivery: Delivery) -> Later:
    return trip.first(_HEAD_AT_ONCE, {"device": delivery.device, "epoch": delivery.epoch})


def locked(connection: Connection, device: str) -> Facts:
    """The facts of a device, locked. Raises Refusal (`device_unknown`)."""
    return _facts(device, first_row(connection, _LOCK, {"device": device}))


def head_of(connection: Connection, device: str, epoch: int) -> Head | None:
    """The last row held of an epoch, None where there is none."""
    return _head(connection.execute(_HEAD, {"device": device, "epoch": epoch}).first())


def held_rows(connection: Connection, device: str, epoch: int, first: int, last: int) -> Mapping[int, HeldRow]:
    """The rows of that range of an epoch, by their numbers."""
    place = {"device": device, "epoch": epoch, "first": first, "last": last}
    rows = connection.execute(_HELD, place)
    return {row.seq: HeldRow(row.seq, bytes(row.hash).hex(), row.code) for row in rows}


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


def _facts(device: str, row: Sequence[Any] | None) -> Facts:
    if row is None:
        raise Refusal("device_unknown")
    revoked_ms, revoked_epoch, revoked_after_seq, disputed, latest_epoch, _ = row
    after = None if revoked_ms is None else (revoked_epoch or 0, revoked_after_seq or 0)
    return Facts(device, after, bool(disputed), latest_epoch)


def _head(row: Sequence[Any] | None) -> Head | None:
    return None if row is None else Head(row[0], bytes(row[1]).hex())
