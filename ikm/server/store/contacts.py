"""In which hours a device was heard of: a row a device and day, written once an hour at most."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from ikm.server import tables as t
from ikm.server.store.part import Part, insert

HOUR_MS = 3_600_000
_DAY_MS = 24 * HOUR_MS
_KEPT_DAYS = 70


class ContactsPart(Part):
    """When devices were heard of."""

    def forget_contacts(self, now_ms: int) -> None:
        """Let go of what is older than anybody asks for."""
        c = t.contact.c
        old = delete(t.contact).where(c.day < now_ms // _DAY_MS - _KEPT_DAYS)
        self._write(lambda connection: connection.execute(old))


def note_contact(connection: Connection, device: str, now_ms: int) -> None:
    """Note that a device was heard of in this hour."""
    hour = now_ms // HOUR_MS
    statement = insert(connection)(t.contact).values(device=device, day=hour // 24, hours=1 << hour % 24)
    more = {"hours": t.contact.c.hours.op("|")(statement.excluded.hours)}
    connection.execute(statement.on_conflict_do_update(index_elements=["device", "day"], set_=more))
    connection.execute(update(t.device).where(t.device.c.id == device).values(contact_hour=hour))


def contacts(connection: Connection, since_ms: int, device: str | None = None) -> Mapping[str, Mapping[int, int]]:
    """The hours (bits) of each day since that moment's, by device and day since 1970."""
    c = t.contact.c
    query = select(t.contact).where(c.day >= since_ms // _DAY_MS)
    if device is not None:
        query = query.where(c.device == device)
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(query):
        found.setdefault(str(row.device), {})[row.day] = row.hours
    return found
