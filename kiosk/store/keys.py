"""Who the device is and the keys it knows, over a connection of the store."""

from sqlalchemy import Connection, delete, insert, select, update

from kiosk.store import tables
from kiosk.store.errors import AlreadyEnrolled, NotEnrolled
from sync.ports import Identity


def identity(connection: Connection) -> Identity | None:
    """Who this device is, or None before enrolment."""
    found = connection.execute(select(tables.identity)).first()
    if found is None:
        return None
    return Identity(
        device=found.device,
        server=found.server,
        server_url=found.server_url,
        private_key=found.private_key,
        server_key=found.server_key,
    )


def put_identity(connection: Connection, given: Identity) -> None:
    """Be that device from now on; no key waits any more. Raises AlreadyEnrolled."""
    held = identity(connection)
    if held is not None:
        raise AlreadyEnrolled(held.device)
    connection.execute(
        insert(tables.identity).values(
            one=1,
            device=given.device,
            server=given.server,
            server_url=given.server_url,
            private_key=given.private_key,
            server_key=given.server_key,
        )
    )
    connection.execute(delete(tables.next_key))


def pin_server_key(connection: Connection, key: str) -> None:
    """Trust that key of the server. Raises NotEnrolled."""
    if identity(connection) is None:
        raise NotEnrolled
    connection.execute(update(tables.identity).values(server_key=key))


def next_key(connection: Connection) -> bytes | None:
    """The key that waits, or None."""
    key: bytes | None = connection.scalar(select(tables.next_key.c.private_key))
    return key


def put_next_key(connection: Connection, private_key: bytes) -> None:
    """Let that key wait. Raises ValueError while another one does."""
    held = next_key(connection)
    if held is None:
        connection.execute(insert(tables.next_key).values(one=1, private_key=private_key))
    elif held != private_key:
        raise ValueError("another key waits, and the server may know it already")


def use_next_key(connection: Connection) -> None:
    """Make the waiting key this device's own. Raises ValueError."""
    held = next_key(connection)
    if held is None or identity(connection) is None:
        raise ValueError("no key waits for an enrolled device")
    connection.execute(update(tables.identity).values(private_key=held))
    connection.execute(delete(tables.next_key))
