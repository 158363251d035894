"""Which column is an element's where several headings speak of it, as in exports of online forms."""

import json

import pytest

from ikm.assets import asset
from ikm.domain.regulations import (
    IPAK,
    IPKP,
    KEP_25_2004,
    PERMENPANRB_14_2017,
    PERMENPANRB_16_2014,
    REGULATIONS,
    regulation_named,
)
from ikm.server.answers.fitting import CALLED
from tests.ikm.server.answers.files import ALL_THREES, NAMES, U, csv_file, opened, ratings, refused, xlsx_file
from tests.ikm.server.answers.test_headings import CODES, QUESTIONS

ROW = (1, 2, 3, 4, 1, 2, 3, 4, 1)
ELSE = (4, 3, 2, 1, 4, 3, 2, 1, 4)
ITEMS = ("Tidak ada diskriminasi", "Tidak ada kecurangan", "Tidak ada imbalan", "Tidak ada pungli", "Tanpa calo")
P = tuple(f"P{number}" for number in range(1, 6))


def form(tmp_path, before=(), after=(), questions=QUESTIONS):
    """An export whose questions stand between other columns: heading -> cells of three respondents."""
    headings = [*(heading for heading, _ in before), *questions, *(heading for heading, _ in after)]
    rows = [[*(cells[n] for _, cells in before), *ROW, *(cells[n] for _, cells in after)] for n in range(3)]
    return csv_file(tmp_path, [f'"{heading}"' for heading in headings], *rows, separator=";")


class TestExportsOfOnlineForms:
    @pytest.mark.parametrize("heading", ["Saran", "Saran dan Masukan", "Penanganan pengaduan, saran dan masukan",
                                         "Produk", "Waktu", "Cap waktu", "Biaya", "Persyaratan", "Sarana"])  # fmt: skip
    @pytest.mark.parametrize("cells", [("lebih cepat", "bagus", ""), ("", "", ""), ("2024-02-01 08:00", "", "1/2/24")])
    @pytest.mark.parametrize("side", ["before", "after"])
    def test_a_column_of_texts_dates_or_blanks_yields_to_the_question_with_ratings(
        self, tmp_path, heading, cells, side
    ):
        answers = opened(form(tmp_path, **{side: [(heading, cells)]}))
        first = 1 if side == "before" else 0
        assert answers.columns.places == tuple(range(first, first + 9))
        assert [row.ratings for row in answers.rows()] == [ROW] * 3
        assert all("Bagaimana" in text for text in answers.found.values())

    @pytest.mark.parametrize("heading", ["Saran", "Produk", "Waktu", "Tarif"])
    def test_a_short_name_that_other_columns_bear_yields_even_where_it_holds_ratings(self, tmp_path, heading):
        answers = opened(form(tmp_path, before=[(heading, (1, 2, 1))]))
        assert answers.columns.places == tuple(range(1, 10))
        assert answers.unused == (f"{heading} (A)",)

    @pytest.mark.parametrize("heading", ["Persyaratan", "Kompetensi petugas"])
    def test_an_elements_own_name_and_its_question_both_with_ratings_are_refused_by_name(self, tmp_path, heading):
        refusal = refused(form(tmp_path, after=[(heading, (1, 2, 1))]))
        assert refusal.code == "column_ambiguous"
        assert f'"{heading}" (J)' in refusal.detail
        assert '"Bagaimana pendapat Saudara tentang ' in refusal.detail
        assert "Ganti nama atau hapus salah satunya" in refusal.detail

    def test_a_sheet_without_rows_goes_by_its_headings(self, tmp_path):
        path = csv_file(tmp_path, ["Saran", *(f'"{question}"' for question in QUESTIONS)])
        assert opened(path).columns.places == tuple(range(1, 10))

    def test_a_short_name_is_the_elements_where_no_question_is(self, tmp_path):
        questions = [*QUESTIONS[:7], "Saran", QUESTIONS[8]]
        assert opened(form(tmp_path, questions=questions)).columns.places == tuple(range(9))

    def test_the_questions_of_our_own_questionnaire_are_found(self, tmp_path):
        asked = json.loads(asset("questionnaires/skm-14-2017-v1.json").read_text(encoding="utf-8"))["questions"]
        texts = {question["element"]: question["text"]["id"] for question in asked}
        assert opened(form(tmp_path, questions=[texts[code] for code in CODES])).columns.places == tuple(range(9))

    def test_a_part_nobody_answered_yet_stays_a_part(self, tmp_path):
        rows = [["", *ROW]] * 3
        assert opened(csv_file(tmp_path, ["U1a", "U1b", *U[1:]], *rows)).asked["REQ"] == ("REQ.a", "REQ.b")


class TestLabelsForNumbers:
    LABELS = ("Sesuai", "Sangat mudah", "Kurang cepat", "Gratis", "Tidak sesuai", "Kompeten", "Sopan dan ramah",
              "Ada tetapi tidak berfungsi", "Cukup")  # fmt: skip
    MEANT = (3, 4, 2, 4, 1, 3, 3, 2, 2)

    def test_official_labels_are_ratings(self, tmp_path):
        assert ratings(csv_file(tmp_path, U, self.LABELS, self.LABELS)) == [self.MEANT] * 2

    @pytest.mark.parametrize(
        "written", ["{0}. {1}", "{0} {1}", "{0} = {1}", "({0}) {1}", "{0}) {1}", " {0} -  {1} ", "{0}: {1}"]
    )
    def test_a_number_may_stand_before_its_label(self, tmp_path, written):
        row = [written.format(*pair).upper() for pair in zip(self.MEANT, self.LABELS, strict=True)]
        assert ratings(xlsx_file(tmp_path, U, row)) == [self.MEANT]

    @pytest.mark.parametrize(
        ("place", "text"),
        [(0, "2. Sesuai"), (0, "Mudah"), (0, "Baik"), (0, "Setuju"), (0, "Sesuai sekali"), (0, "5. Sangat sesuai"),
         (3, "Sesuai"), (8, "Sesuai"), (7, "Baik"), (0, "3."), (0, "Sesuai (3)")],
    )  # fmt: skip
    def test_other_words_other_elements_words_and_wrong_numbers_are_refused(self, tmp_path, place, text):
        row = [*ALL_THREES[:place], text, *ALL_THREES[place + 1 :]]
        (fault,) = refused(csv_file(tmp_path, U, self.LABELS, row)).faults if text != "3." else (None,)
        if fault is None:
            assert ratings(csv_file(tmp_path, U, row)) == [ALL_THREES]
        else:
            assert (fault.row, fault.what[:15]) == (3, "berisi tulisan,")

    def test_the_fault_says_which_labels_are_known(self, tmp_path):
        (fault,) = refused(csv_file(tmp_path, U, ["Puas", *ALL_THREES[1:]])).faults
        assert '"Tidak sesuai" = 1' in fault.what
        assert '"Sangat sesuai" = 4' in fault.what

    def test_an_agencys_own_element_has_no_labels(self, tmp_path):
        path = csv_file(tmp_path, [*U, "Keamanan"], [*ALL_THREES, "Sesuai"])
        (fault,) = refused(path, added=("Keamanan",)).faults
        assert "label" not in fault.what

    def test_a_column_of_labels_wins_over_one_of_texts(self, tmp_path):
        rows = [[*self.LABELS, "bagus"]] * 3
        path = csv_file(tmp_path, [*(f'"{q}"' for q in QUESTIONS), "Pengaduan"], *rows)
        assert ratings(path) == [self.MEANT] * 3

    def test_whole_columns_of_other_words_are_a_line_a_column(self, tmp_path):
        refusal = refused(csv_file(tmp_path, U, *[["Setuju"] * 9] * 50))
        assert [(fault.column, fault.count) for fault in refusal.faults] == [(letter, 50) for letter in "ABCDEFGHI"]


class TestTwoSurveysInOneSheet:
    @pytest.mark.parametrize("signs", ["P{}", "Q{}", "Pertanyaan {}"])
    def test_the_elements_numbers_win_under_their_rule_and_the_questions_under_theirs(self, tmp_path, signs):
        others = [signs.format(number) for number in range(1, 6)]
        path = csv_file(tmp_path, [*U, *others], [*ROW, *ELSE[:5]])
        assert ratings(path) == [ROW]
        assert ratings(path, rule=IPKP) == [ROW]
        assert ratings(path, rule=IPAK) == [ELSE[:5]]
        assert opened(path).unused == ()

    def test_what_was_passed_over_is_told_where_it_holds_ratings(self, tmp_path):
        path = csv_file(tmp_path, [*U, *P], *[[*ROW, *ELSE[:5]]] * 2)
        assert opened(path).unused == ("P1 (J)", "P2 (K)", "P3 (L)", "P4 (M)", "P5 (N)")

    def test_names_win_over_the_questions_of_another_survey(self, tmp_path):
        assert ratings(csv_file(tmp_path, [*NAMES, *P], [*ROW, *ELSE[:5]])) == [ROW]

    def test_items_with_number_and_name_beside_them_are_found(self, tmp_path):
        items = [f"{p} {item}" for p, item in zip(P, ITEMS, strict=True)]
        path = csv_file(tmp_path, [*U, *items], [*ROW, *ELSE[:5]])
        assert (ratings(path), ratings(path, rule=IPAK)) == ([ROW], [ELSE[:5]])

    def test_nine_of_each_are_the_elements_numbers(self, tmp_path):
        path = csv_file(tmp_path, [*U, *(f"P{n}" for n in range(1, 10))], [*ROW, *ELSE])
        assert ratings(path) == [ROW]

    def test_neither_series_whole_is_refused(self, tmp_path):
        refusal = refused(csv_file(tmp_path, [*U[:8], *P], [*ROW[:8], *ELSE[:5]]))
        assert refusal.code in ("column_missing", "column_ambiguous")

    def test_an_element_beyond_the_rule_is_refused_beside_another_survey_too(self, tmp_path):
        refusal = refused(csv_file(tmp_path, [*U, "U10", *P], [*ROW, 4, *ELSE[:5]]))
        assert refusal.code == "column_unknown"
        assert '--add "U10"' in refusal.detail


class TestHeadingsOfAnotherRule:
    @pytest.mark.parametrize(
        ("headings", "asked", "named"),
        [
            (ITEMS, PERMENPANRB_14_2017, "ipak"),
            (["No", *ITEMS, "Saran"], PERMENPANRB_14_2017, "ipak"),
            ([f"U{n} {item}" for n, item in enumerate(ITEMS, 1)], PERMENPANRB_14_2017, "ipak"),
            ([f'"{element.name}"' for element in KEP_25_2004.elements], PERMENPANRB_14_2017, "25/2004"),
            ([f"U{n}" for n in range(1, 15)], PERMENPANRB_14_2017, "25/2004"),
            ([f'"{element.name}"' for element in PERMENPANRB_16_2014.elements], PERMENPANRB_14_2017, "16/2014"),
            (NAMES, IPAK, "14/2017"),
            (U, KEP_25_2004, "14/2017"),
        ],
        ids=str,
    )  # fmt: skip
    def test_the_refusal_names_the_rule_they_fit(self, tmp_path, headings, asked, named):
        refusal = refused(csv_file(tmp_path, headings, [3] * len(headings)), rule=asked)
        assert refusal.code in ("column_missing", "column_unknown")
        assert refusal.detail.endswith(f"--regulation {named}.")
        assert "U1" not in refusal.detail

    @pytest.mark.parametrize("headings", [U[:8], U[:5], NAMES[:8], ["Nama", "Alamat"]])
    def test_an_unfinished_sheet_is_of_no_other_rule(self, tmp_path, headings):
        refusal = refused(csv_file(tmp_path, headings, [3] * len(headings)))
        assert refusal.code == "column_missing"
        assert "tidak ada kolom untuk unsur" in refusal.detail

    def test_it_is_named_whichever_sheet_fits(self, tmp_path):
        refusal = refused(xlsx_file(tmp_path, ["Sampul", "Dinas X", "2024"], Isian=[ITEMS, [4] * 5]))
        assert refusal.detail.endswith("--regulation ipak.")

    def test_what_is_named_is_understood(self):
        for code in REGULATIONS:
            assert regulation_named(CALLED.get(code, code)).code == code


class TestColumnsOfRatingsThatNoElementClaims:
    def test_they_are_told_by_heading_and_letter(self, tmp_path):
        header = ["No", "Umur", "Pendidikan", *NAMES, "Transparansi", "Inovasi Pelayanan", "Saran", "Kosong"]
        rows = [[n, 30 + n, 1 + n % 4, *ROW, 4, "3,0", "bagus", ""] for n in range(1, 5)]
        answers = opened(csv_file(tmp_path, header, *rows, separator=";"))
        assert answers.unused == ("Pendidikan (C)", "Transparansi (M)", "Inovasi Pelayanan (N)")

    def test_most_cells_decide(self, tmp_path):
        cells = [(4, 4, 7), (4, "", 3), (3, "", "x"), ("x", "", "y"), ("", "", 4)]
        rows = [[*ROW, *row] for row in cells]
        answers = opened(csv_file(tmp_path, [*U, "Transparansi", "Jarang", "Umur"], *rows))
        assert answers.unused == ("Transparansi (J)",)

    def test_a_column_taken_for_an_added_element_or_to_group_by_is_used(self, tmp_path):
        path = csv_file(tmp_path, ["Loket", *U, "Inovasi"], *[[1, *ROW, 4]] * 3)
        assert opened(path, by="Loket", added=("Inovasi",)).unused == ()
        assert opened(path, by="Loket").unused == ("Inovasi (K)",)
