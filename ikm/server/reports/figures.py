"""The figures of a unit and of the regency in a period: everything a page, a message or a report shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import Period, TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument, Questionnaire, words
from ikm.domain.rollup import UnitMean, unit_mean
from ikm.domain.score import Score
from ikm.server.reports.pooling import Result, pool
from ikm.server.reports.ports import Cell, Source


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service of a unit; services without answers have a result of nobody."""

    code: str
    name: str
    result: Result


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """One questionnaire version that was answered."""

    questionnaire: Questionnaire
    result: Result


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """One unit in one period. `last_received` is the date, in the unit's zone, of its newest answer of any period.

    `undated` of its responses are counted here by the earliest date they can have, since no clock vouches for it.
    """

    unit: Node
    agency: Node
    regency: Node
    time_zone: TimeZone
    period: Period
    result: Result
    services: tuple[ServiceFigures, ...]
    versions: tuple[VersionFigures, ...]
    last_received: date | None
    undated: int

    @property
    def score(self) -> Score | None:
        """The unit's score, None when there is none to give: see `Result`."""
        return self.result.score


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit among others."""

    unit: Node
    result: Result


@dataclass(frozen=True, slots=True)
class AgencyFigures:
    """An agency and its units, as organised."""

    agency: Node
    units: tuple[UnitLine, ...]


@dataclass(frozen=True, slots=True)
class RegencyFigures:
    """All units in one period, with both roll-ups.

    The rule fixes the index of a unit and none for a regency, so both usual ones are given and must be shown by name:
    `unit_mean` lets every unit with an index weigh the same, `pooled` every answer to the same element. Units
    without an index are not in the denominator of the first. `unit_mean` is None when no unit has an index or rules
    differ between units.
    """

    regency: Node | None
    period: Period
    agencies: tuple[AgencyFigures, ...]
    unit_mean: UnitMean | None
    pooled: Result

    @property
    def units(self) -> tuple[UnitLine, ...]:
        """Every unit, as organised."""
        return tuple(line for agency in self.agencies for line in agency.units)

    @property
    def scored(self) -> int:
        """How many units have an index."""
        return sum(line.result.scored is not None for line in self.units)

    @property
    def silent(self) -> int:
        """How many units have no answer at all."""
        return sum(line.result.responses == 0 for line in self.units)

    @property
    def incomplete(self) -> int:
        """How many units have answers but no index, since an element got none."""
        return len(self.units) - self.scored - self.silent - self.incomparable

    @property
    def incomparable(self) -> int:
        """How many units have answers that may not be added up."""
        return sum(line.result.incomparable for line in self.units)


def unit_figures(source: Source, unit: str, period: Period) -> UnitFigures:
    """The figures of one unit. Raises Refusal (`not_found`) when there is no such unit."""
    nodes = {node.code: node for node in source.organisation(retired=True)}
    node = nodes.get(unit)
    if node is None or node.level is not Level.UNIT:
        raise Refusal("not_found", unit)
    agency = nodes[str(node.parent)]
    cells = source.cells(period, unit)
    zone = source.time_zone(unit)
    received_ms = source.last_received_ms(unit)
    lookup = cache(source.questionnaire)
    return UnitFigures(
        unit=node,
        agency=agency,
        regency=nodes[str(agency.parent)],
        time_zone=zone,
        period=period,
        result=_result(cells, lookup),
        services=_by_service(cells, source.services(unit), source.services(unit, retired=True), lookup),
        versions=tuple(
            VersionFigures(lookup(code), _result(part, lookup))
            for code, part in _grouped(cells, lambda cell: cell.questionnaire).items()
        ),
        last_received=None if received_ms is None else zone.local_date(received_ms),
        undated=source.undated(period, unit),
    )


Reading = Callable[[Period], tuple[Mapping[str, Result], Result]]
"""What each unit that has answers comes to in a period, and all of them together."""


def regency_figures(source: Source, period: Period, read: Reading | None = None) -> RegencyFigures:
    """The figures of all units in one period, whatever their number in one reading of the tallies.

    `read` gives the results where somebody knows them already; without it they are computed here.
    """
    by_unit, pooled = (read or _reading(source))(period)
    # a unit that was closed since keeps its line in the periods it had answers in, and its agency with it
    every = source.organisation(retired=True)
    told = {node.code for node in every if not node.retired or node.code in by_unit}
    told |= {str(node.parent) for node in every if node.code in told and node.level is Level.UNIT}
    nodes = [node for node in every if node.code in told]
    nobody = pool(())
    agencies = tuple(
        AgencyFigures(
            agency,
            tuple(
                UnitLine(unit, by_unit.get(unit.code, nobody))
                for unit in nodes
                if unit.level is Level.UNIT and unit.parent == agency.code
            ),
        )
        for agency in nodes
        if agency.level is Level.AGENCY
    )
    return RegencyFigures(
        regency=next((node for node in nodes if node.level is Level.REGENCY), None),
        period=period,
        agencies=agencies,
        unit_mean=unit_mean(
            line.result.score for agency in agencies for line in agency.units if line.result.score is not None
        ),
        pooled=pooled,
    )


def _reading(source: Source) -> Reading:
    lookup = cache(source.questionnaire)

    def read(period: Period) -> tuple[Mapping[str, Result], Result]:
        cells = source.cells(period, counts_only=True)
        parts = _grouped(cells, lambda cell: cell.unit)
        return {unit: _result(part, lookup) for unit, part in parts.items()}, _result(cells, lookup)

    return read


def short_forms(source: Source, figures: UnitFigures) -> tuple[Instrument, ...]:
    """The forms a unit's respondents met where none met the whole one, in the order of `Instrument`; () elsewhere."""
    # it reads every response, and whoever answered everything has spared us that
    if not figures.result.responses or figures.result.complete:
        return ()
    found = source.instruments(figures.period, figures.unit.code)
    return () if Instrument.FULL in found else tuple(one for one in Instrument if one in found)


def _by_service(
    cells: Sequence[Cell], services: Sequence[Service], every: Sequence[Service], lookup: Callable[[str], Questionnaire]
) -> tuple[ServiceFigures, ...]:
    answered = _grouped(cells, lambda cell: cell.service)
    names = {service.code: words(service.name, OFFICIAL_LOCALE) for service in services}
    # a service no longer offered keeps its answers, and the page its line, or the lines would not add up
    known = {service.code: words(service.name, OFFICIAL_LOCALE) for service in every}
    names |= {code: known.get(code, code) for code in answered if code not in names}
    return tuple(ServiceFigures(code, name, _result(answered.get(code, ()), lookup)) for code, name in names.items())


def _result(cells: Iterable[Cell], lookup: Callable[[str], Questionnaire]) -> Result:
    return pool((lookup(cell.questionnaire), cell.tally) for cell in cells)


def _grouped(cells: Iterable[Cell], key: Callable[[Cell], str]) -> Mapping[str, Sequence[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return groups
