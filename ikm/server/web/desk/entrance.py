"""What the pages before the desk share: the look of a page for people who have not come in, and what is told them."""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.server.people.signin import Where
from ikm.server.people.wording import LANGUAGES
from ikm.server.store.sessions import Session
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.forms import Form, new_once
from ikm.server.web.desk.gate import Gate, Officer
from ikm.server.web.language import PARAMETER, spoken
from ikm.server.web.render import page

AnyRequest = Request[Any, Any, Any]
Back = Annotated[str, QueryParameter(name="kembali")]
News = Annotated[str, QueryParameter(name="kabar")]
Typed = Annotated[str, Meta(max_length=200)]
"""What people type at the door, long enough for any of it."""

_YEAR_S = 365 * 24 * 3600

HIDDEN = frozenset({"password", "again", "code"})
"""Fields that are never shown again."""


def door(
    request: AnyRequest, desk: Desk, template: str, *, status: int = 200, retry_after_s: int = 0, **shown: Any
) -> Response[str]:
    """A page before the desk; its template extends `door.html`.

    It speaks the language that was chosen at the door, else that of `who` gave the password, else Indonesian.
    """
    who: Session | None = shown.pop("session", None)
    if who is not None:
        shown |= {"csrf": who.csrf}
    asked = request.query_params.get(PARAMETER, "")
    locale = spoken(request) or (who.language if who is not None else OFFICIAL_LOCALE)
    told: dict[str, Any] = {"faults": {}, "values": {}, "fault": "", "csrf": "", "back": "", "switch": True, **shown}
    made = _made(desk, template, status, locale, told)
    if asked in LANGUAGES:
        made.cookies.append(_remembered(desk, asked))
    if retry_after_s:
        made.headers["Retry-After"] = str(retry_after_s)
    return made


def proof_door(
    desk: Desk, officer: Officer, *, status: int = 200, retry_after_s: int = 0, **shown: Any
) -> Response[str]:
    """The page that asks an officer for the password once more, in the officer's language."""
    told: dict[str, Any] = {
        "faults": {}, "values": {}, "fault": "", "switch": False, "csrf": officer.csrf, "who": officer, **shown,
    }  # fmt: skip
    made = _made(desk, "proof.html", status, officer.language, told)
    if retry_after_s:
        made.headers["Retry-After"] = str(retry_after_s)
    return made


def _made(desk: Desk, template: str, status: int, locale: str, told: Mapping[str, Any]) -> Response[str]:
    regency = next(iter(desk.store.organisation()), None)
    others = [(code, name) for code, name in LANGUAGES.items() if code != locale]
    return page(template, status, locale=locale, regency=regency, once=new_once(), others=others, **told)


def _remembered(desk: Desk, language: str) -> Cookie:
    secure = desk.settings.public_url.startswith("https:")
    return Cookie(PARAMETER, value=language, max_age=_YEAR_S, secure=secure, httponly=True, samesite="lax")


def where(request: AnyRequest) -> Where:
    """Where whoever asks sits."""
    return Where(request.client.host if request.client else "", request.headers.get("user-agent", "")[:200])


def shown_again(form: Form) -> dict[str, Any]:
    """What was typed, without what is secret."""
    return {name: value for name, value in form.shown().items() if name not in HIDDEN}


def told(refusal: Refusal, words: Mapping[str, str] = {}) -> dict[str, Any]:
    """Status, sentence and wait of a refusal at the door, as `door` takes them; other refusals are raised again.

    `words` are sentences that say more than the refusal's own, by its code.
    """
    if refusal.code == "too_many_attempts":
        wait_s = int(refusal.facts["retry_after_s"])
        text = Filled("Terlalu banyak percobaan yang salah. Coba lagi dalam %(n)s menit.", n=-(-wait_s // 60))
        return {"status": refusal.problem.status, "fault": text, "retry_after_s": wait_s}
    if refusal.code in ("sign_in_failed", "code_taken"):
        return {"status": refusal.problem.status, "fault": words.get(refusal.code, refusal.problem.title)}
    raise refusal


def waiting(request: AnyRequest, desk: Desk, gate: Gate) -> tuple[str, Session]:
    """Token and session of whoever gave the password and still owes the second factor.

    Raises:
        Refusal: `sign_in_required`.
    """
    token = request.cookies.get(gate.cookie, "")
    session = desk.store.session(token, desk.now_ms()) if token else None
    if session is None or session.step != "password":
        raise Refusal("sign_in_required")
    return token, session


def check_own(form: Form, session: Session) -> None:
    """Nothing, for a form of that session. Raises Refusal (`form_foreign`)."""
    given = form.texts.get("csrf", [""])[0]
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise Refusal("form_foreign")


def onward(gate: Gate, path: str, token: str) -> Redirect:
    """The way to a page of ours, with a fresh token for the browser."""
    return Redirect(path, status_code=303, cookies=[cookie(gate, token)])


def cookie(gate: Gate, token: str) -> Cookie:
    """What the browser holds: readable by no script, sent to no other site, gone with the browser's session."""
    return Cookie(gate.cookie, value=token, secure=gate.secure, httponly=True, samesite="lax")


def no_cookie(gate: Gate) -> Cookie:
    """What takes it from the browser."""
    return Cookie(gate.cookie, value="", max_age=0, secure=gate.secure, httponly=True, samesite="lax")
