"""What people come in with, and patience with wrong tries, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server.people.codes import recovery_hash
from ikm.server.people.throttle import FIRST_WAIT_MS, FORGOTTEN_MS, KNOWN_MS, LONGEST_WAIT_MS, account_name, watch
from ikm.server.store.deeds import Doer
from ikm.server.store.signin import SigninPart
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.people import RECOVERY, known

EMAIL = "sari@contoh.go.id"


def tried(store: SigninPart, times: int, address: str = "203.0.113.5", now_ms: int = NOW_MS, email: str = EMAIL) -> int:
    """How many of so many tries were heard."""
    refused = []
    for _ in range(times):
        try:
            store.begin_guess(watch("sign-in", email, address), now_ms)
        except Refusal as refusal:
            refused.append(refusal)
    assert {refusal.code for refusal in refused} <= {"too_many_attempts"}
    assert all(1 <= int(one.facts["retry_after_s"]) <= LONGEST_WAIT_MS // 1000 + 1 for one in refused)
    return times - len(refused)


def test_five_wrong_ones_are_free_then_each_wait_is_twice_as_long_up_to_a_quarter_of_an_hour(store):
    assert tried(store, 7) == 5
    now, waits = NOW_MS, []
    for _ in range(8):
        before = now
        while not tried(store, 1, now_ms=now):
            now += 5_000
        waits.append(now - before)
    assert waits == [min(FIRST_WAIT_MS * 2**n, LONGEST_WAIT_MS) for n in range(8)]


def test_ten_thousand_tries_on_one_account_are_refused_from_one_address(sqlite_store):
    """Threat 20: one after the other, as fast as they come."""
    watched = watch("sign-in", EMAIL, "203.0.113.5")
    heard = 0
    for number in range(10_000):
        try:
            # a try every tenth of a second: a thousand seconds
            sqlite_store.begin_guess(watched, NOW_MS + number * 100)
            heard += 1
        except Refusal:
            continue
    assert heard <= 5 + 6


def test_one_address_that_goes_through_all_accounts_is_stopped(sqlite_store):
    assert sum(tried(sqlite_store, 1, email=f"petugas{number}@contoh.go.id") for number in range(200)) == 30
    assert tried(sqlite_store, 1, "203.0.113.6") == 1


def test_many_addresses_that_try_one_account_are_slowed_together(sqlite_store):
    assert sum(tried(sqlite_store, 1, f"198.51.100.{number}") for number in range(200)) == 20


def test_whoever_came_in_from_an_address_before_is_not_kept_out_by_what_others_try(sqlite_store):
    office = watch("sign-in", EMAIL, "203.0.113.5")
    sqlite_store.begin_guess(office, NOW_MS)
    sqlite_store.forgive_guess(office, Doer("x", NOW_MS))
    assert sum(tried(sqlite_store, 1, f"198.51.100.{number}") for number in range(200)) == 20
    assert tried(sqlite_store, 1, "192.0.2.7") == 0
    assert tried(sqlite_store, 9) == 5
    assert tried(sqlite_store, 1, now_ms=NOW_MS + KNOWN_MS) == 1


def test_a_right_one_takes_back_what_was_counted(store):
    seen = watch("sign-in", EMAIL, "203.0.113.5")
    assert tried(store, 4) == 4
    store.begin_guess(seen, NOW_MS)
    store.forgive_guess(seen, Doer("x", NOW_MS))
    assert tried(store, 9) == 5


def test_right_ones_do_not_wash_an_address_clean(sqlite_store):
    own = watch("sign-in", "own@contoh.go.id", "203.0.113.5")
    heard = 0
    for number in range(100):
        heard += tried(sqlite_store, 1, email=f"petugas{number}@contoh.go.id")
        try:
            sqlite_store.begin_guess(own, NOW_MS)
            sqlite_store.forgive_guess(own, Doer("x", NOW_MS))
        except Refusal:
            break
    assert heard <= 30


def test_a_day_without_wrong_ones_forgets_them_all(sqlite_store):
    assert tried(sqlite_store, 30) == 5
    assert tried(sqlite_store, 9, now_ms=NOW_MS + FORGOTTEN_MS) == 5


def test_tries_at_once_are_counted_exactly(store):
    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(lambda _: tried(store, 1), range(24))) == 5


def test_counters_outlive_the_process(store):
    assert tried(store, 9) == 5
    again = type(store).open(store._engine.url)
    try:
        assert tried(again, 9) == 0
    finally:
        again.close()


def test_the_console_forgets_what_was_tried_on_one_account_alone(sqlite_store):
    assert tried(sqlite_store, 9) == tried(sqlite_store, 9, email="x@contoh.go.id") == 5
    sqlite_store.forget_guesses(account_name("sign-in", EMAIL))
    assert tried(sqlite_store, 9) == 5
    assert tried(sqlite_store, 9, email="x@contoh.go.id") == 0


def test_a_step_is_used_once_even_at_the_same_moment(store):
    """Threat 22."""
    one = known(store, NOW_MS)
    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(lambda _: store.use_step(one.id, 100), range(16))) == 1
    assert not store.use_step(one.id, 99)
    assert store.use_step(one.id, 101)


def test_a_recovery_code_is_used_once_even_at_the_same_moment(store):
    one = known(store, NOW_MS)
    paper = recovery_hash(RECOVERY[0], one.id)
    assert paper is not None
    by = Doer(one.name, NOW_MS, one.id)
    with ThreadPoolExecutor(4) as many:
        assert sum(many.map(lambda _: store.use_recovery_code(one.id, paper, by), range(8))) == 1
    assert store.recovery_codes_left(one.id) == 1
    assert [deed.act for deed in store.deeds(act="account.rec")] == ["account.recovered"]


def test_other_recovery_codes_take_the_place_of_those_before(sqlite_store):
    one = known(sqlite_store, NOW_MS)
    by = Doer(one.name, NOW_MS, one.id)
    sqlite_store.set_recovery_codes(one.id, [bytes(32)], by)
    assert sqlite_store.recovery_codes_left(one.id) == 1
    assert not sqlite_store.use_recovery_code(one.id, recovery_hash(RECOVERY[0], one.id), by)


def test_a_password_that_was_changed_meanwhile_is_not_kept_anew(sqlite_store):
    one = known(sqlite_store, NOW_MS)
    before = sqlite_store.credentials(person=one.id).password_hash
    sqlite_store.set_password(one.id, "other", Doer("x", NOW_MS))
    sqlite_store.rehash(one.id, before, "better")
    assert sqlite_store.credentials(email=one.email.upper()).password_hash == "other"


def test_the_log_holds_no_secret(sqlite_store):
    one = known(sqlite_store, NOW_MS)
    held = sqlite_store.credentials(person=one.id)
    told = repr(sqlite_store.deeds())
    assert held.password_hash not in told
    assert held.totp_secret not in told
    assert sqlite_store.credentials(email="nobody@contoh.go.id") is None
    assert Grant(Role.SUPERADMIN, "contoh") in sqlite_store.person(one.id).grants


@pytest.mark.parametrize("kind", ["sign-in", "code", "proof", "confirm"])
def test_each_kind_of_try_has_counters_of_its_own(sqlite_store, kind):
    assert tried(sqlite_store, 9) == 5
    seen = watch(kind, "else", "192.0.2.1")
    sqlite_store.begin_guess(seen, NOW_MS)
