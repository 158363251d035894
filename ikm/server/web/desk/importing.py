"""Places out of a spreadsheet: a template to fill in, an upload, a preview of every row, a button that saves all."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import uuid_utils
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act
from ikm.server.importing import Plan, Table, planned
from ikm.server.importing.plan import Outcome
from ikm.server.importing.sheets import LARGEST_BYTES
from ikm.server.importing.template import separated, workbook
from ikm.server.importing.uploads import kept, read_upload, restored
from ikm.server.store.imports import AddPlace, AnyChange, Import, ReachUnit, RenamePlace, State
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import HERE, News
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of

_ROOM = 64 * 1024
"""For what a form holds besides its file."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_KINDS = {
    "xlsx": (workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (separated, "text/csv; charset=utf-8"),
}
LABELS = {Outcome.NEW: "Baru", Outcome.CHANGED: "Berubah", Outcome.SAME: "Sama", Outcome.WRONG: "Salah"}
_CHANGED = "Sementara pratinjau ini terbuka, datanya berubah. Periksa lagi pratinjau yang baru, lalu simpan."


class Confirmed(FormMessage, frozen=True, kw_only=True):
    """What was seen in the preview."""

    digest: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Nothing(FormMessage, frozen=True, kw_only=True):
    """A form that says nothing of its own."""


@get("/kelola/impor", sync_to_thread=True, opt=needs(Act.ORGANISE))
def importing(officer: GivenOfficer, desk: GivenDesk, kabar: News = "") -> Response[str]:
    """The upload, the template, and the imports so far."""
    return _importing(desk, officer, kabar=kabar)


def _importing(desk: Desk, officer: Officer, **shown: Any) -> Response[str]:
    held = [one for one in desk.store.imports(officer.person) if _reaches(officer, one)]
    told: dict[str, Any] = {"kabar": "", **shown}
    return desk.page(
        "import.html", officer, here=HERE, held=held, zone=zone_of(desk.store, officer.rights.tree), **told
    )


@get("/kelola/impor/contoh/{kind:str}", sync_to_thread=True, opt=needs(Act.ORGANISE))
def template(kind: FromPath[str]) -> Response[bytes]:
    """The file to fill in."""
    if kind not in _KINDS:
        raise Refusal("not_found", kind)
    make, media_type = _KINDS[kind]
    headers = {"Content-Disposition": f'attachment; filename="daftar-unit-layanan.{kind}"'}
    return Response(make(), media_type=media_type, headers=headers)


@post(
    "/kelola/impor", sync_to_thread=True, opt=needs(Act.ORGANISE), request_max_body_size=LARGEST_BYTES + _ROOM,
)  # fmt: skip
def upload(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[Any]:
    """Read a file and keep what it says until it is confirmed."""
    try:
        table = _read(form)
    except FormFaults as faults:
        return _importing(desk, officer, status=422, faults=faults.faults)
    except Refusal as refusal:
        told = refusal.detail or refusal.problem.title
        return _importing(desk, officer, status=refusal.problem.status, faults={"file": told})
    number = str(uuid_utils.uuid7())
    desk.store.keep_import(number, table.file_name, table.sha256, kept(table), officer.doing(desk.now_ms()))
    return done(f"/kelola/impor/{number}")


def _read(form: Form) -> Table:
    form.read(Nothing)
    given = form.files.get("file")
    if given is None or not given.filename:
        raise FormFaults({"file": "Pilih berkasnya dahulu."})
    return read_upload(given.filename, given.file.read())


@get("/kelola/impor/{number:str}", sync_to_thread=True, opt=needs(Act.ORGANISE))
def preview(officer: GivenOfficer, desk: GivenDesk, number: FromPath[str], kabar: News = "") -> Response[str]:
    """What an upload would change, or what it changed."""
    return _preview(desk, officer, _found(desk, officer, number), kabar=kabar)


def _preview(desk: Desk, officer: Officer, held: Import, **shown: Any) -> Response[str]:
    table = restored(held.file_name, held.sha256, held.records)
    plan = None if held.applied_ms is not None else planned(table, desk.store.organisation_state(), _may(officer))
    told: dict[str, Any] = {"kabar": "", **shown}
    counts = {} if plan is None else {outcome: plan.count(outcome) for outcome in Outcome}
    return desk.page(
        "import_preview.html", officer, here=HERE, held=held, table=table, plan=plan, labels=LABELS, counts=counts,
        zone=zone_of(desk.store, officer.rights.tree), **told,
    )  # fmt: skip


@post("/kelola/impor/{number:str}/simpan", sync_to_thread=True, opt=needs(Act.ORGANISE))
def confirm(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, number: FromPath[str]) -> Response[Any]:
    """Make the changes that were shown, all of them or none."""
    held = _found(desk, officer, number)
    try:
        said = form.read(Confirmed)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.apply_import(held.id, decided(held, said.digest, _may(officer)), by)
    except FormFaults as faults:
        return _preview(desk, officer, held, status=422, faults=faults.faults)
    except Refusal as refusal:
        if refusal.code != "changed_meanwhile":
            raise
        return _preview(desk, officer, _found(desk, officer, number), status=409, faults={"": _CHANGED})
    return done(f"/kelola/impor/{number}", "diimpor")


def decided(held: Import, digest: str, may: Callable[[str], bool]) -> Callable[[State], Sequence[AnyChange]]:
    """How an import is decided again where it is written: its changes, where they still are those that were shown."""
    table = restored(held.file_name, held.sha256, held.records)

    def decide(state: State) -> Sequence[AnyChange]:
        plan: Plan = planned(table, state, may)
        if plan.faults or not plan.changes or plan.digest != digest:
            raise Refusal("changed_meanwhile", held.file_name)
        return plan.changes

    return decide


@post("/kelola/impor/{number:str}/batal", sync_to_thread=True, opt=needs(Act.ORGANISE))
def undo(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, number: FromPath[str]) -> Response[Any]:
    """Take an import back as a whole."""
    held = _found(desk, officer, number)
    try:
        form.read(Nothing)
        desk.store.undo_import(held.id, officer.doing(desk.now_ms(), once=form.once))
    except FormFaults as faults:
        return _preview(desk, officer, held, status=422, faults=faults.faults)
    except Refusal as refusal:
        if refusal.code != "in_use":
            raise
        return _preview(desk, officer, held, status=409, faults={"": refusal.detail})
    return done(f"/kelola/impor/{number}", "impor-dibatalkan")


def _found(desk: Desk, officer: Officer, number: str) -> Import:
    """An upload of the officer's own, or an import of places they arrange. Raises Refusal (`not_found`)."""
    if not _ID.fullmatch(number):
        raise Refusal("not_found", number[:40])
    held = desk.store.kept_import(number)
    if not _reaches(officer, held):
        raise Refusal("not_found", number)
    return held


def _reaches(officer: Officer, held: Import) -> bool:
    # what waits is its owner's; what was done is everybody's who may arrange all it touched
    if held.applied_ms is None:
        return held.person == officer.person
    above = {change.code: change.parent for change in held.changes if isinstance(change, AddPlace)}
    return all(officer.may(Act.ORGANISE, _place_of(officer, above, change)) for change in held.changes)


def _place_of(officer: Officer, above: Mapping[str, str], change: AnyChange) -> str:
    """The place a change is about, or the one above it that is still there."""
    code = change.code if isinstance(change, AddPlace | RenamePlace | ReachUnit) else change.unit
    while code not in officer.rights.tree.nodes and code in above:
        code = above[code]
    return code


def _may(officer: Officer) -> Callable[[str], bool]:
    return lambda code: officer.may(Act.ORGANISE, code)


ROUTES = (importing, template, upload, preview, confirm, undo)
