"""Places are added, named, moved, put in order, retired, brought back and, where nothing hangs on them, deleted."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.organisation import PARENT, Level, Node, proposed_code
from ikm.domain.period import TimeZone
from ikm.domain.rights import Act
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.editing import Moved, Named, Phone, Where, codes, place_page, take, where
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm, OptionalLine, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of

BELOW = {level: child for child, level in PARENT.items() if level is not None}
"""The level right below each."""

Zone = Literal["", "WIB", "WITA", "WIT"]
CodeOrNone = Annotated[str, Meta(max_length=64, pattern=r"\A([a-z0-9][a-z0-9.-]*)?\Z")]


class Added(Named, frozen=True, kw_only=True):
    """A new place. Without a code one is made of its name."""

    code: CodeOrNone = ""
    zone: Zone = ""
    address: OptionalLine = ""
    phone: Phone = ""


class Renamed(Named, frozen=True, kw_only=True):
    """New names for a place."""

    revision: Revision


class Reached(FormMessage, frozen=True, kw_only=True):
    """Where a unit is and how to call it."""

    revision: Revision
    address: OptionalLine = ""
    phone: Phone = ""


class Put(FormMessage, frozen=True, kw_only=True):
    """Another agency for a unit."""

    revision: Revision
    parent: Annotated[str, Meta(min_length=1, max_length=64)]


class Shifted(FormMessage, frozen=True, kw_only=True):
    """A place one step up or down among its siblings."""

    revision: Revision
    up: bool


@get("/kelola/tempat/{node:str}/tambah", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def adding(officer: GivenOfficer, desk: GivenDesk, node: FromPath[str]) -> Response[str]:
    """The form for a place below this one."""
    return _adding(desk, officer, where(desk.store, node))


def _adding(desk: Desk, officer: Officer, at: Where, **shown: Any) -> Response[str]:
    level = BELOW.get(at.place.node.level)
    if level is None:
        raise Refusal("place_invalid", "Di bawah loket tidak ada tempat lagi.")
    zone = zone_of(desk.store, officer.rights.tree).name
    return place_page(desk, "place_add.html", officer, at, level=level, zones=list(TimeZone), zone=zone, **shown)


@post("/kelola/tempat/{node:str}/tambah", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def add(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Add a place below this one."""
    at = where(desk.store, node)

    def work() -> Redirect:
        said = form.read(Added)
        level = BELOW.get(at.place.node.level)
        if level is None:
            raise Refusal("place_invalid", "Di bawah loket tidak ada tempat lagi.")
        if level is Level.UNIT and not said.zone:
            raise FormFaults({"zone": "Pilih zona waktunya; ini tidak dapat diubah kemudian."})
        code = said.code or proposed_code(said.name, codes(officer.rights.tree))
        desk.store.add_place(
            Node(code, level, node, said.name), said.others, officer.doing(desk.now_ms(), once=form.once),
            zone=TimeZone[said.zone] if level is Level.UNIT else None, address=said.address, phone=said.phone,
        )  # fmt: skip
        return done(f"/kelola/tempat/{node if level is Level.COUNTER else code}", "ditambah")

    return take(form, work, lambda **shown: _adding(desk, officer, at, **shown))


@get("/kelola/tempat/{node:str}/nama", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def naming(officer: GivenOfficer, desk: GivenDesk, node: FromPath[str]) -> Response[str]:
    """The form for a place's names."""
    return place_page(desk, "place_name.html", officer, where(desk.store, node))


@post("/kelola/tempat/{node:str}/nama", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def rename(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Name a place anew."""

    def work() -> Redirect:
        said = form.read(Renamed)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.rename_place(node, said.name, said.others, said.revision, by)
        return done(f"/kelola/tempat/{node}", "tersimpan")

    return take(
        form, work, lambda **shown: place_page(desk, "place_name.html", officer, where(desk.store, node), **shown)
    )


@get("/kelola/tempat/{unit:str}/alamat", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def addressing(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str]) -> Response[str]:
    """The form for a unit's address."""
    return _addressing(desk, officer, unit)


def _addressing(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    return place_page(desk, "place_address.html", officer, at, facts=desk.store.unit_facts(unit), **shown)


@post("/kelola/tempat/{unit:str}/alamat", sync_to_thread=True, opt=needs(Act.ARRANGE, "unit"))
def address(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Say where a unit is."""

    def work() -> Redirect:
        said = form.read(Reached)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.change_unit(unit, said.revision, by, address=said.address, phone=said.phone)
        return done(f"/kelola/tempat/{unit}", "tersimpan")

    return take(form, work, lambda **shown: _addressing(desk, officer, unit, **shown))


@get("/kelola/tempat/{unit:str}/pindah", sync_to_thread=True, opt=needs(Act.ORGANISE, "unit"))
def moving(officer: GivenOfficer, desk: GivenDesk, unit: FromPath[str]) -> Response[str]:
    """The form for a unit's agency."""
    return _moving(desk, officer, unit)


def _moving(desk: Desk, officer: Officer, unit: str, **shown: Any) -> Response[str]:
    at = where(desk.store, unit, Level.UNIT)
    nodes = officer.rights.tree.nodes
    agencies = [nodes[code] for code in officer.rights.scope(Act.ORGANISE, Level.AGENCY)]
    offered = [node for node in agencies if not node.retired and node.code != at.place.node.parent]
    return place_page(desk, "place_move.html", officer, at, agencies=offered, **shown)


@post("/kelola/tempat/{unit:str}/pindah", sync_to_thread=True, opt=needs(Act.ORGANISE, "unit"))
def move(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, unit: FromPath[str]) -> Response[Any]:
    """Put a unit under another agency, where the officer arranges both."""

    def work() -> Redirect:
        said = form.read(Put)
        if said.parent != unit:
            officer.check(Act.ORGANISE, said.parent)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.move_place(unit, said.parent, said.revision, by)
        return done(f"/kelola/tempat/{unit}", "dipindah")

    return take(form, work, lambda **shown: _moving(desk, officer, unit, **shown))


@post("/kelola/tempat/{node:str}/urutan", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def shift(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Put a place one step up or down among its siblings, where the officer arranges those too."""
    parent = where(desk.store, node).place.node.parent or node
    officer.check(Act.ORGANISE, parent)
    said = form.read(Shifted)
    by = officer.doing(desk.now_ms(), once=form.once)
    desk.store.shift_place(node, -1 if said.up else 1, said.revision, by)
    return done(f"/kelola/tempat/{parent}", "diurutkan")


@get("/kelola/tempat/{node:str}/tutup", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def retiring(officer: GivenOfficer, desk: GivenDesk, node: FromPath[str]) -> Response[str]:
    """What retiring a place means, or deleting it where nothing hangs on it, before it is done."""
    return _retiring(desk, officer, node)


def _retiring(desk: Desk, officer: Officer, node: str, **shown: Any) -> Response[str]:
    below = [place for place in officer.rights.tree.below(node)[1:] if not place.retired]
    return place_page(
        desk, "place_retire.html", officer, where(desk.store, node), below=below, deletable=desk.store.deletable(node),
        **shown,
    )  # fmt: skip


@post("/kelola/tempat/{node:str}/tutup", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def retire(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Offer a place no longer."""

    def work() -> Redirect:
        desk.store.retire_place(node, form.read(Moved).revision, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{node}", "ditutup")

    return take(form, work, lambda **shown: _retiring(desk, officer, node, **shown))


@post("/kelola/tempat/{node:str}/buka", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def restore(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Offer a retired place again."""

    def work() -> Redirect:
        desk.store.restore_place(node, form.read(Moved).revision, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{node}", "dibuka")

    return take(form, work, lambda **shown: _retiring(desk, officer, node, **shown))


@post("/kelola/tempat/{node:str}/hapus", sync_to_thread=True, opt=needs(Act.ORGANISE, "node"))
def delete(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Forget a place on which nothing ever hung."""
    parent = where(desk.store, node).place.node.parent

    def work() -> Redirect:
        desk.store.delete_place(node, form.read(Moved).revision, officer.doing(desk.now_ms(), once=form.once))
        return done(f"/kelola/tempat/{parent}" if officer.may(Act.SEE, str(parent)) else "/kelola/tempat", "dihapus")

    return take(form, work, lambda **shown: _retiring(desk, officer, node, **shown))


ROUTES = (
    adding, add, naming, rename, addressing, address, moving, move, shift, retiring, retire, restore, delete,
)  # fmt: skip
