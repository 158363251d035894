"""The tree of places as officers see and arrange it."""

from ikm.domain.organisation import Level, Node
from ikm.domain.rights import Role
from ikm.server.store.deeds import Doer
from tests.support.desk import AGENCY, COUNTER, FOREIGN_UNIT, REGENCY, UNIT, words_of

BY = Doer("uji", 1)


def named(office, code):
    return office.store.place(code).node.name


def revision(office, code):
    return office.store.place(code).revision


PAGES = (
    "/kelola/tempat", "/kelola/standar", "/kelola/penilaian", f"/kelola/tempat/{REGENCY}", f"/kelola/tempat/{AGENCY}",
    f"/kelola/tempat/{UNIT}", f"/kelola/tempat/{COUNTER}", f"/kelola/tempat/{REGENCY}/tambah",
    f"/kelola/tempat/{AGENCY}/tambah", f"/kelola/tempat/{UNIT}/tambah", f"/kelola/tempat/{UNIT}/nama",
    f"/kelola/tempat/{UNIT}/alamat", f"/kelola/tempat/{UNIT}/pindah", f"/kelola/tempat/{UNIT}/tutup",
    f"/kelola/tempat/{UNIT}/layanan", f"/kelola/tempat/{UNIT}/layanan/ktp", f"/kelola/tempat/{UNIT}/layanan/ktp/nama",
    f"/kelola/tempat/{UNIT}/maklumat", f"/kelola/tempat/{UNIT}/jam", f"/kelola/tempat/{UNIT}/libur",
    f"/kelola/tempat/{REGENCY}/libur", f"/kelola/tempat/{UNIT}/pengguna", f"/kelola/tempat/{UNIT}/penilaian",
)  # fmt: skip


def test_every_page_opens_for_who_arranges_all_of_it_and_for_who_only_reads_where_reading_is_enough(desk):
    with desk.officer() as sari:
        for path in PAGES:
            assert sari.get(path).status_code == 200, path
    with desk.officer(Role.VERIFIER) as reader:
        for path in PAGES:
            page = reader.get(path)
            forms = ("/tambah", "/nama", "/alamat", "/pindah", "/tutup")
            assert page.status_code == (403 if path.endswith(forms) else 200), path
            if page.status_code == 200:
                assert 'method="post"' not in page.text.replace('method="post" action="/keluar"', ""), path


def test_an_officer_sees_their_part_of_the_tree_and_is_told_what_is_missing(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as budi:
        told = words_of(budi.get("/kelola/tempat").text)
        assert named(desk, UNIT) in told
        assert named(desk, FOREIGN_UNIT) not in told
        assert "Jumlah pengguna tahun ini belum diisi" in told
        assert "Belum ada penilaian mandiri" in told
        assert "Belum ada layanan" not in told
        assert budi.get(f"/kelola/tempat/{FOREIGN_UNIT}").status_code == 403
        assert budi.get(f"/kelola/tempat/{UNIT}/nama").status_code == 403


def test_places_are_found_by_a_part_of_their_name_with_what_is_above_them(desk):
    with desk.officer() as sari:
        told = words_of(sari.get("/kelola/tempat", cari="HARAPAN").text)
        assert named(desk, FOREIGN_UNIT) in told
        assert named(desk, "dinkes") in told
        assert named(desk, UNIT) not in told
        assert "Tidak ada tempat dengan nama" in sari.get("/kelola/tempat", cari="zzz").text
        # 87, 89: what is looked for is shown as it was typed and nothing else
        for payload in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}"):
            page = sari.get("/kelola/tempat", cari=payload).text
            assert payload not in page or payload == "{{7*7}}"
            assert "49" not in words_of(page)


def test_an_agency_a_unit_and_a_counter_are_added_one_below_the_other(desk):
    with desk.officer() as sari:
        made = sari.post(f"/kelola/tempat/{REGENCY}/tambah", name="Dinas Perdagangan", en="Trade Agency")
        assert (made.status_code, made.headers["location"]) == (303, "/kelola/tempat/dinas-perdagangan?kabar=ditambah")
        long = "Unit Pelaksana Teknis " + "P" * 178
        unit = sari.post("/kelola/tempat/dinas-perdagangan/tambah", name=long, zone="WIT", address="Jl. Pasar 1",
                         phone="0251 8321", code="upt-pasar")  # fmt: skip
        assert unit.status_code == 303
        counter = sari.post("/kelola/tempat/upt-pasar/tambah", name="Loket 1")
        assert counter.headers["location"] == "/kelola/tempat/upt-pasar?kabar=ditambah"
        page = words_of(sari.get(counter.headers["location"]).text)
        assert "Tempat baru sudah ditambahkan." in page
        assert long in page
        assert "WIT" in page
        assert "Belum ada layanan" in page
    assert desk.store.names("dinas-perdagangan")["en"] == "Trade Agency"
    assert desk.store.place("loket-1").node.parent == "upt-pasar"
    assert [deed.act for deed in desk.store.deeds(act="place.", limit=3)] == ["place.added"] * 3


WRONG = {
    "90 empty": ({"name": "", "zone": "WIB"}, "Isian ini wajib."),
    "90 blanks": ({"name": " \u00a0 \t ", "zone": "WIB"}, "Isian ini wajib."),
    "90 long": ({"name": "x" * 201, "zone": "WIB"}, "paling banyak 200 huruf"),
    "90 long in English": ({"name": "Pasar", "en": "x" * 201, "zone": "WIB"}, "paling banyak 200 huruf"),
    "90 phone": ({"name": "Pasar", "zone": "WIB", "phone": "0" * 51}, "paling banyak 50 huruf"),
    "no zone": ({"name": "Pasar"}, "Pilih zona waktunya"),
    "no such zone": ({"name": "Pasar", "zone": "UTC"}, "Pilihan ini tidak dikenal"),
    "a path for a code": ({"name": "Pasar", "zone": "WIB", "code": "../../etc"}, "Hanya huruf kecil"),
    "a code that is taken": ({"name": "Pasar", "zone": "WIB", "code": UNIT}, "sudah dipakai"),
    "24 level": ({"name": "Pasar", "zone": "WIB", "level": "regency"}, "tidak dikenal"),
    "96 parent": ({"name": "Pasar", "zone": "WIB", "parent": "dinkes"}, "tidak dikenal"),
}


def test_a_place_that_cannot_be_added_is_told_in_a_sentence_and_what_was_typed_stays(desk):
    with desk.officer() as sari:
        for label, (fields, told) in WRONG.items():
            page = sari.post(f"/kelola/tempat/{AGENCY}/tambah", **fields)
            assert page.status_code in (409, 422), label
            assert told in page.text, label
            assert fields.get("phone", "") in page.text
        assert desk.store.organisation() == desk.store.organisation(retired=True)
        assert not [deed for deed in desk.store.deeds() if deed.act == "place.added"]


HOSTILE = (
    "<script>alert(1)</script>", '" onmouseover="alert(1)', "'; DROP TABLE node; --", "{{7*7}}", "${7*7}", "<%= 7*7 %>",
    "javascript:alert(1)", "=HYPERLINK(1)", "a\u202eb", "😀 ꦏ",
)  # fmt: skip


def test_a_name_is_kept_and_shown_as_it_was_typed(desk):
    # 87, 88, 89
    with desk.officer() as sari:
        for name in HOSTILE:
            sari.post(f"/kelola/tempat/{UNIT}/nama", name=name, en=name, revision=revision(desk, UNIT))
            assert desk.store.names(UNIT) == {"id": name, "en": name}
            for path in ("/kelola/tempat", f"/kelola/tempat/{UNIT}", f"/kelola/tempat/{UNIT}/nama"):
                page = sari.get(path).text
                assert "<script>alert" not in page
                assert 'onmouseover="alert' not in page
                assert "49" not in words_of(page)


def test_control_characters_and_line_ends_do_not_get_into_a_name(desk):
    # 91
    with desk.officer() as sari:
        sari.post(f"/kelola/tempat/{UNIT}/nama", name="Unit\r\nPasar\x00\x1b[31m Baru", revision=revision(desk, UNIT))
        assert named(desk, UNIT) == "Unit Pasar[31m Baru"


def test_a_unit_moves_where_the_officer_arranges_both_agencies(desk):
    with desk.officer() as sari:
        moved = sari.post(f"/kelola/tempat/{UNIT}/pindah", parent="dinkes", revision=revision(desk, UNIT))
        assert moved.status_code == 303
        assert desk.store.place(UNIT).node.parent == "dinkes"
        # 92
        for parent in (UNIT, COUNTER, REGENCY):
            page = sari.post(f"/kelola/tempat/{UNIT}/pindah", parent=parent, revision=revision(desk, UNIT))
            assert page.status_code == 422, parent
            assert "Unit berada langsung di bawah" in page.text or "induknya sendiri" in page.text
        assert sari.post(f"/kelola/tempat/{UNIT}/pindah", parent="tidak-ada", revision=2).status_code == 403
    with desk.officer(Role.AGENCY_ADMIN, "dinkes") as budi:
        page = budi.post(f"/kelola/tempat/{UNIT}/pindah", parent=AGENCY, revision=revision(desk, UNIT))
        assert page.status_code == 403
        assert "Tidak ada perangkat daerah lain" in budi.get(f"/kelola/tempat/{UNIT}/pindah").text
    assert desk.store.place(UNIT).node.parent == "dinkes"


def test_siblings_change_places(desk):
    with desk.officer() as sari:
        before = [node.code for node in desk.store.organisation() if node.level is Level.AGENCY]
        done = sari.post(f"/kelola/tempat/{before[0]}/urutan", revision=revision(desk, before[0]))
        assert done.status_code == 303
        after = [node.code for node in desk.store.organisation() if node.level is Level.AGENCY]
        assert after == [before[1], before[0], *before[2:]]
        sari.post(f"/kelola/tempat/{before[0]}/urutan", revision=revision(desk, before[0]), up="1")
        assert [node.code for node in desk.store.organisation() if node.level is Level.AGENCY] == before
        assert sari.post(f"/kelola/tempat/{before[0]}/urutan", revision=1).status_code == 409
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as budi:
        assert budi.post(f"/kelola/tempat/{AGENCY}/urutan", revision=revision(desk, AGENCY)).status_code == 403


def test_a_place_is_retired_listed_apart_and_brought_back(desk):
    with desk.officer() as sari:
        sari.post(f"/kelola/tempat/{FOREIGN_UNIT}/tutup", revision=revision(desk, FOREIGN_UNIT))
        listed = sari.get("/kelola/tempat").text
        assert f'href="/kelola/tempat/{FOREIGN_UNIT}"' not in listed
        assert "yang sudah ditutup" in listed
        assert f'href="/kelola/tempat/{FOREIGN_UNIT}"' in sari.get("/kelola/tempat", tutup="1").text
        assert "sudah ditutup" in sari.get(f"/kelola/tempat/{FOREIGN_UNIT}").text
        assert "Belum ada penilaian" not in sari.get(f"/kelola/tempat/{FOREIGN_UNIT}").text
        back = sari.post(f"/kelola/tempat/{FOREIGN_UNIT}/buka", revision=revision(desk, FOREIGN_UNIT))
        assert back.status_code == 303
        assert f'href="/kelola/tempat/{FOREIGN_UNIT}"' in sari.get("/kelola/tempat").text


def test_what_anything_hangs_on_is_not_deleted_and_what_nothing_hangs_on_is(desk):
    # 93
    with desk.officer() as sari:
        page = sari.post(f"/kelola/tempat/{UNIT}/hapus", revision=revision(desk, UNIT))
        assert page.status_code == 409
        assert "tutup saja, jangan dihapus" in page.text
        assert "Hapus</button>" not in sari.get(f"/kelola/tempat/{UNIT}/tutup").text
        desk.store.add_place(Node("salah", Level.AGENCY, REGENCY, "Salah ketik"), {}, BY)
        assert "Hapus</button>" in sari.get("/kelola/tempat/salah/tutup").text
        gone = sari.post("/kelola/tempat/salah/hapus", revision=1)
        assert (gone.status_code, gone.headers["location"]) == (303, f"/kelola/tempat/{REGENCY}?kabar=dihapus")
        assert sari.get("/kelola/tempat/salah").status_code == 403


FORMS = {
    "nama": {"name": "Nama saya"},
    "alamat": {"address": "Jl. Saya 1"},
    "pindah": {"parent": "dinkes"},
    "maklumat": {"pledge_id": "Janji saya"},
    "jam": {"day_1": "09.00-10.00"},
    "tutup": {},
}


def test_who_saves_second_is_told_what_is_held_now_and_overwrites_nothing(desk):
    # 94
    seen = revision(desk, UNIT), desk.store.unit_facts(UNIT).revision
    desk.store.rename_place(UNIT, "Nama orang lain", {}, seen[0], BY)
    desk.store.change_unit(UNIT, seen[1], BY, address="Jl. Orang Lain 2", opening=(), pledge=({"id": "Janji lain"},))
    held = desk.store.place(UNIT), desk.store.unit_facts(UNIT)
    shown = {"nama": "Nama orang lain", "alamat": "Jl. Orang Lain 2", "maklumat": "Janji lain"}
    of_node = ("nama", "pindah", "tutup")
    with desk.officer() as sari:
        for path, fields in FORMS.items():
            given = seen[0] if path in of_node else seen[1]
            page = sari.post(f"/kelola/tempat/{UNIT}/{path}", revision=given, **fields)
            assert page.status_code == 409, path
            assert "orang lain mengubah data ini" in page.text
            assert (desk.store.place(UNIT), desk.store.unit_facts(UNIT)) == held
            assert shown.get(path, "") in words_of(page.text)
            assert next(iter(fields.values()), "") in page.text
        # who has seen what is held now may save
        for path, fields in list(FORMS.items())[:-1]:
            now = revision(desk, UNIT) if path in of_node else desk.store.unit_facts(UNIT).revision
            assert sari.post(f"/kelola/tempat/{UNIT}/{path}", revision=now, **fields).status_code == 303, path


def test_the_same_form_sent_twice_is_refused_in_a_sentence_and_adds_once(desk):
    # 95
    with desk.officer() as sari:
        once = "nomor-formulir-yang-sama"
        first = sari.post(f"/kelola/tempat/{REGENCY}/tambah", once=once, name="Dinas Baru")
        again = sari.post(f"/kelola/tempat/{REGENCY}/tambah", once=once, name="Dinas Baru")
        assert (first.status_code, again.status_code) == (303, 409)
        assert "sudah disimpan sebelumnya" in again.text
        assert len([node for node in desk.store.organisation() if node.name == "Dinas Baru"]) == 1


def test_units_without_a_whole_standard_are_listed_with_the_reason(desk):
    with desk.officer() as sari:
        service = desk.store.offered_service(UNIT, "ktp")
        desk.store.promise(UNIT, "ktp", {"TIME": [{"id": "3 hari"}]}, service.revision, BY)
        desk.store.change_unit(UNIT, desk.store.unit_facts(UNIT).revision, BY, pledge=())
        told = words_of(sari.get("/kelola/standar").text)
        assert "KTP elektronik : belum ada persyaratan, sistem, mekanisme, dan prosedur, biaya/tarif" in told
        assert "Maklumat pelayanan belum ada." in told


def test_an_address_that_is_no_place_is_no_page(desk):
    with desk.officer() as sari:
        assert sari.get("/kelola/tempat/tidak-ada").status_code == 403
        for path in ("layanan", "jam", "maklumat", "pengguna", "penilaian", "alamat", "pindah"):
            assert sari.get(f"/kelola/tempat/{AGENCY}/{path}").status_code == 404, path
        assert sari.get(f"/kelola/tempat/{COUNTER}/libur").status_code == 404
        assert sari.get(f"/kelola/tempat/{COUNTER}/tambah").status_code == 422
        assert sari.post(f"/kelola/tempat/{COUNTER}/tambah", name="x").status_code in (404, 422)
