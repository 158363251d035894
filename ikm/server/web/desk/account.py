"""One's own account: who one is, the password, the authenticator, recovery codes, sessions; and going out."""

import re
from typing import Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from ikm.domain.errors import Refusal
from ikm.server.people import passwords, wording
from ikm.server.people.signin import SignIn
from ikm.server.store.sessions import token_hash
from ikm.server.web.desk.appointing import read_nothing
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.entrance import AnyRequest, News, Typed, no_cookie, onward, told, where
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenGate, GivenOfficer, Officer, signed_in
from ikm.server.web.desk.links import Password, check_password
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.signin import offer

_NEWS = {
    "disimpan": "Pilihan Anda disimpan.",
    "sandi": "Kata sandi diganti. Sesi Anda di tempat lain diakhiri.",
    "autentikator": "Autentikator diganti. Yang lama tidak berlaku lagi.",
    "sesi": "Sesi itu diakhiri.",
    "lain": "Semua sesi lain diakhiri.",
}
_HASH = re.compile(r"[0-9a-f]{64}")


class _Preferences(FormMessage, frozen=True):
    language: Literal["id", "en"]
    digest: Literal["none", "daily", "weekly"]


class _NewPassword(FormMessage, frozen=True):
    password: Password
    again: Password


class _Code(FormMessage, frozen=True):
    code: Typed


@get("/akun", sync_to_thread=True, opt=signed_in())
def account_page(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, kabar: News = ""
) -> Response[str]:
    """Everything about one's own account."""
    return _account(desk, officer, request.cookies.get(gate.cookie, ""), notice=_NEWS.get(kabar, ""))


@post("/akun", sync_to_thread=True, opt=signed_in(), status_code=200)
def change_preferences(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """Keep language and digest."""
    try:
        given = form.read(_Preferences)
    except FormFaults as faults:
        token = request.cookies.get(gate.cookie, "")
        return _account(desk, officer, token, status=422, faults=faults.faults, values=form.shown())
    by = officer.doing(desk.now_ms(), once=form.once)
    desk.store.change_preferences(officer.person, given.language, given.digest, by)
    return done("/akun", "disimpan")


@get("/akun/kata-sandi", sync_to_thread=True, opt=signed_in(proof=True))
def password_page(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """The form for a new password."""
    return desk.page("account_password.html", officer)


@post("/akun/kata-sandi", sync_to_thread=True, opt=signed_in(proof=True), status_code=200)
def change_password(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """Change the password; every session but a fresh one of this browser ends."""
    try:
        given = form.read(_NewPassword)
        check_password(given.password, given.again, officer.email, officer.name)
    except FormFaults as faults:
        return desk.page("account_password.html", officer, status=422, faults=faults.faults)
    now_ms, seat = desk.now_ms(), where(request)
    desk.store.set_password(officer.person, passwords.kept(given.password), officer.doing(now_ms, once=form.once))
    desk.store.end_sessions(person=officer.person)
    fresh = desk.store.begin_session(officer.person, "in", now_ms, address=seat.address, agent=seat.agent)
    return onward(gate, "/akun?kabar=sandi", fresh)


@get("/akun/autentikator", sync_to_thread=True, opt=signed_in(proof=True))
def authenticator_page(request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate) -> Response[str]:
    """The picture of another authenticator."""
    return _offer(desk, officer, request.cookies.get(gate.cookie, ""))


@post("/akun/autentikator", sync_to_thread=True, opt=signed_in(proof=True), status_code=200)
def change_authenticator(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """Put another authenticator in the place of the one before, once it gives the right code."""
    token = request.cookies.get(gate.cookie, "")
    try:
        given = form.read(_Code)
        by = officer.doing(desk.now_ms(), once=form.once)
        SignIn(desk.store).confirm_other(token, officer.person, given.code, by)
    except FormFaults as faults:
        return _offer(desk, officer, token, status=422, faults=faults.faults)
    except Refusal as refusal:
        shown = told(refusal, {"sign_in_failed": "Kode ini salah. Tunggu kode berikutnya, lalu coba lagi."})
        return _offer(desk, officer, token, status=shown["status"], faults={"code": shown["fault"]})
    desk.store.end_sessions(person=officer.person, but=token)
    return done("/akun", "autentikator")


@get("/akun/kode-pemulihan", sync_to_thread=True, opt=signed_in(proof=True))
def recovery_page(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """How many recovery codes are left, and the way to others."""
    return desk.page("account_recovery.html", officer, left=desk.store.recovery_codes_left(officer.person), codes=())


@post("/akun/kode-pemulihan", sync_to_thread=True, opt=signed_in(proof=True), status_code=200)
def change_recovery_codes(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[str]:
    """Other recovery codes, shown this once."""
    read_nothing(form)
    by = officer.doing(desk.now_ms(), once=form.once)
    made = SignIn(desk.store).other_recovery_codes(officer.person, by)
    return desk.page("account_recovery.html", officer, left=len(made), codes=made, email=officer.email)


@post("/akun/sesi/lain/akhiri", sync_to_thread=True, opt=signed_in())
def end_other_sessions(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Redirect:
    """End all one's sessions but this one."""
    read_nothing(form)
    desk.store.end_sessions(person=officer.person, but=request.cookies.get(gate.cookie, ""))
    return done("/akun", "lain")


@post("/akun/sesi/{session:str}/akhiri", sync_to_thread=True, opt=signed_in())
def end_session(session: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """End one of one's sessions. Raises Refusal (`not_found`)."""
    read_nothing(form)
    if not _HASH.fullmatch(session):
        raise Refusal("not_found", "session")
    desk.store.end_session(officer.person, session)
    return done("/akun", "sesi")


@post("/keluar", sync_to_thread=True, opt=signed_in())
def leave(request: AnyRequest, desk: GivenDesk, gate: GivenGate) -> Redirect:
    """End this session; other browsers of whoever asks stay in."""
    desk.store.end_sessions(token=request.cookies.get(gate.cookie, ""))
    left = Redirect("/masuk", status_code=303, cookies=[no_cookie(gate)])
    # what was seen goes too, also from the way back
    left.headers["Clear-Site-Data"] = '"cache"'
    return left


def _account(desk: Desk, officer: Officer, token: str, **shown: Any) -> Response[str]:
    zone, own = zone_of(desk.store, officer.rights.tree), token_hash(token).hex()
    person = desk.store.person(officer.person)
    nodes = officer.rights.tree.nodes
    sessions = [
        {
            "id": one.id, "own": one.id == own, "browser": wording.browser(one.agent), "address": one.address,
            "began": zone.written(one.made_ms), "seen": zone.written(one.seen_ms),
        }
        for one in desk.store.sessions(officer.person, desk.now_ms())
    ]  # fmt: skip
    roles = [
        (
            wording.ROLES[grant.role],
            nodes[grant.node].name if grant.node in nodes else grant.node,
            wording.DUTIES[grant.role],
        )
        for grant in officer.rights.grants
    ]
    told_once: dict[str, Any] = {"notice": "", **shown}
    return desk.page(
        "account.html", officer, person=person, roles=roles, sessions=sessions,
        left=desk.store.recovery_codes_left(officer.person), languages=list(wording.LANGUAGES.items()),
        digests=list(wording.DIGESTS.items()), **told_once,
    )  # fmt: skip


def _offer(desk: Desk, officer: Officer, token: str, **shown: Any) -> Response[str]:
    secret = SignIn(desk.store).offered(token, officer.person)
    return desk.page("account_authenticator.html", officer, **offer(desk, secret, officer.email), **shown)


ROUTES = (
    account_page,
    change_preferences,
    password_page,
    change_password,
    authenticator_page,
    change_authenticator,
    recovery_page,
    change_recovery_codes,
    end_other_sessions,
    end_session,
    leave,
)
