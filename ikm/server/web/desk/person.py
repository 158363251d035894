"""One person, as those who appoint them see them: roles given and taken, let in or not, led back in."""

from collections.abc import Callable
from typing import Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act, Grant, Role
from ikm.server.people import links
from ikm.server.store.people import Person
from ikm.server.web.desk.appointing import (
    PlaceCode,
    changeable,
    found,
    granted,
    read_form,
    role_there,
    roles_offered,
    state_of,
)
from ikm.server.web.desk.deed_words import lines
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.entrance import News
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.places_offered import offered

_NEWS = {
    "peran": "Peran ditambahkan.",
    "dicabut": "Peran dicabut. Tautan dan token buatannya yang memerlukan peran itu tidak berlaku lagi.",
    "nonaktif": "Orang ini tidak dapat masuk lagi. Sesinya, serta tautan dan token yang dibuatnya, diakhiri.",
    "aktif": "Orang ini dapat masuk lagi dengan kata sandinya yang lama.",
    "berubah": "Data ini sudah diubah orang lain sejak Anda membukanya. Di bawah ini keadaannya sekarang.",
    "superadmin": "Ini superadmin terakhir yang dapat masuk, jadi tidak dapat dicabut atau dinonaktifkan.",
    "peran-terakhir": "Ini peran terakhirnya. Nonaktifkan orangnya bila ia tidak lagi bertugas.",
}
_REFUSED = {"changed_meanwhile": "berubah", "last_superadmin": "superadmin", "last_role": "peran-terakhir"}
_WARNINGS = frozenset(_REFUSED.values())
_RECENT = 10


class _Role(FormMessage, frozen=True):
    role: Role
    node: PlaceCode
    revision: Revision


class _Changed(FormMessage, frozen=True):
    revision: Revision


class _Reset(FormMessage, frozen=True):
    factor: Literal["reset", "anew"]


@get("/kelola/pengguna/{person:str}", sync_to_thread=True, opt=needs(Act.APPOINT))
def person_page(person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, kabar: News = "") -> Response[str]:
    """One person: roles, state, what was done about them. Raises Refusal (`not_found`)."""
    return _person(desk, officer, found(desk, officer, person), news=kabar)


@post("/kelola/pengguna/{person:str}", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True), status_code=200)
def give_role(
    person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm
) -> Response[str] | Redirect:
    """Give a role. Raises Refusal (`not_found`, `forbidden`, `own_account`)."""
    held = changeable(desk, officer, person)
    try:
        given = form.read(_Role)
        grant = granted(officer, given.role, given.node)
    except FormFaults as faults:
        return _person(desk, officer, held, status=422, faults=faults.faults, values=form.shown())
    return _tried(
        held, "peran",
        lambda: desk.store.give_role(held.id, grant, given.revision, officer.doing(desk.now_ms(), once=form.once)),
    )  # fmt: skip


@post("/kelola/pengguna/{person:str}/cabut", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True))
def take_role(person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Take a role. Raises Refusal (`not_found`, `forbidden`, `own_account`)."""
    held = changeable(desk, officer, person)
    given = read_form(form, _Role)
    grant = Grant(given.role, given.node)
    if not officer.rights.may_appoint(grant.role, grant.node):
        raise Refusal("forbidden", str(grant.role))
    return _tried(
        held, "dicabut",
        lambda: desk.store.take_role(held.id, grant, given.revision, officer.doing(desk.now_ms(), once=form.once)),
    )  # fmt: skip


@post("/kelola/pengguna/{person:str}/nonaktif", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True))
def disable(person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Let a person in no more. Raises Refusal (`not_found`, `own_account`)."""
    held = changeable(desk, officer, person)
    given = read_form(form, _Changed)
    return _tried(
        held, "nonaktif",
        lambda: desk.store.disable_person(held.id, given.revision, officer.doing(desk.now_ms(), once=form.once)),
    )  # fmt: skip


@post("/kelola/pengguna/{person:str}/aktif", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True))
def enable(person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Let a person in again. Raises Refusal (`not_found`, `own_account`)."""
    held = changeable(desk, officer, person)
    given = read_form(form, _Changed)
    return _tried(
        held, "aktif",
        lambda: desk.store.enable_person(held.id, given.revision, officer.doing(desk.now_ms(), once=form.once)),
    )  # fmt: skip


@post(
    "/kelola/pengguna/{person:str}/tautan", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True), status_code=200
)  # fmt: skip
def reset_link(person: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[str]:
    """The link to begin anew with, shown this once. Raises Refusal (`not_found`, `own_account`, `done_already`)."""
    held = changeable(desk, officer, person)
    given = read_form(form, _Reset)
    by = officer.doing(desk.now_ms(), once=form.once)
    link = links.reset(desk.store, desk.settings.public_url, held, by, factor=given.factor == "anew")
    until = zone_of(desk.store, officer.rights.tree).written(by.at_ms + links.RESET_MS)
    return desk.page(
        "people_link.html", officer, here="people", link=link, name=held.name, email=held.email, until=until,
        kind=given.factor, role="",
    )  # fmt: skip


def _tried(person: Person, news: str, change: Callable[[], None]) -> Redirect:
    """Back to the person, with what became of the change."""
    try:
        change()
    except Refusal as refusal:
        if refusal.code not in _REFUSED:
            raise
        news = _REFUSED[refusal.code]
    return done(f"/kelola/pengguna/{person.id}", news)


def _person(desk: Desk, officer: Officer, person: Person, *, news: str = "", **shown: Any) -> Response[str]:
    zone = zone_of(desk.store, officer.rights.tree)
    scope = officer.rights.scope(Act.INSPECT)
    deeds = desk.store.deeds(nodes=scope, subject=person.email, limit=_RECENT)
    return desk.page(
        "person.html", officer, here="people", person=person, state=state_of(person), own=person.id == officer.person,
        grants=[(grant.role.value, grant.node, role_there(grant, officer.rights)) for grant in person.grants],
        made=zone.written(person.made_ms), seen=zone.written(person.seen_ms) if person.seen_ms is not None else "",
        roles=roles_offered(officer.rights), places=offered(officer.rights, Act.APPOINT),
        deeds=lines(desk, officer, deeds),
        notice="" if news in _WARNINGS else _NEWS.get(news, ""), warning=_NEWS[news] if news in _WARNINGS else "",
        **shown,
    )  # fmt: skip


ROUTES = (person_page, give_role, take_role, disable, enable, reset_link)
