"""Places, services, hours, users and assessments as people change them, on both databases."""

from datetime import date

import pytest
import uuid_utils
from sqlalchemy import event

from ikm.domain.configuration import Opening, Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone, parse_period
from ikm.domain.population import WHOLE, Users
from ikm.domain.regulation import Factor
from ikm.server import tables
from ikm.server.store.deeds import Doer
from ikm.server.store.places import hanging_columns
from ikm.server.store.population import Population
from tests.support.samples import body

SARI = Doer("Sari <sari@contoh.go.id>", 1_000_000)
WIB = TimeZone.WIB


def refused(code, call, *arguments, **more):
    with pytest.raises(Refusal) as caught:
        call(*arguments, **more)
    assert caught.value.code == code
    return caught.value.detail


def added_unit(store, code="pasar", agency="dinkes"):
    store.add_place(Node(code, Level.UNIT, agency, "UPT Pasar"), {"en": "Market"}, SARI, zone=WIB, phone="0251")
    return store.place(code)


def newest(store):
    return store.deeds(limit=1)[0]


def test_a_place_is_added_last_named_moved_ordered_retired_and_brought_back(store):
    place = added_unit(store)
    agencies = [node.code for node in store.organisation() if node.level is Level.AGENCY]
    assert store.unit_facts("pasar").phone == "0251"
    assert [n.code for n in store.organisation() if n.parent == "dinkes"][-1] == "pasar"

    store.rename_place("pasar", "UPT Pasar Rakyat", {"jv": "Peken"}, place.revision, SARI)
    assert newest(store).facts["name"] == ["UPT Pasar", "UPT Pasar Rakyat"]
    place = store.place("pasar")
    assert (place.node.name, place.names, place.revision) == ("UPT Pasar Rakyat", {"jv": "Peken"}, 2)

    store.shift_place("pasar", -1, 2, SARI)
    assert [n.code for n in store.organisation() if n.parent == "dinkes"][-2] == "pasar"
    store.move_place("pasar", "disdukcapil", 3, SARI)
    assert [n.code for n in store.organisation() if n.parent == "disdukcapil"] == ["dukcapil", "pasar"]
    assert [node.code for node in store.organisation() if node.level is Level.AGENCY] == agencies

    store.add_place(Node("pasar-1", Level.COUNTER, "pasar", "Loket 1"), {}, SARI)
    store.retire_place("pasar", 4, SARI)
    assert not {"pasar", "pasar-1"} & {node.code for node in store.organisation()}
    assert {"pasar", "pasar-1"} <= {node.code for node in store.organisation(retired=True)}
    refused("place_invalid", store.restore_place, "pasar-1", 2, SARI)
    store.restore_place("pasar", 5, SARI)
    assert {"pasar", "pasar-1"} <= {node.code for node in store.organisation()}
    refused("in_use", store.delete_place, "pasar", 6, SARI)
    store.delete_place("pasar-1", 3, SARI)
    store.delete_place("pasar", 6, SARI)
    refused("not_found", store.place, "pasar")
    assert store.deed_fault() is None


def test_an_older_state_a_taken_code_and_a_wrong_place_change_nothing(store):
    place = added_unit(store)
    before = store.organisation(retired=True)
    deeds = len(store.deeds())
    stale = place.revision - 1
    refused("changed_meanwhile", store.rename_place, "pasar", "Lain", {}, stale, SARI)
    refused("changed_meanwhile", store.move_place, "pasar", "disdukcapil", stale, SARI)
    refused("changed_meanwhile", store.shift_place, "pasar", -1, stale, SARI)
    refused("changed_meanwhile", store.retire_place, "pasar", stale, SARI)
    refused("changed_meanwhile", store.restore_place, "pasar", place.revision, SARI)
    refused("changed_meanwhile", store.delete_place, "pasar", stale, SARI)
    refused("code_taken", store.add_place, Node("pasar", Level.COUNTER, "dukcapil", "x"), {}, SARI)
    # 92: its own parent, a circle, the wrong level, the regency itself
    refused("place_invalid", store.move_place, "pasar", "pasar", 1, SARI)
    refused("place_invalid", store.move_place, "pasar", "dukcapil", 1, SARI)
    refused("place_invalid", store.move_place, "pasar", "contoh", 1, SARI)
    refused("place_invalid", store.move_place, "pasar", "nirgends", 1, SARI)
    refused("place_invalid", store.move_place, "dinkes", "disdukcapil", 2, SARI)
    refused("place_invalid", store.move_place, "dukcapil-1", "pasar", 2, SARI)
    refused("place_invalid", store.retire_place, "contoh", 1, SARI)
    for node in (
        Node("a", Level.COUNTER, "dinkes", "x"), Node("a", Level.UNIT, "contoh", "x"),
        Node("a", Level.UNIT, "pasar", "x"), Node("a", Level.REGENCY, None, "x"), Node("a", Level.AGENCY, None, "x"),
    ):  # fmt: skip
        refused("place_invalid", store.add_place, node, {}, SARI, zone=WIB if node.level is Level.UNIT else None)
    refused("place_invalid", store.add_place, Node("a", Level.UNIT, "dinkes", "x"), {}, SARI)
    assert store.organisation(retired=True) == before
    assert len(store.deeds()) == deeds


def test_the_same_form_sent_twice_adds_once(store):
    by = Doer("Sari", 5, once="formulir-nomor-0001")
    store.add_place(Node("pasar", Level.AGENCY, "contoh", "Pasar"), {}, by)
    refused("done_already", store.add_place, Node("pasar-2", Level.AGENCY, "contoh", "Pasar"), {}, by)
    refused("not_found", store.place, "pasar-2")


def test_a_place_with_a_kiosk_is_neither_retired_nor_deleted_and_no_retired_place_gets_children(store, device):
    assert "1 kios" in refused("in_use", store.retire_place, "disdukcapil", store.place("disdukcapil").revision, SARI)
    refused("in_use", store.delete_place, "dukcapil-1", store.place("dukcapil-1").revision, SARI)
    place = added_unit(store)
    store.retire_place("pasar", place.revision, SARI)
    refused("changed_meanwhile", store.retire_place, "pasar", place.revision + 1, SARI)
    refused("place_invalid", store.move_place, "pasar", "disdukcapil", place.revision + 1, SARI)
    refused("place_invalid", store.add_place, Node("pasar-1", Level.COUNTER, "pasar", "Loket"), {}, SARI)
    refused("place_invalid", store.add_service, "pasar", Service("kios", {"id": "Sewa kios"}), SARI)


def test_every_column_that_can_name_a_place_keeps_it_from_being_deleted(store):
    # 93: whatever table is added later, its rows count
    named = {column.table.name for column in hanging_columns()}
    telling = {"unit", "counter", "node", "parent"}
    expected = {
        table.name for table in tables.metadata.sorted_tables if telling & {column.name for column in table.columns}
    }
    assert named == expected - {"deed"} | {"node", "service"}
    for unit in ("dukcapil", "pkm-harapan"):
        assert not store.deletable(unit)


def test_whether_anything_hangs_on_a_place_is_found_without_reading_every_response(sqlite_store):
    asked = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    engine = sqlite_store._engine
    event.listen(engine, "before_cursor_execute", keep)
    assert not sqlite_store.deletable("dukcapil-1")
    event.remove(engine, "before_cursor_execute", keep)
    [(statement, parameters)] = [one for one in asked if "FROM response" in one[0]]
    with engine.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert [step[3] for step in steps if step[3].startswith("SCAN response")] == []


def test_a_counter_with_answers_alone_is_kept(store, device, ingest):
    # somebody moved the kiosk's counter by its staff menu: no device stands at it
    ingest.accept(device.call(device.add(body(counter="dukcapil-2"))))
    with store._engine.begin() as connection:
        for table, column in ((tables.configuration, "counter"), (tables.enrolment_code, "counter")):
            connection.execute(table.delete().where(table.c[column] == "dukcapil-2"))
    assert not store.deletable("dukcapil-2")


def test_no_open_code_makes_a_kiosk_at_a_place_that_was_closed(store):
    place = added_unit(store)
    store.add_place(Node("pasar-1", Level.COUNTER, "pasar", "Loket"), {}, SARI)
    store.add_enrolment_code(b"c" * 32, "pasar-1", 9_000_000, 1_000_000)
    store.retire_place("pasar", place.revision, SARI)
    refused("enrolment_code_invalid", store.enrol, b"c" * 32, str(uuid_utils.uuid7()), b"k" * 32, 1_000_001)


def test_services_are_added_named_promised_ordered_retired_and_deleted(store):
    store.add_service("dukcapil", Service("kua", {"id": "Nikah"}), SARI)
    refused("code_taken", store.add_service, "dukcapil", Service("kua", {"id": "Lain"}), SARI)
    store.rename_service("dukcapil", "kua", {"id": "Buku nikah", "en": "Marriage"}, 1, SARI)
    store.promise("dukcapil", "kua", {"TIME": [{"id": "1 hari kerja"}], "COST": []}, 2, SARI)
    held = store.offered_service("dukcapil", "kua")
    assert held.service == Service("kua", {"id": "Buku nikah", "en": "Marriage"}, {"TIME": ({"id": "1 hari kerja"},)})
    assert newest(store).facts == {"TIME": [None, [{"id": "1 hari kerja"}]]}
    store.shift_service("dukcapil", "kua", -99, 3, SARI)
    assert store.services("dukcapil")[0].code == "kua"
    store.retire_service("dukcapil", "kua", 4, SARI)
    assert "kua" not in [service.code for service in store.services("dukcapil")]
    assert store.services("dukcapil", retired=True)[0].code == "kua"
    assert store.offered("dukcapil")[-1].service.code == "kua"
    refused("changed_meanwhile", store.retire_service, "dukcapil", "kua", 5, SARI)
    refused("changed_meanwhile", store.restore_service, "dukcapil", "kua", 4, SARI)
    store.restore_service("dukcapil", "kua", 5, SARI)
    assert store.service_deletable("dukcapil", "kua")
    refused("changed_meanwhile", store.delete_service, "dukcapil", "kua", 5, SARI)
    store.delete_service("dukcapil", "kua", 6, SARI)
    refused("not_found", store.offered_service, "dukcapil", "kua")
    # 93: kiosks offer it already
    refused("in_use", store.delete_service, "dukcapil", "ktp", store.offered_service("dukcapil", "ktp").revision, SARI)
    for call, more in ((store.rename_service, {"id": "x"}), (store.promise, {}), (store.shift_service, 1)):
        refused("changed_meanwhile", call, "dukcapil", "ktp", more, 99, SARI)


def test_what_a_unit_says_of_itself_is_replaced_by_who_saw_the_newest(store):
    held = store.unit_facts("dukcapil")
    hours = (Opening(6, 480, 720),)
    store.change_unit("dukcapil", held.revision, SARI, opening=hours, phone="0251 8321")
    facts = store.unit_facts("dukcapil")
    assert (facts.opening, facts.phone, facts.pledge) == (hours, "0251 8321", held.pledge)
    assert newest(store).facts["phone"] == ["", "0251 8321"]
    refused("changed_meanwhile", store.change_unit, "dukcapil", held.revision, SARI, phone="1")
    refused("not_found", store.change_unit, "dinkes", 1, SARI, phone="1")


def test_days_off_are_added_once_and_taken_back(store):
    natal = {date(2026, 12, 25): "Hari Raya Natal", date(2026, 8, 17): "Proklamasi"}
    store.add_holidays("contoh", natal, SARI)
    assert store.own_holidays("contoh")[0] == (date(2026, 8, 17), "Proklamasi")
    other = {date(2026, 8, 18): "Baru", date(2026, 8, 17): "Lain"}
    assert refused("changed_meanwhile", store.add_holidays, "contoh", other, SARI) == "2026-08-17"
    assert date(2026, 8, 18) not in dict(store.own_holidays("contoh"))
    refused("changed_meanwhile", store.delete_holiday, "contoh", date(2026, 8, 17), "Lain", SARI)
    store.delete_holiday("contoh", date(2026, 8, 17), "Proklamasi", SARI)
    assert date(2026, 8, 17) not in dict(store.holidays("dukcapil"))


def users(start, end, number, service=WHOLE):
    return Population(service, Users(date.fromisoformat(start), date.fromisoformat(end), number))


def test_users_of_a_period_are_those_of_the_spans_that_cover_it(store):
    year = parse_period("2026")
    assert store.population("dukcapil", year) is None
    store.set_population("dukcapil", users("2026-01-01", "2026-07-01", 900), None, SARI)
    assert store.population("dukcapil", parse_period("2026-S1")) == 900
    assert store.population("dukcapil", parse_period("2026-Q1")) is None
    assert store.population("dukcapil", year) is None
    store.set_population("dukcapil", users("2026-07-01", "2027-01-01", 600), None, SARI)
    assert store.population("dukcapil", year) == 1500
    # 97: overlapping spans
    assert "1 Juni 2026" not in refused(
        "population_overlaps", store.set_population, "dukcapil", users("2026-06-01", "2026-07-01", 5), None, SARI
    )
    refused("changed_meanwhile", store.set_population, "dukcapil", users("2026-01-01", "2026-07-01", 5), None, SARI)
    store.set_population("dukcapil", users("2026-01-01", "2026-07-01", 1000), 900, SARI)
    refused("changed_meanwhile", store.delete_population, "dukcapil", users("2026-01-01", "2026-07-01", 900), SARI)
    store.delete_population("dukcapil", users("2026-01-01", "2026-07-01", 1000), SARI)
    refused("changed_meanwhile", store.set_population, "dukcapil", users("2026-01-01", "2026-07-01", 5), 1000, SARI)
    assert [one.users.number for one in store.populations("dukcapil")] == [600]


def test_a_units_users_are_the_sum_of_its_services_where_each_is_known(store):
    period = parse_period("2026-Q1")
    codes = [service.code for service in store.services("dukcapil")]
    for number, code in enumerate(codes[:-1], start=1):
        store.set_population("dukcapil", users("2026-01-01", "2026-04-01", 100 * number, code), None, SARI)
    assert store.population("dukcapil", period) is None
    assert store.population("dukcapil", period, codes[1]) == 200
    last = store.offered_service("dukcapil", codes[-1])
    store.retire_service("dukcapil", codes[-1], last.revision, SARI)
    assert store.population("dukcapil", period) == 1000
    store.set_population("dukcapil", users("2026-01-01", "2026-04-01", 700), None, SARI)
    assert store.population("dukcapil", period) == 700


def test_a_self_assessment_is_added_after_the_newest_and_never_changed(store):
    steps = dict.fromkeys(Factor, 3) | {Factor.STAFF: 2}
    store.assess("dukcapil", steps, "Kurang petugas", 0, SARI)
    made = store.assessments("dukcapil")[0]
    assert (made.steps, made.notes, made.weakest, made.made_by) == (steps, "Kurang petugas", (Factor.STAFF,), SARI.who)
    later = Doer("Budi", SARI.at_ms + 1)
    refused("changed_meanwhile", store.assess, "dukcapil", steps, "", 0, later)
    refused("changed_meanwhile", store.assess, "dukcapil", steps, "", SARI.at_ms, SARI)
    refused("rating_out_of_range", store.assess, "dukcapil", steps | {Factor.STAFF: 5}, "", SARI.at_ms, later)
    store.assess("dukcapil", dict.fromkeys(Factor, 4), "", SARI.at_ms, later)
    assert [one.made_ms for one in store.assessments("dukcapil")] == [later.at_ms, SARI.at_ms]
    assert store.newest_assessments()["dukcapil"].weakest == ()


def test_what_each_unit_has_and_lacks_is_told_for_all_or_for_some(store, device):
    year = parse_period("2026")
    told = store.standings(year)
    assert set(told) == {node.code for node in store.organisation() if node.level is Level.UNIT}
    dukcapil = told["dukcapil"]
    assert (len(dukcapil.services), dukcapil.counters, dukcapil.kiosks) == (5, 2, 1)
    assert (dukcapil.opening, dukcapil.pledged, dukcapil.populated, dukcapil.assessed_ms) == (True, True, False, None)
    added_unit(store)
    held = store.offered_service("dukcapil", "ktp")
    store.promise("dukcapil", "ktp", {"TIME": [{"id": "1 hari"}]}, held.revision, SARI)
    store.set_population("dukcapil", users("2026-01-01", "2026-02-01", 9), None, SARI)
    store.assess("dukcapil", dict.fromkeys(Factor, 3), "", 0, SARI)
    few = store.standings(year, ["dukcapil", "pasar"])
    assert set(few) == {"dukcapil", "pasar"}
    assert (few["pasar"].services, few["pasar"].counters, few["pasar"].opening) == ((), 0, False)
    assert [one.code for one in few["dukcapil"].unpromised] == ["ktp"]
    missing = [part.element for part in few["dukcapil"].unpromised[0].missing]
    assert missing == ["REQ", "PROC", "COST", "PROD"]
    assert (few["dukcapil"].populated, few["dukcapil"].assessed_ms) == (True, SARI.at_ms)
    assert not store.standings(parse_period("2025"), ["dukcapil"])["dukcapil"].populated
    assert [one.node.code for one in store.places_below("dukcapil")] == ["dukcapil-1", "dukcapil-2"]
