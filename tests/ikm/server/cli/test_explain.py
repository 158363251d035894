import json

import pytest
from typer.testing import CliRunner

from ikm.server.cli import app

BANTUL = "3.31,3.35,3.49,3.93,3.45,3.39,3.39,3.76,3.35"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*words):
        return CliRunner().invoke(app, ["explain", *words])

    return invoke


def read(run, *words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def sheet(run, *words):
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    return " ".join(result.stdout.split())


def test_a_printed_figure_is_explained_for_programs(run):
    told = read(run, "--means", BANTUL, "--printed", "87.28")
    (printed,) = told.pop("printed")
    assert printed["chains"][0] == {"convention": "exact", "chain": "once", "places": None}
    assert {name: printed[name] for name in ("value", "meant", "conventions", "grade", "letter_changes")} == {
        "value": "87.28",
        "meant": "87.28",
        "conventions": ["exact"],
        "grade": "B",
        "letter_changes": False,
    }
    assert printed["nearest"] == {"convention": "exact", "gives": "87.28", "distance": "0.00"}
    assert told == {
        "regulation": "permenpanrb-14-2017",
        "regulations": [
            {"regulation": "permenpanrb-14-2017", "grade": "B"},
            {"regulation": "permenpanrb-16-2014", "grade": "A"},
        ],
        "n_elements": 9,
        "added_elements": 0,
        "exact": {"index": "87.28", "index_exact": "1571/18", "grade": "B"},
        "range": ["87.15", "87.40"],
        "letter_certain": True,
        "printed_weighted_sum": None,
        "printed_weighted_cells": None,
        "fits": True,
        "contradictions": [],
    }


def test_contradictions_carry_a_code_facts_and_a_sentence(run):
    told = read(run, "--means", BANTUL, "--printed", "86,41", "--stated-weight", "1/9", "--respondents", "100")
    assert told["contradictions"] == [
        {
            "code": "stated_weight_not_used",
            "weight": "exact",
            "gives": "87.28",
            "printed": "86.41",
            "text": "Bobot yang disebut, 1/9 persis, menghasilkan 87,28 bila dibulatkan sekali di akhir, "
            "tetapi yang tercetak 86,41.",
        }
    ]


def test_weighted_means_are_the_sum_and_the_cells_whichever_comes_first(run):
    cells = "0,44 0,44 0,44 0,44 0,44 0,44 0,44 0,44 0,44"
    told = read(run, "--means", "4 4 4 4 4 4 4 4 4", "--printed-weighted", cells, "--printed-weighted", "3,96")
    assert told["printed_weighted_sum"]["conventions"] == ["0.11"]
    assert told["printed_weighted_cells"] == {
        "conventions": ["exact", "0.11", "0.111", "0.1111"],
        "sum": "3.96",
        "nearest": {"convention": "exact", "other_elements": []},
    }


@pytest.mark.parametrize(
    "means", [["3.31;3.35;3.49"], ["3,31", "3,35", "3,49"], ["3,31,3,35,3,49"], ["3,31 3,35 3,49"]]
)
def test_means_may_be_written_and_repeated_in_many_ways(run, means):
    words = [word for mean in means for word in ("--means", mean)]
    told = read(run, *words)
    assert (told["n_elements"], told["exact"]["index_exact"]) == (3, "1015/12")


def test_the_sheet_says_what_reproduces_the_print_and_what_is_exact(run):
    text = sheet(run, "--means", BANTUL, "--printed", "87.28")
    assert "PermenPAN-RB Nomor 14 Tahun 2017 (9 unsur)" in text
    assert "87,28, mutu B (Baik), dengan bobot 1/9 persis" in text
    assert "PermenPAN-RB Nomor 16 Tahun 2014: angkanya sama, mutu A (Sangat baik)" in text
    assert "87,15 sampai 87,40, karena rata-rata tercetak dengan 2 desimal; mutunya tetap B" in text
    assert "Indeks. Dihasilkan oleh bobot 1/9 persis, dibulatkan sekali di akhir." in text
    assert "Dapat juga oleh bobot 0,1111, jumlah NRR tertimbang dibulatkan dulu ke 3 desimal." in text
    assert "Mutunya B, sama dengan indeks tepat." in text
    assert "Tidak ditemukan pertentangan dalam angka yang diberikan." in text


def test_the_sheet_lists_what_has_to_be_checked(run):
    text = sheet(run, "--means", BANTUL, "--printed", "87.28", "--printed-grade", "C", "--respondents", "1")
    assert "Yang perlu diperiksa" in text
    assert "2. Indeks ini berasal dari satu responden saja" in text
    assert "3. Mutu C untuk 87,28 tidak ada di tabel aturan mana pun" in text
    assert "Tidak ditemukan pertentangan" not in text


def test_the_sheet_says_that_nothing_fits_and_what_is_nearest(run):
    text = sheet(run, "--means", BANTUL, "--printed", "80")
    assert "Tidak ada bobot dan pembulatan yang menghasilkannya." in text
    assert "Terdekat: bobot 0,11, 86,41, selisih 6,41." in text
    assert "Bobot lain: 1/9 persis memberi 87,28; 0,111 memberi 87,19; 0,1111 memberi 87,27." in text
    assert "Yang perlu diperiksa 1. 80 tidak dihasilkan oleh bobot dan pembulatan mana pun" in text
    assert "Tidak ditemukan pertentangan" not in text
    assert "Masih mungkin" not in text


def test_the_sheet_says_that_means_not_yet_rounded_may_give_the_figure(run):
    text = sheet(run, "--means", BANTUL, "--printed", "87.33")
    assert "Masih mungkin dari rata-rata yang belum dibulatkan, dengan bobot 1/9 persis dan 0,1111." in text


def test_the_sheet_says_when_the_letter_would_change(run):
    text = sheet(run, "--means", "3,56 " * 9, "--printed", "88,11")
    assert "Mutunya B, tetapi menurut indeks tepat A." in text


def test_the_sheet_says_that_the_letter_is_uncertain(run):
    text = sheet(run, "--means", "4 4 4 4 4 4 4 4 4")
    assert "tercetak tanpa desimal; mutunya dapat B sampai A" in text


def test_the_sheet_tells_added_elements_and_weighted_means(run):
    text = sheet(run, "--means", "3,00 " * 11, "--printed-weighted", "2,97", "--printed-weighted", "0,27 " * 11)
    assert "(11 unsur, 2 di antaranya tambahan)" in text
    assert "2,97 Jumlah NRR tertimbang. Dihasilkan oleh bobot 0,09, dibulatkan sekali di akhir." in text
    assert "2,97 Jumlah dari NRR tertimbang tiap unsur. Cocok dengan bobot 1/11 persis" in text


def test_the_sheet_tells_cells_that_no_weight_gives(run):
    text = sheet(run, "--means", "3,00 " * 9, "--printed-weighted", "0,50 " + "0,33 " * 8)
    assert "Tidak ada bobot yang menghasilkan semuanya." in text


def test_the_sheet_leaves_out_grades_where_the_figure_has_none(run):
    text = sheet(run, "--means", "33,1 " + "3,31 " * 8, "--printed", "187,28")
    assert "di luar tabel mutu" in text
    assert "Mutunya" not in text


def test_a_given_rule_is_used(run):
    told = read(run, "--means", BANTUL, "--regulation", "16/2014")
    assert (told["regulation"], told["exact"]["grade"]) == ("permenpanrb-16-2014", "A")


def test_a_figure_that_nothing_gives_is_a_contradiction_for_programs(run):
    told = read(run, "--means", BANTUL, "--printed", "91,11")
    assert [(one["code"], one.get("weight")) for one in told["contradictions"]] == [
        ("printed_not_reproduced", "exact"),
        ("grade_changes", None),
    ]
    assert told["printed"][0]["by_convention"] == {
        "exact": "87.28", "0.11": "86.41", "0.111": "87.19", "0.1111": "87.27",
    }  # fmt: skip
    assert not told["fits"]


def test_what_a_stated_weight_can_give_and_what_it_gives_are_told_as_two_things(run):
    gaspul = "3.6207;3.4828;3.4483;4.0000;3.5172;3.6207;3.6552;3.6207;3.9655"
    text = sheet(run, "--means", gaspul, "--printed", "90,56", "--printed", "91,48", "--stated-weight", "0,1111")
    assert "Dapat juga oleh bobot 0,1111, jumlah NRR tertimbang dibulatkan dulu ke 3 desimal." in text
    assert (
        "Bobot yang disebut, 0,1111, menghasilkan 91,47 bila dibulatkan sekali di akhir, tetapi yang tercetak 91,48."
        in text
    )


def test_means_of_another_scale_have_no_index_no_weight_and_a_way_out(run):
    indices = "82,75;83,75;87,25;98,25;86,25;84,75;84,75;94;83,75"
    text = sheet(run, "--means", indices, "--printed", "87,28")
    assert "Indeks tepat belum dapat dihitung, karena rata-ratanya bukan pada skala 1 sampai 4" in text
    assert "1. Rata-ratanya tampaknya berskala 25-100, bukan 1-4; bagi dengan 25. Hasilnya: 3,31; 3,35; 3,49;" in text
    assert "Terdekat" not in text
    assert "Tidak ditemukan pertentangan" not in text
    told = read(run, "--means", indices, "--printed", "87,28")
    (one,) = told.pop("contradictions")
    assert one["code"] == "means_on_index_scale"
    assert one["means"] == ["3.31", "3.35", "3.49", "3.93", "3.45", "3.39", "3.39", "3.76", "3.35"]
    assert told == {
        "regulation": "permenpanrb-14-2017",
        "regulations": [
            {"regulation": "permenpanrb-14-2017", "grade": None},
            {"regulation": "permenpanrb-16-2014", "grade": None},
        ],
        "n_elements": 9,
        "added_elements": 0,
        "exact": None,
        "range": None,
        "letter_certain": False,
        "printed": [],
        "printed_weighted_sum": None,
        "printed_weighted_cells": None,
        "fits": False,
    }


def test_the_means_made_of_another_scale_can_be_given_back(run):
    told = read(run, "--means", "138;139;150;140;141;142;143;144;168", "--respondents", "50")
    means = told["contradictions"][0]["text"].partition("rata-ratanya: ")[2]
    assert read(run, "--means", means)["exact"]["index_exact"] == "145/2"


def test_figures_and_letters_are_read_as_people_copy_them(run):
    told = read(
        run,
        "--means",
        BANTUL,
        "--printed",
        "\u00a087,28\u00a0%.",
        "--printed-grade",
        "B (Baik)",
        "--regulation",
        "14/2017",
    )
    assert ([one["value"] for one in told["printed"]], told["contradictions"]) == (["87.28"], [])


@pytest.mark.parametrize(("text", "respondents"), [("1.000", 1000), ("1000", 1000), (" 12.345 ", 12345)])
def test_respondents_may_have_dots_between_thousands(run, text, respondents):
    told = read(run, "--means", BANTUL, "--respondents", text, "--stated-minimum", "1.000.000")
    (one,) = told["contradictions"]
    assert (one["respondents"], one["minimum"]) == (respondents, 1_000_000)


@pytest.mark.parametrize("option", ["--respondents", "--stated-minimum"])
@pytest.mark.parametrize("text", ["1.00", "1,000", "banyak", "1.0000", "0", "-5"])
def test_a_number_of_people_that_is_none_is_refused(run, option, text):
    result = run("--means", BANTUL, option, text)
    assert (result.exit_code, result.stdout) == (2, "")


def test_the_usage_line_has_nothing_but_options(run):
    usage = next(line for line in run("--help").stdout.splitlines() if "Usage" in line)
    assert usage.split()[-2:] == ["explain", "[OPTIONS]"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--means", "3,3,3,4"], "'3,3,3,4' dapat dibaca dengan lebih dari satu cara. Tulis dengan titik koma"),
        (["--means", "3,31", "3,35"], "Apit deretan angka dengan tanda kutip: --means '3,31 3,35 3,49'."),
        (["--means", BANTUL, "--printed", "delapan"], "'delapan' bukan satu angka. Tulis seperti 87,28"),
        (["--means", BANTUL, "--printed-weighted", "0,3;0,4"], "Ada 2 NRR tertimbang untuk 9 unsur."),
        (["--means", BANTUL, "--printed-weighted", "3", "--printed-weighted", "4"], "hanya dapat diberi satu jumlah"),
        (["--means", BANTUL, "--stated-weight", "x"], "'x' bukan bobot. Tulis seperti 0,111 atau 1/9."),
        (["--means", BANTUL, "--printed-grade", "E"], "Mutu 'E' tidak dikenal. Tulis salah satu dari A, B, C, D."),
        (["--means", BANTUL, "--regulation", "1999"], "Aturan '1999' tidak dikenal. Tulis salah satu dari permenpanrb"),
    ],
)
def test_what_is_not_understood_is_one_sentence_and_exit_code_2(run, words, sentence):
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize("words", [[], ["--means", BANTUL, "--respondents", "0"], ["--means", BANTUL, "--nothing"]])
def test_a_command_that_is_not_complete_has_exit_code_2(run, words):
    assert run(*words).exit_code == 2
