"""Units' own assessments of the four factors: each is added, none is changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ikm.domain.errors import Refusal
from ikm.domain.regulation import Factor
from ikm.domain.selfassessment import SelfAssessment
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part

_COLUMNS = {
    Factor.PURPOSE: t.self_assessment.c.vision,
    Factor.SYSTEMS: t.self_assessment.c.systems,
    Factor.STAFF: t.self_assessment.c.staff,
    Factor.FACILITIES: t.self_assessment.c.facilities,
}


class AssessmentsPart(Part):
    """Self-assessments."""

    def assessments(self, unit: str) -> Sequence[SelfAssessment]:
        """What a unit said of itself, newest first."""
        c = t.self_assessment.c
        query = select(t.self_assessment).where(c.unit == unit).order_by(c.made_ms.desc())
        return [_assessment(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def newest_assessments(self) -> Mapping[str, SelfAssessment]:
        """The newest assessment of every unit that has any."""
        c = t.self_assessment.c
        newest = select(c.unit, func.max(c.made_ms).label("made_ms")).group_by(c.unit).subquery()
        query = select(t.self_assessment).join(newest, (newest.c.unit == c.unit) & (newest.c.made_ms == c.made_ms))
        rows = self._glance(lambda connection: connection.execute(query).all())
        return {row.unit: _assessment(row) for row in rows}

    def assess(self, unit: str, steps: Mapping[Factor, int], notes: str, after_ms: int, by: Doer) -> None:
        """Add an assessment after the one made then (0: there was none).

        Raises:
            Refusal: `changed_meanwhile` where there is a newer one; `rating_out_of_range`, `done_already`.
        """
        made = SelfAssessment(by.at_ms, by.who, steps, notes)

        def write(connection: Connection) -> None:
            facts = {factor.value: made.steps[factor] for factor in Factor}
            note(connection, by, "assessment.made", node=unit, facts=facts)
            c = t.self_assessment.c
            newest = connection.execute(select(func.max(c.made_ms)).where(c.unit == unit)).scalar() or 0
            # the clock may stand still between two people
            if newest != after_ms or newest >= by.at_ms:
                raise Refusal("changed_meanwhile", unit)
            values = {column.name: made.steps[factor] for factor, column in _COLUMNS.items()}
            connection.execute(
                t.self_assessment.insert().values(unit=unit, made_ms=by.at_ms, made_by=by.who, notes=notes, **values)
            )

        self._write(write)


def _assessment(row: Row[Any]) -> SelfAssessment:
    steps = {factor: row._mapping[column.name] for factor, column in _COLUMNS.items()}
    return SelfAssessment(row.made_ms, row.made_by, steps, row.notes)
