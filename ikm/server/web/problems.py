"""Every error of the application as an answer: RFC 9457 problems for programs, pages for people."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET

from ikm import wire
from ikm.domain.errors import Problem, Refusal
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.server.web.language import spoken

MEDIA_TYPE = "application/problem+json"

ErrorPage = Callable[[Problem, str, str], Response[str]]
"""Makes the page for a problem and a piece of advice, in a language."""

_PROGRAMS = ("/api/", "/schema", "/healthz")
_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
}
_SECRET = re.compile(r"^(/undangan/).+", re.DOTALL)
_LOG = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]


def handlers(error_page: ErrorPage) -> dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]]:
    """The exception handlers of the application; people outside the interfaces get `error_page`."""

    def answer(request: AnyRequest, refusal: Refusal, headers: dict[str, str]) -> Response[Any]:
        # not of its URL, of which the client names the beginning
        if not request.scope["path"].startswith(_PROGRAMS):
            page: Response[Any] = error_page(refusal.problem, "", spoken(request) or OFFICIAL_LOCALE)
            page.headers.update(headers)
            return page
        problem = wire.problem_of(refusal)
        if problem.retry_after_s is not UNSET:
            headers = {**headers, "Retry-After": str(problem.retry_after_s)}
        return Response(wire.canonical(problem), media_type=MEDIA_TYPE, status_code=problem.status, headers=headers)

    def refused(request: AnyRequest, refusal: Refusal) -> Response[Any]:
        # a refusal's detail names places and numbers, never answers
        _LOG.info("refused %s: %s %s", _asked(request), refusal.code, _one_line(refusal.detail))
        return answer(request, refusal, {})

    def http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
        if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return failed(request, error)
        code = _CODES.get(HTTPStatus(error.status_code), "body_malformed")
        return answer(request, Refusal(code), dict(error.headers or {}))

    def failed(request: AnyRequest, error: Exception) -> Response[Any]:
        _LOG.error("failed %s", _asked(request), exc_info=error)
        return answer(request, Refusal("internal_error"), {})

    return {Refusal: refused, HTTPException: http_error, Exception: failed}


def _asked(request: AnyRequest) -> str:
    # what follows is as good as a password
    path = _SECRET.sub(r"\1…", request.scope["path"])
    return _one_line(f"{request.method} {path}")


def _one_line(text: str) -> str:
    # what a stranger wrote must not look like a line of ours
    return ascii(text)[1:-1]
