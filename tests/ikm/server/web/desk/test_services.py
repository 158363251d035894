"""Services, their standards and the pledge, as officers arrange them."""

from ikm.domain.configuration import Service
from ikm.domain.rights import Role
from ikm.server.store.deeds import Doer
from tests.support.desk import FOREIGN_UNIT, UNIT, words_of

BY = Doer("uji", 1)
AT = f"/kelola/tempat/{UNIT}"


def revision(office, code):
    return office.store.offered_service(UNIT, code).revision


def test_a_service_is_added_named_ordered_retired_and_brought_back(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        made = budi.post(f"{AT}/layanan", name="Buku Nikah", en="Marriage book")
        assert made.headers["location"] == f"{AT}/layanan/buku-nikah?kabar=layanan-ditambah"
        assert "Isi standarnya" in budi.get(made.headers["location"]).text
        service = f"{AT}/layanan/buku-nikah"
        budi.post(f"{service}/nama", name="Buku nikah", su="Buku nikah", revision=1)
        assert desk.store.offered_service(UNIT, "buku-nikah").service.name == {"id": "Buku nikah", "su": "Buku nikah"}
        budi.post(f"{service}/urutan", revision=2, up="1")
        assert [one.code for one in desk.store.services(UNIT)][-2] == "buku-nikah"
        budi.post(f"{service}/tutup", revision=3)
        assert "1 layanan yang sudah ditutup" in words_of(budi.get(f"{AT}/layanan").text)
        budi.post(f"{service}/buka", revision=4)
        gone = budi.post(f"{service}/hapus", revision=5)
        assert gone.headers["location"] == f"{AT}/layanan?kabar=layanan-dihapus"
        # 93: kiosks offer it
        kept = budi.post(f"{AT}/layanan/ktp/hapus", revision=revision(desk, "ktp"))
        assert (kept.status_code, "tutup saja, jangan dihapus" in kept.text) == (409, True)
        # 96: another unit's service is none of theirs
        assert budi.post(f"/kelola/tempat/{FOREIGN_UNIT}/layanan", name="x").status_code == 403
        assert budi.get(f"{AT}/layanan/umum").status_code == 404


def test_a_service_that_cannot_be_added_is_told(desk):
    with desk.officer() as sari:
        for fields, told in (
            ({"name": ""}, "Isian ini wajib."), ({"name": "x" * 201}, "paling banyak 200 huruf"),
            ({"name": "KTP", "code": "ktp"}, "sudah dipakai"), ({"name": "KTP", "code": "K T P"}, "Hanya huruf kecil"),
        ):  # fmt: skip
            page = sari.post(f"{AT}/layanan", **fields)
            assert page.status_code in (409, 422)
            assert told in page.text
        assert len(desk.store.services(UNIT)) == 5


def test_a_standard_is_written_in_lines_and_shown_as_the_kiosk_shows_it(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        desk.store.add_service(UNIT, Service("kua", {"id": "Nikah"}), BY)
        page = budi.get(f"{AT}/layanan/kua")
        assert "Belum ada: Persyaratan, Sistem, mekanisme, dan prosedur" in words_of(page.text)
        sent = budi.post(
            f"{AT}/layanan/kua", revision=1, TIME_id="1 hari kerja\r\n\r\nSejak berkas lengkap", TIME_en="1 day",
            COST_id="Gratis", REQ_id="Surat pengantar", PROC_id="Daftar, periksa, terima", PROD_id="Buku nikah",
        )  # fmt: skip
        assert sent.status_code == 303
        standard = desk.store.offered_service(UNIT, "kua").service.standard
        assert standard["TIME"] == ({"id": "1 hari kerja", "en": "1 day"}, {"id": "Sejak berkas lengkap"})
        told = words_of(budi.get(f"{AT}/layanan/kua").text)
        assert "Dijanjikan 1 hari kerja" in told
        question = next(one for one in desk.store.questionnaire("skm-14-2017-v2").questions if one.element == "TIME")
        assert question.text["id"] in told
        assert question.labels[3]["id"] in told
        assert "Belum ada:" not in told
        assert "dipakai kata unit tentang pengaduan" in told


def test_a_standard_that_does_not_fit_is_told_beside_its_field_and_stays_typed(desk):
    with desk.officer() as sari:
        held = desk.store.offered_service(UNIT, "ktp")
        for fields, told in (
            ({"TIME_id": "x" * 61}, "paling banyak 60 huruf"),
            ({"TIME_id": "a", "TIME_en": "b\nc"}, "lebih banyak baris"),
            ({"COST_id": "pendek\n" + "x" * 201}, "paling banyak 200 huruf"),
            ({"REQ_id": "a\n" * 51}, "Paling banyak 50 baris"),
            ({"FACI_id": "x"}, "tidak dikenal"),
        ):  # fmt: skip
            page = sari.post(f"{AT}/layanan/ktp", revision=held.revision, **fields)
            assert page.status_code == 422
            assert told in page.text
        assert desk.store.offered_service(UNIT, "ktp") == held


def test_who_saves_a_service_second_is_told_what_is_held_now(desk):
    # 94
    seen = revision(desk, "ktp")
    desk.store.promise(UNIT, "ktp", {"TIME": [{"id": "5 hari kerja"}]}, seen, BY)
    desk.store.rename_service(UNIT, "ktp", {"id": "Kartu orang lain"}, seen + 1, BY)
    held = desk.store.offered_service(UNIT, "ktp")
    with desk.officer() as sari:
        forms = {"": {"TIME_id": "1 hari"}, "/nama": {"name": "Kartu saya"}, "/tutup": {}, "/urutan": {}, "/hapus": {}}
        for path, fields in forms.items():
            page = sari.post(f"{AT}/layanan/ktp{path}", revision=seen, **fields)
            assert page.status_code == 409, path
            assert desk.store.offered_service(UNIT, "ktp") == held
        told = sari.post(f"{AT}/layanan/ktp", revision=seen, TIME_id="1 hari").text
        assert "5 hari kerja" in told
        assert "1 hari" in told
        again = sari.post(f"{AT}/layanan/ktp", revision=held.revision, TIME_id="1 hari")
        assert again.status_code == 303


def test_the_pledge_and_the_ways_to_complain_are_the_units(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        sent = budi.post(
            f"{AT}/maklumat", revision=desk.store.unit_facts(UNIT).revision, pledge_id="Kami sanggup.\nKami siap.",
            pledge_jv="Kula sagah.", complaints_id="Dijawab 3 hari\nSMS 1708",
        )  # fmt: skip
        assert sent.status_code == 303
        facts = desk.store.unit_facts(UNIT)
        assert facts.pledge == ({"id": "Kami sanggup.", "jv": "Kula sagah."}, {"id": "Kami siap."})
        assert facts.complaints == ({"id": "Dijawab 3 hari"}, {"id": "SMS 1708"})
        # 87
        budi.post(f"{AT}/maklumat", revision=facts.revision, pledge_id="<script>alert(1)</script>{{7*7}}")
        page = budi.get(f"{AT}/maklumat").text
        assert "<script>alert" not in page
        assert "49" not in words_of(page)
