from fractions import Fraction

import pytest

from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, read, refused, xlsx_file

ROWS = ((3, 4, 3, 4, 3, 4, 3, 4, 3), (4, 4, 4, 4, 4, 4, 4, 4, 4), (2, 3, 4, 3, 2, 3, 4, 3, 2))
SUMS = tuple(map(sum, zip(*ROWS, strict=True)))
MEANS = tuple(Fraction(total, 3) for total in SUMS)
HEADER = ("No", *U)
DATA = (HEADER, *((number, *row) for number, row in enumerate(ROWS, 1)))


def decimals(figures, places, comma=False):
    texts = [f"{float(figure):.{places}f}" for figure in figures]
    return [text.replace(".", ",") for text in texts] if comma else texts


def footers(path, **how):
    reading = read(path, **how)
    assert reading.respondents == 3
    assert reading.skipped == 0
    return [(footer.row, footer.label) for footer in reading.footers]


@pytest.mark.parametrize(
    "label",
    ["Jumlah", "JUMLAH", "Total", "Σ Nilai/Unsur", "∑ nilai per unsur", "Jumlah Nilai per Unsur", "NRR", "NRR/Unsur",
     "NRR per unsur", "NRR tertimbang/unsur", "Rata-rata", "Rata - rata", "Rata2", "Nilai rata-rata", "Mean", "Jml",
     "NRR Tertimbang x 25", "Bobot nilai rata-rata tertimbang", "Simpangan baku", "Nilai maksimum", "Modus"],
)  # fmt: skip
def test_a_labelled_row_is_no_respondent_whatever_it_holds(tmp_path, label):
    for figures in (SUMS, ALL_THREES, [""] * 9):
        assert footers(csv_file(tmp_path, *DATA, [label, *figures])) == [(5, label)]


@pytest.mark.parametrize("label", ["IKM", "SKM", "Nilai IKM", "Mutu Pelayanan", "Kinerja unit pelayanan", "Indeks"])
def test_a_single_figure_of_the_whole_is_no_respondent(tmp_path, label):
    for figures in (["78.74"], ["", "", "", "", "", "", "", "", "78.74"], ["B"], [""]):
        assert footers(csv_file(tmp_path, *DATA, [label, *figures])) == [(5, label)]


def test_the_official_end_of_a_working_sheet_is_left_out_and_listed(tmp_path):
    end = (
        ["Σ Nilai/Unsur", *SUMS],
        ["NRR/Unsur", *decimals(MEANS, 3, comma=True)],
        ["NRR tertbg/unsur", *decimals([mean / 9 for mean in MEANS], 3, comma=True), "*) 3,37"],
        ["IKM Unit pelayanan", *[""] * 8, "84,26", "**)"],
        [],
        ["Keterangan :"],
        ["- U1 s.d. U9", "Unsur-unsur pelayanan"],
        ["Mutu Pelayanan :", "B"],
        ["", "", "", "Sekadau, 30 Juni 2019"],
        ["", "", "", "Kepala Dinas"],
    )
    path = csv_file(tmp_path, *DATA, *end, separator=";")
    assert [row for row, _ in footers(path)] == [5, 6, 7, 8, 12]


def test_a_label_may_stand_in_any_first_filled_column(tmp_path):
    header = ("No", "Nama layanan", *U)
    data = [(number, "KTP", *row) for number, row in enumerate(ROWS, 1)]
    assert footers(csv_file(tmp_path, header, *data, ["", "Jumlah", *SUMS])) == [(5, "Jumlah")]


def test_formulas_below_the_answers_need_no_stored_result(tmp_path):
    path = xlsx_file(tmp_path, *DATA, ["Jumlah", *[f"=SUM({c}2:{c}4)" for c in "BCDEFGHIJ"]])
    assert footers(path) == [(5, "Jumlah")]


class TestRowsWithoutALabel:
    @pytest.mark.parametrize(
        "figures",
        [SUMS, decimals(MEANS, 2), decimals(MEANS, 3), decimals(MEANS, 4, comma=True), decimals(MEANS, 1)],
        ids=["sums", "2", "3", "4", "1"],
    )
    def test_a_last_row_of_sums_or_means_is_no_respondent(self, tmp_path, figures):
        assert footers(csv_file(tmp_path, *DATA, ["", *figures], separator=";")) == [(5, str(figures[0]))]

    def test_sums_and_means_may_follow_each_other(self, tmp_path):
        path = csv_file(
            tmp_path, *DATA, ["", *SUMS], ["", *decimals(MEANS, 2)], ["", *decimals(MEANS, 2)], ["", "84.26"]
        )
        assert [row for row, _ in footers(path)] == [5, 6, 7, 8]

    def test_sums_of_nobody_are_no_respondent(self, tmp_path):
        reading = read(csv_file(tmp_path, HEADER, ["", *[0] * 9]))
        assert reading.respondents == 0
        assert [footer.row for footer in reading.footers] == [2]

    def test_cut_means_are_known_too(self, tmp_path):
        cut = [f"{int(mean * 100) / 100:.2f}" for mean in MEANS]
        assert len(footers(csv_file(tmp_path, *DATA, ["", *cut]))) == 1

    def test_numbers_that_are_neither_are_a_faulty_respondent(self, tmp_path):
        wrong = [SUMS[0] + 1, *SUMS[1:]]
        refusal = refused(csv_file(tmp_path, *DATA, ["", *wrong]))
        assert refusal.code == "cell_invalid"
        assert refusal.faults[0].row == 5

    def test_a_faulty_last_row_under_a_column_nobody_answered_is_a_fault(self, tmp_path):
        rows = [(number, *row[:8], "") for number, row in enumerate(ROWS, 1)]
        refusal = refused(csv_file(tmp_path, HEADER, *rows, (4, 5, *ALL_THREES[1:])))
        assert [(fault.row, fault.column) for fault in refusal.faults] == [(5, "B")]

    def test_a_respondent_equal_to_the_means_counts(self, tmp_path):
        same = [(number, *[4] * 9) for number in range(1, 4)]
        assert read(csv_file(tmp_path, HEADER, *same)).respondents == 3

    def test_sums_in_the_midst_are_faulty_cells(self, tmp_path):
        refusal = refused(csv_file(tmp_path, *DATA, ["", *SUMS], (4, *ALL_THREES)))
        assert refusal.code == "cell_invalid"
        assert {fault.row for fault in refusal.faults} == {5}

    @pytest.mark.parametrize(("cell", "adds"), [(5, 5), (0, 0), ("x", 0), (2.5, 2.5)])
    @pytest.mark.parametrize("later", [(), ((5, *ALL_THREES),)], ids=["last", "amid"])
    def test_sums_over_a_faulty_respondent_are_sums_and_its_fault_alone_is_told(self, tmp_path, cell, adds, later):
        sums = [total + 3 * (1 + len(later)) for total in SUMS]
        sums[0] += adds - 3
        path = csv_file(tmp_path, *DATA, (4, cell, *ALL_THREES[1:]), *later, ["", *sums])
        assert [(fault.row, fault.column) for fault in refused(path).faults] == [(5, "B")]
        reading = read(path, skip_bad_rows=True)
        assert (reading.skipped, [footer.row for footer in reading.footers]) == (1, [6 + len(later)])

    def test_faulty_rows_before_a_label_stay_faults(self, tmp_path):
        path = csv_file(tmp_path, *DATA, (4, 5, *ALL_THREES[1:]), ["Jumlah", *SUMS])
        assert [fault.row for fault in refused(path).faults] == [5]
        reading = read(path, skip_bad_rows=True)
        assert (reading.respondents, reading.skipped, len(reading.footers)) == (3, 1, 1)


class TestAnswersBelowAFooter:
    @pytest.mark.parametrize(
        "below", [ALL_THREES, (2, 3, 4, 3, 2, 3, 4, 3, 1), (3, 5, 3, 3, 3, 3, 3, 3, 3), (3, *[""] * 8)]
    )
    def test_they_are_refused_naming_both_rows(self, tmp_path, below):
        refusal = refused(csv_file(tmp_path, *DATA, ["Jumlah", *SUMS], ["4", *below]))
        assert refusal.code == "footer_ambiguous"
        assert 'baris 6: ada jawaban di bawah baris 5 ("Jumlah")' in refusal.detail
        assert refusal.facts == {"row": 6}

    def test_they_are_refused_when_bad_rows_are_skipped_too(self, tmp_path):
        path = csv_file(tmp_path, *DATA, ["Jumlah", *SUMS], (4, 3, 5, *ALL_THREES[2:]))
        assert refused(path, skip_bad_rows=True).code == "footer_ambiguous"

    def test_means_that_happen_to_be_whole_are_no_respondent_below_the_sums(self, tmp_path):
        same = [(number, *ALL_THREES) for number in range(1, 4)]
        path = csv_file(tmp_path, HEADER, *same, ["Jumlah", *[9] * 9], ["", *ALL_THREES])
        assert [row for row, _ in footers(path)] == [5, 6]

    def test_a_table_of_the_elements_below_does_not_matter(self, tmp_path):
        legend = (["No", "Unsur", "Nilai"], ["1", "Persyaratan", "3,31"], ["2", "Prosedur", "3"], ["A", "88,31", "100"])
        path = csv_file(tmp_path, *DATA, ["Jumlah", *SUMS], *legend, separator=";")
        assert next(row for row, _ in footers(path)) == 5


class TestNamesThatSoundLikeLabels:
    def test_a_unit_for_small_industry_keeps_its_respondents(self, tmp_path):
        rows = [("Pelayanan IKM", *row) for row in ROWS]
        reading = read(csv_file(tmp_path, ("Layanan", *U), *rows), by="Layanan")
        assert dict(reading.groups)["Pelayanan IKM"] == dict.fromkeys(ROWS, 1)
        assert reading.footers == ()

    def test_a_comment_that_begins_like_a_label_is_a_comment(self, tmp_path):
        rows = [("Jumlah loket kurang", *ROWS[0]), ("Total biaya mahal", *ROWS[1]), ("Rata-rata baik", *ROWS[2])]
        assert read(csv_file(tmp_path, ("Saran", *U), *rows)).respondents == 3
