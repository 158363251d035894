"""Threat 16: no file we give makes a spreadsheet run what somebody typed, however a formula may begin."""

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest

from ikm.server.reports.exports import Column, Document, Table, csv_bytes, signed, xlsx_bytes
from ikm.server.reports.lapor import Report, lapor_csv
from ikm.server.reports.raw_answers import Answer, Names, Plan, raw_csv, raw_head
from tests.support import samples

BEGINNINGS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=")
"""What Excel, LibreOffice and their relatives take for the beginning of a formula, also full-width."""


def cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";") for cell in row]


@pytest.fixture(params=BEGINNINGS, ids=repr)
def evil(request) -> str:
    return f'{request.param}HYPERLINK("http://lain.example";"klik")'


def document(evil: str) -> Document:
    table = Table("Unit", evil, (Column(evil), Column("n")), ((evil, 3),))
    return Document(evil, ((evil, evil),), (table,))


def test_a_table_of_figures_holds_texts_as_texts(evil):
    found = [cell for cell in cells(csv_bytes(document(evil))) if "HYPERLINK" in cell]
    assert len(found) == 6
    assert all(cell == f"'{evil}" for cell in found)


def test_a_workbook_is_one_that_a_spreadsheet_can_sort_filter_and_sum():
    table = Table("Unit", "Unit", (Column("Unit"), Column("IKM", 2)), (("A", Decimal("84.5")), ("B", None)))
    document = Document("Ringkasan", (("IKM", Fraction(169, 2)), ("Responden", 1234), ("Kanal", "Kios")), (table,))
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(document)))
    told = {name.value: value for name, value in book["Keterangan"].iter_rows(min_row=3, max_col=2)}
    assert (told["IKM"].value, told["IKM"].number_format) == (84.5, "#,##0.00")
    assert (told["Responden"].value, told["Banyak baris: Unit"].value, told["Kanal"].value) == (1234, 2, "Kios")
    sheet = book["Unit"]
    # what has no figure is empty: a dash would be a text among numbers
    assert [cell.value for cell in sheet["B"]] == ["IKM", 84.5, None]
    assert (sheet.auto_filter.ref, sheet.freeze_panes, sheet.print_title_rows) == ("A1:B3", "B2", "$1:$1")
    assert ["IKM", "84,50"] in list(csv.reader(io.StringIO(csv_bytes(document).decode("utf-8-sig")), delimiter=";"))


def test_a_workbook_of_figures_holds_texts_as_texts(evil):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(document(evil))))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert len(found) >= 5
    # a text is told as one in the file itself; openpyxl, too, would call a formula 'f'
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.hyperlink is None for cell in found)


def test_the_table_for_lapor_holds_citizens_words_as_words(evil):
    report = Report("1", "complaint", evil, date(2026, 11, 30), evil, evil, evil)
    found = [cell for cell in cells(lapor_csv([report])) if "HYPERLINK" in cell]
    assert len(found) == 5
    assert all(cell.startswith("'") for cell in found)


def test_raw_answers_hold_citizens_words_as_words(evil):
    told = samples.body(4, 3, service=evil)
    names = Names(evil, {}, {told.counter: evil})
    answer = Answer("2026-11-30", told, evil)
    plan = Plan.of([samples.skm()], comments=True)
    [(_, content)] = raw_csv(plan, [answer], names)
    found = [cell for cell in cells(raw_head(plan, evil, [(evil, evil)], 1) + content) if "HYPERLINK" in cell]
    # above and in the lines: title, name and value; unit, service and its code, counter, comment
    assert len(found) == 8
    assert all(cell == f"'{evil}" for cell in found)


def test_a_difference_below_nothing_begins_with_no_sign_of_a_formula():
    assert signed(-1, 2).startswith("−")
