"""When devices' machines started, by this server's clock."""

from sqlalchemy import Connection

from ikm.server import tables as t
from ikm.server.store.delivery import Delivery
from ikm.server.store.part import insert


def note_boot(connection: Connection, delivery: Delivery) -> None:
    """Keep what the delivery tells of its boot, where that is nearer to the truth than what is known."""
    if delivery.boot is None:
        return
    statement = insert(connection)(t.boot).values(
        device=delivery.device,
        boot_id=delivery.boot.boot_id,
        offset_ms=delivery.boot.offset_ms,
        seen_ms=delivery.received_ms,
    )
    earlier = statement.excluded.offset_ms < t.boot.c.offset_ms
    better = {"offset_ms": statement.excluded.offset_ms, "seen_ms": statement.excluded.seen_ms}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["device", "boot_id"], set_=better, where=earlier)
    )
