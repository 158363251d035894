"""Taking in what is made up to try things with: many answers of a kiosk at once, counted as any answer is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server import tables as t
from ikm.server.chain import Head
from ikm.server.store.cells import cells
from ikm.server.store.chains import head_of, locked
from ikm.server.store.delivery import Accepted
from ikm.server.store.part import Part
from ikm.server.store.remarks import keep_remarks
from ikm.server.store.rows import response_row
from ikm.server.store.writer import NEVER, writer_of


@dataclass(frozen=True, slots=True)
class Furrow:
    """One answer, and when it came in (milliseconds since 1970, UTC)."""

    accepted: Accepted
    received_ms: int


@dataclass(frozen=True, slots=True)
class Bag:
    """Answers of a device's first epoch that follow one another, and where its chain then stands."""

    device: str
    rows: Sequence[Furrow]
    head: Head
    time_zone: TimeZone


class SowingPart(Part):
    """Only for databases nobody works with."""

    def check_untouched(self) -> None:
        """Nothing, where there are no places, people or answers. Raises Refusal (`seed_unwanted`)."""
        held = {"jawaban": select(t.response.c.id), "pengguna": select(t.person.c.id), "tempat": select(t.node.c.code)}

        def read(connection: Connection) -> None:
            for what, query in held.items():
                if connection.execute(query.limit(1)).first() is not None:
                    raise Refusal("seed_unwanted", what)

        self._read(read)

    def put_users(self, users: Iterable[tuple[str, date, date, int]]) -> None:
        """Say how many people use whole units in spans of days: unit, first day, day after the last, users."""
        rows = [
            {"unit": unit, "service": "", "starts_on": start, "ends_on": end, "users": number}
            for unit, start, end, number in users
        ]
        if rows:
            self._write(lambda connection: connection.execute(t.population.insert(), rows))

    def enrol_sown(self, device: str, counter: str, public_key: bytes, now_ms: int) -> None:
        """Put a device of that key at a counter."""
        facts = {"id": device, "counter": counter, "public_key": public_key, "enrolled_ms": now_ms}
        key = {"device": device, "number": 1, "public_key": public_key, "since_ms": now_ms}

        def write(connection: Connection) -> None:
            connection.execute(t.device.insert().values(**facts))
            connection.execute(t.device_key.insert().values(**key))

        self._write(write)

    def hear_sown(self, device: str, health: wire.Health, seen_ms: int, configuration: int) -> None:
        """Say how a device is, when it was heard of, and which configuration it runs on."""
        held = update(t.device).where(t.device.c.id == device)
        values = {"health": wire.canonical(health).decode(), "last_seen_ms": seen_ms, "configuration": configuration}
        self._write(lambda connection: connection.execute(held.values(**values)))

    def meet_sown(self, device: str, contacts: Mapping[int, int]) -> None:
        """Say in which hours a device was heard of: bits by day since 1970."""
        rows = [{"device": device, "day": day, "hours": hours} for day, hours in contacts.items()]
        if rows:
            self._write(lambda connection: connection.execute(t.contact.insert(), rows))

    def fill(self, bag: Bag) -> None:
        """Take those answers in and count them, in one transaction.

        Raises:
            Refusal: `device_unknown`; `gap` when they do not follow what is held.
        """

        def write(connection: Connection) -> None:
            locked(connection, bag.device)
            held = head_of(connection, bag.device, 1)
            if bag.rows[0].accepted.row.prev_hash != (wire.GENESIS if held is None else held.hash):
                raise Refusal("gap", f"seq {bag.rows[0].accepted.row.seq}")
            for one in bag.rows:
                if one.accepted.body.comment:
                    keep_remarks(connection, one.received_ms, [one.accepted])
            rows = [response_row(bag.device, 1, one.received_ms, one.accepted, NEVER) for one in bag.rows]
            found = cells([one.accepted for one in bag.rows], lambda _: bag.time_zone)
            writer_of(connection).end(connection, rows, found, [(bag.device, 1, bag.head)])

        self._write(write)
