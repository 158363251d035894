"""What citizens wrote, masked as they came in, and what officers made of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, update

from ikm.domain.errors import Refusal
from ikm.domain.masking import hide, mask
from ikm.domain.remark import Category, Status, due_on
from ikm.server import tables as t
from ikm.server.store.columns import COUNTS
from ikm.server.store.deeds import Doer, check_once, note, take_turns
from ikm.server.store.delivery import Accepted
from ikm.server.store.hours import closed_after
from ikm.server.store.part import Part, insert


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark as people may read it. `masked` counts what was taken out of it, by kind.

    `held`: its response is not counted, since a fork of its device is undecided or it was declared void.
    """

    id: str
    unit: str
    service: str
    local_date: date
    received_ms: int
    language: str
    text: str
    masked: Mapping[str, int]
    category: str
    status: Status
    due_on: date | None
    answer: str
    published: bool
    changed_ms: int | None
    changed_by: str | None
    revision: int
    held: bool

    def overdue(self, today: date) -> bool:
        """Whether its day has passed and nobody has answered."""
        return self.waits_until is not None and self.waits_until < today

    @property
    def waits_until(self) -> date | None:
        """The day by which somebody has to answer; None once somebody has, and for praise, which asks for nothing."""
        waiting = self.status in (Status.NEW, Status.OPEN) and self.category != Category.PRAISE
        return self.due_on if waiting else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which remarks: of those units; everything else only where it is said. `overdue_on` keeps those overdue then."""

    units: Sequence[str]
    status: Status | None = None
    category: str | None = None
    service: str | None = None
    since: date | None = None
    until: date | None = None
    words: str = ""
    overdue_on: date | None = None
    published: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decides about a remark; `hide` are words to take out of it for good."""

    category: str
    status: Status
    due_on: date | None
    answer: str
    published: bool
    hide: tuple[str, ...] = ()


def keep_remarks(connection: Connection, received_ms: int, accepted: Iterable[Accepted]) -> None:
    """Keep what those responses' citizens wrote, masked, in the transaction that stores them."""
    written = [one for one in accepted if one.body.comment.strip()]
    first: dict[str, date] = {}
    for one in written:
        first[one.body.unit] = min(one.local_date, first.get(one.body.unit, one.local_date))
    closed = {unit: closed_after(connection, unit, day) for unit, day in first.items()}
    rows = [_values(received_ms, one, closed[one.body.unit]) for one in written]
    if rows:
        # a known id is told by the response that bears it, which comes after and takes this back
        connection.execute(insert(connection)(t.remark).on_conflict_do_nothing(), rows)


class RemarksPart(Part):
    """Citizens' words."""

    def remarks(self, wanted: Wanted, *, before: tuple[int, str] | None = None, limit: int = 50) -> Sequence[Remark]:
        """The newest first; those after place `before` (received_ms, id) in that order, at most `limit`."""
        c = t.remark.c
        query = _chosen(select(t.remark), wanted)
        query = query.order_by(c.received_ms.desc(), c.response.desc()).limit(limit)
        if before is not None:
            at, last = before
            query = query.where(or_(c.received_ms < at, and_(c.received_ms == at, c.response < last)))
        # responses are looked up for the lines of the page alone, not for every remark there is
        found = query.subquery()
        query = (
            select(found, t.response.c.held)
            .join_from(found, t.response, found.c.response == t.response.c.id)
            .order_by(found.c.received_ms.desc(), found.c.response.desc())
        )
        return [_remark(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def remark(self, id: str) -> Remark:  # noqa: A002
        """One remark. Raises Refusal (`not_found`)."""
        query = select(t.remark, t.response.c.held).where(t.remark.c.response == id)
        query = query.join_from(t.remark, t.response, t.remark.c.response == t.response.c.id)
        row = self._glance(lambda connection: connection.execute(query).first())
        if row is None:
            raise Refusal("not_found", id)
        return _remark(row)

    def remarks_named(self, ids: Collection[str]) -> Mapping[str, Remark]:
        """Those remarks by id; what is no remark's id is left out."""
        query = select(t.remark, t.response.c.held).where(t.remark.c.response.in_(sorted(ids)))
        query = query.join_from(t.remark, t.response, t.remark.c.response == t.response.c.id)
        rows = self._glance(lambda connection: connection.execute(query).all()) if ids else []
        return {str(row.response): _remark(row) for row in rows}

    def remark_states(self, wanted: Wanted, today: date) -> Mapping[str, int]:
        """How many there are by status, and under 'overdue' how many of them nobody answered in time."""
        c = t.remark.c
        late = waited_longer_than(today)
        query = _chosen(select(c.status, func.count(), func.sum(case((late, 1), else_=0))), wanted).group_by(c.status)
        found: dict[str, int] = dict.fromkeys([*(one.value for one in Status), "overdue"], 0)
        for status, count, overdue in self._glance(lambda connection: connection.execute(query).all()):
            found[status] = count
            found["overdue"] += overdue
        return found

    def decide_remark(self, id: str, revision: int, decision: Decision, by: Doer) -> None:  # noqa: A002
        """Keep what an officer decided about a remark.

        Raises:
            Refusal: `not_found`; `changed_meanwhile` when it has another revision; `done_already`.
        """
        c = t.remark.c

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            held = connection.execute(select(t.remark).where(c.response == id)).first()
            if held is None:
                raise Refusal("not_found", id)
            values = {
                "text": hide(held.text, decision.hide), "category": decision.category, "status": decision.status.value,
                "due_on": decision.due_on, "answer": decision.answer, "published": decision.published,
            }  # fmt: skip
            _change(connection, held, revision, values, by)

        self._write(write)

    def sort_remarks(
        self, units: Sequence[str], ids: Sequence[str], *, status: Status | None, category: str | None, by: Doer
    ) -> int:
        """How many of those remarks of those units got that status and category; what they had already stays."""
        c = t.remark.c
        given = {"status": status.value if status else None, "category": category}
        values = {name: value for name, value in given.items() if value is not None}

        def write(connection: Connection) -> int:
            take_turns(connection)
            chosen = select(t.remark).where(c.response.in_(ids), c.unit.in_(units)).order_by(c.response)
            changed = 0
            for row in connection.execute(chosen).all():
                if any(row._mapping[name] != value for name, value in values.items()):
                    # one form, many deeds: the first bears its number
                    doer = by if changed == 0 else replace(by, once=None)
                    _change(connection, row, row.revision, values, doer)
                    changed += 1
            return changed

        return self._write(write) if values and ids and units else 0

    def published_remarks(self, unit: str, limit: int = 100) -> Sequence[Remark]:
        """What an officer released of a unit, the newest first; nothing whose response is held."""
        found = self.remarks(Wanted([unit], published=True), limit=limit)
        return [one for one in found if not one.held]


def waited_longer_than(today: date) -> ColumnElement[bool]:
    """What holds for remarks that nobody answered by their day; `Remark.overdue` says the same of one."""
    c = t.remark.c
    return and_(c.status.in_((Status.NEW, Status.OPEN)), c.category != Category.PRAISE.value, c.due_on < today)


def _change(connection: Connection, held: Row[Any], revision: int, values: dict[str, Any], by: Doer) -> None:
    c = t.remark.c
    statement = update(t.remark).where(c.response == held.response, c.revision == revision)
    marks = {"revision": revision + 1, "changed_ms": by.at_ms, "changed_by": by.who}
    if not connection.execute(statement.values(**values, **marks)).rowcount:
        raise Refusal("changed_meanwhile", held.response)
    # what is said to or about a citizen stands in the remark itself; the log tells that it changed, not the words
    told: dict[str, Any] = {
        name: ["" if one is None else str(one) for one in (held._mapping[name], value)]
        for name, value in values.items()
        if name not in ("text", "answer") and held._mapping[name] != value
    }
    told |= {name: True for name in ("text", "answer") if name in values and held._mapping[name] != values[name]}
    note(connection, by, "remark.changed", node=held.unit, subject=str(held.response), facts=told)


def _values(received_ms: int, one: Accepted, closed: Collection[date]) -> dict[str, Any]:
    masked = mask(one.body.comment.strip())
    return {
        "response": one.row.id,
        "unit": one.body.unit,
        "service": one.body.service,
        "local_date": one.local_date,
        "received_ms": received_ms,
        "language": one.body.language,
        "text": masked.text,
        "masked": msgspec.json.encode({kind.value: count for kind, count in masked.found.items()}).decode(),
        "due_on": due_on(one.local_date, closed),
    }


def _chosen(query: Select[Any], wanted: Wanted) -> Select[Any]:
    c = t.remark.c
    query = query.where(c.unit.in_(wanted.units))
    told = {
        c.status: wanted.status and wanted.status.value, c.category: wanted.category, c.service: wanted.service,
        c.published: wanted.published,
    }  # fmt: skip
    for column, value in told.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(c.local_date >= wanted.since)
    if wanted.until is not None:
        query = query.where(c.local_date < wanted.until)
    if wanted.words:
        query = query.where(c.text.icontains(wanted.words, autoescape=True))
    if wanted.overdue_on is not None:
        query = query.where(waited_longer_than(wanted.overdue_on))
    return query


def _remark(row: Row[Any]) -> Remark:
    return Remark(
        str(row.response), row.unit, row.service, row.local_date, row.received_ms, row.language, row.text,
        COUNTS.decode(row.masked), row.category, Status(row.status), row.due_on, row.answer,
        row.published, row.changed_ms, row.changed_by, row.revision, row.held,
    )  # fmt: skip


CATEGORIES = frozenset(one.value for one in Category)
"""What `category` may be once somebody said; '' before."""
