"""What an organisation sheet changes: compared, shown, written all or not at all, taken back as a whole."""

from datetime import date

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone, parse_period
from ikm.domain.population import Users
from ikm.server.importing import planned, read_table
from ikm.server.importing.records import same
from ikm.server.importing.uploads import kept
from ikm.server.store.deeds import Doer
from ikm.server.store.imports import State
from ikm.server.store.population import Population
from tests.ikm.server.importing.files import MARKET, SCALES, csv_file, xlsx_file

BY = Doer("Sari <sari@contoh.go.id>", 10_000_000)
BATCH = "01890f3e-0000-7000-8000-000000000001"


def everywhere(code):
    return True


def plan_of(store, path, may=everywhere):
    return planned(read_table(path), store.organisation_state(), may)


def rows(plan):
    return [(line.outcome.value, *line.details) for line in plan.lines]


def told(plan):
    return [str(fault) for fault in plan.faults]


def applied(store, path, batch=BATCH, by=BY):
    table = read_table(path)
    store.keep_import(batch, table.file_name, table.sha256, kept(table), by)
    store.apply_import(batch, lambda state: planned(table, state, everywhere).changes, by)


def refused(code, call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    assert caught.value.code == code
    return caught.value.detail


def everything(store):
    return store.organisation_state()


def test_new_places_services_and_users_are_made_in_one_go_and_the_same_file_again_changes_nothing(store, tmp_path):
    # 78
    path = xlsx_file(tmp_path, MARKET, SCALES)
    plan = plan_of(store, path)
    assert rows(plan) == [
        (
            "new", "perangkat daerah baru: Dinas Perdagangan (kode dinas-perdagangan)",
            "unit baru: UPT Pasar (kode upt-pasar)", "zona waktu WIB", "layanan baru: Sewa kios (kode sewa-kios)",
            "pengguna Semester I 2026: 1.250",
        ),
        ("new", "layanan baru: Tera timbangan (kode tera-timbangan)"),
    ]  # fmt: skip
    applied(store, path)
    assert store.place("upt-pasar").node.parent == "dinas-perdagangan"
    assert store.time_zone("upt-pasar") is TimeZone.WIB
    assert [service.code for service in store.services("upt-pasar")] == ["sewa-kios", "tera-timbangan"]
    assert store.population("upt-pasar", parse_period("2026-S1"), "sewa-kios") == 1250
    deed = store.deeds(limit=1)[0]
    assert (deed.act, deed.subject) == ("places.imported", "unit.xlsx")
    assert deed.facts["sha256"] == read_table(path).sha256

    again = plan_of(store, path)
    assert (rows(again), again.changes) == ([("same",), ("same",)], ())
    assert rows(plan_of(store, csv_file(tmp_path, MARKET, MARKET, SCALES))) == [("same",)] * 3

    store.undo_import(BATCH, BY)
    refused("not_found", store.place, "dinas-perdagangan")
    refused("changed_meanwhile", store.undo_import, BATCH, BY)
    assert store.kept_import(BATCH).undone_ms == BY.at_ms
    assert store.deed_fault() is None


def test_each_agency_that_an_import_concerns_has_it_in_its_own_log(store, tmp_path):
    own = ("Dinas Kependudukan dan Pencatatan Sipil", "Loket Keliling", "WIB", "", "", "")
    path = csv_file(tmp_path, MARKET, own)
    by = Doer("Sari", BY.at_ms, once="impor-nomor-0001")
    applied(store, path, by=by)
    places = {deed.node for deed in store.deeds(act="places.imported")}
    assert places == {"dinas-perdagangan", "disdukcapil"}
    refused("done_already", store.apply_import, BATCH, lambda state: (), by)
    # what the import added is no place any more: what is above it hears that
    undone = Doer("Sari", BY.at_ms, once="impor-nomor-0002")
    store.undo_import(BATCH, undone)
    assert {deed.node for deed in store.deeds(act="places.import_undone")} == {"disdukcapil", "contoh"}
    refused("done_already", store.undo_import, BATCH, undone)
    assert store.deed_fault() is None


HEAD_ALL = ("Perangkat daerah", "Unit", "Kode unit", "Nama unit (Inggris)", "Alamat", "Telepon", "Layanan",
            "Kode layanan", "Nama layanan (Inggris)", "Periode", "Jumlah pengguna")  # fmt: skip


def test_what_is_there_is_renamed_and_taken_back_by_code_and_by_name(store, tmp_path):
    agency = store.place("disdukcapil").node.name
    row = (agency, "Dukcapil Baru", "dukcapil", "New office", "Jl. Baru 1", "0251", "KTP", "ktp", "Card", "2026", "900")
    path = csv_file(tmp_path, row, head=HEAD_ALL)
    before = everything(store)
    plan = plan_of(store, path)
    [line] = plan.lines
    assert line.outcome.value == "changed"
    assert len(plan.changes) == 4
    assert "nama: Dinas Kependudukan dan Pencatatan Sipil → Dukcapil Baru" in line.details
    assert "telepon: – → 0251" in line.details
    applied(store, path)
    assert store.names("dukcapil")["en"] == "New office"
    assert store.names("dukcapil")["jv"]
    assert store.services("dukcapil")[0].name["id"] == "KTP"
    assert rows(plan_of(store, path)) == [("same",)]
    store.undo_import(BATCH, BY)
    after = everything(store)
    assert after.places["dukcapil"].names == before.places["dukcapil"].names
    assert after.places["dukcapil"].node == before.places["dukcapil"].node
    assert after.facts["dukcapil"].phone == ""
    assert after.services["dukcapil"][0].service == before.services["dukcapil"][0].service
    assert after.populations == before.populations


def test_an_import_something_was_attached_to_since_is_not_taken_back_and_nothing_of_it_is(store, tmp_path):
    applied(store, xlsx_file(tmp_path, MARKET, SCALES))
    store.add_place(Node("pasar-1", Level.COUNTER, "upt-pasar", "Loket 1"), {}, BY)
    held = everything(store)
    assert "upt-pasar" in refused("in_use", store.undo_import, BATCH, BY)
    assert everything(store) == held
    store.delete_place("pasar-1", 1, BY)
    store.rename_service("upt-pasar", "sewa-kios", {"id": "Sewa"}, 1, BY)
    assert "sewa-kios" in refused("in_use", store.undo_import, BATCH, BY)
    assert store.place("upt-pasar")


def test_a_service_that_was_used_since_is_not_taken_back(sqlite_store, tmp_path):
    names = {node.code: node.name for node in sqlite_store.organisation()}
    row = (names["disdukcapil"], names["dukcapil"], "", "Legalisasi", "", "")
    applied(sqlite_store, csv_file(tmp_path, row))
    span = Users(date(2026, 1, 1), date(2026, 2, 1), 9)
    sqlite_store.set_population("dukcapil", Population("legalisasi", span), None, BY)
    assert "legalisasi" in refused("in_use", sqlite_store.undo_import, BATCH, BY)
    sqlite_store.delete_population("dukcapil", Population("legalisasi", span), BY)
    sqlite_store.undo_import(BATCH, BY)
    assert "legalisasi" not in [one.code for one in sqlite_store.services("dukcapil", retired=True)]


def test_what_was_decided_is_decided_again_where_it_is_written(store, tmp_path):
    table = read_table(xlsx_file(tmp_path, MARKET))
    store.keep_import(BATCH, table.file_name, table.sha256, kept(table), BY)

    def refuses(state):
        raise Refusal("changed_meanwhile")

    before = everything(store)
    refused("changed_meanwhile", store.apply_import, BATCH, refuses, BY)
    assert everything(store) == before
    assert not store.deeds(act="places.")
    # what fails half way leaves nothing
    changes = planned(table, before, everywhere).changes
    refused("code_taken", store.apply_import, BATCH, lambda state: (*changes, changes[0]), BY)
    assert everything(store) == before
    store.apply_import(BATCH, lambda state: changes, BY)
    refused("code_taken", store.apply_import, BATCH, lambda state: changes, BY)
    refused("changed_meanwhile", store.apply_import, BATCH, lambda state: (), BY)


def test_what_nobody_confirmed_for_a_day_goes(sqlite_store, tmp_path):
    table = read_table(xlsx_file(tmp_path, MARKET))
    sqlite_store.keep_import(BATCH, table.file_name, table.sha256, kept(table), BY)
    other = BATCH[:-1] + "2"
    sqlite_store.keep_import(other, "lain.csv", table.sha256, kept(table), Doer("Budi", BY.at_ms + 86_400_001))
    refused("not_found", sqlite_store.kept_import, BATCH)
    assert sqlite_store.kept_import(other).file_name == "lain.csv"


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("", "UPT Pasar", "WIB", "", "", ""), "kolom A: perangkat daerah kosong"),
        (("Dinas Baru", "", "WIB", "Sewa kios", "", ""), "kolom B: unit kosong, padahal"),
        (("", "", "WIB", "", "", ""), "kolom A: baris ini tidak menyebut tempat"),
        (("Dinas Kesehatan", "Puskesmas Harapan", "WIT", "", "", ""), "kolom C: zona waktu unit ini WIB"),
    ],
)
def test_a_row_that_says_too_little_or_what_cannot_be_is_told_by_row_and_column(sqlite_store, tmp_path, row, what):
    nodes = {node.code: node.name for node in sqlite_store.organisation()}
    row = tuple({"Dinas Kesehatan": nodes["dinkes"], "Puskesmas Harapan": nodes["pkm-harapan"]}.get(x, x) for x in row)
    plan = plan_of(sqlite_store, csv_file(tmp_path, row, MARKET))
    [fault] = told(plan)
    assert f"baris 2, {what}" in fault
    # one wrong row, and nothing at all is changed
    assert plan.changes == ()
    assert plan.lines[1].outcome.value == "new"


def test_78_rows_that_contradict_each_other_are_told(sqlite_store, tmp_path):
    plan = plan_of(sqlite_store, csv_file(tmp_path, MARKET, (*MARKET[:5], "900")))
    assert told(plan) == ["baris 3, kolom F: baris lain menyebut 1.250 pengguna untuk masa yang sama"]
    overlap = plan_of(sqlite_store, csv_file(tmp_path, MARKET, (*MARKET[:4], "2026", "900")))
    assert "tumpang tindih dengan Semester I 2026" in told(overlap)[0]
    head = ("Perangkat daerah", "Unit", "Zona waktu", "Alamat")
    rows_ = [("Dinas Pasar", "UPT", "WIB", "Jl. A"), ("Dinas Pasar", "UPT", "WIB", "Jl. B")]
    assert 'baris lain menulis "Jl. A"' in told(plan_of(sqlite_store, csv_file(tmp_path, *rows_, head=head)))[0]


def test_79_a_code_whose_noughts_are_gone_is_told(sqlite_store, tmp_path):
    sqlite_store.add_place(Node("0012", Level.UNIT, "dinkes", "Unit 12"), {}, BY, zone=TimeZone.WIB)
    agency = sqlite_store.place("dinkes").node.name
    head = ("Perangkat daerah", "Unit", "Kode unit")
    [fault] = told(plan_of(sqlite_store, csv_file(tmp_path, (agency, "Unit Dua Belas", "12"), head=head)))
    assert "kode 12 mirip 0012; nol di depannya mungkin hilang" in fault
    [taken] = told(plan_of(sqlite_store, csv_file(tmp_path, (agency, "Unit", "dukcapil"), head=head)))
    assert "kode dukcapil sudah dipakai tempat lain" in taken


def test_85_places_the_officer_may_not_arrange_are_told_and_those_they_may_are_not(sqlite_store, tmp_path):
    nodes = {node.code: node.name for node in sqlite_store.organisation()}
    tree = {node.code: node.parent for node in sqlite_store.organisation()}

    def may(code):
        return code == "dinkes" or tree.get(code) == "dinkes"

    head = ("Perangkat daerah", "Unit", "Layanan")
    own = (nodes["dinkes"], nodes["pkm-harapan"], "Layanan baru")
    plan = plan_of(sqlite_store, csv_file(tmp_path, own, (nodes["dinkes"], "Unit baru", "Layanan"), head=head), may)
    assert not plan.faults
    for foreign in (
        (nodes["disdukcapil"], nodes["dukcapil"], "Layanan baru"),
        (nodes["disdukcapil"], nodes["dukcapil"], "KTP elektronik"),
        (nodes["disdukcapil"], "Unit baru", ""), ("Dinas Baru", "", ""),
    ):  # fmt: skip
        plan = plan_of(sqlite_store, csv_file(tmp_path, own, foreign, head=head), may)
        assert [fault.told for fault in plan.faults] == ["di luar wewenang Anda"], foreign
        assert plan.changes == ()


def test_a_retired_place_or_service_is_told(sqlite_store, tmp_path):
    nodes = {node.code: node.name for node in sqlite_store.organisation()}
    service = sqlite_store.offered_service("dukcapil", "ktp")
    sqlite_store.retire_service("dukcapil", "ktp", service.revision, BY)
    sqlite_store.retire_place("pkm-harapan", sqlite_store.place("pkm-harapan").revision, BY)
    head = ("Perangkat daerah", "Unit", "Layanan")
    rows_ = [(nodes["dinkes"], nodes["pkm-harapan"], ""), (nodes["disdukcapil"], nodes["dukcapil"], "KTP elektronik")]
    plan = plan_of(sqlite_store, csv_file(tmp_path, *rows_, head=head))
    assert ["ditutup" in fault for fault in told(plan)] == [True, True]


def test_names_are_found_whatever_their_case_and_signs_and_two_alike_need_a_code(sqlite_store, tmp_path):
    nodes = {node.code: node.name for node in sqlite_store.organisation()}
    shouted = (nodes["disdukcapil"].upper(), nodes["dukcapil"].upper(), "WIB", "ktp-ELEKTRONIK", "", "")
    plan = plan_of(sqlite_store, csv_file(tmp_path, shouted))
    assert [line.outcome.value for line in plan.lines] == ["changed"]
    twin = Node("dukcapil-2x", Level.UNIT, "disdukcapil", nodes["dukcapil"])
    sqlite_store.add_place(twin, {}, BY, zone=TimeZone.WIB)
    [fault] = told(plan_of(sqlite_store, csv_file(tmp_path, shouted)))
    assert "tulis kodenya" in fault


def test_a_server_without_a_regency_says_so(tmp_path):
    plan = planned(read_table(csv_file(tmp_path, MARKET)), State({}, {}, {}, {}), everywhere)
    assert "belum ada kabupaten" in told(plan)[0]


def test_a_new_unit_takes_the_regencys_one_time_zone_where_it_names_none(sqlite_store, tmp_path):
    row = ("Dinas Perdagangan", "UPT Pasar", "", "", "", "")
    assert "zona waktu WIB" in plan_of(sqlite_store, csv_file(tmp_path, row)).lines[0].details
    sqlite_store.add_place(Node("timur", Level.UNIT, "dinkes", "Timur"), {}, BY, zone=TimeZone.WIT)
    assert "zona waktu perlu" in told(plan_of(sqlite_store, csv_file(tmp_path, row)))[0]


def test_users_of_a_unit_as_a_whole_replace_what_was_said(sqlite_store, tmp_path):
    nodes = {node.code: node.name for node in sqlite_store.organisation()}
    row = (nodes["disdukcapil"], nodes["dukcapil"], "", "", "2026", "900")
    applied(sqlite_store, csv_file(tmp_path, row))
    path = csv_file(tmp_path, (*row[:5], "1.000"), name="lagi.csv")
    assert rows(plan_of(sqlite_store, path)) == [("changed", "pengguna Tahun 2026: 900 → 1.000")]
    applied(sqlite_store, path, BATCH[:-1] + "2")
    assert sqlite_store.population("dukcapil", parse_period("2026")) == 1000
    refused("in_use", sqlite_store.undo_import, BATCH, BY)
    sqlite_store.undo_import(BATCH[:-1] + "2", BY)
    assert sqlite_store.population("dukcapil", parse_period("2026")) == 900


def test_many_units_of_one_name_get_codes_of_their_own(sqlite_store, tmp_path):
    rows_ = [(f"Dinas {n}", "UPT Pasar", "WIB", "Sewa", "", "") for n in range(3)]
    plan = plan_of(sqlite_store, csv_file(tmp_path, *rows_))
    codes = [change.code for change in plan.changes if getattr(change, "zone", "")]
    assert codes == ["upt-pasar", "upt-pasar-2", "upt-pasar-3"]
    assert [change.unit for change in plan.changes if hasattr(change, "unit")] == codes


FULL = ("Perangkat daerah", "Unit", "Nama unit (Inggris)", "Zona waktu", "Alamat", "Telepon", "Layanan",
        "Nama layanan (Inggris)")  # fmt: skip


def test_what_a_later_row_says_besides_is_taken_too(store, tmp_path):
    agency = ("Dinas Perdagangan", "UPT Pasar")
    path = csv_file(
        tmp_path,
        (*agency, "", "WIB", "", "", "Sewa kios", ""),
        (*agency, "Market Office", "", "Jalan Pasar 1", "0251", "Sewa kios", "Stall rental"),
        (*agency, "Market Office", "", "Jalan Pasar 1", "0251", "Sewa kios", "Stall rental"),
        head=FULL,
    )
    assert [line.outcome.value for line in plan_of(store, path).lines] == ["new", "changed", "same"]
    applied(store, path)
    assert store.place("upt-pasar").names == {"en": "Market Office"}
    assert (store.unit_facts("upt-pasar").address, store.unit_facts("upt-pasar").phone) == ("Jalan Pasar 1", "0251")
    assert store.offered_service("upt-pasar", "sewa-kios").service.name == {"id": "Sewa kios", "en": "Stall rental"}
    # and of what is there already: the name in one row, the English in the next
    nodes = {node.code: node.name for node in store.organisation()}
    there = (nodes["disdukcapil"], "Kantor Catatan Sipil")
    head = (*FULL[:2], "Kode unit", *FULL[2:])
    rows_ = ((*there, "dukcapil", *[""] * 6), (*there, "dukcapil", "Civil Registry Office", *[""] * 5))
    again = csv_file(tmp_path, *rows_, head=head, name="lagi.csv")
    applied(store, again, BATCH[:-1] + "2")
    place = store.place("dukcapil")
    assert (place.node.name, place.names["en"]) == ("Kantor Catatan Sipil", "Civil Registry Office")
    store.undo_import(BATCH[:-1] + "2", BY)
    assert store.place("dukcapil").node.name == nodes["dukcapil"]


def test_a_row_is_looked_up_not_searched_for_however_many_there_are(sqlite_store, tmp_path, monkeypatch):
    asked = []

    def counted(heading):
        asked.append(heading)
        return same(heading)

    monkeypatch.setattr("ikm.server.importing.planning.same", counted)
    rows_ = [(f"Dinas {n // 20}", f"Unit {n // 4}", "WIB", f"Layanan {n % 4}", "2026", "900") for n in range(400)]
    table, state = read_table(csv_file(tmp_path, *rows_)), sqlite_store.organisation_state()
    asked.clear()
    assert planned(table, state, everywhere).faults == ()
    assert len(asked) < 10 * len(rows_)
