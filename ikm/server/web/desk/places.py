"""The tree of places: what is where, what is still missing, and each place's own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Act
from ikm.server.store.overview import UnitStanding
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.editing import HERE, News, place_page, this_year, where
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

Search = Annotated[str, QueryParameter(name="cari")]
Retired = Annotated[str, QueryParameter(name="tutup")]

LACKS: Mapping[str, str] = {
    "services": "Belum ada layanan",
    "standard": "Standar belum lengkap",
    "pledge": "Belum ada maklumat",
    "opening": "Belum ada jam buka",
    "counter": "Belum ada loket",
    "population": "Jumlah pengguna tahun ini belum diisi",
    "assessment": "Belum ada penilaian mandiri",
}
"""What a unit can lack, in the order in which it is put right."""

PAGES: Mapping[str, str] = {
    "services": "layanan", "standard": "layanan", "pledge": "maklumat", "opening": "jam", "counter": "tambah",
    "population": "pengguna", "assessment": "penilaian",
}  # fmt: skip
"""The page of a unit on which each is put right."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the tree as it is listed; `standing` is None above and below units."""

    node: Node
    depth: int
    standing: UnitStanding | None
    lacks: tuple[str, ...]


def lacks(standing: UnitStanding) -> tuple[str, ...]:
    """What a unit lacks, as keys of `LACKS`."""
    there = {
        "services": bool(standing.services),
        "standard": not standing.unpromised,
        "pledge": standing.pledged,
        "opening": standing.opening,
        "counter": bool(standing.counters),
        "population": standing.populated,
        "assessment": standing.assessed_ms is not None,
    }
    return tuple(key for key in LACKS if not there[key])


def lines(officer: Officer, standings: Mapping[str, UnitStanding], *, retired: bool, search: str) -> Sequence[Line]:
    """The places an officer sees, parents first; those found by a part of their name or code, with what is above."""
    tree = officer.rights.tree
    found: list[Line] = []

    def gather(node: Node, depth: int) -> None:
        if node.retired and not retired:
            return
        standing = standings.get(node.code) if node.level is Level.UNIT else None
        found.append(Line(node, depth, standing, () if standing is None else lacks(standing)))
        for child in tree.children(node.code):
            gather(child, depth + 1)

    for root in officer.rights.roots(Act.SEE):
        gather(tree.nodes[root], 0)
    wanted = search.casefold()
    if not wanted:
        return [line for line in found if line.node.level is not Level.COUNTER]
    hits = {line.node.code for line in found if wanted in line.node.name.casefold() or wanted in line.node.code}
    shown = {code for hit in hits for code in tree.path(hit)}
    return [line for line in found if line.node.code in shown]


@get("/kelola/tempat", sync_to_thread=True, opt=needs(Act.SEE))
def tree(
    officer: GivenOfficer, desk: GivenDesk, cari: Search = "", tutup: Retired = "", kabar: News = ""
) -> Response[str]:
    """The officer's part of the tree."""
    standings = desk.store.standings(this_year(desk))
    search = " ".join(cari.split())[:200]
    shown = lines(officer, standings, retired=bool(tutup), search=search)
    units = [line for line in shown if line.standing is not None]
    return desk.page(
        "places.html", officer, here=HERE, lines=shown, units=units, search=search, retired=bool(tutup), kabar=kabar,
        lacks=LACKS, may_organise=officer.rights.may_somewhere(Act.ORGANISE), roots=officer.rights.roots(Act.ORGANISE),
        hidden=sum(officer.rights.tree.nodes[code].retired for code in officer.rights.scope(Act.SEE)),
    )  # fmt: skip


@get("/kelola/standar", sync_to_thread=True, opt=needs(Act.SEE))
def standards(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """The units whose service standard is not whole, each with the reason."""
    standings = desk.store.standings(this_year(desk))
    units = _units(officer)
    short = [
        (unit, standings[unit.code])
        for unit in units
        if unit.code in standings and {"services", "standard", "pledge"} & set(lacks(standings[unit.code]))
    ]
    return desk.page("standards.html", officer, here=HERE, units=units, short=short)


@get("/kelola/tempat/{node:str}", sync_to_thread=True, opt=needs(Act.SEE, "node"))
def place(officer: GivenOfficer, desk: GivenDesk, node: FromPath[str], kabar: News = "") -> Response[str]:
    """One place: what it is, what it has, what is missing."""
    at = where(desk.store, node)
    children = desk.store.places_below(node)
    below = [child.node for child in children if not child.node.retired]
    closed = [child.node for child in children if child.node.retired]
    units = [one.code for one in (at.place.node, *below) if one.level is Level.UNIT]
    standings = desk.store.standings(this_year(desk), units) if units else {}
    standing = standings.get(node)
    return place_page(
        desk, f"place_{at.place.node.level}.html", officer, at, kabar=kabar, tab="place", below=below, closed=closed,
        standing=standing, standings=standings, lacks=LACKS, pages=PAGES, lacking=_lacking(standings, below),
        missing=() if standing is None else lacks(standing), facts=_facts(desk, at.place.node),
        may_organise=officer.may(Act.ORGANISE, node), may_arrange=officer.may(Act.ARRANGE, node),
        may_order=at.place.node.parent is not None and officer.may(Act.ORGANISE, at.place.node.parent),
        revisions={child.node.code: child.revision for child in children},
    )  # fmt: skip


def _facts(desk: Desk, node: Node) -> object:
    return desk.store.unit_facts(node.code) if node.level is Level.UNIT else None


def _lacking(standings: Mapping[str, UnitStanding], below: Sequence[Node]) -> Mapping[str, tuple[str, ...]]:
    return {node.code: lacks(standings[node.code]) for node in below if node.code in standings}


def _units(officer: Officer) -> Sequence[Node]:
    nodes = officer.rights.tree.nodes
    return [nodes[code] for code in officer.rights.scope(Act.SEE, Level.UNIT) if not nodes[code].retired]


ROUTES = (tree, standards, place)
