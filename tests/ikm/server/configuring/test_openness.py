"""Silence and coverage are reckoned from when a counter is open."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.configuration import Opening
from ikm.domain.period import TimeZone
from ikm.server.configuring.openness import GRACE_MS, Coverage, Hours, coverage, open_hours, silent_ms, week_start_ms

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MONDAY = 1_793_577_600_000 - 7 * HOUR  # 2026-11-02, midnight in WIB
WEEK = tuple(Opening(day, 8 * 60, 16 * 60) for day in range(1, 6))
OFFICE = Hours(TimeZone.WIB, WEEK)


def at(day: int, hour: int, minute: int = 0) -> int:
    return MONDAY + day * DAY + hour * HOUR + minute * MINUTE


@pytest.mark.parametrize(
    ("heard", "now", "expected_min"),
    [
        (at(0, 9), at(0, 9, 30), 0),
        (at(0, 9), at(0, 9, 31), 31),
        # the night counts for nothing
        (at(0, 15, 55), at(1, 8, 20), 0),
        (at(0, 15, 55), at(1, 8, 26), 31),
        # never an alarm outside opening hours, however long it was silent
        (at(0, 9), at(0, 16), 0),
        (at(0, 9), at(0, 23), 0),
        (at(0, 9), at(5, 10), 0),
        (at(4, 15, 50), at(7, 8, 25), 35),
        # heard of again: it resolves itself
        (at(1, 10), at(1, 10, 1), 0),
        # a clock that went back
        (at(2, 9), at(1, 9), 0),
    ],
)
def test_a_kiosk_is_silent_after_half_an_hour_of_opening_hours(heard, now, expected_min):
    assert silent_ms(OFFICE, heard, now) == expected_min * MINUTE


def test_on_a_day_off_nobody_is_silent():
    off = Hours(TimeZone.WIB, WEEK, frozenset({date(2026, 11, 3)}))
    assert silent_ms(OFFICE, at(0, 9), at(1, 12)) > 0
    assert silent_ms(off, at(0, 9), at(1, 12)) == 0
    assert silent_ms(off, at(0, 15, 50), at(2, 8, 20)) == 0
    assert silent_ms(off, at(0, 15, 50), at(2, 8, 21)) == 31 * MINUTE


def test_hours_are_those_of_the_counters_own_zone():
    east = Hours(TimeZone.WIT, WEEK)
    # 06.31 in WIB is 08.31 in WIT
    assert silent_ms(east, at(-1, 12), at(0, 6, 31)) == 31 * MINUTE
    assert silent_ms(OFFICE, at(-1, 12), at(0, 6, 31)) == 0


def test_a_break_at_noon_is_no_silence():
    friday = Hours(TimeZone.WIB, (Opening(5, 480, 690), Opening(5, 780, 960)))
    assert silent_ms(friday, at(4, 11, 20), at(4, 12, 30)) == 0
    assert silent_ms(friday, at(4, 11, 20), at(4, 13, 21)) == 31 * MINUTE


def test_a_counter_that_is_always_open_is_silent_at_night_too():
    always = Hours(TimeZone.WIB, always=True)
    assert silent_ms(always, at(0, 23), at(1, 0)) == HOUR
    assert silent_ms(always, at(-400, 0), at(0, 0)) == 15 * DAY


def test_coverage_counts_the_hours_in_which_it_was_heard_of():
    heard = {}
    for hour in (8, 9, 11):
        ms = at(0, hour)
        heard[ms // DAY] = heard.get(ms // DAY, 0) | 1 << ms // HOUR % 24
    assert coverage(open_hours(OFFICE, MONDAY, at(0, 12)), heard) == Coverage(3, 4)
    # the hour that runs has not ended, hours before opening and after closing do not count
    assert coverage(open_hours(OFFICE, MONDAY, at(0, 12, 59)), heard) == Coverage(3, 4)
    assert coverage(open_hours(OFFICE, MONDAY, at(0, 20)), heard) == Coverage(3, 8)
    assert coverage(open_hours(OFFICE, at(0, 10), at(1, 0)), {}) == Coverage(0, 6)
    assert coverage(open_hours(Hours(TimeZone.WIB), MONDAY, at(0, 20)), heard) == Coverage(0, 0)


def test_a_week_begins_on_monday_there():
    assert week_start_ms(TimeZone.WIB, at(6, 23, 59)) == MONDAY
    assert week_start_ms(TimeZone.WIB, MONDAY) == MONDAY
    assert week_start_ms(TimeZone.WIB, MONDAY - 1) == MONDAY - 7 * DAY


@given(st.integers(0, 14 * 24 * 60), st.integers(0, 14 * 24 * 60), st.sampled_from(TimeZone))
def test_silence_is_never_told_of_a_closed_counter_and_always_exceeds_the_grace(before, after, zone):
    hours = Hours(zone, WEEK, frozenset({date(2026, 11, 4)}))
    now = MONDAY + (before + after) * MINUTE
    silence = silent_ms(hours, MONDAY + before * MINUTE, now)
    assert silence == 0 or (hours.is_open(now) and GRACE_MS < silence <= after * MINUTE)
