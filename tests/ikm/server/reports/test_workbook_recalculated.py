"""LibreOffice computes every formula anew, and comes to the figures of the evaluation."""

import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from math import isinf
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from ikm.server.reports.workbook import write_workbook
from tests.ikm.server.reports.workbook_cases import CASES, EVIL
from tests.ikm.server.reports.workbook_reading import figure, table
from tests.support.office import Office

WRONG = 7


@dataclass(frozen=True)
class Recalculated:
    formulas: Workbook
    cached: Workbook
    values: Workbook


def spoil(source: Path, target: Path) -> None:
    """The workbook with every value beside a formula replaced by a wrong one."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = re.sub(rb"</f><v>[^<]*</v>", f"</f><v>{WRONG}</v>".encode(), content)
            after.writestr(entry, content)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoilt")


@pytest.fixture(scope="module")
def workbooks(spoilt: Path, office: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recalculated]:
    """All cases, recalculated in one run from copies whose kept values are all wrong."""
    right, made = (tmp_path_factory.mktemp(name) for name in ("right", "made"))
    for name, case in CASES.items():
        write_workbook(right / f"{name}.xlsx", case.evaluation, case.questions, case.rows, "survei.csv")
        spoil(right / f"{name}.xlsx", spoilt / f"{name}.xlsx")
    paths = office.recalculated([spoilt / f"{name}.xlsx" for name in CASES], made)
    return {
        name: Recalculated(
            openpyxl.load_workbook(right / f"{name}.xlsx"),
            openpyxl.load_workbook(right / f"{name}.xlsx", data_only=True),
            openpyxl.load_workbook(path, data_only=True),
        )
        for name, path in zip(CASES, paths, strict=True)
    }


@pytest.fixture(params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def same(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == pytest.approx(right, rel=1e-9, abs=1e-12)
    return (left or None) == (right or None)


def test_the_office_computes_formulas_anew_and_does_not_trust_kept_values(workbooks, spoilt):
    before = openpyxl.load_workbook(spoilt / "sekadau.xlsx", data_only=True)
    assert figure(before, "Ringkasan", "IKM", 3) == WRONG
    assert figure(workbooks["sekadau"].values, "Ringkasan", "IKM", 3) == 78.74


def test_every_formula_comes_to_the_value_kept_beside_it(workbooks, name):
    book = workbooks[name]
    compared, wrong = 0, []
    for sheet in book.formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    compared += 1
                    kept = book.cached[sheet.title][cell.coordinate].value
                    found = book.values[sheet.title][cell.coordinate].value
                    if not same(kept, found):
                        wrong.append((sheet.title, cell.coordinate, cell.value, kept, found))
    assert not wrong
    assert compared > 300


def test_index_grade_and_counts_equal_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    score = found.score
    threshold = name.startswith("anti-corruption")
    title = "IPAK" if threshold else "IKM"
    shown = figure(values, "Ringkasan", title, 3)
    label = figure(values, "Ringkasan", "Penilaian" if threshold else "Kinerja unit pelayanan", 3)
    if score.index is None:
        assert shown == label == figure(values, "Ringkasan", "Mutu pelayanan", 3) == "belum ada data"
    else:
        assert Decimal(str(shown)) == score.index
        assert label == score.band.label
        if not threshold:
            assert figure(values, "Ringkasan", "Mutu pelayanan", 3) == score.band.grade
        exact = figure(values, "Perhitungan", f"{title} sebelum dibulatkan", 2)
        assert exact == pytest.approx(float(score.index_exact), rel=1e-14)
    assert figure(values, "Ringkasan", "Responden (n)", 3) == found.tally.responses
    assert figure(values, "Ringkasan", "Menjawab lengkap", 3) == found.tally.complete
    for line, row in zip(score.elements, table(values, "Ringkasan", "No."), strict=False):
        assert row[0] == f"U{line.element.annex_number}"
        assert row[1:4] == [line.element.name, line.answers, line.total]
        assert row[4] == (None if line.mean is None else pytest.approx(float(line.mean), rel=1e-14))
        assert row[5] == pytest.approx(float(line.weight), rel=1e-14)
        assert row[6] == (None if line.weighted is None else pytest.approx(float(line.weighted), rel=1e-14))
        assert (None if row[7] is None else Decimal(str(row[7]))) == (None if line.index is None else line.index)
        assert row[8:10] == ([None, None] if line.band is None else [line.band.grade, line.band.label])


def test_how_sure_it_is_equals_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    sure = found.certainty
    ends = [figure(values, "Ringkasan", f"Selang kepercayaan 95 %: {end}", 3) for end in ("terendah", "tertinggi")]
    what = {
        band.grade: band.label.lower() if name.startswith("anti-corruption") else f"mutu {band.grade}"
        for band in found.score.regulation.bands
    }
    chances = {grade: figure(values, "Ringkasan", f"Peluang {words}", 3) for grade, words in what.items()}
    effective = figure(values, "Perhitungan", "Banyaknya jawaban setara", 2)
    if sure is None:
        assert {*ends, *chances.values()} == {"belum ada data"}
        assert effective is None
        return
    assert ends == pytest.approx(list(sure.interval), rel=1e-9)
    assert chances == pytest.approx(dict(sure.grade_probabilities), abs=1e-9)
    assert effective == ("tak terhingga" if isinf(sure.effective) else pytest.approx(sure.effective, rel=1e-9))


def test_sample_and_reliability_equal_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    sample = found.sample
    unknown = "tidak diketahui"
    assert figure(values, "Ringkasan", "Populasi pengguna layanan", 3) == (sample.population or unknown)
    assert figure(values, "Ringkasan", "Jawaban paling sedikit", 3) == sample.answers
    assert figure(values, "Ringkasan", "Target sampel", 3) == (sample.target or unknown)
    judged = {None: "belum dapat dinilai", True: "memadai", False: "BELUM MEMADAI"}
    assert figure(values, "Ringkasan", "Kecukupan sampel", 3) == judged[sample.adequate]
    margin = "belum ada data" if sample.margin_of_error is None else pytest.approx(sample.margin_of_error, rel=1e-12)
    assert figure(values, "Ringkasan", "Batas galat (poin persen)", 3) == margin
    alpha = found.reliability.alpha
    shown = figure(values, "Ringkasan", "Alpha Cronbach", 3)
    assert shown == ("tidak dapat dihitung" if alpha is None else pytest.approx(alpha, rel=1e-9))
    for place, line in enumerate(code for element in found.score.elements for code in element.questions):
        item = found.reliability.item_total[line]
        shown = figure(values, "Perhitungan", "Korelasi dengan jumlah yang lain", 3 + place)
        assert shown == (None if item is None else pytest.approx(item, rel=1e-9))


def test_where_points_were_lost_equals_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    rows = iter(table(values, "Ringkasan", "Faktor pendukung dan unsurnya") if found.shortfalls else [])
    for factor in found.shortfalls:
        assert next(rows)[2] == pytest.approx(float(factor.points), abs=1e-9)
        for line in factor.elements:
            label, _, points, _, below, *_ = next(rows)
            assert label == f"U{line.element.annex_number} {line.element.name}"
            assert points == pytest.approx(float(line.points), abs=1e-9)
            assert (below == "di bawah rata-rata unsur") is line.below


def test_the_official_rows_under_the_answers_equal_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    title = "IPAK" if name.startswith("anti-corruption") else "IKM"
    grouped = CASES[name].evaluation.groups is not None
    codes = [code for element in found.score.elements for code in element.questions]
    first, last = (4 if grouped else 2), (4 if grouped else 2) + len(codes)
    for place, code in enumerate(codes):
        assert figure(values, "Data", "Banyaknya jawaban", first + place) == found.tally.answered(code)
        assert figure(values, "Data", "Jumlah nilai per unsur", first + place) == found.tally.total(code)
    index = figure(values, "Data", f"{title} unit pelayanan", last)
    assert (None if index is None else Decimal(str(index))) == found.score.index
    weighted = figure(values, "Data", "NRR tertimbang per unsur", last)
    parts = [line.weighted for line in found.score.elements]
    assert weighted == (None if None in parts else pytest.approx(float(sum(parts)), rel=1e-12))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.evaluation.groups is not None])
def test_groups_and_both_ways_of_bringing_them_together_equal_the_evaluation(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation
    sheet = "Per Unit Layanan"
    mean = found.groups.mean
    together = [figure(values, sheet, "Rata-rata IKM kelompok", column) for column in (3, 4, 5, 6)]
    assert together == (
        [0, "belum ada data", None, None]
        if mean is None
        else [mean.units, float(mean.index), mean.band.grade, mean.band.label]
    )
    pooled = figure(values, sheet, "Seluruh responden digabung", 4)
    assert pooled == ("belum ada data" if found.whole.score.index is None else float(found.whole.score.index))
    assert figure(values, sheet, "Kelompok tanpa nilai", 3) == len(found.groups.silent)
    unknown = [group.figures.tally.responses for group in found.groups.groups if not group.counted]
    assert figure(values, sheet, "Responden tanpa kelompok", 3) == sum(unknown)
    rows = table(values, sheet, "Kode")
    for group, row in zip(found.groups.groups, rows, strict=True):
        score, sure = group.figures.score, group.figures.certainty
        assert (row[1] or "").strip() == group.name
        assert row[2] == group.figures.tally.responses
        assert row[3] == ("belum ada data" if score.index is None else float(score.index))
        assert row[4:6] == ([None, None] if score.band is None else [score.band.grade, score.band.label])
        assert row[6:8] == ([None, None] if sure is None else pytest.approx(list(sure.interval), rel=1e-12))
        assert row[8:10] == ([None, None] if group.standing is None else [group.standing.rank, group.standing.last])
        means = [line.mean for line in score.elements]
        assert row[10:19] == [mean if mean is None else pytest.approx(float(mean)) for mean in means]


def test_known_vectors_and_ties_come_out_as_the_rule_has_them(workbooks):
    wanted = {
        "19-524": (76.61, "B"),
        "19-604": (88.3, "B"),
        "58-1357": (64.99, "D"),
        "tie": (76.63, "B"),
        "tie-printed": (76.62, "B"),
        "all-fours": (100, "A"),
        "all-ones": (25, "D"),
        "all-ones-printed": (24.75, "D"),
        "sekadau": (78.74, "B"),
        "weight-0.11": (77.95, "B"),
    }
    for name, (index, grade) in wanted.items():
        assert figure(workbooks[name].values, "Ringkasan", "IKM", 3) == index
        assert figure(workbooks[name].values, "Ringkasan", "Mutu pelayanan", 3) == grade
    assert figure(workbooks["tie-of-means"].values, "Per Unit Layanan", "Rata-rata IKM kelompok", 4) == 76.63


def test_the_exact_index_stands_beside_a_printed_weight(workbooks):
    values = workbooks["weight-0.11"].values
    assert figure(values, "Ringkasan", "IKM dengan bobot tepat 1/9", 3) == 78.74
    assert figure(values, "Ringkasan", "Mutu dengan bobot tepat", 3) == "B"


def test_the_index_of_nine_stands_beside_added_elements(workbooks):
    base = CASES["added-elements"].evaluation.whole.score.base
    values = workbooks["added-elements"].values
    assert figure(values, "Ringkasan", "IKM 9 unsur (tanpa unsur tambahan)", 3) == float(base.index)
    assert figure(values, "Ringkasan", "Mutu tanpa unsur tambahan", 3) == base.band.grade


def test_a_name_that_reads_as_a_condition_or_formula_counts_its_own_group_alone(workbooks):
    rows = table(workbooks["evil-names"].values, "Per Unit Layanan", "Kode")
    assert sorted(row[1].strip() for row in rows) == sorted(EVIL)
    assert [row[2] for row in rows] == [5] * len(EVIL)


def test_no_cell_shows_an_error(workbooks):
    errors = [
        (name, sheet.title, cell.coordinate, cell.value)
        for name, book in workbooks.items()
        for sheet in book.values
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "e" or (isinstance(cell.value, str) and re.match(r"#[A-Z]+[/!?]|Err:", cell.value))
    ]
    assert errors == []


def test_fractions_too_long_for_whole_numbers_are_computed_as_decimals(workbooks):
    shared = {name: figure(workbooks[name].values, "Perhitungan", "Penyebut bersama (D)", 2) for name in CASES}
    assert shared["sekadau"] == 9 * 49
    long = {name for name, found in shared.items() if found == 1}
    assert {"long-fractions", "all-fours-long-fractions"} <= long
    assert len(long) < len(CASES) / 2


@pytest.mark.parametrize("name", ["known-population", "target-missed-by-one-element", "everybody-came-some-stopped"])
def test_the_sample_is_judged_by_the_question_that_fewest_answered(workbooks, name):
    values, found = workbooks[name].values, CASES[name].evaluation.whole
    assert found.sample.answers < found.sample.target
    assert figure(values, "Ringkasan", "Kecukupan sampel", 3) == "BELUM MEMADAI"
    assert figure(values, "Perhitungan", "Seluruh populasi menjawab (1 ya, 0 tidak)", 2) == 0


def test_respondents_of_no_group_are_in_the_pooled_index_and_in_no_mean_nor_rank(workbooks):
    values = workbooks["respondents-of-no-group"].values
    sheet = "Per Unit Layanan"
    rows = {row[1]: row for row in table(values, sheet, "Kode")}
    assert figure(values, sheet, "Rata-rata IKM kelompok", 3) == 3
    # Timur's 100, Barat's 50 and Utara's 25 x 19 / 18; of no group are 20 better ones
    assert figure(values, sheet, "Rata-rata IKM kelompok", 4) == 58.8
    assert rows["(kosong)"][2] == 20
    assert rows["(kosong)"][6] < rows["(kosong)"][3] < rows["(kosong)"][7]
    assert [rows[name][8:10] for name in ("Timur", "(kosong)", "Barat", "Utara")] == [
        [1, 1],
        [None] * 2,
        [2, 2],
        [3, 3],
    ]
    assert figure(values, sheet, "Responden tanpa kelompok", 3) == 20


def test_a_changed_answer_or_population_changes_what_follows_from_it(office, tmp_path):
    case = CASES["sekadau"]
    answer, known, too_small, everybody = (tmp_path / f"{name}.xlsx" for name in ("a", "k", "s", "e"))
    for path in (answer, known, too_small, everybody):
        write_workbook(path, case.evaluation, case.questions, case.rows, "survei.csv")
    book = openpyxl.load_workbook(answer)
    book["Data"]["B6"] = book["Data"]["B6"].value + 1
    book.save(answer)
    for path, population in ((known, 400), (too_small, 48), (everybody, 49)):
        book = openpyxl.load_workbook(path)
        people = next(row[1] for row in book["Perhitungan"].iter_rows() if row[0].value == "Populasi pengguna layanan")
        people.value = population
        book.save(path)
    made = office.recalculated([answer, known, too_small, everybody], tmp_path / "made")
    changed, of_400, of_48, of_49 = (openpyxl.load_workbook(path, data_only=True) for path in made)
    # one point more of 49 x 9: 25 x 1390 / 441 instead of 25 x 1389 / 441
    assert figure(changed, "Ringkasan", "IKM", 3) == 78.8
    wanted = CASES["known-population"].evaluation.whole
    low = "Selang kepercayaan 95 %: terendah"
    assert figure(of_400, "Ringkasan", "Target sampel", 3) == wanted.sample.target
    assert figure(of_400, "Ringkasan", "Kecukupan sampel", 3) == "BELUM MEMADAI"
    assert figure(of_400, "Ringkasan", low, 3) == pytest.approx(wanted.certainty.interval[0], rel=1e-9)
    assert figure(of_48, "Ringkasan", "Populasi pengguna layanan", 3) == "tidak diketahui"
    wanted = case.evaluation.whole.certainty.interval[0]
    assert figure(of_48, "Ringkasan", low, 3) == pytest.approx(wanted, rel=1e-9)
    assert figure(of_49, "Ringkasan", low, 3) == pytest.approx(25 * 1389 / 441, rel=1e-12)


def test_a_changed_answer_leaves_the_intervals_of_groups_as_the_sheet_says(office, tmp_path):
    case = CASES["respondents-of-no-group"]
    path = tmp_path / "buku.xlsx"
    write_workbook(path, case.evaluation, case.questions, case.rows, "survei.csv")
    book = openpyxl.load_workbook(path)
    for row in book["Data"].iter_rows(min_row=6, max_row=65):
        if row[2].value == "Barat":
            for cell in row[3:12]:
                cell.value = 4
    book.save(path)
    (made,) = office.recalculated([path], tmp_path / "made")
    sheet = "Per Unit Layanan"
    before = {group.name: group.figures for group in case.evaluation.groups.groups}["Barat"]
    row = next(row for row in table(openpyxl.load_workbook(made, data_only=True), sheet, "Kode") if row[1] == "Barat")
    assert row[3] == 100
    assert row[6:8] == pytest.approx(list(before.certainty.interval))
    assert row[8:10] == [2, 2]
    assert str(book[sheet]["A4"].value).startswith("Selang (kuning) dan peringkat tidak ikut")
    notes = [row[0].value for row in book["Ringkasan"].iter_rows()]
    assert any("Di lembar Per Unit Layanan selang tiap kelompok dihitung program" in str(note) for note in notes)
