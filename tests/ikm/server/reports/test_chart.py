"""The chart as it is written: every name and figure in an SVG that parses, a PNG of a sensible size."""

import re
import struct
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element as Node

import pytest
from defusedxml import ElementTree

from ikm.domain.errors import Refusal
from ikm.domain.regulation import Element, Factor, Regulation, extended
from ikm.domain.regulations import IPAK, KEP_25_2004, PERMENPANRB_14_2017
from ikm.domain.tally import Tally, tally_of, tally_rows
from ikm.domain.weights import exact_weights, printed_weights
from ikm.server.reports.canvas import LEFT, RIGHT, WIDTH
from ikm.server.reports.chart import MOST_GROUPS, chart, write_chart
from ikm.server.reports.evaluation import Evaluation, evaluate
from tests.ikm.server.reports.memory import sekadau

RULE = PERMENPANRB_14_2017
NAMES = [
    "U1 Persyaratan",
    "U2 Sistem, Mekanisme dan Prosedur",
    "U3 Waktu Penyelesaian",
    "U4 Biaya/Tarif",
    "U5 Produk Spesifikasi Jenis Pelayanan",
    "U6 Kompetensi Pelaksana",
    "U7 Perilaku Pelaksana",
    "U8 Penanganan Pengaduan, Saran dan Masukan",
    "U9 Sarana dan Prasarana",
]
FIGURES = ["70,41", "70,92", "76,53", "90,31", "81,12", "83,16", "82,14", "72,96", "81,12"]
"""Sekadau, first semester 2019, as published at sekadaukab.go.id: each sum of ratings by 49, times 25."""


def answers(rows: dict[tuple[int | None, ...], int], rule: Regulation = RULE) -> Tally:
    return tally_rows(rule.codes, rows)


def evaluated(
    tally: Tally | dict[str, Tally], rule: Regulation = RULE, weight: str | None = None, **more: object
) -> Evaluation:
    tallies = tally if isinstance(tally, dict) else {"": tally}
    weights = printed_weights(rule.codes, Decimal(weight)) if weight else exact_weights(rule.codes)
    return evaluate(tallies, {code: [code] for code in rule.codes}, rule, weights, **more)


def survey() -> Tally:
    return tally_of(sekadau())


@pytest.fixture
def written(tmp_path: Path):
    """Writes the SVG of an evaluation and gives its root."""

    def write(evaluation: Evaluation, title: str = "Unit contoh") -> Node:
        path = tmp_path / "bagan.svg"
        write_chart(path, evaluation, title)
        return ElementTree.fromstring(path.read_bytes())

    return write


def texts(root: Node) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("}text")]


def bars(root: Node) -> list[tuple[float, float]]:
    """Where each bar begins and ends, in pixels, and nothing that is wider than the scale."""
    found = []
    for node in root.iter():
        outline = re.fullmatch(r"M([\d.]+),[\d.]+h([\d.]+)v15h-[\d.]+Z", node.get("d", ""))
        if outline:
            found.append((float(outline[1]), float(outline[1]) + float(outline[2])))
    return found


def test_every_element_stands_there_with_name_figure_and_grade(written):
    found = texts(written(evaluated(survey())))
    assert [text for text in found if re.match(r"U\d ", text)] == NAMES
    assert [text for text in found if re.fullmatch(r"\d\d,\d\d", text) and text in FIGURES] == FIGURES
    letters = [text for text in found if text in ("A", "B", "C", "D")]
    # four name the stretches of the scale, nine the elements, one the index
    assert letters == ["D", "C", "B", "A", *"CCCABBBCB", "B"]


def test_the_subtitle_says_index_interval_n_rule_and_weight(written):
    found = " ".join(texts(written(evaluated(survey()), "Disdukcapil")))
    assert "Disdukcapil" in found
    assert "IKM 78,74 · mutu B (Baik) · selang kepercayaan 95 %: 76,14 sampai 81,21" in found
    assert "49 responden · PermenPAN-RB Nomor 14 Tahun 2017 · bobot tepat 1/9" in found
    assert "Kecukupan sampel belum dapat dinilai" in found


def test_bars_are_as_long_as_their_figures_on_a_scale_that_says_where_it_starts(written):
    root = written(evaluated(survey()))
    expected = [LEFT + (float(figure.replace(",", ".")) - 25) / 75 * (RIGHT - LEFT) for figure in FIGURES]
    assert [begin for begin, _ in bars(root)] == pytest.approx([LEFT] * 9)
    assert [end for _, end in bars(root)] == pytest.approx(expected, abs=0.01)
    found = texts(root)
    assert [text for text in found if text in ("25,00", "65,00", "76,61", "88,31", "100,00")][:5] == [
        "25,00", "65,00", "76,61", "88,31", "100,00",
    ]  # fmt: skip
    assert any("Skala mulai dari 25" in text and "bukan dari 0" in text for text in found)


def test_colours_follow_the_grades_from_dark_teal_to_vermilion(written):
    # 100 is A, 87,5 B, 75 C, 50 D
    root = written(evaluated(answers({(4, 4, 3, 3, 3, 2, 2, 2, 2): 10, (4, 3, 3, 3, 3, 2, 2, 2, 2): 10})))
    colours = [node.get("fill") for node in root.iter() if re.search(r"v15h-", node.get("d", ""))]
    assert colours == ["#0B5F63", "#5FB08F", *["#F2B33D"] * 3, *["#D84A24"] * 4]


def test_too_few_respondents_are_stamped_and_enough_are_not(written):
    few = texts(written(evaluated(survey(), population=200)))
    assert "BELUM MEMADAI: 49 dari target 132 responden" in few
    enough = " ".join(texts(written(evaluated(survey(), population=50))))
    assert "BELUM MEMADAI" not in enough
    assert "Sampel memadai: 49 dari target 44 responden" in enough


def test_when_everybody_was_asked_no_interval_is_spoken_of(written):
    found = " ".join(texts(written(evaluated(survey(), population=49))))
    assert "semua pengguna layanan menjawab" in found
    assert "selang" not in found


def test_a_printed_weight_is_named_beside_the_exact_figure(written):
    found = " ".join(texts(written(evaluated(survey(), weight="0.11"))))
    assert "IKM 77,95" in found
    assert "bobot cetak 0,11 (dengan 1/9 tepat: 78,74)" in found


def test_all_ones_by_a_printed_weight_lie_inside_the_picture(written):
    evaluation = evaluated(answers({(1,) * 9: 10}), weight="0.11")
    assert "IKM 24,75" in " ".join(texts(written(evaluation)))
    domains = re.findall(r'"domain": \[([\d.]+), ([\d.]+)\]', chart(evaluation, "Unit").to_json(indent=None))
    assert {float(low) for low, _ in domains} == {24.75}


def test_nobody_is_no_score_and_no_bar(written):
    root = written(evaluated(Tally()))
    found = texts(root)
    assert found.count("belum ada data") == 10
    assert any(text.startswith("IKM belum ada: belum ada jawaban") for text in found)
    assert bars(root) == []
    assert not any(re.fullmatch(r"0,00|25,0", text) for text in found)


def test_an_element_nobody_answered_is_named_and_leaves_no_index(written):
    root = written(evaluated(answers({(4, 3, 4, 4, 4, 4, 4, 4, None): 7})))
    assert len(bars(root)) == 8
    found = texts(root)
    assert any(text.startswith("IKM belum ada: unsur U9 belum dijawab siapa pun") for text in found)
    assert found.count("belum ada data") == 2


def test_a_single_respondent_has_an_index_and_no_interval(written):
    found = " ".join(texts(written(evaluated(answers({(4,) * 9: 1})))))
    assert "IKM 100,00" in found
    assert "selang kepercayaan belum dapat dihitung: ada unsur dengan satu jawaban saja" in found


def test_fourteen_elements_of_the_2004_rule(written):
    found = texts(written(evaluated(answers({(3,) * 14: 150, (4,) * 14: 10}, KEP_25_2004), KEP_25_2004)))
    assert [text.split()[0] for text in found if re.match(r"U\d+ ", text)] == [f"U{n}" for n in range(1, 15)]
    assert {"43,76", "62,51", "81,26"} <= set(found)


def test_the_second_instrument_has_its_own_scale_and_words(written):
    found = texts(written(evaluated(answers({(4, 4, 4, 3, 4): 60}, IPAK), IPAK)))
    assert {"1,00", "3,60", "4,00", "memenuhi", "belum", "Indeks (IPAK)"} <= set(found)
    assert "IPAK 3,80 · memenuhi ambang" in " ".join(found)
    assert any("Skala mulai dari 1," in text for text in found)


def test_added_elements_show_the_index_without_them(written):
    extra = Element("WEBS", 0, 0, "Kualitas situs", "Web site", Factor.SYSTEMS)
    rule = extended(RULE, added=[extra])
    found = " ".join(texts(written(evaluated(answers({(*(4,) * 9, 2): 20, (*(3,) * 9, 2): 20}, rule), rule))))
    assert "U10 Kualitas situs" in found
    assert "Tanpa unsur tambahan (9 unsur): 87,50 (B)" in found


def units(number: int, name: str = "Unit {:03}") -> dict[str, Tally]:
    return {
        name.format(n): answers(dict(Counter({(3,) * 9: 30 + n, (4, *(3,) * 8): 20, (2 + n % 3,) * 9: 40})))
        for n in range(number)
    }


def height(root: Node) -> float:
    return float(root.get("height", "0"))


def test_sixty_groups_each_get_a_row_of_their_own(written):
    small = height(written(evaluated(units(2), by="unit")))
    root = written(evaluated(units(60), by="unit"))
    assert height(root) - small == pytest.approx(58 * 27, abs=1)
    names = [node for node in root.iter() if node.text and re.fullmatch(r"Unit \d{3}", node.text)]
    places = sorted(float(re.findall(r"[\d.]+", node.get("transform", ""))[1]) for node in names)
    assert len(places) == 60
    assert min(after - before for before, after in pairwise(places)) >= 24


def test_groups_are_sorted_with_rank_ranges_and_the_silent_last(written):
    tallies = {
        "Tengah": answers({(3,) * 9: 50, (4,) * 9: 50}),
        "Tinggi": answers({(4,) * 9: 399, (3,) * 9: 1}),
        "Diam": Tally(),
        "Juga tengah": answers({(3,) * 9: 51, (4,) * 9: 49}),
    }
    found = texts(written(evaluated(tallies, by="bagian")))
    names = [text for text in found if text in tallies]
    assert names == ["Tinggi", "Tengah", "Juga tengah", "Diam"]
    assert [text for text in found if re.fullmatch(r"[1-9]|\d–\d|–", text)][-4:] == ["1", "2–3", "2–3", "–"]
    # (99,9375 + 87,5 + 87,25) / 3, and 498 fours among 600 respondents
    roll_up = "Rata-rata 3 indeks: 91,56 (A) · gabungan seluruh responden: 95,75 (A) · tanpa indeks: 1"
    assert any(text.startswith(roll_up) for text in found)


def test_more_groups_than_anybody_reads_are_left_out_and_said_to_be(written):
    found = texts(written(evaluated(units(MOST_GROUPS + 50), by="unit")))
    assert sum(bool(re.fullmatch(r"Unit \d{3}", text)) for text in found) == MOST_GROUPS
    assert "… 50 lainnya tidak digambar" in found


HOSTILE = "<script>alert('x')</script> & \"kutip\" \x00\x1b\n{{datum}} \u202e" + "W" * 300


def test_hostile_names_are_shown_as_text_and_clipped(written, tmp_path):
    rule = extended(RULE, added=[Element("EVIL", 0, 0, HOSTILE, "Evil", Factor.STAFF)])
    tally = answers({(3,) * 10: 20, (4,) * 10: 20}, rule)
    evaluation = evaluated({HOSTILE: tally, "": tally, "datum.x": tally}, rule, by=HOSTILE)
    root = written(evaluation, HOSTILE)
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    found = texts(root)
    assert any(text.startswith("<script>alert('x')</script> & \"kutip\" {{datum}}") for text in found)
    assert {"(tanpa nama)", "datum.x"} <= set(found)
    assert max(len(text) for text in found if "script" in text) < 180
    assert sum(text.endswith("…") for text in found if "script" in text) >= 3
    assert "<script" not in (tmp_path / "bagan.svg").read_text()


def test_a_title_without_a_sign_that_prints_is_still_a_chart(written):
    assert "Survei Kepuasan Masyarakat" in texts(written(evaluated(survey()), " \n\x07 "))


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(b"IEND\xaeB`\x82")
    wide, high = struct.unpack(">II", png[16:24])
    return wide, high


def test_a_png_is_twice_the_size_of_the_svg_whatever_the_case_of_its_name(tmp_path):
    write_chart(tmp_path / "bagan.PNG", evaluated(survey()), "Unit contoh")
    write_chart(tmp_path / "bagan.Svg", evaluated(survey()), "Unit contoh")
    root = ElementTree.fromstring((tmp_path / "bagan.Svg").read_bytes())
    wide, high = size((tmp_path / "bagan.PNG").read_bytes())
    assert (wide, high) == (2 * float(root.get("width")), 2 * height(root))
    assert WIDTH < wide / 2 < WIDTH + 100


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_answers_give_the_same_bytes_and_nothing_else_in_the_folder(tmp_path, kind):
    first, second = tmp_path / f"satu.{kind}", tmp_path / f"dua.{kind}"
    second.write_text("bagan lama")
    for path in (first, second):
        write_chart(path, evaluated(units(3), by="unit"), "Unit contoh")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, second.name])


@pytest.mark.parametrize("name", ["bagan.pdf", "bagan", ".svg", "bagan.svg.txt"])
def test_another_kind_of_file_is_refused_and_not_written(tmp_path, name):
    with pytest.raises(Refusal) as refused:
        write_chart(tmp_path / name, evaluated(survey()), "Unit contoh")
    assert refused.value.code == "chart_kind_unknown"
    assert name in refused.value.detail
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_about_the_name_that_was_given(tmp_path):
    path = tmp_path / "tiada" / "bagan.svg"
    with pytest.raises(OSError, match=re.escape(str(path))):
        write_chart(path, evaluated(survey()), "Unit contoh")


def test_nothing_in_the_chart_is_fetched_from_anywhere():
    spec = chart(evaluated(units(3), by="unit"), "Unit contoh").to_json()
    assert re.findall(r"https?://[^\"]+", spec) == ["https://vega.github.io/schema/vega-lite/v6.4.1.json"]
    assert '"url"' not in spec


def test_a_chart_that_cannot_take_its_place_leaves_nothing_behind(tmp_path):
    path = tmp_path / "bagan.svg"
    path.mkdir()
    with pytest.raises(OSError, match=r"bagan\.svg'"):
        write_chart(path, evaluated(survey()), "Unit contoh")
    assert list(tmp_path.iterdir()) == [path]
