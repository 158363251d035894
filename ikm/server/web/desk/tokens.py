"""Tokens of programs: made for a place, shown once, withdrawn."""

import re
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act
from ikm.server.people.links import new_token
from ikm.server.store.tokens import Token
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.entrance import News
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Line
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.links import read_name
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.places_offered import offered

_DAY_MS = 24 * 3_600_000
_NEWS = {"dicabut": "Token itu dicabut; program yang memakainya tidak dapat membaca lagi."}
_HASH = re.compile(r"[0-9a-f]{64}")


class _New(FormMessage, frozen=True):
    name: Line
    node: Annotated[str, Meta(min_length=1, max_length=64)]
    days: Literal["30", "90", "180", "365"]


@get("/kelola/token", sync_to_thread=True, opt=needs(Act.APPOINT))
def tokens_page(officer: GivenOfficer, desk: GivenDesk, kabar: News = "") -> Response[str]:
    """The tokens of the officer's places, and the form for another."""
    return _page(desk, officer, notice=_NEWS.get(kabar, ""))


@post("/kelola/token", sync_to_thread=True, opt=needs(Act.APPOINT, proof=True), status_code=200)
def make_token(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[str]:
    """The new token, shown this once. Raises Refusal (`forbidden`, `done_already`)."""
    try:
        given = form.read(_New)
        name = read_name(given.name)
    except FormFaults as faults:
        return _page(desk, officer, status=422, faults=faults.faults, values=form.shown())
    officer.check(Act.APPOINT, given.node)
    now_ms, token = desk.now_ms(), new_token()
    by = officer.doing(now_ms, once=form.once)
    desk.store.add_token(token, name, given.node, now_ms + int(given.days) * _DAY_MS, by)
    return _page(desk, officer, made=token, made_for=name)


@post("/kelola/token/{token:str}/cabut", sync_to_thread=True, opt=needs(Act.APPOINT))
def revoke_token(token: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Withdraw a token of the officer's places. Raises Refusal (`not_found`)."""
    held = next((one for one in _tokens(desk, officer) if one.id == token), None) if _HASH.fullmatch(token) else None
    if held is None:
        raise Refusal("not_found", "token")
    desk.store.revoke_token(held, officer.doing(desk.now_ms(), once=form.once))
    return done("/kelola/token", "dicabut")


def _tokens(desk: Desk, officer: Officer) -> list[Token]:
    return list(desk.store.tokens(officer.rights.scope(Act.APPOINT)))


def _page(desk: Desk, officer: Officer, **shown: Any) -> Response[str]:
    zone, nodes, now_ms = zone_of(desk.store, officer.rights.tree), officer.rights.tree.nodes, desk.now_ms()
    rows = [
        {
            "id": one.id, "name": one.name, "place": nodes[one.node].name if one.node in nodes else one.node,
            "made_by": one.made_by, "made": zone.written(one.made_ms), "expires": zone.written(one.expires_ms),
            "used": zone.written(one.used_ms) if one.used_ms is not None else "",
            "state": _state(one, now_ms),
        }
        for one in _tokens(desk, officer)
    ]  # fmt: skip
    told: dict[str, Any] = {"notice": "", "made": "", "made_for": "", **shown}
    return desk.page(
        "tokens.html", officer, here="people", tokens=rows, places=offered(officer.rights, Act.APPOINT), **told
    )


def _state(one: Token, now_ms: int) -> str:
    """'revoked', 'lapsed', 'unfounded' where whoever made it could not make it now, or 'good'."""
    if one.revoked_ms is not None:
        return "revoked"
    if one.expires_ms <= now_ms:
        return "lapsed"
    return "good" if one.founded else "unfounded"


ROUTES = (tokens_page, make_token, revoke_token)
