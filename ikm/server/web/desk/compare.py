"""Units or periods beside each other."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Node
from ikm.domain.period import Period, PeriodKind, parse_period, period_of
from ikm.domain.rights import Act
from ikm.server.reports import desk_tables
from ikm.server.reports.exports import Document, shown
from ikm.server.reports.measured import Measured
from ikm.server.reports.periods import before, period_code
from ikm.server.reports.unit_view import compared
from ikm.server.web.desk.asked import Asked, PeriodName, ServiceName, asked, told, units_of
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.files import Kind, file_of
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

MOST = 12
"""So many columns of elements are still read; more are not compared at once."""

_LATE = (
    (PeriodKind.SEMESTER, "Semester", 6), (PeriodKind.QUARTER, "Triwulan", 8), (PeriodKind.MONTH, "Bulan", 13),
    (PeriodKind.YEAR, "Tahun", 5),
)  # fmt: skip

Units = Annotated[list[str] | None, QueryParameter(name="unit")]
With = Annotated[str, QueryParameter(name="dengan")]
Found = tuple[tuple[Node, Period, Measured], ...]


@get("/kelola/banding", sync_to_thread=True, opt=needs(Act.SEE))
def compare_page(
    officer: GivenOfficer, desk: GivenDesk, *, unit: Units = None, periode: PeriodName = None, dengan: With = "",
    layanan: ServiceName = "",
) -> Response[str]:  # fmt: skip
    """Several units in a period, or also in another."""
    question = asked(desk, officer, periode, service=layanan)
    found = _found(desk, officer, question, unit or [], dengan)
    indices, elements = desk_tables.comparison(found)
    return desk.page(
        "compare.html", officer, here="figures",
        asked=question, link=question.link, found=found, indices=indices, elements=elements, shown=shown,
        units=units_of(officer), picked=list(dict.fromkeys(unit or [])), other=dengan, most=MOST,
        periods=_offered(question, dengan),
        query=_query(question, unit or [], dengan),
    )  # fmt: skip


@get("/kelola/ekspor/banding/{kind:str}", sync_to_thread=True, opt=needs(Act.SEE))
def compare_file(
    kind: Kind, officer: GivenOfficer, desk: GivenDesk, *, unit: Units = None, periode: PeriodName = None,
    dengan: With = "", layanan: ServiceName = "",
) -> Response[bytes]:  # fmt: skip
    """The comparison as a file; that it is taken away is written down."""
    question = asked(desk, officer, periode, service=layanan)
    found = _found(desk, officer, question, unit or [], dengan)
    names = {"Unit": ", ".join(dict.fromkeys(node.name for node, _, _ in found))}
    lines = (*told(question, names), *((("Dibandingkan dengan", parse_period(dengan).label),) if dengan else ()))
    document = Document("Perbandingan IKM", lines, desk_tables.comparison(found))
    made = file_of(document, kind, f"perbandingan-{question.query['periode']}")
    facts = {**question.query, **({"dengan": dengan} if dengan else {}), "kind": kind}
    by, units = officer.doing(desk.now_ms()), [node.code for node, _, _ in found]
    desk.store.note_comparison(units, by, "figures.comparison", subject=question.period.label, facts=facts)
    return made


def _found(desk: Desk, officer: Officer, question: Asked, units: list[str], other: str) -> Found:
    nodes = officer.rights.tree.nodes
    codes = list(dict.fromkeys(units))
    for code in codes:
        officer.check(Act.SEE, code)
    periods = [question.period, *([parse_period(other)] if other else [])]
    if len(codes) * len(periods) > MOST:
        raise Refusal("too_many_compared", str(MOST))
    measured = compared(desk.store, codes, sorted(set(periods)), question.chosen, desk.memo)
    return tuple((nodes[code], period, each) for code, period, each in measured)


def _offered(question: Asked, other: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The periods to choose from by kind, newest first: those of late, and what the address asks for besides."""
    also = [question.period, *([parse_period(other)] if other else [])]
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for kind, label, count in _LATE:
        period: Period | None = period_of(question.today, kind)
        periods: list[Period] = []
        while period is not None and len(periods) < count:
            periods.append(period)
            period = before(period)
        periods += [one for one in dict.fromkeys(also) if one.kind is kind and one not in periods]
        found.append((label, [(period_code(one), one.label) for one in periods]))
    return found


def _query(question: Asked, units: list[str], other: str) -> list[tuple[str, str]]:
    extra = [("dengan", other)] if other else []
    return [*question.query.items(), *(("unit", code) for code in units), *extra]


ROUTES = (compare_page, compare_file)
