"""The sheet of answers, a row per respondent, with the official rows of sums and means under them, live."""

from collections.abc import Iterable
from fractions import Fraction

from ikm.domain.score import ElementScore
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook.page import Page, at, down
from ikm.server.reports.workbook.plan import DATA, HEAD_ROWS, Plan
from ikm.server.reports.workbook.steps import unless_empty
from ikm.server.reports.workbook.summary import Worked, there

Row = tuple[int, str | None, tuple[int | None, ...]]
"""A respondent: the number in the source file, the group, a rating per question."""


def head(plan: Plan) -> Page:
    """The rows above the answers."""
    page = Page(DATA)
    page.put(0, 0, "Data jawaban responden", "title")
    page.put(1, 0, plan.source, "strong_text")
    page.put(2, 0, "Satu baris satu responden; nilai 1 sampai 4; sel kosong berarti tidak dijawab.", "subtitle")
    names = HEAD_ROWS - 1
    page.heights[names] = 46
    page.put(names - 1, 0, "Baris di berkas", "head")
    page.put(names, 0, "", "small_head")
    groups = plan.evaluation.groups
    if groups is not None:
        page.put(names - 1, 1, "Kode", "head")
        page.put(names - 1, 2, groups.column, "head")
        page.put(names, 1, "nomor kelompok", "small_head")
        page.put(names, 2, "", "small_head")
    for place, column in enumerate(plan.columns):
        page.put(names - 1, plan.first_question + place, column.label, "head")
        page.put(names, plan.first_question + place, column.line.element.name, "small_head")
    page.put(names - 1, plan.flag, "Lengkap", "head")
    page.put(names, plan.flag, "1 lengkap, 0 sebagian", "small_head")
    return page


def completeness(plan: Plan, row: int) -> str:
    """The formula that says whether a row of answers is complete; empty where there is no answer."""
    given = f"COUNT({at(row, plan.first_question)}:{at(row, plan.flag - 1)})".replace("$", "")
    return f'IF({given}={len(plan.columns)},1,IF({given}>0,0,""))'


def answered(rows: Iterable[Row]) -> Iterable[Row]:
    """The rows that hold an answer: nobody else is a respondent."""
    return (row for row in rows if any(rating is not None for rating in row[2]))


def foot(plan: Plan, worked: Worked) -> Page:
    """The official rows under the answers."""
    page, score = Page(DATA), plan.evaluation.whole.score
    tally, top = plan.evaluation.whole.tally, plan.last + 1
    labels = (
        "Banyaknya jawaban", "Jumlah nilai per unsur", "NRR per unsur", "NRR tertimbang per unsur",
        f"{index_name(score.regulation)} unit pelayanan",
    )  # fmt: skip
    for line, label in enumerate(labels):
        page.put(top + line, 0, label, "foot")
        for where in range(1, plan.flag + 1):
            page.put(top + line, where, "", "foot")
    for place, column in enumerate(plan.columns):
        answers = down(plan.first_question + place, HEAD_ROWS, plan.last)
        where, code = plan.first_question + place, column.question
        page.compute(top, where, f"COUNT({answers})", tally.answered(code), "foot_whole")
        page.compute(top + 1, where, f"SUM({answers})", tally.total(code), "foot_whole")
    for element in score.elements:
        _means(page, plan, worked, element)
    weighted = f"{at(top + 3, plan.first_question)}:{at(top + 3, plan.flag - 1)}"
    enough = f"COUNT({weighted})={len(score.elements)}"
    total = sum((line.weighted for line in score.elements if line.weighted is not None), start=Fraction(0))
    found = None if score.index is None else total
    page.compute(top + 3, plan.flag, f'IF({enough},SUM({weighted}),"")', found, "foot_three")
    page.put(top + 3, plan.flag + 1, "*)", "text")
    page.compute(top + 4, plan.flag, there(worked.index.index), score.index, "foot_two")
    page.put(top + 4, plan.flag + 1, "**)", "text")
    page.put(top + 5, 0, "*) = jumlah NRR tertimbang", "note")
    page.put(
        top + 6, 0, f"**) = jumlah NRR tertimbang × {score.regulation.index_factor}, dibulatkan dua desimal", "note"
    )
    return page


def _means(page: Page, plan: Plan, worked: Worked, element: ElementScore) -> None:
    top = plan.last + 1
    first, last = plan.span(element)
    places = range(plan.first_question + first, plan.first_question + last + 1)
    quotients = "+".join(f"{at(top + 1, place)}/{at(top, place)}" for place in places)
    many = len(element.questions)
    counts = f"MIN({at(top, places[0])}:{at(top, places[-1])})"
    quotient = quotients if many == 1 else f"({quotients})/{many}"
    mean = page.compute(top + 2, places[0], f'IF({counts}=0,"",{quotient})', element.mean, "foot_three", width=many)
    weight = "+".join(f"{there(worked.index.p(a))}/{there(worked.index.r(a))}" for a in range(first, last + 1))
    product = unless_empty(mean, f"{mean}*({weight})")
    page.compute(top + 3, places[0], product, element.weighted, "foot_three", width=many)
