"""Enrolment codes in bulk: chosen counters, a sheet of cards to print, and the codes that are still open."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Act
from ikm.server.enrol import OneTimeCode, new_code
from ikm.server.reports import wording
from ikm.server.reports.enrolment_sheet import Card, enrolment_sheet
from ikm.server.settings import base_url
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm, OptionalLine
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.names import has_words

MOST_CODES = 300
_FEW = 8
"""So many counters are seen at a glance and need no search."""
News = Annotated[str, QueryParameter(name="kabar")]
_NEWS = {"ditarik": "Kode itu ditarik: kartunya tidak berlaku lagi."}


class _Make(FormMessage, frozen=True):
    counters: frozenset[wire.Code] = frozenset()
    units: frozenset[wire.Code] = frozenset()
    count: Annotated[int, Meta(ge=1, le=20)] = 1


class _Withdraw(FormMessage, frozen=True):
    counter: wire.Code
    search: OptionalLine = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit with its counters; `served` are those that have a kiosk, `whole` says that no counter is left out."""

    unit: Node
    counters: tuple[Node, ...]
    served: frozenset[str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Open:
    """The open codes of one counter."""

    counter: str
    name: str
    count: int
    made: str
    until: str


@get("/kelola/kios/pendaftaran", sync_to_thread=True, opt=needs(Act.EQUIP))
def enrolling_page(
    officer: GivenOfficer,
    desk: GivenDesk,
    *,
    only_bare: Annotated[bool, QueryParameter(name="tanpa")] = False,
    unit: Annotated[str, QueryParameter(name="unit", max_length=64)] = "",
    search: Annotated[str, QueryParameter(name="cari", max_length=100)] = "",
    kabar: News = "",
) -> Response[str]:
    """The counters to choose from, and the codes that are open; `search` keeps those of its words."""
    return _page(desk, officer, only_bare=only_bare, unit=unit, search=search, notice=_NEWS.get(kabar, ""))


@post("/kelola/kios/pendaftaran", sync_to_thread=True, opt=needs(Act.EQUIP, proof=True), status_code=200)
def make_codes(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[Any]:
    """The cards of new codes as a PDF; it is the only place where the codes are written."""
    try:
        given = form.read(_Make)
        chosen = _chosen(officer, given)
        now_ms = desk.now_ms()
        desk.store.ensure_configured([node.code for node in chosen], now_ms, base_url(desk.settings))
        made = [new_code(desk.store, node.code, now_ms) for node in chosen for _ in range(given.count)]
        # first the paper: codes that nobody can read must not be open
        sheet = _sheet(desk, officer, [code for code, _ in made], now_ms)
        hashes = [(digest, code.counter, code.expires_ms) for code, digest in made]
        desk.store.add_enrolment_codes(hashes, officer.doing(now_ms, once=form.once))
    except FormFaults as faults:
        return _again(desk, officer, form, faults.faults, 422)
    except Refusal as refusal:
        if refusal.code != "configuration_invalid":
            raise
        return _again(desk, officer, form, {"": refusal.detail}, 422)
    day = zone_of(desk.store, officer.rights.tree).local_date(now_ms)
    name = f"kode-pendaftaran-{day.isoformat()}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sheet, media_type="application/pdf", headers=headers)


@post("/kelola/kios/pendaftaran/tarik", sync_to_thread=True, opt=needs(Act.EQUIP))
def withdraw(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Withdraw the open codes of a counter."""
    try:
        given = form.read(_Withdraw)
    except FormFaults as faults:
        raise Refusal("form_invalid") from faults
    officer.check(Act.EQUIP, given.counter)
    now_ms = desk.now_ms()
    desk.store.revoke_codes(now_ms, counters=[given.counter], by=officer.doing(now_ms, once=form.once))
    return done("/kelola/kios/pendaftaran", "ditarik", **({"cari": given.search} if given.search else {}))


def _chosen(officer: Officer, given: _Make) -> list[Node]:
    """The counters of a form, in the tree's order. Raises FormFaults, Refusal (`forbidden`)."""
    tree = officer.rights.tree
    for code in (*given.units, *given.counters):
        officer.check(Act.EQUIP, code)
    wanted = set(given.counters) | {below.code for unit in given.units for below in tree.children(unit)}
    chosen = [node for code, node in tree.nodes.items() if code in wanted and node.level is Level.COUNTER]
    chosen = [node for node in chosen if not any(tree.nodes[up].retired for up in tree.path(node.code))]
    if not chosen:
        raise FormFaults({"": "Pilih sedikitnya satu loket."})
    if len(chosen) * given.count > MOST_CODES:
        told = Filled(
            "Paling banyak %(most)s kode sekali jalan; ini %(n)s.", most=MOST_CODES, n=len(chosen) * given.count
        )
        raise FormFaults({"count": told})
    return chosen


def _sheet(desk: Desk, officer: Officer, made: list[OneTimeCode], now_ms: int) -> bytes:
    tree = officer.rights.tree
    zone = zone_of(desk.store, tree)
    cards = []
    for one in made:
        counter = tree.nodes[one.counter]
        unit = tree.nodes[str(counter.parent)]
        cards.append(Card(unit.name, counter.name, one.code, zone.written(one.expires_ms)))
    regency = next(iter(tree.nodes.values())).name
    return enrolment_sheet(regency, desk.settings.public_url, wording.day(zone.local_date(now_ms)), cards)


def _again(desk: Desk, officer: Officer, form: Form, faults: dict[str, str], status: int) -> Response[str]:
    picked = frozenset(form.texts.get("counters", [])) | frozenset(form.texts.get("units", []))
    return _page(desk, officer, faults=faults, values=form.shown(), picked=picked, status=status)


def _page(
    desk: Desk, officer: Officer, *, only_bare: bool = False, unit: str = "", search: str = "", **shown: Any
) -> Response[str]:  # fmt: skip
    tree, now_ms = officer.rights.tree, desk.now_ms()
    served = frozenset(one.counter for one in desk.store.fleet() if one.revocation is None)
    choices = []
    for code in officer.rights.scope(Act.EQUIP, Level.UNIT):
        node = tree.nodes[code]
        every = [one for one in tree.children(code) if not one.retired]
        counters = tuple(
            one for one in every
            if not (only_bare and one.code in served) and (not unit or code == unit)
            and has_words(search, node.name, one.name, one.code)
        )  # fmt: skip
        if counters and not any(tree.nodes[up].retired for up in tree.path(code)):
            choices.append(Choice(node, counters, served, whole=len(counters) == len(every)))
    open_codes = _open(desk, officer, now_ms)
    told: dict[str, Any] = {"notice": "", "picked": frozenset(), **shown}
    return desk.page(
        "enrolling.html", officer, here="fleet", choices=choices, only_bare=only_bare, most=MOST_CODES,
        open_codes=[one for one in open_codes if has_words(search, one.name, one.counter)], some=bool(open_codes),
        search=search, unit=unit, wide=len(officer.rights.scope(Act.EQUIP, Level.COUNTER)) > _FEW,
        local=not base_url(desk.settings), server=desk.settings.public_url,
        **told,
    )  # fmt: skip


def _open(desk: Desk, officer: Officer, now_ms: int) -> list[Open]:
    tree = officer.rights.tree
    zone = zone_of(desk.store, tree)
    found: dict[str, list[Any]] = {}
    for one in desk.store.enrolment_codes(now_ms):
        if officer.may(Act.EQUIP, one.counter):
            found.setdefault(one.counter, []).append(one)
    return [
        Open(
            code, f"{tree.nodes[code].name}, {tree.nodes[str(tree.nodes[code].parent)].name}", len(kept),
            zone.written(max(one.made_ms for one in kept)), zone.written(max(one.expires_ms for one in kept)),
        )
        for code, kept in found.items()
    ]  # fmt: skip


ROUTES: tuple[Any, ...] = (enrolling_page, make_codes, withdraw)
"""Enrolment."""
