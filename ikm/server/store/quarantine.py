"""Rows that cannot be counted: kept as they came, and let in or turned away by an officer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Raw
from sqlalchemy import Connection, case, func, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server import clocks
from ikm.server import tables as t
from ikm.server.checks import Checks
from ikm.server.store.cells import cells
from ikm.server.store.chains import locked, occurred_before
from ikm.server.store.deeds import Doer
from ikm.server.store.delivery import Accepted, Aside, Delivery
from ikm.server.store.forks import held_from, note_about
from ikm.server.store.organisation import OrganisationPart
from ikm.server.store.part import Part, insert
from ikm.server.store.remarks import keep_remarks
from ikm.server.store.rows import response_row
from ikm.server.store.writer import writer_of

CONFLICT, REPEATED, REVOKED, FORK = "response_conflict", "response_repeated", "device_revoked", "fork"
"""Why a row is kept aside though its body may be right; any other code says what is wrong with the body."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row kept aside, why, and what was decided; `chained` where it holds its place in the chain.

    `body` are the bytes that came, an answer's content: they are for whoever decides, never for a log.
    """

    device: str
    epoch: int
    seq: int
    hash: str
    id: str
    code: str
    detail: str
    chained: bool
    received_ms: int
    decided_ms: int | None
    decision: str | None
    decided_by: str | None
    reason: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heap:
    """The rows of one epoch that wait for a decision for the same reason, however many.

    `first` and `last` are their lowest and highest number, `received_ms` is when the first came in; `chained` where
    all of them hold their places in the chain.
    """

    epoch: int
    code: str
    count: int
    first: int
    last: int
    received_ms: int
    chained: bool


class QuarantinePart(Part):
    """Rows kept aside and their decisions."""

    def heaps(self, device: str) -> Sequence[Heap]:
        """What waits for a decision about a device's rows, in their order: none of their bodies is read."""
        c = t.quarantine.c
        first = func.min(c.seq)
        query = (
            select(
                c.epoch, c.code, func.count(), first, func.max(c.seq), func.min(c.received_ms),
                func.min(case((c.chained, 1), else_=0)),
            )
            .where(c.device == device, c.decision.is_(None))
            .group_by(c.epoch, c.code)
            .order_by(c.epoch, first, c.code)
        )  # fmt: skip
        rows = self._glance(lambda connection: connection.execute(query).all())
        return [Heap(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows]

    def quarantined(
        self, device: str | None = None, *, undecided: bool = False, heap: tuple[int, str] | None = None,
        limit: int | None = None,
    ) -> Sequence[KeptRow]:  # fmt: skip
        """The rows kept aside of one device or of all, in order; only those that wait for a decision where asked.

        `heap` keeps those of that epoch and code.
        """
        c = t.quarantine.c
        query = select(t.quarantine).order_by(c.device, c.epoch, c.seq, c.received_ms).limit(limit)
        if device is not None:
            query = query.where(c.device == device)
        if undecided:
            query = query.where(c.decision.is_(None))
        if heap is not None:
            query = query.where(c.epoch == heap[0], c.code == heap[1])
        return [_kept(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def release(
        self, device: str, epoch: int, seq: int, *, who: str, reason: str, now_ms: int, by: Doer | None = None
    ) -> None:
        """Count the row after all, as one received when it was; who said so and why is kept.

        Its body is checked again by what the server knows now. A row that is held already under another place is
        settled instead. Rows of a forked chain come in by the epoch their device begins next, never here.

        Raises:
            Refusal: `device_unknown`; `not_found` when no row waits for a decision there; what is wrong with the row.
        """

        def read(connection: Connection) -> tuple[_Waiting, str, TimeZone]:
            return _waiting(connection, device, epoch, seq), *_place(connection, device)

        waiting, unit, zone = self._read(read)
        body = Checks(OrganisationPart(self._engine)).body(waiting.body, unit)
        doer = by or Doer(who, now_ms, reason=reason)

        def write(connection: Connection) -> None:
            locked(connection, device)
            kept = _waiting(connection, device, epoch, seq)
            decided = {"decided_ms": now_ms, "decided_by": who, "reason": reason}
            this = update(t.quarantine).where(_is_row(device, epoch, seq), t.quarantine.c.chained)
            code = known_as(connection, device, kept.id, kept.body)
            if code == CONFLICT:
                raise Refusal(CONFLICT)
            if code == REPEATED:
                connection.execute(this.values(code=REPEATED, decision="settled", **decided))
                note_about(connection, doer, "row.settled", (device, epoch), {"seq": seq})
                return
            connection.execute(this.values(chained=False, decision="released", **decided))
            accepted = _accepted(connection, kept, body, zone)
            first = held_from(connection, device, epoch)
            values = response_row(device, epoch, kept.received_ms, accepted, first)
            connection.execute(t.response.insert().values(dict(zip(t.response.c.keys(), values, strict=True))))
            keep_remarks(connection, kept.received_ms, [accepted])
            if seq < first:
                writer_of(connection).add_cells(connection, cells([accepted], lambda _: zone))
            note_about(connection, doer, "row.released", (device, epoch), {"seq": seq})

        self._write(write)

    def reject(
        self, device: str, epoch: int, seq: int, *, who: str, reason: str, now_ms: int, by: Doer | None = None
    ) -> None:
        """Never count the rows kept aside at that place; they stay kept. Raises Refusal (`not_found`)."""

        def write(connection: Connection) -> None:
            waiting = update(t.quarantine).where(_is_row(device, epoch, seq), t.quarantine.c.decision.is_(None))
            told = waiting.values(decision="rejected", decided_ms=now_ms, decided_by=who, reason=reason)
            if not connection.execute(told).rowcount:
                raise Refusal("not_found", f"{device} {epoch}:{seq}")
            doer = by or Doer(who, now_ms, reason=reason)
            note_about(connection, doer, "row.rejected", (device, epoch), {"seq": seq})

        self._write(write)


def keep(connection: Connection, delivery: Delivery, rows: Sequence[Aside], *, chained: bool) -> None:
    """Keep rows aside; `chained` where they hold their place in the chain."""
    if not rows:
        return
    statement = insert(connection)(t.quarantine)
    if chained:
        # a row of a fork may come back as the chain's own, on a server that was restored
        names = ("chained", "code", "detail", "received_ms", "decided_ms", "decision", "decided_by", "reason")
        statement = statement.on_conflict_do_update(
            index_elements=list(t.quarantine.primary_key), set_={name: statement.excluded[name] for name in names}
        )
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement, [_values(delivery, aside, chained=chained) for aside in rows])


def known_as(connection: Connection, device: str, row_id: str, body: bytes) -> str | None:
    """Whether that id is held: the same answer again, something else under its id, or None."""
    held = connection.execute(select(t.response.c.device, t.response.c.body).where(t.response.c.id == row_id)).first()
    if held is None:
        return None
    return REPEATED if str(held.device) == device and bytes(held.body) == body else CONFLICT


def told_apart(connection: Connection, delivery: Delivery, rows: Sequence[Accepted]) -> list[Accepted | Aside]:
    """Those rows, with the ones aside whose id is known already or comes twice."""
    seen: dict[str, bytes] = {}
    found: list[Accepted | Aside] = []
    for accepted in rows:
        row, body = accepted.row, bytes(accepted.row.body)
        code = known_as(connection, delivery.device, row.id, body)
        if code is None and row.id in seen:
            code = REPEATED if seen[row.id] == body else CONFLICT
        seen.setdefault(row.id, body)
        found.append(accepted if code is None else Aside(row, code))
    return found


def _values(delivery: Delivery, aside: Aside, *, chained: bool) -> dict[str, Any]:
    row, settled = aside.row, aside.code == REPEATED
    return {
        "device": delivery.device,
        "epoch": delivery.epoch,
        "seq": row.seq,
        "hash": bytes.fromhex(row.hash),
        "prev_hash": bytes.fromhex(row.prev_hash),
        "id": row.id,
        "body": bytes(row.body),
        "code": aside.code,
        "detail": aside.detail,
        "chained": chained,
        "received_ms": delivery.received_ms,
        "decided_ms": delivery.received_ms if settled else None,
        "decision": "settled" if settled else None,
        "decided_by": None,
        "reason": None,
    }


def _is_row(device: str, epoch: int, seq: int) -> Any:
    c = t.quarantine.c
    return (c.device == device) & (c.epoch == epoch) & (c.seq == seq)


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: wire.Row
    epoch: int
    device: str
    received_ms: int

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def body(self) -> bytes:
        return bytes(self.row.body)


def _waiting(connection: Connection, device: str, epoch: int, seq: int) -> _Waiting:
    c = t.quarantine.c
    query = select(t.quarantine).where(_is_row(device, epoch, seq), c.chained, c.decision.is_(None))
    row = connection.execute(query).first()
    if row is None:
        raise Refusal("not_found", f"{device} {epoch}:{seq}")
    kept = wire.Row(
        body=Raw(bytes(row.body)),
        hash=bytes(row.hash).hex(),
        id=str(row.id),
        prev_hash=bytes(row.prev_hash).hex(),
        seq=seq,
    )
    return _Waiting(kept, epoch, device, row.received_ms)


def _place(connection: Connection, device: str) -> tuple[str, TimeZone]:
    query = (
        select(t.node.c.parent, t.unit.c.time_zone)
        .join(t.device, t.device.c.counter == t.node.c.code)
        .join(t.unit, t.unit.c.code == t.node.c.parent)
        .where(t.device.c.id == device)
    )
    row = connection.execute(query).one()
    return str(row.parent), TimeZone[row.time_zone]


def _accepted(connection: Connection, kept: _Waiting, body: wire.ResponseBody, zone: TimeZone) -> Accepted:
    c = t.boot.c
    query = select(c.offset_ms).where(c.device == kept.device, c.boot_id == body.clock.boot_id)
    when = clocks.moment(body.clock, connection.execute(query).scalar(), kept.received_ms)
    if when is None:
        before = occurred_before(connection, kept.device, kept.epoch, kept.row.seq)
        when = clocks.bounded(before, kept.received_ms)
    return Accepted(kept.row, body, zone.local_date(when.ms), when.ms, when.clock)


def _kept(row: Any) -> KeptRow:
    return KeptRow(
        device=str(row.device),
        epoch=row.epoch,
        seq=row.seq,
        hash=bytes(row.hash).hex(),
        id=str(row.id),
        code=row.code,
        detail=row.detail,
        chained=bool(row.chained),
        received_ms=row.received_ms,
        decided_ms=row.decided_ms,
        decision=row.decision,
        decided_by=row.decided_by,
        reason=row.reason,
        body=bytes(row.body),
    )
