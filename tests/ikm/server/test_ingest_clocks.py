"""When a response was given: reckoned from the boot's own clock, told by the device, or only bounded."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from ikm import wire
from ikm.domain.period import parse_period
from ikm.server import clocks, tables
from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice, counted
from tests.support import samples
from tests.support.samples import body, clock

HOUR = 3_600_000
# 16:59:59.999 UTC on 31 October is still October at +07:00, a millisecond later it is November
MIDNIGHT = 1_793_466_000_000
ONE, TWO, THREE = (f"{number}f0c8a58-8a53-4d3c-9f1e-1d2f3a4b5c6d" for number in (1, 2, 3))


def given_at(boot_ms: int, boot: str = ONE, *, wall_ms: int = 0, state: str = "unknown") -> wire.ResponseBody:
    return body(clock=clock(wall_ms, boot_id=boot, boot_ms=boot_ms, state=state))


def health(boot_ms: int, boot: str = ONE) -> wire.Health:
    now = clock(0, boot_id=boot, boot_ms=boot_ms, state="unknown")
    return structs.replace(samples.batch([]).health, clock=now)


def moments(store) -> list[tuple[int, str]]:
    c = tables.response.c
    with store._engine.connect() as connection:
        query = select(c.occurred_ms, c.clock).order_by(c.epoch, c.seq)
        return [tuple(row) for row in connection.execute(query)]


def boots(store) -> dict[str, int]:
    with store._engine.connect() as connection:
        return {row.boot_id: row.offset_ms for row in connection.execute(select(tables.boot))}


@pytest.fixture
def at(store):
    """The ingest with its clock at that moment."""
    return lambda ms: Ingest(store, lambda: ms)


# -- the local date -----------------------------------------------------------------------------------------------


def test_a_response_counts_on_the_local_date_of_its_unit(store, at, device):
    rows = device.add(*(body(wall_ms=ms) for ms in (MIDNIGHT - 1, MIDNIGHT, MIDNIGHT)))
    at(NOW_MS).accept(device.call(rows))
    assert counted(store, parse_period("2026-10"))["dukcapil", "ktp"].responses == 1
    assert counted(store, parse_period("2026-11"))["dukcapil", "ktp"].responses == 2


def test_a_clock_however_wrong_refuses_no_answer(store, at, device):
    rows = device.add(body(wall_ms=1 - 2**53), body(wall_ms=0), body(wall_ms=2**53 - 1))
    receipt = at(NOW_MS).accept(device.call(rows))
    assert (receipt.head_seq, receipt.rejected) == (3, [])
    assert {kind for _, kind in moments(store)} == {"uncertain"}
    assert counted(store, parse_period("2026-11"))["dukcapil", "ktp"].responses == 3
    assert store.differences() == []


# -- reckoned -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wall_ms", [0, 4_070_908_800_000, NOW_MS - 5 * HOUR])
def test_a_response_of_this_boot_is_dated_by_the_time_since_it_whatever_the_wall_clock_says(store, at, device, wall_ms):
    rows = device.add(given_at(1_000, wall_ms=wall_ms, state="synced"), given_at(HOUR, wall_ms=wall_ms))
    at(NOW_MS).accept(device.call(rows, health=health(2 * HOUR)))
    assert moments(store) == [(NOW_MS - 2 * HOUR + 1_000, "exact"), (NOW_MS - HOUR, "exact")]


def test_midnight_falls_where_the_reckoned_time_says(store, at, device):
    rows = device.add(given_at(HOUR - 1), given_at(HOUR))
    at(MIDNIGHT + HOUR).accept(device.call(rows, health=health(2 * HOUR)))
    assert counted(store, parse_period("2026-10"))["dukcapil", "ktp"].responses == 1
    assert counted(store, parse_period("2026-11"))["dukcapil", "ktp"].responses == 1


def test_a_heartbeat_before_the_power_went_dates_what_comes_after_it(store, at, device):
    at(NOW_MS).accept(device.call([], health=health(HOUR, ONE)))
    rows = device.add(given_at(90 * 60_000, ONE), given_at(5, TWO))
    at(NOW_MS + 24 * HOUR).accept(device.call(rows, health=health(10, TWO)))
    assert moments(store) == [(NOW_MS + HOUR // 2, "exact"), (NOW_MS + 24 * HOUR - 5, "exact")]


def test_the_quickest_message_of_a_boot_tells_best_when_it_began(store, at, device):
    for late_ms, boot_ms in ((60_000, HOUR), (2_000, 2 * HOUR), (40_000, 3 * HOUR)):
        at(NOW_MS + boot_ms + late_ms).accept(device.call([], health=health(boot_ms)))
    assert boots(store) == {ONE: NOW_MS + 2_000}
    at(NOW_MS + 4 * HOUR + 90_000).accept(device.call(device.add(given_at(7)), health=health(4 * HOUR)))
    assert moments(store) == [(NOW_MS + 2_007, "exact")]


def test_a_boot_of_one_device_says_nothing_about_anothers(store, at, device):
    at(NOW_MS).accept(device.call([], health=health(HOUR, ONE)))
    other = KioskDevice.enrolled(store)
    at(NOW_MS).accept(other.call(other.add(given_at(5, ONE)), health=health(5, TWO)))
    assert [kind for _, kind in moments(store)] == ["uncertain"]


def test_a_time_since_start_that_cannot_be_is_not_believed(store, at, device):
    rows = device.add(given_at(2**53 - 1, wall_ms=NOW_MS - 5, state="held"), given_at(HOUR + 6 * 60_000))
    at(NOW_MS).accept(device.call(rows, health=health(HOUR)))
    assert moments(store) == [(NOW_MS - 5, "device"), (NOW_MS - 5, "uncertain")]


# -- carried ------------------------------------------------------------------------------------------------------


def test_what_was_carried_by_hand_tells_nothing_of_the_boot_nor_of_a_contact(store, at, device):
    rows = device.add(given_at(5, wall_ms=NOW_MS - 48 * HOUR, state="held"), given_at(6))
    call = device.call(rows, health=health(HOUR))
    at(NOW_MS).accept(replace(call, carried=True))
    assert moments(store) == [(NOW_MS - 48 * HOUR, "device"), (NOW_MS - 48 * HOUR, "uncertain")]
    assert boots(store) == {}
    with store._engine.connect() as connection:
        assert connection.execute(select(tables.device.c.last_seen_ms, tables.device.c.health)).one() == (None, None)


# -- bounded ------------------------------------------------------------------------------------------------------


def test_nobody_can_date_it_so_it_counts_on_the_day_of_the_one_before(store, at, device):
    before = body(wall_ms=MIDNIGHT - 1)
    rows = device.add(before, given_at(1, TWO), b"7", given_at(2, THREE), body(wall_ms=MIDNIGHT + 5))
    at(MIDNIGHT + HOUR).accept(device.call(rows))
    assert moments(store) == [
        (MIDNIGHT - 1, "device"), (MIDNIGHT - 1, "uncertain"), (MIDNIGHT - 1, "uncertain"), (MIDNIGHT + 5, "device"),
    ]  # fmt: skip
    assert counted(store, parse_period("2026-10"))["dukcapil", "ktp"].responses == 3
    assert [store.undated(parse_period(period), "dukcapil") for period in ("2026-10", "2026-11", "2025")] == [2, 0, 0]
    assert store.undated(parse_period("2026-10"), "pkm-harapan") == 0


def test_the_one_before_may_have_come_in_another_batch_or_another_epoch(store, at, device):
    at(MIDNIGHT + HOUR).accept(device.call(device.add(body(wall_ms=MIDNIGHT - 1))))
    at(MIDNIGHT + HOUR).accept(device.call(device.add(given_at(1, TWO))))
    later = device.begin()
    at(MIDNIGHT + 2 * HOUR).accept(later.call(later.add(given_at(1, THREE))))
    assert moments(store)[1:] == [(MIDNIGHT - 1, "uncertain")] * 2


def test_without_one_before_it_counts_when_it_came_in(store, at, device):
    at(MIDNIGHT + HOUR).accept(device.call(device.add(given_at(1, TWO))))
    assert moments(store) == [(MIDNIGHT + HOUR, "uncertain")]
    assert counted(store, parse_period("2026-11"))["dukcapil", "ktp"].responses == 1


@pytest.mark.parametrize(
    ("wall_ms", "state", "kind"),
    [
        (NOW_MS, "synced", "device"), (NOW_MS, "held", "device"), (NOW_MS, "unknown", "uncertain"),
        (NOW_MS + 5 * 60_000 - 1, "held", "device"), (NOW_MS + 5 * 60_000, "held", "uncertain"),
        (1_704_067_200_000, "synced", "uncertain"), (1_704_067_200_001, "synced", "device"),
        (0, "synced", "uncertain"), (4_070_908_800_000, "synced", "uncertain"),
    ],
)  # fmt: skip
def test_a_devices_word_is_taken_where_it_can_be_true(wall_ms, state, kind):
    told = clocks.moment(clock(wall_ms, state=state), None, NOW_MS)
    assert told == ((wall_ms, "device") if kind == "device" else None)


@given(
    st.integers(1 - 2**53, 2**53 - 1), st.integers(0, 2**53 - 1), st.sampled_from(["synced", "held", "unknown"]),
    st.none() | st.integers(-(2**53), 2**53),
)  # fmt: skip
def test_a_dated_moment_is_never_in_the_future_nor_before_this_software(wall_ms, boot_ms, state, offset):
    told = clocks.moment(clock(wall_ms, boot_ms=boot_ms, state=state), offset, NOW_MS)
    assert told is None or 1_704_067_200_000 < told.ms < NOW_MS + 300_000
