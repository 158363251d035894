"""Reading organisation sheets: each class of bad input by its number in the list of 98."""

import zipfile
from datetime import date

import pytest
import xlsxwriter

from ikm.domain.errors import Refusal
from ikm.server.importing import read_table
from ikm.server.importing.records import COLUMNS, Field
from ikm.server.importing.template import separated, workbook
from ikm.server.importing.uploads import kept, read_upload, restored, safe_name
from tests.ikm.server.importing.files import HEAD, MARKET, SCALES, csv_file, xlsx_file


def refused(path):
    with pytest.raises(Refusal) as caught:
        read_table(path)
    return caught.value


def only(path):
    [record] = read_table(path).records
    return record


def faults(path):
    return [str(fault) for record in read_table(path).records for fault in record.faults]


def test_a_row_says_what_its_columns_are_about_whatever_they_are_called(tmp_path):
    head = ("No.", "OPD", "Unit Penyelenggara Pelayanan", "zona", "Jenis Layanan", "Tahun", "Populasi")
    record = only(
        csv_file(tmp_path, ("1", "Dinas Perdagangan", "UPT Pasar", "wib", "Sewa kios", "2026", "900"), head=head)
    )
    assert record.row == 2
    assert record.said == {"agency": "Dinas Perdagangan", "unit": "UPT Pasar", "zone": "WIB", "service": "Sewa kios"}
    assert (record.starts, record.ends, record.users) == ("2026-01-01", "2027-01-01", 900)
    assert record.columns["users"] == "G"


@pytest.mark.parametrize("sep", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_77_a_csv_file_is_read_in_any_separator_and_encoding(tmp_path, sep, encoding):
    row = ("Dinas Perdagangan", "UPT Café", "WIB", "Sewa kios", "2026", "900")
    assert only(csv_file(tmp_path, row, sep=sep, encoding=encoding)).said["unit"] == "UPT Café"


def test_77_quotation_marks_keep_line_ends_and_separators_together_and_unpaired_ones_are_told(tmp_path):
    quoted = ('"Dinas Perdagangan, dan\nPasar"', *MARKET[1:])
    assert only(csv_file(tmp_path, quoted)).said["agency"] == "Dinas Perdagangan, dan Pasar"
    refusal = refused(csv_file(tmp_path, ('"Dinas', *MARKET[1:])))
    assert refusal.code in ("file_damaged", "column_missing")


def test_68_a_file_that_is_not_what_its_name_says_is_refused(tmp_path):
    for content, code in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), "file_kind_wrong"),
        (csv_file(tmp_path, MARKET).read_bytes(), "file_kind_wrong"),
        (b"%PDF-1.4", "file_kind_wrong"),
        (b"<html><table></table></html>", "file_kind_wrong"),
    ):
        path = tmp_path / "palsu.xlsx"
        path.write_bytes(content)
        assert refused(path).code == code
    ods = tmp_path / "tabel.xlsx"
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert refused(ods).code == "file_kind_wrong"
    # a workbook with macros is read for its cells; macros are never run
    macros = xlsx_file(tmp_path, MARKET)
    assert only(macros.rename(tmp_path / "makro.xlsm")).said["unit"] == "UPT Pasar"


def test_69_a_locked_file_is_refused(tmp_path):
    path = tmp_path / "kunci.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(1024))
    assert refused(path).code == "file_encrypted"


def test_70_a_bomb_a_huge_file_and_too_many_rows_are_refused(tmp_path):
    bomb = tmp_path / "bom.xlsx"
    plain = xlsx_file(tmp_path, MARKET)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.namelist():
            archive.writestr(part, source.read(part))
        archive.writestr("xl/worksheets/sheet9.xml", b"<x/>" + b" " * 80_000_000)
    assert bomb.stat().st_size < 5 * 1024**2
    assert refused(bomb).code == "file_too_large"
    huge = tmp_path / "besar.csv"
    huge.write_bytes(b"Unit;Layanan\r\n" + b"a;b\r\n" * 1_100_000)
    assert refused(huge).code == "file_too_large"
    many = csv_file(tmp_path, *[("Dinas", "Unit", "WIB", f"Layanan {n}", "", "") for n in range(5_001)])
    assert refused(many).code == "file_too_large"
    assert "5.000 baris" in refused(many).detail


@pytest.mark.parametrize(
    "bomb", ['<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">']
)
def test_71_72_entities_and_links_to_elsewhere_are_never_followed(tmp_path, bomb):
    plain, path = xlsx_file(tmp_path, MARKET), tmp_path / "entitas.xlsx"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            if part == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<worksheet", bomb.encode() + b"<worksheet", 1)
            archive.writestr(part, content)
    assert refused(path).code == "file_damaged"


def test_72_a_formula_left_in_a_name_is_told(tmp_path):
    for text in ("=cmd|'/c calc'!A1", "+SUM(A1)", "@x"):
        told = faults(csv_file(tmp_path, ("Dinas", text, "WIB", "a", "", "")))
        assert told == ["baris 2, kolom B: dimulai dengan tanda rumus; tulis namanya saja"]


def test_73_formulas_without_a_result_and_errors_are_told_by_row_and_column(tmp_path):
    path = tmp_path / "rumus.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, MARKET)
        sheet.write_formula(1, 1, '="UPT "&"Pasar"', value="UPT Pasar")
        sheet.write_row(2, 0, SCALES)
        sheet.write_formula(2, 1, "=X1", value="")
        sheet.write_row(3, 0, SCALES)
        sheet.write_formula(3, 3, "=1/0", value="#DIV/0!")
    first, *rest = read_table(path).records
    assert first.said["unit"] == "UPT Pasar"
    told = [str(fault) for record in rest for fault in record.faults]
    assert told[-1].startswith("baris 4, kolom D: rumusnya menghasilkan galat")


def test_74_titles_above_two_rows_of_headings_and_repeated_headings(tmp_path):
    rows = (
        ("DAFTAR UNIT PELAYANAN",), (), ("No", "Perangkat daerah", "", "Pengguna"),
        ("", "", "Unit pelayanan", "Jumlah pengguna"),
        ("1", "Dinas Perdagangan", "UPT Pasar", ""), ("No", "Perangkat daerah", "Unit pelayanan", "Jumlah pengguna"),
        ("2", "Dinas Perdagangan", "UPT Terminal", ""),
    )  # fmt: skip
    table = read_table(xlsx_file(tmp_path, *rows[1:], head=rows[0]))
    assert [record.says(Field.UNIT) for record in table.records] == ["UPT Pasar", "UPT Terminal"]
    assert "Baris 6 tidak dibaca: tajuk yang terulang." in table.notes


def test_74_merged_cells_count_for_all_their_rows_and_hidden_sheets_are_left_out(tmp_path):
    path = tmp_path / "gabung.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden = book.add_worksheet("Lama")
        hidden.write_row(0, 0, HEAD)
        hidden.hide()
        sheet = book.add_worksheet("Baru")
        sheet.activate()
        sheet.write_row(0, 0, HEAD)
        for row, unit in enumerate(("UPT Pasar", "UPT Terminal", "UPT Parkir"), start=1):
            sheet.write_row(row, 1, (unit, "WIB", "Layanan"))
        sheet.merge_range(1, 0, 2, 0, "Dinas Perdagangan")
        sheet.write(3, 0, "")
    table = read_table(path)
    assert [record.says(Field.AGENCY) for record in table.records] == ["Dinas Perdagangan", "Dinas Perdagangan", ""]
    assert table.notes == ("Lembar tersembunyi tidak dibaca: Lama.",)


def test_74_hidden_rows_and_columns_are_read_and_whoever_looks_is_told_which(tmp_path):
    path = tmp_path / "saring.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Isian")
        sheet.write_row(0, 0, ("Catatan", *HEAD))
        for row in range(1, 9):
            sheet.write_row(row, 1, ("Dinas Perdagangan", f"UPT {row}", "WIB", "Layanan"))
        for row in (2, 4, 5, 6, 20):
            sheet.set_row(row, None, None, {"hidden": True})
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_column(3, 4, None, None, {"hidden": True})
    table = read_table(path)
    assert len(table.records) == 8
    assert table.notes[:2] == ("Baris tersembunyi ikut dibaca: 3, 5–7.", "Kolom tersembunyi ikut dibaca: D, E.")
    # a file in which nothing is hidden says nothing of it
    assert not [note for note in read_table(xlsx_file(tmp_path, MARKET)).notes if "tersembunyi" in note]


def test_74_two_sheets_two_columns_and_no_column_are_refused(tmp_path):
    path = tmp_path / "dua.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Satu", "Dua"):
            book.add_worksheet(name).write_row(0, 0, HEAD)
    assert refused(path).code == "sheet_ambiguous"
    assert refused(csv_file(tmp_path, MARKET, head=("Unit", "Unit kerja", *HEAD[2:]))).code == "column_ambiguous"
    # 84: answers of a survey are no places, on whatever scale
    answers = refused(csv_file(tmp_path, ("1", "5", "4"), head=("No", "U1", "U2")))
    assert answers.code == "column_missing"
    assert '"U1"' in answers.detail


@pytest.mark.parametrize(
    ("text", "number"),
    [("900", 900), ("1.250", 1250), ("12.345.678", 12345678), ("4,0", 4), ("4.000", 4000), ("", 0), ("-", 0)],
)
def test_75_83_numbers_of_people_as_indonesians_write_them(tmp_path, text, number):
    record = only(csv_file(tmp_path, (*MARKET[:4], "2026" if number else "", text)))
    assert (record.users, record.faults) == (number, ())


@pytest.mark.parametrize("text", ["0", "1.25", "1,5", "-3", "banyak", "1e9", "1E+09", "9" * 11, "12.34.567"])
def test_75_83_what_is_no_number_of_people_is_told(tmp_path, text):
    [told] = faults(csv_file(tmp_path, (*MARKET[:4], "2026", text)))
    assert told.startswith("baris 2, kolom F: ")


def test_75_numbers_in_a_workbook_are_numbers(tmp_path):
    record = only(xlsx_file(tmp_path, (*MARKET[:4], 2026, 1250)))
    assert (record.starts, record.users) == ("2026-01-01", 1250)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026", ("2026-01-01", "2027-01-01")), ("2026-S2", ("2026-07-01", "2027-01-01")),
        ("Semester I 2026", ("2026-01-01", "2026-07-01")), ("Triwulan IV 2026", ("2026-10-01", "2027-01-01")),
        ("TW 2 2026", ("2026-04-01", "2026-07-01")), ("November 2026", ("2026-11-01", "2026-12-01")),
        ("Tahun 2026", ("2026-01-01", "2027-01-01")), ("2026-q1", ("2026-01-01", "2026-04-01")),
    ],
)  # fmt: skip
def test_periods_are_read_as_codes_and_in_words(tmp_path, text, span):
    record = only(csv_file(tmp_path, (*MARKET[:4], text, "9")))
    assert (record.starts, record.ends) == span


def test_76_97_dates_of_both_calendars_and_dates_that_are_none(tmp_path):
    head = (*HEAD[:4], "Mulai", "Sampai", "Jumlah pengguna")
    for options in ({}, {"date_1904": True}):
        path = tmp_path / "tanggal.xlsx"
        with xlsxwriter.Workbook(path, options) as book:
            looks = book.add_format({"num_format": "dd/mm/yyyy"})
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, head)
            sheet.write_row(1, 0, MARKET[:4])
            sheet.write_datetime(1, 4, date(2026, 1, 5), looks)
            sheet.write_datetime(1, 5, date(2026, 3, 31), looks)
            sheet.write_number(1, 6, 12)
        record = only(path)
        assert (record.starts, record.ends) == ("2026-01-05", "2026-04-01"), options
    written = only(csv_file(tmp_path, (*MARKET[:4], "5/1/2026", "2026-03-31", "12"), head=head))
    assert (written.starts, written.ends) == ("2026-01-05", "2026-04-01")
    for first, last, told in (
        ("31/02/2026", "2026-03-31", "bukan tanggal"),
        ("besok", "2026-03-31", "tanggal tidak terbaca"),
        ("2026-03-31", "2026-01-01", "tanggal terakhir sebelum tanggal pertama"),
        ("", "", "tulis untuk periode mana"),
    ):
        assert told in " ".join(faults(csv_file(tmp_path, (*MARKET[:4], first, last, "12"), head=head)))
    assert "jumlah penggunanya kosong" in " ".join(
        faults(csv_file(tmp_path, (*MARKET[:4], "2026-01-01", "2026-02-01", ""), head=head))
    )


def test_79_codes_that_a_spreadsheet_turned_into_numbers_are_told(tmp_path):
    head = ("Perangkat daerah", "Unit", "Kode unit", "Telepon")
    [told] = faults(csv_file(tmp_path, ("Dinas", "UPT", "1,23E+11", ""), head=head))
    assert "bilangan ilmiah" in told
    [told] = faults(csv_file(tmp_path, ("Dinas", "UPT", "", "6,28E+12"), head=head))
    assert "bilangan ilmiah" in told
    [told] = faults(csv_file(tmp_path, ("Dinas", "UPT", "../etc", ""), head=head))
    assert "kode hanya huruf kecil" in told


def test_80_spaces_of_all_kinds_are_one_and_letters_that_only_look_alike_are_told(tmp_path):
    record = only(csv_file(tmp_path, ("\u00a0Dinas\u00a0 Perdagangan ", "UPT  Pasar\u2003", *MARKET[2:])))
    assert (record.says(Field.AGENCY), record.says(Field.UNIT)) == ("Dinas Perdagangan", "UPT Pasar")
    for text in ("UPT Pаsar", "UPT Ρasar"):
        assert "mirip huruf Latin" in faults(csv_file(tmp_path, ("Dinas", text, *MARKET[2:])))[0]
    assert "tidak terlihat" in faults(csv_file(tmp_path, ("Dinas", "UPT\u200bPasar", *MARKET[2:])))[0]
    assert "tidak terlihat" in faults(csv_file(tmp_path, ("Dinas", "UPT \u202eresaP", *MARKET[2:])))[0]
    # decomposed letters are the same letters
    assert only(csv_file(tmp_path, ("Dinas", "UPT Cafe\u0301", *MARKET[2:]))).says(Field.UNIT) == "UPT Café"


def test_81_rows_of_totals_at_the_end_are_left_out_and_told(tmp_path):
    table = read_table(csv_file(tmp_path, MARKET, ("Jumlah", "", "", "", "", "1.250"), ("TOTAL", "2", "", "", "", "")))
    assert len(table.records) == 1
    assert table.notes == ("Baris 3 tidak dibaca: baris jumlah.", "Baris 4 tidak dibaca: baris jumlah.")


def test_82_an_empty_file_or_one_of_headings_alone_is_refused(tmp_path):
    empty = tmp_path / "kosong.csv"
    empty.write_bytes(b"")
    for path in (empty, csv_file(tmp_path, name="tajuk.csv"), xlsx_file(tmp_path), xlsx_file(tmp_path, head=())):
        refusal = refused(path)
        assert refusal.code == "sheet_empty"
        assert "berkas contoh" in refusal.detail


def test_90_a_name_without_end_is_told(tmp_path):
    assert "paling banyak 200 huruf" in faults(csv_file(tmp_path, ("Dinas", "x" * 201, *MARKET[2:])))[0]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd.csv", "passwd.csv"), ("C:\\fakepath\\unit.xlsx", "unit.xlsx"), ("", "berkas"),
        ("unit\u202excod.xlsx", "unitxcod.xlsx"), ("a" * 300 + ".xlsx", "a" * 60 + ".xlsx"), ("..", "berkas"),
        ("<script>.csv", "_script_.csv"), ("unit\x00.csv", "unit.csv"), (".csv", "csv"),
        ("tanpa akhiran", "tanpa akhiran"),
    ],
)  # fmt: skip
def test_86_a_files_name_is_only_a_name(given, name):
    assert safe_name(given) == name


def test_an_upload_waits_as_text_and_comes_back_the_same(tmp_path):
    table = read_upload("../unit.csv", csv_file(tmp_path, MARKET, ("", "=1", "", "", "", "x")).read_bytes())
    assert table.file_name == "unit.csv"
    assert restored(table.file_name, table.sha256, kept(table)) == table
    assert table.records[1].faults


@pytest.mark.parametrize(("kind", "content"), [("xlsx", workbook()), ("csv", separated())])
def test_the_template_names_every_column_and_its_examples_are_not_read(kind, content):
    with pytest.raises(Refusal) as caught:
        read_upload(f"contoh.{kind}", content)
    assert caught.value.code == "sheet_empty"
    filled = content if kind == "xlsx" else content + b"1;Dinas Perdagangan;;UPT Pasar\r\n"
    if kind == "csv":
        table = read_upload("contoh.csv", filled)
        assert set(table.records[0].columns) == {column.field.value for column in COLUMNS}
        assert table.records[0].says(Field.UNIT) == "UPT Pasar"
        assert table.notes == ("Baris 2 tidak dibaca: contoh.", "Baris 3 tidak dibaca: contoh.")
