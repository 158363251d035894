"""Raw answers: given for a reason that is written down, and giving the figures of the screen when scored again."""

import csv
import io
import json

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ikm.domain.period import parse_period
from ikm.domain.rights import Role
from ikm.server.cli import app
from ikm.server.reports.measured import Memo
from ikm.server.reports.ports import Filter
from ikm.server.reports.unit_view import unit_view
from ikm.server.store import Store
from ikm.server.web.desk.exports import _AT_ONCE
from tests.ikm.server.kiosk_device import NOW_MS
from tests.ikm.server.web.answered import answer
from tests.support.desk import FOREIGN_UNIT, UNIT, office
from tests.support.samples import version

REASON = "verifikasi nilai oleh inspektorat"
SECRET = "Hubungi 081234567890, =1+1"


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    with office(tmp_path_factory.mktemp("answers"), NOW_MS) as opened:
        answer(opened.store, UNIT, 150, 1)
        answer(opened.store, UNIT, 40, 2, counter="dukcapil-2", comment=SECRET)
        answer(opened.store, FOREIGN_UNIT, 30, 3)
        opened.store.put_questionnaire(version("skm-14-2017-v1"))
        answer(opened.store, UNIT, 45, 4, questionnaire="skm-14-2017-v1")
        yield opened


def export(officer, unit=UNIT, **fields):
    wish = {"reason": REASON, "kind": "csv", "periode": "2026", **fields}
    return officer.post(f"/kelola/unit/{unit}/jawaban", **wish)


def scored(path):
    told = CliRunner().invoke(app, ["score", str(path), "--json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_no_more_than_two_are_made_at_once_so_that_kiosks_find_a_worker(answered):
    before = len(answered.store.deeds(act="answers."))
    with answered.officer() as officer, _AT_ONCE, _AT_ONCE:
        busy = export(officer)
        assert busy.status_code == 503
        assert "sibuk" in busy.text
    with answered.officer() as officer:
        assert [export(officer).status_code for _ in range(3)] == [200] * 3
    assert len(answered.store.deeds(act="answers.")) == before + 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_version_whose_first_answer_comes_in_while_the_file_is_made_waits_for_the_next_one(
    answered, monkeypatch, kind
):
    with answered.officer() as officer:
        with monkeypatch.context() as before:
            # as it was when the file was begun
            before.setattr(Store, "questionnaires_used", lambda *_: ["skm-14-2017-v2"])
            first = export(officer, kind=kind)
        then = export(officer, kind=kind)
    assert [(told.status_code, told.headers["Ikm-Rows"]) for told in (first, then)] == [(200, "190"), (200, "235")]


FILTERS = st.builds(
    dict,
    periode=st.sampled_from(["2026", "2026-S1", "2026-S2", "2026-Q1", "2026-Q2", "2026-Q3", "2026-03", "2026-07"]),
    layanan=st.sampled_from(["", "ktp", "kk", "kia"]),
    kanal=st.sampled_from(["", "kiosk"]),
    versi=st.sampled_from(["", "skm-14-2017-v1", "skm-14-2017-v2"]),
    unit=st.sampled_from([UNIT, FOREIGN_UNIT]),
)


@pytest.fixture(scope="module")
def superadmin(answered):
    with answered.officer() as officer:
        yield officer


@given(FILTERS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_exported_and_scored_again_is_what_the_screen_shows(answered, superadmin, tmp_path, wish):
    wish = dict(wish)
    unit = wish.pop("unit")
    chosen = Filter(wish["layanan"], wish["kanal"], wish["versi"])
    result = unit_view(answered.store, unit, parse_period(wish["periode"]), chosen, Memo()).measured.result
    given_ = export(superadmin, unit, **{name: value for name, value in wish.items() if value})
    page = superadmin.get(f"/kelola/unit/{unit}", **wish).text
    assert given_.status_code == 200
    assert given_.headers["ikm-rows"] == str(result.responses)
    if result.scored is None:
        assert 'id="index"' not in page
        return
    path = tmp_path / "jawaban.csv"
    path.write_bytes(given_.content)
    again = scored(path)
    assert again["index"] == str(result.scored.index)
    assert again["n"] == result.responses
    assert f'<data id="index" value="{again["index"]}">' in page


def test_whoever_reads_the_file_finds_names_and_programs_find_codes(answered, tmp_path):
    with answered.officer() as officer:
        text = export(officer, layanan="ktp").content.decode("utf-8-sig")
        book = export(officer, kind="xlsx")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    unit, counter = "Dinas Kependudukan dan Pencatatan Sipil", answered.store.place("dukcapil-1").node.name
    about = dict(row for row in rows if len(row) == 2)
    assert (about["Unit"], about["Layanan"]) == (f"{unit} (dukcapil)", "KTP elektronik")
    [head] = [number for number, row in enumerate(rows) if row[:1] == ["Nomor"]]
    lines = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]
    found = {tuple(line[name] for name in ("Unit", "Kode unit", "Layanan", "Kode layanan")) for line in lines}
    assert found == {(unit, "dukcapil", "KTP elektronik", "ktp")}
    assert (counter, "dukcapil-1") in {(line["Loket"], line["Kode loket"]) for line in lines}
    path = tmp_path / "perhitungan.xlsx"
    path.write_bytes(book.content)
    values = [str(cell.value) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert any(f"{unit} (dukcapil), Tahun 2026" in value for value in values)


def test_the_workbook_counts_the_same_answers_with_formulas_of_its_own(answered, tmp_path, office):
    with answered.officer(Role.UNIT_OFFICER, UNIT) as officer:
        given_ = export(officer, kind="xlsx")
    path = tmp_path / "perhitungan.xlsx"
    path.write_bytes(given_.content)
    view = unit_view(answered.store, UNIT, parse_period("2026"), Filter(), Memo())
    book = openpyxl.load_workbook(office.recalculated([path], tmp_path / "out")[0], data_only=True)
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert float(view.measured.result.scored.index) in [round(v, 2) for v in values if isinstance(v, float)]


def test_who_took_what_and_why_is_written_down_before_it_is_given(answered):
    with answered.officer(Role.VERIFIER, UNIT) as officer:
        count = export(officer, layanan="ktp").headers["ikm-rows"]
    deed = answered.store.deeds(act="answers.exported")[0]
    assert (deed.node, deed.reason, deed.who.startswith("Sari Wijaya")) == (UNIT, REASON, True)
    assert deed.facts == {"periode": "2026", "layanan": "ktp", "count": int(count), "comments": False, "kind": "csv"}


def test_the_same_form_sent_twice_gives_once(answered):
    with answered.officer() as officer:
        assert export(officer, once="a" * 20).status_code == 200
        assert export(officer, once="a" * 20).status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"reason": ""}, id="without a reason"),
        pytest.param({"reason": "ingin"}, id="with a word for a reason"),
        pytest.param({"kind": "sql"}, id="of a kind there is not"),
        pytest.param({"nik": "1"}, id="with a field nobody asked for"),
    ],
)
def test_a_wish_that_says_too_little_gives_nothing_and_is_shown_again(answered, fields):
    before = len(answered.store.deeds(act="answers.exported", limit=1000))
    with answered.officer() as officer:
        given_ = export(officer, **fields)
    assert given_.status_code == 422
    assert "Untuk apa" in given_.text
    assert len(answered.store.deeds(act="answers.exported", limit=1000)) == before


def test_no_words_of_citizens_go_out_unless_asked_for_and_then_masked_and_harmless(answered):
    with answered.officer() as officer:
        plain, with_words = export(officer).text, export(officer, comments="1").text
    assert "Hubungi" not in plain
    assert "Hubungi" in with_words
    assert "081234567890" not in with_words


def test_whoever_may_not_read_remarks_gets_none_even_if_they_ask(answered):
    with answered.officer(Role.PUBLISHER, UNIT) as officer:
        assert export(officer, comments="1").status_code == 403


def test_a_session_without_fresh_proof_is_asked_for_the_password(answered):
    with answered.officer() as officer:
        answered.later(11 * 60_000)
        assert export(officer).status_code == 303
        assert officer.get(f"/kelola/unit/{UNIT}/jawaban").status_code == 302
