from dataclasses import replace
from decimal import Decimal

import pytest

from ikm.domain.chains import Chain, Way
from ikm.domain.explain import explain
from ikm.domain.printed import Printed, read_means
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.server.reports.explained import SENTENCES, as_printed, chain_name, listed, sentence, weight_name

D = Decimal
REPORT = Printed(means=read_means("3.31,3.35,3.49,3.93,3.45,3.39,3.39,3.76,3.35"))
CELLS = tuple((mean / 9).quantize(D("0.001")) for mean in REPORT.means)
TOLD = [
    (
        {"means": REPORT.means[:8]},
        "elements_missing",
        (
            "Hanya ada 8 unsur, sedangkan PermenPAN-RB Nomor 14 Tahun 2017 memiliki 9. "
            "Periksa apakah ada unsur yang terlewat."
        ),
    ),
    (
        {"means": (D("33.1"), D("0.50"), *REPORT.means[2:])},
        "mean_outside_scale",
        "Rata-rata unsur ke-1 dan 2 berada di luar skala 1 sampai 4. Periksa letak koma desimalnya.",
    ),
    (
        {"means": (D("3.51"), *(D("3.50"),) * 8), "respondents": 10},
        "means_impossible",
        (
            "Rata-rata unsur ke-1 tidak mungkin berasal dari 10 responden yang semuanya menjawab: jumlah nilainya "
            "bukan bilangan bulat. Periksa rata-rata itu atau jumlah responden."
        ),
    ),
    (
        {"respondents": 1},
        "single_respondent",
        "Indeks ini berasal dari satu responden saja, jadi belum mewakili pengguna layanan.",
    ),
    (
        {"respondents": 29, "minimum": 30},
        "below_stated_minimum",
        "Laporan menyebut minimal 30 responden, tetapi respondennya 29.",
    ),
    (
        {"means": (D(3),) * 14, "respondents": 29},
        "below_rule_minimum",
        "KEP/25/M.PAN/2/2004 meminta minimal 150 responden, tetapi respondennya 29.",
    ),
    (
        {"minimum": 150},
        "minimum_of_other_rule",
        "Minimal 150 responden adalah ketentuan KEP/25/M.PAN/2/2004, bukan aturan laporan ini.",
    ),
    (
        {"weight": "0.071"},
        "weight_foreign",
        "Bobot 0,071 bukan pembulatan 1/9, padahal laporan memuat 9 unsur.",
    ),
    (
        {"weight": "exact", "indices": (D("86.41"),)},
        "stated_weight_not_used",
        (
            "Bobot yang disebut, 1/9 persis, menghasilkan 87,28 bila dibulatkan sekali di akhir, tetapi yang tercetak "
            "86,41."
        ),
    ),
    (
        {"weight": "0.11", "weighted_cells": CELLS},
        "cells_by_other_weight",
        "Bobot yang disebut 0,11, tetapi NRR tertimbang tiap unsur dihitung dengan bobot 1/9 persis.",
    ),
    (
        {"weighted_cells": (D("0.999"), *CELLS[1:])},
        "cells_of_no_weight",
        (
            "NRR tertimbang unsur ke-1 tidak sama dengan rata-ratanya dikali bobot (bobot terdekat: 1/9 persis). "
            "Periksa angka unsur itu."
        ),
    ),
    (
        {"means": (D("4.00"),) * 9, "weighted_cells": (D("0.44"),) * 9, "indices": (D("100.00"),)},
        "cells_do_not_add_up",
        "NRR tertimbang tiap unsur berjumlah 3,96, yang memberi 99,00, tetapi yang tercetak 100,00.",
    ),
    ({"indices": (D("8728"),)}, "comma_misplaced", "Koma desimal 8728 salah tempat; maksudnya 87,28."),
    (
        {"indices": (D("3.49"),)},
        "index_not_converted",
        "3,49 masih pada skala 1 sampai 4; indeks adalah angka itu dikali 25.",
    ),
    (
        {"indices": (D("187.28"),)},
        "outside_scale",
        "187,28 berada di luar skala 25 sampai 100. Periksa apakah angka itu tersalin benar.",
    ),
    (
        {"weighted_sum": D("3.48"), "weight": "0.111"},
        "cut_not_rounded",
        "3,48 dipotong, tidak dibulatkan (jumlah NRR tertimbang 3,48762, bobot 0,111). Bila dibulatkan: 3,49.",
    ),
    (
        {"indices": (D("87.20"),)},
        "rounded_twice",
        (
            "87,20 dibulatkan dua kali: jumlah NRR tertimbang 3,48762 (bobot 0,111) dibulatkan dulu ke 3 desimal. "
            "Bila dibulatkan sekali di akhir: 87,19."
        ),
    ),
    (
        {"indices": (D("86.45"),)},
        "cells_rounded_first",
        (
            "86,45 dihitung dari NRR tertimbang tiap unsur (bobot 0,11) yang sudah dibulatkan ke 3 desimal. "
            "Bila dibulatkan sekali di akhir: 86,41."
        ),
    ),
    (
        {"indices": (D("86.25"),)},
        "sum_cut_first",
        (
            "86,25 dihitung dari jumlah NRR tertimbang 3,45620 (bobot 0,11) yang dipotong dulu menjadi 2 desimal. "
            "Bila dibulatkan sekali di akhir: 86,41."
        ),
    ),
    (
        {"indices": (D("86.28"),)},
        "cells_cut_first",
        (
            "86,28 dihitung dari NRR tertimbang tiap unsur (bobot 0,11) yang dipotong menjadi 3 desimal. "
            "Bila dibulatkan sekali di akhir: 86,41."
        ),
    ),
    (
        {"indices": (D("86.41"),), "weighted_sum": D("3.491")},
        "sum_contradicts_index",
        "Jumlah NRR tertimbang 3,491 dikali 25 adalah 87,28, tetapi indeks yang tercetak 86,41.",
    ),
    (
        {"indices": (D("80.00"), D("87.28"))},
        "figures_differ",
        "Laporan mencetak lebih dari satu indeks, 80,00 dan 87,28; selisihnya 7,28.",
    ),
    (
        {"indices": (D("87.28"), D("86.41"))},
        "figures_differ_by_weight",
        (
            "Laporan mencetak lebih dari satu indeks, 86,41 dan 87,28; selisih 0,87 itu seluruhnya karena bobot: "
            "0,11 dan 1/9 persis."
        ),
    ),
    (
        {"indices": (D("87.28"),), "grade": "A", "regulation": PERMENPANRB_14_2017},
        "grade_of_other_rule",
        (
            "Mutu A untuk 87,28 hanya ada di tabel PermenPAN-RB Nomor 16 Tahun 2014; menurut PermenPAN-RB Nomor 14 "
            "Tahun 2017 mutunya B."
        ),
    ),
    (
        {"indices": (D("87.28"),), "grade": "C"},
        "grade_of_no_rule",
        "Mutu C untuk 87,28 tidak ada di tabel aturan mana pun; menurut PermenPAN-RB Nomor 14 Tahun 2017 mutunya B.",
    ),
    (
        {"indices": (D("91.11"),)},
        "printed_not_reproduced",
        (
            "91,11 tidak dihasilkan oleh bobot dan pembulatan mana pun yang dikenal; yang terdekat 87,28 (bobot "
            "1/9 persis), selisih 3,83. Periksa apakah rata-rata dan angka itu tersalin benar."
        ),
    ),
    (
        {"indices": (D("91.11"),)},
        "grade_changes",
        "Mutu 91,11 adalah A, tetapi menurut indeks tepat, 87,28, mutunya B.",
    ),
    (
        {"means": (D("3.56"),) * 9, "indices": (D("88.11"),)},
        "grade_changes_by_weight",
        "Mutu 88,11 adalah B, tetapi menurut indeks tepat, 89,00, mutunya A. Mutunya berubah karena bobot 0,11.",
    ),
    (
        {"means": (D("3.534"),) * 9, "indices": (D("88.25"),)},
        "grade_changes_by_rounding",
        (
            "Mutu 88,25 adalah B, tetapi menurut indeks tepat, 88,35, mutunya A. Mutunya berubah karena cara "
            "membulatkannya."
        ),
    ),
    (
        {"means": (D("3.53"),) * 9, "indices": (D("88.33"),)},
        "grade_uncertain",
        (
            "Mutu 88,33 adalah A, sedangkan rata-rata yang tercetak memberi 88,25, mutu B. Keduanya mungkin, karena "
            "rata-rata itu sudah dibulatkan. Minta rata-rata dengan lebih banyak desimal."
        ),
    ),
    (
        {"means": (D("82.75"), D("83.75"), D("87.28"))},
        "means_on_index_scale",
        ("Rata-ratanya tampaknya berskala 25-100, bukan 1-4; bagi dengan 25. Hasilnya: 3,3100; 3,3500; 3,4912."),
    ),
    (
        {"means": (D(138), D(139), D(150))},
        "means_are_sums",
        ("Angka itu tampaknya jumlah nilai, bukan rata-rata; bagi dengan banyaknya responden yang menjawab unsur itu."),
    ),
    (
        {"means": (D(138), D(139), D(150)), "respondents": 50},
        "means_are_sums_of_respondents",
        (
            "Angka itu tampaknya jumlah nilai, bukan rata-rata; bagi dengan banyaknya responden. Dengan 50 responden "
            "rata-ratanya: 2,76; 2,78; 3,00."
        ),
    ),
    (
        {"means": (D(138), D(139), D(150)), "respondents": 10},
        "sums_of_other_respondents",
        (
            "Angka itu tampaknya jumlah nilai, bukan rata-rata, tetapi jumlah nilai dari 10 responden hanya dapat "
            "10 sampai 40. Periksa angka itu dan jumlah responden."
        ),
    ),
    (
        {"means": (D(82), D(83), D(75))},
        "means_on_other_scale",
        (
            "Angka itu bukan rata-rata 1 sampai 4. Bila berskala 25-100, bagi dengan 25; bila jumlah nilai, bagi "
            "dengan banyaknya responden."
        ),
    ),
]


@pytest.mark.parametrize(("said", "code", "text"), TOLD, ids=[code for _, code, _ in TOLD])
def test_a_contradiction_is_a_sentence_about_the_figures_of_the_report(said, code, text):
    report = replace(REPORT, **said)
    found = {one.code: sentence(one, len(report.means)) for one in explain(report).contradictions}
    assert found[code] == text


def test_every_contradiction_with_a_sentence_can_be_found_in_some_report():
    assert {code for _, code, _ in TOLD} == set(SENTENCES)


def test_a_way_names_its_decimals():
    assert chain_name(Way("exact", Chain.ONCE, None)) == "dibulatkan sekali di akhir"
    assert chain_name(Way("0.11", Chain.SUM_ROUNDED, 3)) == "jumlah NRR tertimbang dibulatkan dulu ke 3 desimal"


@pytest.mark.parametrize("chain", Chain)
def test_every_chain_has_words(chain):
    assert "{" not in chain_name(Way("exact", chain, 2))


@pytest.mark.parametrize(("name", "text"), [("exact", "1/14 persis"), ("0.071", "0,071"), ("1/10", "1/10")])
def test_a_weight_is_written_as_people_do(name, text):
    assert weight_name(name, 14) == text


@pytest.mark.parametrize(
    ("figure", "text"), [("29.87", "29,87"), ("8728", "8728"), ("1E+2", "100"), ("3.050", "3,050")]
)
def test_a_printed_figure_is_shown_as_it_was_printed(figure, text):
    assert as_printed(D(figure)) == text


@pytest.mark.parametrize(("words", "text"), [(["1"], "1"), (["1", "2"], "1 dan 2"), (["1", "2", "3"], "1, 2 dan 3")])
def test_words_are_listed_as_in_a_sentence(words, text):
    assert listed(words) == text
