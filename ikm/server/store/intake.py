"""Taking a batch in: one transaction that stores its new rows, counts them and moves the head, or leaves nothing."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.chain import Head, count_held
from ikm.server.store.cells import CellKey, Counts, cells
from ikm.server.store.delivery import Accepted, Delivery
from ikm.server.store.engine import is_sqlite
from ikm.server.store.intake_postgres import PostgresWriter
from ikm.server.store.intake_sqlite import SqliteWriter
from ikm.server.store.part import Part, insert


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


def _lock(connection: Connection, delivery: Delivery) -> None:
    # the device's row is the lock of all its epochs: there is one before the first head is, and it is written anyway
    seen = (
        update(t.device)
        .where(t.device.c.id == delivery.device, t.device.c.revoked_ms.is_(None))
        .values(last_seen_ms=delivery.received_ms, health=wire.canonical(delivery.health).decode())
    )
    if connection.execute(seen).rowcount != 1:
        raise Refusal("device_unknown")


def _head(connection: Connection, delivery: Delivery) -> Head:
    c = t.head.c
    query = select(c.seq, c.hash).where(c.device == delivery.device, c.epoch == delivery.epoch)
    row = connection.execute(query).first()
    return Head() if row is None else Head(row.seq, bytes(row.hash).hex())


def _hashes(connection: Connection, delivery: Delivery, first: int, last: int) -> Mapping[int, str]:
    c = t.response.c
    query = select(c.seq, c.hash).where(
        c.device == delivery.device, c.epoch == delivery.epoch, c.seq.between(first, last)
    )
    return {row.seq: bytes(row.hash).hex() for row in connection.execute(query)}


def _advance(connection: Connection, delivery: Delivery, head: Head) -> None:
    facts = {"seq": head.seq, "hash": bytes.fromhex(head.hash)}
    statement = insert(connection)(t.head).values(device=delivery.device, epoch=delivery.epoch, **facts)
    connection.execute(statement.on_conflict_do_update(index_elements=["device", "epoch"], set_=facts))
