"""Opening hours, days off, users and self-assessments, as officers fill them in."""

import re
from datetime import date

import pytest

from ikm.domain.configuration import Opening
from ikm.domain.period import parse_period
from ikm.domain.rights import Role
from ikm.domain.sampling import krejcie_morgan
from ikm.server.store.deeds import Doer
from tests.support.desk import AGENCY, REGENCY, UNIT, words_of

BY = Doer("uji", 1)
AT = f"/kelola/tempat/{UNIT}"


def test_a_week_is_written_as_people_write_it(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        facts = desk.store.unit_facts(UNIT)
        sent = budi.post(f"{AT}/jam", revision=facts.revision, day_1="08.00-12.00, 13.00-16.00", day_6="tutup")
        assert sent.status_code == 303
        assert desk.store.unit_facts(UNIT).opening == (Opening(1, 480, 720), Opening(1, 780, 960))
        assert 'value="08.00-12.00, 13.00-16.00"' in budi.get(f"{AT}/jam").text
        wrong = budi.post(
            f"{AT}/jam", revision=facts.revision + 1, day_1="pagi", day_2="10.00-09.00", day_3="08.00-09.00"
        )
        assert wrong.status_code == 422
        assert "Senin: " in wrong.text
        assert "jam tutup harus sesudah jam buka" in wrong.text
        assert 'value="08.00-09.00"' in wrong.text


def test_days_off_are_pasted_shown_by_month_and_taken_back(desk):
    with desk.officer() as sari:
        sent = sari.post(f"/kelola/tempat/{REGENCY}/libur", days="2026-12-26 Cuti\r\n17/8/2026 Proklamasi")
        assert sent.status_code == 303
        assert "tahun=2026" in sent.headers["location"]
        told = words_of(sari.get(f"{AT}/libur", tahun="2026").text)
        assert "17 Senin Proklamasi dari Kabupaten Contoh" in told
        assert "Tahun Baru 2027" in words_of(sari.get(f"{AT}/libur", tahun="2027").text)
        for odd in ("99999", "abcd", "-1", "0000"):
            assert sari.get(f"{AT}/libur", tahun=odd).status_code == 200
        wrong = sari.post(f"/kelola/tempat/{REGENCY}/libur", days="31/02/2026 X\nNatal")
        assert wrong.status_code == 422
        assert "Baris 1: 31/02/2026 bukan tanggal" in wrong.text
        assert "Baris 2: " in wrong.text
        assert sari.post(f"/kelola/tempat/{REGENCY}/libur", days="").status_code == 422
        # 94: the day is there by another name
        clash = sari.post(f"/kelola/tempat/{REGENCY}/libur", days="2026-08-17 Hari Merdeka")
        assert clash.status_code == 409
        assert dict(desk.store.own_holidays(REGENCY))[date(2026, 8, 17)] == "Proklamasi"
        stale = sari.post(f"/kelola/tempat/{REGENCY}/libur/hapus", day="2026-08-17", name="Lain")
        assert stale.status_code == 409
        gone = sari.post(f"/kelola/tempat/{REGENCY}/libur/hapus", day="2026-08-17", name="Proklamasi")
        assert gone.status_code == 303
        assert date(2026, 8, 17) not in dict(desk.store.holidays(UNIT))
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        assert budi.post(f"/kelola/tempat/{AGENCY}/libur", days="2026-12-26 Cuti").status_code == 403
        assert "Hapus" not in words_of(budi.get(f"{AT}/libur", tahun="2026").text)


def test_users_are_told_for_spans_with_the_sample_they_ask_for(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        sent = budi.post(f"{AT}/pengguna", kind="semester", year="2026", part="1", users="4.384")
        assert sent.status_code == 303
        told = words_of(budi.get(f"{AT}/pengguna").text)
        assert "1 Juli 2026 s.d. 31 Desember 2026" in told
        budi.post(f"{AT}/pengguna", kind="free", first="2026-07-01", last="2026-12-31", users="616")
        assert desk.store.population(UNIT, parse_period("2026")) == 5000
        told = words_of(budi.get(f"{AT}/pengguna").text)
        assert f"5.000 pengguna → {krejcie_morgan(5000)} responden" in told
        changed = budi.post(
            f"{AT}/pengguna", kind="free", first="2026-01-01", last="2026-06-30", users="4400", held="4384"
        )
        assert changed.status_code == 303
        gone = budi.post(f"{AT}/pengguna/hapus", start="2026-01-01", end="2026-07-01", users="4400")
        assert gone.status_code == 303
        assert len(desk.store.populations(UNIT)) == 1


@pytest.mark.parametrize(
    ("code", "kind", "year", "part"),
    [("2026-S2", "semester", "2026", "2"), ("2025-Q3", "quarter", "2025", "3"), ("2026-11", "month", "2026", "11"),
     ("2025", "year", "2025", "")],
)  # fmt: skip
def test_the_form_for_users_begins_with_the_period_one_came_from(desk, code, kind, year, part):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        page = budi.get(f"{AT}/pengguna", periode=code).text
    assert f'<option value="{kind}" selected>' in page
    for name, value in (("year", year), ("part", part)):
        [field] = re.findall(rf'<input id="f-{name}"[^>]*>', page)
        assert f'value="{value}"' in field


def test_a_period_there_is_not_is_refused_by_the_form_for_users(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        assert budi.get(f"{AT}/pengguna", periode="2026-13").status_code == 422


def test_users_that_cannot_be_are_told(desk):
    # 97, 96, 83
    with desk.officer() as sari:
        sari.post(f"{AT}/pengguna", kind="year", year="2026", users="900")
        for fields, told in (
            ({"kind": "free", "first": "2026-06-01", "last": "2026-05-01", "users": "9"}, "tidak boleh sebelum"),
            ({"kind": "free", "first": "2026-06-01", "users": "9"}, "Isi tanggal pertama dan terakhir"),
            ({"kind": "free", "first": "0001-01-01", "last": "9999-12-31", "users": "9"}, "di antara tahun 2000"),
            ({"kind": "quarter", "year": "2026", "part": "5", "users": "9"}, "1 sampai 4"),
            ({"kind": "month", "year": "2026", "users": "9"}, "Isi nomornya"),
            ({"kind": "year", "users": "9"}, "Isi tahunnya"),
            ({"kind": "year", "year": "1800", "users": "9"}, "dalam batas"),
            ({"kind": "century", "year": "2026", "users": "9"}, "Pilihan ini tidak dikenal"),
            ({"kind": "year", "year": "2027", "users": "0"}, "dalam batas"),
            ({"kind": "year", "year": "2027", "users": "-5"}, "dalam batas"),
            ({"kind": "year", "year": "2027", "users": "banyak"}, "bilangan bulat"),
            ({"kind": "month", "year": "2026", "part": "3", "users": "9"}, "tumpang tindih dengan"),
            ({"kind": "year", "year": "2026", "users": "901"}, "sudah diisi 900 pengguna"),
            ({"kind": "year", "year": "2027", "users": "9", "service": "umum"}, "Jenis layanan tidak dikenal"),
        ):  # fmt: skip
            page = sari.post(f"{AT}/pengguna", **fields)
            assert page.status_code in (409, 422), fields
            assert told in page.text, fields
        assert [one.users.number for one in desk.store.populations(UNIT)] == [900]
        # 94: another number is held than the one that was seen
        stale = sari.post(f"{AT}/pengguna", kind="free", first="2026-01-01", last="2026-12-31", users="9", held="800")
        assert (stale.status_code, "orang lain mengubah" in stale.text) == (409, True)
        assert sari.post(f"{AT}/pengguna/hapus", start="2026-01-01", end="2027-01-01", users="800").status_code == 409


GRADES = {"purpose": "3", "systems": "3", "staff": "2", "facilities": "4"}


def test_a_unit_assesses_itself_and_the_regency_sees_who_has_not(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        assert "belum pernah menilai dirinya" in budi.get(f"{AT}/penilaian").text
        assert budi.post(f"{AT}/penilaian", after="0", notes="Kurang petugas", **GRADES).status_code == 303
        told = words_of(budi.get(f"{AT}/penilaian").text)
        assert "2 terendah" in told
        assert "Kurang petugas" in told
        missing = budi.post(f"{AT}/penilaian", after="0", purpose="3", staff="5")
        assert missing.status_code == 422
        assert missing.text.count("Pilih satu nilai.") == 3
        # 94: somebody else assessed meanwhile
        desk.later(1000)
        stale = budi.post(f"{AT}/penilaian", after="0", **GRADES)
        assert (stale.status_code, "Penilaian yang baru masuk" in stale.text) == (409, True)
        assert len(desk.store.assessments(UNIT)) == 1
        newest = str(desk.store.assessments(UNIT)[0].made_ms)
        assert budi.post(f"{AT}/penilaian", after=newest, **GRADES).status_code == 303
        assert "Semua unit sudah menilai" in budi.get("/kelola/penilaian").text
    with desk.officer() as sari:
        told = words_of(sari.get("/kelola/penilaian").text)
        assert "4 dari 5 unit belum pernah menilai" in told
        assert "sebelum tahun ini" not in told
        desk.later(400 * 24 * 60 * 60_000)
    with desk.officer(name="Tono") as tono:
        assert "sebelum tahun ini" in tono.get("/kelola/penilaian").text
