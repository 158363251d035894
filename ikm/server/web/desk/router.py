"""The desk's routes, behind its door."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.response import Redirect

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.domain.rights import Rights
from ikm.server.store import Store
from ikm.server.web.desk import (
    account,
    arranging,
    assessments,
    compare,
    decisions,
    deeds,
    drafts,
    enrolling,
    exports,
    figures,
    fleet,
    hours,
    importing,
    links,
    people,
    person,
    populations,
    questionnaires,
    remarks,
    rollouts,
    services,
    settings,
    sheets,
    signin,
    tokens,
    unit_figures,
)
from ikm.server.web.desk import places as place_pages
from ikm.server.web.desk.appointing import is_id
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.forms import FormFaults, given_form
from ikm.server.web.desk.gate import Gate, Officer, Resolver, page_of_form, proof_address, sign_in_address
from ikm.server.web.desk.trees import Trees
from ikm.server.web.language import spoken
from ikm.server.web.render import error_page

ROUTES: Sequence[HTTPRouteHandler] = (
    *signin.ROUTES,
    *links.ROUTES,
    *account.ROUTES,
    *figures.ROUTES,
    *unit_figures.ROUTES,
    *compare.ROUTES,
    *exports.ROUTES,
    *people.ROUTES,
    *person.ROUTES,
    *tokens.ROUTES,
    *deeds.ROUTES,
    *enrolling.ROUTES,
    *settings.ROUTES,
    *rollouts.ROUTES,
    *fleet.ROUTES,
    *decisions.ROUTES,
    *questionnaires.ROUTES,
    *drafts.ROUTES,
    *place_pages.ROUTES,
    *arranging.ROUTES,
    *services.ROUTES,
    *hours.ROUTES,
    *populations.ROUTES,
    *assessments.ROUTES,
    *importing.ROUTES,
    *remarks.ROUTES,
    *sheets.ROUTES,
)
"""Every route of the desk."""


class _People:
    """Officers, from sessions and the tree."""

    def __init__(self, store: Store) -> None:
        self._store, self._trees = store, Trees(store)

    def officer(self, cookie: str, address: str, now_ms: int) -> Officer | None:
        """Whoever has wholly come in with that cookie."""
        session = self._store.session(cookie, now_ms)
        if session is None or session.step != "in":
            return None
        return Officer(
            session.person, session.name, session.email, session.language,
            Rights(session.grants, self._trees.tree()), session.csrf, session.proved_ms, address,
        )  # fmt: skip


def places(store: Store) -> dict[str, Resolver]:
    """How each path parameter that can say where leads to a place."""

    def of_device(device: str) -> str:
        # PostgreSQL compares an id with nothing else
        found = store.fleet(device=device) if is_id(device) else ()
        if not found:
            raise Refusal("not_found", device)
        return found[0].counter

    # a place's own code needs no looking up: the rights know whether it is in the tree
    return {
        "node": str, "agency": str, "unit": str, "counter": str, "device": of_device,
        "remark": lambda remark: store.remark(remark).unit,
        "sheet": lambda sheet: store.sheet(sheet).unit,
        "rollout": lambda number: store.rollout_node(int(number)),
    }  # fmt: skip


def router(desk: Desk) -> Router:
    """The officials' pages over that desk."""
    gate = Gate(_People(desk.store), places(desk.store), desk.now_ms, desk.settings.public_url)

    # a function, for guards are copied to every route with all that hangs on them
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await gate(connection, handler)

    return Router(
        "/",
        route_handlers=list(ROUTES),
        guards=[guard],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "gate": Provide(lambda: gate, sync_to_thread=False),
            "officer": Provide(_officer, sync_to_thread=False),
            "form": Provide(given_form),
        },
        exception_handlers={Refusal: _refused, FormFaults: _unread},
        # what an officer saw stays in no browser's store for whoever sits there next
        response_headers={"Cache-Control": "no-store"},
        include_in_schema=False,
    )


def _officer(request: Request[Any, Any, Any]) -> Officer:
    officer = request.scope["user"]
    if officer is None:
        raise Refusal("sign_in_required")
    assert isinstance(officer, Officer)  # noqa: S101 - the gate put it there
    return officer


def _unread(request: Request[Any, Any, Any], _: FormFaults) -> Response[Any]:
    # a form of buttons has no fields beside which to say what is wrong: no browser of ours sent it
    return _refused(request, Refusal("form_invalid"))


def _refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    door = {"sign_in_required": sign_in_address, "proof_required": proof_address}.get(refusal.code)
    if door is not None:
        return Redirect(door(*page_of_form(request)), status_code=302 if request.method == "GET" else 303)
    officer: Officer | None = request.scope.get("user")
    language = officer.language if officer is not None else spoken(request) or OFFICIAL_LOCALE
    # whoever has come in goes back to their work, not out to the public's pages
    back = "/" if officer is None else "/kelola"
    return error_page(refusal.problem, refusal.detail if refusal.code in _TOLD else "", language, back)


_TOLD = frozenset({"code_taken", "in_use", "place_invalid", "configuration_invalid", "questionnaire_invalid"})
"""Refusals whose detail is a sentence or a name that people can use."""
