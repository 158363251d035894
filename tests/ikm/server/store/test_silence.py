"""What is wrong with each kiosk, as the database tells it."""

import msgspec
import pytest
from sqlalchemy import update

from ikm.domain.errors import Refusal
from ikm.server import tables
from ikm.server.configuring.settings import KioskSettings
from ikm.server.ingest import Ingest
from ikm.server.store.contacts import HOUR_MS
from ikm.server.store.deeds import Doer
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support import samples

# Monday 2 November 2026, 10.00 in WIB
OPEN_MS = 1_793_588_400_000
MINUTE = 60_000


def beat(store, device, at_ms, **health):
    told = msgspec.structs.replace(samples.batch([]).health, **health)
    told = msgspec.structs.replace(told, clock=msgspec.structs.replace(told.clock, wall_ms=at_ms))
    if "clock" in health:
        told = msgspec.structs.replace(told, clock=health["clock"])
    Ingest(store, lambda: at_ms).accept(device.call([], health=told, configuration=health.pop("configuration", 1)))


def only(store, now_ms):
    (kiosk,) = store.kiosks(now_ms)
    return kiosk


def test_a_kiosk_falls_silent_in_opening_hours_and_is_well_once_it_is_heard_of(store, device):
    beat(store, device, OPEN_MS)
    assert only(store, OPEN_MS + 30 * MINUTE).problems == ()
    silent = only(store, OPEN_MS + 40 * MINUTE)
    assert (silent.problems, silent.silent_ms, silent.open) == (("silent",), 40 * MINUTE, True)
    at_night = only(store, OPEN_MS + 12 * HOUR_MS)
    assert (at_night.problems, at_night.open, at_night.silent_ms) == ((), False, 0)
    # no alarm, but whoever looks before the counter opens is told
    assert at_night.missed_ms >= 4 * HOUR_MS
    beat(store, device, OPEN_MS + 41 * MINUTE)
    assert only(store, OPEN_MS + 42 * MINUTE).problems == ()


def test_what_a_kiosk_complains_of_is_sorted_by_gravity(store, device):
    beat(store, device, OPEN_MS, warnings=["disk_low", "salvaged"])
    assert only(store, OPEN_MS).problems == ("disk_low", "warned")
    beat(store, device, OPEN_MS, warnings=["disk_full"])
    assert only(store, OPEN_MS).problems == ("disk_full",)
    wrong = msgspec.structs.replace(samples.batch([]).health.clock, wall_ms=OPEN_MS - 3 * MINUTE)
    beat(store, device, OPEN_MS, clock=wrong)
    found = only(store, OPEN_MS)
    assert (found.problems, found.skew_ms) == (("clock",), -3 * MINUTE)


def test_a_kiosk_that_was_never_heard_of_and_one_that_runs_on_an_old_configuration_are_told(store, device):
    KioskDevice.enrolled(store, "dukcapil-2")
    beat(store, device, OPEN_MS)
    store.put_kiosk_settings("dukcapil", KioskSettings(idle_s=50), 0, Doer("Sari", OPEN_MS))
    store.roll_out("dukcapil", [], Doer("Sari", OPEN_MS))
    beat(store, device, OPEN_MS + 50 * MINUTE)
    by_counter = {kiosk.device.counter: kiosk for kiosk in store.kiosks(OPEN_MS + 50 * MINUTE)}
    assert by_counter["dukcapil-1"].problems == ()
    assert "never" in by_counter["dukcapil-2"].problems
    beat(store, device, OPEN_MS + 70 * MINUTE)
    found = {kiosk.device.counter: kiosk for kiosk in store.kiosks(OPEN_MS + 70 * MINUTE)}["dukcapil-1"]
    assert (found.problems, found.running, found.newest) == (("outdated",), 1, 2)


def test_hours_of_contact_are_kept_once_an_hour(store, device):
    for minutes in (0, 5, 59, 60, 61, 180):
        beat(store, device, OPEN_MS + minutes * MINUTE)
    found = only(store, OPEN_MS + 4 * HOUR_MS)
    # open since 8.00, heard of in the hours from 10.00, 11.00 and 13.00
    assert (found.coverage.heard, found.coverage.open) == (3, 6)
    store.forget_contacts(OPEN_MS + 100 * 24 * HOUR_MS)
    assert only(store, OPEN_MS + 4 * HOUR_MS).coverage.heard == 0


def test_a_revoked_kiosk_has_no_problems_and_stands_last(store, device):
    KioskDevice.enrolled(store, "dukcapil-2")
    assert store.revoke(device.device, NOW_MS, who="Sari", reason="hilang")
    found = store.kiosks(OPEN_MS)
    assert [(kiosk.device.standing, kiosk.problems == ()) for kiosk in found] == [("active", False), ("revoked", True)]
    assert [kiosk.device.id for kiosk in store.kiosks(OPEN_MS, device=device.device)] == [device.device]
    assert store.kiosks(OPEN_MS, counters=["pkm-harapan-1"]) == []


def test_of_a_place_that_was_closed_for_good_nobody_expects_to_hear(store, device):
    beat(store, device, OPEN_MS)
    with store._engine.begin() as connection:
        connection.execute(update(tables.node).where(tables.node.c.code == "dukcapil").values(retired_ms=OPEN_MS))
    assert only(store, OPEN_MS + 60 * MINUTE).problems == ()


def test_what_is_decided_about_a_device_is_written_down(store, device):
    store.revoke(device.device, NOW_MS, after=(1, 3), who="Sari", reason="hilang")
    (deed,) = store.deeds(act="device.")
    assert (deed.act, deed.node, deed.subject, deed.who, deed.reason) == (
        "device.revoked", "dukcapil-1", device.device, "Sari", "hilang",
    )  # fmt: skip
    assert deed.facts == {"after": [1, 3]}
    once = Doer("Sari", NOW_MS, once="y" * 20)
    other = KioskDevice.enrolled(store, "dukcapil-2")
    assert store.revoke(other.device, NOW_MS, by=once)
    third = KioskDevice.enrolled(store, "dukcapil-2")
    with pytest.raises(Refusal) as caught:
        store.revoke(third.device, NOW_MS, by=once)
    assert caught.value.code == "done_already"
    assert store.fleet(device=third.device)[0].revocation is None
