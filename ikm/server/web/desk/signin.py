"""Coming in: the password, the second factor, and the password once more before what hurts."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect

from ikm.domain.errors import Refusal
from ikm.server.people import codes
from ikm.server.people.signin import SignIn
from ikm.server.store.sessions import Session
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.entrance import (
    AnyRequest,
    Back,
    Typed,
    check_own,
    cookie,
    door,
    onward,
    proof_door,
    shown_again,
    told,
    waiting,
    where,
)
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenGate, GivenOfficer, anyone, own_path, signed_in


class _Known(FormMessage, frozen=True):
    email: Typed
    password: Typed
    kembali: str = ""


class _Code(FormMessage, frozen=True):
    code: Typed
    kembali: str = ""


class _Proof(FormMessage, frozen=True):
    password: Typed
    kembali: str = ""


@get("/masuk", sync_to_thread=True, opt=anyone())
def sign_in_page(request: AnyRequest, desk: GivenDesk, kembali: Back = "") -> Response[str] | Redirect:
    """The page that asks who one is; whoever is in already goes on."""
    if request.scope["user"] is not None:
        return Redirect(own_path(kembali))
    return door(request, desk, "signin.html", back=own_path(kembali))


@post("/masuk", sync_to_thread=True, opt=anyone(), status_code=200)
def sign_in(request: AnyRequest, desk: GivenDesk, gate: GivenGate, form: GivenForm) -> Response[str] | Redirect:
    """On to the second factor, or the page again: the same for a wrong password as for nobody's."""
    back = own_path(form.texts.get("kembali", [""])[-1])
    try:
        given = form.read(_Known)
        before = request.cookies.get(gate.cookie, "")
        token = SignIn(desk.store).with_password(
            given.email, given.password, where(request), desk.now_ms(), before=before
        )
    except FormFaults as faults:
        return door(request, desk, "signin.html", status=422, back=back, faults=faults.faults, values=shown_again(form))
    except Refusal as refusal:
        return door(request, desk, "signin.html", back=back, values=shown_again(form), **told(refusal))
    return onward(gate, f"/masuk/kode?kembali={quote(back, safe='')}", token)


@get("/masuk/kode", sync_to_thread=True, opt=anyone())
def code_page(request: AnyRequest, desk: GivenDesk, gate: GivenGate, kembali: Back = "") -> Response[str] | Redirect:
    """The page that asks for the authenticator's code; whoever has none yet is led to set it up."""
    _, session = waiting(request, desk, gate)
    held = desk.store.credentials(person=session.person)
    if held is None or held.totp_secret is None:
        return Redirect(f"/masuk/autentikator?kembali={quote(own_path(kembali), safe='')}")
    return door(request, desk, "code.html", session=session, back=own_path(kembali))


@post("/masuk/kode", sync_to_thread=True, opt=anyone(), status_code=200)
def give_code(request: AnyRequest, desk: GivenDesk, gate: GivenGate, form: GivenForm) -> Response[str] | Redirect:
    """Into the desk, or the page again."""
    token, session = waiting(request, desk, gate)
    check_own(form, session)
    back = own_path(form.texts.get("kembali", [""])[-1])
    try:
        given = form.read(_Code)
        fresh = SignIn(desk.store).with_code(token, session, given.code, where(request), desk.now_ms())
    except FormFaults as faults:
        return _code_again(request, desk, session, back, status=422, faults=faults.faults)
    except Refusal as refusal:
        return _code_again(request, desk, session, back, **told(refusal, _WRONG_CODE))
    return onward(gate, back, fresh)


@get("/masuk/autentikator", sync_to_thread=True, opt=anyone())
def first_authenticator_page(
    request: AnyRequest, desk: GivenDesk, gate: GivenGate, kembali: Back = ""
) -> Response[str] | Redirect:
    """The picture to scan, for whoever has no authenticator yet."""
    token, session = waiting(request, desk, gate)
    held = desk.store.credentials(person=session.person)
    if held is not None and held.totp_secret is not None:
        return Redirect(f"/masuk/kode?kembali={quote(own_path(kembali), safe='')}")
    return _offer(request, desk, session, token, own_path(kembali))


@post("/masuk/autentikator", sync_to_thread=True, opt=anyone(), status_code=200)
def confirm_first_authenticator(
    request: AnyRequest, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """The recovery codes, shown this once, when the authenticator's code is right: its owner is in now."""
    token, session = waiting(request, desk, gate)
    check_own(form, session)
    back = own_path(form.texts.get("kembali", [""])[-1])
    try:
        given = form.read(_Code)
        fresh, made = SignIn(desk.store).confirm_first(token, session, given.code, where(request), desk.now_ms())
    except FormFaults as faults:
        return _offer(request, desk, session, token, back, status=422, faults=faults.faults)
    except Refusal as refusal:
        return _offer(request, desk, session, token, back, **told(refusal, _WRONG_CODE))
    shown = door(
        request, desk, "recovery.html", session=session, codes=made, back=back, email=session.email, switch=False
    )
    shown.cookies.append(cookie(gate, fresh))
    return shown


@get("/bukti", sync_to_thread=True, opt=signed_in())
def proof_page(officer: GivenOfficer, desk: GivenDesk, kembali: Back = "") -> Response[str]:
    """The page that asks an officer for the password once more."""
    return proof_door(desk, officer, back=own_path(kembali))


@post("/bukti", sync_to_thread=True, opt=signed_in(), status_code=200)
def prove(
    request: AnyRequest, officer: GivenOfficer, desk: GivenDesk, gate: GivenGate, form: GivenForm
) -> Response[str] | Redirect:
    """Back to what was to be done, or the page again."""
    back = own_path(form.texts.get("kembali", [""])[-1])
    token = request.cookies.get(gate.cookie, "")
    try:
        given = form.read(_Proof)
        SignIn(desk.store).prove(token, officer.person, given.password, where(request), desk.now_ms())
    except FormFaults as faults:
        return proof_door(desk, officer, status=422, faults=faults.faults, back=back)
    except Refusal as refusal:
        return proof_door(desk, officer, back=back, **told(refusal, _WRONG_PASSWORD))
    return Redirect(back, status_code=303)


_WRONG_CODE = {"sign_in_failed": "Kode ini salah atau sudah dipakai. Tunggu kode berikutnya, lalu coba lagi."}
_WRONG_PASSWORD = {"sign_in_failed": "Kata sandi ini tidak cocok."}


def _code_again(request: AnyRequest, desk: Desk, session: Session, back: str, **shown: Any) -> Response[str]:
    return door(request, desk, "code.html", session=session, back=back, **shown)


def _offer(request: AnyRequest, desk: Desk, session: Session, token: str, back: str, **shown: Any) -> Response[str]:
    secret = SignIn(desk.store).offered(token, session.person)
    return door(
        request, desk, "authenticator.html", session=session, back=back,
        **offer(desk, secret, session.email), **shown,
    )  # fmt: skip


def offer(desk: Desk, secret: str, email: str) -> dict[str, Any]:
    """What the page of an authenticator shows: the picture, the secret to type, and the account's name."""
    regency = next(iter(desk.store.organisation()), None)
    address = codes.address_of(secret, email, f"IKM {regency.name}" if regency else "IKM")
    return {"picture": codes.picture(address), "secret": codes.spaced(secret), "email": email}


ROUTES = (
    sign_in_page,
    sign_in,
    code_page,
    give_code,
    first_authenticator_page,
    confirm_first_authenticator,
    proof_page,
    prove,
)
