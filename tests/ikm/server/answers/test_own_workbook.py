"""A workbook that `ikm score --xlsx` wrote is itself a file of answers: it reads back as what it was made from."""

import openpyxl
import pytest

from ikm.assets import asset
from ikm.domain.regulations import KEP_25_2004, PERMENPANRB_14_2017
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import EXACT, parse_weights
from ikm.server.reports.evaluation import evaluate
from ikm.server.reports.workbook import write_workbook
from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, opened, read, refused


def rewritten(source, target, rule=PERMENPANRB_14_2017, **how):
    """The workbook of a file's evaluation."""
    answers = opened(source, rule, **how)
    reading = answers.read()
    tallies = {name or "": tally_rows(answers.questions, rows) for name, rows in reading.groups.items()} or {
        "": Tally()
    }
    found = evaluate(tallies, answers.asked, answers.rule, parse_weights(EXACT, answers.rule.codes), by=how.get("by"))
    write_workbook(target, found, answers.questions, answers.rows(), source.name)
    return target


def test_it_reads_back_the_same_with_its_footers_known_and_its_own_columns_passed_over(tmp_path):
    source = asset("samples/sekadau-2019-s1.csv")
    path = rewritten(source, tmp_path / "hasil.xlsx")
    answers, reading = opened(path), read(path)
    assert answers.sheet == "Data"
    assert reading.rows == read(source).rows
    assert [footer.label for footer in reading.footers] == [
        "Banyaknya jawaban",
        "Jumlah nilai per unsur",
        "NRR per unsur",
        "NRR tertimbang per unsur",
        "IKM unit pelayanan",
    ]
    assert (reading.blank_rows, reading.skipped, answers.unused, answers.order_assumed) == (0, 0, (), False)


def test_its_groups_read_back_the_same(tmp_path):
    source = asset("samples/mpp-pangkep.csv")
    path = rewritten(source, tmp_path / "hasil.xlsx", by="INSTANSI")
    assert read(path, by="Instansi").groups == read(source, by="INSTANSI").groups
    assert opened(path, by="instansi").unused == ()
    assert read(path).rows == read(source).rows


def test_blank_answers_parts_and_few_respondents_read_back_the_same(tmp_path):
    header = ["U1a", "U1b", *U[1:], "Unit"]
    rows = [[4, "", *ALL_THREES[1:], "A"], ["", "", 1, *[""] * 7, "B"], [2, 3, *ALL_THREES[1:], "A"]]
    source = csv_file(tmp_path, header, *rows)
    path = rewritten(source, tmp_path / "hasil.xlsx", by="Unit")
    assert read(path, by="Unit").groups == read(source, by="Unit").groups
    assert len(opened(path).asked["REQ"]) == 2


@pytest.mark.parametrize("rows", [[], [[3] * 14], [[3] * 14] * 4], ids=["nobody", "one", "four"])
def test_other_rules_and_nobody_read_back_the_same(tmp_path, rows):
    source = csv_file(tmp_path, [f"U{n}" for n in range(1, 15)], *rows)
    path = rewritten(source, tmp_path / "hasil.xlsx", KEP_25_2004)
    assert read(path, rule=KEP_25_2004).rows == read(source, rule=KEP_25_2004).rows


def test_answers_written_below_its_end_are_refused_not_swallowed(tmp_path):
    path = rewritten(asset("samples/sekadau-2019-s1.csv"), tmp_path / "hasil.xlsx")
    book = openpyxl.load_workbook(path)
    book["Data"].append([50, *ALL_THREES])
    book.save(path)
    assert refused(path).code == "footer_ambiguous"
