import datetime
import zipfile

import openpyxl
import pytest

from ikm.server.answers import FAULTS_SHOWN, BadCells
from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, ratings, read, refused, text_file, xlsx_file

REST = ALL_THREES[1:]


def faults(path, **how):
    refusal = refused(path, **how)
    assert isinstance(refusal, BadCells)
    return refusal.faults


@pytest.mark.parametrize("text", ["3", " 3 ", "3.0", "3,0", "3,00", "3.", "+3", "03", "\u00a03", "3e0"])
def test_whole_numbers_are_ratings_however_they_are_written(tmp_path, text):
    assert ratings(csv_file(tmp_path, U, [text, *REST], separator=";")) == [ALL_THREES]


@pytest.mark.parametrize("text", ["", " ", "-", "–", "—", " - "])
def test_a_blank_or_a_dash_is_no_answer(tmp_path, text):
    assert ratings(csv_file(tmp_path, U, [text, *REST])) == [(None, *REST)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "bernilai 0;"),
        ("5", "bernilai 5;"),
        ("-1", "bernilai -1;"),
        ("44", "bernilai 44;"),
        ("3.5", "bernilai 3,5, padahal nilai harus bilangan bulat"),
        ("3,5", "bernilai 3,5, padahal"),
        ("1e400", "bernilai 1e400;"),
        ("Sangat puas", "berisi tulisan"),
        ("3 dan 4", "berisi tulisan"),
        ("nan", "berisi tulisan"),
        ("1_0", "berisi tulisan"),
        ("３", "berisi tulisan"),
        ("#DIV/0!", "berisi tulisan"),
    ],
)
def test_what_is_no_rating_is_refused_with_row_column_and_what_to_do(tmp_path, text, said):
    path = csv_file(tmp_path, ["No", *U], [1, *ALL_THREES], [2, text, *REST], [3, *ALL_THREES], separator=";")
    (fault,) = faults(path)
    assert (fault.row, fault.heading, fault.column) == (3, "U1", "B")
    assert fault.what.startswith(said)
    assert "isilah 1, 2, 3, atau 4" in fault.what
    refusal = refused(path)
    assert refusal.code == "cell_invalid"
    assert refusal.detail.startswith('jawaban.csv, baris 3, kolom "U1" (B): ')
    assert refusal.facts == {"row": 3, "column": "B"}


def test_a_refusal_never_repeats_a_text_which_may_be_somebodys_comment(tmp_path):
    refusal = refused(csv_file(tmp_path, U, ["Petugas Budi kasar", *REST]))
    assert "Budi" not in str(refusal)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (5, "bernilai 5"),
        (0, "bernilai 0"),
        (3.5, "bernilai 3,5"),
        (True, "berisi BENAR/SALAH"),
        (datetime.date(2024, 2, 1), "berisi tanggal"),
        (datetime.time(8, 30), "berisi tanggal"),
        ("baik", "berisi tulisan"),
        ("=A3", "berisi rumus yang hasilnya belum tersimpan"),
    ],
)
def test_a_cell_of_a_workbook_that_is_no_rating_is_refused(tmp_path, cell, said):
    path = xlsx_file(tmp_path, ["No", *U], [1, *ALL_THREES], [2, cell, *REST], [3, *ALL_THREES])
    (fault,) = faults(path)
    assert (fault.row, fault.heading, fault.column) == (3, "U1", "B")
    assert fault.what.startswith(said)
    assert refused(path).detail.startswith('jawaban.xlsx, lembar "Data", baris 3, kolom "U1" (B): ')


def test_a_rating_that_looks_like_a_date_is_refused(tmp_path):
    path = xlsx_file(tmp_path, U, ALL_THREES)
    book = openpyxl.load_workbook(path)
    book.active["A2"].number_format = "dd/mm/yyyy"
    book.save(path)
    assert faults(path)[0].what.startswith("berisi tanggal")


def test_a_workbook_may_give_the_number_of_a_date_format_to_another(tmp_path):
    path = xlsx_file(tmp_path, U, ALL_THREES)
    book = openpyxl.load_workbook(path)
    book.active["A2"].number_format = "mm-dd-yy"
    book.save(path)
    assert faults(path)[0].what.startswith("berisi tanggal")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    styles = parts["xl/styles.xml"].decode()
    start = styles.index("<numFmts")
    end = styles.index(">", start) + 1
    own = '<numFmts count="1"><numFmt numFmtId="14" formatCode="0.00"/>'
    closing = "</numFmts>" if styles[end - 2] == "/" else ""
    parts["xl/styles.xml"] = f"{styles[:start]}{own}{closing}{styles[end:]}".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert ratings(path) == [ALL_THREES]


@pytest.mark.parametrize("shown", ["0", "0.00", "General", '0 "hari"', "[Red]0", "[$Rp-421] 0", "@"])
def test_other_formats_of_a_rating_do_not_matter(tmp_path, shown):
    path = xlsx_file(tmp_path, U, ALL_THREES)
    book = openpyxl.load_workbook(path)
    book.active["A2"].number_format = shown
    book.save(path)
    assert ratings(path) == [ALL_THREES]


def test_numbers_and_numerals_typed_as_text_are_the_same_in_a_workbook(tmp_path):
    path = xlsx_file(tmp_path, U, ["3", 3, 3.0, "3,0", " 3", "3.0", 3, 3, 3], ["-", None, *ALL_THREES[2:]])
    assert ratings(path) == [ALL_THREES, (None, None, *ALL_THREES[2:])]


class TestManyFaults:
    def test_all_faults_are_told_at_once_in_file_order(self, tmp_path):
        path = csv_file(tmp_path, U, [5, *REST], ALL_THREES, [*REST, "x"], [0, *REST[:-1], 9], ALL_THREES)
        assert [(fault.row, fault.column) for fault in faults(path)] == [(2, "A"), (4, "I"), (5, "A"), (5, "I")]
        assert "Ada 3 sel lain yang salah." in refused(path).detail
        assert not refused(path).more

    def test_one_mistake_down_a_column_is_one_line_with_its_count_and_first_rows(self, tmp_path):
        path = csv_file(tmp_path, U, *[[5, *REST]] * 30, ["x", *REST], ["y", *REST], [*REST, "y"])
        refusal = refused(path)
        assert [(fault.row, fault.column, fault.count) for fault in faults(path)] == [
            (2, "A", 30),
            (32, "A", 2),
            (34, "I", 1),
        ]
        assert str(faults(path)[0]).startswith('kolom "U1" (A), 30 sel (baris 2, 3, 4, 5, 6, dan seterusnya): bernilai')
        assert str(faults(path)[1]).startswith('kolom "U1" (A), 2 sel (baris 32, 33): berisi tulisan')
        assert (refusal.cells, refusal.more) == (33, False)
        assert "Ada 3 sel lain yang salah." in refusal.detail

    def test_more_faults_than_are_told_are_said_to_be_more(self, tmp_path):
        path = csv_file(tmp_path, U, *[[number, *REST] for number in range(11, 41)])
        refusal = refused(path)
        assert [fault.row for fault in refusal.faults] == list(range(2, FAULTS_SHOWN + 2))
        assert refusal.more
        assert "sekurangnya" in refusal.detail

    def test_bad_rows_are_left_out_and_counted_when_asked(self, tmp_path):
        path = csv_file(tmp_path, U, [5, *REST], ALL_THREES, *[["x", *REST]] * 2000, ALL_THREES)
        reading = read(path, skip_bad_rows=True)
        assert dict(reading.rows) == {ALL_THREES: 2}
        assert reading.skipped == 2001
        assert [(fault.row, fault.count) for fault in reading.faults] == [(2, 1), (4, 2000)]

    def test_the_first_faults_are_told_of_many_bad_rows_left_out(self, tmp_path):
        path = csv_file(tmp_path, U, *[[number, *REST] for number in range(11, 61)], ALL_THREES)
        reading = read(path, skip_bad_rows=True)
        assert (reading.respondents, reading.skipped, len(reading.faults)) == (1, 50, FAULTS_SHOWN)

    def test_a_whole_question_is_cut_in_the_line(self, tmp_path):
        question = "U1 Bagaimana pendapat Saudara tentang kesesuaian persyaratan pelayanan"
        (fault,) = faults(csv_file(tmp_path, [question, *U[1:]], ["x", *REST]))
        assert 'kolom "U1 Bagaimana pendapat Saudara tentang k…" (A)' in str(fault)
        assert fault.heading == question

    def test_a_bad_last_row_is_no_footer(self, tmp_path):
        path = csv_file(tmp_path, U, ALL_THREES, ALL_THREES, [5, *REST])
        assert faults(path)[0].row == 4
        assert read(path, skip_bad_rows=True).skipped == 1

    def test_a_sign_too_many_shifts_a_row_and_is_refused(self, tmp_path):
        path = csv_file(tmp_path, ["Nama", *U], ["Budi", *ALL_THREES], ["Ani, S.H.", *ALL_THREES])
        said = [fault.what for fault in faults(path)]
        assert faults(path)[-1].row == 3
        assert "lebih banyak sel daripada tajuk" in said[-1]

    def test_a_row_with_a_sign_too_many_is_refused_even_where_its_ratings_seem_right(self, tmp_path):
        path = csv_file(tmp_path, [*U, "Saran"], [*ALL_THREES, "cepat"], [*ALL_THREES, "cepat, ramah"])
        assert [(fault.row, fault.column) for fault in faults(path)] == [(3, "K")]

    def test_reading_stops_early_in_a_long_file_of_nothing_but_faults(self, tmp_path):
        rows = "".join(f"5{',3' * 8}\n" for _ in range(2000))
        refusal = refused(text_file(tmp_path, f'{",".join(U)}\n{rows}"never closed'))
        assert refusal.code == "cell_invalid"

    def test_a_file_that_breaks_beyond_its_first_rows_is_refused_by_the_broken_row(self, tmp_path):
        rows = "3,3,3,3,3,3,3,3,3,cepat\n" * 60
        refusal = refused(text_file(tmp_path, f'{",".join(U)},Saran\n{rows}3,3,3,3,3,3,3,3,3,"cepat"sekali\n'))
        assert refusal.code == "file_damaged"
        assert "baris 62" in refusal.detail

    def test_blank_cells_beyond_the_headings_do_not_matter(self, tmp_path):
        assert ratings(text_file(tmp_path, f"{','.join(U)}\n{'3,' * 9},,\n")) == [ALL_THREES]

    def test_a_row_that_ends_early_has_no_further_answers(self, tmp_path):
        assert ratings(csv_file(tmp_path, U, [3, 4])) == [(3, 4, *[None] * 7)]


class TestScaleOfFive:
    def test_many_fives_in_many_columns_are_told_as_the_scale_they_are(self, tmp_path):
        rows = [[5, 4, 5, 3, 5, 5, 4, 5, 5], [4, 5, 4, 5, "4,5", 3, 5, 4, 3], ["x", *REST]]
        scale, text = faults(
            csv_file(tmp_path, ["No", *U], *[[n, *row] for n, row in enumerate(rows, 1)], separator=";")
        )
        assert str(scale).startswith('kolom "U1" (B) dan 8 kolom lain, 10 sel (baris 2, 3): ')
        assert "tampaknya berskala 1-5, bukan 1-4" in scale.what
        assert text.what.startswith("berisi tulisan")

    def test_fives_in_a_few_columns_are_slips(self, tmp_path):
        found = faults(csv_file(tmp_path, U, [5, 5, *REST[1:]], [5, *REST]))
        assert [(fault.column, fault.count) for fault in found] == [("A", 2), ("B", 1)]
        assert "berskala" not in found[0].what

    def test_a_few_citizens_fives_in_every_column_are_slips(self, tmp_path):
        found = faults(csv_file(tmp_path, U, *[ALL_THREES] * 30, *[[5] * 9] * 3))
        assert [(fault.column, fault.rows) for fault in found] == [(letter, (32, 33, 34)) for letter in "ABCDEFGHI"]

    def test_the_leftmost_column_is_named_and_the_first_row(self, tmp_path):
        rows = [[3, *[5] * 8], [5] * 9, [5] * 9]
        (fault,) = faults(csv_file(tmp_path, U, *rows))
        assert (fault.column, fault.columns, fault.row, fault.count) == ("A", 9, 2, 26)

    def test_other_numbers_are_no_scale_of_five(self, tmp_path):
        assert all("berskala" not in fault.what for fault in faults(csv_file(tmp_path, U, [6] * 9, [7] * 9)))
