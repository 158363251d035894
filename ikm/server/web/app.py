"""The application: one factory that puts store, interface and pages together."""

from collections.abc import Callable
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import MutableScopeHeaders
from litestar.middleware import DefineMiddleware
from litestar.types import Message, Scope

from ikm import __version__, wire
from ikm.domain.errors import Refusal
from ikm.server import ingest
from ikm.server.enrol import Enrolment
from ikm.server.ingest import Ingest
from ikm.server.reports.cockpit import by_months
from ikm.server.reports.measured import Memo
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.web import api, data, openapi, pages, problems
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.router import router as desk_router
from ikm.server.web.patience import BODY_DEADLINE_S, Patience

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
}


def create_app(
    settings: Settings, body_deadline_s: float = BODY_DEADLINE_S, now_ms: Callable[[], int] = ingest.now_ms
) -> Litestar:
    """The application over the settings' database, which is brought to its newest tables first.

    `body_deadline_s` is how long a request's body may take to come in, in seconds; `now_ms` the server's clock.

    Raises:
        Refusal: `server_busy` when the database cannot be reached.
        NewerDatabase: It was written by a newer version.
    """
    store = Store.open(settings.database)
    memo = Memo()
    services = api.Services(store, Ingest(store, now_ms), Enrolment(store), now_ms)
    return Litestar(
        route_handlers=[
            api.router(services),
            data.router(services, memo),
            pages.router(store, now_ms, by_months(store, memo)),
            pages.audit_router(store, now_ms),
            pages.remarks_router(store),
            desk_router(Desk(store, settings, now_ms, memo)),
        ],
        exception_handlers=problems.handlers(pages.error_page),
        middleware=[DefineMiddleware(Patience, deadline_s=body_deadline_s)],
        before_request=_check_path,
        before_send=[_add_headers],
        on_shutdown=[store.close],
        openapi_config=openapi.config(__version__),
        request_max_body_size=wire.MAX_BODY_BYTES,
        # refusals and failures are logged where they are answered, without the request's content
        logging_config=None,
    )


async def _check_path(request: Request[Any, Any, Any]) -> None:
    # PostgreSQL has no such text, so nothing can bear such a name
    if "\x00" in request.scope["path"]:
        raise Refusal("not_found")


async def _add_headers(message: Message, _: Scope) -> None:
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-cache")
