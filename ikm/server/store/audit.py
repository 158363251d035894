"""Completeness, read from what is stored: how far each epoch came, what an opening gave up, whether chains hold."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, case, func, literal, select, true

from ikm import wire
from ikm.server import tables as t
from ikm.server.store.part import Part

_CHUNK = 500
_NOTHING: Mapping[str, Any] = MappingProxyType(
    {"head": 0, "responses": 0, "held": 0, "aside": 0, "first_ms": None, "last_ms": None}
)

Fault = Literal["altered", "double", "head", "link", "lost", "missing"]
"""What is wrong: a row's content or its link, two rows of one number, a head that is not the last row, rows that the
device lost, numbers without a row."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in an epoch, from number `first` to `last`; `rows` is how many rows are gone because of it.

    `since_ms` is when the last row before it was received, or the loss was told (milliseconds since 1970); None where
    nothing came before.
    """

    device: str
    epoch: int
    fault: Fault
    first: int
    last: int
    rows: int
    since_ms: int | None


@dataclass(frozen=True, slots=True)
class EpochCount:
    """How an epoch of a device stands: head = responses + rows aside, or numbers are missing.

    `held` responses are in no tally because of a fork. `lost` rows are gone on the device, as the opening of a later
    epoch told at `told_ms`; `coming` is how many it told of that have not arrived.
    """

    device: str
    epoch: int
    head: int
    responses: int
    held: int
    aside: int
    first_ms: int | None
    last_ms: int | None
    lost: int = 0
    lost_first: int = 0
    lost_last: int = 0
    told_ms: int | None = None
    coming: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every number up to the head has its row."""
        return self.head == self.responses + self.aside


class AuditPart(Part):
    """What is there, and whether that is all."""

    def epoch_counts(self, device: str | None = None) -> Sequence[EpochCount]:
        """Every epoch of one device or of all, counted; in the order of device and epoch, from one state."""

        def read(connection: Connection) -> list[EpochCount]:
            told = _told(connection, device)
            # an epoch that only an opening speaks of has nothing on this server: all of it is lost, or still to come
            counted = {place: dict(_NOTHING) for place in told} | _counted(connection, device)
            return [
                EpochCount(device=owner, epoch=epoch, **counted[owner, epoch], **told.get((owner, epoch), {}))
                for owner, epoch in sorted(counted)
            ]

        return self._read(read)

    def waiting_aside(self) -> Mapping[str, int]:
        """How many rows kept aside wait for a decision, by device."""
        c = t.quarantine.c
        query = select(c.device, func.count()).where(c.decided_ms.is_(None)).group_by(c.device)
        return self._glance(lambda connection: {str(device): count for device, count in connection.execute(query)})

    def chain_faults(self, device: str) -> Sequence[Finding]:
        """What is wrong with the rows of a device: each is hashed again and held against the one before it.

        Rows are read one after the other, so that a million of them need no more memory than one.
        """

        def read(connection: Connection) -> list[Finding]:
            heads = _heads(connection, device)
            openings = {row.epoch: row for row in connection.execute(_openings(device))}
            found: list[Finding] = []
            chain: _Chain | None = None
            seen = set()
            for row in _rows(connection, device):
                if chain is None or chain.epoch != row.epoch:
                    if chain is not None:
                        found += chain.closed(heads.get(chain.epoch))
                    chain = _Chain(device, row.epoch, _start(device, row.epoch, openings.get(row.epoch)))
                    seen.add(row.epoch)
                found += chain.next(row)
            if chain is not None:
                found += chain.closed(heads.get(chain.epoch))
            for epoch in sorted(heads.keys() - seen):
                found += _Chain(device, epoch, wire.GENESIS).closed(heads[epoch])
            return found

        return self._read(read)


@dataclass(slots=True)
class _Chain:
    """The rows of one epoch, as they pass."""

    device: str
    epoch: int
    link: str
    seq: int = 0
    received_ms: int | None = None

    def next(self, row: Any) -> Iterator[Finding]:
        """What is wrong with the next row."""
        digest, before, body = bytes(row.hash).hex(), bytes(row.prev_hash).hex(), bytes(row.body)
        if row.seq <= self.seq:
            yield self._found("double", row.seq, row.seq)
            return
        if row.seq > self.seq + 1:
            yield self._found("missing", self.seq + 1, row.seq - 1, row.seq - 1 - self.seq)
        elif before != self.link:
            yield self._found("link", row.seq, row.seq)
        made = wire.row_hash(
            device=self.device,
            epoch=self.epoch,
            seq=row.seq,
            row_id=str(row.id),
            prev_hash=before,
            body=body,
        )
        if made != digest:
            yield self._found("altered", row.seq, row.seq)
        self.seq, self.link, self.received_ms = row.seq, digest, row.received_ms

    def closed(self, head: tuple[int, str] | None) -> Iterator[Finding]:
        """What is wrong with the head, after the last row."""
        if head is None:
            yield self._found("head", self.seq, self.seq)
        elif head[0] > self.seq:
            yield self._found("missing", self.seq + 1, head[0], head[0] - self.seq)
        elif head != (self.seq, self.link):
            yield self._found("head", head[0], self.seq)

    def _found(self, fault: Fault, first: int, last: int, rows: int = 0) -> Finding:
        return Finding(self.device, self.epoch, fault, first, last, rows, self.received_ms)


def _start(device: str, epoch: int, row: Any) -> str:
    if row is None:
        return wire.GENESIS
    opening = wire.Opening(
        known_seq=row.known_seq,
        previous_epoch=row.previous_epoch,
        previous_hash=bytes(row.previous_hash).hex(),
        previous_seq=row.previous_seq,
        reason=row.reason,
        salvaged=row.salvaged,
    )
    return wire.genesis(device, epoch, opening)


def _rows(connection: Connection, device: str) -> Iterator[Any]:
    streams = []
    for table, condition in ((t.response, true()), (t.quarantine, t.quarantine.c.chained)):
        c = table.c
        query = select(c.epoch, c.seq, c.id, c.hash, c.prev_hash, c.body, c.received_ms)
        query = query.where(c.device == device, condition).order_by(c.epoch, c.seq)
        streams.append(connection.execute(query, execution_options={"yield_per": _CHUNK}))
    return heapq.merge(*streams, key=lambda row: (row.epoch, row.seq))


def _heads(connection: Connection, device: str) -> Mapping[int, tuple[int, str]]:
    c = t.head.c
    query = select(c.epoch, c.seq, c.hash).where(c.device == device)
    return {row.epoch: (row.seq, bytes(row.hash).hex()) for row in connection.execute(query)}


def _openings(device: str | None) -> Select[Any]:
    query = select(t.opening).order_by(t.opening.c.device, t.opening.c.epoch)
    return query if device is None else query.where(t.opening.c.device == device)


def _counted(connection: Connection, device: str | None) -> dict[tuple[str, int], dict[str, Any]]:
    counted: dict[tuple[str, int], dict[str, Any]] = {}

    def at(owner: str, epoch: int) -> dict[str, Any]:
        return counted.setdefault((str(owner), epoch), dict(_NOTHING))

    def of(columns: Any, table: Any, condition: Any = None) -> Any:
        query = select(table.c.device, table.c.epoch, *columns)
        if device is not None:
            query = query.where(table.c.device == device)
        return query if condition is None else query.where(condition)

    for owner, epoch, seq in connection.execute(of([t.head.c.seq], t.head)):
        at(owner, epoch)["head"] = seq
    r, q = t.response.c, t.quarantine.c
    held = func.coalesce(func.sum(case((r.held, 1), else_=0)), 0)
    columns = [func.count(), held, func.min(r.received_ms), func.max(r.received_ms)]
    for owner, epoch, *found in connection.execute(of(columns, t.response).group_by(r.device, r.epoch)):
        at(owner, epoch).update(zip(("responses", "held", "first_ms", "last_ms"), found, strict=True))
    aside = of([func.count()], t.quarantine, q.chained).group_by(q.device, q.epoch)
    for owner, epoch, count in connection.execute(aside):
        at(owner, epoch)["aside"] = count
    return counted


def _told(connection: Connection, device: str | None) -> dict[tuple[str, int], dict[str, Any]]:
    """What openings say of the epoch before them: rows that are gone, and rows that are still to come."""
    told: dict[tuple[str, int], dict[str, Any]] = {}
    for row in connection.execute(_openings(device)).all():
        owner = str(row.device)
        before = _head_seq(connection, owner, row.previous_epoch)
        fresh, arrived = _salvaged(connection, owner, row.epoch, row.salvaged)
        coming = max(0, row.previous_seq - before) + row.salvaged - arrived
        known = max(row.previous_seq, before)
        lost = max(0, row.known_seq - known - fresh - (row.salvaged - arrived))
        facts: dict[str, Any] = {"coming": coming}
        if lost:
            facts |= {"lost": lost, "lost_first": known + 1, "lost_last": row.known_seq, "told_ms": row.opened_ms}
        place = owner, row.previous_epoch
        # two epochs may begin where one ended, when the first of them was lost in its turn
        if lost >= told.get(place, {}).get("lost", 0):
            told[place] = facts
    return told


def _head_seq(connection: Connection, device: str, epoch: int) -> int:
    c = t.head.c
    return connection.execute(select(c.seq).where(c.device == device, c.epoch == epoch)).scalar() or 0


def _salvaged(connection: Connection, device: str, epoch: int, salvaged: int) -> tuple[int, int]:
    """Of the rows an epoch took over: how many were new to this server, and how many have arrived."""
    counts = []
    for table, condition in ((t.response, true()), (t.quarantine, t.quarantine.c.chained)):
        c = table.c
        fresh = literal(1) if table is t.response else case((c.code != "response_repeated", 1), else_=0)
        place = and_(c.device == device, c.epoch == epoch, c.seq <= salvaged, condition)
        query = select(func.coalesce(func.sum(fresh), 0), func.count()).select_from(table).where(place)
        counts.append(connection.execute(query).one())
    return sum(row[0] for row in counts), sum(row[1] for row in counts)
