"""What waits for a decision about a kiosk: rows held because of a fork, rows kept aside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta
from msgspec.structs import fields

from ikm import wire
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.domain.filled import Filled
from ikm.domain.rights import Act
from ikm.server.store.deeds import Doer
from ikm.server.store.quarantine import FORK, Heap, KeptRow
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.fleet import one_kiosk
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, Line
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

_MOST = 500
_SHOWN = 5
Epoch = Annotated[int, Meta(ge=1, le=2**53)]


class Count(StrEnum):
    """Whether held rows count."""

    COUNT = "count"
    DISCARD = "discard"


class Release(StrEnum):
    """Whether rows kept aside count."""

    RELEASE = "release"
    REJECT = "reject"


class _Fork(FormMessage, frozen=True):
    epoch: Epoch
    decision: Count
    reason: Line


class _Aside(FormMessage, frozen=True):
    epoch: Epoch
    code: Annotated[str, Meta(min_length=1, max_length=64)]
    decision: Release
    reason: Line


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one epoch that are kept aside for the same reason; `shown` are the first few without their comments."""

    heap: Heap
    why: str
    detail: str
    shown: tuple[tuple[int, str], ...]

    @property
    def can_count(self) -> bool:
        """Rows of a forked chain come in by the epoch their device begins next, never by a decision about them."""
        return self.heap.chained and self.heap.code != FORK


@get("/kelola/kios/{device:str}/keputusan", sync_to_thread=True, opt=needs(Act.DECIDE, "device", proof=True))
def decisions_page(officer: GivenOfficer, desk: GivenDesk, device: FromPath[str]) -> Response[str]:
    """What waits."""
    return _page(desk, officer, device)


@post("/kelola/kios/{device:str}/cabang", sync_to_thread=True, opt=needs(Act.DECIDE, "device", proof=True))
def decide_fork(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, device: FromPath[str]) -> Response[Any]:
    """Count the rows of an epoch that are held, or hold them for ever."""
    try:
        given = form.read(_Fork)
    except FormFaults as faults:
        return _page(desk, officer, device, faults=faults.faults, values=form.shown(), status=422)
    by = officer.doing(desk.now_ms(), once=form.once, reason=given.reason)
    try:
        desk.store.decide_fork(
            device, given.epoch, given.decision.value, who=by.who, reason=given.reason, now_ms=by.at_ms, by=by
        )
    except Refusal as refusal:
        if refusal.code == "not_found":
            return _page(desk, officer, device, faults=_GONE, status=409)
        raise
    return done(f"/kelola/kios/{device}", "diputuskan")


@post("/kelola/kios/{device:str}/sisihan", sync_to_thread=True, opt=needs(Act.DECIDE, "device", proof=True))
def decide_aside(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, device: FromPath[str]) -> Response[Any]:
    """Count rows that were kept aside after all, or never."""
    try:
        given = form.read(_Aside)
    except FormFaults as faults:
        return _page(desk, officer, device, faults=faults.faults, values=form.shown(), status=422)
    by = officer.doing(desk.now_ms(), once=form.once, reason=given.reason)
    waiting = desk.store.quarantined(device, undecided=True, heap=(given.epoch, given.code), limit=_MOST)
    if not waiting:
        return _page(desk, officer, device, faults=_GONE, status=409)
    refused = _decide(desk, device, waiting, given.decision, by)
    if refused is not None:
        told = Filled(_NOT_YET, why=Filled(refused.problem.title), detail=refused.detail)
        return _page(desk, officer, device, faults={"": told}, status=422)
    return done(f"/kelola/kios/{device}", "diputuskan")


_NOT_YET = "Belum dapat dihitung: %(why)s %(detail)s"
_GONE = {"": "Itu sudah diputuskan orang lain. Di bawah ini yang masih menunggu."}


def _decide(desk: Desk, device: str, rows: Sequence[KeptRow], decision: Release, by: Doer) -> Refusal | None:
    """Take one decision about each of those rows; the first refusal, after which the others were tried too."""
    decides = desk.store.release if decision is Release.RELEASE else desk.store.reject
    first: Refusal | None = None
    for seq, epoch in sorted({(row.seq, row.epoch) for row in rows}):
        try:
            decides(device, epoch, seq, who=by.who, reason=by.reason, now_ms=by.at_ms, by=by)
        except Refusal as refusal:
            if refusal.code == "done_already" or refusal.problem.is_of_the_server:
                raise
            first = first or refusal
            continue
        # the form's own number marks the first row; the others are the same form's
        by = replace(by, once=None)
    return first


def _page(desk: Desk, officer: Officer, device: str, **shown: Any) -> Response[str]:
    one = one_kiosk(desk, officer, device)
    return desk.page(
        "decisions.html", officer, here="fleet", one=one, forks=_by_epoch(desk, device),
        groups=[_group(desk, device, heap) for heap in desk.store.heaps(device)], most=_MOST, **shown,
    )  # fmt: skip


def _by_epoch(desk: Desk, device: str) -> Sequence[Any]:
    """Of each epoch the undecided fork that begins first: its decision is about all of them."""
    found: dict[int, Any] = {}
    for fork in desk.store.forks(device, undecided=True):
        found.setdefault(fork.epoch, fork)
    return list(found.values())


def _group(desk: Desk, device: str, heap: Heap) -> Group:
    why = PROBLEMS[heap.code].title if heap.code in PROBLEMS else heap.code
    rows = desk.store.quarantined(device, undecided=True, heap=(heap.epoch, heap.code), limit=_SHOWN)
    return Group(heap, why, next((row.detail for row in rows), ""), tuple((row.seq, _body(row)) for row in rows))


def _body(row: KeptRow) -> str:
    """What a row says in numbers and codes; words, wherever they stand, are masked before anybody reads them."""
    try:
        said = msgspec.json.decode(row.body, type=dict[str, Any])
        told = {name: _without_words(said[name], kind) for name, kind in _TOLD.items() if name in said}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "Isinya tidak dapat dibaca."
    return msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2).decode()[:4000]


_TOLD = {field.encode_name: field.type for field in fields(wire.ResponseBody) if field.name != "comment"}
"""The members of a response that hold no free text, and what they are made of."""


def _without_words(value: Any, kind: Any) -> Any:
    """A member as it is where it is made as it should be; else its numbers and a dot for each text in it."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return _dotted(value)
    return value


def _dotted(value: Any) -> Any:
    match value:
        case dict():
            return {f"… {number}": _dotted(one) for number, one in enumerate(value.values(), 1)}
        case list():
            return [_dotted(one) for one in value]
        case str():
            return "…"
    return value


ROUTES: tuple[Any, ...] = (decisions_page, decide_fork, decide_aside)
"""Decisions."""
