"""What a workbook holds as written, read without recalculating it, and what is refused."""

import re
import resource
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from ikm.domain.errors import Refusal
from ikm.domain.regulations import IPAK
from ikm.domain.tally import Tally
from ikm.server.reports.evaluation import evaluate
from ikm.server.reports.wording import chance
from ikm.server.reports.workbook import workbook_kind, write_workbook
from tests.ikm.server.reports.workbook_cases import CASES, CODES, EVIL, Case, case, spread
from tests.ikm.server.reports.workbook_reading import figure, table


def written(folder, found: Case, source="survei.csv"):
    path = folder / "buku.xlsx"
    write_workbook(path, found.evaluation, found.questions, found.rows, source)
    return path


def opened(folder, found: Case, **options):
    return openpyxl.load_workbook(written(folder, found), **options)


def texts(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("name", ["sekadau", "weight-0.11", "partial-answers", "mall-by-agency", "rule-of-2004"])
def test_a_reader_that_does_not_recalculate_sees_the_evaluations_figures(tmp_path, name):
    book = opened(tmp_path, CASES[name], data_only=True)
    found = CASES[name].evaluation.whole
    assert Decimal(str(figure(book, "Ringkasan", "IKM", 3))) == found.score.index
    assert figure(book, "Ringkasan", "Mutu pelayanan", 3) == found.score.band.grade
    low = figure(book, "Ringkasan", "Selang kepercayaan 95 %: terendah", 3)
    assert low == pytest.approx(found.certainty.interval[0])
    for line, row in zip(found.score.elements, table(book, "Ringkasan", "No."), strict=False):
        assert row[2:5] == [line.answers, line.total, pytest.approx(float(line.mean))]


def test_every_figure_of_the_summary_is_a_formula(tmp_path):
    book = opened(tmp_path, CASES["mall-by-agency"])
    for row in book["Ringkasan"].iter_rows():
        assert not [cell.coordinate for cell in row if isinstance(cell.value, int | float)]


def test_answers_stand_in_file_order_with_blanks_where_nothing_was_answered(tmp_path):
    rows = [(4, 3, 2, 1, 4, 3, 2, 1, 4), (1, *[None] * 7, 2)]
    found = case(rows)
    found = replace(found, rows=tuple((number, None, row) for number, row in zip((17, 3), rows, strict=True)))
    data = opened(tmp_path, found)["Data"]
    assert [cell.value for cell in data[6]][:10] == [17, *rows[0]]
    assert [cell.value for cell in data[7]][:10] == [3, *rows[1]]


def test_columns_follow_the_annex_whatever_the_order_of_the_file(tmp_path):
    questions = tuple(reversed(CODES))
    data = opened(tmp_path, case([(1, 2, 3, 4, 1, 2, 3, 4, 1)], questions=questions))["Data"]
    assert [cell.value for cell in data[4]][1:10] == [f"U{number}" for number in range(1, 10)]
    assert [cell.value for cell in data[6]][1:10] == [1, 4, 3, 2, 1, 4, 3, 2, 1]


def test_rows_without_any_answer_are_nobodys(tmp_path):
    answered = case([(3,) * 9, (4,) * 9])
    found = replace(answered, rows=(answered.rows[0], (9, None, (None,) * 9), answered.rows[1]))
    book = opened(tmp_path, found, data_only=True)
    assert figure(book, "Ringkasan", "Responden (n)", 3) == 2


def test_texts_that_look_like_formulas_or_markup_stay_texts(tmp_path):
    parts = texts(written(tmp_path, CASES["evil-names"], source="=HYPERLINK(1)"))
    sheets = " ".join(content for name, content in parts.items() if name.startswith("xl/worksheets/"))
    formulas = re.findall(r"<f>(.*?)</f>", sheets)
    assert formulas
    assert not [formula for formula in formulas if re.search(r"HYPERLINK|(?<![\d$])1\+1|@|\+62", formula)]
    assert "<r>" not in sheets
    assert "<t>=HYPERLINK(1)</t>" in sheets
    assert "<t>=1+1</t>" in sheets


def test_names_are_written_as_they_are(tmp_path):
    rows = table(opened(tmp_path, CASES["evil-names"], data_only=True), "Per Unit Layanan", "Kode")
    # this reader leaves the escape of an underscore as it stands
    assert {row[1].strip().replace("_x005F", "") for row in rows} == set(EVIL)


@pytest.mark.parametrize("name", ["\x00\x07", "a\ud800b", "x" * 40_000, "\ufffe"])
def test_a_name_that_no_file_can_hold_still_gives_a_workbook_that_opens(tmp_path, name):
    book = opened(tmp_path, case(spread(2, 50), groups=[name, "lain"]), data_only=True)
    assert len(table(book, "Per Unit Layanan", "Kode")) == 2


@pytest.mark.parametrize("column", ["[Unit]:*?/\\'", "'", "x" * 60, "History"])
def test_any_column_name_gives_a_sheet_of_groups(tmp_path, column):
    found = case(spread(2, 50), groups=["a", "b"])
    groups = replace(found.evaluation.groups, column=column)
    found = replace(found, evaluation=replace(found.evaluation, groups=groups))
    names = opened(tmp_path, found).sheetnames
    assert names[:3] == ["Ringkasan", "Data", "Perhitungan"]
    assert names[3].startswith("Per ")


def test_groups_without_an_index_are_named_and_left_out_of_the_mean(tmp_path):
    book = opened(tmp_path, CASES["silent-groups"], data_only=True)
    sheet = "Per Unit Layanan"
    assert figure(book, sheet, "Kelompok tanpa nilai", 4) == "tidak ikut rata-rata: D, E"
    assert figure(book, sheet, "Rata-rata IKM kelompok", 3) == 3


def test_a_workbook_names_no_author_machine_macro_or_other_file(tmp_path):
    parts = texts(written(tmp_path, CASES["mall-by-agency"]))
    assert not [name for name in parts if "externalLink" in name or "vba" in name.lower() or "comment" in name.lower()]
    properties = parts["docProps/core.xml"] + parts["docProps/app.xml"]
    assert "<dc:creator></dc:creator>" in properties
    assert str(tmp_path) not in " ".join(parts.values())


def test_sheets_are_set_up_for_a4_landscape_with_headings_that_stay(tmp_path):
    book = opened(tmp_path, CASES["mall-by-agency"])
    for sheet in book:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.page_setup.fitToWidth in (None, 1)
    assert book["Data"].freeze_panes == "D6"
    assert book["Per Unit Layanan"].freeze_panes == "C13"


def test_more_respondents_than_a_sheet_has_rows_are_refused_before_anything_is_written(tmp_path):
    most = 1_048_576 - 5 - 8
    count = most + 1
    tally = Tally(count, count, dict.fromkeys(CODES, (0, 0, count, 0)), {}, {})
    asked = {code: (code,) for code in CODES}
    small = case([(3,) * 9]).evaluation
    huge = evaluate({"": tally}, asked, small.rule, small.weights)

    def rows():
        raise AssertionError("the rows were asked for")
        yield

    with pytest.raises(Refusal, match="workbook_too_large") as refused:
        write_workbook(tmp_path / "buku.xlsx", huge, CODES, rows(), "survei.csv")
    assert refused.value.detail == f"{count} responden, satu lembar memuat paling banyak {most}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", [-1, 1], ids=["fewer", "more"])
def test_rows_that_are_not_those_evaluated_leave_the_file_as_it_was(tmp_path, change):
    found = CASES["sekadau"]
    path = tmp_path / "buku.xlsx"
    path.write_bytes(b"what was there")
    rows = found.rows[:change] if change < 0 else (*found.rows, found.rows[0])
    with pytest.raises(ValueError, match="49 respondents"):
        write_workbook(path, found.evaluation, found.questions, rows, "survei.csv")
    assert path.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_a_row_of_a_group_that_was_not_evaluated_is_not_written(tmp_path):
    found = CASES["mall-by-agency"]
    strange = replace(found, rows=((2, "Lain", (3,) * 9), *found.rows[1:]))
    with pytest.raises(ValueError, match="Lain"):
        written(tmp_path, strange)


def test_a_fault_while_rows_are_read_leaves_nothing_behind(tmp_path):
    found = CASES["sekadau"]

    def rows():
        yield from found.rows[:10]
        raise Refusal("cell_invalid", "baris 12")

    with pytest.raises(Refusal, match="cell_invalid"):
        write_workbook(tmp_path / "buku.xlsx", found.evaluation, found.questions, rows(), "survei.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path):
    found = CASES["sekadau"]
    path = tmp_path / "no" / "buku.xlsx"
    with pytest.raises(FileNotFoundError) as raised:
        write_workbook(path, found.evaluation, found.questions, found.rows, "survei.csv")
    assert raised.value.filename == str(path)
    assert ".part" not in str(raised.value)


def test_a_full_disk_is_an_error_of_the_system_and_leaves_the_file_as_it_was(tmp_path):
    found = CASES["sekadau"]
    path = tmp_path / "buku.xlsx"
    path.write_bytes(b"what was there")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as raised:
            write_workbook(path, found.evaluation, found.questions, found.rows, "survei.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [path]
    assert raised.value.filename == str(path)


@pytest.mark.parametrize("name", ["buku.xls", "buku", "buku.xlsx.csv", ".xlsx"])
def test_a_name_of_another_kind_is_refused_before_anything_is_written(tmp_path, name):
    found = CASES["sekadau"]
    with pytest.raises(Refusal, match="workbook_kind_unknown") as refused:
        write_workbook(tmp_path / name, found.evaluation, found.questions, found.rows, "survei.csv")
    assert refused.value.detail == f"'{name}' harus berakhiran .xlsx"
    assert list(tmp_path.iterdir()) == []


def test_the_ending_may_be_in_capitals():
    assert workbook_kind(Path("BUKU.XLSX")) == "xlsx"


def test_a_title_heads_every_sheet_of_answers_as_it_was_given(tmp_path):
    found = CASES["mall-by-agency"]
    book = openpyxl.load_workbook(written(tmp_path, found, source="MPP Pangkep, semester 1"))
    assert [book[name]["A2"].value for name in ("Ringkasan", "Data", "Per Unit Layanan")] == [
        "MPP Pangkep, semester 1"
    ] * 3


def test_names_follow_the_rule_of_the_second_instruments(tmp_path):
    book = opened(tmp_path, CASES["anti-corruption-added"])
    assert book.properties.title == book["Ringkasan"]["A1"].value == IPAK.title
    told = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "IPAK unit pelayanan" in told
    assert "Peluang memenuhi ambang" in told
    assert not re.search(r"IKM|[Mm]utu|Kepuasan", told)


def test_chances_near_the_ends_claim_no_more_than_is_known(tmp_path):
    book = opened(tmp_path, CASES["sekadau"])
    (shown,) = {row[2].number_format for row in book["Ringkasan"].iter_rows() if "Peluang" in str(row[0].value)}
    assert shown == f'[<0.005]"{chance(0.004)}";[>=0.995]"{chance(0.996)}";0\\ %'
