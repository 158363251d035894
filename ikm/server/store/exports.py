"""Stored answers by the page, for those who may take them away; what is taken away is written down first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select

from ikm import wire
from ikm.domain.period import Period
from ikm.server import tables as t
from ikm.server.reports.ports import Filter
from ikm.server.store.concerned import concerned, note_each
from ikm.server.store.deeds import Doer, note
from ikm.server.store.figures import EPOCH
from ikm.server.store.part import Part
from ikm.server.store.rollups import narrowed

_DAY_MS = 86_400_000


class Mark(NamedTuple):
    """How far a reader has come."""

    received_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One response that counts, the date it counts on, and its place among the others."""

    mark: Mark
    local_date: date
    body: wire.ResponseBody
    remark: str


class ExportsPart(Part):
    """Raw answers."""

    def answers(
        self, unit: str, period: Period, chosen: Filter, after: Mark | None = None, limit: int = 1000
    ) -> Sequence[StoredAnswer]:
        """The next responses of a unit that count in a period, in the order they came in; masked remarks with them."""
        c = t.response.c
        # what came in before the period began cannot lie in it
        since_ms = ((period.start - EPOCH).days - 1) * _DAY_MS
        query = (
            select(c.received_ms, c.id, c.local_date, c.body, t.remark.c.text)
            .join_from(t.response, t.remark, t.remark.c.response == c.id, isouter=True)
            .where(c.unit == unit, c.received_ms >= since_ms, c.local_date >= period.start, c.local_date < period.end)
            .where(~c.held, *narrowed(c, chosen))
            .order_by(c.received_ms, c.id)
            .limit(limit)
        )
        if after is not None:
            later = or_(c.received_ms > after.received_ms, and_(c.received_ms == after.received_ms, c.id > after.id))
            # the first half alone is what the index can be asked
            query = query.where(c.received_ms >= after.received_ms, later)

        def read(connection: Connection) -> list[StoredAnswer]:
            return [
                StoredAnswer(Mark(row.received_ms, str(row.id)), row.local_date, wire.decode_body(bytes(row.body)),
                             row.text or "")
                for row in connection.execute(query)
            ]  # fmt: skip

        return self._glance(read)

    def note_export(self, unit: str, subject: str, facts: Mapping[str, Any], by: Doer) -> None:
        """Write down that answers of a unit are taken away. Raises Refusal (`done_already`)."""
        self._write(
            lambda connection: note(connection, by, "answers.exported", node=unit, subject=subject, facts=facts)
        )

    def note_figures(
        self, places: Sequence[str], by: Doer, act: str, *, subject: str, facts: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """Write down at each of those places that its figures are taken away. Raises Refusal (`done_already`)."""
        self._write(lambda connection: note_each(connection, by, act, [(place, subject, facts) for place in places]))

    def note_comparison(
        self, units: Sequence[str], by: Doer, act: str, *, subject: str, facts: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """Write down that figures of those units are taken away: each agency hears of its own.

        Raises:
            Refusal: `done_already`.
        """

        def write(connection: Connection) -> None:
            found = concerned(connection, units) or {None: ()}
            told = [(node, subject, {**facts, "units": list(those)}) for node, those in found.items()]
            note_each(connection, by, act, told)

        self._write(write)
