"""The sheet of workings as a list of labelled steps, written from the top."""

from collections.abc import Callable, Sequence

from ikm.server.reports.workbook.page import Page, Value, at
from ikm.server.reports.workbook.plan import FIRST, WORKING, Plan

Row = Callable[[int], str]
"""The address of a row's figure for a question, by the question's place."""


class Steps:
    """Labelled steps, one a row: the label, then a single figure, then a figure per question."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.page = Page(WORKING)
        self.row = 0

    def section(self, title: str) -> None:
        """A heading across the sheet."""
        self.row += 1
        for column in range(FIRST + max(len(self.plan.columns), 7)):
            self.page.put(self.row, column, title if column == 0 else None, "section")
        self.row += 1

    def break_page(self) -> None:
        """A new page from here on, where a printer is asked for one."""
        self.page.breaks.append(self.row)

    def single(self, label: str, formula: str, value: Value, style: str = "whole", note: str = "") -> str:
        """The address of one computed figure."""
        address = self.page.compute(self.row, 1, formula, value, style)
        self._beside(label, note)
        return address

    def given(self, label: str, value: Value, note: str = "") -> str:
        """The address of one figure that was given."""
        address = self.page.put(self.row, 1, value, "given")
        self._beside(label, note)
        return address

    def note(self, text: str) -> None:
        """A line under what it explains."""
        self.page.put(self.row, 0, text, "note")
        self.row += 1

    def questions(self, single: str = "") -> None:
        """A row with the questions' labels."""
        self.page.put(self.row, 0, "", "head_left")
        self.page.put(self.row, 1, single, "head")
        for place, column in enumerate(self.plan.columns):
            self.page.put(self.row, FIRST + place, column.label, "head")
        self.row += 1

    def each(self, label: str, formula: Row, values: Sequence[Value], style: str = "whole") -> Row:
        """A row with a computed figure per question; as many questions as there are values."""
        self.page.put(self.row, 0, label, "label")
        for place, value in enumerate(values):
            self.page.compute(self.row, FIRST + place, formula(place), value, style)
        self.row += 1
        return in_row(self.row - 1)

    def given_each(self, label: str, values: Sequence[Value]) -> Row:
        """A row with a given figure per question."""
        self.page.put(self.row, 0, label, "label")
        for place, value in enumerate(values):
            self.page.put(self.row, FIRST + place, value, "given")
        self.row += 1
        return in_row(self.row - 1)

    def matrix(
        self, title: str, formula: Callable[[int, int], str], values: Sequence[Sequence[Value]], style: str
    ) -> Callable[[int, int], str]:
        """A square of figures, a row and a column per question; the address of each by its two places."""
        self.page.put(self.row, 0, title, "strong_label")
        self.page.put(self.row, 1, "", "head")
        for place, column in enumerate(self.plan.columns):
            self.page.put(self.row, FIRST + place, column.label, "head")
        top = self.row + 1
        for a, line in enumerate(values):
            self.page.put(top + a, 0, self.plan.columns[a].line.element.name, "label")
            self.page.put(top + a, 1, self.plan.columns[a].label, "head")
            for b, value in enumerate(line):
                self.page.compute(top + a, FIRST + b, formula(a, b), value, style)
        self.row = top + len(values)
        return lambda a, b: at(top + a, FIRST + b)

    def _beside(self, label: str, note: str) -> None:
        self.page.put(self.row, 0, label, "label")
        if note:
            self.page.put(self.row, FIRST, note, "note")
        self.row += 1


def in_row(row: int) -> Row:
    """The addresses of a row's figures."""
    return lambda place: at(row, FIRST + place)


def whole_row(row: Row, many: int) -> str:
    """The addresses of the first figures of a row together."""
    return f"{row(0)}:{row(many - 1)}"


def unless_empty(address: str, formula: str) -> str:
    """A formula that is empty where that cell is."""
    return f'IF({address}="","",{formula})'
