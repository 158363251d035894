import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ikm.domain.configuration import Service
from ikm.domain.organisation import Level, Node
from ikm.domain.period import PeriodKind, period_of
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import Status
from ikm.domain.tally import Tally
from ikm.server.reports import wording
from ikm.server.reports.figures import unit_figures
from ikm.server.web import pages
from ikm.server.web.pages import views
from tests.ikm.server.reports.memory import DAY, REGENCY, TREE, MemorySource, points, sekadau
from tests.support.samples import CODES, response, skm, tapped

NOW_MS = int(datetime(2026, 11, 9, 12, tzinfo=UTC).timestamp() * 1000)
HOSTILE = "<script>alert('x')</script>\" onload=\"x"


def read(path: str, source: MemorySource | None = None, status: int = 200) -> str:
    app = Litestar([pages.router(source or MemorySource(), lambda: NOW_MS)], openapi_config=None)
    with TestClient(app, raise_server_exceptions=True) as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def words_of(html: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_unit_page_shows_index_letter_word_and_respondents():
    html = read("/unit/dukcapil", MemorySource().add(*sekadau(), response(3, 3)))
    text = words_of(read("/unit/dukcapil", MemorySource().add(*sekadau())))
    assert '<data id="index" value="78.74">78,74</data>' in read("/unit/dukcapil", MemorySource().add(*sekadau()))
    assert "Mutu pelayanan B , kinerja unit pelayanan baik" in text
    assert "Responden 50 Menilai semua unsur 49 Menilai sebagian unsur 1" in words_of(html)


def test_how_sure_the_index_is_stands_below_it():
    text = words_of(read("/unit/dukcapil", MemorySource().add(*sekadau())))
    assert "Selang kepercayaan 95 %: 76,14 sampai 81,21 . Peluang nilai sebenarnya bermutu B 95 %, C 5 %." in text
    few = words_of(read("/unit/dukcapil", MemorySource().add(*[response(*[4] * 9)] * 9)))
    assert "Selang kepercayaan" in few
    assert "Peluang" not in few
    assert "Selang kepercayaan" not in words_of(read("/unit/dukcapil", MemorySource().add(response(*[4] * 9))))
    assert "Selang kepercayaan" not in words_of(read("/unit/dukcapil", MemorySource()))


def test_the_working_sheet_shows_every_element_as_the_annex_does():
    source = MemorySource().add(*sekadau())
    text = words_of(read("/unit/dukcapil", source))
    score = unit_figures(source, "dukcapil", period_of(DAY, PeriodKind.SEMESTER)).score
    for element in score.elements:
        mean, weighted = (wording.number(value, 3) for value in (element.mean, element.mean / 9))
        line = f"U{element.element.annex_number} {element.element.name} 49 {element.total} {mean} {weighted}"
        assert line in text


def test_the_working_is_told_step_by_step_and_exactly():
    source = MemorySource().add(*sekadau())
    text = words_of(read("/unit/dukcapil", source))
    exact = unit_figures(source, "dukcapil", period_of(DAY, PeriodKind.SEMESTER)).score.index_exact
    for step in (exact * 9 / 25, exact / 25, exact):
        assert f"{wording.fraction(step)} , kira-kira {wording.number(step, 6)}" in text
    assert "78,74 tidak kurang dari 76,61 dan kurang dari 88,31, jadi mutunya B (baik)" in text


def test_the_best_grade_has_no_bound_above_it():
    text = words_of(read("/unit/dukcapil", MemorySource().add(response(*[4] * 9))))
    assert "100,00 tidak kurang dari 88,31, jadi mutunya A (sangat baik)" in text


def test_a_sheet_with_the_printed_weight_is_told_why_it_differs():
    text = words_of(read("/unit/dukcapil", MemorySource().add(response(*[4] * 9))))
    assert "Lembar kerja yang memakai bobot 0,11 akan menghasilkan 99,00" in text
    assert "dijumlahkan: 36 . " in text


def test_answers_nobody_can_date_are_told_of():
    source = MemorySource().add(response(*[3] * 9))
    assert "tidak pasti tanggalnya" not in words_of(read("/unit/dukcapil", source))
    source.without_date = 1
    assert "1 jawaban tidak pasti tanggalnya karena jam kios belum cocok" in words_of(read("/unit/dukcapil", source))


@pytest.mark.parametrize(("respondents", "warned"), [(1, True), (29, True), (30, False)])
def test_few_respondents_are_said_to_be_few(respondents, warned):
    text = words_of(read("/unit/dukcapil", MemorySource().add(*[response(*[3] * 9)] * respondents)))
    assert (f"Baru {respondents} responden; nilai ini belum dapat mewakili unit." in text) is warned


@pytest.mark.parametrize(("answers", "warned"), [(29, True), (30, False)])
def test_short_forms_are_not_called_broken_off_and_their_thinnest_element_is_told(answers, warned):
    # three of nine elements each, in turn: `answers` per element, three times as many respondents
    asked = [CODES[start : start + 3] for start in (0, 3, 6)] * answers
    source = MemorySource().add(*(
        response(answers=dict.fromkeys(codes, 3), status=Status.PARTIAL, instrument=Instrument.ROTATING, asked=codes)
        for codes in asked
    ))  # fmt: skip
    text = words_of(read("/unit/dukcapil", source))
    assert f"Responden {3 * answers} Menilai semua unsur 0 Menilai sebagian unsur {3 * answers}" in text
    assert "75,00" in text
    assert "Baru" not in text
    thin = f"Unsur yang paling jarang dinilai baru mendapat {answers} jawaban; nilai ini belum dapat mewakili unit."
    assert (thin in text) is warned
    assert "Responden yang hanya ditanyai beberapa unsur, atau berhenti di tengah jalan, dihitung pada unsur" in text


@pytest.mark.parametrize("respondents", [0, 1, 29, 30, 49])
def test_where_everybody_was_asked_everything_no_element_is_called_thin(respondents):
    text = words_of(read("/unit/dukcapil", MemorySource().add(*[response(*[3] * 9)] * respondents)))
    assert "paling jarang dinilai" not in text


def test_the_lowest_and_highest_elements_are_named_with_all_their_ties():
    # asked in the order of the form: facilities eighth, complaints ninth
    text = words_of(read("/unit/dukcapil", MemorySource().add(*[response(2, 3, 3, 4, 3, 3, 3, 4, 2)] * 10)))
    assert "Unsur terendah U1 Persyaratan 2,000 U8 Penanganan Pengaduan, Saran dan Masukan 2,000" in text
    assert "Unsur tertinggi U4 Biaya/Tarif 4,000 U9 Sarana dan Prasarana 4,000" in text


def test_where_all_elements_are_alike_none_is_the_lowest():
    assert "Unsur terendah" not in read("/unit/dukcapil", MemorySource().add(*[response(*[3] * 9)] * 10))


@pytest.mark.parametrize("path", ["/unit/dukcapil", "/unit/dukcapil?period=2019-Q1", "/"])
def test_no_answers_are_neither_zero_nor_a_grade(path):
    html = read(path)
    assert "Belum ada jawaban pada periode ini" in html
    assert "0,00" not in words_of(html).replace("100,00", "").replace("65,00", "").replace("25,00", "")
    assert not re.search(r'class="grade |<data ', html)


def test_an_element_nobody_answered_is_named_and_leaves_no_index():
    html = read("/unit/dukcapil", MemorySource().add(response(4, 3)))
    text = words_of(html)
    assert "Belum ada jawaban untuk U3 Waktu Penyelesaian; U4 Biaya/Tarif;" in text
    assert "<data " not in html
    assert "U1 Persyaratan 1 4 4,000 0,444" in text


def test_versions_that_ask_different_elements_are_shown_apart():
    short = replace(skm(), code="ringkas", questions=skm().questions[:5])
    source = MemorySource().add(*sekadau(), response(*[3] * 5, questionnaire="ringkas"))
    source.versions["ringkas"] = short
    html = read("/unit/dukcapil", source)
    text = words_of(html)
    assert "Tidak dapat digabung: unsur yang ditanyakan berbeda" in text
    assert "(skm-14-2017-v2) 78,74 B Baik 49" in text
    assert "(ringkas) 75,00 C Kurang baik 1" in text
    assert '<data id="index"' not in html


def test_an_element_of_several_questions_is_not_explained_as_a_single_division():
    twice = replace(skm(), code="v2", questions=(*skm().questions, replace(skm().questions[0], code="REQ-2")))
    source = MemorySource().add_tally(
        Tally(2, 1, {**dict.fromkeys(CODES, (0, 0, 1, 0)), "REQ-2": (1, 0, 0, 1)}), questionnaire="v2"
    )
    source.versions["v2"] = twice
    text = words_of(read("/unit/dukcapil", source))
    assert "misalnya U2" in text
    assert "Unsur dengan beberapa pertanyaan" in text


def test_services_have_their_own_lines():
    source = MemorySource().add(*sekadau()).add(*[response(*[4] * 9, service="kk")] * 3)
    text = words_of(read("/unit/dukcapil", source))
    assert "KTP elektronik 78,74 B Baik 49 Kartu Keluarga 100,00 A Sangat baik 3" in text


def test_the_regency_shows_both_roll_ups_by_name_and_counts_who_is_in_them():
    source = MemorySource().add(response(*[4] * 9)).add(*[response(*[2] * 9, unit="puskesmas")] * 1003)
    html = read("/", source)
    assert re.search(r'Rata-rata IKM unit</h2>\s*<p class="index"><data id="unit-mean" value="75.00">75,00<', html)
    assert re.search(r'Gabungan seluruh responden</h2>\s*<p class="index"><data id="pooled" value="50.05">50,05<', html)
    assert "Responden 1.004 Unit dengan indeks 2 dari 3 Belum ada data 1" in words_of(html)


def test_the_regency_loses_no_unit_and_tells_who_rated_some_elements_only():
    source = MemorySource().add(*[response(*[3] * 9)] * 4)
    text = words_of(read("/", source))
    assert "hanya menilai sebagian unsur" not in text
    assert "Belum lengkap" not in text
    taps = [tapped(code, unit="labkes") for code in CODES[:4]]
    text = words_of(read("/", source.add(*taps)))
    assert "Pada setiap unsur, setiap jawaban berbobot sama; unit besar lebih menentukan." in text
    assert "4 dari 8 responden hanya menilai sebagian unsur." in text
    assert "Unit dengan indeks 1 dari 3 Belum lengkap 1 Belum ada data 1" in text
    source.add(response(*[3] * 9, unit="puskesmas"), response(*[3] * 5, unit="puskesmas", questionnaire="ringkas"))
    source.versions["ringkas"] = replace(skm(), code="ringkas", questions=skm().questions[:5])
    text = words_of(read("/", source))
    assert "Unit dengan indeks 1 dari 3 Belum lengkap 1 Tidak digabung 1 Belum ada data 0" in text


def test_few_answers_show_their_mean_and_no_letter_and_the_short_form_is_named():
    taps = [tapped(code, rating) for code, rating in zip(CODES[:4], (4, 1, 3, 2), strict=True)]
    text = words_of(read("/unit/dukcapil", MemorySource().add(*taps)))
    assert "Semua jawaban pada periode ini lewat bentuk satu ketukan: setiap warga menilai satu unsur saja." in text
    assert "U1 Persyaratan 1 4 4,000 0,444 belum cukup" in text
    assert "Unsur dengan kurang dari 10 jawaban belum diberi huruf mutu" in text
    assert "Unsur terendah" not in text
    assert "Sangat baik" not in text[: text.index("Arti huruf mutu")]
    whole = words_of(read("/unit/dukcapil", MemorySource().add(*taps, response(3))))
    assert "lewat bentuk" not in whole
    one = words_of(read("/unit/dukcapil", MemorySource().add(*[tapped("COST")] * 10)))
    assert "U4 Biaya/Tarif 10 40 4,000 0,444 A Sangat baik" in one
    assert "kurang dari 10 jawaban" not in one
    many = words_of(read("/unit/dukcapil", MemorySource().add(*[tapped(code) for code in CODES] * 10)))
    assert "lewat bentuk satu ketukan" in many
    assert "U1 Persyaratan 10 40 4,000 0,444 A Sangat baik" in many
    assert "kurang dari 10 jawaban" not in many


@pytest.mark.parametrize(
    ("forms", "sentence"),
    [
        ((), ""),
        ((Instrument.ROTATING,), "lewat bentuk bergilir: setiap warga menilai sebagian unsur saja."),
        (tuple(Instrument)[1:], "lewat bentuk bergilir dan satu ketukan: setiap warga menilai sebagian unsur saja."),
    ],
)
def test_short_forms_are_named(forms, sentence):
    assert views.form(forms) == (f"Semua jawaban pada periode ini {sentence}" if sentence else "")


def test_units_stand_under_their_agency_as_organised_with_their_figures():
    source = MemorySource().add(*sekadau()).add(*[response(*[4] * 9, unit="labkes")] * 2)
    text = words_of(read("/", source))
    assert (
        "Dinas Kependudukan dan Pencatatan Sipil Pelayanan Administrasi Kependudukan 78,74 B Baik 49 "
        "Dinas Kesehatan Puskesmas Harapan – belum ada data 0 Laboratorium Kesehatan Daerah 100,00 A Sangat baik 2"
    ) in text


def test_links_keep_the_period():
    html = read("/?period=2026-Q3")
    assert 'href="/unit/dukcapil?period=2026-Q3"' in html
    html = read("/unit/dukcapil?period=2026-Q3")
    assert 'href="/?period=2026-Q3"' in html
    assert 'href="/api/v1/units/dukcapil/index?period=2026-Q3"' in html


def test_a_server_without_units_says_so():
    text = words_of(read("/", MemorySource(tree=())))
    assert "Server ini belum berisi daftar unit pelayanan." in text
    assert "belum ada unit pelayanan" in words_of(read("/", MemorySource(tree=TREE[:2])))


@pytest.mark.parametrize(
    ("period", "links", "label"),
    [
        (None, ["2026-11", "2026-Q4", "2026-S2", "2026", "2026-S1"], "Semester II 2026"),
        ("2025", ["2025-12", "2025-Q4", "2025-S2", "2025", "2024", "2026"], "Tahun 2025"),
        ("2026-02", ["2026-02", "2026-Q1", "2026-S1", "2026", "2026-01", "2026-03"], "Februari 2026"),
        ("2030-Q2", ["2030-06", "2030-Q2", "2030-S1", "2030", "2030-Q1"], "Triwulan II 2030"),
    ],
)
def test_other_lengths_and_neighbours_are_one_link_away_and_never_the_future(period, links, label):
    html = read("/unit/dukcapil" + (f"?period={period}" if period else ""))
    chooser = html[html.index('<nav class="chooser"') : html.index("</nav>", html.index('<nav class="chooser"'))]
    assert re.findall(r'href="/unit/dukcapil\?period=([^"]+)"', chooser) == links
    assert f'<strong class="period-now">{label}</strong>' in chooser


def test_the_period_of_today_is_the_one_of_the_units_zone():
    # WITA: 30 June, 16.30 UTC is already 1 July in Makassar
    late = int(datetime(2026, 6, 30, 16, 30, tzinfo=UTC).timestamp() * 1000)
    app = Litestar([pages.router(MemorySource(), lambda: late)], openapi_config=None)
    with TestClient(app) as client:
        for path in ("/", "/unit/dukcapil"):
            assert "Semester II 2026" in client.get(path).text


def test_a_running_period_says_that_it_may_change_and_a_past_one_does_not():
    assert "angka dapat berubah sampai 31 Desember 2026" in read("/unit/dukcapil?period=2026-S2")
    assert "berubah" not in read("/unit/dukcapil?period=2026-S1")


@pytest.mark.parametrize("period", ["abc", "", "2026-13", "2026-S3", "9999", "0000", "2026-Q0", "x" * 3000, "%00"])
def test_a_period_nobody_can_read_is_refused_in_words(period):
    for path in ("/", "/unit/dukcapil"):
        text = words_of(read(f"{path}?period={period}", status=422))
        assert "Periode tidak benar. Tulis periode seperti 2026, 2026-S1, 2026-Q4 atau 2026-11." in text
        assert "Kembali ke halaman utama" in text


def test_the_first_year_of_the_calendar_has_a_page():
    assert "Tahun 1" in read("/?period=0001")


@pytest.mark.parametrize("code", ["tidak-ada", "contoh", "dukcapil-1", "%3Cscript%3E"])
def test_what_is_not_a_unit_has_a_page_that_leads_back(code):
    html = read(f"/unit/{code}", status=404)
    assert "Alamat ini tidak ada." in html
    assert '<a class="way-back" href="/">' in html
    assert "<script" not in html


def test_names_cannot_smuggle_in_markup():
    tree = (
        replace(REGENCY, name=HOSTILE),
        Node("a", Level.AGENCY, "contoh", HOSTILE + "a"),
        Node("dukcapil", Level.UNIT, "a", HOSTILE),
    )
    source = MemorySource(tree=tree, offered={"dukcapil": (Service("ktp", {"id": HOSTILE}),)}).add(*sekadau())
    for path in ("/", "/unit/dukcapil"):
        html = read(path, source)
        assert "<script" not in html
        assert 'onload="x' not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("path", ["/", "/unit/dukcapil", "/unit/puskesmas"])
def test_pages_need_neither_script_nor_inline_style(path):
    html = read(path, MemorySource().add(*sekadau()))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="id">')


def test_static_files_may_be_kept_for_ever_since_their_address_changes_with_them():
    app = Litestar([pages.router(MemorySource(), lambda: NOW_MS)], openapi_config=None)
    with TestClient(app) as client:
        links = re.findall(r'"(/static/[^"]+)"', client.get("/").text)
        answers = {link: client.get(link) for link in links}
        assert [answer.status_code for answer in answers.values()] == [200, 200]
        assert {answer.headers["content-type"] for answer in answers.values()} == {
            "text/css; charset=utf-8",
            "image/svg+xml",
        }
        assert {answer.headers["cache-control"] for answer in answers.values()} == {
            "public, max-age=31536000, immutable"
        }
        style = next(link for link in links if link.endswith("site.css"))
        assert client.get(re.sub(r"/static/\w+/", "/static/000000000000/", style)).status_code == 404
        assert client.get(style.replace("site.css", "base.html")).status_code == 404


@pytest.mark.parametrize(
    ("respondents", "total", "shown"), [(19, 524, "76,61 B Baik"), (58, 1357, "64,99 D Tidak baik")]
)
def test_figures_in_the_gaps_of_the_printed_table_get_their_letter(respondents, total, shown):
    source = MemorySource().add_tally(points(respondents, total), on=date(2026, 12, 31))
    assert f"Nilai IKM, Semester II 2026 {shown}" in words_of(read("/unit/dukcapil", source))
