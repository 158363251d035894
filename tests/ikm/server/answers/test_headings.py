import re

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.regulations import IPAK, KEP_25_2004, PERMENPANRB_14_2017, PERMENPANRB_16_2014, REGULATIONS
from ikm.server.answers import layout
from tests.ikm.server.answers.files import ALL_THREES, NAMES, U, csv_file, opened, refused, text_file, xlsx_file

CODES = ("REQ", "PROC", "TIME", "COST", "PROD", "COMP", "BEHV", "CMPL", "FACI")
QUESTIONS = (
    "Bagaimana pendapat Saudara tentang kesesuaian persyaratan pelayanan dengan jenis pelayanannya?",
    "Bagaimana pemahaman Saudara tentang kemudahan prosedur pelayanan di unit ini?",
    "Bagaimana pendapat Saudara tentang kecepatan waktu dalam memberikan pelayanan?",
    "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?",
    "Bagaimana pendapat Saudara tentang kesesuaian produk pelayanan dengan standar pelayanan?",
    "Bagaimana pendapat Saudara tentang kompetensi/kemampuan petugas dalam pelayanan?",
    "Bagaimana pendapat Saudara tentang perilaku petugas terkait kesopanan dan keramahan?",
    "Bagaimana pendapat Saudara tentang penanganan pengaduan pengguna layanan?",
    "Bagaimana pendapat Saudara tentang kualitas sarana dan prasarana?",
)


def columns_of(path, **how):
    """Element code -> letter of its column."""
    return {key: re.search(r"\(([A-Z]+)\)$", text)[1] for key, text in opened(path, **how).found.items()}


@pytest.mark.parametrize(
    "headings",
    [
        U,
        [f"u.{n}" for n in range(1, 10)],
        [f"U {n}" for n in range(1, 10)],
        [f"U-{n}" for n in range(1, 10)],
        [f"U0{n}" for n in range(1, 10)],
        [f"Unsur {n}" for n in range(1, 10)],
        [f"Unsur ke-{n}" for n in range(1, 10)],
        [f"Unsur Pelayanan {n}" for n in range(1, 10)],
        [f"Nilai U{n}" for n in range(1, 10)],
        [f"{n}" for n in range(1, 10)],
        [f"U{n} {name}" for n, name in enumerate(NAMES, 1)],
        [f"U{n}. {name} pelayanan" for n, name in enumerate(NAMES, 1)],
        [f"U{n} ({name})" for n, name in enumerate(NAMES, 1)],
        CODES,
        NAMES,
        [name.upper() for name in NAMES],
        [e.name for c in CODES for e in PERMENPANRB_14_2017.elements if e.code == c],
        [e.name_en for c in CODES for e in PERMENPANRB_14_2017.elements if e.code == c],
        QUESTIONS,
        ("Syarat", "Sistem, Mekanisme & Prosedur", "Kecepatan waktu", "Tarif", "Produk spesifikasi jenis pelayanan",
         "Kompetensi petugas", "Perilaku pelaksana", "Penanganan pengaduan, saran dan masukan", "Sarpras"),
        ("Persyaratan Pelayanan", "Mekanisme", "Waktu Pelayanan", "Biaya/Tarif", "Hasil pelayanan",
         "Kemampuan petugas", "Kesopanan dan keramahan", "Saran dan masukan", "Sarana & prasarana"),
    ],
    ids=lambda headings: headings[0][:20],
)  # fmt: skip
def test_the_nine_elements_are_found_however_offices_write_them(tmp_path, headings):
    quoted = [f'"{heading}"' for heading in headings]
    found = columns_of(csv_file(tmp_path, ["Responden", *quoted], [1, *ALL_THREES]))
    assert found == dict(zip(CODES, "BCDEFGHIJ", strict=True))


@pytest.mark.parametrize("rule", REGULATIONS.values(), ids=REGULATIONS)
def test_every_rule_finds_its_elements_by_number_and_by_name(tmp_path, rule):
    numbers = [f"U{n}" for n in range(1, len(rule.elements) + 1)]
    names = [f'"{rule.element(code).name}"' for code in rule.codes]
    row = [4] * len(numbers)
    assert list(opened(csv_file(tmp_path, numbers, row), rule).asked) == list(rule.codes)
    assert list(opened(csv_file(tmp_path, names, row), rule).asked) == list(rule.codes)


def test_the_fourteen_elements_of_2004_tell_two_kinds_of_cost_and_two_of_certainty(tmp_path):
    headings = ("Prosedur", "Persyaratan", "Kejelasan petugas", "Kedisiplinan", "Tanggung jawab", "Kemampuan",
                "Kecepatan", "Keadilan", "Kesopanan dan keramahan", "Kewajaran biaya", "Kepastian biaya",
                "Kepastian jadwal", "Kenyamanan", "Keamanan")  # fmt: skip
    found = columns_of(csv_file(tmp_path, headings, [3] * 14), rule=KEP_25_2004)
    assert (found["COST"], found["FEES"], found["PLAN"]) == ("J", "K", "L")


def test_anti_corruption_elements_are_found_by_the_words_of_their_questions(tmp_path):
    headings = ("Tidak ada diskriminasi", "Tidak ada kecurangan", "Tidak ada imbalan", "Tidak ada pungli", "Tanpa calo")
    assert list(columns_of(csv_file(tmp_path, headings, [4] * 5), rule=IPAK).values()) == list("ABCDE")


class TestNumbersEightAndNine:
    """Annex: U8 complaints, U9 facilities. Sample form: question 8 facilities, question 9 complaints."""

    def test_bare_numbers_are_the_annexs_and_said_to_be_assumed(self, tmp_path):
        path = csv_file(tmp_path, U, ALL_THREES)
        assert (columns_of(path)["CMPL"], columns_of(path)["FACI"]) == ("H", "I")
        assert opened(path).order_assumed

    def test_bare_numbers_are_the_forms_when_told_so(self, tmp_path):
        path = csv_file(tmp_path, U, ALL_THREES)
        assert (columns_of(path, order="form")["CMPL"], columns_of(path, order="form")["FACI"]) == ("I", "H")
        assert not opened(path, order="form").order_assumed
        assert not opened(path, order="annex").order_assumed

    @pytest.mark.parametrize("sign", ["Q", "P", "Pertanyaan ", "Soal "])
    def test_numbers_of_questions_are_the_forms_and_said_to_be_assumed(self, tmp_path, sign):
        path = csv_file(tmp_path, [f"{sign}{n}" for n in range(1, 10)], ALL_THREES)
        assert (columns_of(path)["CMPL"], columns_of(path)["FACI"]) == ("I", "H")
        assert opened(path).order_assumed
        assert columns_of(path, order="annex")["CMPL"] == "H"

    def test_a_header_of_bare_numbers_follows_the_order_told(self, tmp_path):
        path = csv_file(tmp_path, ["No", *range(1, 10)], [1, *ALL_THREES])
        assert opened(path).order_assumed
        assert columns_of(path, order="form")["FACI"] == "I"

    @pytest.mark.parametrize("order", [None, "annex", "form"])
    def test_names_decide_over_numbers(self, tmp_path, order):
        path = csv_file(tmp_path, [*U[:7], "U8 Sarana dan Prasarana", "U9 Pengaduan"], ALL_THREES)
        assert (columns_of(path, order=order)["FACI"], columns_of(path, order=order)["CMPL"]) == ("H", "I")
        assert not opened(path, order=order).order_assumed

    def test_names_decide_over_the_numbers_of_another_rule(self, tmp_path):
        path = csv_file(tmp_path, ["U1 Prosedur pelayanan", "U2 Persyaratan pelayanan", *U[2:]], ALL_THREES)
        assert (columns_of(path)["PROC"], columns_of(path)["REQ"]) == ("A", "B")

    def test_a_rule_whose_orders_agree_assumes_nothing(self, tmp_path):
        assert not opened(csv_file(tmp_path, U, ALL_THREES), PERMENPANRB_16_2014).order_assumed

    def test_one_name_and_one_number_for_the_same_element_are_refused(self, tmp_path):
        refusal = refused(csv_file(tmp_path, [*U[:7], "U8 Sarana dan Prasarana", "U9"], ALL_THREES))
        assert refusal.code == "column_ambiguous"
        assert '"U8 Sarana dan Prasarana" (H), "U9" (I)' in refusal.detail


class TestSeveralColumnsOnOneElement:
    @pytest.mark.parametrize(
        ("first", "second"),
        [("U1a", "U1b"), ("U1.1", "U1.2"), ("U1_1", "U1_2"), ("U1 a", "U1 b"), ("Persyaratan 1", "Persyaratan 2"),
         ("Persyaratan (a)", "Persyaratan (b)"), ("REQ1", "REQ2"), ("U1a Kejelasan syarat", "U1b Kemudahan syarat")],
    )  # fmt: skip
    def test_parts_are_questions_of_their_own(self, tmp_path, first, second):
        answers = opened(csv_file(tmp_path, [first, second, *U[1:]], [1, 2, *ALL_THREES[1:]]))
        assert len(answers.asked["REQ"]) == 2
        assert answers.questions[:3] == (*answers.asked["REQ"], "PROC")
        assert next(answers.rows()).ratings == (1, 2, *ALL_THREES[1:])

    @pytest.mark.parametrize("second", ["U1", "U1a", "Persyaratan", "REQ"])
    def test_columns_that_are_no_parts_are_refused_by_name(self, tmp_path, second):
        refusal = refused(csv_file(tmp_path, [*U, second], [*ALL_THREES, 3]))
        assert refusal.code == "column_ambiguous"
        assert f'"U1" (A), "{second}" (J)' in refusal.detail
        assert "Persyaratan" in refusal.detail

    def test_a_question_with_the_words_of_two_elements_is_refused(self, tmp_path):
        names = [*NAMES[:2], "Kesesuaian waktu serta biaya", "Antrean", *NAMES[4:]]
        refusal = refused(csv_file(tmp_path, names, ALL_THREES))
        assert refusal.code == "column_ambiguous"
        assert "Waktu Penyelesaian atau Biaya/Tarif" in refusal.detail


class TestColumnsThatAreNoElements:
    @pytest.mark.parametrize(
        "other",
        ["Waktu", "Saran", "Kritik dan saran", "Saran dan masukan", "Alasan U1", "U1 alasan", "Catatan persyaratan",
         "Nama petugas", "Tanggal", "Jenis pelayanan", "Produk", "Usia", "Pekerjaan", "P",
         "Jenis kelamin", "Waktu yang diurus"],
    )  # fmt: skip
    def test_usual_other_columns_do_not_disturb_numbered_ones(self, tmp_path, other):
        answers = opened(csv_file(tmp_path, [other, *U], ["teks apa pun", *ALL_THREES]))
        assert answers.columns.places == tuple(range(1, 10))

    def test_a_suggestion_column_counts_only_where_no_other_is_about_complaints(self, tmp_path):
        found = columns_of(csv_file(tmp_path, [*NAMES, "Saran"], [*ALL_THREES, "bagus"]))
        assert found["CMPL"] == "H"

    @pytest.mark.parametrize("beyond", ["U10", "U11 Keamanan", "Unsur 12", "Q10"])
    def test_a_number_the_rule_does_not_have_is_refused_rather_than_ignored(self, tmp_path, beyond):
        refusal = refused(csv_file(tmp_path, [*U, beyond], [*ALL_THREES, 3]))
        assert refusal.code == "column_unknown"
        assert f'"{beyond}" (J)' in refusal.detail
        assert "tambahan" in refusal.detail

    def test_a_header_of_more_bare_numbers_than_elements_is_refused(self, tmp_path):
        refusal = refused(csv_file(tmp_path, range(1, 15), [3] * 14))
        assert refusal.code == "column_unknown"
        assert "--regulation 25/2004" in refusal.detail
        assert '"10" (J)' in refused(csv_file(tmp_path, range(1, 13), [3] * 12)).detail


class TestAgencysOwnElements:
    def test_an_added_element_is_found_by_its_heading(self, tmp_path):
        answers = opened(csv_file(tmp_path, [*U, "Keamanan"], [*ALL_THREES, 4]), added=("keamanan",))
        assert answers.asked["ADD1"] == ("ADD1",)
        assert next(answers.rows()).ratings == (*ALL_THREES, 4)
        assert answers.rule.base is PERMENPANRB_14_2017

    def test_an_added_element_may_be_called_by_its_number(self, tmp_path):
        assert columns_of(csv_file(tmp_path, [*U, "U10"], [*ALL_THREES, 4]), added=("U10",))["ADD1"] == "J"

    def test_of_two_numbers_beyond_the_rule_the_one_not_named_is_refused(self, tmp_path):
        refusal = refused(csv_file(tmp_path, [*U, "U10", "U11"], [*ALL_THREES, 4, 4]), added=("U11",))
        assert refusal.code == "column_unknown"
        assert '"U10"' in refusal.detail

    def test_a_replaced_element_takes_the_column_it_is_told(self, tmp_path):
        path = csv_file(tmp_path, [*U[:3], "Kualitas situs", *U[4:]], (1, 1, 1, 2, 1, 1, 1, 1, 1))
        answers = opened(path, replaced={"cost": "Kualitas Situs"})
        assert "COST" not in answers.asked
        assert dict(zip(answers.questions, next(answers.rows()).ratings, strict=True))["COST_NEW"] == 2

    def test_a_replaced_elements_old_number_is_refused_beside_the_new_column(self, tmp_path):
        refusal = refused(
            csv_file(tmp_path, [*U, "Kualitas situs"], [*ALL_THREES, 4]), replaced={"COST": "Kualitas situs"}
        )
        assert refusal.code == "column_unknown"
        assert '"U4" (D)' in refusal.detail

    def test_a_heading_that_is_not_there_is_named(self, tmp_path):
        refusal = refused(csv_file(tmp_path, U, ALL_THREES), added=("Keamanan",))
        assert refusal.code == "column_missing"
        assert '"Keamanan"' in refusal.detail

    def test_replacing_what_the_rule_does_not_have_is_refused(self):
        with pytest.raises(Refusal, match="regulation_invalid"):
            layout(PERMENPANRB_14_2017, replaced={"XYZ": "Kualitas situs"})


class TestWhereTheHeadingsStand:
    def test_titles_above_are_passed_over(self, tmp_path):
        path = csv_file(tmp_path, ["PENGOLAHAN DATA SKM"], ["Dinas X", "Tahun 2024"], [], ["No", *U], [1, *ALL_THREES])
        assert opened(path).columns.header_row == 4
        assert [row.number for row in opened(path).rows()] == [5]

    def test_headings_on_two_lines_belong_together(self, tmp_path):
        top = ["No", "Unit", "NILAI UNSUR PELAYANAN", *[""] * 8]
        path = csv_file(tmp_path, top, ["", "", *U], [1, "A", *ALL_THREES])
        answers = opened(path, by="unit")
        assert answers.columns.headings[:3] == ("No", "Unit", "U1")
        assert [row.group for row in answers.rows()] == ["A"]

    @pytest.mark.parametrize("numbers_first", [True, False])
    def test_numbers_and_names_on_two_lines_are_read_together(self, tmp_path, numbers_first):
        names = [*NAMES[:7], "Sarana dan prasarana", "Saran dan masukan"]
        lines = (U, names) if numbers_first else (names, U)
        answers = opened(csv_file(tmp_path, *lines, (1, 1, 1, 1, 1, 1, 1, 2, 3)))
        row = dict(zip(answers.questions, next(answers.rows()).ratings, strict=True))
        assert (row["FACI"], row["CMPL"]) == (2, 3)
        assert not answers.order_assumed

    def test_a_row_that_only_counts_the_columns_is_no_respondent(self, tmp_path):
        for count in (range(1, 11), [f"({n})" for n in range(1, 11)]):
            path = csv_file(tmp_path, ["No", *U], count, [1, *ALL_THREES])
            assert [row.number for row in opened(path).rows()] == [3]

    def test_headings_repeated_on_a_later_page_are_no_respondent(self, tmp_path):
        path = csv_file(tmp_path, ["No", *U], [1, *ALL_THREES], ["No", *U], [2, *ALL_THREES])
        assert [row.number for row in opened(path).rows()] == [2, 4]

    def test_a_merged_cell_above_gives_its_heading_to_the_column(self, tmp_path):
        path = xlsx_file(tmp_path, ["Layanan", "Unsur"], [None, *U], ["KTP", *ALL_THREES])
        assert [row.group for row in opened(path, by="Layanan").rows()] == ["KTP"]


class TestMissingColumns:
    def test_the_element_and_the_headings_seen_are_named(self, tmp_path):
        refusal = refused(csv_file(tmp_path, ["No", *U[:8]], [1, *ALL_THREES[:8]]))
        assert refusal.code == "column_missing"
        assert "unsur Sarana dan Prasarana." in refusal.detail
        assert '"No", "U1", "U2"' in refusal.detail

    def test_a_file_without_any_heading_is_refused(self, tmp_path):
        refusal = refused(csv_file(tmp_path, ALL_THREES, ALL_THREES))
        assert refusal.code == "column_missing"
        assert "Persyaratan" in refusal.detail

    def test_names_with_signs_and_line_breaks_are_read(self, tmp_path):
        headings = ",".join(f'"U{n}\n{name}"' for n, name in enumerate(NAMES, 1))
        answers = opened(text_file(tmp_path, f"{headings}\n{','.join('3' * 9)}\n"))
        assert [row.number for row in answers.rows()] == [10 + 1]
