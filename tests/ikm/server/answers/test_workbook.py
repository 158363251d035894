import struct
import time
import tracemalloc
import zipfile

import openpyxl
import pytest
import xlsxwriter

from tests.ikm.server.answers.files import ALL_THREES, U, opened, ratings, refused, xlsx_file

ROW = (1, 2, 3, 4, 4, 3, 2, 1, 1)
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def rewritten(path, **parts):
    """The workbook with parts put in the place of its own: a name without folder and ending, or None to drop it."""
    old = path.rename(path.with_suffix(".old"))
    places = {"sheet": SHEET, "book": "xl/workbook.xml", "rels": "xl/_rels/workbook.xml.rels",
              "strings": "xl/sharedStrings.xml", "root": "_rels/.rels", "styles": "xl/styles.xml"}  # fmt: skip
    named = {places[name]: content for name, content in parts.items()}
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = named.pop(part, source.read(part))
            if content is not None:
                target.writestr(part, content)
        for part, content in named.items():
            target.writestr(part, content)
    return path


def sheet_xml(body):
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{body}</sheetData></worksheet>'


def cells(row, values, letters="ABCDEFGHI"):
    inner = "".join(
        f'<c r="{letter}{row}"><v>{value}</v></c>'
        if isinstance(value, int)
        else f'<c r="{letter}{row}" t="inlineStr"><is><t>{value}</t></is></c>'
        for letter, value in zip(letters, values, strict=True)
    )
    return f'<row r="{row}">{inner}</row>'


@pytest.fixture
def plain(tmp_path):
    return xlsx_file(tmp_path, ["No", *U], [1, *ROW], [2, *ALL_THREES])


def refused_cheaply(path):
    """The refusal, which takes neither long nor much memory: a bomb is to be refused, not survived."""
    # of this thread alone: other tests may have the rest of the machine
    started = time.thread_time()
    tracemalloc.start()
    try:
        refusal = refused(path)
        assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    finally:
        tracemalloc.stop()
    assert time.thread_time() - started < 5
    return refusal


def test_a_workbook_is_read_with_its_sheet_and_row_numbers(plain):
    answers = opened(plain)
    assert answers.sheet == "Data"
    assert [(row.number, row.ratings) for row in answers.rows()] == [(2, ROW), (3, ALL_THREES)]


def test_the_libraries_of_others_write_what_we_read(tmp_path):
    path = tmp_path / "jawaban.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Data")
    sheet.write_rich_string(0, 0, "U", book.add_format({"bold": True}), "1 Persyaratan")
    sheet.write_row(0, 1, U[1:])
    sheet.write_row(1, 0, ROW)
    sheet.write_formula(2, 0, "=1+2", None, 3)
    sheet.write_row(2, 1, ALL_THREES[1:])
    book.close()
    assert ratings(path) == [ROW, ALL_THREES]
    assert opened(path).columns.headings[0] == "U1 Persyaratan"


def test_prefixed_strict_and_unnumbered_xml_is_the_same_workbook(plain):
    rows = "".join(
        "<x:row>" + "".join(f'<x:c t="str"><x:v>{value}</x:v></x:c>' for value in values) + "</x:row>"
        for values in (U, ROW)
    )
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    rewritten(plain, sheet=f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{rows}</x:sheetData></x:worksheet>')
    assert [(row.number, row.ratings) for row in opened(plain).rows()] == [(2, ROW)]


def test_reading_aids_in_a_text_are_no_part_of_it(tmp_path):
    path = tmp_path / "jawaban.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, U)
        sheet.write_row(1, 0, ROW)
    texts = "".join(f'<si><t>{text}</t><rPh sb="0" eb="1"><t>yu</t></rPh></si>' for text in U)
    rewritten(path, strings=f'<sst xmlns="{NAMESPACE}">{texts}</sst>')
    assert opened(path).columns.headings == U


def test_a_formula_whose_result_is_an_empty_text_is_no_answer(plain):
    empty = '<row r="2"><c r="A2" t="str"><f>IF(1=2,3,"")</f><v></v></c><c r="B2"><f>1+2</f><v>3</v></c></row>'
    path = rewritten(plain, sheet=sheet_xml(cells(1, U) + empty))
    assert ratings(path) == [(None, 3, *[None] * 7)]


def test_formatted_blank_cells_far_away_do_not_matter(plain):
    body = cells(1, U) + cells(2, ROW) + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert ratings(rewritten(plain, sheet=sheet_xml(body))) == [ROW]


class TestSheets:
    def test_the_only_sheet_with_the_columns_is_taken(self, tmp_path):
        path = xlsx_file(tmp_path, ["Sampul"], ["Dinas X"], Isian=[U, ROW], Kosong=[])
        assert (opened(path).sheet, ratings(path)) == ("Isian", [ROW])

    def test_several_sheets_with_the_columns_are_refused_by_name(self, tmp_path):
        path = xlsx_file(tmp_path, U, ROW, TW2=[U, ROW], TW3=[[*U[:8], "x"], ROW], Catatan=[["U1"]])
        refusal = refused(path)
        assert refusal.code == "sheet_ambiguous"
        assert 'lembar "Data", "TW2", "TW3" sama-sama' in refusal.detail
        assert '--sheet "Data"' in refusal.detail

    def test_a_sheet_called_data_beside_others_that_fit_is_not_taken_unasked(self, tmp_path):
        assert refused(xlsx_file(tmp_path, U, ROW, TW2=[U, ROW])).code == "sheet_ambiguous"

    def test_a_sheet_may_be_asked_for_whatever_its_case(self, tmp_path):
        path = xlsx_file(tmp_path, U, ROW, **{"Triwulan 2": [U, ALL_THREES]})
        assert ratings(path, sheet="triwulan  2") == [ALL_THREES]

    def test_a_sheet_that_is_not_there_is_refused_naming_those_there_are(self, tmp_path):
        refusal = refused(xlsx_file(tmp_path, U, ROW, TW2=[U]), sheet="TW4")
        assert refusal.code == "sheet_unknown"
        assert 'Lembar yang ada: "Data", "TW2".' in refusal.detail
        assert "--sheet" in refusal.detail

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_a_hidden_sheet_is_read_only_when_asked_for(self, tmp_path, state):
        path = xlsx_file(tmp_path, [], Lama=[U, ROW])
        book = openpyxl.load_workbook(path)
        book["Lama"].sheet_state = state
        book.save(path)
        refusal = refused(path)
        assert refusal.code == "sheet_empty"
        assert '"Lama" (tersembunyi)' in refusal.detail
        assert ratings(path, sheet="Lama") == [ROW]

    def test_empty_sheets_are_refused(self, tmp_path):
        assert refused(xlsx_file(tmp_path)).code == "sheet_empty"
        assert refused(xlsx_file(tmp_path, U, Lain=[]), sheet="Lain").code == "sheet_empty"

    def test_a_sheet_with_a_missing_column_is_refused_by_its_name(self, tmp_path):
        refusal = refused(xlsx_file(tmp_path, ["Sampul"], Isian=[U[:8], ROW[:8]]))
        assert refusal.code == "column_missing"
        assert refusal.detail.startswith('jawaban.xlsx, lembar "Isian": ')

    def test_a_chart_among_the_sheets_is_no_sheet(self, tmp_path):
        path = tmp_path / "jawaban.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, U)
        sheet.write_row(1, 0, ROW)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Data!$A$2:$I$2"})
        book.add_chartsheet("Grafik").set_chart(chart)
        book.close()
        assert ratings(path) == [ROW]
        assert refused(path, sheet="Grafik").code == "sheet_unknown"


class TestFilesThatAreNotWhatTheirNameSays:
    @pytest.mark.parametrize(
        "content",
        [b"U1,U2,U3\n3,3,3\n", b"<html><table><tr><td>U1</td></tr></table></html>", b"%PDF-1.7", b"\0\1\2\3 binary"],
    )
    def test_no_zip_is_no_workbook(self, tmp_path, content):
        path = tmp_path / "jawaban.xlsx"
        path.write_bytes(content)
        assert refused(path).code == "file_kind_wrong"

    @pytest.mark.parametrize("name", ["~$jawaban.xlsx", ".~lock.jawaban.xlsx#"])
    def test_a_file_that_a_program_writes_beside_an_open_one_is_refused_naming_that_one(self, tmp_path, name):
        path = tmp_path / name
        path.write_bytes(b"\x05Budi" + b" " * 160)
        refusal = refused(path)
        assert refusal.code == "file_kind_wrong"
        assert "ini berkas sementara Excel" in refusal.detail
        assert refusal.detail.endswith("lalu pilih jawaban.xlsx.")

    @pytest.mark.parametrize("name", ["jawaban.xls", "jawaban", "jawaban.xlsm", "JAWABAN.XLSX"])
    def test_a_workbook_of_another_name_is_a_workbook(self, plain, name):
        assert ratings(plain.rename(plain.with_name(name))) == [ROW, ALL_THREES]

    def test_a_workbook_called_csv_is_refused_saying_so(self, plain):
        refusal = refused(plain.rename(plain.with_suffix(".csv")))
        assert refusal.code == "file_kind_wrong"
        assert ".xlsx" in refusal.detail

    def test_another_zip_is_refused(self, tmp_path):
        path = tmp_path / "jawaban.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("word/document.xml", "<document/>")
        assert refused(path).code == "file_kind_wrong"
        with zipfile.ZipFile(path, "w"):
            pass
        assert refused(path).code == "file_kind_wrong"

    @pytest.mark.parametrize("name", ["jawaban.xlsx", "jawaban.xls"])
    def test_an_old_workbook_is_refused(self, tmp_path, name):
        path = tmp_path / name
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "Workbook".encode("utf-16-le"))
        refusal = refused(path)
        assert refusal.code == "file_kind_wrong"
        assert ".xls)" in refusal.detail

    def test_a_workbook_with_a_password_is_refused_saying_how_to_take_it_off(self, tmp_path):
        path = tmp_path / "jawaban.xlsx"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9000) + "EncryptedPackage".encode("utf-16-le"))
        refusal = refused(path)
        assert refusal.code == "file_encrypted"
        assert "hapus kata sandinya" in refusal.detail

    def test_an_archive_with_a_password_is_refused(self, plain):
        content = bytearray(plain.read_bytes())
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = content.find(mark)
            while at >= 0:
                content[at + place] |= 1
                at = content.find(mark, at + 4)
        plain.write_bytes(content)
        assert refused(plain).code == "file_encrypted"


class TestDamage:
    @pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
    def test_a_file_that_ends_early_is_refused(self, plain, share):
        content = plain.read_bytes()
        plain.write_bytes(content[: int(len(content) * share)])
        assert refused(plain).code == "file_damaged"

    def test_a_file_with_a_scratch_is_refused(self, tmp_path):
        path = xlsx_file(tmp_path, ["No", *U], *[[number, *ROW] for number in range(2000)])
        with zipfile.ZipFile(path) as archive:
            at = archive.getinfo(SHEET).header_offset + 3000
        content = bytearray(path.read_bytes())
        content[at : at + 8] = bytes(8)
        path.write_bytes(content)
        assert refused(path).code == "file_damaged"

    @pytest.mark.parametrize(
        "parts",
        [
            {"sheet": None},
            {"sheet": "no xml"},
            {"sheet": ""},
            {"sheet": '<?xml version="1.0" encoding="none-such"?><worksheet/>'},
            {"rels": None},
            {"book": "<workbook>"},
            {"root": "<Relationships"},
            {"sheet": sheet_xml('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')},
            {"sheet": sheet_xml('<row r="1"><c r="A1" t="s"><v>x</v></c></row>')},
            {"sheet": sheet_xml('<row r="x"/>')},
            {"sheet": sheet_xml('<row r="0"/>')},
            {"sheet": sheet_xml('<row r="1048577"/>')},
            {"sheet": sheet_xml('<row r="1"><c r="XFE1"><v>1</v></c></row>')},
            {"sheet": sheet_xml('<row r="1"><c r="11"><v>1</v></c></row>')},
            {"sheet": sheet_xml('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>')},
            {"sheet": sheet_xml(cells(2, U) + cells(1, ROW))},
            {"sheet": sheet_xml(cells(1, U) + cells(1, ROW))},
        ],
    )
    def test_parts_that_are_missing_or_make_no_sense_are_refused(self, plain, parts):
        assert refused(rewritten(plain, **parts)).code == "file_damaged"


class TestBombs:
    def swollen(self, path, part, size):
        """The workbook with a part that unpacks to so many bytes of white space."""
        old = path.rename(path.with_suffix(".old"))
        with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                if name != part:
                    target.writestr(name, source.read(name))
            with target.open(part, "w", force_zip64=True) as stream:
                for _ in range(size // 2**20):
                    stream.write(b" " * 2**20)
        return path

    @pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/media/picture.bin"])
    def test_a_part_that_unpacks_to_much_more_than_it_holds_is_refused_cheaply(self, plain, part):
        assert refused_cheaply(self.swollen(plain, part, 200 * 2**20)).code == "file_too_large"

    def test_a_directory_that_understates_a_bomb_does_not_let_it_in(self, plain):
        self.swollen(plain, SHEET, 200 * 2**20)
        content = bytearray(plain.read_bytes())
        size = struct.pack("<L", 200 * 2**20)
        at = content.rfind(SHEET.encode()) - 46
        assert content[at : at + 4] == b"PK\x01\x02"
        assert content[at + 24 : at + 28] == size
        content[at + 24 : at + 28] = struct.pack("<L", 1000)
        plain.write_bytes(content)
        assert refused_cheaply(plain).code == "file_damaged"

    @pytest.mark.parametrize("part", ["book", "rels"])
    def test_an_endless_list_of_sheets_or_parts_is_refused(self, plain, part):
        listed = "".join(f"<x y='{7919 * n % 104729}'/>" for n in range(800_000))
        assert refused_cheaply(rewritten(plain, **{part: f"<r>{listed}</r>"})).code == "file_damaged"

    def test_thousands_of_parts_are_refused_cheaply(self, plain):
        with zipfile.ZipFile(plain, "a") as archive:
            for number in range(11_000):
                archive.writestr(f"x{number}", b"")
        assert refused_cheaply(plain).code == "file_too_large"

    @pytest.mark.parametrize("part", ["sheet", "styles", "book", "rels"])
    def test_entities_are_refused_wherever_they_stand(self, plain, part):
        levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><x>&e9;</x>'
        assert refused_cheaply(rewritten(plain, **{part: bomb})).code == "file_damaged"

    def test_entities_of_other_files_are_refused_cheaply(self, plain, tmp_path):
        (tmp_path / "rahasia").write_text("rahasia")
        outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/rahasia">]>'
        body = sheet_xml('<row r="1"><c r="A1" t="str"><v>&e;</v></c></row>')
        assert refused_cheaply(rewritten(plain, sheet=outside + body)).code == "file_damaged"

    @pytest.mark.parametrize("cell", ["XFD3", "ALM3"])
    def test_a_cell_far_to_the_right_is_refused_by_its_name(self, plain, cell):
        stray = f'<row r="3"><c r="{cell}"><v>1</v></c></row>'
        refusal = refused_cheaply(rewritten(plain, sheet=sheet_xml(cells(1, U) + cells(2, ROW) + stray)))
        assert refusal.code == "sheet_stray_cell"
        assert cell in refusal.detail

    @pytest.mark.parametrize("row", [1_048_576, 10_003])
    def test_a_cell_far_below_is_refused_by_its_row(self, plain, row):
        stray = f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>'
        refusal = refused_cheaply(rewritten(plain, sheet=sheet_xml(cells(1, U) + cells(2, ROW) + stray)))
        assert refusal.code == "sheet_stray_cell"
        assert f"baris {row}" in refusal.detail

    def test_a_row_of_a_million_cells_is_refused_cheaply(self, plain):
        row = '<row r="1">' + "".join(f"<c><v>{7919 * n % 104729}</v></c>" for n in range(1_000_000)) + "</row>"
        assert refused_cheaply(rewritten(plain, sheet=sheet_xml(row))).code == "sheet_stray_cell"

    def test_deep_nesting_is_read_without_harm(self, plain):
        deep = "<a>" * 200_000 + "</a>" * 200_000
        path = rewritten(plain, sheet=sheet_xml(cells(1, U) + cells(2, ROW) + deep))
        assert ratings(path) == [ROW]

    @pytest.mark.parametrize(
        ("before", "after"), [("<!--", "-->"), ('<row spans="', '"/>'), ('<c t="str"><v>', "</v></c>")]
    )
    def test_a_tag_comment_or_text_without_end_is_refused(self, plain, before, after):
        digits = "".join(str(7919 * n % 104729) for n in range(12_000_000 // 5))
        long = before + digits + after
        assert refused_cheaply(rewritten(plain, sheet=sheet_xml(cells(1, U) + long))).code == "file_damaged"
