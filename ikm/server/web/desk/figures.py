"""The cockpit: what an officer sees first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from litestar import Response, get
from litestar.response import Redirect

from ikm.domain.organisation import Level, Node
from ikm.domain.regulation import Element, GradeBand
from ikm.domain.rights import Act
from ikm.domain.score import Score
from ikm.server.reports import desk_tables, wording
from ikm.server.reports.cockpit import Cockpit, Stand, State, cockpit
from ikm.server.reports.exports import NOTHING, Document, Line
from ikm.server.web.desk.asked import (
    CHANNELS,
    AgencyName,
    Asked,
    ChannelName,
    PeriodName,
    ServiceName,
    StateName,
    asked,
    told,
    units_of,
)
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.files import Kind, file_of
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.pages import views

_FULL = 100


@dataclass(frozen=True, slots=True)
class Whisker:
    """An interval and its index on the scale from 25 to 100, as shares of it in per cent."""

    low: str
    width: str
    at: str


@dataclass(frozen=True, slots=True)
class Heat:
    """One cell of the heat map: its mean, the band it lies in, None where answers are too few for one."""

    mean: Fraction | None
    band: GradeBand | None


@get("/kelola", sync_to_thread=True, opt=needs(Act.SEE))
def cockpit_page(
    officer: GivenOfficer, desk: GivenDesk, *, periode: PeriodName = None, perangkat: AgencyName = "",
    layanan: ServiceName = "", kanal: ChannelName = "", sampel: StateName = "",
) -> Response[str] | Redirect:  # fmt: skip
    """The officer's places at a glance; whoever has one unit alone comes to its page."""
    home = _only_unit(officer)
    if home and periode is None and not (perangkat or layanan or kanal or sampel):
        return Redirect(f"/kelola/unit/{home}", status_code=302)
    question = asked(desk, officer, periode, service=layanan, channel=kanal, agency=perangkat, state=sampel)
    found = _found(desk, officer, question)
    services = desk.store.services_used([unit.code for unit, _ in units_of(officer)])
    return desk.page(
        "cockpit.html", officer, here="figures",
        asked=question, link=question.link, choice=views.choice(question.period, question.today), found=found,
        stands=_sifted(found, question).stands,
        states=desk_tables.STATES, agencies=_agencies(officer), services=services, channels=CHANNELS,
        whiskers={stand.unit.code: whisker(stand) for stand in found.stands},
        heat={stand.unit.code: _heat(stand, found.elements) for stand in found.stands},
        place=wording.place, enough=found.counts[State.ENOUGH], untold=found.counts[State.NO_TARGET],
        may_export=officer.rights.may_somewhere(Act.EXPORT),
    )  # fmt: skip


@get("/kelola/ekspor/ringkasan/{kind:str}", sync_to_thread=True, opt=needs(Act.SEE))
def cockpit_file(
    kind: Kind, officer: GivenOfficer, desk: GivenDesk, *, periode: PeriodName = None, perangkat: AgencyName = "",
    layanan: ServiceName = "", kanal: ChannelName = "", sampel: StateName = "",
) -> Response[bytes]:  # fmt: skip
    """The cockpit's tables as a file; that it is taken away is written down."""
    question = asked(desk, officer, periode, service=layanan, channel=kanal, agency=perangkat, state=sampel)
    found = _found(desk, officer, question)
    names = {
        "Perangkat daerah": dict(_agencies(officer)).get(perangkat, "semua"),
        "Sampel": desk_tables.STATES[question.state] if question.state else "semua",
    }
    lines = (*told(question, names), *_roll_ups(found))
    sifted = _sifted(found, question)
    document = Document("Ringkasan IKM", lines, (desk_tables.ranking(sifted), desk_tables.heat(sifted)))
    made = file_of(document, kind, f"ringkasan-{question.query['periode']}")
    places = [perangkat] if officer.may(Act.SEE, perangkat) else officer.rights.roots(Act.SEE)
    by, facts = officer.doing(desk.now_ms()), {**question.query, "kind": kind}
    desk.store.note_figures(places, by, "figures.summary", subject=question.period.label, facts=facts)
    return made


def whisker(stand: Stand) -> Whisker | None:
    """Where a unit's interval lies on the scale; None without one."""
    scored, sure = stand.measured.result.scored, stand.measured.certainty
    if scored is None or scored.index is None or sure is None:
        return None
    low, high = (_share(end, scored) for end in sure.interval)
    return Whisker(f"{low:.2f}%", f"{max(high - low, 0.3):.2f}%", f"{_share(float(scored.index), scored):.2f}%")


def _share(index: float, score: Score) -> float:
    factor = score.regulation.index_factor
    return _FULL * min(max((index / factor - 1) / 3, 0), 1)


def _heat(stand: Stand, elements: Sequence[Element]) -> list[Heat]:
    found = [stand.element(element.code) for element in elements]
    return [
        Heat(None, None) if one is None
        else Heat(one.mean, one.band if one.answers >= wording.GRADES_FROM * len(one.questions) else None)
        for one in found
    ]  # fmt: skip


def _found(desk: Desk, officer: Officer, question: Asked) -> Cockpit:
    return cockpit(desk.store, units_of(officer, question.agency), question.period, question.chosen, desk.memo)


def _sifted(found: Cockpit, question: Asked) -> Cockpit:
    """It with the units alone whose sample is as asked; places and means stay those of all."""
    if question.state is None:
        return found
    return replace(found, stands=tuple(stand for stand in found.stands if stand.state is question.state))


def _only_unit(officer: Officer) -> str | None:
    roots = officer.rights.roots(Act.SEE)
    return roots[0] if len(roots) == 1 and officer.rights.tree.nodes[roots[0]].level is Level.UNIT else None


def _agencies(officer: Officer) -> list[tuple[str, str]]:
    found: dict[str, Node] = {agency.code: agency for _, agency in units_of(officer)}
    return [(agency.code, agency.name) for agency in found.values()]


def _roll_ups(found: Cockpit) -> tuple[Line, ...]:
    pooled = found.pooled.result.scored
    return (
        ("Rata-rata IKM unit", found.mean.index if found.mean else NOTHING),
        ("Gabungan seluruh responden", pooled.index if pooled is not None and pooled.index is not None else NOTHING),
        ("Responden", found.pooled.result.responses),
    )


ROUTES = (cockpit_page, cockpit_file)
