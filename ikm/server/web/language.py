"""The language that somebody who has not come in chose at the door."""

from typing import Any

from litestar import Request

from ikm.server.people.wording import LANGUAGES

PARAMETER = "bahasa"
"""What chooses a language at the door: behind a question mark, and the cookie that remembers it."""


def spoken(request: Request[Any, Any, Any]) -> str:
    """The language chosen at the door; '' where none was.

    What browsers say of themselves does not count: those of offices are often installed in English.
    """
    asked = request.query_params.get(PARAMETER, "") or request.cookies.get(PARAMETER, "")
    return asked if asked in LANGUAGES else ""
