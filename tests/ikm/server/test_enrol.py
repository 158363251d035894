import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables
from ikm.server.enrol import ALPHABET, VALIDITY_S, Enrolment, make_code, revoke_codes
from ikm.server.keys import roll_server_key, server_keys
from ikm.server.store.enrolment import Limits
from tests.ikm.server.kiosk_device import NOW_MS, enrol_bytes


def enrol(store, code, key=None, *, now_ms=NOW_MS, limits=None, address="192.0.2.1"):
    enrolment = Enrolment(store, limits) if limits else Enrolment(store)
    return enrolment.enrol(enrol_bytes(code, key or Ed25519PrivateKey.generate()), address, now_ms)


def refused(*args, **kwargs):
    with pytest.raises(Refusal) as caught:
        enrol(*args, **kwargs)
    return caught.value


def test_a_code_gives_a_device_its_id_and_the_configuration_of_its_counter(store):
    key = Ed25519PrivateKey.generate()
    answer = enrol(store, make_code(store, "dukcapil-2", NOW_MS).code, key)
    assert answer.configuration == store.configuration("dukcapil-2")
    assert answer.server == store.server_id()
    device = store.device(answer.device)
    assert (device.counter, device.unit) == ("dukcapil-2", "dukcapil")
    assert device.public_key == key.public_key().public_bytes_raw()


def test_a_code_is_eight_letters_of_its_alphabet_with_a_dash_and_only_its_hash_is_kept(store):
    made = make_code(store, "dukcapil-1", NOW_MS)
    left, right = made.code.split("-")
    assert len(left) == len(right) == 4
    assert set(left + right) <= set(ALPHABET)
    assert made.expires_ms == NOW_MS + VALIDITY_S * 1000
    with store._engine.connect() as connection:
        kept = connection.execute(select(tables.enrolment_code)).one()
    assert (left + right).encode() not in bytes(kept.code_hash)
    assert len(kept.code_hash) == 32


def test_the_hash_of_a_code_is_dear_to_whoever_tries_them_all(dear_hashes, sqlite_store):
    letters = make_code(sqlite_store, "dukcapil-1", NOW_MS).code.replace("-", "")
    with sqlite_store._engine.connect() as connection:
        kept = connection.execute(select(tables.enrolment_code.c.code_hash)).scalar_one()
    salt = sqlite_store.server_id().encode()
    assert bytes(kept) == hashlib.scrypt(letters.encode(), salt=salt, n=2**14, r=8, p=1, maxmem=2**26, dklen=32)


@pytest.mark.parametrize("spelling", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_may_be_typed_in_small_letters_and_without_the_dash(sqlite_store, spelling):
    assert enrol(sqlite_store, spelling(make_code(sqlite_store, "dukcapil-1", NOW_MS).code)).device


def test_a_code_serves_one_key_only_and_that_one_again_when_its_answer_was_lost(store):
    key = Ed25519PrivateKey.generate()
    code = make_code(store, "dukcapil-1", NOW_MS).code
    first = enrol(store, code, key)
    assert enrol(store, code, key) == first
    assert refused(store, code).code == "enrolment_code_invalid"


def test_one_code_used_by_many_at_once_enrols_one(store):
    code = make_code(store, "dukcapil-1", NOW_MS).code

    def attempt(number):
        try:
            return enrol(store, code, address=f"192.0.2.{number}").device
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    assert outcomes.count("enrolment_code_invalid") == 5
    with store._engine.connect() as connection:
        assert len(connection.execute(select(tables.device)).all()) == 1


def test_a_code_lapses(sqlite_store):
    made = make_code(sqlite_store, "dukcapil-1", NOW_MS)
    assert refused(sqlite_store, made.code, now_ms=made.expires_ms).code == "enrolment_code_invalid"
    assert enrol(sqlite_store, made.code, now_ms=made.expires_ms - 1).device


@pytest.mark.parametrize("code", ["BCDF-GHJK", "BCDF", "AEIO-UAEI", "1234-5678", "ßßßßßßßß", "BCDFGHJKL", "-"])
def test_a_wrong_code_is_refused(sqlite_store, code):
    assert refused(sqlite_store, code).code == "enrolment_code_invalid"


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"protocol":1}', b'{"code":"x","protocol":1,"public_key":"x"}'])
def test_what_is_no_enrolment_is_refused(sqlite_store, raw):
    with pytest.raises(Refusal) as caught:
        Enrolment(sqlite_store).enrol(raw, "192.0.2.1", NOW_MS)
    assert caught.value.code == "body_malformed"


@pytest.mark.parametrize("counter", ["nowhere", "dukcapil", "contoh"])
def test_codes_are_made_for_counters_alone(sqlite_store, counter):
    with pytest.raises(Refusal) as caught:
        make_code(sqlite_store, counter, NOW_MS)
    assert caught.value.code == "not_found"


def test_who_guesses_waits_and_others_do_not_also_after_a_restart(store):
    limits = Limits(address=3, everybody=100, window_ms=60_000)
    good = make_code(store, "dukcapil-1", NOW_MS).code
    for number in range(3):
        found = refused(store, "BCDF-GHJK", limits=limits, now_ms=NOW_MS + 5000 * number)
        assert found.code == "enrolment_code_invalid"
    # every call is a new Enrolment: what is remembered is in the database
    waiting = refused(store, good, limits=limits, now_ms=NOW_MS + 10_000)
    assert waiting.code == "too_many_attempts"
    assert waiting.facts["retry_after_s"] == 51
    assert enrol(store, good, limits=limits, address="192.0.2.9", now_ms=NOW_MS + 10_000).device
    assert refused(store, good, limits=limits, now_ms=NOW_MS + 60_000).code == "enrolment_code_invalid"


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(store):
    limits = Limits(address=5, everybody=100, window_ms=60_000)

    def attempt(_):
        try:
            return enrol(store, "BCDF-GHJK", limits=limits).device
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert outcomes.count("enrolment_code_invalid") == 5
    assert outcomes.count("too_many_attempts") == 11


@pytest.mark.parametrize(
    ("addresses", "codes"),
    [
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"], [None, "too_many_attempts", None]),
        (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"], [None, "too_many_attempts", None]),
        (["", "", "fe80::1%eth0"], [None, "too_many_attempts", None]),
        (["x" * 300, "x" * 300, "y" * 300], [None, "too_many_attempts", None]),
    ],
)
def test_addresses_that_one_customer_has_are_one(store, addresses, codes):
    limits = Limits(address=1, everybody=100, window_ms=60_000)
    found = [refused(store, "BCDF-GHJK", limits=limits, address=address).code for address in addresses]
    assert found == [code or "enrolment_code_invalid" for code in codes]


def test_guesses_from_everywhere_together_are_slowed_down_too(sqlite_store):
    limits = Limits(address=5, everybody=4, window_ms=60_000)
    for number in range(4):
        assert refused(sqlite_store, "BCDF-GHJK", limits=limits, address=f"192.0.2.{number}").code.endswith("invalid")
    assert refused(sqlite_store, "BCDF-GHJK", limits=limits, address="192.0.2.99").code == "too_many_attempts"


def test_a_wrong_message_costs_no_attempt_and_neither_does_a_right_code(sqlite_store):
    limits = Limits(address=1, everybody=1, window_ms=60_000)
    with pytest.raises(Refusal):
        Enrolment(sqlite_store, limits).enrol(b"{}", "192.0.2.1", NOW_MS)
    for _ in range(3):
        assert enrol(sqlite_store, make_code(sqlite_store, "dukcapil-1", NOW_MS).code, limits=limits).device


def test_a_code_tried_by_five_foreign_keys_is_dead_for_its_own_too(store):
    key = Ed25519PrivateKey.generate()
    code = make_code(store, "dukcapil-1", NOW_MS).code
    first = enrol(store, code, key)
    for number in range(4):
        assert refused(store, code, address=f"192.0.2.{number}").code == "enrolment_code_invalid"
    assert enrol(store, code, key) == first
    refused(store, code, address="192.0.2.200")
    assert refused(store, code, key).code == "enrolment_code_invalid"


def test_a_withdrawn_code_is_refused_and_a_used_one_cannot_be_withdrawn(store):
    key = Ed25519PrivateKey.generate()
    used, open_one = (make_code(store, "dukcapil-1", NOW_MS).code for _ in range(2))
    enrol(store, used, key)
    assert revoke_codes(store, [used, open_one.lower(), "BCDF-GHJK"], NOW_MS + 1) == 1
    assert refused(store, open_one, now_ms=NOW_MS + 2).code == "enrolment_code_invalid"
    assert enrol(store, used, key, now_ms=NOW_MS + 2).device
    with pytest.raises(Refusal) as caught:
        revoke_codes(store, ["AEIO"], NOW_MS)
    assert caught.value.code == "enrolment_code_invalid"


def test_codes_still_open_are_listed_without_themselves(sqlite_store):
    used, lapsed = (make_code(sqlite_store, "dukcapil-1", NOW_MS, validity_s=s) for s in (600, 60))
    enrol(sqlite_store, used.code)
    make_code(sqlite_store, "dukcapil-2", NOW_MS + 5)
    [kept] = sqlite_store.enrolment_codes(lapsed.expires_ms)
    assert (kept.counter, kept.made_ms, kept.used_by) == ("dukcapil-2", NOW_MS + 5, None)
    assert sqlite_store.revoke_codes(lapsed.expires_ms, counters=["dukcapil-1", "dukcapil-2"]) == 1
    assert sqlite_store.enrolment_codes(lapsed.expires_ms) == []


def test_enrolment_hands_over_the_key_that_receipts_are_signed_with(store):
    answer = enrol(store, make_code(store, "dukcapil-1", NOW_MS).code)
    assert answer.server_key == server_keys(store).keys[-1].key
    roll_server_key(store, NOW_MS)
    later = enrol(store, make_code(store, "dukcapil-1", NOW_MS).code)
    assert later.server_key == server_keys(store).keys[-1].key != answer.server_key


def test_a_device_of_protocol_one_is_answered_in_its_own_words(sqlite_store):
    code = make_code(sqlite_store, "dukcapil-1", NOW_MS).code
    asked = wire.decode(enrol_bytes(code, Ed25519PrivateKey.generate()), wire.EnrolRequest)
    raw = wire.canonical(msgspec.structs.replace(asked, protocol=1))
    answer = Enrolment(sqlite_store).enrol(raw, "192.0.2.1", NOW_MS)
    assert (answer.protocol, answer.server_key) == (1, "")


def test_the_fingerprint_is_told_where_the_operator_reads(sqlite_store, caplog):
    key = Ed25519PrivateKey.generate()
    with caplog.at_level(logging.INFO, "ikm.server.enrol"):
        enrol(sqlite_store, make_code(sqlite_store, "dukcapil-1", NOW_MS).code, key)
    assert wire.fingerprint(wire.to_base64(key.public_key().public_bytes_raw())) in caplog.text


def test_an_answer_is_canonical_and_decodes(sqlite_store):
    answer = enrol(sqlite_store, make_code(sqlite_store, "dukcapil-1", NOW_MS).code)
    assert wire.decode(wire.canonical(answer), wire.Enrolled) == answer
