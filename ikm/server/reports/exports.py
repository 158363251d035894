"""Tables as files: exactly what a page shows, with its filter and row count, and nothing a spreadsheet would run."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import xlsxwriter
from xlsxwriter.format import Format

from ikm.server.reports import wording
from ikm.server.reports.wording import count, number

Value = str | int | Decimal | Fraction | float | None

_INDEX = 2
NOTHING = "–"
"""What stands where there is no figure."""

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the decimals of its figures, and whether these carry their sign."""

    label: str
    places: int = 0
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: `name` for a sheet's tab, `title` what stands above it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


Line = tuple[str, str | int | Fraction | Decimal]
"""A name and what is said under it; an integer counts, a fraction or decimal is an index of two places."""


@dataclass(frozen=True, slots=True)
class Document:
    """Tables with what they are of: a title and lines such as the period and the filter."""

    title: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]


def shown(value: Value, column: Column) -> str:
    """A value as the page shows it."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if column.signed:
        return signed(value, column.places)
    if isinstance(value, int) and not column.places:
        return count(value)
    return number(value, column.places)


def signed(value: float | Decimal | Fraction, places: int) -> str:
    """A difference with its sign: '+1,20', '−0,35', '0,00'."""
    text = number(abs(Fraction(value)), places)
    if not any(sign in text for sign in "123456789"):
        return text
    # the sign of typography, which no spreadsheet takes for a formula
    return f"+{text}" if value > 0 else f"−{text}"


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before one that looks like it."""
    return f"'{text}" if text.startswith(_RUNS) else text


def csv_bytes(document: Document) -> bytes:
    """The document as CSV with semicolons, since Indonesian figures have commas; UTF-8 with its mark."""
    stream = io.StringIO()
    rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    rows.writerow([safe(document.title)])
    for name, value in document.lines:
        rows.writerow([safe(name), safe(value) if isinstance(value, str) else shown(value, _of(value))])
    for table in document.tables:
        rows.writerow([])
        rows.writerow([safe(table.title)])
        rows.writerow(["Banyak baris", str(len(table.rows))])
        rows.writerow([safe(column.label) for column in table.columns])
        rows.writerows(_texts(table))
    return stream.getvalue().encode("utf-8-sig")


def _texts(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        # a figure's own sign is a figure, whatever it begins with; a text's is not
        yield [
            safe(value) if isinstance(value, str) else shown(value, column)
            for value, column in zip(row, table.columns, strict=True)
        ]


def xlsx_bytes(document: Document) -> bytes:
    """The document as a workbook: a sheet that says what it is, and one for each table; figures are figures."""
    stream = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(stream, options)
    _about(book, document)
    head = {"bold": True, "bg_color": "#D3E2E0", "border": 1, "text_wrap": True, "valign": "top"}
    # a word beside a figure's last digit would be read as one with it
    heads = book.add_format({**head, "indent": 1}), book.add_format({**head, "align": "right"})
    words = book.add_format({"indent": 1})
    for table in document.tables:
        _sheet(book, table, heads, words)
    book.close()
    return stream.getvalue()


def _about(book: xlsxwriter.Workbook, document: Document) -> None:
    sheet = book.add_worksheet("Keterangan")
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, document.title, book.add_format({"bold": True, "font_size": 14, "font_color": "#0B5F63"}))
    formats = {places: book.add_format({"num_format": _digits(places), "align": "left"}) for places in (0, _INDEX)}
    counts = [(f"Banyak baris: {table.name}", len(table.rows)) for table in document.tables]
    for row, (name, value) in enumerate([*document.lines, *counts], 2):
        sheet.write_string(row, 0, name)
        if isinstance(value, str):
            sheet.write_string(row, 1, value)
        else:
            places = _of(value).places
            sheet.write_number(row, 1, wording.rounded(value, places), formats[places])


def _of(value: int | Fraction | Decimal) -> Column:
    return Column("", 0 if isinstance(value, int) else _INDEX)


def _digits(places: int) -> str:
    return "#,##0" if not places else f"#,##0.{'0' * places}"


def _sheet(book: xlsxwriter.Workbook, table: Table, heads: tuple[Format, Format], words: Format) -> None:
    sheet = book.add_worksheet(table.name[:31])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    formats = []
    for place, column in enumerate(table.columns):
        plain = _digits(column.places)
        form = f"+{plain};-{plain};{plain}" if column.signed else plain
        formats.append(book.add_format({"num_format": form}))
        texts = [shown(row[place], column) for row in table.rows]
        # the arrow of the filter takes the room of four letters
        sheet.set_column(place, place, min(48, max(10, len(column.label) + 4, *(len(text) + 2 for text in texts))))
        figures = any(row[place] is not None and not isinstance(row[place], str) for row in table.rows)
        sheet.write_string(0, place, column.label, heads[figures])
    for line, row in enumerate(table.rows, 1):
        for place, value in enumerate(row):
            # an empty cell, for a dash among figures would keep a spreadsheet from sorting and summing them
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(line, place, value, words)
            else:
                # a sheet shows what the page shows, and holds no more digits than that
                exact = wording.rounded(value, table.columns[place].places)
                sheet.write_number(line, place, exact, formats[place])
