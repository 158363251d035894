import os
import threading
from pathlib import Path

import pytest

from ikm import wire
from kiosk.machine import AGREES_WITHIN_MS, HELD_AFTER_MS, ClockSource, Machine, this_machine
from tests.support import samples

START_MS = 1_793_500_000_000
HOUR_MS = 60 * 60 * 1000


class Clocks:
    """Both clocks of a machine, moved by the test."""

    def __init__(self):
        self.wall = START_MS
        self.boot = 50_000

    def pass_ms(self, ms):
        self.wall += ms
        self.boot += ms


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def machine(clocks, tmp_path):
    return Machine(tmp_path, ClockSource(lambda: clocks.wall, lambda: clocks.boot, lambda: samples.BOOT))


def hear(machine, clocks, *, server_ahead_ms=0, round_trip_ms=0):
    """A receipt whose time the server took in the middle of the round trip."""
    sent = machine.clock()
    server_ms = clocks.wall + round_trip_ms // 2 + server_ahead_ms
    clocks.pass_ms(round_trip_ms)
    machine.heard(server_ms, sent)
    return machine.clock().state


def test_a_moment_has_both_clocks_and_the_name_of_the_boot(machine):
    assert machine.clock() == wire.Clock(boot_id=samples.BOOT, boot_ms=50_000, state="unknown", wall_ms=START_MS)


@pytest.mark.parametrize("ahead_ms", [0, AGREES_WITHIN_MS, -AGREES_WITHIN_MS])
def test_a_receipt_close_to_our_clock_makes_it_synced(machine, clocks, ahead_ms):
    assert hear(machine, clocks, server_ahead_ms=ahead_ms) == "synced"


@pytest.mark.parametrize("ahead_ms", [AGREES_WITHIN_MS + 1, -AGREES_WITHIN_MS - 1, 56 * 365 * 24 * HOUR_MS])
def test_a_receipt_far_from_our_clock_leaves_it_unknown(machine, clocks, ahead_ms):
    assert hear(machine, clocks, server_ahead_ms=ahead_ms) == "unknown"


def test_half_the_round_trip_counts_as_error(machine, clocks):
    assert hear(machine, clocks, round_trip_ms=10_002) == "unknown"
    assert hear(machine, clocks, round_trip_ms=10_000) == "synced"


def test_a_slow_answer_takes_nothing_away(machine, clocks):
    hear(machine, clocks)
    assert hear(machine, clocks, round_trip_ms=60_000, server_ahead_ms=10_000) == "synced"


def test_a_quick_answer_that_disagrees_takes_the_trust_away(machine, clocks):
    hear(machine, clocks)
    assert hear(machine, clocks, server_ahead_ms=6_000) == "unknown"


def test_after_a_day_without_a_receipt_the_time_is_held(machine, clocks):
    hear(machine, clocks)
    clocks.pass_ms(HELD_AFTER_MS)
    assert machine.clock().state == "synced"
    clocks.pass_ms(1)
    assert machine.clock().state == "held"
    assert hear(machine, clocks) == "synced"


@pytest.mark.parametrize("jump_ms", [AGREES_WITHIN_MS + 1, -2 * HOUR_MS])
def test_a_clock_moved_since_the_receipt_is_unknown(machine, clocks, jump_ms):
    hear(machine, clocks)
    clocks.wall += jump_ms
    assert machine.clock().state == "unknown"


def test_a_clock_set_right_becomes_synced_with_the_next_receipt(machine, clocks):
    clocks.wall = 0
    assert hear(machine, clocks, server_ahead_ms=START_MS) == "unknown"
    clocks.wall = START_MS
    assert hear(machine, clocks) == "synced"


def test_this_machine_speaks_as_the_wire_wants(tmp_path):
    machine = this_machine(tmp_path)
    clock = machine.clock()
    assert wire.decode(wire.canonical(clock), wire.Clock) == clock
    assert clock.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert clock.boot_ms <= machine.clock().boot_ms


def test_free_space_is_that_of_the_datas_own_medium(tmp_path):
    stats = os.statvfs("/proc")
    assert this_machine(Path("/proc")).disk_free_bytes() == stats.f_bavail * stats.f_frsize == 0
    assert this_machine(tmp_path).disk_free_bytes() > 0


def test_the_clock_is_read_while_another_thread_hears(machine, clocks):
    sent = machine.clock()
    threads = [threading.Thread(target=machine.heard, args=(START_MS, sent)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert machine.clock().state == "synced"
