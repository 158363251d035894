"""The figures of one unit."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath

from ikm.domain.rights import Act
from ikm.server.reports import desk_tables, wording
from ikm.server.reports.exports import NOTHING, Document, Line, Table, shown
from ikm.server.reports.unit_view import ENOUGH_TO_SHOW, UnitView, unit_view
from ikm.server.web.desk.asked import (
    CHANNELS,
    ChannelName,
    PeriodName,
    ServiceName,
    VersionName,
    asked,
    told,
    unit_of,
)
from ikm.server.web.desk.desk import GivenDesk
from ikm.server.web.desk.drawing import bars, line, week
from ikm.server.web.desk.files import Kind, file_of
from ikm.server.web.desk.gate import GivenOfficer, needs
from ikm.server.web.desk.names import service_names
from ikm.server.web.pages import views


@dataclass(frozen=True, slots=True)
class Gauge:
    """How full a sample is: a share of its target as an SVG length."""

    width: str
    enough: bool


@get("/kelola/unit/{unit:str}", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def unit_page(
    unit: FromPath[str], officer: GivenOfficer, desk: GivenDesk, *, periode: PeriodName = None,
    layanan: ServiceName = "", kanal: ChannelName = "", versi: VersionName = "",
) -> Response[str]:  # fmt: skip
    """Everything about one unit in one period."""
    node = unit_of(officer, unit)
    question = asked(desk, officer, periode, service=layanan, channel=kanal, version=versi)
    view = unit_view(desk.store, unit, question.period, question.chosen, desk.memo)
    result = view.measured.result
    lines = views.rows(result.score) if result.score else ()
    used = desk.store.questionnaires_used(question.period, unit)
    services = list(service_names(desk, unit).items())
    return desk.page(
        "unit_figures.html", officer, here="figures",
        unit=node, agency=officer.rights.tree.nodes[str(node.parent)], asked=question, link=question.link,
        choice=views.choice(question.period, question.today), view=view, result=result,
        services=services, channels=CHANNELS, versions=[(code, code) for code in used],
        rows=lines, working=views.working(result.scored, lines) if result.scored else None,
        bands=views.scale(result.scored.regulation, result.scored.band) if result.scored else (),
        chances=views.chances(result, view.measured.certainty), gauge=_gauge(view),
        undated=desk.store.undated(question.period, unit), spreads=bars(view), trend=line(view), week=week(view),
        tables=_tables(view), groups=desk_tables.groups(view), shown=shown,
        few=ENOUGH_TO_SHOW, grades_from=wording.GRADES_FROM,
        may_export=officer.may(Act.EXPORT, unit), may_arrange=officer.may(Act.ARRANGE, unit),
    )  # fmt: skip


@get("/kelola/unit/{unit:str}/ekspor/{kind:str}", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def unit_file(
    unit: FromPath[str], kind: Kind, officer: GivenOfficer, desk: GivenDesk, *, periode: PeriodName = None,
    layanan: ServiceName = "", kanal: ChannelName = "", versi: VersionName = "",
) -> Response[bytes]:  # fmt: skip
    """The page's tables as a file; that it is taken away is written down."""
    node = unit_of(officer, unit)
    question = asked(desk, officer, periode, service=layanan, channel=kanal, version=versi)
    view = unit_view(desk.store, unit, question.period, question.chosen, desk.memo)
    lines = told(question, {"Unit": node.name}, service_names(desk, unit))
    document = Document(f"Angka {node.name}", (*lines, *_index(view)), _all(view))
    made = file_of(document, kind, f"{unit}-{question.query['periode']}")
    by, facts = officer.doing(desk.now_ms()), {**question.query, "kind": kind}
    desk.store.note_figures([unit], by, "figures.unit", subject=question.period.label, facts=facts)
    return made


def _gauge(view: UnitView) -> Gauge | None:
    sample = view.measured.sample
    if sample.target is None:
        return None
    return Gauge(f"{min(100, 100 * sample.answers / sample.target):.1f}%", bool(sample.adequate))


def _tables(view: UnitView) -> dict[str, Table]:
    return {
        "elements": desk_tables.elements(view),
        "trend": desk_tables.trend(view),
        "services": desk_tables.parts("Layanan", "Layanan", "Layanan", view.services),
        "versions": desk_tables.parts("Versi", "Versi kuesioner", "Versi kuesioner", view.versions),
        "hours": desk_tables.hours(view),
        "leaving": desk_tables.leaving(view),
        "reasons": desk_tables.reasons(view),
    }


def _all(view: UnitView) -> tuple[Table, ...]:
    found = (*_tables(view).values(), *desk_tables.groups(view))
    return tuple(table for table in found if table.rows)


def _index(view: UnitView) -> tuple[Line, ...]:
    scored, sure = view.measured.result.scored, view.measured.certainty
    interval = NOTHING if sure is None else " sampai ".join(wording.number(end, 2) for end in sure.interval)
    return (
        ("IKM", NOTHING if scored is None or scored.index is None else scored.index),
        ("Selang kepercayaan 95 %", interval),
        ("Responden", view.measured.result.responses),
    )


ROUTES = (unit_page, unit_file)
