"""The fleet's pages: who sees which kiosk, what is wrong with it, and what is decided about it."""

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import update

from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Role
from ikm.server import tables
from ikm.server.ingest import Ingest
from ikm.server.store import quarantine
from ikm.server.store.deeds import Doer
from ikm.server.web.desk.decisions import _body
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support import samples
from tests.support.desk import AGENCY, COUNTER, FOREIGN_UNIT, REGENCY, UNIT, words_of


@pytest.fixture
def device(desk):
    return KioskDevice.enrolled(desk.store, COUNTER)


def beat(desk, device, **health):
    told = samples.batch([]).health
    clock = msgspec.structs.replace(told.clock, wall_ms=desk.now_ms)
    told = msgspec.structs.replace(told, **{"clock": clock, **health})
    Ingest(desk.store, lambda: desk.now_ms).accept(device.call([], health=told, configuration=1))


def reason(**more):
    return {"reason": "Dicuri semalam", **more}


def test_the_list_shows_each_officer_their_own_kiosks(desk, device):
    KioskDevice.enrolled(desk.store, "pkm-harapan-1")
    with desk.officer(Role.SUPERADMIN) as officer:
        told = words_of(officer.get("/kelola/kios").text)
        assert "2 dari 2 kios" in told
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        told = words_of(officer.get("/kelola/kios").text)
        assert "1 dari 1 kios" in told
        assert "Puskesmas" not in told
        assert officer.get(f"/kelola/kios/{device.device}").status_code == 200
    with desk.officer(Role.UNIT_OFFICER, FOREIGN_UNIT) as officer:
        assert officer.get(f"/kelola/kios/{device.device}").status_code == 403
        assert officer.post(f"/kelola/kios/{device.device}/cabut", **reason()).status_code == 403


def test_an_empty_fleet_says_what_to_do_next(desk):
    with desk.officer() as officer:
        assert "Buat kode pendaftaran" in words_of(officer.get("/kelola/kios").text)


def test_the_gravest_stand_first_and_every_filter_and_order_works(desk, device):
    other = KioskDevice.enrolled(desk.store, "dukcapil-2")
    beat(desk, device)
    beat(desk, other, warnings=["disk_full"])
    with desk.officer() as officer:
        page = officer.get("/kelola/kios").text
        assert page.index(other.device) < page.index(device.device)
        assert "Penyimpanan penuh" in words_of(page)
        assert device.device not in officer.get("/kelola/kios", keadaan="disk_full").text
        assert other.device not in officer.get("/kelola/kios", keadaan="baik").text
        fingerprint = desk.store.fleet(device=device.device)[0].fingerprint
        assert other.device not in officer.get("/kelola/kios", cari=fingerprint.replace(" ", "")).text
        for key in ("keadaan", "kios", "kabar", "antrean", "ruang", "versi", "cakupan"):
            for order in (key, f"-{key}"):
                assert officer.get("/kelola/kios", urut=order).status_code == 200
        assert "Tidak ada kios yang cocok" in words_of(officer.get("/kelola/kios", unit="nowhere").text)


def test_a_kiosk_is_found_by_the_words_people_say_and_counters_stand_as_people_count(desk):
    devices = {}
    for code, number in ((COUNTER, 10), ("dukcapil-2", 9)):
        devices[number] = KioskDevice.enrolled(desk.store, code).device
        desk.store.put_node(Node(code, Level.COUNTER, UNIT, f"Loket {number}"), {}, number)
    with desk.officer() as officer:
        for order in ("keadaan", "kios"):
            page = officer.get("/kelola/kios", urut=order).text
            assert page.index(devices[9]) < page.index(devices[10])
        for said in ("sipil 10", "Loket 10, Dinas Kependudukan", COUNTER, devices[10]):
            page = officer.get("/kelola/kios", cari=said).text
            assert devices[10] in page
            assert devices[9] not in page
        assert "Tidak ada kios yang cocok" in words_of(officer.get("/kelola/kios", cari="sipil 77").text)


@pytest.mark.parametrize(
    "query",
    [
        {"urut": "id; DROP TABLE device"},  # threat 18, 4c 88
        {"cari": "<script>alert(1)</script>"},  # threat 15, 4c 87
        {"cari": "{{7*7}}"},  # 4c 89
        {"keadaan": "nonsense", "unit": "' OR 1=1 --"},
    ],
)
def test_a_strange_query_finds_nothing_and_harms_nothing(desk, device, query):
    with desk.officer() as officer:
        answer = officer.get("/kelola/kios", **query)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "49" not in answer.text.partition('name="cari"')[2][:40]


def test_a_page_tells_all_that_is_known_of_a_kiosk(desk, device):
    beat(desk, device, warnings=["salvaged", "something_new"], queued=7)
    with desk.officer() as officer:
        told = words_of(officer.get(f"/kelola/kios/{device.device}").text)
    assert "Penyimpanan pernah rusak" in told
    assert "Kios melaporkan: something_new" in told
    assert desk.store.fleet()[0].fingerprint in told
    with desk.officer() as officer:
        assert officer.get("/kelola/kios/0192f0c4-7a00-7000-8000-00000000000f").status_code == 404
        assert officer.get("/kelola/kios/bukan-kios").status_code == 404


def test_whoever_looks_at_night_is_told_of_the_opening_hours_that_passed_without_news(desk, device):
    beat(desk, device)
    with desk.officer() as officer:
        assert "tidak mengeluhkan apa-apa" in words_of(officer.get(f"/kelola/kios/{device.device}").text)
    # from Sunday to the night after Monday
    desk.later(42 * 60 * 60_000)
    with desk.officer() as officer:
        told = officer.get("/kelola/kios").text
        assert "Tanpa kabar, loket tutup" in words_of(told)
        # nobody claims that a kiosk is well that nobody heard of, nor that it is not
        assert "<b>1</b> tanpa kabar</a>" in told
        assert "<b>0</b> baik</a>" in told
        assert device.device in officer.get("/kelola/kios", keadaan="tanpa-kabar").text
        assert device.device not in officer.get("/kelola/kios", keadaan="baik").text
        page = words_of(officer.get(f"/kelola/kios/{device.device}").text)
    assert "sebelum loket buka" in page
    assert "Yang perlu dikerjakan" not in page


def test_where_nobody_said_when_a_counter_is_open_a_kiosk_is_well_for_a_day(desk, device):
    with desk.store._engine.begin() as connection:
        connection.execute(update(tables.unit).values(opening="[]"))
    beat(desk, device)
    with desk.officer() as officer:
        assert "<b>1</b> baik</a>" in officer.get("/kelola/kios").text
    desk.later(25 * 60 * 60_000)
    with desk.officer() as officer:
        told = officer.get("/kelola/kios").text
        assert "<b>1</b> tanpa kabar</a>" in told
        assert "loket tutup" not in told
        assert "jam buka loketnya belum diisi" in officer.get(f"/kelola/kios/{device.device}").text


def test_revoking_asks_why_and_is_written_down(desk, device):
    path = f"/kelola/kios/{device.device}/cabut"
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        for wrong in ({"reason": ""}, {"reason": "   "}, {"reason": "x" * 201}, reason(after="7"), reason(after="0:1")):
            assert officer.post(path, **wrong).status_code == 422
        assert officer.post(path, reason="Dicuri", counter="pkm-harapan-1").status_code == 422  # threat 24, 4c 96
        answer = officer.post(path, once="a" * 20, **reason(after="1:250"))
        assert answer.headers["location"].startswith(f"/kelola/kios/{device.device}")
        # 4c 95: sent twice
        assert officer.post(path, once="a" * 20, **reason()).status_code == 409
        assert "Dicuri semalam" in officer.get(f"/kelola/kios/{device.device}").text
    found = desk.store.fleet()[0].revocation
    assert (found.after, found.reason) == ((1, 250), "Dicuri semalam")
    (deed,) = desk.store.deeds(act="device.")
    assert (deed.node, deed.reason) == (COUNTER, "Dicuri semalam")


def test_whoever_looks_after_a_kiosk_reads_why_it_was_revoked_and_names_are_for_those_who_inspect(desk, device):
    admin = desk.person(Role.AGENCY_ADMIN, AGENCY, "Budi")
    by = Doer("Budi <budi@x.go.id>", desk.now_ms, admin, reason="Dicuri semalam")
    desk.store.revoke(device.device, desk.now_ms, who=by.who, reason=by.reason, by=by)
    for role, node, named in (
        (Role.SUPERADMIN, REGENCY, True), (Role.AGENCY_ADMIN, AGENCY, True), (Role.VERIFIER, UNIT, True),
        (Role.UNIT_OFFICER, UNIT, False), (Role.PUBLISHER, REGENCY, False),
    ):  # fmt: skip
        with desk.officer(role, node) as officer:
            page = officer.get(f"/kelola/kios/{device.device}").text
            who = "Budi &lt;budi@x.go.id&gt;" if named else "Admin perangkat daerah"
            told = words_of(page)
            assert f"WIB oleh {who}: Dicuri semalam" in told, role
            assert f"{who}: kios dicabut – Dicuri semalam" in told, role
            assert ("Budi" in page) is named, role
    with desk.officer(Role.UNIT_OFFICER, FOREIGN_UNIT) as stranger:
        assert stranger.get(f"/kelola/kios/{device.device}").status_code == 403


def test_a_decider_who_serves_here_no_more_or_sat_at_the_server_is_told_as_such(desk, device):
    fork(desk, device)
    gone = desk.person(Role.AGENCY_ADMIN, "dinkes", "Budi")
    by = Doer("Budi <budi@x.go.id>", desk.now_ms, gone, reason="Kartu lama dimusnahkan")
    desk.store.decide_fork(device.device, 1, "count", who=by.who, reason=by.reason, now_ms=by.at_ms, by=by)
    desk.store.revoke(device.device, desk.now_ms, who="root")
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        told = words_of(officer.get(f"/kelola/kios/{device.device}").text)
    assert "menurut keputusan petugas yang kini tidak bertugas di sini" in told
    assert "Kartu lama dimusnahkan" in told
    assert "oleh pengelola server: tanpa alasan" in told


def test_rows_decided_together_are_one_line_of_a_kiosks_history(desk, device):
    bodies = [samples.body(4, 4, questionnaire="lain") for _ in range(3)]
    Ingest(desk.store, lambda: desk.now_ms).accept(device.call(device.add(*bodies)))
    with desk.officer() as officer:
        given = {"epoch": "1", "code": "questionnaire_unknown", "reason": "Dicoba", "decision": "reject"}
        assert officer.post(f"/kelola/kios/{device.device}/sisihan", **given).status_code == 303
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        told = words_of(officer.get(f"/kelola/kios/{device.device}").text)
    assert "Superadmin: jawaban yang disisihkan ditolak (3×) – Dicoba" in told
    assert told.count("Dicoba") == 1


def test_what_cannot_be_undone_wants_the_password_again(desk, device):
    with desk.officer() as officer:
        desk.later(11 * 60_000)
        for path in ("cabut", "keputusan"):
            answer = officer.get(f"/kelola/kios/{device.device}/{path}")
            assert answer.status_code == 302
            assert "kembali" in answer.headers["location"]
        assert officer.post(f"/kelola/kios/{device.device}/cabut", **reason()).status_code == 303
    assert desk.store.fleet()[0].revocation is None


def fork(desk, device):
    ingest = Ingest(desk.store, lambda: desk.now_ms)
    ingest.accept(device.call(device.add(samples.body(4, 4))))
    copy = device.copy()
    ingest.accept(device.call(device.add(samples.body(3, 3))))
    with pytest.raises(Exception, match="fork"):
        ingest.accept(copy.call(copy.add(samples.body(1, 1))))


def test_a_fork_is_decided_by_an_officer_with_a_reason(desk, device):
    fork(desk, device)
    page = f"/kelola/kios/{device.device}/keputusan"
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        assert officer.get(page).status_code == 403
    with desk.officer() as officer:
        assert "Percabangan di rantai 1" in words_of(officer.get(page).text)
        path = f"/kelola/kios/{device.device}/cabang"
        for wrong in (
            {"epoch": "1", "decision": "count"},
            {"epoch": "1", "decision": "maybe", "reason": "x"},
            {"epoch": "0", "decision": "count", "reason": "x"},
        ):
            assert officer.post(path, **wrong).status_code == 422
        good = {"epoch": "1", "decision": "count", "reason": "Kartu lama dimusnahkan"}
        assert officer.post(path, **good).status_code == 303
        # the second of two officers is told
        assert officer.post(path, **good).status_code == 409
        assert "dimusnahkan" in officer.get(f"/kelola/kios/{device.device}").text
    assert [deed.act for deed in desk.store.deeds(act="fork.")] == ["fork.decided"]


def test_rows_kept_aside_are_decided_together_and_their_comments_stay_hidden(desk, device):
    bodies = [samples.body(4, 4, questionnaire="lain", comment=f"NIK saya 33010112345{n}") for n in range(3)]
    Ingest(desk.store, lambda: desk.now_ms).accept(device.call(device.add(*bodies)))
    with desk.officer() as officer:
        page = officer.get(f"/kelola/kios/{device.device}/keputusan").text
        assert "3 jawaban disisihkan" in words_of(page)
        assert "NIK saya" not in page
        path = f"/kelola/kios/{device.device}/sisihan"
        given = {"epoch": "1", "code": "questionnaire_unknown", "reason": "Dicoba"}
        refused = officer.post(path, decision="release", **given)
        assert refused.status_code == 422
        assert "Versi kuesioner tidak dikenal" in words_of(refused.text)
        assert officer.post(path, decision="reject", **given).status_code == 303
        assert officer.post(path, decision="reject", **given).status_code == 409
    assert desk.store.quarantined(undecided=True) == []
    assert len(desk.store.deeds(act="row.rejected")) == 3


def test_whoever_decides_reads_numbers_and_codes_of_a_row_and_words_nowhere_in_it(desk, device):
    Ingest(desk.store, lambda: desk.now_ms).accept(device.call(device.add(samples.body(4, 3, questionnaire="lain"))))
    words = "Pak Budi di Jalan Mawar"
    [whole] = desk.store.quarantined(undecided=True)
    said = msgspec.json.decode(whole.body)
    assert msgspec.json.decode(_body(whole)) == {name: value for name, value in said.items() if name != "comment"}
    # where words do not belong, and where nobody knows of them
    said |= {
        "note": words, "Comment": words, "comment": words, "language": words, "reasons": {words: "lambat"},
        "profile": {"job": words}, "visit": {"left_at": words, "back_steps": 3, words: [words]},
    }  # fmt: skip
    told = _body(replace(whole, body=msgspec.json.encode(said)))
    assert "Mawar" not in told
    shown = msgspec.json.decode(told)
    assert (shown["language"], shown["answers"], shown["visit"]) == (
        "…", said["answers"], {"… 1": "…", "… 2": 3, "… 3": ["…"]}
    )  # fmt: skip
    for broken in (b"\xff", b"[]", b"{", b'{"visit":' + b"[" * 100_000):
        assert _body(replace(whole, body=broken)) == "Isinya tidak dapat dibaca."


def test_of_many_rows_kept_aside_only_the_few_that_are_shown_are_read(desk, device, monkeypatch):
    bodies = [samples.body(4, 4, questionnaire="lain") for _ in range(12)]
    Ingest(desk.store, lambda: desk.now_ms).accept(device.call(device.add(*bodies)))
    read = []
    monkeypatch.setattr(quarantine, "_kept", lambda row, kept=quarantine._kept: read.append(row.seq) or kept(row))
    with desk.officer() as officer:
        told = words_of(officer.get(f"/kelola/kios/{device.device}").text)
        assert "12 jawaban tidak dapat dihitung" in told
        assert read == []
        told = words_of(officer.get(f"/kelola/kios/{device.device}/keputusan").text)
        assert "12 jawaban disisihkan di rantai 1" in told
        assert "Nomor 1 sampai 12" in told
        assert read == [1, 2, 3, 4, 5]


def test_a_name_from_a_kiosk_or_a_place_is_never_markup(desk, device):
    # threat 15, 4c 87
    hostile = "<img src=x onerror=alert(1)>"
    beat(desk, device, app_version=hostile[:40])
    with desk.store._engine.begin() as connection:
        connection.execute(update(tables.node).where(tables.node.c.code == COUNTER).values(name=hostile))
    with desk.officer() as officer:
        for path in (
            "/kelola/kios",
            f"/kelola/kios/{device.device}",
            "/kelola/kios/pendaftaran",
            "/kelola/kios/setelan",
        ):
            assert hostile not in officer.get(path).text
