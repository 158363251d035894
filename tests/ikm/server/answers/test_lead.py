"""Rows below the respondents that no label betrays: known by the column that numbers the respondents."""

import pytest

from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, read, refused, xlsx_file

HEADER = ("No", *U)
CITIZEN = (2, 4, 3, 1, 4, 2, 3, 4, 1)


def answers(count=30):
    """Ratings from 1 to 4 in every column, with a mean of 2.5 or thereabouts."""
    return [tuple(1 + (row * 7 + column * 3 + row // 4) % 4 for column in range(9)) for row in range(count)]


def numbered(*below, number=str, header=HEADER, between=()):
    return (header, *((number(n), *between, *row) for n, row in enumerate(answers(), 1)), *below)


def footers(path, **how):
    reading = read(path, **how)
    assert (reading.respondents, reading.skipped) == (30, 0)
    return [(footer.row, footer.label) for footer in reading.footers]


@pytest.mark.parametrize(
    "label",
    ["Nilai tertinggi", "Nilai terendah", "Skor tertinggi", "Nilai Persepsi", "Target", "Standar minimal", "Pembulatan",
     "Skor", "Peringkat", "Prioritas", "Prioritas perbaikan", "Ranking", "Nilai", "Mutu", "Kategori", "IKM"],
)  # fmt: skip
@pytest.mark.parametrize("figures", [(4,) * 9, (1,) * 9, ALL_THREES, CITIZEN, (5, 9, 4, 1, 3, 2, 6, 8, 7)])
def test_a_row_that_is_called_a_figure_is_no_respondent_whatever_it_holds(tmp_path, label, figures):
    assert footers(csv_file(tmp_path, *numbered([label, *figures]), separator=";")) == [(32, label)]


@pytest.mark.parametrize("label", ["Harapan", "Batas", "Acuan 2024", "Ideal", "Dinas X", "R", "Triwulan 2"])
@pytest.mark.parametrize(
    "figures",
    [(4,) * 9, ALL_THREES, (5, 9, 4, 1, 3, 2, 6, 8, 7), ("3,1", "3,2", 3, "2,9", "3,4", "3,3", 3, "3,1", "2,8"),
     ("A", "B", "A", "B", "C", "A", "A", "A", "B"), ("", "", "", "", "", "", "", "", "78,3"), (3, *[""] * 8)],
    ids=["highest", "same", "ranks", "decimals", "grades", "one", "first"],
)  # fmt: skip
@pytest.mark.parametrize("number", [str, "R{}".format, "R-{:02}".format, "{}.".format])
def test_below_numbered_respondents_a_text_for_a_number_is_no_respondent(tmp_path, label, figures, number):
    path = csv_file(tmp_path, *numbered([label, *figures], number=number), separator=";")
    assert footers(path) == [(32, label)]


def test_several_such_rows_may_follow_each_other(tmp_path):
    below = (["Harapan", *[4] * 9], ["Acuan", *ALL_THREES], ["Jumlah", *[75] * 9], ["Batas", *[2] * 9])
    assert [row for row, _ in footers(csv_file(tmp_path, *numbered(*below)))] == [32, 33, 34, 35]


@pytest.mark.parametrize("figures", [CITIZEN, (2, 4, 3, 5, 4, 2, 3, 4, 1)], ids=["ratings", "most ratings"])
def test_a_row_that_may_be_either_is_refused_by_row_and_column_without_its_text(tmp_path, figures):
    path = csv_file(tmp_path, *numbered(["Budi", *figures]))
    for skip in (False, True):
        refusal = refused(path, skip_bad_rows=skip)
        assert refusal.code == "footer_unclear"
        assert 'baris 32: kolom "No" (A) berisi tulisan' in refusal.detail
        assert refusal.facts == {"row": 32}
        assert "Budi" not in refusal.detail


@pytest.mark.parametrize("figures", [CITIZEN, ALL_THREES])
def test_a_text_beside_a_blank_number_is_refused_for_it_may_be_either(tmp_path, figures):
    header = ("No", "Layanan", *U)
    path = csv_file(tmp_path, *numbered(["", "Harapan", *figures], header=header, between=("KTP",)))
    refusal = refused(path)
    assert refusal.code == "footer_unclear"
    assert 'kolom "No" (A) kosong' in refusal.detail


@pytest.mark.parametrize("figures", [CITIZEN, ALL_THREES])
def test_respondents_may_be_numbered_behind_a_units_name(tmp_path, figures):
    rows = [("Loket 1", str(n), *CITIZEN) for n in range(1, 5)]
    path = csv_file(tmp_path, ("Unit", "No", *U), *rows, ("Harapan", "", *figures))
    refusal = refused(path, by="Unit")
    assert refusal.code == "footer_unclear"
    assert 'baris 6: kolom "No" (B) kosong' in refusal.detail
    mean = csv_file(tmp_path, ("Unit", "No", *U), *rows, ("Rata-rata", "4", *figures))
    assert list(read(mean, by="Unit").groups) == ["Loket 1"]


def test_a_units_name_on_a_line_of_its_own_does_not_hide_the_numbers(tmp_path):
    rows = [("Loket 1",), ("1", *CITIZEN), ("2", *CITIZEN), ("Loket 2",), ("3", *CITIZEN), ("Harapan", *ALL_THREES)]
    reading = read(csv_file(tmp_path, HEADER, *rows))
    assert (reading.respondents, reading.blank_rows, [footer.row for footer in reading.footers]) == (3, 2, [7])


def test_ages_behind_a_name_number_nobody(tmp_path):
    rows = [("Budi", "45", *CITIZEN), ("Ani", "31", *CITIZEN), ("Citra", "", *CITIZEN)]
    assert read(csv_file(tmp_path, ("Nama", "Umur", *U), *rows)).respondents == 3


def test_a_known_label_beside_a_blank_number_is_a_footer(tmp_path):
    header = ("No", "Layanan", *U)
    path = csv_file(tmp_path, *numbered(["", "Nilai Persepsi", *CITIZEN], header=header, between=("KTP",)))
    assert footers(path) == [(32, "Nilai Persepsi")]


def test_a_respondent_without_a_number_and_without_a_text_counts(tmp_path):
    assert read(csv_file(tmp_path, *numbered(["", *CITIZEN]))).respondents == 31


def test_a_text_amid_respondents_that_are_counted_on_is_refused(tmp_path):
    for text in ("Budi", "Harapan"):
        refusal = refused(csv_file(tmp_path, *numbered([text, *CITIZEN], ("32", *CITIZEN))))
        assert (refusal.code, refusal.facts) == ("footer_unclear", {"row": 32})


def test_a_text_amid_numbers_that_count_nobody_is_a_respondents(tmp_path):
    ages = [("Umur", *U), ("45", *CITIZEN), ("31", *CITIZEN), ("tidak tahu", *CITIZEN), ("60", *CITIZEN)]
    rows = read(csv_file(tmp_path, *ages, ("tidak tahu", *CITIZEN)))
    assert (rows.respondents, rows.footers) == (5, ())


@pytest.mark.parametrize(
    "numbers",
    [["KTP-1", "KTP-2", "KK-3", "KTP-4"], ["1", "2", "B-3"], ["R1", "R2", "KK-9", "R4"],
     ["12 Jan 24", "13 Jan 24", "5 Feb 24"], ["2024/01/05 10:23:11 AM GMT+7", "2024/01/05 1:05:00 PM GMT+7"],
     ["7a", "7b", "9"], ["1", "1 ", " 2."], ["²", "1", "²"],
     ["Loket 1", "2", "x", "3"]],
)  # fmt: skip
def test_numbers_of_several_kinds_are_respondents(tmp_path, numbers):
    rows = [(number, *CITIZEN) for number in numbers]
    assert read(csv_file(tmp_path, HEADER, *rows)).respondents == len(numbers)


def test_missing_numbers_amid_respondents_are_no_more_than_that(tmp_path):
    header = ("No", "Layanan", *U)
    rows = [("1", "KTP", *CITIZEN), ("", "KK", *CITIZEN), ("", "Akta", *CITIZEN), ("4", "KTP", *CITIZEN)]
    assert read(csv_file(tmp_path, header, *rows, ("", "KK", *CITIZEN))).respondents == 5


def test_respondents_keep_the_order_of_the_file(tmp_path):
    rows = [("45", *CITIZEN), ("x", *ALL_THREES), ("y", *CITIZEN), ("60", *ALL_THREES)]
    path = csv_file(tmp_path, ("Umur", *U), *rows)
    assert list(read(path).rows) == [CITIZEN, ALL_THREES]
    assert read(path).respondents == 4


@pytest.mark.parametrize("names", [["Budi", "Ani", "Citra"], ["Budi", "1 Ilir", "Ani"], ["R1", "Budi", "R3"]])
def test_names_for_numbers_are_respondents(tmp_path, names):
    rows = [[name, *CITIZEN] for name in names]
    assert read(csv_file(tmp_path, ("Nama", *U), *rows)).respondents == 3


def test_names_beside_numbers_are_respondents(tmp_path):
    rows = [(str(n), name, *CITIZEN) for n, name in enumerate(["Budi", "Ani", "Target"], 1)]
    assert read(csv_file(tmp_path, ("No", "Nama", *U), *rows)).respondents == 3


def test_a_text_in_a_column_right_of_the_answers_does_not_matter(tmp_path):
    rows = [(*CITIZEN, "45"), (*CITIZEN, "31"), (*CITIZEN, "tidak tahu")]
    assert read(csv_file(tmp_path, (*U, "Umur"), *rows)).respondents == 3


def test_the_column_to_group_by_numbers_nobody(tmp_path):
    rows = [("1", *CITIZEN), ("2", *CITIZEN), ("Keliling", *CITIZEN)]
    assert list(read(csv_file(tmp_path, ("Loket", *U), *rows), by="Loket").groups) == ["1", "2", "Keliling"]


def test_a_workbooks_numbers_number_too(tmp_path):
    rows = [(n, *row) for n, row in enumerate(answers(), 1)]
    assert footers(xlsx_file(tmp_path, HEADER, *rows, ["Harapan", *[4] * 9])) == [(32, "Harapan")]


class TestFiguresOverARowsColumns:
    """Column by column: 2,2,2,4,4 - 3,4,4,4,4 - 2,3,3,4,4 and six columns of 3,3,3,3,4."""

    COLUMNS = ((2, 2, 2, 4, 4), (3, 4, 4, 4, 4), (2, 3, 3, 4, 4), *((3, 3, 3, 3, 4),) * 6)

    def answers(self, tmp_path, *below):
        rows = [(n, *row) for n, row in enumerate(zip(*self.COLUMNS, strict=True), 1)]
        return csv_file(tmp_path, HEADER, *rows, *below)

    @pytest.mark.parametrize(
        "figures",
        [(1,) * 9, (2, 3, 2, *[3] * 6), (2, 4, 3, *[3] * 6), (2, 4, 4, *[3] * 6), (3, 4, 3, *[3] * 6),
         (2, 3, 3, *[3] * 6), (3, 4, 4, *[4] * 6), (3, 4, "", *[3] * 6)],
        ids=["one for all", "lowest", "middle", "most frequent", "rounded", "cut", "rounded up", "with a blank"],
    )  # fmt: skip
    def test_each_is_known(self, tmp_path, figures):
        reading = read(self.answers(tmp_path, ["Dinas X", *figures]))
        assert (reading.respondents, [footer.label for footer in reading.footers]) == (5, ["Dinas X"])

    @pytest.mark.parametrize("figures", [(4, 3, 2, *[3] * 6), (2, 3, 4, *[3] * 6), (3, 3, 3, *[3] * 5, 1)])
    def test_other_ratings_may_be_a_citizens(self, tmp_path, figures):
        assert refused(self.answers(tmp_path, ["Budi", *figures])).code == "footer_unclear"

    def test_below_a_footer_they_are_known_too(self, tmp_path):
        path = self.answers(tmp_path, ["Jumlah", 14, 19, 16, *[16] * 6], ["Dinas X", 3, 4, 3, *[3] * 6])
        assert [footer.row for footer in read(path).footers] == [7, 8]
        assert refused(self.answers(tmp_path, ["Jumlah", 14, 19, 16, *[16] * 6], ["X", *CITIZEN])).code == (
            "footer_ambiguous"
        )


# an age, a telephone number or a date numbers nobody: whoever left it out, or wrote a word there, is a respondent
AGES = (31, 45, 27, 62, 38, 29, 51, 44)


@pytest.mark.parametrize("last", ["tidak diisi", "anonim", ""])
@pytest.mark.parametrize("answers", [[(4,) * 9], [(4,) * 9, (3,) * 9, (4,) * 9], [CITIZEN]])
def test_respondents_without_an_age_at_the_end_are_respondents(tmp_path, last, answers):
    rows = [(age, "P", *CITIZEN) for age in AGES]
    path = csv_file(tmp_path, ("Usia", "JK", *U), *rows, *[(last, "L", *given) for given in answers])
    reading = read(path)
    assert (reading.respondents, reading.footers) == (len(AGES) + len(answers), ())


def test_a_date_in_some_rows_numbers_nobody(tmp_path):
    rows = [("2024-01-02", "Budi", *CITIZEN), ("", "Ani", *CITIZEN), ("", "Citra", *ALL_THREES)]
    assert read(csv_file(tmp_path, ("Tanggal", "Nama", *U), *rows)).respondents == 3


@pytest.mark.parametrize("figure", ["Nilai harapan", "Skor ideal", "Nilai maks"])
def test_a_figure_below_names_is_no_respondent(tmp_path, figure):
    rows = [(name, *CITIZEN) for name in ("Budi", "Ani", "Citra")]
    reading = read(csv_file(tmp_path, ("Nama", *U), *rows, (figure, *[4] * 9)))
    assert (reading.respondents, [footer.label for footer in reading.footers]) == (3, [figure])


@pytest.mark.parametrize("name", ["Max", "Min", "Harapan"])
def test_a_citizen_whose_name_is_a_figures_word_is_a_citizen(tmp_path, name):
    rows = [("Budi", *ALL_THREES), (name, *CITIZEN), ("Ani", *ALL_THREES)]
    assert read(csv_file(tmp_path, ("Nama", *U), *rows)).respondents == 3
    assert read(csv_file(tmp_path, ("Nama", *U), *rows[:2])).respondents == 2


@pytest.mark.parametrize("counted", ["Jumlah responden yang menjawab", "Frekuensi nilai", "Jumlah Tidak Baik"])
def test_counts_of_ratings_below_the_sums_are_figures(tmp_path, counted):
    below = [["Jumlah", *[75] * 9], *[[f"{counted} {rating}", *[rating * 2] * 9] for rating in (1, 2, 3, 4)]]
    reading = read(csv_file(tmp_path, *numbered(*below), separator=";"))
    assert (reading.respondents, len(reading.footers)) == (30, 5)


def test_signatures_below_numbered_respondents_are_no_units(tmp_path):
    header = ("No", "Unit", *U)
    rows = [(number, "A", *CITIZEN) for number in range(1, 6)]
    path = csv_file(tmp_path, header, *rows, ("", "Mengetahui,"), ("", "Kepala Dinas"), ("", "NIP 1970"))
    assert list(read(path, by="Unit").groups) == ["A"]
