from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import backoff

failures = st.integers(min_value=0, max_value=100_000)
seeds = st.integers()


class Highest(Random):
    """The draw that gives the longest wait."""

    def uniform(self, a, b):
        return b


class Lowest(Random):
    def uniform(self, a, b):
        return a


@given(failures, seeds)
def test_a_wait_is_never_negative_and_never_above_the_cap(count, seed):
    assert 0 <= backoff.delay_s(count, Random(seed)) <= backoff.CAP_S


def test_the_longest_wait_doubles_from_the_base_to_the_cap():
    waits = [backoff.delay_s(count, Highest()) for count in range(1, 12)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


@given(failures)
def test_jitter_is_full(count):
    assert backoff.delay_s(count, Lowest()) == 0


@given(failures, seeds, st.floats(min_value=0, max_value=backoff.SLOW_S))
def test_the_server_is_never_asked_again_before_the_time_it_named(count, seed, asked_s):
    wait_s = backoff.delay_s(count, Random(seed), asked_s)
    assert asked_s <= wait_s <= asked_s + backoff.CAP_S


@pytest.mark.parametrize("asked_s", [1e9, float("inf")])
def test_a_server_cannot_silence_a_device_for_more_than_an_hour(asked_s):
    assert backoff.delay_s(1, Lowest(), asked_s) == backoff.SLOW_S


def test_a_time_in_the_past_is_no_wait():
    assert backoff.delay_s(1, Lowest(), -30.0) == 0


@given(seeds)
def test_the_slow_lane_is_half_an_hour_to_an_hour(seed):
    assert 1800 <= backoff.slow_delay_s(Random(seed)) <= 3600


def test_many_devices_do_not_come_back_together():
    random = Random(500)
    waits = [backoff.delay_s(6, random) for _ in range(500)]
    buckets = [sum(1 for wait in waits if 16 * n <= wait < 16 * (n + 1)) for n in range(10)]
    assert sum(buckets) == 500
    assert max(buckets) < 100
