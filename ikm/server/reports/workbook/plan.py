"""Where everything stands in a workbook: which column holds which question, and which rows hold the answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from ikm.domain.errors import Refusal
from ikm.domain.score import ElementScore
from ikm.server.reports.evaluation import Evaluation
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook.page import down

DATA, WORKING, SUMMARY = "Data", "Perhitungan", "Ringkasan"
MOST_ROWS = 1_048_576
"""Rows of a sheet, in every program that reads .xlsx."""
HEAD_ROWS, FOOT_ROWS = 5, 8
FIRST = 2
"""The column of the first question in the workings: left of it stand labels and single figures."""
NO_DATA = "belum ada data"
SATISFACTION = "IKM"


@dataclass(frozen=True, slots=True)
class Column:
    """One question: `place` in a row of ratings, `label` such as U4 or U4.2."""

    question: str
    place: int
    label: str
    line: ElementScore


@dataclass(frozen=True, slots=True)
class Plan:
    """The layout of one evaluation's workbook. Questions stand in the order of the rule's annex, an element together.

    `source` is what the headings call the answers: the name of their file, or a title that the user gave.

    Raises:
        Refusal: `workbook_too_large` when there are more respondents than a sheet has rows.
    """

    evaluation: Evaluation
    columns: tuple[Column, ...]
    source: str

    @classmethod
    def of(cls, evaluation: Evaluation, questions: Sequence[str], source: str) -> "Plan":
        """The plan for questions in the order of the rows' ratings."""
        places = {question: place for place, question in enumerate(questions)}
        columns = tuple(
            Column(question, places[question], _label(line, within), line)
            for line in evaluation.whole.score.elements
            for within, question in enumerate(line.questions)
        )
        plan = cls(evaluation, columns, source)
        if plan.last + 1 + FOOT_ROWS > MOST_ROWS:
            most = MOST_ROWS - HEAD_ROWS - FOOT_ROWS
            raise Refusal(
                "workbook_too_large", f"{plan.respondents} responden, satu lembar memuat paling banyak {most}"
            )
        return plan

    @property
    def respondents(self) -> int:
        """How many rows of answers there are."""
        return self.evaluation.whole.tally.responses

    @property
    def last(self) -> int:
        """The last row of answers, from 0; an empty one where nobody answered, so that ranges stand."""
        return HEAD_ROWS + max(self.respondents, 1) - 1

    @property
    def first_question(self) -> int:
        """The data sheet's column of the first question."""
        return 1 if self.evaluation.groups is None else 3

    @property
    def flag(self) -> int:
        """The data sheet's column that says whether a row is complete."""
        return self.first_question + len(self.columns)

    @property
    def lettered(self) -> bool:
        """Whether the rule grades by letters, and not by a threshold alone."""
        return all(len(band.grade) == 1 for band in self.evaluation.rule.bands)

    @property
    def grading(self) -> tuple[str, str]:
        """The headings of a grade and of what it says."""
        return ("Mutu", "Kinerja") if self.lettered else ("Ambang", "Penilaian")

    @property
    def survey(self) -> str:
        """What kind of survey it is: the rule's own name of it where it is not the one of satisfaction."""
        rule = self.evaluation.rule
        return "Survei Kepuasan Masyarakat" if index_name(rule) == SATISFACTION else rule.title

    @property
    def codes(self) -> dict[str, int]:
        """The number each group goes by in the data sheet: conditions would read signs in a name as their own."""
        groups = self.evaluation.groups
        return {} if groups is None else {group.name: code for code, group in enumerate(groups.groups, start=1)}

    def data(self, column: int) -> str:
        """The answers of one question, by its place among the columns, as other sheets address them."""
        return f"{DATA}!{down(self.first_question + column, HEAD_ROWS, self.last)}"

    def beside(self, column: int) -> str:
        """A column of the data sheet itself, over all answers, as other sheets address it."""
        return f"{DATA}!{down(column, HEAD_ROWS, self.last)}"

    def span(self, line: ElementScore) -> tuple[int, int]:
        """The places of an element's first and last question among the columns."""
        first = next(
            place for place, column in enumerate(self.columns) if column.line.element.code == line.element.code
        )
        return first, first + len(line.questions) - 1


def sheet_name(column: str) -> str:
    """The name of the groups' sheet: what a spreadsheet allows in a name, at most 31 characters."""
    plain = " ".join("".join(" " if sign in "[]:*?/\\'" or not sign.isprintable() else sign for sign in column).split())
    return f"Per {plain or 'kelompok'}"[:31].rstrip()


def _label(line: ElementScore, within: int) -> str:
    number = f"U{line.element.annex_number}"
    return number if len(line.questions) == 1 else f"{number}.{within + 1}"
