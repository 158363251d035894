"""The public page of what citizens wrote to a unit and what it answered: only what an officer released."""

from collections.abc import Sequence
from typing import Any, Protocol

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.server.store.remarks import Remark
from ikm.server.web.render import error_page, page


class Voices(Protocol):
    """What the page is made from."""

    def node(self, code: str) -> Node:
        """One place. Raises Refusal (`not_found`)."""
        ...

    def organisation(self) -> Sequence[Node]:
        """Every node, parents before children."""
        ...

    def published_remarks(self, unit: str, limit: int = 100) -> Sequence[Remark]:
        """What an officer released of a unit, the newest first."""
        ...


GivenVoices = NamedDependency[SkipValidation[Voices]]


@get("/unit/{code:str}/saran", sync_to_thread=True, include_in_schema=False)
def remarks_page(code: FromPath[str], voices: GivenVoices) -> Response[str]:
    """What was released of a unit; the month is told, not the day, so that nobody is found by it."""
    unit = voices.node(code)
    if unit.level is not Level.UNIT:
        raise Refusal("not_found", code)
    regency = next((node for node in voices.organisation() if node.level is Level.REGENCY), None)
    return page("remarks_public.html", unit=unit, regency=regency, remarks=voices.published_remarks(code))


def router(voices: Voices) -> Router:
    """The page over those voices."""
    return Router(
        "/",
        route_handlers=[remarks_page],
        dependencies={"voices": Provide(lambda: voices, sync_to_thread=False)},
        exception_handlers={Refusal: _refused},
    )


def _refused(_: Request[Any, Any, Any], refusal: Refusal) -> Response[str]:
    return error_page(refusal.problem, "Unit atau halaman yang Anda cari tidak ada di server ini.")
