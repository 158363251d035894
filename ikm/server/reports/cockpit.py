"""The cockpit: which units began, have enough answers, and where they stand among each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ikm.domain.organisation import Node
from ikm.domain.period import Period, PeriodKind
from ikm.domain.regulation import Element
from ikm.domain.rollup import Standing, UnitMean, standings, unit_mean
from ikm.domain.score import ElementScore
from ikm.server.reports.figures import Reading
from ikm.server.reports.measured import Measured, Memo, measured
from ikm.server.reports.pooling import Result
from ikm.server.reports.ports import Cell, Filter, Source, UnitMonth


class State(StrEnum):
    """How far a unit has come in a period, the least first."""

    NOTHING = "nothing"
    """Nobody answered."""
    NO_INDEX = "no_index"
    """Answers, but an element has none, or questionnaires differ."""
    TOO_FEW = "too_few"
    """An index of fewer answers than the target."""
    NO_TARGET = "no_target"
    """An index, but nobody said how many people use the unit."""
    ENOUGH = "enough"
    """An index of a sufficient sample."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One unit: `standing` is its place among the others, None without an interval."""

    unit: Node
    agency: Node
    measured: Measured
    standing: Standing | None = None

    @property
    def state(self) -> State:
        """How far it has come."""
        if not self.measured.result.responses:
            return State.NOTHING
        if self.measured.result.scored is None:
            return State.NO_INDEX
        adequate = self.measured.sample.adequate
        return State.NO_TARGET if adequate is None else State.ENOUGH if adequate else State.TOO_FEW

    def element(self, code: str) -> ElementScore | None:
        """What it earned in an element, None where it was not asked or not answered."""
        score = self.measured.result.score
        found = None if score is None else next((one for one in score.elements if one.element.code == code), None)
        return found if found is not None and found.mean is not None else None


@dataclass(frozen=True, slots=True)
class Cockpit:
    """The units of a scope in one period: the highest index first, those without one last, as organised.

    `mean` weighs every unit alike, `pooled` every answer; both have to be shown by name. `published` and `followed_up`
    say of which units an index was published and a plan made, None as long as nothing is known of either.
    """

    period: Period
    stands: tuple[Stand, ...]
    mean: UnitMean | None
    pooled: Measured
    elements: tuple[Element, ...] = ()
    published: frozenset[str] | None = None
    followed_up: frozenset[str] | None = None
    counts: Mapping[State, int] = field(default_factory=dict)

    @property
    def started(self) -> int:
        """How many units have answers."""
        return len(self.stands) - self.counts.get(State.NOTHING, 0)

    @property
    def silent(self) -> tuple[Stand, ...]:
        """The units that did not begin."""
        return tuple(stand for stand in self.stands if stand.state is State.NOTHING)


class Figures(Source, Protocol):
    """What the cockpit asks of the store."""

    def unit_months(self, period: Period, units: Sequence[str] | None = None, channel: str = "") -> Sequence[UnitMonth]:
        """The months of those units."""
        ...

    def populations_in(self, period: Period, units: Sequence[str]) -> Mapping[str, int]:
        """The users of those units, where known."""
        ...


def cockpit(source: Figures, units: Sequence[tuple[Node, Node]], period: Period, chosen: Filter, memo: Memo) -> Cockpit:
    """The cockpit of those units, each with its agency."""
    codes = [unit.code for unit, _ in units]
    if chosen.service or period.kind is PeriodKind.FREE:
        found, pooled = _of_cells(source, codes, period, chosen, memo)
    else:
        found, pooled = _of_months(source, codes, period, chosen, memo)
    nobody = measured(())
    # a unit that was closed is listed where it has answers
    listed = [(unit, agency) for unit, agency in units if not unit.retired or unit.code in found]
    stands = _ranked([Stand(unit, agency, found.get(unit.code, nobody)) for unit, agency in listed])
    states = [stand.state for stand in stands]
    scores = [stand.measured.result.score for stand in stands]
    known = {one.element.code: one.element for score in scores if score is not None for one in score.elements}
    return Cockpit(
        period=period,
        stands=stands,
        mean=unit_mean(score for score in scores if score is not None),
        pooled=pooled,
        elements=tuple(sorted(known.values(), key=lambda element: (element.annex_number or 99, element.code))),
        counts={state: states.count(state) for state in State},
    )


def by_months(source: Figures, memo: Memo) -> Reading:
    """The results of whole months, remembered: what a page of a regency needs of all its units."""

    def read(period: Period) -> tuple[Mapping[str, Result], Result]:
        parts: dict[str, list[UnitMonth]] = {}
        months = source.unit_months(period)
        for month in months:
            parts.setdefault(month.unit, []).append(month)
        found = {unit: memo.result_of(source, part) for unit, part in parts.items()}
        return found, memo.result_of(source, months)

    return read


def _of_months(
    source: Figures, codes: Sequence[str], period: Period, chosen: Filter, memo: Memo
) -> tuple[Mapping[str, Measured], Measured]:
    months = source.unit_months(period, codes, chosen.channel)
    # users are those of all channels together
    users = {} if chosen.channel else source.populations_in(period, codes)
    parts: dict[str, list[UnitMonth]] = {}
    for month in months:
        parts.setdefault(month.unit, []).append(month)
    found = {unit: memo.of_months(source, part, users.get(unit)) for unit, part in parts.items()}
    return found, memo.of_months(source, months)


def _of_cells(
    source: Figures, codes: Sequence[str], period: Period, chosen: Filter, memo: Memo
) -> tuple[Mapping[str, Measured], Measured]:
    wanted = set(codes)
    parts: dict[str, list[Cell]] = {}
    for cell in source.cells(period, chosen=chosen):
        if cell.unit in wanted:
            parts.setdefault(cell.unit, []).append(cell)

    found = {unit: memo.of_cells(source, cells) for unit, cells in parts.items()}
    return found, memo.of_cells(source, [cell for part in parts.values() for cell in part])


def _ranked(stands: Sequence[Stand]) -> tuple[Stand, ...]:
    sure = [stand for stand in stands if stand.measured.certainty is not None]
    places = standings([stand.measured.certainty.interval for stand in sure if stand.measured.certainty is not None])
    by_unit = {stand.unit.code: place for stand, place in zip(sure, places, strict=True)}
    placed = [Stand(one.unit, one.agency, one.measured, by_unit.get(one.unit.code)) for one in stands]
    return tuple(sorted(placed, key=_order))


def _order(stand: Stand) -> tuple[int, float]:
    scored = stand.measured.result.scored
    if scored is None or scored.index_exact is None:
        return (2 if stand.state is State.NOTHING else 1, 0.0)
    return (0, -float(scored.index_exact))
