"""Units' own assessments of the four factors: the form, what was said before, and who has not said anything."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.organisation import Level
from ikm.domain.regulation import Factor
from ikm.domain.rights import Act
from ikm.domain.selfassessment import ASKS, GRADES, NAMES
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import HERE, News, place_page, take, this_year, where
from ikm.server.web.desk.forms import FormMessage, GivenForm, Words
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of

Grade = Annotated[int, Meta(ge=1, le=4)]


class Assessed(FormMessage, frozen=True, kw_only=True):
    """A step for each factor; `after` is the assessment that was the newest."""

    purpose: Grade
    systems: Grade
    staff: Grade
    facilities: Grade
    notes: Words = ""
    after: Annotated[int, Meta(ge=0)]


@get("/kelola/tempat/{unit:str}/penilaian", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def assessing(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], kabar: News = "") -> Response[str]:
    """A unit's assessments and the form for another."""
    return _assessing(desk, officer, unit, kabar=kabar)


def _assessing(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    return place_page(
        desk, "assessments.html", officer, at, tab="assessments", made=desk.store.assessments(unit), names=NAMES,
        factors=list(Factor), asks=ASKS, grades=GRADES, zone=desk.store.time_zone(unit),
        may=officer.may(Act.ARRANGE, unit), **shown,
    )  # fmt: skip


@post("/kelola/tempat/{unit:str}/penilaian", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def assess(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Add an assessment of a unit."""

    def work() -> Redirect:
        said = form.read(Assessed)
        steps = {factor: getattr(said, factor.value) for factor in Factor}
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.assess(unit, steps, said.notes, said.after, by)
        return done(f"/kelola/tempat/{unit}/penilaian", "tersimpan")

    return take(form, work, lambda **shown: _assessing(desk, officer, unit, **shown))


@get("/kelola/penilaian", sync_to_thread=True, opt=needs(Act.SEE))
def unassessed(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """Every unit's newest assessment, those without one first."""
    nodes = officer.rights.tree.nodes
    units = [nodes[code] for code in officer.rights.scope(Act.SEE, Level.UNIT) if not nodes[code].retired]
    newest = desk.store.newest_assessments()
    since = this_year(desk).start
    rows = [(unit, newest.get(unit.code)) for unit in units]
    rows.sort(key=lambda row: row[1] is not None)
    agencies = {unit.code: nodes[str(unit.parent)].name for unit in units}
    return desk.page(
        "assessed.html", officer, here=HERE, rows=rows, agencies=agencies, names=NAMES, factors=list(Factor),
        zone=zone_of(desk.store, officer.rights.tree), since=since, without=sum(made is None for _, made in rows),
    )  # fmt: skip


ROUTES = (assessing, assess, unassessed)
