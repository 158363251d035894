"""Taking a batch in: one transaction that stores its new rows, counts them and moves the head, or leaves nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.chain import Head, count_held
from ikm.server.store.cells import CellKey, Counts, cells
from ikm.server.store.delivery import Accepted, Delivery
from ikm.server.store.engine import is_sqlite
from ikm.server.store.intake_postgres import PostgresWriter
from ikm.server.store.intake_sqlite import SqliteWriter
from ikm.server.store.part import Part


class Writer(Protocol):
    """How a database takes many rows at once."""

    def add_responses(self, connection: Connection, delivery: Delivery, fresh: Sequence[Accepted]) -> None:
        """Insert them. Raises Refusal (`response_conflict`) when an id is known or comes twice."""
        ...

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        ...


class IntakePart(Part):
    """What devices send."""

    def receive(self, delivery: Delivery) -> Head:
        """The head of the epoch once the delivery is committed; rows held before count once.

        Raises:
            Refusal: `device_unknown`, `fork`, `gap` or `response_conflict`; nothing was stored then.
        """
        return self._write(lambda connection: self._receive(connection, delivery))

    def _receive(self, connection: Connection, delivery: Delivery) -> Head:
        _lock(connection, delivery)
        head = _head(connection, delivery)
        rows = [accepted.row for accepted in delivery.responses]
        held = count_held(head, rows, lambda first, last: _hashes(connection, delivery, first, last))
        fresh = delivery.responses[held:]
        if not fresh:
            return head
        writer: Writer = SqliteWriter() if is_sqlite(self._engine.url) else PostgresWriter()
        writer.add_responses(connection, delivery, fresh)
        head = Head(fresh[-1].row.seq, fresh[-1].row.hash)
        _advance(connection, delivery, head)
        # last, since every device of a unit writes the same cells and waits for their locks
        writer.add_cells(connection, cells(fresh))
        return head


# the device's row is the lock of all its epochs: there is one before the first head is, and it is written anyway
_SEEN = (
    update(t.device)
    .where(t.device.c.id == bindparam("device"), t.device.c.revoked_ms.is_(None))
    .values(last_seen_ms=bindparam("now_ms"), health=bindparam("health"))
)
_HEAD = select(t.head.c.seq, t.head.c.hash).where(
    t.head.c.device == bindparam("device"), t.head.c.epoch == bindparam("epoch")
)
_HASHES = select(t.response.c.seq, t.response.c.hash).where(
    t.response.c.device == bindparam("device"),
    t.response.c.epoch == bindparam("epoch"),
    t.response.c.seq.between(bindparam("first"), bindparam("last")),
)


def _advancing(insert: Callable[..., Any]) -> Any:
    statement = insert(t.head)
    moved = {"seq": statement.excluded.seq, "hash": statement.excluded.hash}
    return statement.on_conflict_do_update(index_elements=["device", "epoch"], set_=moved)


_ADVANCE_SQLITE, _ADVANCE_POSTGRES = _advancing(sqlite.insert), _advancing(postgresql.insert)


def _lock(connection: Connection, delivery: Delivery) -> None:
    health = wire.canonical(delivery.health).decode()
    facts = {"device": delivery.device, "now_ms": delivery.received_ms, "health": health}
    if connection.execute(_SEEN, facts).rowcount != 1:
        raise Refusal("device_unknown")


def _head(connection: Connection, delivery: Delivery) -> Head:
    row = connection.execute(_HEAD, {"device": delivery.device, "epoch": delivery.epoch}).first()
    return Head() if row is None else Head(row.seq, bytes(row.hash).hex())


def _hashes(connection: Connection, delivery: Delivery, first: int, last: int) -> Mapping[int, str]:
    place = {"device": delivery.device, "epoch": delivery.epoch, "first": first, "last": last}
    return {row.seq: bytes(row.hash).hex() for row in connection.execute(_HASHES, place)}


def _advance(connection: Connection, delivery: Delivery, head: Head) -> None:
    place = {"device": delivery.device, "epoch": delivery.epoch, "seq": head.seq, "hash": bytes.fromhex(head.hash)}
    connection.execute(_ADVANCE_SQLITE if is_sqlite(connection.engine.url) else _ADVANCE_POSTGRES, place)
