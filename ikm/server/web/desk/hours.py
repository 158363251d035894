"""When a unit is open, and on which days a place and all below it are not."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.configuration import Opening
from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.opening import WEEKDAYS, read_days_off, read_hours, written_hours
from ikm.domain.organisation import Level
from ikm.domain.period import MONTHS
from ikm.domain.rights import Act
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import News, Where, place_page, take, this_year, where
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Line, OptionalLine, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

Year = Annotated[str, QueryParameter(name="tahun")]
Days = Annotated[str, Meta(max_length=100_000)]


class Hours(FormMessage, frozen=True, kw_only=True):
    """The hours of a week, a day a field."""

    revision: Revision
    day_1: OptionalLine = ""
    day_2: OptionalLine = ""
    day_3: OptionalLine = ""
    day_4: OptionalLine = ""
    day_5: OptionalLine = ""
    day_6: OptionalLine = ""
    day_7: OptionalLine = ""


class Pasted(FormMessage, frozen=True, kw_only=True):
    """Days off in lines."""

    days: Days


class Opened(FormMessage, frozen=True, kw_only=True):
    """A day off that is none, as it was seen."""

    day: date
    name: Line


@get("/kelola/tempat/{unit:str}/jam", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def hours(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], kabar: News = "") -> Response[str]:
    """A unit's week."""
    return _hours(desk, officer, unit, kabar=kabar)


def _hours(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    facts = desk.store.unit_facts(unit)
    written = {f"day_{weekday}": written_hours(facts.opening, weekday) for weekday in WEEKDAYS}
    return place_page(
        desk, "hours.html", officer, at, tab="hours", facts=facts, written=written, weekdays=WEEKDAYS,
        may=officer.may(Act.ARRANGE, unit), **shown,
    )  # fmt: skip


@post("/kelola/tempat/{unit:str}/jam", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def open_at(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Replace a unit's week."""

    def work() -> Redirect:
        said = form.read(Hours)
        opening = _week({weekday: getattr(said, f"day_{weekday}") for weekday in WEEKDAYS})
        desk.store.change_unit(unit, said.revision, officer.doing(desk.now_ms(), once=form.once), opening=opening)
        return done(f"/kelola/tempat/{unit}/jam", "tersimpan")

    return take(form, work, lambda **shown: _hours(desk, officer, unit, **shown))


def _week(texts: Mapping[int, str]) -> tuple[Opening, ...]:
    found: list[Opening] = []
    faults: dict[str, str] = {}
    for weekday, text in texts.items():
        try:
            found += read_hours(weekday, text)
        except ValueError as error:
            faults[f"day_{weekday}"] = Filled("%(day)s: %(told)s", day=Filled(WEEKDAYS[weekday]), told=error.args[0])
    if faults:
        raise FormFaults(faults)
    return tuple(found)


@get("/kelola/tempat/{node:str}/libur", sync_to_thread=True, opt=needs(Act.SEE, "node"))
def days_off(
    officer: GivenOfficer, desk: GivenDesk, node: FromPath[str], kabar: News = "", tahun: Year = ""
) -> Response[str]:
    """A year's days off, month by month."""
    return _days_off(desk, officer, node, kabar=kabar, tahun=tahun)


def _days_off(desk: Desk, officer: Officer, node: str, *, tahun: str = "", **shown: Any) -> Response[str]:
    at = where(desk.store, node)
    if at.place.node.level is Level.COUNTER:
        raise Refusal("not_found", node)
    now = this_year(desk).start.year
    year = int(tahun) if tahun.isascii() and tahun.isdecimal() and len(tahun) == 4 and int(tahun) else now
    own = dict(desk.store.own_holidays(node))
    every = [(day, name) for day, name in desk.store.holidays(node) if day.year == year]
    months = [(Filled(MONTHS[number - 1]), list(days)) for number, days in groupby(every, key=lambda one: one[0].month)]
    return place_page(
        desk, "days_off.html", officer, at, tab="days_off", year=year, now=now, months=months, own=own,
        weekdays=WEEKDAYS, owners=_owners(desk, at), may=officer.may(Act.ARRANGE, node), **shown,
    )  # fmt: skip


def _owners(desk: Desk, at: Where) -> Mapping[date, str]:
    """The place each day off comes from, by date; the highest where several have it."""
    found: dict[date, str] = {}
    for place in (at.place, *reversed(at.above)):
        found |= dict.fromkeys(dict(desk.store.own_holidays(place.node.code)), place.node.name)
    return found


@post("/kelola/tempat/{node:str}/libur", sync_to_thread=True, opt=needs(Act.ARRANGE, "node"))
def close_on(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Add the days off that were pasted."""

    def work() -> Redirect:
        pasted = read_days_off(form.read(Pasted).days)
        if pasted.faults:
            raise FormFaults({"days": _told(list(pasted.faults.values()))})
        if not pasted.days:
            raise FormFaults({"days": "Tempel paling sedikit satu baris."})
        desk.store.add_holidays(node, pasted.days, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{node}/libur", "tersimpan", tahun=str(min(pasted.days).year))

    return take(form, work, lambda **shown: _days_off(desk, officer, node, **shown))


@post("/kelola/tempat/{node:str}/libur/hapus", sync_to_thread=True, opt=needs(Act.ARRANGE, "node"))
def open_on(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Take a day off back."""

    def work() -> Redirect:
        said = form.read(Opened)
        desk.store.delete_holiday(node, said.day, said.name, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{node}/libur", "libur-dihapus", tahun=str(said.day.year))

    return take(form, work, lambda **shown: _days_off(desk, officer, node, **shown))


def _told(faults: Sequence[str]) -> str:
    told = faults[0]
    for fault in faults[1:5]:
        told = Filled("%(one)s %(other)s", one=told, other=fault)
    return Filled("%(told)s Dan %(n)s baris lain.", told=told, n=len(faults) - 5) if len(faults) > 5 else told


ROUTES = (hours, open_at, days_off, close_on, open_on)
