from hypothesis import given
from hypothesis import strategies as st

from ikm.server.people.throttle import LONGEST_WAIT_MS, account_name, wait_ms, watch


@given(st.integers(0, 10**9), st.integers(0, 50))
def test_waits_grow_to_a_quarter_of_an_hour_and_never_beyond(tries, free):
    assert 0 <= wait_ms(tries, free) <= wait_ms(tries + 1, free) <= LONGEST_WAIT_MS
    assert (wait_ms(tries, free) == 0) == (tries < free)


def test_an_account_is_the_same_however_its_address_is_spelt_and_is_not_written_down():
    assert account_name("sign-in", "Sari@Contoh.go.id") == account_name("sign-in", "sari@contoh.go.id")
    assert account_name("sign-in", "a") != account_name("code", "a")
    seen = watch("sign-in", "sari@contoh.go.id", "203.0.113.5")
    assert all("sari" not in counter.who and len(counter.who) <= 200 for counter in seen.counters)


def test_one_ipv6_customer_is_one_address():
    first, second = (watch("sign-in", "a", f"2001:db8::{tail}") for tail in ("1", "ffff:2"))
    assert first == second != watch("sign-in", "a", "2001:db8:0:1::1")
    assert watch("sign-in", "a", "::ffff:203.0.113.5") == watch("sign-in", "a", "203.0.113.5")
    assert len(watch("sign-in", "a", "x" * 500).pair.who) <= 200
