"""The fleet: every kiosk an officer looks after, what is wrong with it now, and all that is known of one."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Tree
from ikm.domain.rights import Act
from ikm.server.store.silence import PROBLEMS, Kiosk
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Line
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.kiosk_history import History
from ikm.server.web.desk.names import has_words

PAGE = 100
NEWS = {
    "dicabut": "Kios dicabut. Jawaban sesudahnya disisihkan.",
    "diputuskan": "Keputusan disimpan.",
}
_UNHEARD, _FINE, _REVOKED = "tanpa-kabar", "baik", "dicabut"
STATES = (*PROBLEMS, _UNHEARD, _FINE, _REVOKED)
News = Annotated[str, QueryParameter(name="kabar")]
Row = Annotated[str, Meta(pattern=r"\A(|[1-9]\d{0,9}:\d{1,15})\Z")]


class _Revoke(FormMessage, frozen=True):
    reason: Line
    after: Row = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A kiosk in the list, with the names of its places."""

    kiosk: Kiosk
    counter: str
    unit: str

    @property
    def state(self) -> str:
        """Its gravest problem, or that it has none as far as it was heard of, or that it was revoked."""
        if self.kiosk.device.revocation is not None:
            return _REVOKED
        if self.kiosk.problems:
            return self.kiosk.problems[0]
        # no alarm is raised while a counter is closed, and yet nobody knows that all is well
        return _UNHEARD if self.kiosk.unheard else _FINE

    @property
    def place(self) -> tuple[str, list[str | int]]:
        """Its place by name, counters as people count them: Loket 2 before Loket 10."""
        # numbers stand at every second place, so that like is compared with like
        parts = re.split(r"(\d+)", self.counter.casefold())
        return self.unit.casefold(), [int(part) if at % 2 else part for at, part in enumerate(parts)]

    @property
    def queued(self) -> int:
        """Answers that are still on it, -1 where nobody knows."""
        health = self.kiosk.device.health
        return -1 if health is None else health.queued

    @property
    def covered(self) -> float:
        """The share of this week's opening hours it was heard in; 2 where there were none."""
        part = self.kiosk.coverage
        return part.heard / part.open if part.open else 2.0


_SORTS: Mapping[str, Callable[[Listed], Any]] = {
    "keadaan": lambda one: (one.kiosk.rank, not one.kiosk.unheard, -one.kiosk.missed_ms, one.place),
    "kios": lambda one: one.place,
    "kabar": lambda one: one.kiosk.device.last_seen_ms or 0,
    "antrean": lambda one: -one.queued,
    "ruang": lambda one: one.kiosk.device.health.disk_free_bytes if one.kiosk.device.health else -1,
    "versi": lambda one: one.kiosk.device.health.app_version if one.kiosk.device.health else "",
    "cakupan": lambda one: one.covered,
}
"""What the list can be sorted by."""


@get("/kelola/kios", sync_to_thread=True, opt=needs(Act.SEE))
def fleet(
    officer: GivenOfficer,
    desk: GivenDesk,
    *,
    chosen: Annotated[str, QueryParameter(name="keadaan")] = "",
    unit: Annotated[str, QueryParameter(name="unit", max_length=64)] = "",
    search: Annotated[str, QueryParameter(name="cari", max_length=100)] = "",
    sort: Annotated[str, QueryParameter(name="urut")] = "keadaan",
    number: Annotated[int, QueryParameter(name="halaman", ge=1, le=10_000)] = 1,
    kabar: News = "",
) -> Response[str]:
    """The kiosks of the officer's places, the gravest first."""
    now_ms, tree = desk.now_ms(), officer.rights.tree
    counters = frozenset(officer.rights.scope(Act.SEE, Level.COUNTER))
    every = [_listed(kiosk, tree) for kiosk in desk.store.kiosks(now_ms, counters=counters)]
    counts = Counter(one.state for one in every)
    also = Counter(problem for one in every for problem in one.kiosk.problems)
    key = sort if sort.removeprefix("-") in _SORTS else "keadaan"
    found = [one for one in every if _matches(one, chosen if chosen in STATES else "", unit, search)]
    found.sort(key=_SORTS[key.removeprefix("-")], reverse=key.startswith("-"))
    return desk.page(
        "fleet.html", officer, here="fleet", shown=found[(number - 1) * PAGE : number * PAGE], found=len(found),
        total=len(every) - counts[_REVOKED], counts=counts, also=also, states=STATES, now_ms=now_ms, number=number,
        pages=max(1, -(-len(found) // PAGE)), sort=key, notice=NEWS.get(kabar, ""),
        units=_units(every), bare=_bare(every, counters, tree),
        query={"keadaan": chosen, "unit": unit, "cari": search, "urut": key},
        may_equip=officer.rights.may_somewhere(Act.EQUIP),
    )  # fmt: skip


@get("/kelola/kios/{device:str}", sync_to_thread=True, opt=needs(Act.SEE, "device"))
def kiosk_page(officer: GivenOfficer, desk: GivenDesk, device: FromPath[str], kabar: News = "") -> Response[str]:
    """All that is known of one kiosk."""
    one = one_kiosk(desk, officer, device)
    counter = one.kiosk.device.counter
    return desk.page(
        "kiosk.html", officer, here="fleet", one=one, now_ms=desk.now_ms(), openings=desk.store.openings(device),
        forks=desk.store.forks(device), aside=one.kiosk.aside, history=History(desk, officer, device, counter),
        may_equip=officer.may(Act.EQUIP, counter), may_decide=officer.may(Act.DECIDE, counter),
        notice=NEWS.get(kabar, ""),
    )  # fmt: skip


@get("/kelola/kios/{device:str}/cabut", sync_to_thread=True, opt=needs(Act.EQUIP, "device", proof=True))
def revoke_page(officer: GivenOfficer, desk: GivenDesk, device: FromPath[str]) -> Response[str]:
    """The form that revokes a kiosk."""
    return _revoke_again(desk, officer, device)


@post("/kelola/kios/{device:str}/cabut", sync_to_thread=True, opt=needs(Act.EQUIP, "device", proof=True))
def revoke(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, device: FromPath[str]) -> Response[Any]:
    """Revoke a kiosk: what it sends afterwards does not count."""
    try:
        given = form.read(_Revoke)
    except FormFaults as faults:
        told = {**faults.faults}
        if "after" in told:
            told["after"] = "Tulis seperti 1:250, nomor rantai lalu nomor jawaban."
        return _revoke_again(desk, officer, device, status=422, faults=told, values=form.shown())
    after = None
    if given.after:
        epoch, seq = given.after.split(":")
        after = int(epoch), int(seq)
    by = officer.doing(desk.now_ms(), once=form.once, reason=given.reason)
    if not desk.store.revoke(device, by.at_ms, after=after, who=by.who, reason=given.reason, by=by):
        raise Refusal("done_already")
    return done(f"/kelola/kios/{device}", "dicabut")


def one_kiosk(desk: Desk, officer: Officer, device: str) -> Listed:
    """A kiosk as it is now. Raises Refusal (`not_found`)."""
    found = desk.store.kiosks(desk.now_ms(), device=device)
    if not found:
        raise Refusal("not_found", device)
    return _listed(found[0], officer.rights.tree)


def _revoke_again(desk: Desk, officer: Officer, device: str, **shown: Any) -> Response[str]:
    one = one_kiosk(desk, officer, device)
    return desk.page("kiosk_revoke.html", officer, here="fleet", one=one, now_ms=desk.now_ms(), **shown)


def _listed(kiosk: Kiosk, tree: Tree) -> Listed:
    counter, unit = tree.nodes[kiosk.device.counter], tree.nodes[kiosk.device.unit]
    return Listed(kiosk, counter.name, unit.name)


def _matches(one: Listed, state: str, unit: str, search: str) -> bool:
    device = one.kiosk.device
    if state and not (one.state == state or state in one.kiosk.problems):
        return False
    if not state and one.state == _REVOKED:
        return False
    if unit and device.unit != unit:
        return False
    wanted = search.casefold()
    marks = (device.id, device.counter, device.fingerprint, device.fingerprint.replace(" ", ""))
    return has_words(search, one.unit, one.counter) or any(wanted.strip() in mark for mark in marks)


def _units(every: Sequence[Listed]) -> Sequence[tuple[str, str]]:
    return sorted({(one.kiosk.device.unit, one.unit) for one in every}, key=lambda pair: pair[1].casefold())


def _bare(every: Sequence[Listed], counters: frozenset[str], tree: Tree) -> int:
    """How many counters in use have no kiosk."""
    served = {one.kiosk.device.counter for one in every if one.state != _REVOKED}
    return sum(1 for code in counters - served if not any(tree.nodes[up].retired for up in tree.path(code)))


ROUTES: tuple[Any, ...] = (fleet, kiosk_page, revoke_page, revoke)
"""The fleet and one kiosk of it."""
