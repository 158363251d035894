"""Reads a workbook as a person does: by the label in the first column."""

from openpyxl.workbook import Workbook


def figure(book: Workbook, sheet: str, label: str, column: int) -> object:
    """What stands in that column, from 1, beside the first such label; an empty text as None."""
    for row in book[sheet].iter_rows(max_col=column):
        if row[0].value == label:
            return row[column - 1].value or (None if row[column - 1].value == "" else row[column - 1].value)
    raise AssertionError(f"no '{label}' in {sheet}")


def table(book: Workbook, sheet: str, heading: str) -> list[list[object]]:
    """The rows under a heading, down to the first whose first cell is empty."""
    rows = iter(book[sheet].iter_rows(values_only=True))
    for row in rows:
        if row[0] == heading:
            break
    else:
        raise AssertionError(f"no '{heading}' in {sheet}")
    found = []
    for row in rows:
        if row[0] in (None, ""):
            break
        found.append([None if value == "" else value for value in row])
    return found
