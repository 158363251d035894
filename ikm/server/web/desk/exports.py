"""Raw answers of a unit, for those who may take them away: why is asked, and written down before anything is given."""

import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, cast

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.rights import Act
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import exact_weights
from ikm.server.reports.evaluation import evaluate
from ikm.server.reports.pooling import pool
from ikm.server.reports.raw_answers import Answer, Names, Plan, raw_csv, raw_head
from ikm.server.store.exports import Mark, StoredAnswer
from ikm.server.web.desk.asked import (
    CHANNELS,
    Asked,
    ChannelName,
    PeriodName,
    ServiceName,
    VersionName,
    asked,
    told,
    unit_of,
)
from ikm.server.web.desk.desk import Desk, GivenDesk
from ikm.server.web.desk.files import CSV, XLSX, disposition
from ikm.server.web.desk.forms import FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.names import service_names
from ikm.server.web.pages import views

_PIECE = 256 * 1024
_IN_MEMORY = 4 * 1024 * 1024
# a year's answers keep a worker busy for minutes, and kiosks' answers are taken in by the same workers
_AT_ONCE = threading.BoundedSemaphore(2)


class _Wish(FormMessage, frozen=True):
    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    kind: Literal["csv", "xlsx"]
    periode: Annotated[str, Meta(max_length=10)]
    layanan: Annotated[str, Meta(max_length=64)] = ""
    kanal: Annotated[str, Meta(max_length=16)] = ""
    versi: Annotated[str, Meta(max_length=64)] = ""
    comments: bool = False


@get("/kelola/unit/{unit:str}/jawaban", sync_to_thread=True, opt=needs(Act.EXPORT, "unit", proof=True))
def export_page(
    unit: FromPath[str], officer: GivenOfficer, desk: GivenDesk, *, periode: PeriodName = None,
    layanan: ServiceName = "", kanal: ChannelName = "", versi: VersionName = "",
) -> Response[str]:  # fmt: skip
    """What is asked before raw answers are given."""
    question = asked(desk, officer, periode, service=layanan, channel=kanal, version=versi)
    return _page(desk, officer, unit, question)


@post("/kelola/unit/{unit:str}/jawaban", sync_to_thread=True, opt=needs(Act.EXPORT, "unit", proof=True),
      status_code=200)  # fmt: skip
def export_answers(
    unit: FromPath[str], officer: GivenOfficer, desk: GivenDesk, form: GivenForm
) -> Response[Any] | Stream:
    """The answers. Raises Refusal (`done_already`, `workbook_too_large`, `server_busy` while others are made)."""
    try:
        wish = form.read(_Wish)
    except FormFaults as faults:
        period = form.texts.get("periode", [""])[0]
        return _page(desk, officer, unit, asked(desk, officer, period), status=422, faults=faults.faults,
                     values=form.shown())  # fmt: skip
    question = asked(desk, officer, wish.periode, service=wish.layanan, channel=wish.kanal, version=wish.versi)
    comments = wish.comments and officer.may(Act.READ, unit)
    export = _Export(desk, _names(desk, officer, unit), unit, question, comments=comments)
    if not _AT_ONCE.acquire(blocking=False):
        raise Refusal("server_busy", retry_after_s=60)
    with ExitStack() as made_now, ExitStack() as stack:
        made_now.callback(_AT_ONCE.release)
        made, count = export.workbook(stack) if wish.kind == "xlsx" else export.csv(stack)
        facts = {**question.query, "count": count, "comments": comments, "kind": wish.kind}
        by = officer.doing(desk.now_ms(), once=form.once, reason=wish.reason)
        desk.store.note_export(unit, question.period.label, facts, by)
        kept = stack.pop_all()
    name = f"jawaban-{unit}-{question.query['periode']}.{wish.kind}"
    return Stream(
        _pieces(made, kept), media_type=XLSX if wish.kind == "xlsx" else CSV,
        headers={**disposition(name), "Ikm-Rows": str(count)},
    )  # fmt: skip


class _Export:
    """One unit's answers, read a page at a time and written to a file that has no name."""

    def __init__(self, desk: Desk, names: Names, unit: str, question: Asked, *, comments: bool) -> None:
        self._names, self._unit, self._question, self._comments = names, unit, question, comments
        self._store = desk.store
        self._memo = desk.memo
        codes = desk.store.questionnaires_used(question.period, unit)
        wanted = question.chosen.questionnaire
        self._versions = [self._memo.questionnaire(desk.store, code) for code in codes if wanted in ("", code)]

    def csv(self, stack: ExitStack) -> tuple[BinaryIO, int]:
        """The file and how many answers it has."""
        plan = Plan.of(self._versions, comments=self._comments)
        rows = (Answer(one.local_date.isoformat(), one.body, one.remark) for one in self._answers())
        body = stack.enter_context(_file())
        count = 0
        for size, piece in raw_csv(plan, rows, self._names):
            count += size
            body.write(piece)
        whole = stack.enter_context(_file())
        lines = told(self._question, {"Unit": self._whole_name()}, self._names.services)
        whole.write(raw_head(plan, "Jawaban mentah", lines, count))
        body.seek(0)
        while piece := body.read(_PIECE):
            whole.write(piece)
        whole.seek(0)
        return whole, count

    def workbook(self, stack: ExitStack) -> tuple[BinaryIO, int]:
        """A workbook whose formulas compute the index from the answers. Raises Refusal (`nothing_to_export`)."""
        # it takes a second to import, and most never want it
        from ikm.server.reports.workbook import write_workbook  # noqa: PLC0415

        score = pool(self._parts()).score
        if score is None:
            raise Refusal("nothing_to_export")
        questions = tuple(code for line in score.elements for code in line.questions)
        keys = {
            (version.code, code): element if len(codes) == 1 else f"{element}/{code}"
            for version in self._versions
            for element, codes in version.elements().items()
            for code in codes
        }
        # equal sheets are one tuple, so that a million of them need no more room than their numbers
        sheets: Counter[tuple[int | None, ...]] = Counter()
        shared: dict[tuple[int | None, ...], tuple[int | None, ...]] = {}
        given = []
        for one in self._answers():
            told_ = {keys[one.body.questionnaire, code]: rating for code, rating in one.body.answers.items()}
            row = tuple(told_.get(key) for key in questions)
            sheets[row] += 1
            given.append(shared.setdefault(row, row))
        evaluation = evaluate(
            {"": tally_rows(questions, sheets)}, {line.element.code: line.questions for line in score.elements},
            score.regulation, exact_weights([line.element.code for line in score.elements]),
        )  # fmt: skip
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rows = ((number, None, row) for number, row in enumerate(given, 1))
        title = f"{self._whole_name()}, {self._question.period.label}"
        write_workbook(folder / "perhitungan.xlsx", evaluation, questions, rows, title)
        return stack.enter_context((folder / "perhitungan.xlsx").open("rb")), len(given)

    def _whole_name(self) -> str:
        return f"{self._names.unit} ({self._unit})"

    def _parts(self) -> list[tuple[Questionnaire, Tally]]:
        cells = self._store.cells(self._question.period, self._unit, chosen=self._question.chosen)
        return [(self._memo.questionnaire(self._store, cell.questionnaire), cell.tally) for cell in cells]

    def _answers(self) -> Iterator[StoredAnswer]:
        after: Mark | None = None
        # a version whose first answer comes in meanwhile has no columns here: the next file has it
        known = {version.code for version in self._versions}
        while page := self._store.answers(self._unit, self._question.period, self._question.chosen, after):
            yield from (one for one in page if one.body.questionnaire in known)
            after = page[-1].mark


def _file() -> BinaryIO:
    # whoever asks for it puts it on a stack
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))


def _pieces(made: BinaryIO, stack: ExitStack) -> Iterator[bytes]:
    with stack:
        while piece := made.read(_PIECE):
            yield piece


def _names(desk: Desk, officer: Officer, unit: str) -> Names:
    counters = {node.code: node.name for node in officer.rights.tree.below(unit, Level.COUNTER)}
    return Names(unit_of(officer, unit).name, service_names(desk, unit), counters)


def _page(desk: Desk, officer: Officer, unit: str, question: Asked, **shown: Any) -> Response[str]:
    node = unit_of(officer, unit)
    return desk.page(
        "answers_export.html", officer, here="figures", unit=node, asked=question, link=question.link,
        choice=views.choice(question.period, question.today), channels=CHANNELS,
        services=service_names(desk, unit),
        count=sum(cell.tally.responses for cell in desk.store.cells(question.period, unit, chosen=question.chosen)),
        may_read=officer.may(Act.READ, unit), **shown,
    )  # fmt: skip


ROUTES = (export_page, export_answers)
