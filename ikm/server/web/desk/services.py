"""The services of a unit, the standard each is promised by, and what the unit pledges."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, proposed_code
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Question, Text
from ikm.domain.rights import Act
from ikm.domain.standard import COMPLAINTS, COMPONENTS, SHORT, missing, promised, read_lines, written_lines
from ikm.server.web.desk.arranging import CodeOrNone
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import LANGUAGES, Moved, Named, News, place_page, take, where
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

# as many lines as a standard may have, in as many letters as each may have
Lines = Annotated[str, Meta(max_length=12_000)]


class Added(Named, frozen=True, kw_only=True):
    """A new service."""

    code: CodeOrNone = ""


class Renamed(Named, frozen=True, kw_only=True):
    """New names for a service."""

    revision: Revision


class Shifted(FormMessage, frozen=True, kw_only=True):
    """A service one step up or down."""

    revision: Revision
    up: bool


# a field for each component and language, since a form's message names what it may say
PROMISE = {
    f"{component.element}_{locale}": (component.element, locale)
    for component in COMPONENTS
    for locale in (OFFICIAL_LOCALE, *LANGUAGES)
}


class Promised(FormMessage, frozen=True, kw_only=True):
    """The six components of a standard, each in lines, a language a field."""

    revision: Revision
    REQ_id: Lines = ""
    REQ_en: Lines = ""
    REQ_jv: Lines = ""
    REQ_su: Lines = ""
    PROC_id: Lines = ""
    PROC_en: Lines = ""
    PROC_jv: Lines = ""
    PROC_su: Lines = ""
    TIME_id: Lines = ""
    TIME_en: Lines = ""
    TIME_jv: Lines = ""
    TIME_su: Lines = ""
    COST_id: Lines = ""
    COST_en: Lines = ""
    COST_jv: Lines = ""
    COST_su: Lines = ""
    PROD_id: Lines = ""
    PROD_en: Lines = ""
    PROD_jv: Lines = ""
    PROD_su: Lines = ""
    CMPL_id: Lines = ""
    CMPL_en: Lines = ""
    CMPL_jv: Lines = ""
    CMPL_su: Lines = ""


class Pledged(FormMessage, frozen=True, kw_only=True):
    """The pledge and the ways to complain, in lines."""

    revision: Revision
    pledge_id: Lines = ""
    pledge_en: Lines = ""
    pledge_jv: Lines = ""
    pledge_su: Lines = ""
    complaints_id: Lines = ""
    complaints_en: Lines = ""
    complaints_jv: Lines = ""
    complaints_su: Lines = ""


@get("/kelola/tempat/{unit:str}/layanan", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def services(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], kabar: News = "") -> Response[str]:
    """The services of a unit, and the form for one more."""
    return _services(desk, officer, unit, kabar=kabar)


def _services(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    facts = desk.store.unit_facts(unit)
    offered = desk.store.offered(unit)
    lacking = {one.service.code: missing(one.service, facts.complaints) for one in offered}
    return place_page(
        desk, "services.html", officer, at, tab="services", offered=offered, lacking=lacking,
        may=officer.may(Act.ARRANGE, unit), **shown,
    )  # fmt: skip


@post("/kelola/tempat/{unit:str}/layanan", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def add(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Add a service to a unit."""

    def work() -> Redirect:
        said = form.read(Added)
        taken = {one.service.code for one in desk.store.offered(unit)}
        code = said.code or proposed_code(said.name, taken)
        service = Service(code, {OFFICIAL_LOCALE: said.name, **said.others})
        desk.store.add_service(unit, service, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{unit}/layanan/{code}", "layanan-ditambah")

    return take(form, work, lambda **shown: _services(desk, officer, unit, **shown))


@get("/kelola/tempat/{unit:str}/layanan/{service:str}", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def service(
    officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], service: FromPath[str], kabar: News = ""
) -> Response[str]:
    """A service: its standard, and how a kiosk shows it."""
    return _service(desk, officer, unit, service, kabar=kabar)


def _service(desk: Desk, officer: Officer, unit: str, code: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    offered = desk.store.offered_service(unit, code)
    facts = desk.store.unit_facts(unit)
    own = offered.service.standard
    written = {name: written_lines(own.get(element, ()), locale) for name, (element, locale) in PROMISE.items()}
    said = promised(offered.service, facts.complaints)
    return place_page(
        desk, "service.html", officer, at, tab="services", offered=offered, components=COMPONENTS, written=written,
        promised=said, missing=missing(offered.service, facts.complaints), asked=_asked(desk, unit, said),
        borrowed=COMPLAINTS not in own and bool(facts.complaints), short=SHORT, official=OFFICIAL_LOCALE,
        may=officer.may(Act.ARRANGE, unit), deletable=desk.store.service_deletable(unit, code), **shown,
    )  # fmt: skip


def _asked(desk: Desk, unit: str, said: Mapping[str, tuple[Text, ...]]) -> Question | None:
    """A question that a kiosk of the unit asks and beside which something is promised; None where there is none."""
    for counter in desk.store.places_below(unit):
        try:
            questions = desk.store.configuration(counter.node.code).to_domain().questionnaire.questions
        except Refusal:
            # a counter whose kiosk was never set up
            continue
        found = [question for question in questions if question.element in said]
        return next((question for question in found if question.element == "TIME"), found[0] if found else None)
    return None


@post("/kelola/tempat/{unit:str}/layanan/{service:str}", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def promise(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Replace the standard of a service."""

    def work() -> Redirect:
        said = form.read(Promised)
        standard = {component.element: _lines(said, component.element, short=True) for component in COMPONENTS}
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.promise(unit, service, standard, said.revision, by)
        return done(f"/kelola/tempat/{unit}/layanan/{service}", "tersimpan")

    return take(form, work, lambda **shown: _service(desk, officer, unit, service, **shown))


@get("/kelola/tempat/{unit:str}/layanan/{service:str}/nama", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def naming(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], service: FromPath[str]) -> Response[str]:
    """The form for a service's names."""
    return _naming(desk, officer, unit, service)


def _naming(desk: Desk, officer: Officer, unit: str, code: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    offered = desk.store.offered_service(unit, code)
    return place_page(desk, "service_name.html", officer, at, tab="services", offered=offered, **shown)


@post("/kelola/tempat/{unit:str}/layanan/{service:str}/nama", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def rename(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Name a service anew."""

    def work() -> Redirect:
        said = form.read(Renamed)
        name: Text = {OFFICIAL_LOCALE: said.name, **said.others}
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.rename_service(unit, service, name, said.revision, by)
        return done(f"/kelola/tempat/{unit}/layanan/{service}", "tersimpan")

    return take(form, work, lambda **shown: _naming(desk, officer, unit, service, **shown))


@post("/kelola/tempat/{unit:str}/layanan/{service:str}/urutan", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def shift(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Put a service one step up or down."""

    def work() -> Redirect:
        said = form.read(Shifted)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.shift_service(unit, service, -1 if said.up else 1, said.revision, by)
        return done(f"/kelola/tempat/{unit}/layanan", "diurutkan")

    return take(form, work, lambda **shown: _services(desk, officer, unit, **shown))


@post("/kelola/tempat/{unit:str}/layanan/{service:str}/tutup", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def retire(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Offer a service no longer."""

    def work() -> Redirect:
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.retire_service(unit, service, form.read(Moved).revision, by)
        return done(f"/kelola/tempat/{unit}/layanan", "layanan-ditutup")

    return take(form, work, lambda **shown: _service(desk, officer, unit, service, **shown))


@post("/kelola/tempat/{unit:str}/layanan/{service:str}/buka", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def restore(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Offer a retired service again."""

    def work() -> Redirect:
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.restore_service(unit, service, form.read(Moved).revision, by)
        return done(f"/kelola/tempat/{unit}/layanan/{service}", "layanan-dibuka")

    return take(form, work, lambda **shown: _service(desk, officer, unit, service, **shown))


@post("/kelola/tempat/{unit:str}/layanan/{service:str}/hapus", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def delete(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str], service: FromPath[str]
) -> Response[Any]:
    """Forget a service on which nothing ever hung."""

    def work() -> Redirect:
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.delete_service(unit, service, form.read(Moved).revision, by)
        return done(f"/kelola/tempat/{unit}/layanan", "layanan-dihapus")

    return take(form, work, lambda **shown: _service(desk, officer, unit, service, **shown))


@get("/kelola/tempat/{unit:str}/maklumat", sync_to_thread=True, opt=needs(Act.SEE, "unit"))
def pledging(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str], kabar: News = "") -> Response[str]:
    """A unit's pledge and how it takes complaints."""
    return _pledging(desk, officer, unit, kabar=kabar)


def _pledging(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    facts = desk.store.unit_facts(unit)
    written = {
        f"{name}_{locale}": written_lines(getattr(facts, name), locale)
        for name in ("pledge", "complaints")
        for locale in (OFFICIAL_LOCALE, *LANGUAGES)
    }
    return place_page(
        desk, "pledge.html", officer, at, tab="pledge", facts=facts, written=written, official=OFFICIAL_LOCALE,
        short=SHORT, may=officer.may(Act.ARRANGE, unit), **shown,
    )  # fmt: skip


@post("/kelola/tempat/{unit:str}/maklumat", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def pledge(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Replace a unit's pledge and how it takes complaints."""

    def work() -> Redirect:
        said = form.read(Pledged)
        desk.store.change_unit(
            unit, said.revision, officer.doing(desk.now_ms(), once=form.once), pledge=_lines(said, "pledge"),
            complaints=_lines(said, "complaints", short=True),
        )  # fmt: skip
        return done(f"/kelola/tempat/{unit}/maklumat", "tersimpan")

    return take(form, work, lambda **shown: _pledging(desk, officer, unit, **shown))


def _lines(said: FormMessage, name: str, *, short: bool = False) -> tuple[Text, ...]:
    texts = {locale: getattr(said, f"{name}_{locale}") for locale in (OFFICIAL_LOCALE, *LANGUAGES)}
    try:
        return read_lines(texts, short=short)
    except ValueError as error:
        raise FormFaults({f"{name}_{OFFICIAL_LOCALE}": error.args[0]}) from None


ROUTES = (
    services, add, service, promise, naming, rename, shift, retire, restore, delete, pledging, pledge,
)  # fmt: skip
