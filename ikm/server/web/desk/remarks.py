"""What citizens wrote: the inbox of the officer's units, one remark and what becomes of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter, SkipValidation
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.masking import may_name
from ikm.domain.organisation import Level
from ikm.domain.remark import Status
from ikm.domain.rights import Act
from ikm.server.reports.lapor import Report, lapor_csv
from ikm.server.store.remarks import CATEGORIES, Decision, Remark, Wanted
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm, OptionalLine, Revision, Words
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.names import service_names
from ikm.server.web.desk.paging import place_after, place_in

PAGE = 50
_MOST_EXPORTED = 5_000

STATUSES: Mapping[str, str] = {
    "new": "Baru", "open": "Diproses", "answered": "Dijawab", "closed": "Selesai",
}  # fmt: skip
CATEGORY_NAMES: Mapping[str, str] = {
    "complaint": "Pengaduan", "aspiration": "Saran", "question": "Pertanyaan", "praise": "Pujian", "other": "Lainnya",
}  # fmt: skip
MASKED_NAMES: Mapping[str, str] = {
    "email": "alamat surel", "nik": "NIK", "phone": "nomor telepon", "number": "nomor panjang",
    "plate": "nomor kendaraan",
}  # fmt: skip
_NEWS: Mapping[str, str] = {
    "disimpan": "Perubahan disimpan.",
    "dipilah": "Saran yang dipilih sudah dipilah.",
    "tidak-dipilih": "Pilih dahulu saran dan apa yang akan diubah.",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which remarks the address of the page asks for."""

    unit: str = ""
    status: str = ""
    category: str = ""
    words: str = ""
    late: bool = False

    def wanted(self, units: tuple[str, ...], today: date) -> Wanted:
        """As the store is asked, of those units only."""
        return Wanted(
            units=[unit for unit in units if not self.unit or unit == self.unit],
            status=Status(self.status) if self.status else None,
            category=self.category or None,
            words=self.words,
            overdue_on=today if self.late else None,
        )

    def link(self, **more: str) -> str:
        """The address of the page with this filter, changed by what is given."""
        told = {
            "unit": self.unit, "status": self.status, "jenis": self.category, "cari": self.words,
            "lewat": "1" if self.late else "", **more,
        }  # fmt: skip
        query = urlencode({name: value for name, value in told.items() if value})
        return f"/kelola/saran?{query}" if query else "/kelola/saran"


def _filter(
    unit: Annotated[str, QueryParameter(name="unit")] = "",
    status: Annotated[str, QueryParameter(name="status")] = "",
    category: Annotated[str, QueryParameter(name="jenis")] = "",
    search: Annotated[str, QueryParameter(name="cari")] = "",
    late: Annotated[str, QueryParameter(name="lewat")] = "",
) -> Filter:
    return Filter(
        unit, status if status in STATUSES else "", category if category in CATEGORIES else "",
        search.replace("\x00", "").strip()[:100], bool(late),
    )  # fmt: skip


_FILTERED = {"chosen": Provide(_filter, sync_to_thread=False)}
GivenFilter = NamedDependency[SkipValidation[Filter]]
News = Annotated[str, QueryParameter(name="kabar")]


class _Decided(FormMessage, frozen=True):
    revision: Revision
    status: Status
    category: Annotated[str, Meta(max_length=16)] = ""
    due_on: date | None = None
    answer: Words = ""
    hide: OptionalLine = ""
    published: bool = False
    looked: bool = False


class _Sorted(FormMessage, frozen=True):
    chosen: Annotated[frozenset[UUID], Meta(max_length=PAGE)] = frozenset()
    status: Status | None = None
    category: Annotated[str, Meta(max_length=16)] = ""
    back: OptionalLine = ""


@get("/kelola/saran", sync_to_thread=True, opt=needs(Act.READ), dependencies=_FILTERED)
def remarks_page(
    officer: GivenOfficer, desk: GivenDesk, chosen: GivenFilter, kabar: News = "",
    after: Annotated[str, QueryParameter(name="sesudah")] = "",
) -> Response[str]:  # fmt: skip
    """The inbox: the newest first, by what the filter asks for."""
    units, today = officer.rights.scope(Act.READ, Level.UNIT), _today(desk, officer)
    wanted = chosen.wanted(units, today)
    found = desk.store.remarks(wanted, before=place_in(after), limit=PAGE + 1)
    shown, more = found[:PAGE], len(found) > PAGE
    everything = Filter(unit=chosen.unit).wanted(units, today)
    last = shown[-1] if shown else None
    return desk.page(
        "remarks.html", officer, here="remarks", chosen=chosen, remarks=_lines(desk, shown, today),
        counts=desk.store.remark_states(everything, today), statuses=STATUSES, categories=CATEGORY_NAMES,
        units=[officer.rights.tree.nodes[unit] for unit in units], names=officer.rights.tree.nodes,
        more=chosen.link(sesudah=place_after(last.received_ms, last.id)) if more and last else "",
        notice=_NEWS.get(kabar, ""),
        may_sort=bool(officer.rights.roots(Act.ANSWER)), later=bool(after),
    )  # fmt: skip


@post("/kelola/saran/pilah", sync_to_thread=True, status_code=303, opt=needs(Act.ANSWER))
def sort_remarks(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Give several remarks a status or a kind at once."""
    try:
        given = form.read(_Sorted)
    except FormFaults:
        return done("/kelola/saran", "tidak-dipilih")
    # each is answered by itself: none is 'answered' without an answer
    answered = given.status is Status.ANSWERED
    if not given.chosen or answered or (given.status is None and given.category not in CATEGORIES):
        return done("/kelola/saran", "tidak-dipilih")
    desk.store.sort_remarks(
        officer.rights.scope(Act.ANSWER, Level.UNIT), sorted(str(one) for one in given.chosen), status=given.status,
        category=given.category if given.category in CATEGORIES else None,
        by=officer.doing(desk.now_ms(), once=form.once),
    )  # fmt: skip
    return done("/kelola/saran", "dipilah")


@get("/kelola/saran/lapor.csv", sync_to_thread=True, opt=needs(Act.ANSWER), dependencies=_FILTERED)
def lapor_file(officer: GivenOfficer, desk: GivenDesk, chosen: GivenFilter) -> Response[bytes]:
    """The remarks of the filter in the fields of SP4N-LAPOR!, the newest 5,000 at most."""
    tree = officer.rights.tree
    wanted = chosen.wanted(officer.rights.scope(Act.ANSWER, Level.UNIT), _today(desk, officer))
    found = desk.store.remarks(wanted, limit=_MOST_EXPORTED)
    names = _services(desk, found)
    reports = [
        Report(
            one.id, one.category, one.text, one.local_date, tree.nodes[one.unit].name,
            tree.nodes[tree.path(one.unit)[1]].name, names[one.unit].get(one.service, one.service),
        )
        for one in found
    ]  # fmt: skip
    _note_export(desk, officer, chosen, found)
    headers = {"Content-Disposition": 'attachment; filename="saran-lapor.csv"', "Cache-Control": "no-store"}
    return Response(lapor_csv(reports), media_type="text/csv; charset=utf-8", headers=headers)


def _note_export(desk: Desk, officer: Officer, chosen: Filter, found: Sequence[Remark]) -> None:
    """Write down at each place whose remarks were asked for how many of its own were taken away."""
    tree = officer.rights.tree
    places = [chosen.unit] if officer.may(Act.ANSWER, chosen.unit) else officer.rights.roots(Act.ANSWER)
    units = Counter(one.unit for one in found)
    for place in places:
        rows = sum(count for unit, count in units.items() if place in tree.path(unit))
        desk.store.note_deed(officer.doing(desk.now_ms()), "remark.exported", node=place, facts={"rows": rows})


@get("/kelola/saran/{remark:uuid}", sync_to_thread=True, opt=needs(Act.READ, "remark"))
def remark_page(officer: GivenOfficer, desk: GivenDesk, remark: FromPath[UUID], kabar: News = "") -> Response[str]:
    """One remark: what was written, what was masked, what is decided."""
    return desk.page(
        "remark.html", officer, here="remarks", notice=_NEWS.get(kabar, ""), **_shown(desk, officer, remark)
    )


@post("/kelola/saran/{remark:uuid}", sync_to_thread=True, opt=needs(Act.ANSWER, "remark"))
def decide_remark(
    officer: GivenOfficer, desk: GivenDesk, remark: FromPath[UUID], form: GivenForm
) -> Response[str] | Redirect:
    """Keep what is decided about a remark."""
    held = desk.store.remark(str(remark))
    try:
        given = form.read(_Decided)
        _check(given, held)
        desk.store.decide_remark(
            held.id, given.revision, _decision(given), officer.doing(desk.now_ms(), once=form.once)
        )
    except FormFaults as faults:
        return _again(desk, officer, form, remark, faults=faults.faults, status=422)
    except Refusal as refusal:
        if refusal.code != "changed_meanwhile":
            raise
        told = {"": Filled(_MEANWHILE, why=Filled(refusal.problem.title))}
        return _again(desk, officer, form, remark, faults=told, status=refusal.problem.status)
    return done(f"/kelola/saran/{remark}", "disimpan")


_MEANWHILE = "%(why)s Di bawah ini keadaan terbaru beserta isian Anda."


def _again(
    desk: Desk, officer: Officer, form: Form, remark: UUID, *, faults: Mapping[str, str], status: int
) -> Response[str]:
    return desk.page(
        "remark.html", officer, here="remarks", notice="", status=status, faults=faults, values=form.shown(),
        **_shown(desk, officer, remark),
    )  # fmt: skip


def _check(given: _Decided, held: Remark) -> None:
    faults: dict[str, str] = {}
    if given.category and given.category not in CATEGORIES:
        faults["category"] = "Pilihan ini tidak dikenal."
    if given.published and not given.answer and given.status is Status.NEW:
        faults["published"] = "Tanggapi atau pilah dahulu sebelum ditampilkan kepada umum."
    # nothing becomes public without a second look where a name may stand
    if given.published and not held.published and not given.looked and may_name(held.text):
        faults["looked"] = "Mungkin ada nama orang di dalamnya. Samarkan, atau nyatakan bahwa Anda sudah memeriksanya."
    if given.status is Status.ANSWERED and not given.answer:
        faults["answer"] = "Tulis tanggapannya, atau pilih status lain."
    if faults:
        raise FormFaults(faults)


def _decision(given: _Decided) -> Decision:
    hidden = tuple(part.strip() for part in given.hide.split(",") if len(part.strip()) >= 2)
    return Decision(given.category, given.status, given.due_on, given.answer, given.published, hidden)


def _shown(desk: Desk, officer: Officer, remark: UUID) -> dict[str, Any]:
    held = desk.store.remark(str(remark))
    return {
        "remark": held, "line": _lines(desk, [held], _today(desk, officer))[0], "statuses": STATUSES,
        "categories": CATEGORY_NAMES, "masked": {MASKED_NAMES[kind]: count for kind, count in held.masked.items()},
        "unit": officer.rights.tree.nodes[held.unit], "may_answer": officer.may(Act.ANSWER, held.unit),
        "names_somebody": may_name(held.text), "changed": _moment(desk, officer, held),
    }  # fmt: skip


def _moment(desk: Desk, officer: Officer, held: Remark) -> str:
    return zone_of(desk.store, officer.rights.tree).written(held.changed_ms) if held.changed_ms else ""


def _lines(desk: Desk, found: Sequence[Remark], today: date) -> list[dict[str, Any]]:
    names = _services(desk, found)
    return [
        {"remark": one, "service": names[one.unit].get(one.service, one.service), "overdue": one.overdue(today)}
        for one in found
    ]


def _services(desk: Desk, found: Sequence[Remark]) -> Mapping[str, Mapping[str, str]]:
    """The names of the services of each of those remarks' units, closed ones too, by unit and code."""
    return {unit: service_names(desk, unit) for unit in {one.unit for one in found}}


def _today(desk: Desk, officer: Officer) -> date:
    return zone_of(desk.store, officer.rights.tree).local_date(desk.now_ms())


ROUTES = (remarks_page, sort_remarks, lapor_file, remark_page, decide_remark)
