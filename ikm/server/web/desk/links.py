"""Following a one-time link: becoming the first superadmin, a person who was invited, or beginning anew."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.server.people import links, passwords, wording
from ikm.server.store.deeds import Doer
from ikm.server.store.invitations import FirstPlace, Invitation
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.entrance import AnyRequest, door, onward, shown_again, told, where
from ikm.server.web.desk.forms import CodeField, Form, FormFaults, FormMessage, GivenForm, Line
from ikm.server.web.desk.gate import GivenGate, anyone
from ikm.server.web.language import spoken

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}")
Password = Annotated[str, Meta(min_length=1, max_length=400)]


class _Anew(FormMessage, frozen=True):
    password: Password
    again: Password


class _Invited(_Anew, frozen=True):
    name: Line


class _First(_Invited, frozen=True):
    email: Line


class _FirstOfAll(_First, frozen=True):
    place_name: Line
    place_code: CodeField
    time_zone: Literal["WIB", "WITA", "WIT"]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody who follows a link says of themselves."""

    email: str
    name: str
    password: str
    place: FirstPlace | None


@get("/undangan/{token:str}", sync_to_thread=True, opt=anyone())
def link_page(request: AnyRequest, token: FromPath[str], desk: GivenDesk) -> Response[str]:
    """The page of a link. Raises Refusal (`link_invalid`, `link_unfounded`)."""
    return _page(request, desk, desk.store.invitation(token, desk.now_ms()))


@post("/undangan/{token:str}", sync_to_thread=True, opt=anyone(), status_code=200)
def follow_link(
    request: AnyRequest, token: FromPath[str], desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """On to the second factor once the link was followed, or the page again. Raises Refusal (as the page)."""
    # the link's own secret is in the address, so no other site can send this form
    link = desk.store.invitation(token, desk.now_ms())
    seat = where(request)
    try:
        given = _read(desk, link, form)
        by = Doer(link.email or given.email, desk.now_ms(), None, seat.address, form.once)
        person = links.accept(
            desk.store, token, link, given.password, by, name=given.name, email=given.email, place=given.place
        )
    except FormFaults as faults:
        return _page(request, desk, link, status=422, faults=faults.faults, values=shown_again(form))
    except Refusal as refusal:
        return _page(request, desk, link, values=shown_again(form), **told(refusal, _TAKEN))
    _keep_language(request, desk, link, person, by)
    before = request.cookies.get(gate.cookie, "")
    if before:
        desk.store.end_sessions(token=before)
    fresh = desk.store.begin_session(person, "password", desk.now_ms(), address=seat.address, agent=seat.agent)
    return onward(gate, "/masuk/kode", fresh)


def _keep_language(request: AnyRequest, desk: Desk, link: Invitation, person: str, by: Doer) -> None:
    # whoever chose a language before they were anybody wants it inside too
    language = spoken(request)
    if link.person is None and language not in ("", OFFICIAL_LOCALE):
        digest = desk.store.person(person).digest
        desk.store.change_preferences(person, language, digest, replace(by, once=None))


_TAKEN = {"code_taken": "Sudah ada pengguna dengan surel ini."}


def read_email(text: str) -> str:
    """An e-mail address in lower case. Raises FormFaults (`email`)."""
    found = text.lower()
    if len(found) > 200 or not _EMAIL.fullmatch(found) or ".." in found or found.startswith(".") or ".@" in found:
        raise FormFaults({"email": "Tulis surel seperti nama@contoh.go.id."})
    return found


def read_name(text: str) -> str:
    """A person's name as it may stand in the log. Raises FormFaults (`name`)."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name.isprintable() or any(sign in "<>@" for sign in name):
        raise FormFaults({"name": "Tulis nama tanpa tanda <, >, @ atau tanda yang tidak terlihat."})
    return name


def check_password(password: str, again: str, email: str, name: str) -> None:
    """Nothing, for a good new password typed twice. Raises FormFaults."""
    fault = passwords.fault(password, email, name)
    if fault:
        raise FormFaults({"password": fault})
    if password != again:
        raise FormFaults({"again": "Kedua kata sandi tidak sama."})


def _read(desk: Desk, link: Invitation, form: Form) -> Newcomer:
    email, name, place = link.email, link.name, None
    if link.kind == "setup":
        first = form.read(_First if _has_regency(desk) else _FirstOfAll)
        email, name = read_email(first.email), read_name(first.name)
        if isinstance(first, _FirstOfAll):
            place = FirstPlace(first.place_code, read_name(first.place_name), TimeZone[first.time_zone])
        given: _Anew = first
    elif link.kind == "invite":
        invited = form.read(_Invited)
        given, name = invited, read_name(invited.name)
    else:
        given = form.read(_Anew)
    check_password(given.password, given.again, email, name)
    return Newcomer(email, name, given.password, place)


def _page(request: AnyRequest, desk: Desk, link: Invitation, **shown: Any) -> Response[str]:
    places = {node.code: node.name for node in desk.store.organisation()} if link.node else {}
    role = wording.ROLES[link.role] if link.role else ""
    place = places.get(link.node or "", "")
    return door(request, desk, "link.html", link=link, role=role, place=place, has_regency=_has_regency(desk), **shown)


def _has_regency(desk: Desk) -> bool:
    return any(node.level is Level.REGENCY for node in desk.store.organisation())


ROUTES = (link_page, follow_link)
