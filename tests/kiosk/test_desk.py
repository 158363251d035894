"""The staff's wishes on a real device: store, PIN, clock, disk, and a server that answers as it is told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from msgspec import structs

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from kiosk.admin.model import Probe
from kiosk.desk import OwnDesk
from kiosk.last_sync import keep_sync_status
from kiosk.local import Local
from kiosk.machine import ClockSource, Machine
from kiosk.pin import pin_hash
from kiosk.staff import Trouble
from kiosk.store import Store, StoreError
from kiosk.store.errors import Cause, MediumFailed
from sync.keys import public_key
from sync.worker import SyncStatus
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.http_server import PORTAL, Reply, http_server, problem_reply

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("4711")
"""Cheap, since nobody guesses it here."""
BOOTS = [f"{number:08d}-8a53-4d3c-9f1e-1d2f3a4b5c6d" for number in range(3)]


class Device:
    """A device that can be switched off and on, and whose clocks are set by hand."""

    def __init__(self, folder):
        self.folder = folder
        self.now = SimpleNamespace(wall_ms=1_793_500_000_000, boot_ms=10_000, boot=BOOTS[0])
        self.store = Store.open(folder)
        self.switched_on()

    def switched_on(self, boot=None):
        self.store.close()
        self.store = Store.open(self.folder)
        if boot is not None:
            self.now.boot, self.now.boot_ms = boot, 5_000
        source = ClockSource(lambda: self.now.wall_ms, lambda: self.now.boot_ms, lambda: self.now.boot)
        self.desk = OwnDesk(self.store, Machine(self.folder, source), self.folder)
        return self.desk.begin()

    def wait(self, seconds):
        self.now.boot_ms += seconds * 1000

    def guess(self, pin="0815"):
        return self.desk.check(pin)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path / "data")
    made.store.change_guard(lambda guard: replace(guard, pin_hash=HASH))
    yield made
    made.store.close()


def test_the_right_pin_opens_and_a_wrong_one_does_not(device):
    assert device.guess("4711") == (True, 0)
    assert device.guess("4712") == (False, 0)


def test_the_fifth_wrong_pin_begins_a_wait_in_which_even_the_right_one_is_not_looked_at(device):
    assert [device.guess()[1] for _ in range(5)] == [0, 0, 0, 0, 60_000]
    device.wait(59)
    assert device.guess("4711") == (False, 1_000)
    device.wait(1)
    assert device.guess("4711") == (True, 0)
    assert device.store.guard().failures == 0


def test_after_the_wait_one_more_wrong_pin_doubles_it(device):
    for _ in range(5):
        device.guess()
    device.wait(60)
    assert device.guess() == (False, 120_000)


def test_a_power_cycle_never_shortens_the_wait_nor_forgets_the_tries(device):
    for _ in range(4):
        device.guess()
    assert device.switched_on(BOOTS[1]).failures == 4
    assert device.guess() == (False, 60_000)
    device.wait(59)
    assert device.switched_on(BOOTS[2]).wait_ms == 60_000
    device.wait(59)
    assert device.guess("4711") == (False, 1_000)
    assert device.switched_on().wait_ms == 1_000


def test_the_wall_clock_has_no_say_in_the_wait(device):
    for _ in range(5):
        device.guess()
    device.now.wall_ms += 10**10
    assert device.guess("4711") == (False, 60_000)
    device.now.wall_ms -= 10**11
    assert device.guess("4711") == (False, 60_000)


def test_a_try_is_on_the_medium_before_the_pin_is_looked_at(device, monkeypatch):
    def power_cut(pin, hashes):
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.desk.opens", power_cut)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            device.guess("4711")
    monkeypatch.undo()
    device.switched_on(BOOTS[1])
    assert device.guess("4711") == (False, 60_000)


def test_a_try_that_cannot_be_counted_is_not_made(device, monkeypatch):
    def broken(_change):
        raise StoreError("Penyimpanan perangkat gagal.")

    monkeypatch.setattr(device.store, "change_guard", broken)
    with pytest.raises(Trouble, match="Penyimpanan perangkat gagal"):
        device.guess("4711")


def test_on_a_full_medium_the_staff_are_told_why_even_the_right_pin_does_not_open(device, monkeypatch):
    def full(_change):
        raise MediumFailed(Cause.FULL, "")

    monkeypatch.setattr(device.store, "change_guard", full)
    with pytest.raises(Trouble, match=r"^Penyimpanan penuh: PIN tidak dapat diperiksa"):
        device.guess("4711")
    monkeypatch.undo()
    # the medium, not the PIN, was at fault
    assert device.guess("4711") == (True, 0)


def test_the_pin_of_the_configuration_opens_beside_the_devices_own(device):
    device.store.enrol(IDENTITY, wire.configuration_message(samples.configuration(staff_pin=pin_hash("8305"))))
    assert device.guess("8305") == (True, 0)
    assert device.guess("4711") == (True, 0)
    device.store.change_guard(lambda guard: replace(guard, pin_hash=""))
    assert device.guess("4711") == (False, 0)
    assert device.desk.facts().pin_set


def test_without_any_pin_nothing_opens(device):
    device.store.change_guard(lambda guard: replace(guard, pin_hash=""))
    assert not device.desk.facts().pin_set
    assert device.guess("") == (False, 0)


def test_a_new_pin_replaces_the_old_one_and_ends_the_assistant(device):
    device.store.change_guard(lambda guard: replace(guard, pin_due=True, failures=3))
    device.desk.keep_pin("8305")
    assert device.guess("8305") == (True, 0)
    assert device.guess("4711") == (False, 0)
    assert not device.desk.facts().pin_due


def test_ending_the_assistant_without_a_pin_keeps_the_one_there_is(device):
    device.store.change_guard(lambda guard: replace(guard, pin_due=True))
    device.desk.keep_pin("")
    assert not device.desk.facts().pin_due
    assert device.guess("4711") == (True, 0)


def test_the_facts_are_those_of_the_device(device):
    device.store.enrol(IDENTITY, CONFIGURATION)
    device.store.append(samples.body(wall_ms=7_000))
    device.store.append_training(samples.body())
    trained = Local(volume=2).train(date(2026, 11, 1))
    device.desk.settle(trained)
    facts = device.desk.facts()
    assert (facts.device, facts.server_url, facts.version) == (samples.DEVICE, IDENTITY.server_url, "0.1.0")
    assert (facts.stored, facts.pending, facts.oldest_pending_ms, facts.training) == (1, 1, 7_000, 1)
    assert (facts.local, facts.clock, facts.now_ms) == (trained, "unknown", device.now.wall_ms)
    assert facts.configuration == samples.configuration()
    assert facts.disk_free_bytes > 0
    device.desk.erase_training()
    assert (device.desk.facts().training, device.desk.facts().stored) == (0, 1)


def test_a_configuration_the_kiosk_cannot_run_on_does_not_keep_the_staff_out(device, monkeypatch):
    device.store.enrol(IDENTITY, wire.configuration_message(samples.configuration()))
    assert (device.desk.facts().damaged, device.desk.facts().configuration) == (False, samples.configuration())
    device.store.hold_configuration(structs.replace(CONFIGURATION, version=2, services=[]))
    # the last one that could be used is in use, and the staff are told
    facts = device.desk.facts()
    assert (facts.damaged, facts.configuration) == (True, samples.configuration())
    facts = device.switched_on()
    assert (facts.damaged, facts.configuration) == (True, None)
    assert device.guess("4711") == (True, 0)
    device.store.hold_configuration(structs.replace(CONFIGURATION, version=3))
    assert not device.desk.facts().damaged
    monkeypatch.setattr(device.store, "configuration", lambda: None)
    assert (device.desk.facts().damaged, device.desk.facts().configuration.version) == (True, 3)


@pytest.mark.parametrize("standing", ["active", "forked", "revoked"])
def test_what_the_server_said_last_is_known_across_restarts(device, standing):
    assert device.desk.standing() == "active"
    keep_sync_status(device.folder, SyncStatus(pending=1, standing=standing, rejected=3))
    device.switched_on(BOOTS[1])
    assert device.desk.standing() == standing
    assert (device.desk.facts().standing, device.desk.facts().rejected) == (standing, 3)


def test_the_facts_name_key_chain_warnings_and_the_last_check(device, monkeypatch):
    facts = device.desk.facts()
    assert (facts.fingerprint, facts.epoch, facts.checked_ms, facts.broken) == ("", 0, None, False)
    device.store.enrol(IDENTITY, CONFIGURATION)
    (device.folder / "storage-check.json").write_bytes(b'{"at_ms": 5, "whole": false}')
    monkeypatch.setattr(device.store, "warnings", lambda: ["disk_low", "second_copy_failed"])
    facts = device.desk.facts()
    assert facts.fingerprint == wire.fingerprint(public_key(IDENTITY.private_key))
    assert (facts.epoch, facts.checked_ms, facts.broken) == (1, 5, True)
    assert facts.warnings == ("disk_low", "second_copy_failed")


MIDNIGHT_WIB = round(datetime(2026, 11, 24, 17, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("kept", [True, False])
def test_training_ends_with_its_local_day_even_where_that_cannot_be_kept(device, monkeypatch, caplog, kept):
    caplog.set_level("INFO")
    day = TimeZone.WIB.local_date(MIDNIGHT_WIB - 1)
    trained = Local(volume=2).train(day)
    device.desk.settle(trained)
    device.now.wall_ms = MIDNIGHT_WIB - 1
    assert not device.desk.end_training()
    assert device.desk.facts().local == trained
    device.now.wall_ms = MIDNIGHT_WIB
    assert device.desk.facts().local == Local(volume=2)
    if not kept:
        with monkeypatch.context() as patch:
            patch.setattr(device.store, "put_local", full)
            assert device.desk.end_training()
            assert device.desk.end_training()
        assert caplog.text.count("the end of training could not be kept: disk full") == 1
    assert device.desk.end_training()
    assert device.store.local() == Local(volume=2)
    assert caplog.text.count("training ended by itself") == 1
    # a clock that is set back brings nothing back
    device.now.wall_ms = MIDNIGHT_WIB - 1
    assert not device.desk.end_training()
    assert not device.desk.facts().local.training


def test_training_nobody_knows_the_beginning_of_ends_with_this_day(device):
    device.store.put_local(Local(training=True))
    device.now.wall_ms = MIDNIGHT_WIB - 1
    assert not device.desk.end_training()
    assert device.store.local().training
    device.now.wall_ms = MIDNIGHT_WIB
    assert device.desk.end_training()


def test_a_clock_set_back_does_not_let_trainees_count(device):
    device.now.wall_ms = MIDNIGHT_WIB - 30 * 86_400_000
    device.desk.settle(Local().train(TimeZone.WIB.local_date(MIDNIGHT_WIB)))
    assert not device.desk.end_training()
    assert device.store.local().training


def full(_anything):
    raise MediumFailed(Cause.FULL, "")


def test_the_log_tells_what_the_staff_did_and_never_a_pin(device, caplog):
    caplog.set_level("INFO")
    device.guess("0815")
    for _ in range(4):
        device.guess("0816")
    device.wait(60)
    device.guess("4711")
    device.desk.keep_pin("8305")
    device.desk.settle(Local(volume=3, service="ktp", aids=frozenset({Aid.LARGE})).train(date(2026, 11, 24)))
    device.desk.erase_training()
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        *(f"a wrong PIN, {n} since the last right one; locked for {60 if n == 5 else 0} s" for n in range(1, 6)),
        "the staff's menu was opened",
        "a PIN was set",
        "the staff set service from  to ktp",
        "the staff set aids from None to ['large']",
        "the staff set volume from 7 to 3",
        "the staff set training from False to True",
        "the staff set trained_on from None to 2026-11-24",
        "the answers from training were erased",
    ]
    assert not any(pin in caplog.text for pin in ("4711", "8305", "0815", "0816"))


# -- probes ---------------------------------------------------------------------------------------------------------


def test_the_network_is_good_when_our_server_knows_this_device(device):
    with http_server(lambda asked: Reply(200, wire.canonical(CONFIGURATION))) as server:
        device.store.enrol(replace(IDENTITY, server_url=server.url), CONFIGURATION)
        result = device.desk.probe(Probe.NETWORK)
        assert wire.SIGNATURE_HEADER in server.asked[0].headers
    assert result.passed
    assert result.sentence.startswith("Server menjawab dalam 0,")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(PORTAL, "login"), (problem_reply("device_unknown"), "belum terdaftar"), (Reply(cut=True), "dihubungi")],
)
def test_a_network_that_is_not_good_is_told_in_a_sentence(device, answer, sentence):
    with http_server(lambda asked: answer) as server:
        device.store.enrol(replace(IDENTITY, server_url=server.url), CONFIGURATION)
        result = device.desk.probe(Probe.NETWORK)
    assert result.passed is False
    assert sentence in result.sentence


def test_a_device_that_is_not_enrolled_has_no_network_to_test(device):
    assert device.desk.probe(Probe.NETWORK).passed is False


def test_a_medium_that_takes_and_gives_back_is_good_and_left_as_it_was(device):
    before = sorted(device.folder.iterdir())
    result = device.desk.probe(Probe.DISK)
    assert result.passed, result
    assert sorted(device.folder.iterdir()) == before


@pytest.mark.parametrize(("number", "why"), [(28, "penuh"), (5, "medianya rusak atau tercabut")])
def test_a_medium_that_refuses_is_told_in_a_sentence(device, monkeypatch, number, why):
    def full(_descriptor):
        raise OSError(number, "medianya rusak atau tercabut")

    monkeypatch.setattr("kiosk.desk.os.fsync", full)
    result = device.desk.probe(Probe.DISK)
    assert result.passed is False
    assert result.sentence == f"Penyimpanan tidak dapat ditulisi: {why}."


def test_a_medium_that_gives_back_something_else_is_found(device, monkeypatch):
    def lose(descriptor):
        import os

        os.ftruncate(descriptor, 10)

    monkeypatch.setattr("kiosk.desk.os.fsync", lose)
    result = device.desk.probe(Probe.DISK)
    assert (result.passed, "tidak sama" in result.sentence) == (False, True)


def test_a_refusal_is_no_trouble_of_the_medium(device):
    with pytest.raises(Refusal):
        device.store.append_training(samples.body(answers={"REQ": 9}))
