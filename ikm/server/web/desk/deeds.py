"""The log: who did what, where, when and why, for the places an officer inspects."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from ikm.domain.organisation import Level
from ikm.domain.rights import Act
from ikm.server.web.desk.deed_words import KINDS, lines
from ikm.server.web.desk.desk import GivenDesk
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.places_offered import offered

_PAGE = 50
_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for: of a place and all below it, of a kind, by whom."""

    place: str
    kind: str
    who: str

    def of(self, officer: Officer) -> dict[str, Any]:
        """As the store is asked. Raises Refusal (`forbidden`) for a place the officer does not inspect."""
        return {"nodes": _nodes(officer, self.place), "act": self.kind, "who": self.who}

    def link(self, **more: int) -> str:
        """The address of the page with these filters."""
        told = {"tempat": self.place, "jenis": self.kind, "orang": self.who, **more}
        query = urlencode({key: value for key, value in told.items() if value})
        return f"/kelola/catatan?{query}" if query else "/kelola/catatan"


def _wanted(
    place: Annotated[str, QueryParameter(name="tempat")] = "",
    kind: Annotated[str, QueryParameter(name="jenis")] = "",
    who: Annotated[str, QueryParameter(name="orang")] = "",
) -> Wanted:
    return Wanted(place, kind if kind in KINDS else "", who.replace("\x00", "").strip()[:200])


@get(
    "/kelola/catatan", sync_to_thread=True, opt=needs(Act.INSPECT),
    dependencies={"wanted": Provide(_wanted, sync_to_thread=False)},
)  # fmt: skip
def deeds_page(
    officer: GivenOfficer,
    desk: GivenDesk,
    wanted: NamedDependency[SkipValidation[Wanted]],
    before: Annotated[int | None, QueryParameter(name="sebelum", ge=0, le=_MOST)] = None,
    after: Annotated[int | None, QueryParameter(name="sesudah", ge=0, le=_MOST)] = None,
) -> Response[str]:
    """Fifty lines of the log, newest first. Raises Refusal (`forbidden`) for a place the officer does not inspect."""
    asked = wanted.of(officer)
    found = desk.store.deeds(**asked, before=before, after=after, limit=_PAGE)
    older = newer = ""
    if found and desk.store.deeds(**asked, before=found[-1].seq, limit=1):
        older = wanted.link(sebelum=found[-1].seq)
    if found and desk.store.deeds(**asked, after=found[0].seq, limit=1):
        newer = wanted.link(sesudah=found[0].seq)
    return desk.page(
        "deeds.html", officer, here="deeds", deeds=lines(desk, officer, found), wanted=wanted,
        places=offered(officer.rights, Act.INSPECT), kinds=list(KINDS.items()), older=older, newer=newer,
        filtered=wanted != Wanted("", "", ""),
    )  # fmt: skip


@get("/kelola/catatan/periksa", sync_to_thread=True, opt=needs(Act.INSPECT))
def check_page(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """Whether the whole log is as it was written, hashed anew; that tells nothing of what stands in it."""
    zone = zone_of(desk.store, officer.rights.tree)
    newest = desk.store.deeds(limit=1)
    return desk.page(
        "deeds_check.html", officer, here="deeds", fault=desk.store.deed_fault(),
        total=newest[0].seq if newest else 0, at=zone.written(desk.now_ms()),
    )  # fmt: skip


def _nodes(officer: Officer, place: str) -> list[str] | None:
    """The places whose deeds are shown; None for all, the whole server's too."""
    if place:
        officer.check(Act.INSPECT, place)
        return [node.code for node in officer.rights.tree.below(place)]
    return None if _whole(officer) else list(officer.rights.scope(Act.INSPECT))


def _whole(officer: Officer) -> bool:
    """Whether the officer inspects the regency, and with it what concerns the whole server."""
    nodes = officer.rights.tree.nodes
    return any(nodes[root].level is Level.REGENCY for root in officer.rights.roots(Act.INSPECT))


ROUTES = (deeds_page, check_page)
