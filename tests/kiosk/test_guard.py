"""The rules of a PIN and the wait after wrong ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.guard import FIRST_WAIT_MS, LONGEST_WAIT_MS, Guard, complaint


@pytest.mark.parametrize("pin", ["4711", "8305", "90210", "271828", "8142507", "31415926"])
def test_a_pin_of_four_to_eight_digits_is_taken(pin):
    assert complaint(pin) == ""


@pytest.mark.parametrize("pin", ["", "471", "471108305", "47a1", " 4711", "４７１１", "-471"])
def test_what_is_no_pin_is_refused_with_the_rule(pin):
    assert complaint(pin) == "PIN terdiri dari 4 sampai 8 angka."


@pytest.mark.parametrize(
    "pin", ["0000", "99999999", "1234", "0123", "7890", "8765", "3210", "1212", "123123", "1122", "2580", "1945"]
)
def test_a_pin_people_try_first_is_refused(pin):
    assert "mudah ditebak" in complaint(pin)


def failed(times: int, boot: str = "a", at_ms: int = 1_000) -> Guard:
    guard = Guard()
    for _ in range(times):
        guard = guard.failed(boot, at_ms)
    return guard


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (12, 60), (100_000, 60)]
)
def test_the_wait_begins_with_the_fifth_failure_and_doubles_to_an_hour(failures, minutes):
    assert Guard(failures=failures).wait_ms == minutes * 60_000


def test_the_wait_ends_after_its_time_and_not_before():
    guard = failed(5)
    assert guard.left_ms("a", 1_000) == FIRST_WAIT_MS
    assert guard.left_ms("a", 1_000 + FIRST_WAIT_MS - 1) == 1
    assert guard.left_ms("a", 1_000 + FIRST_WAIT_MS) == 0


def test_after_a_restart_the_wait_begins_anew_and_in_full():
    nearly_over = failed(6, at_ms=1_000)
    assert nearly_over.left_ms("a", 120_000) == 1_000
    assert nearly_over.left_ms("b", 5_000) == 120_000
    again = nearly_over.restarted("b", 5_000)
    assert again.left_ms("b", 5_000) == 120_000
    assert again.left_ms("b", 125_000) == 0
    assert again.failures == 6


def test_within_one_boot_nothing_begins_anew():
    guard = failed(5)
    assert guard.restarted("a", 50_000) is guard
    assert failed(4).restarted("b", 5) == failed(4)


def test_the_right_pin_forgets_the_wrong_ones_and_nothing_else():
    guard = Guard(pin_hash="$argon2id$x", pin_due=True, failures=9, boot_id="a", since_ms=4)
    assert guard.succeeded() == Guard(pin_hash="$argon2id$x", pin_due=True)


def test_a_hash_does_not_show_when_a_guard_is_printed():
    assert "argon2id" not in repr(Guard(pin_hash="$argon2id$x"))


@given(
    failures=st.integers(0, 40),
    pauses=st.lists(st.tuples(st.booleans(), st.integers(0, 4_000_000)), max_size=20),
)
def test_whatever_is_switched_off_and_on_the_wait_is_never_shorter_than_it_is_without(failures, pauses):
    """`pauses`: whether the power is cut, and how long it stays on after."""
    guard, boot, now_ms = failed(failures, "0", 0), 0, 0
    whole_ms, on_ms = guard.wait_ms, 0
    for cut, stays_ms in pauses:
        if cut:
            boot, now_ms, on_ms = boot + 1, 0, 0
            guard = guard.restarted(str(boot), now_ms)
        now_ms, on_ms = now_ms + stays_ms, on_ms + stays_ms
        left_ms = guard.left_ms(str(boot), now_ms)
        assert left_ms == max(0, whole_ms - on_ms) or (left_ms == 0 and guard.wait_ms == 0)
        assert left_ms <= LONGEST_WAIT_MS


@given(since_ms=st.integers(0, 10**9), now_ms=st.integers(0, 10**9))
def test_a_boot_clock_that_went_back_never_makes_the_wait_longer_than_it_was(since_ms, now_ms):
    assert Guard(failures=5, boot_id="a", since_ms=since_ms).left_ms("a", now_ms) <= FIRST_WAIT_MS
