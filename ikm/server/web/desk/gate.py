"""The door to the officials' pages: who asks, whether they may, and whether the form is theirs.

Every route of the desk says with `needs`, `signed_in` or `anyone` who may use it; a route that says nothing is an error
at its first request and in the tests. Handlers find who asks in `officer: GivenOfficer`.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import quote, urlsplit

import anyio.to_thread
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act, Rights
from ikm.server.store.deeds import Doer
from ikm.server.store.people import named

PROOF_MS = 10 * 60_000
"""For so long after a password or code was given, what hurts may be done without giving it again."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_RULE = "rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route.

    `act` is what it does; `at` the name of the path parameter that says where, None where the handler itself keeps to
    the places on which the officer may do it. Without `act` it is enough to have come in; `open` lets everybody in.
    `proof` asks for the password anew where it was given too long ago.
    """

    act: Act | None = None
    at: str | None = None
    open: bool = False
    proof: bool = False


def needs(act: Act, at: str | None = None, *, proof: bool = False) -> dict[str, Any]:
    """What a handler passes as its `opt`: only who may do that at the place named by that path parameter."""
    return {_RULE: Rule(act, at, proof=proof)}


def signed_in(*, proof: bool = False) -> dict[str, Any]:
    """What a handler passes as its `opt`: whoever has come in."""
    return {_RULE: Rule(proof=proof)}


def anyone() -> dict[str, Any]:
    """What a handler passes as its `opt`: everybody."""
    return {_RULE: Rule(open=True)}


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks: a person who has come in. `csrf` stands in each of their forms."""

    person: str
    name: str
    email: str
    language: str
    rights: Rights
    csrf: str
    proved_ms: int
    address: str

    @property
    def who(self) -> str:
        """How the log names them."""
        return named(self.name, self.email)

    def may(self, act: Act, node: str) -> bool:
        """Whether they may do that there."""
        return self.rights.may(act, node)

    def check(self, act: Act, node: str) -> None:
        """Nothing, where they may do that there. Raises Refusal (`forbidden`)."""
        if not self.rights.may(act, node):
            raise Refusal("forbidden", f"{act} {node}")

    def doing(self, now_ms: int, *, once: str | None = None, reason: str = "") -> Doer:
        """What they do now, as the log wants it."""
        return Doer(self.who, now_ms, self.person, self.address, once, reason)


GivenOfficer = NamedDependency[SkipValidation[Officer]]


class People(Protocol):
    """What the door asks of the store."""

    def officer(self, cookie: str, address: str, now_ms: int) -> Officer | None:
        """Whoever that cookie's session belongs to and has wholly come in; None where it is nobody's or has lapsed."""
        ...


Resolver = Callable[[str], str]
"""From the value of a path parameter to the code of the place it belongs to; raises Refusal (`not_found`)."""


class Gate:
    """The guard of the desk's router."""

    def __init__(
        self, people: People, places: Mapping[str, Resolver], now_ms: Callable[[], int], public_url: str
    ) -> None:
        self._people, self._places, self._now_ms = people, places, now_ms
        self._origin = public_url
        secure = urlsplit(public_url).scheme == "https"
        self.cookie = "__Host-ikm" if secure else "ikm"
        self.secure = secure

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Nothing, where the request may go on.

        Raises:
            Refusal: `sign_in_required`, `proof_required`, `forbidden`, `form_foreign`, or `not_found` of the place.
        """
        rule: Rule = handler.opt[_RULE]
        writes = connection.scope.get("method") not in _SAFE
        if writes:
            self._check_origin(connection)
        officer = await anyio.to_thread.run_sync(self._identify, connection)
        connection.scope["user"] = officer
        if rule.open:
            return
        if officer is None:
            raise Refusal("sign_in_required")
        if writes:
            await self._check_form(connection, officer)
        await anyio.to_thread.run_sync(self._check, rule, officer, dict(connection.path_params))

    def _identify(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Officer | None:
        cookie = connection.cookies.get(self.cookie, "")
        client = connection.client.host if connection.client else ""
        return self._people.officer(cookie, client, self._now_ms()) if cookie else None

    def _check(self, rule: Rule, officer: Officer, path: Mapping[str, Any]) -> None:
        if rule.act is not None:
            if rule.at is None:
                allowed = officer.rights.may_somewhere(rule.act)
            else:
                allowed = officer.may(rule.act, self._places[rule.at](str(path[rule.at])))
            if not allowed:
                raise Refusal("forbidden", str(rule.act))
        if rule.proof and not 0 <= self._now_ms() - officer.proved_ms < PROOF_MS:
            raise Refusal("proof_required")

    def _check_origin(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        # browsers name the site a form was on; what names another is not ours, what names none is no browser of today
        site = connection.headers.get("sec-fetch-site")
        origin = connection.headers.get("origin")
        if site is not None and site not in ("same-origin", "none"):
            raise Refusal("form_foreign")
        if origin is not None and urlsplit(origin).netloc != connection.headers.get("host", ""):
            raise Refusal("form_foreign")
        if site is None and origin is None:
            raise Refusal("form_foreign")

    async def _check_form(self, connection: ASGIConnection[Any, Any, Any, Any], officer: Officer) -> None:
        request: Request[Any, Any, Any] = cast("Request[Any, Any, Any]", connection)
        form = await request.form()
        given = form.get("csrf")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), officer.csrf.encode()):
            raise Refusal("form_foreign")


GivenGate = NamedDependency[SkipValidation[Gate]]


def sign_in_address(path: str, query: str) -> str:
    """Where to come in, and come back from to that page of ours."""
    return _by_way_of("/masuk", path, query)


def proof_address(path: str, query: str) -> str:
    """Where to give one's password again, and come back from to that page of ours."""
    return _by_way_of("/bukti", path, query)


def page_of_form(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """Path and query of the page to go on from: the one asked for, or the one whose form was sent."""
    if request.method in _SAFE:
        return request.scope["path"], request.scope["query_string"].decode("ascii", "replace")
    parts = urlsplit(request.headers.get("referer", ""))
    path = own_path(parts.path)
    return (path, parts.query) if path == parts.path else (path, "")


def _by_way_of(door: str, path: str, query: str) -> str:
    back = path + (f"?{query}" if query else "")
    return f"{door}?kembali={quote(back, safe='')}"


def own_path(text: str) -> str:
    """That path where it is one on this server, '/kelola' where it leads elsewhere."""
    parts = urlsplit(text)
    own = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return text if own and text.isprintable() and "\\" not in text else "/kelola"
