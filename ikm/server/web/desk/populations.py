"""How many people use a unit's services, and the sample that asks for."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.organisation import Level
from ikm.domain.period import Period, PeriodKind, parse_period
from ikm.domain.population import MOST_USERS, WHOLE, Users, uncovered
from ikm.domain.questionnaire import OFFICIAL_LOCALE, words
from ikm.domain.rights import Act
from ikm.domain.sampling import krejcie_morgan
from ikm.server.reports.wording import count
from ikm.server.store.population import Population
from ikm.server.web.desk.asked import PeriodName
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import News, place_page, take, this_year, where
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

Number = Annotated[int, Meta(ge=1, le=MOST_USERS)]
Service = Annotated[str, Meta(max_length=64)]


class Kind(StrEnum):
    """The length of a span."""

    MONTH = "month"
    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"
    FREE = "free"


class Said(FormMessage, frozen=True, kw_only=True):
    """Users of a service in a span; `held` is the number this one replaces."""

    service: Service = WHOLE
    kind: Kind
    year: Annotated[int, Meta(ge=2000, le=2100)] | None = None
    part: Annotated[int, Meta(ge=1, le=12)] | None = None
    first: date | None = None
    last: date | None = None
    users: Number
    held: Number | None = None


class TakenBack(FormMessage, frozen=True, kw_only=True):
    """A span as it was seen."""

    service: Service = WHOLE
    start: date
    end: date
    users: Number


_CODES = {Kind.MONTH: ("-{:02}", 12), Kind.QUARTER: ("-Q{}", 4), Kind.SEMESTER: ("-S{}", 2)}


def span(said: Said) -> Period:
    """The span a form names. Raises FormFaults."""
    if said.kind is Kind.FREE:
        if said.first is None or said.last is None:
            raise FormFaults({"first": "Isi tanggal pertama dan terakhir untuk masa bebas."})
        # 97: the end before the beginning
        if said.last < said.first:
            raise FormFaults({"last": "Tanggal terakhir tidak boleh sebelum tanggal pertama."})
        if said.first.year < 2000 or said.last.year > 2100:
            raise FormFaults({"first": "Tanggal harus di antara tahun 2000 dan 2100."})
        return Period(said.first, date.fromordinal(said.last.toordinal() + 1))
    if said.year is None:
        raise FormFaults({"year": "Isi tahunnya."})
    if said.kind is Kind.YEAR:
        return parse_period(str(said.year))
    pattern, most = _CODES[said.kind]
    if said.part is None or said.part > most:
        raise FormFaults({"part": Filled("Isi nomornya, 1 sampai %(most)s.", most=most)})
    return parse_period(f"{said.year}{pattern.format(said.part)}")


@get("/kelola/tempat/{unit:str}/pengguna", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def populations(
    officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], periode: PeriodName = None, kabar: News = ""
) -> Response[str]:
    """What is said of a unit's users, the samples that asks for, and what is missing of this year."""
    return _populations(desk, officer, unit, None if periode is None else parse_period(periode), kabar=kabar)


def _populations(
    desk: Desk, officer: Officer, unit: str, wish: Period | None = None, **shown: Any
) -> Response[str]:  # fmt: skip
    at = where(desk.store, unit, Level.UNIT)
    held = desk.store.populations(unit)
    names = {
        WHOLE: "Seluruh unit",
        **{one.service.code: words(one.service.name, OFFICIAL_LOCALE) for one in desk.store.offered(unit)},
    }
    year = this_year(desk, unit)
    total = desk.store.population(unit, year)
    gaps = uncovered(year, [one.users for one in held if one.service == WHOLE])
    return place_page(
        desk, "populations.html", officer, at, tab="populations", year=year, total=total, gaps=gaps,
        target=None if total is None else krejcie_morgan(total), names=names,
        held=[(one, krejcie_morgan(one.users.number)) for one in held], may=officer.may(Act.ARRANGE, unit),
        wish=_filled_in(wish or year), **shown,
    )  # fmt: skip


@post("/kelola/tempat/{unit:str}/pengguna", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def say(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Say how many users there were in a span."""

    def work() -> Redirect:
        said = form.read(Said)
        _check_service(desk, unit, said.service)
        period = span(said)
        one = Population(said.service, Users(period.start, period.end, said.users))
        if said.held is None:
            _check_new(desk, unit, one)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.set_population(unit, one, said.held, by)
        return done(f"/kelola/tempat/{unit}/pengguna", "tersimpan")

    return take(form, work, lambda **shown: _populations(desk, officer, unit, **shown))


@post("/kelola/tempat/{unit:str}/pengguna/hapus", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def take_back(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Take back what was said of a span."""

    def work() -> Redirect:
        said = form.read(TakenBack)
        one = Population(said.service, Users(said.start, said.end, said.users))
        desk.store.delete_population(unit, one, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{unit}/pengguna", "pengguna-dihapus")

    return take(form, work, lambda **shown: _populations(desk, officer, unit, **shown))


def _filled_in(period: Period) -> dict[str, object]:
    """A span as the form tells it."""
    if period.kind is PeriodKind.FREE:
        last = period.end - timedelta(days=1)
        return {"kind": Kind.FREE, "year": period.start.year, "part": "", "first": period.start, "last": last}
    kind = Kind[period.kind.name]
    part = "" if kind is Kind.YEAR else (period.start.month - 1) * _CODES[kind][1] // 12 + 1
    return {"kind": kind, "year": period.start.year, "part": part, "first": "", "last": ""}


def _check_service(desk: Desk, unit: str, code: str) -> None:
    # 96: a service of another unit, put into the form by hand
    if code != WHOLE and code not in {one.service.code for one in desk.store.offered(unit)}:
        raise Refusal("service_unknown", code)


def _check_new(desk: Desk, unit: str, one: Population) -> None:
    for held in desk.store.populations(unit):
        same = (held.service, held.users.start, held.users.end) == (one.service, one.users.start, one.users.end)
        if same and held.users.number != one.users.number:
            told = "Masa ini sudah diisi %(n)s pengguna; ubah di tabelnya."
            raise FormFaults({"users": Filled(told, n=count(held.users.number))})


ROUTES = (populations, say, take_back)
