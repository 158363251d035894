"""`ikm score` on files as officials have them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ikm.assets import asset
from ikm.server.cli import app

HEAD = "No," + ",".join(f"U{number}" for number in range(1, 10)) + "\n"
SAMPLES = {name: asset(f"samples/{name}.csv") for name in ("sekadau-2019-s1", "mpp-pangkep", "setda-mahakam-ulu")}


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def run(*words):
    return CliRunner().invoke(app, ["score", *map(str, words)])


def told(*words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def sheet(*words):
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    return " ".join(result.stdout.split())


@pytest.fixture
def file(tmp_path):
    def write(*rows: str, head: str = HEAD, name: str = "jawaban.csv") -> Path:
        path = tmp_path / name
        path.write_text(head + "".join(f"{row}\n" for row in rows))
        return path

    return write


# -- published answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "weights", "n", "index", "grade"),
    [
        ("sekadau-2019-s1", "exact", 49, "78.74", "B"),
        ("sekadau-2019-s1", "0.11", 49, "77.95", "B"),
        ("mpp-pangkep", "exact", 55, "93.64", "A"),
        ("setda-mahakam-ulu", "exact", 26, "92.84", "A"),
    ],
)
def test_published_answers_give_their_index(name, weights, n, index, grade):
    found = told(SAMPLES[name], "--weights", weights)
    assert (found["n"], found["index"], found["grade"], found["weights"]) == (n, index, grade, weights)


@pytest.mark.parametrize(
    ("name", "column", "units", "mean", "pooled"),
    [("mpp-pangkep", "instansi", 13, "93.72", "93.64"), ("setda-mahakam-ulu", "bagian", 6, "92.65", "92.84")],
)
def test_both_roll_ups_of_published_answers(name, column, units, mean, pooled):
    by = told(SAMPLES[name], "--by", column)["by"]
    assert (by["mean_of_units"]["units"], by["mean_of_units"]["index"], by["pooled"]["index"]) == (units, mean, pooled)
    assert (len(by["groups"]), by["without_data"]) == (units, [])
    text = sheet(SAMPLES[name], "--by", column.upper())
    assert f"Rata-rata IKM {units} kelompok: {mean.replace('.', ',')}" in text
    assert f"{pooled.replace('.', ',')}, mutu A (Sangat baik); pada setiap unsur setiap jawaban" in text


# -- what is printed -------------------------------------------------------------------------------------------------


def test_the_official_working_sheet():
    text = sheet(SAMPLES["sekadau-2019-s1"], "--population", "200")
    for words in (
        "PermenPAN-RB Nomor 14 Tahun 2017",
        "U3 Waktu Penyelesaian 49 150 3,061 0,340 76,53 C",
        "Jumlah NRR tertimbang 3,150",
        "IKM 78,74 Mutu B (Baik) n = 49",
        "Bobot: tepat 1/9 untuk setiap unsur",
        "Selang kepercayaan 95 %: 76,49 – 80,89",
        "Peluang mutu: A < 1 %, B 97 %, C 3 %, D < 1 %",
        "49 dari target 132 responden untuk populasi 200, BELUM MEMADAI",
        "alfa Cronbach): 0,740",
        "13,21 Sistem dan prosedur, terbanyak Persyaratan (3,29)",
    ):
        assert words in text


def test_a_printed_weight_is_named_with_the_exact_index_beside_it():
    text = sheet(SAMPLES["sekadau-2019-s1"], "--weights", "0,11")
    assert "IKM 77,95" in text
    assert "Bobot: 0,11 untuk setiap unsur (pembulatan 1/9)" in text
    assert "Dengan bobot tepat 1/9: 78,74, mutu B (Baik)" in text


def test_programs_get_every_figure():
    found = told(SAMPLES["sekadau-2019-s1"], "--population", "200")
    assert found["regulation"] == "permenpanrb-14-2017"
    assert found["index_exact"] == "11575/147"
    time = found["elements"][2]
    assert (time["code"], time["n"], time["sum"], time["mean_exact"]) == ("TIME", 49, 150, "150/49")
    assert time["mean"] == pytest.approx(150 / 49)
    low, high = found["interval"]
    assert low < 78.74 < high
    assert list(found["grade_probabilities"]) == ["A", "B", "C", "D"]
    assert sum(found["grade_probabilities"].values()) == pytest.approx(1)
    assert {name: found["sample"][name] for name in ("population", "target", "adequate")} == {
        "population": 200,
        "target": 132,
        "adequate": False,
    }
    assert found["reliability"]["alpha"] == pytest.approx(0.740, abs=0.001)
    assert sum(factor["points"] for factor in found["shortfalls"]) == pytest.approx(100 - 11575 / 147)


def test_a_valid_file_without_answers_has_no_index_and_is_no_error(file):
    found = told(file())
    assert (found["n"], found["index"], found["index_exact"], found["grade"], found["interval"]) == (0, *[None] * 4)
    assert [element["mean"] for element in found["elements"]] == [None] * 9
    assert "Belum ada jawaban, jadi belum ada indeks." in sheet(file())


def test_an_element_nobody_answered_is_named(file):
    path = file("1,4,4,4,,4,4,4,4,4", "2,3,3,3,,3,3,3,3,3")
    assert told(path)["index"] is None
    assert "belum ada jawaban untuk: Biaya/Tarif" in sheet(path)


def test_one_respondent_is_an_index_without_an_interval(file):
    assert told(file("1,4,4,4,4,4,4,4,4,4"))["interval"] is None
    assert "ada unsur yang baru dijawab satu orang" in sheet(file("1,4,4,4,4,4,4,4,4,4"))


def test_a_survey_of_everybody_is_no_estimate(file):
    text = sheet(file("1,4,4,4,4,4,4,4,4,4", "2,3,4,4,4,4,4,4,4,4"), "--population", "2")
    assert "Semua pengguna layanan menjawab setiap unsur, jadi angka ini bukan taksiran." in text


def test_a_handful_of_answers_has_no_probabilities_of_grades(file):
    rows = [f"{number},4,4,4,4,4,4,4,4,{2 + number % 3}" for number in range(10)]
    assert "Peluang mutu belum dapat dinilai dari 9 jawaban." in sheet(file(*rows[:9]))
    assert "Peluang mutu: A" in sheet(file(*rows))


def test_nothing_lost_is_not_listed_and_ties_are_all_named(file):
    assert "hilang" not in sheet(file(*["1,4,4,4,4,4,4,4,4,4"] * 3))
    assert "1,85 Sistem dan prosedur, terbanyak Persyaratan, Waktu Penyelesaian (0,93)" in sheet(
        file(*["1,4,4,4,4,4,4,4,4,4"] * 2, "2,3,4,3,4,4,4,4,4,4")
    )


def test_ten_citizens_who_all_gave_four_are_no_sure_hundred(file):
    low, high = told(file(*["1,4,4,4,4,4,4,4,4,4"] * 10))["interval"]
    assert (low < 80, high) == (True, 100)


# -- rules, weights, elements ----------------------------------------------------------------------------------------


def test_the_rule_of_2004_with_its_own_table_weight_and_minimum(file):
    head = ",".join(f"U{number}" for number in range(1, 15)) + "\n"
    path = file(*[",".join(["3"] * 13 + ["4"])] * 20, head=head)
    found = told(path, "--regulation", "25/2004", "--weights", "0.071")
    assert (found["regulation"], found["weights"], found["index"]) == ("kep-25-2004", "0.071", "76.33")
    assert found["sample"]["target"] == 150
    assert "Dengan bobot tepat 1/14: 76,79, mutu B" in sheet(path, "--regulation", "2004", "--weights", "0,071")


def test_an_added_element_counts_and_the_nine_stand_beside(file):
    path = file("1,4,4,4,4,4,4,4,4,4,1", "2,4,4,4,4,4,4,4,4,4,1", head=HEAD.strip() + ",Keamanan\n")
    found = told(path, "--add", "Keamanan")
    assert (found["index"], found["base"]["index"]) == ("92.50", "100.00")
    assert {element["weight"] for element in found["elements"]} == {"1/10"}
    text = sheet(path, "--add", "Keamanan")
    assert "Tanpa unsur tambahan (9 unsur): 100,00, mutu A" in text
    assert "U10 Keamanan: unsur tambahan, di luar aturan" in text
    assert found["own_elements"] == [{"code": "ADD1", "name": "Keamanan", "replaces": None}]


def test_columns_of_ratings_that_belong_to_no_element_are_mentioned(file):
    path = file("1,4,4,4,4,4,4,4,4,4,1", "2,4,4,4,4,4,4,4,4,4,1", head=HEAD.strip() + ",Keamanan\n")
    assert (told(path)["index"], told(path)["unused_columns"]) == ("100.00", ["Keamanan (K)"])
    assert "kolom Keamanan (K) berisi nilai 1-4 tetapi tidak dipakai" in sheet(path)
    assert told(path, "--add", "Keamanan")["unused_columns"] == []


def test_a_replaced_element_is_named_by_its_column(file):
    path = file("1,4,4,4,4,4,4,4,4,2", head="No,U1,U2,U3,U5,U6,U7,U8,U9,Kualitas situs\n")
    found = told(path, "--replace", "COST=Kualitas situs")
    assert (found["elements"][3]["name"], found["elements"][3]["sum"], found["base"]) == ("Kualitas situs", 2, None)
    assert found["own_elements"][0]["replaces"] == "COST"
    assert "Kualitas situs: unsur pengganti Biaya/Tarif, di luar aturan" in sheet(
        path, "--replace", "COST=Kualitas situs"
    )


def test_a_second_instrument_has_a_threshold_and_no_letter(file):
    path = file(*["4,4,4,4,3"] * 12, head="Diskriminasi,Kecurangan,Imbalan,Pungli,Percaloan\n")
    text = sheet(path, "--regulation", "ipak")
    assert "IPAK 3,80 Memenuhi ambang 3,60" in text
    assert "IKM" not in text


def test_questions_of_one_element_are_told_apart(file):
    path = file("1,4,1,4,4,4,4,4,4,4,4", "2,4,,4,4,4,4,4,4,4,4", head="No,U1a,U1b,U2,U3,U4,U5,U6,U7,U8,U9\n")
    requirement = told(path)["elements"][0]
    assert (requirement["mean"], [(q["n"], q["sum"]) for q in requirement["questions"]]) == (2.5, [(2, 8), (1, 1)])
    path = file("1,4,,4,4,4,4,4,4,4,4", head="No,U1a,U1b,U2,U3,U4,U5,U6,U7,U8,U9\n")
    assert "belum ada jawaban untuk: Persyaratan (REQ.b)" in sheet(path)


def test_weights_of_a_units_own_choice_need_the_order_of_eight_and_nine(file):
    path = file("1,4,4,4,4,4,4,4,4,2", "2,4,4,4,4,4,4,4,4,2")
    own = "REQ=1/10 PROC=1/10 TIME=1/10 COST=1/10 PROD=1/10 COMP=1/10 BEHV=1/10 CMPL=1/10 FACI=1/5"
    refused = run(path, "--weights", own)
    assert (refused.exit_code, "--order annex atau --order form" in refused.stderr) == (2, True)
    assert told(path, "--weights", own, "--order", "annex")["index"] == "90.00"
    assert told(path, "--weights", own, "--order", "form")["index"] == "95.00"


@pytest.mark.parametrize(("order", "faci"), [("annex", 2), ("form", 4)])
def test_bare_numbers_eight_and_nine_are_read_as_told(file, order, faci):
    found = told(file("1,4,4,4,4,4,4,4,4,2"), "--order", order)
    assert {element["code"]: element["sum"] for element in found["elements"]}["FACI"] == faci
    assert not found["order_assumed"]


def test_the_numbers_of_the_sample_form_are_led_to_those_of_the_annex(file):
    text = sheet(file("1,4,4,4,4,4,4,4,4,2"), "--order", "form")
    assert "U9 (J) menjadi U8 Penanganan Pengaduan, Saran dan Masukan, U8 (I) menjadi U9 Sarana dan Prasarana" in text


def test_an_assumed_order_is_said():
    assert told(SAMPLES["sekadau-2019-s1"])["order_assumed"]
    text = sheet(SAMPLES["sekadau-2019-s1"])
    assert "dibaca U8 (I) sebagai Penanganan Pengaduan, Saran dan Masukan, U9 (J) sebagai Sarana dan Prasarana" in text


@pytest.mark.whole
@pytest.mark.parametrize(("answer", "faci"), [("1", "159"), ("2", "143"), ("lima\n2", "143")])
def test_at_a_terminal_the_order_is_asked(answer, faci):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ikm.server", "score", str(SAMPLES["sekadau-2019-s1"])],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # the terminal is gone with the process that had it
        pass
    assert process.wait(10) == 0
    os.close(ours)
    text = " ".join(shown.decode().split())
    assert "1 Penanganan Pengaduan, Saran dan Masukan (urutan lampiran aturan)" in text
    assert f"U9 Sarana dan Prasarana 49 {faci}" in text


# -- bad input -------------------------------------------------------------------------------------------------------


def test_bad_cells_are_all_named_at_once_with_what_to_do(file):
    path = file("1,4,4,4,4,4,4,4,4,4", "2,5,4,4,4,4,4,4,4,4", "3,4,4,baik,4,4,4,4,4,4", "4,4,4,4,4,4,4,4,4,3")
    result = run(path)
    assert result.exit_code == 3
    assert "Traceback" not in result.output
    for words in ('baris 3, kolom "U1" (B)', 'baris 4, kolom "U3" (D)', "--skip-bad-rows"):
        assert words in result.stderr
    problem = json.loads(run(path, "--json").stdout)["problem"]
    assert problem["code"] == "cell_invalid"
    assert [(fault["row"], fault["column"]) for fault in problem["faults"]] == [(3, "B"), (4, "D")]


def test_bad_rows_may_be_left_out_and_are_counted(file):
    path = file("1,4,4,4,4,4,4,4,4,4", "2,5,4,4,4,4,4,4,4,4", "3,4,4,4,4,4,4,4,4,2")
    found = told(path, "--skip-bad-rows")
    assert (found["n"], found["left_out"]["bad_rows"]) == (2, 1)
    assert "1 baris (33 %) dilewati karena ada sel yang salah" in sheet(path, "--skip-bad-rows")


def test_nothing_left_is_a_refusal_and_not_an_empty_survey(file):
    result = run(file("1,5,4,4,4,4,4,4,4,4", "2,5,4,4,4,4,4,4,4,4"), "--skip-bad-rows")
    assert (result.exit_code, "setiap baris berisi sel yang salah" in result.stderr) == (3, True)


def test_rows_of_sums_at_the_end_are_left_out_and_named(file):
    path = file("1,4,4,4,4,4,4,4,4,4", "2,3,4,4,4,4,4,4,4,4", "Jumlah,7,8,8,8,8,8,8,8,8")
    assert told(path)["left_out"]["footer_rows"] == [4]
    assert "baris rekapitulasi di bawah data tidak ikut dihitung: 4 (Jumlah)" in sheet(path)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--regulation", "15/2014"], 2, "Aturan ini tidak dikenal. 15/2014"),
        (["--weights", "0,12"], 2, "bukan pembulatan 1/9"),
        (["--weights", "REQ=1"], 2, "belum diberi bobot"),
        (["--population", "3"], 2, "populasi 3 kurang dari 49 responden"),
        (["--population", "0"], 2, "bukan bilangan orang"),
        (["--population", "1.00"], 2, "bukan bilangan orang"),
        (["--xlsx", "hasil.xls"], 2, "Buku kerja ditulis sebagai .xlsx"),
        (["--order", "kebalik"], 2, ""),
        (["--replace", "COST"], 2, "KODE=tajuk"),
        (["--replace", "SAFE=U4"], 2, "SAFE"),
        (["--by", "kecamatan"], 3, 'tidak ada kolom "kecamatan"'),
        (["--sheet", "Data"], 3, "tidak punya lembar"),
        (["--chart", "gambar.jpg"], 2, ".svg"),
    ],
)
def test_a_mistake_is_a_sentence_and_a_stable_exit_code(words, code, said):
    result = run(SAMPLES["sekadau-2019-s1"], *words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["tidak-ada.csv", "."])
def test_what_is_no_file_is_refused(tmp_path, name):
    result = run(tmp_path / name)
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)


# -- groups ----------------------------------------------------------------------------------------------------------

UNITS = "Unit," + ",".join(f"U{number}" for number in range(1, 10)) + "\n"


def test_units_without_answers_are_listed_and_in_no_mean(file):
    path = file(*["A,4,4,4,4,4,4,4,4,4"] * 3, *["B,2,2,2,2,2,2,2,2,2"] * 3, "C,,,,,,,,,", head=UNITS)
    by = told(path, "--by", "unit")["by"]
    assert (by["mean_of_units"]["units"], by["mean_of_units"]["index"], by["without_data"]) == (2, "75.00", ["C"])
    assert "Tanpa indeks, tidak ikut dirata-rata: C" in sheet(path, "--by", "unit")


def test_units_that_can_be_told_apart_have_ranks_of_their_own(file):
    path = file(*["A,4,4,4,4,4,4,4,4,4"] * 60, *["B,1,1,1,1,1,1,1,1,1"] * 60, *["C,4,4,4,4,4,4,4,4,3"] * 60, head=UNITS)
    ranks = {group["name"]: (group["rank"], group["rank_last"]) for group in told(path, "--by", "Unit")["by"]["groups"]}
    assert ranks == {"A": (1, 2), "C": (1, 2), "B": (3, 3)}


def test_respondents_without_a_unit_are_in_the_pool_and_are_no_unit(file):
    path = file(*["A,4,4,4,4,4,4,4,4,4"] * 3, *["B,3,3,3,3,3,3,3,3,3"] * 3, ",1,1,1,1,1,1,1,1,1", head=UNITS)
    by = told(path, "--by", "unit")["by"]
    assert (by["mean_of_units"]["units"], by["mean_of_units"]["index"], by["pooled"]["n"]) == (2, "87.50", 7)
    assert [(group["name"], group["counted"], group["rank"]) for group in by["groups"]][-1] == ("(kosong)", False, None)
    assert "1 responden tanpa isi kolom unit ikut gabungan" in sheet(path, "--by", "unit")


def test_where_most_respondents_lack_a_unit_it_says_what_to_do(file):
    path = file("A,4,4,4,4,4,4,4,4,4", *[",3,3,3,3,3,3,3,3,3"] * 3, head=UNITS)
    assert "salin isi Unit ke setiap baris" in sheet(path, "--by", "Unit")


def test_a_file_of_units_without_answers_has_no_groups(file):
    by = told(file(head=UNITS), "--by", "Unit")["by"]
    assert (by["groups"], by["without_data"], by["mean_of_units"]) == ([], [], None)


# -- further outputs -------------------------------------------------------------------------------------------------


def test_a_workbook_and_a_chart_are_written_beside(tmp_path):
    book, picture = tmp_path / "hasil.xlsx", tmp_path / "hasil.svg"
    assert run(SAMPLES["mpp-pangkep"], "--by", "instansi", "--xlsx", book, "--chart", picture).exit_code == 0
    assert book.read_bytes()[:2] == b"PK"
    assert "93,64" in picture.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hasil.svg", "hasil.xlsx"]


def test_a_result_says_where_it_is_and_never_replaces_the_answers(file, tmp_path):
    path = file("1,4,4,4,4,4,4,4,4,4", name="jawaban.xlsx.csv")
    book = tmp_path / "hasil.xlsx"
    # a long path is broken somewhere, wherever the line ends
    assert f"hasil ditulis ke {book}".replace(" ", "") in sheet(path, "--xlsx", book).replace(" ", "")
    kept = book.read_bytes()
    result = run(book, "--xlsx", book)
    assert (result.exit_code, "berkas jawaban itu sendiri" in result.stderr) == (2, True)
    assert book.read_bytes() == kept


def test_people_may_be_counted_with_dots_between_thousands():
    assert told(SAMPLES["sekadau-2019-s1"], "--population", "1.000")["sample"]["population"] == 1000


def test_an_output_that_cannot_be_written_is_told(tmp_path):
    result = run(SAMPLES["sekadau-2019-s1"], "--xlsx", tmp_path / "tidak-ada" / "hasil.xlsx")
    assert result.exit_code == 1
    assert "tidak dapat ditulis" in result.stderr
    told_so = run(SAMPLES["sekadau-2019-s1"], "--json", "--xlsx", tmp_path / "tidak-ada" / "hasil.xlsx")
    assert json.loads(told_so.stdout)["problem"]["code"] == "output_unwritable"
