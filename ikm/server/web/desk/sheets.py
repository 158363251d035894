"""Single responses of a unit: their moment and ratings, never what was written, and the way to declare one void."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.period import PeriodKind, TimeZone, parse_period, period_of
from ikm.domain.rights import Act
from ikm.server.store.voids import Sheet
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenOfficer, needs
from ikm.server.web.desk.names import service_names
from ikm.server.web.desk.paging import place_after, place_in
from ikm.server.web.pages import views

_PAGE = 100


class _Reason(FormMessage, frozen=True):
    reason: Annotated[str, Meta(min_length=10, max_length=500)]


@get("/kelola/unit/{unit:str}/lembar", sync_to_thread=True, opt=needs(Act.DECIDE, "unit"))
def sheets_page(
    officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str],
    period_name: Annotated[str | None, QueryParameter(name="period")] = None,
    after: Annotated[str, QueryParameter(name="sesudah")] = "",
) -> Response[str]:  # fmt: skip
    """The responses of a unit in a period, the last received first."""
    zone = desk.store.time_zone(unit)
    today = zone.local_date(desk.now_ms())
    period = parse_period(period_name) if period_name else period_of(today, PeriodKind.MONTH)
    found = desk.store.sheets(unit, period.start, period.end, before=place_in(after), limit=_PAGE + 1)
    shown = found[:_PAGE]
    last = shown[-1] if len(found) > _PAGE else None
    names = service_names(desk, unit)
    return desk.page(
        "sheets.html", officer, here="figures", unit=officer.rights.tree.nodes[unit],
        choice=views.choice(period, today), lines=[_line(one, zone, names) for one in shown],
        more=place_after(last.received_ms, last.id) if last else "", ends_on=period.end - timedelta(days=1),
    )  # fmt: skip


@get("/kelola/lembar/{sheet:uuid}", sync_to_thread=True, opt=needs(Act.DECIDE, "sheet", proof=True))
def sheet_page(officer: GivenOfficer, desk: GivenDesk, sheet: FromPath[UUID]) -> Response[str]:
    """One response, and what declaring it void means."""
    return desk.page("sheet.html", officer, here="figures", **_shown(desk, officer, sheet))


@post("/kelola/lembar/{sheet:uuid}/batal", sync_to_thread=True, opt=needs(Act.DECIDE, "sheet", proof=True))
def declare_void(
    officer: GivenOfficer, desk: GivenDesk, sheet: FromPath[UUID], form: GivenForm
) -> Response[str] | Redirect:
    """Count a response no more, with a reason that stays."""
    try:
        given = form.read(_Reason)
    except FormFaults as faults:
        return desk.again("sheet.html", officer, form, faults, here="figures", **_shown(desk, officer, sheet))
    desk.store.declare_void(str(sheet), officer.doing(desk.now_ms(), once=form.once, reason=given.reason))
    return done(f"/kelola/lembar/{sheet}")


def _shown(desk: Desk, officer: Any, sheet: UUID) -> dict[str, Any]:
    held = desk.store.sheet(str(sheet))
    line = _line(held, desk.store.time_zone(held.unit), service_names(desk, held.unit))
    return {**line, "unit": officer.rights.tree.nodes[held.unit]}


def _line(one: Sheet, zone: TimeZone, services: Mapping[str, str]) -> dict[str, Any]:
    return {
        "sheet": one, "given": zone.written(one.occurred_ms), "received": zone.written(one.received_ms),
        "service": services.get(one.service, one.service),
        "voided": zone.written(one.voided.at_ms) if one.voided else "",
    }  # fmt: skip


ROUTES = (sheets_page, sheet_page, declare_void)
