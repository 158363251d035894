"""The import of places as officers go through it: upload, preview, save, take back."""

import re

from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Role
from ikm.server.store.deeds import Doer
from tests.ikm.server.importing.files import HEAD, MARKET, SCALES, csv_file, xlsx_file
from tests.support.desk import AGENCY, REGENCY, words_of


def uploaded(visitor, path, name=None):
    return visitor.post("/kelola/impor", files={"file": (name or path.name, path.read_bytes())})


def digest_of(page):
    return re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)[1]


def confirmed(visitor, path):
    """The address of an import that was uploaded and saved."""
    address = uploaded(visitor, path).headers["location"]
    page = visitor.get(address)
    saved = visitor.post(f"{address}/simpan", digest=digest_of(page))
    assert saved.status_code == 303, words_of(saved.text)
    return address


def test_a_file_is_shown_row_by_row_before_anything_is_saved_then_saved_and_taken_back(desk, tmp_path):
    before = desk.store.organisation_state()
    with desk.officer() as sari:
        assert sari.get("/kelola/impor").status_code == 200
        sent = uploaded(sari, xlsx_file(tmp_path, MARKET, SCALES))
        assert sent.status_code == 303
        address = sent.headers["location"]
        page = sari.get(address)
        told = words_of(page.text)
        assert "unit baru: UPT Pasar (kode upt-pasar)" in told
        assert "Baru 2 Berubah 0 Sama 0 Salah 0" in told
        assert desk.store.organisation_state() == before
        assert "Belum disimpan" in sari.get("/kelola/impor").text

        saved = sari.post(f"{address}/simpan", digest=digest_of(page))
        assert saved.headers["location"] == f"{address}?kabar=diimpor"
        assert "Impor sudah disimpan." in sari.get(saved.headers["location"]).text
        assert sari.get("/kelola/tempat/upt-pasar").status_code == 200

        again = sari.get(uploaded(sari, xlsx_file(tmp_path, MARKET, SCALES)).headers["location"])
        assert "Tidak ada yang berubah" in again.text
        assert "Simpan semuanya" not in again.text

        back = sari.post(f"{address}/batal")
        assert back.headers["location"] == f"{address}?kabar=impor-dibatalkan"
        assert "dibatalkan" in words_of(sari.get(address).text)
        assert sari.post(f"{address}/batal").status_code == 409
    assert desk.store.organisation_state().places.keys() == before.places.keys()


def test_faults_are_told_by_row_and_column_and_nothing_can_be_saved(desk, tmp_path):
    with desk.officer() as sari:
        wrong = (*MARKET[:5], "banyak")
        address = uploaded(sari, csv_file(tmp_path, wrong, SCALES)).headers["location"]
        page = sari.get(address)
        told = words_of(page.text)
        assert "Ada 1 kesalahan" in told
        assert "Kolom F: bukan bilangan orang" in told
        assert "digest" not in page.text
        # who makes the form up is refused all the same
        assert sari.post(f"{address}/simpan", digest="0" * 64).status_code == 409
        assert sari.post(f"{address}/simpan", digest="x").status_code == 422
        assert not desk.store.deeds(act="places.")


def test_what_changed_between_preview_and_saving_is_shown_anew_and_not_overwritten(desk, tmp_path):
    # 94
    with desk.officer() as sari:
        address = uploaded(sari, csv_file(tmp_path, MARKET)).headers["location"]
        digest = digest_of(sari.get(address))
        other = Node("dinas-perdagangan", Level.AGENCY, REGENCY, "Dinas Perdagangan")
        desk.store.add_place(other, {}, Doer("Budi", desk.now_ms))
        page = sari.post(f"{address}/simpan", digest=digest)
        assert page.status_code == 409
        assert "datanya berubah" in page.text
        assert "perangkat daerah baru" not in page.text
        assert sari.post(f"{address}/simpan", digest=digest_of(page)).status_code == 303
        # 95
        assert sari.post(f"{address}/simpan", digest=digest_of(page)).status_code == 409


def test_files_that_cannot_be_taken_are_told_in_a_sentence_beside_the_field(desk, tmp_path):
    with desk.officer() as sari:
        nothing = sari.post("/kelola/impor")
        assert (nothing.status_code, "Pilih berkasnya dahulu." in nothing.text) == (422, True)
        fake = tmp_path / "unit.xlsx"
        fake.write_bytes(b"%PDF-1.4 unit")
        page = uploaded(sari, fake)
        assert page.status_code == 422
        assert "isinya PDF" in page.text
        # 70
        fake.write_bytes(b"a;b\n" * 1_600_000)
        assert uploaded(sari, fake, "besar.csv").status_code == 413
        fake.write_bytes(b"a;b\n" * 1_312_000)
        assert "terlalu besar" in uploaded(sari, fake, "besar.csv").text
        assert sari.post("/kelola/impor", mode="semua").status_code == 422
        assert not desk.store.imports("")


def test_86_87_a_files_name_and_its_rows_are_shown_as_words(desk, tmp_path):
    with desk.officer() as sari:
        row = ("<script>alert(1)</script>", "{{7*7}}'\"", *MARKET[2:])
        sent = uploaded(sari, csv_file(tmp_path, row), "../<b>unit</b>\u202e.csv")
        page = sari.get(sent.headers["location"])
        assert "<script>alert" not in page.text
        assert "{{7*7}}" in page.text
        assert "<b>unit" not in page.text
        assert "\u202e" not in page.text


def test_an_upload_is_its_owners_until_it_is_saved_and_then_everybodys_who_arranges_all_of_it(desk, tmp_path):
    with desk.officer() as sari:
        waiting = uploaded(sari, csv_file(tmp_path, MARKET)).headers["location"]
        done = confirmed(sari, csv_file(tmp_path, ("Dinas Parkir", "UPT Parkir", "WIB", "Parkir", "", "")))
    with desk.officer(name="Budi") as budi:
        assert budi.get(waiting).status_code == 404
        assert budi.post(f"{waiting}/simpan", digest="0" * 64).status_code == 404
        assert budi.get(done).status_code == 200
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as tono:
        assert tono.get(done).status_code == 404
        assert tono.post(f"{done}/batal").status_code == 404
        # 85
        page = tono.get(uploaded(tono, csv_file(tmp_path, MARKET)).headers["location"])
        assert "di luar wewenang Anda" in page.text
    with desk.officer(Role.UNIT_OFFICER, "dukcapil") as wati:
        assert wati.get("/kelola/impor").status_code == 403
        assert wati.get("/kelola/impor/contoh/xlsx").status_code == 403


def test_the_rights_of_who_saves_count_and_not_those_of_who_uploaded(desk, tmp_path):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as tono:
        agency = desk.store.place(AGENCY).node.name
        path = csv_file(tmp_path, (agency, "Unit baru", "WIB", "", "", ""))
        address = uploaded(tono, path).headers["location"]
        digest = digest_of(tono.get(address))
        desk.store.retire_place("pkm-harapan", desk.store.place("pkm-harapan").revision, Doer("x", desk.now_ms))
        assert tono.post(f"{address}/simpan", digest=digest).status_code == 303
        assert tono.get("/kelola/tempat/unit-baru").status_code == 200


def test_an_address_that_is_no_upload_is_no_page(desk):
    with desk.officer() as sari:
        for number in ("x", "01890f3e-0000-7000-8000-00000000ffff", "..%2f..", "' OR 1=1 --"):
            assert sari.get(f"/kelola/impor/{number}").status_code == 404, number
        assert sari.get("/kelola/impor/contoh/pdf").status_code == 404


def test_the_template_comes_as_a_workbook_and_as_csv(desk):
    with desk.officer() as sari:
        for kind, head in (("xlsx", b"PK"), ("csv", "\ufeff".encode())):
            file = sari.get(f"/kelola/impor/contoh/{kind}")
            assert file.content.startswith(head)
            assert file.headers["content-disposition"] == f'attachment; filename="daftar-unit-layanan.{kind}"'
        assert HEAD[0].encode() in file.content
