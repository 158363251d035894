"""Workbooks on the disk: every sheet written from its top, so that a million rows never stand in memory."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ikm.domain.errors import Refusal
from ikm.server.reports.evaluation import Evaluation
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook import answers_sheet, working
from ikm.server.reports.workbook.answers_sheet import Row
from ikm.server.reports.workbook.groups import HEAD, GroupSheet
from ikm.server.reports.workbook.looks import LOOKS
from ikm.server.reports.workbook.page import Cell, Page, Value
from ikm.server.reports.workbook.plan import HEAD_ROWS, Plan
from ikm.server.reports.workbook.sampled import sample
from ikm.server.reports.workbook.steps import Steps
from ikm.server.reports.workbook.summary import Summary, Worked
from ikm.server.reports.workbook.sureness import certainty
from ikm.server.reports.workbook.together import reliability, whole_answers

_OPTIONS: Mapping[str, object] = MappingProxyType(
    {
        "constant_memory": True,
        "default_format_properties": {"font_name": "Arial", "font_size": 10},
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
)
_A4 = 9
_EVERYWHERE = "A1:XFD1048576"
_SUMMARY_SCALE = 74
Formats = Mapping[str, Format]


def workbook_kind(path: Path) -> str:
    """The workbook's kind, always 'xlsx', by the suffix of its name, capitals or not.

    Raises:
        Refusal: `workbook_kind_unknown`.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind != "xlsx":
        raise Refusal("workbook_kind_unknown", f"'{path.name}' harus berakhiran .xlsx")
    return kind


def write_workbook(
    path: Path, evaluation: Evaluation, questions: Sequence[str], rows: Iterable[Row], source: str
) -> None:
    """Writes the workbook; a file of that name is replaced whole or left as it is.

    `questions` name the ratings of a row; `rows` are the respondents of the evaluation in file order; `source` is
    what the headings call them: the file's name, or a title that the user gave.

    Raises:
        Refusal: `workbook_kind_unknown`; `workbook_too_large` when there are more respondents than a sheet has rows;
            both before anything is written.
        ValueError: The rows are not those of the evaluation.
        OSError: The file cannot be written.
    """
    workbook_kind(path)
    plan = Plan.of(evaluation, questions, source)
    steps, worked = _worked(plan)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream, TemporaryDirectory() as folder:
            book = xlsxwriter.Workbook(stream, {**_OPTIONS, "tmpdir": folder})
            _fill(book, plan, steps, worked, rows)
            try:
                book.close()
            except FileCreateError as error:
                raise error.args[0] from error
        part.replace(path)
    except OSError as error:
        # the reader knows the name they gave, not those of the parts
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def _worked(plan: Plan) -> tuple[Steps, Worked]:
    """The sheet of workings, and where on it what the other sheets show stands."""
    score = plan.evaluation.whole.score
    steps = Steps(plan)
    steps.page.put(0, 0, "Perhitungan", "title")
    told = "Setiap langkah dari jawaban sampai angka. Sel kuning ditetapkan, sel yang lain dihitung dari lembar Data."
    steps.page.put(1, 0, told, "subtitle")
    steps.row = 2
    ground = working.Ground(steps, working.given(steps), working.counted(steps))
    means = working.means(ground)
    name = index_name(score.regulation)
    weights = [column.line.weight / len(column.line.questions) for column in plan.columns]
    steps.break_page()
    index = working.index_of(ground, f"3. {name}", score, weights)
    exact = base = None
    if score.weights.printed:
        share = Fraction(1, len(score.elements))
        even = [share / len(column.line.questions) for column in plan.columns]
        exact = working.index_of(ground, f"3a. {name} dengan bobot tepat {share}", score, even)
    if score.base is not None:
        even = [line.weight / len(line.questions) for line in score.base.elements for _ in line.questions]
        base = working.index_of(ground, f"3b. {name} tanpa unsur tambahan", score.base, even)
    enough = sample(ground)
    spread = whole_answers(ground)
    alpha = reliability(ground, spread)
    sure = certainty(ground, index, enough, spread)
    return steps, Worked(ground.given, ground.counted, means, index, exact, base, enough, alpha, sure)


def _fill(book: xlsxwriter.Workbook, plan: Plan, steps: Steps, worked: Worked, rows: Iterable[Row]) -> None:
    formats = {name: book.add_format(dict(style)) for name, style in LOOKS.items()}
    book.set_properties({"title": plan.survey, "subject": plan.evaluation.rule.title})
    summary, head = Summary(plan, worked).written(), answers_sheet.head(plan)
    sheets = {name: book.add_worksheet(name) for name in (summary.name, head.name, steps.page.name)}
    _set_up(sheets[summary.name], (6, 42, 11, 11, 9, 9, 12, 12, 11, 22), None)
    _write(sheets[summary.name], summary, formats)
    data = sheets[head.name]
    groups = plan.evaluation.groups
    between = () if groups is None else (9, 30)
    _set_up(data, (25, *between, *(12 for _ in plan.columns), 10, 4), (HEAD_ROWS, plan.first_question))
    _write(data, head, formats)
    _answers(data, plan, rows, formats)
    _write(data, answers_sheet.foot(plan, worked), formats)
    _set_up(sheets[steps.page.name], (40, 15, *(13 for _ in range(max(len(plan.columns), 7)))), (2, 2))
    _write(sheets[steps.page.name], steps.page, formats)
    if groups is not None:
        composed = GroupSheet(plan, worked, groups)
        page = composed.written()
        sheet = book.add_worksheet(page.name)
        others = (11 for _ in range(len(plan.columns) * 2 + len(composed.elements) + 5))
        _set_up(sheet, (7, 32, 11, 15, 8, 14, 10, 10, 10, 10, *others), (HEAD + 1, 2))
        _write(sheet, page, formats)
        sheet.print_area(0, 0, composed.last, composed.printed)


def _set_up(sheet: Worksheet, widths: Sequence[float], frozen: tuple[int, int] | None) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    # a spreadsheet's guesses at slips, such as a name in digits or a diagonal unlike its neighbours
    sheet.ignore_errors(dict.fromkeys(("number_stored_as_text", "formula_differs", "formula_range"), _EVERYWHERE))
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer("&L&9&A&R&9Halaman &P dari &N")
    if frozen is None:
        # page breaks hold where a scale is given, and not where pages are made to fit
        sheet.set_print_scale(_SUMMARY_SCALE)
        sheet.center_horizontally()
    else:
        sheet.fit_to_pages(1, 0)
        sheet.freeze_panes(*frozen)
        sheet.repeat_rows(max(frozen[0] - 2, 0), frozen[0] - 1)


def _write(sheet: Worksheet, page: Page, formats: Formats) -> None:
    for row, height in page.heights.items():
        sheet.set_row(row, height)
    if page.breaks:
        sheet.set_h_pagebreaks(page.breaks)
    for row, cells in page.rows():
        for column, cell in cells:
            _put(sheet, row, column, cell, formats[cell.style])


def _put(sheet: Worksheet, row: int, column: int, cell: Cell, look: Format) -> None:
    if cell.width > 1:
        sheet.merge_range(row, column, row, column + cell.width - 1, "", look)
    value = _plain(cell.value)
    if cell.formula is not None:
        sheet.write_formula(row, column, f"={cell.formula}", look, "" if value is None else value)
    elif isinstance(value, str):
        sheet.write_string(row, column, _safe(value), look)
    elif value is None:
        sheet.write_blank(row, column, None, look)
    else:
        sheet.write_number(row, column, value, look)


def _answers(sheet: Worksheet, plan: Plan, rows: Iterable[Row], formats: Formats) -> None:
    """The respondents, in file order; nobody may be left out or come besides those the evaluation counted."""
    number, rating, name = formats["row_number"], formats["rating"], formats["label"]
    codes = plan.codes
    places = [(plan.first_question + place, column.place) for place, column in enumerate(plan.columns)]
    row = HEAD_ROWS - 1
    for row, (source, group, ratings) in enumerate(answers_sheet.answered(rows), start=HEAD_ROWS):
        if row > plan.last:
            break
        sheet.write_number(row, 0, source, number)
        if codes:
            code = codes.get(group or "")
            if code is None:
                raise ValueError(f"group {group!r} was not evaluated")
            sheet.write_number(row, 1, code, number)
            sheet.write_string(row, 2, _safe(group or ""), name)
        complete = 1
        for column, place in places:
            given = ratings[place]
            if given is None:
                complete = 0
                sheet.write_blank(row, column, None, rating)
            else:
                sheet.write_number(row, column, given, rating)
        sheet.write_formula(row, plan.flag, f"={answers_sheet.completeness(plan, row)}", number, complete)
    found = row - HEAD_ROWS + 1
    if found != plan.respondents:
        raise ValueError(f"{plan.respondents} respondents were evaluated, but the rows hold another number")
    if not found:
        sheet.write_formula(HEAD_ROWS, plan.flag, f"={answers_sheet.completeness(plan, HEAD_ROWS)}", number, "")


def _plain(value: Value) -> int | float | str | None:
    return float(value) if isinstance(value, Decimal | Fraction) else value


def _safe(text: str) -> str:
    """The text as a cell can hold it: on XML's terms, and never taken for marked-up text by the writer."""
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)[:32_000]
    return f"{plain} " if plain.startswith("<r>") else plain
