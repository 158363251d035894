import datetime

import openpyxl
import pytest

from ikm.server.answers import NO_GROUP
from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, opened, read, refused, xlsx_file

FOURS = (4,) * 9


@pytest.mark.parametrize("by", ["Nama Unit", "nama unit", " NAMAUNIT ", "Nama  unit"])
def test_the_column_is_found_by_its_heading_whatever_its_case_and_spaces(tmp_path, by):
    reading = read(csv_file(tmp_path, ["Nama Unit", *U], ["Loket 1", *ALL_THREES]), by=by)
    assert dict(reading.groups) == {"Loket 1": {ALL_THREES: 1}}


def test_one_group_is_one_group_however_it_is_typed_and_its_first_spelling_stays(tmp_path):
    names = ["Loket  Satu", "loket satu", " LOKET SATU ", "Loket Dua"]
    reading = read(csv_file(tmp_path, ["Unit", *U], *[[name, *ALL_THREES] for name in names]), by="unit")
    assert {name: sum(rows.values()) for name, rows in reading.groups.items()} == {"Loket Satu": 3, "Loket Dua": 1}


def test_respondents_without_a_group_are_kept_together(tmp_path):
    path = csv_file(tmp_path, [*U, "Unit"], [*ALL_THREES, "A"], [*FOURS, ""], [*FOURS, " "], FOURS)
    assert dict(read(path, by="Unit").groups) == {"A": {ALL_THREES: 1}, NO_GROUP: {FOURS: 3}}


def test_all_groups_together_are_all_respondents(tmp_path):
    path = csv_file(tmp_path, ["Unit", *U], ["A", *ALL_THREES], ["B", *ALL_THREES], ["B", *FOURS])
    reading = read(path, by="Unit")
    assert (dict(reading.rows), reading.respondents) == ({ALL_THREES: 2, FOURS: 1}, 3)
    assert dict(read(path).groups) == {None: {ALL_THREES: 2, FOURS: 1}}


def test_an_unknown_column_is_refused_naming_those_there_are(tmp_path):
    refusal = refused(csv_file(tmp_path, ["Unit", *U], ["A", *ALL_THREES]), by="Layanan")
    assert refusal.code == "column_missing"
    assert 'tidak ada kolom "Layanan"' in refusal.detail
    assert '"Unit", "U1"' in refusal.detail
    assert "--by" in refusal.detail


def test_two_columns_of_that_name_are_refused(tmp_path):
    refusal = refused(csv_file(tmp_path, ["Unit", "UNIT", *U], ["A", "B", *ALL_THREES]), by="unit")
    assert refusal.code == "column_ambiguous"
    assert '"Unit" (A), "UNIT" (B)' in refusal.detail


def test_numbers_and_dates_of_a_workbook_are_groups_as_it_shows_them(tmp_path):
    path = xlsx_file(tmp_path, ["Kunci", *U], [7, *ALL_THREES], [datetime.date(2024, 2, 1), *FOURS], [True, *FOURS])
    assert [row.group for row in opened(path, by="kunci").rows()] == ["7", "2024-02-01", "TRUE"]


def merged(path, span):
    book = openpyxl.load_workbook(path)
    book["Data"].merge_cells(span)
    book.save(path)
    return path


def test_merged_cells_give_their_group_to_all_their_rows(tmp_path):
    rows = [["A", *ALL_THREES], [None, *FOURS], [None, *FOURS], ["B", *FOURS], [None, *FOURS], ["C", *FOURS]]
    path = merged(xlsx_file(tmp_path, ["Unit", *U], *rows), "A2:A4")
    groups = {name: sum(rows.values()) for name, rows in read(path, by="Unit").groups.items()}
    assert groups == {"A": 3, "B": 1, NO_GROUP: 1, "C": 1}
    assert [row.group for row in opened(path, by="Unit").rows()] == ["A", "A", "A", "B", NO_GROUP, "C"]
    assert read(path).respondents == 6


def test_a_merged_group_reaches_over_rows_that_are_no_respondents(tmp_path):
    rows = [["A", *[None] * 9], [None, *FOURS], [None, *[None] * 8, "-"], [None, *FOURS], ["B", *FOURS]]
    path = merged(xlsx_file(tmp_path, ["Unit", *U], *rows), "A2:A5")
    assert [row.group for row in opened(path, by="Unit").rows()] == ["A", "A", "B"]


def test_a_merged_group_may_begin_in_a_column_left_of_its_own(tmp_path):
    rows = [["Dinas X", None, *ALL_THREES], [None, None, *FOURS]]
    path = merged(xlsx_file(tmp_path, ["Kode", "Unit", *U], *rows), "A2:B3")
    assert [row.group for row in opened(path, by="Unit").rows()] == ["Dinas X", "Dinas X"]


def test_a_label_below_a_merged_group_is_still_a_footer(tmp_path):
    rows = [["A", 1, *ALL_THREES], [None, 2, *ALL_THREES], [None, "Jumlah", *[6] * 9]]
    path = merged(xlsx_file(tmp_path, ["Unit", "No", *U], *rows), "A2:A4")
    reading = read(path, by="Unit")
    assert (dict(reading.groups), [footer.row for footer in reading.footers]) == ({"A": {ALL_THREES: 2}}, [4])


def test_merged_cells_are_found_before_the_answers_are_read_and_across_pieces_of_the_file(tmp_path, monkeypatch):
    path = merged(xlsx_file(tmp_path, ["Unit", *U], ["A", *ALL_THREES], [None, *FOURS]), "A2:A3")
    for size in (5, 64, 997):
        monkeypatch.setattr("ikm.server.answers.sheet._CHUNK", size)
        assert list(read(path, by="Unit").groups) == ["A"]


@pytest.mark.parametrize("span", ["A1:A2", "A3:B3", "K3:K4"])
def test_other_merged_cells_do_not_matter(tmp_path, span):
    path = merged(xlsx_file(tmp_path, ["Unit"], [None, *U], ["A", *ALL_THREES], ["B", *FOURS]), span)
    if span == "A3:B3":
        assert list(read(path, by="Unit").groups) == ["A", "B"]
    else:
        assert read(path, by="Unit").respondents == 2
