"""Responses an officer declared void: they stay, with who did it and why, and count nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.response import Status
from ikm.server import tables as t
from ikm.server.store.chains import locked
from ikm.server.store.deeds import Doer, note
from ikm.server.store.holding import hold_one
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class Voided:
    """Who declared a response void, when (milliseconds since 1970) and why."""

    at_ms: int
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One response as an officer may see it: its ratings and moment, nothing that was written.

    `occurred_ms` and `received_ms` are milliseconds since 1970; `held` where it is not counted.
    """

    id: str
    unit: str
    service: str
    counter: str
    device: str
    local_date: date
    occurred_ms: int
    received_ms: int
    status: Status
    ratings: dict[str, int]
    duration_ms: int
    held: bool
    voided: Voided | None


class VoidsPart(Part):
    """Single responses."""

    def sheets(
        self, unit: str, start: date, end: date, *, before: tuple[int, str] | None = None, limit: int = 100
    ) -> Sequence[Sheet]:
        """The responses of a unit on the days from `start` to before `end`, the last received first.

        `before` is the place (received_ms, id) after which to go on.
        """
        c = t.response.c
        query = _sheets().where(c.unit == unit, c.local_date >= start, c.local_date < end)
        query = query.order_by(c.received_ms.desc(), c.id.desc()).limit(limit)
        if before is not None:
            at, last = before
            query = query.where((c.received_ms < at) | ((c.received_ms == at) & (c.id < last)))
        return [_sheet(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def sheet(self, id: str) -> Sheet:  # noqa: A002
        """One response. Raises Refusal (`not_found`)."""
        row = self._glance(lambda connection: connection.execute(_sheets().where(t.response.c.id == id)).first())
        if row is None:
            raise Refusal("not_found", id)
        return _sheet(row)

    def declare_void(self, id: str, by: Doer) -> None:  # noqa: A002
        """Count a response no more; it stays, and so does who said so and why (`by.reason`).

        Raises:
            Refusal: `not_found`; `done_already` when it is void already.
        """

        def write(connection: Connection) -> None:
            c = t.response.c
            # the device's lock first, as whoever stores or releases its rows takes it
            row = connection.execute(select(c.unit, c.device, c.local_date).where(c.id == id)).first()
            if row is None:
                raise Refusal("not_found", id)
            locked(connection, str(row.device))
            if connection.execute(select(t.void.c.at_ms).where(t.void.c.response == id)).first() is not None:
                raise Refusal("done_already", id)
            note(
                connection, by, "response.voided", node=row.unit, subject=id, facts={"day": row.local_date.isoformat()}
            )
            connection.execute(
                t.void.insert().values(response=id, unit=row.unit, at_ms=by.at_ms, who=by.who, reason=by.reason)
            )
            hold_one(connection, id)

        self._write(write)


def _sheets() -> Any:
    c, v = t.response.c, t.void.c
    columns = (
        c.id, c.unit, c.service, c.counter, c.device, c.local_date, c.occurred_ms, c.received_ms, c.status, c.body,
        c.held, v.at_ms, v.who, v.reason,
    )  # fmt: skip
    return select(*columns).join_from(t.response, t.void, v.response == c.id, isouter=True)


def _sheet(row: Any) -> Sheet:
    body = wire.decode_body(bytes(row.body))
    voided = None if row.at_ms is None else Voided(row.at_ms, row.who, row.reason)
    return Sheet(
        str(row.id), row.unit, row.service, row.counter, str(row.device), row.local_date, row.occurred_ms,
        row.received_ms, Status(row.status), dict(body.answers), body.duration_ms, row.held, voided,
    )  # fmt: skip
