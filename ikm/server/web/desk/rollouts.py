"""Applying what was decided to kiosks: what would change and where, in waves that go on, stop or are taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.rights import Act
from ikm.server.configuring.changes import Change
from ikm.server.settings import base_url
from ikm.server.store.planning import Plan
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm, OptionalLine, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of

News = Annotated[str, QueryParameter(name="kabar")]
NEWS = {
    "setelan": "Setelan disimpan, tetapi kios belum berubah. Periksa di bawah, lalu terapkan.",
    "mulai": "Gelombang pertama berangkat. Kios mengambilnya pada kabar berikutnya.",
    "semua": "Diterapkan ke semua loket itu. Kios mengambilnya pada kabar berikutnya.",
    "lanjut": "Gelombang berikutnya berangkat.",
    "henti": "Penerapan dihentikan. Loket yang belum kebagian tetap memakai setelan lamanya.",
    "kembali": "Kios kembali ke setelan sebelumnya.",
}
_FAULTS = {
    "changed_meanwhile": "Rencananya berubah sejak Anda membukanya. Periksa yang baru, lalu terapkan.",
    "nothing_to_apply": "Semua kios di sini sudah memakai setelan yang berlaku.",
    "rollout_open": "Loket di sini masih menunggu gelombang sebelumnya. Lanjutkan atau hentikan itu dahulu.",
}


class How(StrEnum):
    """All at once, or a few first."""

    ALL = "semua"
    SOME = "bertahap"


class _Begin(FormMessage, frozen=True):
    seal: Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    how: How
    count: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    first: frozenset[wire.Code] = frozenset()
    note: OptionalLine = ""


class _Reached(FormMessage, frozen=True):
    reached: Revision


class _Back(FormMessage, frozen=True):
    reason: OptionalLine = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Counters for which the same changes."""

    changes: tuple[Change, ...]
    counters: tuple[tuple[str, str], ...]
    waits: bool


@get("/kelola/kios/penerapan", sync_to_thread=True, opt=needs(Act.SEE))
def overview(
    officer: GivenOfficer, desk: GivenDesk, node: Annotated[str, QueryParameter(name="tempat")] = "", kabar: News = ""
) -> Response[str]:
    """What waits to be applied below a place, and the roll-outs there were."""
    roots = officer.rights.roots(Act.SEE)
    at = node if node and officer.may(Act.SEE, node) else roots[0]
    return _overview(desk, officer, at, notice=NEWS.get(kabar, ""))


@post("/kelola/kios/penerapan/{node:str}", sync_to_thread=True, opt=needs(Act.EQUIP, "node"))
def begin(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Apply what the officer saw."""
    try:
        given = form.read(_Begin)
        first = _first(desk, given, node)
        by = officer.doing(desk.now_ms(), once=form.once, reason=given.note)
        number = desk.store.roll_out(node, first, by, seal=given.seal, base_url=base_url(desk.settings))
    except FormFaults as faults:
        return _overview(desk, officer, node, faults=faults.faults, values=form.shown(), status=422)
    except Refusal as refusal:
        if refusal.code not in _FAULTS:
            raise
        return _overview(desk, officer, node, faults={"": _FAULTS[refusal.code]}, status=409)
    return done(f"/kelola/kios/penerapan/nomor/{number}", "mulai" if first else "semua")


@get("/kelola/kios/penerapan/nomor/{rollout:int}", sync_to_thread=True, opt=needs(Act.SEE, "rollout"))
def rollout_page(officer: GivenOfficer, desk: GivenDesk, rollout: FromPath[int], kabar: News = "") -> Response[str]:
    """One roll-out, wave by wave."""
    found = desk.store.rollout(rollout)
    tree = officer.rights.tree
    return desk.page(
        "rollout.html", officer, here="fleet", rollout=found, place=tree.nodes[found.node], tree=tree,
        zone=zone_of(desk.store, tree), may=officer.may(Act.EQUIP, found.node), notice=NEWS.get(kabar, ""),
    )  # fmt: skip


@post("/kelola/kios/penerapan/nomor/{rollout:int}/lanjut", sync_to_thread=True, opt=needs(Act.EQUIP, "rollout"))
def go_on(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, rollout: FromPath[int]) -> Redirect:
    """Let the next wave go out."""
    return _moved(desk, officer, form, rollout, desk.store.continue_rollout)


@post("/kelola/kios/penerapan/nomor/{rollout:int}/henti", sync_to_thread=True, opt=needs(Act.EQUIP, "rollout"))
def halt(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, rollout: FromPath[int]) -> Redirect:
    """Give up the waves that are left."""
    return _moved(desk, officer, form, rollout, desk.store.halt_rollout)


@post("/kelola/kios/penerapan/nomor/{rollout:int}/kembali", sync_to_thread=True, opt=needs(Act.EQUIP, "rollout"))
def give_back(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, rollout: FromPath[int]) -> Redirect:
    """Give kiosks back what they had."""
    try:
        given = form.read(_Back)
    except FormFaults as faults:
        raise Refusal("form_invalid") from faults
    desk.store.return_rollout(rollout, officer.doing(desk.now_ms(), once=form.once, reason=given.reason))
    return done(f"/kelola/kios/penerapan/nomor/{rollout}", "kembali")


def _moved(desk: Desk, officer: Officer, form: Form, rollout: int, move: Callable[..., None]) -> Redirect:
    try:
        reached = form.read(_Reached).reached
    except FormFaults as faults:
        raise Refusal("form_invalid") from faults
    move(rollout, reached, officer.doing(desk.now_ms(), once=form.once))
    told = "lanjut" if move == desk.store.continue_rollout else "henti"
    return done(f"/kelola/kios/penerapan/nomor/{rollout}", told)


def _first(desk: Desk, given: _Begin, node: str) -> Sequence[str]:
    if given.how is How.ALL:
        return ()
    if given.first:
        return sorted(given.first)
    if given.count is None:
        raise FormFaults({"count": "Isi banyaknya loket, atau pilih loketnya."})
    changing = desk.store.plan(node, desk.now_ms(), base_url(desk.settings)).changing
    return [one.counter for one in changing[: given.count]]


def _overview(desk: Desk, officer: Officer, node: str, **shown: Any) -> Response[str]:
    tree = officer.rights.tree
    plan = desk.store.plan(node, desk.now_ms(), base_url(desk.settings))
    below = [one.code for one in tree.below(node)]
    path = [tree.nodes[code] for code in reversed(tree.path(node)) if officer.may(Act.SEE, code)]
    told: dict[str, Any] = {"notice": "", **shown}
    return desk.page(
        "rollouts.html", officer, here="fleet", place=tree.nodes[node], path=path, plan=plan, tree=tree,
        groups=_alike(plan, officer), rollouts=desk.store.rollouts(below), zone=zone_of(desk.store, tree),
        children=[one for one in tree.children(node) if one.level is not Level.COUNTER and not one.retired],
        may=officer.may(Act.EQUIP, node), **told,
    )  # fmt: skip


def _alike(plan: Plan, officer: Officer) -> Sequence[Alike]:
    tree = officer.rights.tree
    found: dict[tuple[tuple[Change, ...], bool], list[tuple[str, str]]] = {}
    for one in (*plan.changing, *plan.waiting):
        unit = tree.nodes[str(tree.nodes[one.counter].parent)]
        name = f"{tree.nodes[one.counter].name}, {unit.name}"
        found.setdefault((one.changes, one.waits), []).append((one.counter, name))
    return [Alike(changes, tuple(counters), waits) for (changes, waits), counters in found.items()]


ROUTES: tuple[Any, ...] = (overview, begin, rollout_page, go_on, halt, give_back)
"""Roll-outs."""
