import csv
import io
import re

import pytest
from sqlalchemy import Engine, event

from ikm.domain.rights import Grant, Role
from ikm.server.ingest import Ingest
from ikm.server.store.deeds import Doer
from ikm.server.store.remarks import Wanted
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.desk import AGENCY, FOREIGN_UNIT, UNIT, words_of
from tests.support.samples import body

DAY_MS = 86_400_000


@pytest.fixture
def inbox(desk):
    """Puts comments into dukcapil and gives their remarks, the newest first."""

    def put(*comments):
        device = KioskDevice.enrolled(desk.store)
        Ingest(desk.store, lambda: NOW_MS).accept(device.call(device.add(*(body(comment=one) for one in comments))))
        return desk.store.remarks(Wanted([UNIT]))

    return put


def form(remark, **changes):
    held = {
        "revision": remark.revision, "status": remark.status.value, "category": remark.category,
        "answer": remark.answer, "due_on": remark.due_on.isoformat(),
    }  # fmt: skip
    return held | changes


def test_an_officer_reads_sorts_and_answers_what_citizens_wrote(desk, inbox):
    [remark] = inbox("Kursi tunggu kurang, hubungi 081234567890")
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        text = words_of(officer.get("/kelola/saran").text)
        assert "Kursi tunggu kurang, hubungi [nomor telepon]" in text
        assert "081234567890" not in text
        assert "Baru 1" in text
        page = officer.get(f"/kelola/saran/{remark.id}")
        assert "nomor telepon" in words_of(page.text)
        answer = officer.post(
            f"/kelola/saran/{remark.id}",
            **form(
                remark, status="answered", category="aspiration", answer="Kursi ditambah", published="1", looked="1"
            ),
        )
        assert answer.status_code == 303
        assert "Perubahan disimpan." in words_of(officer.get(answer.headers["location"]).text)
    held = desk.store.remark(remark.id)
    assert (held.status, held.answer, held.published) == ("answered", "Kursi ditambah", True)
    with desk.visitor() as citizen:
        text = words_of(citizen.get(f"/unit/{UNIT}/saran").text)
        assert "Kursi tunggu kurang, hubungi [nomor telepon]" in text
        assert "Kursi ditambah" in text


def test_praise_shows_no_day_by_which_to_answer_and_has_it_again_once_it_is_none(desk, inbox):
    [remark] = inbox("Ramah sekali")
    day = remark.due_on.isoformat()
    path = f"/kelola/saran/{remark.id}"
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        assert "paling lambat" in officer.get("/kelola/saran").text
        assert re.search(f'type="date"[^>]* value="{day}"', officer.get(path).text)
        assert officer.post(path, **form(remark, category="praise")).status_code == 303
        desk.later(30 * DAY_MS - 1)
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        page, listed = officer.get(path).text, officer.get("/kelola/saran").text
        assert 'type="date"' not in page
        assert f'type="hidden" name="due_on" value="{day}"' in page
        assert "paling lambat" not in listed
        assert "Lewat batas <b>0</b>" in listed
        assert officer.post(path, **form(desk.store.remark(remark.id), category="complaint")).status_code == 303
        assert "Lewat batas <b>1</b>" in officer.get("/kelola/saran").text


def test_nothing_is_public_before_somebody_decided_and_looked(desk, inbox):
    [remark] = inbox("Bu Sari di loket 2 lambat")
    with desk.visitor() as citizen:
        assert "Sari" not in citizen.get(f"/unit/{UNIT}/saran").text
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        refused = officer.post(f"/kelola/saran/{remark.id}", **form(remark, status="open", published="1"))
        assert refused.status_code == 422
        assert "Mungkin ada nama orang di dalamnya." in words_of(refused.text)
        assert not desk.store.remark(remark.id).published
        hidden = form(remark, status="open", published="1", hide="Sari, x", looked="1")
        assert officer.post(f"/kelola/saran/{remark.id}", **hidden).status_code == 303
    with desk.visitor() as citizen:
        assert "Bu [disamarkan] di loket 2 lambat" in words_of(citizen.get(f"/unit/{UNIT}/saran").text)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": "answered"}, "Tulis tanggapannya, atau pilih status lain."),
        ({"published": "1", "answer": ""}, "Tanggapi atau pilah dahulu"),
        ({"category": "gossip"}, "Pilihan ini tidak dikenal."),
        ({"status": "gone"}, "Pilihan ini tidak dikenal."),
        ({"due_on": "31/02/2026"}, "Tulis tanggal seperti 2026-11-30."),
        ({"answer": "x" * 5001}, "Terlalu panjang; paling banyak 5000 huruf."),
        ({"unit": "pkm-harapan"}, "Formulir ini memuat isian yang tidak dikenal."),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(desk, inbox, change, sentence):
    [remark] = inbox("Cepat")
    with desk.officer() as officer:
        given = form(remark, answer="Terima kasih banyak") | change
        given |= {"answer": ""} if "status" in change else {}
        answer = officer.post(f"/kelola/saran/{remark.id}", **given)
        assert answer.status_code == 422
        assert sentence in words_of(answer.text)
        if "answer" not in change and given["answer"]:
            assert "Terima kasih banyak" in answer.text
    assert desk.store.remark(remark.id) == remark


def test_of_two_officers_the_second_sees_what_the_first_decided(desk, inbox):
    [remark] = inbox("Cepat")
    with desk.officer() as officer:
        assert officer.post(f"/kelola/saran/{remark.id}", **form(remark, answer="Pertama")).status_code == 303
        second = officer.post(f"/kelola/saran/{remark.id}", **form(remark, answer="Kedua"))
        assert second.status_code == 409
        assert "sudah diubah orang lain" in second.text
        assert "Kedua" in second.text
    assert desk.store.remark(remark.id).answer == "Pertama"


def test_the_same_form_twice_is_one_decision(desk, inbox):
    [remark] = inbox("Cepat")
    with desk.officer() as officer:
        given = form(remark, answer="Terima kasih")
        first = officer.post(f"/kelola/saran/{remark.id}", once="0123456789abcdef", **given)
        again = officer.post(f"/kelola/saran/{remark.id}", once="0123456789abcdef", **given)
        assert first.status_code == 303
        assert again.status_code in (303, 409)
    assert desk.store.remark(remark.id).revision == 2


def test_many_are_sorted_at_once_and_only_ones_own(desk, inbox):
    remarks = inbox("a", "b", "c")
    ids = [one.id for one in remarks]
    with desk.officer(Role.UNIT_OFFICER, FOREIGN_UNIT) as stranger:
        stranger.post("/kelola/saran/pilah", chosen=ids, status="closed", category="")
    assert desk.store.remarks(Wanted([UNIT])) == remarks
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        assert (
            officer.post("/kelola/saran/pilah", chosen=ids[:2], status="closed", category="praise").status_code == 303
        )
        empty = officer.post("/kelola/saran/pilah", status="closed", category="")
        assert "Pilih dahulu" in words_of(officer.get(empty.headers["location"]).text)
    assert sorted(one.status for one in desk.store.remarks(Wanted([UNIT]))) == ["closed", "closed", "new"]


def test_none_is_answered_without_an_answer_by_being_sorted(desk, inbox):
    [remark] = inbox("a")
    with desk.officer() as officer:
        sent = officer.post("/kelola/saran/pilah", chosen=[remark.id], status="answered", category="praise")
        assert "Pilih dahulu" in words_of(officer.get(sent.headers["location"]).text)
    assert desk.store.remark(remark.id) == remark


def test_what_is_taken_away_is_written_down_at_each_place_it_was_taken_from(desk, inbox):
    inbox("a", "b")

    def told():
        return [(deed.node, deed.facts["rows"]) for deed in desk.store.deeds(act="remark.exported")][::-1]

    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        officer.get("/kelola/saran/lapor.csv", unit=FOREIGN_UNIT)
        officer.get("/kelola/saran/lapor.csv", unit="x" * 100)
        assert told() == [(UNIT, 0), (UNIT, 0)]
        [person] = desk.store.people()
        desk.store.give_role(person.id, Grant(Role.UNIT_OFFICER, FOREIGN_UNIT), 1, Doer("uji", NOW_MS))
        officer.get("/kelola/saran/lapor.csv")
    assert sorted(told()[2:]) == sorted([(UNIT, 2), (FOREIGN_UNIT, 0)])


def test_the_pages_ask_no_more_of_the_store_the_more_lines_they_have(desk, inbox):
    asked = []

    def keep(*given):
        asked.append(given[2])

    def questions(path):
        with desk.officer() as officer:
            officer.get(path)
            asked.clear()
            event.listen(Engine, "before_cursor_execute", keep)
            assert officer.get(path).status_code == 200
            event.remove(Engine, "before_cursor_execute", keep)
        return len(asked)

    paths = ("/kelola/saran", "/kelola/saran/lapor.csv", f"/kelola/unit/{UNIT}/lembar?period=2026")
    inbox("a")
    few = [questions(path) for path in paths]
    inbox(*(f"Saran {number}" for number in range(20)))
    assert [questions(path) for path in paths] == few


def test_a_place_in_a_list_that_no_list_has_is_its_beginning(desk, inbox):
    inbox("Kursi kurang")
    nowhere = f"{10**30}.01a20a2d-7c00-7000-8001-00000000ffff"
    with desk.officer() as officer:
        assert "Kursi kurang" in officer.get("/kelola/saran", sesudah=nowhere).text
        assert officer.get(f"/kelola/unit/{UNIT}/lembar", sesudah=nowhere).status_code == 200
        assert officer.get(f"/kelola/kios/penerapan/nomor/{10**30}").status_code == 404


def test_the_inbox_is_filtered_by_its_address_and_goes_on_page_by_page(desk, inbox):
    inbox(*(f"Saran nomor {number}" for number in range(60)))
    with desk.officer() as officer:
        first = officer.get("/kelola/saran")
        assert first.text.count('class="inbox-text"') == 50
        link = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert officer.get(link).text.count('class="inbox-text"') == 10
        assert officer.get("/kelola/saran", cari="nomor 7").text.count('class="inbox-text"') == 1
        assert "cocok dengan saringan" in officer.get("/kelola/saran", status="closed").text
        assert officer.get("/kelola/saran", unit=FOREIGN_UNIT).text.count('class="inbox-text"') == 0
        desk.later(30 * DAY_MS - 1)
    with desk.officer() as officer:
        assert officer.get("/kelola/saran", lewat="1").text.count('class="inbox-text"') == 50


def test_whoever_has_no_right_there_reads_nothing(desk, inbox):
    [remark] = inbox("Rahasia kita")
    for role, node in ((Role.UNIT_OFFICER, FOREIGN_UNIT), (Role.PUBLISHER, UNIT)):
        with desk.officer(role, node) as stranger:
            assert stranger.get(f"/kelola/saran/{remark.id}").status_code == 403
            assert "Rahasia" not in stranger.get("/kelola/saran").text
    with desk.officer(Role.VERIFIER, UNIT) as verifier:
        assert "Rahasia kita" in verifier.get(f"/kelola/saran/{remark.id}").text
        assert verifier.post(f"/kelola/saran/{remark.id}", **form(remark)).status_code == 403
    with desk.officer() as officer:
        assert officer.get("/kelola/saran/01a20a2d-7c00-7000-8001-00000000ffff").status_code == 404
        assert officer.get("/kelola/saran/bukan-nomor").status_code == 404


# threats 15, 16
def test_words_of_a_citizen_are_words_in_pages_and_spreadsheets(desk, inbox):
    hostile = "<script>alert(1)</script>{{7*7}}"
    [formula, markup] = sorted(inbox(hostile, "=HYPERLINK(1)"), key=lambda one: one.text, reverse=True)
    assert {formula.text, markup.text} == {"=HYPERLINK(1)", hostile}
    with desk.officer() as officer:
        page = officer.get("/kelola/saran").text
        assert "<script>" not in page
        assert "{{7*7}}" in page
        file = officer.get("/kelola/saran/lapor.csv")
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
        assert rows[0][:3] == ["Klasifikasi Laporan", "Judul Laporan", "Isi Laporan"]
        assert {row[2] for row in rows[1:]} == {"'=HYPERLINK(1)", hostile}
        assert {row[5] for row in rows[1:]} == {"Dinas Kependudukan dan Pencatatan Sipil"}
    [deed] = [one for one in desk.store.deeds() if one.act == "remark.exported"]
    assert deed.facts == {"rows": 2}


def test_an_answer_is_declared_void_with_a_reason_and_stays(desk, inbox):
    inbox("a", "b")
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        page = officer.get(f"/kelola/unit/{UNIT}/lembar", period="2026")
        assert page.text.count("Dihitung") == 2
        sheet = page.text.split("/kelola/lembar/")[1].split('"')[0]
        short = officer.post(f"/kelola/lembar/{sheet}/batal", reason="coba")
        assert short.status_code == 422
        assert "Terlalu pendek." in words_of(short.text)
        done = officer.post(f"/kelola/lembar/{sheet}/batal", reason="Percobaan petugas <b>saat</b> memasang kios")
        assert done.status_code == 303
        assert "Percobaan petugas &lt;b&gt;saat&lt;/b&gt; memasang kios" in officer.get(f"/kelola/lembar/{sheet}").text
        assert officer.get(f"/kelola/unit/{UNIT}/lembar", period="2026").text.count("Dibatalkan") == 1
    for role, node in ((Role.UNIT_OFFICER, UNIT), (Role.AGENCY_ADMIN, "dinkes"), (Role.VERIFIER, UNIT)):
        with desk.officer(role, node) as stranger:
            assert stranger.get(f"/kelola/lembar/{sheet}").status_code == 403
            assert stranger.post(f"/kelola/lembar/{sheet}/batal", reason="Bukan milik saya").status_code == 403
            assert stranger.get(f"/kelola/unit/{UNIT}/lembar").status_code == 403
