"""People and invitations, as those who appoint them see them: nobody gives or sees more than they have."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act, Grant, Rights, Role
from ikm.server.people import links
from ikm.server.store.people import Person
from ikm.server.web.desk.appointing import (
    PlaceCode,
    granted,
    manages,
    read_nothing,
    role_there,
    roles_offered,
    state_of,
)
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.entrance import News
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Line
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.links import read_email, read_name
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.places_offered import offered

_NEWS = {"tautan": "Tautan undangan itu ditarik."}
_PAGE = 50


class _Invite(FormMessage, frozen=True):
    email: Line
    name: Line
    role: Role
    node: PlaceCode


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in the list."""

    person: Person
    roles: tuple[str, ...]
    seen: str
    state: str


@get("/kelola/pengguna", sync_to_thread=True, opt=needs(Act.APPOINT))
def people_page(
    officer: GivenOfficer,
    desk: GivenDesk,
    kabar: News = "",
    search: Annotated[str, QueryParameter(name="cari")] = "",
    number: Annotated[int, QueryParameter(name="halaman", ge=1, le=10_000)] = 1,
) -> Response[str]:
    """Whom the officer may see and change, and the invitations that are open."""
    zone, nodes = zone_of(desk.store, officer.rights.tree), officer.rights.tree.nodes
    known = [person for person in desk.store.people() if manages(officer.rights, person)]
    found = [person for person in known if _matches(person, search, officer.rights)]
    shown = found[(number - 1) * _PAGE : number * _PAGE]
    lines = [
        Listed(
            person, tuple(role_there(grant, officer.rights) for grant in person.grants),
            zone.written(person.seen_ms) if person.seen_ms is not None else "", state_of(person),
        )
        for person in shown
    ]  # fmt: skip
    invited = [
        {
            "id": one.id, "name": one.name, "email": one.email, "by": one.made_by, "founded": one.founded,
            "role": role_there(Grant(one.role, one.node), officer.rights), "until": zone.written(one.expires_ms),
        }
        for one in desk.store.invitations(list(nodes), desk.now_ms())
        if one.role is not None and one.node is not None and officer.rights.may_appoint(one.role, one.node)
    ]  # fmt: skip
    return desk.page(
        "people.html", officer, here="people", people=lines, invited=invited, total=len(known), found=len(found),
        search=search, number=number, pages=-(-len(found) // _PAGE), notice=_NEWS.get(kabar, ""),
    )  # fmt: skip


@get("/kelola/pengguna/undang", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True))
def invite_page(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """The form of an invitation."""
    return _invite_again(desk, officer)


@post("/kelola/pengguna/undang", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True), status_code=200)
def invite(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[str]:
    """The link to be sent, shown this once. Raises Refusal (`forbidden`, `done_already`)."""
    try:
        given = form.read(_Invite)
        email, name = read_email(given.email), read_name(given.name)
        grant = granted(officer, given.role, given.node)
        by = officer.doing(desk.now_ms(), once=form.once)
        link = links.invite(desk.store, desk.settings.public_url, email, name, grant, by)
    except FormFaults as faults:
        return _invite_again(desk, officer, status=422, faults=faults.faults, values=form.shown())
    except Refusal as refusal:
        if refusal.code != "code_taken":
            raise
        taken = {"email": "Sudah ada pengguna dengan surel ini."}
        return _invite_again(desk, officer, status=409, faults=taken, values=form.shown())
    until = zone_of(desk.store, officer.rights.tree).written(by.at_ms + links.INVITE_MS)
    return desk.page(
        "people_link.html", officer, here="people", link=link, name=name, email=email, until=until, kind="invite",
        role=role_there(grant, officer.rights),
    )  # fmt: skip


@post("/kelola/pengguna/undangan/{invitation:str}/tarik", sync_to_thread=True, opt=needs(Act.APPOINT))
def revoke_invitation(invitation: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Withdraw an invitation the officer might have made. Raises Refusal (`not_found`)."""
    read_nothing(form)
    now_ms = desk.now_ms()
    for one in desk.store.invitations(officer.rights.scope(Act.APPOINT), now_ms):
        if one.id == invitation and one.role and one.node and officer.rights.may_appoint(one.role, one.node):
            desk.store.revoke_invitation(one, officer.doing(now_ms, once=form.once))
            return done("/kelola/pengguna", "tautan")
    raise Refusal("not_found", "invitation")


def _matches(person: Person, search: str, rights: Rights) -> bool:
    """Whether every word that was searched for stands in what the list shows of a person."""
    shown = " ".join([person.name, person.email, *(role_there(grant, rights) for grant in person.grants)]).casefold()
    return all(word in shown for word in search.casefold().split())


def _invite_again(desk: Desk, officer: Officer, **shown: Any) -> Response[str]:
    return desk.page(
        "people_invite.html", officer, here="people", roles=roles_offered(officer.rights),
        places=offered(officer.rights, Act.APPOINT), **shown,
    )  # fmt: skip


ROUTES = (people_page, invite_page, invite, revoke_invitation)
