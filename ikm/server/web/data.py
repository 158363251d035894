"""Figures for programs that an office trusts: read only, with a token that reaches a place and all below it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node, Tree
from ikm.domain.period import Period, PeriodKind, TimeZone, parse_period, period_of
from ikm.server.reports.figures import unit_figures
from ikm.server.reports.measured import Measured, Memo
from ikm.server.web.api import (
    CanonicalResponse,
    ElementMessage,
    Given,
    PeriodCode,
    PeriodMessage,
    Services,
    UnitCode,
    UnitIndex,
    element_messages,
    index_message,
    problems,
)

MOST = 200
"""So many entries are given at once."""
_DAYS = 31
_TOKEN = ("token_invalid", "token_unfounded", "forbidden")
_SECURITY: list[dict[str, list[str]]] = [{"token": []}]

GivenMemo = NamedDependency[SkipValidation[Memo]]
After = Annotated[str, QueryParameter(name="after", description="Penanda dari `next` halaman sebelumnya.")]
Limit = Annotated[int, QueryParameter(name="limit", description=f"Banyaknya isian, 1 sampai {MOST}.", ge=1, le=MOST)]


class UnitMessage(wire.Message, frozen=True):
    """A unit and what it belongs to; `retired` where it was closed."""

    agency: str
    agency_name: str
    code: str
    name: str
    retired: bool
    services: dict[str, str]
    time_zone: str


class UnitList(wire.Message, frozen=True):
    """Some units, in the order of their codes; `next` asks for those after, null at the end."""

    next: str | None
    units: list[UnitMessage]


class IndexEntry(wire.Message, frozen=True):
    """A unit's index in a period; everything null where there is none. `target` is null where users are not known."""

    adequate: bool | None
    grade: str | None
    index: str | None
    index_exact: str | None
    interval: list[str] | None
    n: int
    target: int | None
    unit: str


class IndexList(wire.Message, frozen=True):
    """Indices of some units, in the order of their codes; `next` asks for those after, null at the end."""

    indices: list[IndexEntry]
    next: str | None
    period: PeriodMessage


class ElementList(wire.Message, frozen=True):
    """The elements of a unit in a period."""

    elements: list[ElementMessage]
    period: PeriodMessage
    unit: str


class DayTally(wire.Message, frozen=True):
    """What one day of one service, version and channel comes to: `ratings` by question, how often 1, 2, 3 and 4."""

    channel: str
    complete: int
    day: str
    questionnaire: str
    ratings: dict[str, list[int]]
    responses: int
    service: str


class DayTallies(wire.Message, frozen=True):
    """Some days with answers; `next` asks for those after, null at the end."""

    next: str | None
    tallies: list[DayTally]
    unit: str


class RemarkCount(wire.Message, frozen=True):
    """How many remarks have that status and category."""

    category: str
    n: int
    status: str


class RemarkCounts(wire.Message, frozen=True):
    """How many remarks a unit got in a period; never their words."""

    counts: list[RemarkCount]
    period: PeriodMessage
    unit: str


@get(
    "/api/v1/data/units",
    sync_to_thread=True,
    summary="Daftar unit",
    description="Unit yang terjangkau token.",
    responses=problems(*_TOKEN, "body_malformed"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def units(request: Request[Any, Any, Any], services: Given, after: After = "", limit: Limit = 100) -> UnitList:
    """The units a token reaches."""
    reach = _reach(request, services)
    chosen, following = _page(reach, after, limit)
    store, nodes = services.store, reach.tree.nodes
    return UnitList(
        next=following,
        units=[
            UnitMessage(
                agency=str(unit.parent),
                agency_name=nodes[str(unit.parent)].name,
                code=unit.code,
                name=unit.name,
                retired=unit.retired,
                services={one.code: one.name["id"] for one in store.services(unit.code, retired=True)},
                time_zone=store.time_zone(unit.code).name,
            )
            for unit in chosen
        ],
    )


@get(
    "/api/v1/data/indices",
    sync_to_thread=True,
    summary="Indeks unit-unit",
    description="Indeks semua unit yang terjangkau token pada satu periode.",
    responses=problems(*_TOKEN, "period_invalid", "body_malformed"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def indices(
    request: Request[Any, Any, Any], services: Given, memo: GivenMemo, *, period: PeriodCode = None, after: After = "",
    limit: Limit = 100,
) -> IndexList:  # fmt: skip
    """The indices of the units a token reaches."""
    reach = _reach(request, services)
    chosen, following = _page(reach, after, limit)
    asked = _period(services, period)
    codes = [unit.code for unit in chosen]
    months: dict[str, list[Any]] = {code: [] for code in codes}
    for month in services.store.unit_months(asked, codes) if codes else ():
        months[month.unit].append(month)
    users: Mapping[str, int] = services.store.populations_in(asked, codes) if codes else {}
    found = {code: memo.of_months(services.store, months[code], users.get(code)) for code in codes}
    return IndexList(
        indices=[_entry(code, measured) for code, measured in found.items()],
        next=following,
        period=_period_message(asked),
    )


@get(
    "/api/v1/data/units/{unit:str}/index",
    sync_to_thread=True,
    summary="Indeks satu unit",
    responses=problems(*_TOKEN, "not_found", "period_invalid"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def unit_index(
    unit: UnitCode, request: Request[Any, Any, Any], services: Given, period: PeriodCode = None
) -> UnitIndex:
    """A unit's figures."""
    _reach(request, services).check(unit)
    return index_message(unit_figures(services.store, unit, _period(services, period)))


@get(
    "/api/v1/data/units/{unit:str}/elements",
    sync_to_thread=True,
    summary="Unsur satu unit",
    responses=problems(*_TOKEN, "not_found", "period_invalid"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def unit_elements(
    unit: UnitCode, request: Request[Any, Any, Any], services: Given, memo: GivenMemo, period: PeriodCode = None
) -> ElementList:
    """The elements of a unit."""
    _reach(request, services).check(unit)
    asked = _period(services, period)
    score = memo.of_months(services.store, services.store.unit_months(asked, [unit])).result.score
    return ElementList(
        elements=element_messages(score.elements if score else ()), period=_period_message(asked), unit=unit
    )


@get(
    "/api/v1/data/units/{unit:str}/tallies",
    sync_to_thread=True,
    summary="Rekapitulasi harian satu unit",
    description=f"Rekapitulasi per hari, layanan, versi kuesioner dan kanal; {_DAYS} hari tiap halaman.",
    responses=problems(*_TOKEN, "not_found", "period_invalid"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def unit_tallies(
    unit: UnitCode, request: Request[Any, Any, Any], services: Given, period: PeriodCode = None, after: After = ""
) -> DayTallies:
    """A unit's tallies by the day."""
    _reach(request, services).check(unit)
    asked = _period(services, period)
    found = services.store.day_counts(unit, asked, _day(after), _DAYS + 1)
    days = sorted({one.day for one in found})
    shown = set(days[:_DAYS])
    return DayTallies(
        next=days[_DAYS - 1].isoformat() if len(days) > _DAYS else None,
        tallies=[
            DayTally(
                channel=one.channel,
                complete=one.tally.complete,
                day=one.day.isoformat(),
                questionnaire=one.questionnaire,
                ratings={question: list(counts) for question, counts in one.tally.counts.items()},
                responses=one.tally.responses,
                service=one.service,
            )
            for one in found
            if one.day in shown
        ],
        unit=unit,
    )


@get(
    "/api/v1/data/units/{unit:str}/remarks",
    sync_to_thread=True,
    summary="Banyaknya saran satu unit",
    responses=problems(*_TOKEN, "not_found", "period_invalid"),
    tags=["data bertoken"],
    security=_SECURITY,
)
def unit_remarks(
    unit: UnitCode, request: Request[Any, Any, Any], services: Given, period: PeriodCode = None
) -> RemarkCounts:
    """How many remarks a unit got."""
    _reach(request, services).check(unit)
    asked = _period(services, period)
    counts = services.store.remarks_by_state(unit, asked)
    return RemarkCounts(
        counts=[RemarkCount(category=category, n=n, status=status) for status, category, n in counts],
        period=_period_message(asked),
        unit=unit,
    )


class _Reach:
    """What a token reaches."""

    def __init__(self, tree: Tree, root: str) -> None:
        self.tree, self._root = tree, root

    @property
    def units(self) -> list[Node]:
        """Its units by code."""
        return sorted(self.tree.below(self._root, Level.UNIT), key=lambda unit: unit.code)

    def check(self, unit: str) -> None:
        """Nothing for a unit it reaches. Raises Refusal (`not_found`, `forbidden`)."""
        node = self.tree.nodes.get(unit)
        if node is None or node.level is not Level.UNIT:
            raise Refusal("not_found", unit)
        if self._root not in self.tree.path(unit):
            raise Refusal("forbidden", unit)


def _reach(request: Request[Any, Any, Any], services: Services) -> _Reach:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > 200:
        raise Refusal("token_invalid")
    root = services.store.token_scope(token.strip(), services.now_ms())
    return _Reach(Tree(services.store.organisation(retired=True)), root)


def _page(reach: _Reach, after: str, limit: int) -> tuple[Sequence[Node], str | None]:
    left = [unit for unit in reach.units if unit.code > after]
    return left[:limit], left[limit - 1].code if len(left) > limit else None


def _period(services: Services, code: str | None) -> Period:
    if code is not None:
        return parse_period(code)
    # a regency lies in one zone; which one matters only around midnight of a semester's first day
    return period_of(TimeZone.WIB.local_date(services.now_ms()), PeriodKind.SEMESTER)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("period_invalid", "after") from None


def _period_message(period: Period) -> PeriodMessage:
    return PeriodMessage(start=period.start.isoformat(), end=period.end.isoformat(), label=str(period.label))


def _entry(unit: str, measured: Measured) -> IndexEntry:
    scored, sure = measured.result.scored, measured.certainty
    exact = None if scored is None else scored.index_exact
    return IndexEntry(
        adequate=measured.sample.adequate,
        grade=None if scored is None or scored.band is None else scored.band.grade,
        index=None if scored is None else str(scored.index),
        index_exact=None if exact is None else f"{exact.numerator}/{exact.denominator}",
        interval=None if sure is None else [f"{end:.2f}" for end in sure.interval],
        n=measured.result.responses,
        target=measured.sample.target,
        unit=unit,
    )


MESSAGES = (UnitList, IndexList, ElementList, DayTallies, RemarkCounts)
"""What these addresses answer with."""


def router(services: Services, memo: Memo) -> Router:
    """The addresses, over these services and what is remembered of figures."""
    return Router(
        "/",
        route_handlers=[units, indices, unit_index, unit_elements, unit_tallies, unit_remarks],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "memo": Provide(lambda: memo, sync_to_thread=False),
        },
        response_class=CanonicalResponse,
        # what a token reaches is nobody else's to keep
        response_headers={"Cache-Control": "no-store"},
    )
