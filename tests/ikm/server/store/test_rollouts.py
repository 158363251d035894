"""Configurations that reach their kiosks in waves."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone
from ikm.server import tables
from ikm.server.configuring.settings import KioskSettings
from ikm.server.store.deeds import Doer
from tests.ikm.server.kiosk_device import NOW_MS

BY = Doer("Sari", NOW_MS)
ONE, TWO = "dukcapil-1", "dukcapil-2"


def version(store, counter):
    return store.configuration(counter).version


def decide(store, **settings):
    held = store.kiosk_settings("dukcapil")
    store.put_kiosk_settings("dukcapil", KioskSettings(**settings), held.revision, BY)


def code_of(call, *given, **named) -> str:
    with pytest.raises(Refusal) as caught:
        call(*given, **named)
    return caught.value.code


def test_a_plan_names_the_counters_that_change_and_what_changes(store):
    assert store.plan("contoh", NOW_MS).changing == ()
    decide(store, idle_s=50)
    plan = store.plan("contoh", NOW_MS)
    counters = [node.code for node in store.organisation() if node.parent == "dukcapil"]
    assert sorted(one.counter for one in plan.changing) == sorted(counters)
    assert {(change.kind, change.before, change.after) for one in plan.changing for change in one.changes} == {
        ("idle_s", "40", "50")
    }
    assert store.plan("pkm-harapan", NOW_MS).changing == ()
    assert version(store, ONE) == 1


def test_waves_go_out_one_after_the_other(store):
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    assert (version(store, ONE), version(store, TWO)) == (2, 1)
    first, second = store.rollout(number).waves
    assert (first.counters, first.released_ms, second.released_ms) == ((ONE,), NOW_MS, None)
    store.continue_rollout(number, 1, BY)
    assert version(store, TWO) == 2
    held = store.rollout(number)
    assert (held.outcome, held.reached) == ("done", 2)
    assert store.plan("contoh", NOW_MS).changing == ()
    assert [deed.act for deed in store.deeds(limit=2)] == ["rollout.continued", "rollout.begun"]


def test_a_wave_counts_the_kiosks_that_run_on_it(store, ingest, device):
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    ingest.accept(device.call([], configuration=1))
    assert [(wave.kiosks, wave.taken) for wave in store.rollout(number).waves] == [(1, 0), (0, 0)]
    ingest.accept(device.call([], configuration=2))
    assert [(wave.kiosks, wave.taken) for wave in store.rollout(number).waves] == [(1, 1), (0, 0)]


def test_a_roll_out_that_was_stopped_goes_no_further_and_can_be_begun_anew(store):
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    store.halt_rollout(number, 1, BY)
    assert (version(store, ONE), version(store, TWO)) == (2, 1)
    assert code_of(store.continue_rollout, number, 1, BY) == "changed_meanwhile"
    again = store.roll_out("dukcapil", [], BY)
    assert (version(store, ONE), version(store, TWO)) == (2, 2)
    assert store.rollout(again).outcome == "done"


def test_what_was_taken_back_is_what_kiosks_had_before_under_a_new_number(store):
    before = store.configuration(ONE).to_domain()
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    assert store.return_rollout(number, BY) == 1
    assert store.configuration(ONE).to_domain() == replace(before, version=3)
    assert (version(store, TWO), store.rollout(number).outcome) == (1, "returned")
    assert code_of(store.return_rollout, number, BY) == "rollout_returned"
    # what was decided stands, and would be applied again
    assert len(store.plan("dukcapil", NOW_MS).changing) > 1


def test_taking_back_leaves_alone_what_was_given_since(store):
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [], BY)
    decide(store, idle_s=60)
    store.roll_out(ONE, [], BY)
    store.return_rollout(number, BY)
    assert store.configuration(ONE).idle_s == 60
    assert store.configuration(TWO).idle_s == 40


def test_nothing_is_rolled_out_that_was_not_seen_or_waits_or_is_there_already(store):
    decide(store, idle_s=50)
    seal = store.plan("dukcapil", NOW_MS).seal
    decide(store, idle_s=60)
    assert code_of(store.roll_out, "dukcapil", [], BY, seal=seal) == "changed_meanwhile"
    store.roll_out("dukcapil", [ONE], BY, seal=store.plan("dukcapil", NOW_MS).seal)
    assert code_of(store.roll_out, "dukcapil", [], BY) == "rollout_open"
    assert code_of(store.roll_out, ONE, [], BY) == "nothing_to_apply"


def test_two_officers_cannot_both_continue(store):
    # 4c 94, 95
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    store.continue_rollout(number, 1, BY)
    for call in (store.continue_rollout, store.halt_rollout):
        assert code_of(call, number, 1, BY) == "changed_meanwhile"
    once = Doer("Sari", NOW_MS, once="x" * 20)
    store.return_rollout(number, once)
    assert code_of(store.rollout, 999) == "not_found"


def test_a_counter_that_has_no_configuration_gets_its_first(store):
    store.put_node(Node("dukcapil-9", Level.COUNTER, "dukcapil", "Loket 9"), {}, 90)
    store.ensure_configured([ONE, "dukcapil-9"], NOW_MS, "https://skm.example")
    found = store.configuration("dukcapil-9")
    assert (found.version, len(found.services)) == (1, 5)
    assert version(store, ONE) == 1


def test_a_counter_nothing_can_be_compiled_for_is_named(store):
    store.put_node(Node("kosong", Level.UNIT, "disdukcapil", "Unit Kosong"), {}, 90)
    store.put_node(Node("kosong-1", Level.COUNTER, "kosong", "Loket Kosong"), {}, 91)
    with pytest.raises(Refusal) as caught:
        store.ensure_configured(["kosong-1"], NOW_MS)
    assert caught.value.detail == "Loket Kosong: Zona waktu unit belum diisi."
    assert [one.fault for one in store.plan("kosong", NOW_MS).faulty] == ["Zona waktu unit belum diisi."]


# -- questionnaires whose day has come -----------------------------------------------------------------------------

DAY_MS = 86_400_000
TODAY = date(2026, 11, 1)


def other(store, code="skm-baru"):
    store.put_questionnaire(replace(store.questionnaire("skm-14-2017-v2"), code=code))
    return code


def test_a_scheduled_questionnaire_is_given_on_its_day_and_nothing_else_with_it(store):
    decide(store, idle_s=50)
    store.put_schedule("dukcapil", date(2026, 11, 3), other(store), BY, today=TODAY)
    assert store.apply_schedules(NOW_MS) == 0
    given = store.apply_schedules(NOW_MS + 3 * DAY_MS)
    assert given == len([node for node in store.organisation() if node.parent == "dukcapil"])
    found = store.configuration(ONE)
    assert (found.questionnaire.code, found.idle_s) == ("skm-baru", 40)
    assert store.configuration("pkm-harapan-1").questionnaire.code == "skm-14-2017-v2"
    assert store.rollouts()[0].made_by == "jadwal kuesioner"


def test_a_wave_that_is_still_to_come_outlives_the_day_of_another_questionnaire(store):
    decide(store, idle_s=50)
    number = store.roll_out("dukcapil", [ONE], BY)
    store.put_schedule("dukcapil", date(2026, 11, 3), other(store), BY, today=TODAY)
    assert store.apply_schedules(NOW_MS + 3 * DAY_MS) > 0
    given = [store.configuration(code) for code in (ONE, TWO)]
    assert [(one.questionnaire.code, one.idle_s) for one in given] == [("skm-baru", 50), ("skm-baru", 40)]
    store.continue_rollout(number, 1, BY)
    assert (store.configuration(TWO).questionnaire.code, store.configuration(TWO).idle_s) == ("skm-baru", 50)
    assert store.plan("dukcapil", NOW_MS + 3 * DAY_MS).changing == ()


def test_a_wave_that_is_still_to_come_outlives_the_return_of_an_earlier_roll_out(store):
    decide(store, idle_s=50)
    first = store.roll_out("dukcapil", [], BY)
    decide(store, idle_s=60)
    second = store.roll_out("dukcapil", [ONE], BY)
    store.return_rollout(first, BY)
    assert [store.configuration(code).idle_s for code in (ONE, TWO)] == [60, 40]
    store.continue_rollout(second, 1, BY)
    assert [store.configuration(code).idle_s for code in (ONE, TWO)] == [60, 60]


def test_an_entry_works_once_so_that_what_is_taken_back_stays_back(store):
    store.put_schedule("dukcapil", date(2026, 11, 3), other(store), BY, today=TODAY)
    later = NOW_MS + 3 * DAY_MS
    assert store.apply_schedules(later) > 0
    store.return_rollout(store.rollouts()[0].number, BY)
    assert store.apply_schedules(later + 1) == 0
    assert store.configuration(ONE).questionnaire.code == "skm-14-2017-v2"


def test_a_day_begins_where_the_counter_is(store):
    with store._engine.begin() as connection:
        connection.execute(update(tables.unit).where(tables.unit.c.code == "dukcapil").values(time_zone="WIT"))
    store.put_schedule("dukcapil", date(2026, 11, 3), other(store), BY, today=TODAY)
    midnight_utc_ms = 1_793_664_000_000  # 2026-11-03
    assert store.apply_schedules(midnight_utc_ms - 9 * 3_600_000 - 1) == 0
    assert store.apply_schedules(midnight_utc_ms - 9 * 3_600_000) > 0


def test_an_entry_waits_for_its_day_where_no_counter_is_yet_and_reaches_one_added_before(store):
    store.add_place(Node("pasar", Level.UNIT, "dinkes", "Pasar"), {}, BY, zone=TimeZone.WIB)
    store.put_schedule("pasar", date(2026, 11, 3), other(store), BY, today=TODAY)
    assert store.apply_schedules(NOW_MS) == 0
    # a minute before that day begins in WIB, when it has begun in WIT
    assert store.apply_schedules(1_793_664_000_000 - 7 * 3_600_000 - 60_000) == 0
    store.add_service("pasar", Service("kios", {"id": "Sewa kios"}), BY)
    store.add_place(Node("pasar-1", Level.COUNTER, "pasar", "Loket"), {}, BY)
    store.ensure_configured(["pasar-1"], NOW_MS)
    assert store.configuration("pasar-1").questionnaire.code == "skm-14-2017-v2"
    assert store.apply_schedules(NOW_MS + 3 * DAY_MS) == 1
    assert store.configuration("pasar-1").questionnaire.code == "skm-baru"


def test_a_day_that_has_passed_or_is_taken_is_refused_and_what_reached_kiosks_stays(store):
    # 4c 97
    code = other(store)
    call = store.put_schedule
    assert code_of(call, "dukcapil", date(2026, 10, 31), code, BY, today=TODAY) == "schedule_past"
    assert code_of(call, "dukcapil", TODAY, "unknown", BY, today=TODAY) == "not_found"
    assert code_of(call, "nowhere", TODAY, code, BY, today=TODAY) == "not_found"
    store.put_schedule("dukcapil", TODAY, code, BY, today=TODAY)
    assert code_of(call, "dukcapil", TODAY, code, BY, today=TODAY) == "code_taken"
    store.apply_schedules(NOW_MS)
    assert code_of(store.drop_schedule, "dukcapil", TODAY, BY) == "changed_meanwhile"
    store.put_schedule("dukcapil", date(2026, 12, 1), code, BY, today=TODAY)
    store.drop_schedule("dukcapil", date(2026, 12, 1), BY)
    assert [entry.starts_on for entry in store.schedule() if entry.node == "dukcapil"] == [TODAY]
