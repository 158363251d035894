"""The public routes: the regency, a unit, the static files. Handlers only fetch figures and choose a template."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter, SkipValidation

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import Period, PeriodKind, TimeZone, parse_period, period_of
from ikm.domain.regulation import Regulation
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.server.reports import wording
from ikm.server.reports.figures import Reading, regency_figures, short_forms, unit_figures
from ikm.server.reports.pooling import Result
from ikm.server.reports.ports import Source
from ikm.server.web.pages import views
from ikm.server.web.render import STATIC_PATH, error_page, page, static_digest, static_files

_ADVICE = {
    "not_found": "Unit atau halaman yang Anda cari tidak ada di server ini. Periksa kembali alamatnya.",
    "period_invalid": "Tulis periode seperti 2026, 2026-S1, 2026-Q4 atau 2026-11.",
}

NowMs = Callable[[], int]
"""The server's clock: milliseconds since 1970, UTC."""

GivenSource = NamedDependency[SkipValidation[Source]]
GivenNowMs = NamedDependency[SkipValidation[NowMs]]
GivenReading = NamedDependency[SkipValidation[Reading | None]]
PeriodName = Annotated[str | None, QueryParameter(name="period")]


@get("/", sync_to_thread=True, include_in_schema=False)
def regency_page(
    source: GivenSource, now_ms: GivenNowMs, read: GivenReading, period_name: PeriodName = None
) -> Response[str]:
    """The page of the regency: both roll-ups and every unit."""
    today = _zone_of_regency(source).local_date(now_ms())
    figures = regency_figures(source, _period(period_name, today), read)
    return page(
        "regency.html",
        figures=figures,
        regency=figures.regency,
        choice=views.choice(figures.period, today),
        rule=_rule(figures.pooled),
        bands=views.scale(_rule(figures.pooled)),
    )


@get("/unit/{code:str}", sync_to_thread=True, include_in_schema=False)
def unit_page(
    code: FromPath[str], source: GivenSource, now_ms: GivenNowMs, period_name: PeriodName = None
) -> Response[str]:
    """The page of one unit: its index, how it came about, its services."""
    today = source.time_zone(code).local_date(now_ms())
    figures = unit_figures(source, code, _period(period_name, today))
    rule = _rule(figures.result)
    lines = views.rows(figures.score) if figures.score else ()
    scored = figures.result.scored
    sure = figures.result.certainty
    return page(
        "unit.html",
        figures=figures,
        sure=sure,
        chances=views.chances(figures.result, sure),
        thinnest=views.thinnest(figures.result),
        form=views.form(short_forms(source, figures)),
        regency=figures.regency,
        choice=views.choice(figures.period, today),
        rows=lines,
        grades_from=wording.GRADES_FROM,
        extremes=views.extremes(lines),
        working=views.working(scored, lines) if scored else None,
        rule=rule,
        bands=views.scale(rule, scored.band if scored else None),
    )


@get(f"{STATIC_PATH}/{{digest:str}}/{{name:str}}", sync_to_thread=False, include_in_schema=False)
def static_file(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A static file of the pages, to be kept for a year: see `STATIC_PATH`."""
    if digest != static_digest() or name not in static_files():
        raise Refusal("not_found", name)
    content, media_type = static_files()[name]
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def router(source: Source, now_ms: NowMs, read: Reading | None = None) -> Router:
    """The public pages over that source; refusals inside them become pages, in the language of people.

    `read` knows the results of all units quicker than by counting them from the source.
    """
    return Router(
        "/",
        route_handlers=[regency_page, unit_page, static_file],
        dependencies={
            "source": Provide(lambda: source, sync_to_thread=False),
            "now_ms": Provide(lambda: now_ms, sync_to_thread=False),
            "read": Provide(lambda: read, sync_to_thread=False),
        },
        exception_handlers={Refusal: _refused},
    )


def _refused(_: Request[Any, Any, Any], refusal: Refusal) -> Response[str]:
    return error_page(refusal.problem, _ADVICE.get(refusal.code, ""))


def _period(name: str | None, today: date) -> Period:
    return period_of(today, PeriodKind.SEMESTER) if name is None else parse_period(name)


def _rule(result: Result) -> Regulation:
    return result.score.regulation if result.score else PERMENPANRB_14_2017


def _zone_of_regency(source: Source) -> TimeZone:
    # a regency lies in one zone, so any unit's will do; before there are units any zone will
    units = (node.code for node in source.organisation() if node.level is Level.UNIT)
    return next((source.time_zone(unit) for unit in units), TimeZone.WIB)
