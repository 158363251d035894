"""The cockpit, the page of a unit and the comparison show what was counted, and nobody else's units."""

import csv
import io
import re
from html import unescape

import pytest

from ikm.domain.period import parse_period
from ikm.domain.rights import Role
from ikm.server.reports.figures import unit_figures
from ikm.server.reports.measured import Memo
from ikm.server.reports.ports import Filter
from ikm.server.reports.unit_view import unit_view
from ikm.server.store.deeds import Doer
from tests.ikm.server.web.answered import answer
from tests.support.desk import AGENCY, FOREIGN_UNIT, REGENCY, UNIT, words_of

YEAR = "2026"


@pytest.fixture
def answered(desk):
    """Two units with answers, one of them in another agency; the others have none."""
    answer(desk.store, UNIT, 160, 1)
    answer(desk.store, FOREIGN_UNIT, 60, 2)
    return desk


def table_of(html: str, identity: str) -> list[list[str]]:
    """The texts of a table's body, as a reader sees them."""
    part = html[html.index(identity) :]
    part = part[part.index("<tbody>") : part.index("</tbody>")]
    rows = re.findall(r"<tr.*?</tr>", part, re.DOTALL)
    return [[unescape(words_of(cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def lines(answer_) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer_.content.decode("utf-8-sig")), delimiter=";"))


def test_the_cockpit_shows_each_units_index_as_the_public_page_does(answered):
    figures = unit_figures(answered.store, UNIT, parse_period(YEAR))
    with answered.officer() as officer:
        html = officer.get("/kelola", periode=YEAR).text
    row = next(row for row in table_of(html, 'id="tabel-unit"') if "Pencatatan Sipil" in row[1])
    assert row[2] == str(figures.score.index).replace(".", ",")
    assert row[6].startswith("160")


def test_the_cockpit_counts_who_began_and_says_that_nothing_is_known_of_publication(answered):
    with answered.officer() as officer:
        text = words_of(officer.get("/kelola", periode=YEAR).text)
    assert "2 dari 5 unit sudah mulai" in text
    assert "sudah dipublikasikan : belum ada" in text or "sudah dipublikasikan: belum ada" in text


def test_every_file_of_figures_that_is_taken_away_is_in_the_log_of_whoever_it_concerns(answered):
    with answered.officer(Role.PUBLISHER, REGENCY) as officer:
        for path in (
            f"/kelola/ekspor/ringkasan/csv?periode={YEAR}&kanal=kiosk",
            f"/kelola/ekspor/ringkasan/xlsx?periode={YEAR}&perangkat={AGENCY}",
            f"/kelola/unit/{UNIT}/ekspor/csv?periode={YEAR}&layanan=ktp",
            f"/kelola/ekspor/banding/csv?unit={UNIT}&unit={FOREIGN_UNIT}&periode={YEAR}&dengan=2025",
        ):
            assert officer.get(path).status_code == 200
        # a page is no file, and a file that was refused was not taken away
        for path in ("/kelola", f"/kelola/unit/{UNIT}", "/kelola/ekspor/ringkasan/exe", "/kelola/ekspor/banding/exe"):
            officer.get(path)
    asked = {"periode": YEAR, "kind": "csv"}
    compared = {**asked, "dengan": "2025"}
    told = [(deed.act, deed.node, deed.facts) for deed in reversed(answered.store.deeds(act="figures."))]
    assert told == [
        ("figures.summary", REGENCY, {**asked, "kanal": "kiosk"}),
        ("figures.summary", AGENCY, {"periode": YEAR, "kind": "xlsx", "perangkat": AGENCY}),
        ("figures.unit", UNIT, {**asked, "layanan": "ktp"}),
        ("figures.comparison", UNIT, {**compared, "units": [UNIT]}),
        ("figures.comparison", FOREIGN_UNIT, {**compared, "units": [FOREIGN_UNIT]}),
    ]
    with answered.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        log = words_of(officer.get("/kelola/catatan", jenis="figures.").text)
        assert "Mengekspor perbandingan IKM 2026." in log or "Mengekspor perbandingan IKM Tahun 2026." in log
        assert "Sari Wijaya" in log
        assert FOREIGN_UNIT not in log


def test_a_service_that_was_closed_keeps_its_name_beside_its_answers(answered):
    [held, *_] = answered.store.offered(UNIT)
    before = unit_view(answered.store, UNIT, parse_period(YEAR), Filter(), Memo()).services
    answered.store.retire_service(UNIT, held.service.code, held.revision, Doer("uji", answered.now_ms))
    after = unit_view(answered.store, UNIT, parse_period(YEAR), Filter(), Memo()).services
    assert {(code, name) for code, name, _ in after} == {(code, name) for code, name, _ in before}
    assert held.service.code != held.service.name["id"]
    assert [code for code, *_ in after][-1] == held.service.code


def test_a_year_without_answers_is_told_and_nobody_gets_a_zero(answered):
    with answered.officer() as officer:
        html = officer.get("/kelola", periode="2020").text
    assert "Belum ada unit dengan indeks" in html
    assert {row[7] for row in table_of(html, 'id="tabel-unit"')} == {"belum mulai"}
    assert "0,00" not in html


def test_units_are_sifted_by_their_sample_on_the_page_and_in_its_file(answered):
    with answered.officer() as officer:
        html = officer.get("/kelola", periode=YEAR, sampel="nothing").text
        rows = lines(officer.get("/kelola/ekspor/ringkasan/csv", periode=YEAR, sampel="nothing"))
        assert officer.get("/kelola", sampel="lain").status_code == 404
    screen = table_of(html, 'id="tabel-unit"')
    assert {row[7] for row in screen} == {"belum mulai"}
    assert len(screen) == 3
    begin = next(place for place, row in enumerate(rows) if row[:1] == ["Peringkat"])
    assert rows[begin - 1] == ["Banyak baris", "3"]
    assert ["Sampel", "belum mulai"] in rows
    # what is said of all units stays said of all
    assert "2 dari 5 unit sudah mulai" in words_of(html)


def test_whoever_has_one_unit_alone_comes_to_its_page(answered):
    with answered.officer(Role.UNIT_OFFICER, UNIT) as officer:
        answer_ = officer.get("/kelola")
        assert (answer_.status_code, answer_.headers["location"]) == (302, f"/kelola/unit/{UNIT}")
        assert officer.get("/kelola", periode=YEAR).status_code == 200
    with answered.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        assert officer.get("/kelola").status_code == 200


@pytest.mark.parametrize(("role", "node"), [(Role.UNIT_OFFICER, UNIT), (Role.AGENCY_ADMIN, AGENCY)])
def test_an_officer_sees_their_own_units_alone(answered, role, node):
    with answered.officer(role, node) as officer:
        html = officer.get("/kelola", periode=YEAR).text
        assert f'data-unit="{UNIT}"' in html
        assert f'data-unit="{FOREIGN_UNIT}"' not in html
        text = lines(officer.get("/kelola/ekspor/ringkasan/csv", periode=YEAR))
        assert not any("Harapan" in cell for row in text for cell in row)
        for path in (f"/kelola/unit/{FOREIGN_UNIT}", f"/kelola/unit/{FOREIGN_UNIT}/ekspor/csv",
                     f"/kelola/banding?unit={FOREIGN_UNIT}", f"/kelola/ekspor/banding/csv?unit={FOREIGN_UNIT}",
                     f"/kelola/unit/{FOREIGN_UNIT}/jawaban"):  # fmt: skip
            assert officer.get(path).status_code == 403, path


def test_a_file_gives_what_the_screen_shows_with_its_filter_and_its_row_count(answered):
    with answered.officer() as officer:
        screen = table_of(officer.get("/kelola", periode=YEAR, perangkat=AGENCY).text, 'id="tabel-unit"')
        rows = lines(officer.get("/kelola/ekspor/ringkasan/csv", periode=YEAR, perangkat=AGENCY))
    assert ["Periode", "Tahun 2026"] in rows
    assert ["Perangkat daerah", "Dinas Kependudukan dan Pencatatan Sipil"] in rows
    begin = next(place for place, row in enumerate(rows) if row[:1] == ["Peringkat"])
    assert rows[begin - 1] == ["Banyak baris", str(len(screen))]
    for shown, given in zip(screen, rows[begin + 1 :], strict=False):
        assert shown[0] == given[0]
        assert given[1] in shown[1]
        assert (shown[2], shown[5]) == (given[3], f"{given[5]} – {given[6]}" if given[5] != "–" else "–")
        assert shown[6].split(" ")[0] == given[7]
        assert shown[7] == given[9]


def test_the_page_of_a_unit_and_its_file_say_the_same_of_every_element(answered):
    with answered.officer(Role.UNIT_OFFICER, UNIT) as officer:
        screen = table_of(officer.get(f"/kelola/unit/{UNIT}", periode=YEAR, layanan="ktp").text, "elements-spread")
        rows = lines(officer.get(f"/kelola/unit/{UNIT}/ekspor/csv", periode=YEAR, layanan="ktp"))
    assert ["Layanan", "KTP elektronik"] in rows
    begin = next(place for place, row in enumerate(rows) if row[:2] == ["Unsur", "Jawaban"])
    for shown, given in zip(screen, rows[begin + 1 : begin + 10], strict=True):
        assert shown[0].startswith(given[0])
        assert (shown[6], shown[2:6], shown[7]) == (given[1], given[2:6], given[6])


def test_a_mean_of_few_is_not_shown(desk):
    answer(desk.store, UNIT, 9, 3)
    with desk.officer() as officer:
        html = officer.get(f"/kelola/unit/{UNIT}", periode=YEAR).text
    part = html[html.index('id="responden"') : html.index('id="jam"')]
    cells = re.findall(r'<td class="num">([^<]*)</td>', part)
    assert cells
    assert set(cells[1::2]) == {"–"}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"periode": "2026-13"}, id="92: a period there is not"),
        pytest.param({"periode": "2026'--"}, id="92: a period that is no period"),
        pytest.param({"layanan": "a\x00b"}, id="a zero byte"),
        pytest.param({"perangkat": "<script>"}, id="markup"),
        pytest.param({"kanal": "telegram"}, id="a channel there is not"),
        pytest.param({"versi": "x" * 65}, id="a code too long"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_not_guessed(answered, query):
    with answered.officer() as officer:
        for path in ("/kelola", f"/kelola/unit/{UNIT}"):
            if "perangkat" in query and path != "/kelola":
                continue
            if "versi" in query and path == "/kelola":
                continue
            assert officer.get(path, **query).status_code in (404, 422)


def test_units_and_periods_are_compared_with_the_first_and_never_too_many(answered):
    with answered.officer() as officer:
        html = officer.get(f"/kelola/banding?unit={UNIT}&unit={FOREIGN_UNIT}&periode={YEAR}").text
        rows = table_of(html, 'id="indeks"')
        assert rows[0][-1] == "pembanding"
        assert rows[1][-1] in {"lebih tinggi", "lebih rendah", "tidak dapat dibedakan"}
        many = "&".join(f"unit={UNIT}-{number}" for number in range(13))
        assert officer.get(f"/kelola/banding?{many}").status_code in (403, 422)
        assert officer.get("/kelola/banding").status_code == 200
        rows = lines(officer.get(f"/kelola/ekspor/banding/csv?unit={UNIT}&periode={YEAR}&dengan=2025"))
        assert ["Dibandingkan dengan", "Tahun 2025"] in rows


def test_of_two_rows_each_elements_difference_is_told_and_of_more_none(answered):
    def heads_and_rows(officer, query):
        rows = lines(officer.get(f"/kelola/ekspor/banding/csv?periode={YEAR}&{query}"))
        begin = next(place for place, row in enumerate(rows) if row[:1] == ["Unsur"])
        return rows[begin], rows[begin + 1 : begin + 10]

    with answered.officer() as officer:
        head, rows = heads_and_rows(officer, f"unit={UNIT}&unit={FOREIGN_UNIT}")
        assert head[-1] == "Selisih"
        for _, first, second, apart in rows:
            told = float(apart.replace(",", ".").replace("−", "-"))
            assert told == pytest.approx(float(second.replace(",", ".")) - float(first.replace(",", ".")), abs=0.0011)
        # nothing is subtracted from a period without answers
        assert {row[-1] for row in heads_and_rows(officer, f"unit={UNIT}&dengan=2020")[1]} == {"–"}
        assert len(heads_and_rows(officer, f"unit={UNIT}&unit={FOREIGN_UNIT}&dengan=2020")[0]) == 5


def test_a_name_that_looks_like_a_formula_stays_a_text(answered, office, tmp_path):
    """Threat 16: what a spreadsheet would run."""
    import openpyxl

    from ikm.domain.organisation import Level, Node

    node = answered.store.node(UNIT)
    evil = '=HYPERLINK("http://x","klik")'
    answered.store.put_node(Node(UNIT, Level.UNIT, node.parent, evil), {}, 0)
    with answered.officer() as officer:
        rows = lines(officer.get("/kelola/ekspor/ringkasan/csv", periode=YEAR))
        book = tmp_path / "ringkasan.xlsx"
        book.write_bytes(officer.get("/kelola/ekspor/ringkasan/xlsx", periode=YEAR).content)
    assert f"'{evil}" in [cell for row in rows for cell in row]
    sheet = openpyxl.load_workbook(office.recalculated([book], tmp_path / "out")[0])["Unit"]
    found = [
        cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and "HYPERLINK" in cell.value
    ]
    assert [(cell.data_type, cell.value) for cell in found] == [("s", evil)]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_a_kind_of_file_there_is_not_is_not_found(answered):
    with answered.officer() as officer:
        assert officer.get("/kelola/ekspor/ringkasan/exe").status_code == 404


@pytest.mark.parametrize("node", [REGENCY])
def test_every_page_says_where_it_may_be_downloaded_with_the_same_filter(answered, node):
    with answered.officer(Role.SUPERADMIN, node) as officer:
        html = officer.get("/kelola", periode="2026-S1", layanan="ktp").text
        found = unescape(re.search(r'href="(/kelola/ekspor/ringkasan/csv[^"]*)"', html)[1])
        assert found == "/kelola/ekspor/ringkasan/csv?periode=2026-S1&layanan=ktp"
        assert officer.get(found).status_code == 200
