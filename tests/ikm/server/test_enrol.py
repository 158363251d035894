from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables
from ikm.server.enrol import ALPHABET, VALIDITY_S, Enrolment, Throttle, make_code
from tests.ikm.server.kiosk_device import NOW_MS, enrol_bytes


class Time:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def enrol(store, code, key=None, *, now_ms=NOW_MS, throttle=None, address="192.0.2.1"):
    enrolment = Enrolment(store, throttle or Throttle())
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
        Enrolment(sqlite_store, Throttle()).enrol(raw, "192.0.2.1", NOW_MS)
    assert caught.value.code == "body_malformed"


@pytest.mark.parametrize("counter", ["nowhere", "dukcapil", "contoh"])
def test_codes_are_made_for_counters_alone(sqlite_store, counter):
    with pytest.raises(Refusal) as caught:
        make_code(sqlite_store, counter, NOW_MS)
    assert caught.value.code == "not_found"


def test_who_guesses_waits_and_others_do_not(sqlite_store):
    time = Time()
    throttle = Throttle(limit=3, window_s=60, clock=time)
    good = make_code(sqlite_store, "dukcapil-1", NOW_MS).code
    for _ in range(3):
        time.now_s += 5
        assert refused(sqlite_store, "BCDF-GHJK", throttle=throttle).code == "enrolment_code_invalid"
    waiting = refused(sqlite_store, good, throttle=throttle)
    assert waiting.code == "too_many_attempts"
    assert waiting.facts["retry_after_s"] == 51
    assert enrol(sqlite_store, good, throttle=throttle, address="192.0.2.9").device
    time.now_s += 51
    assert refused(sqlite_store, good, throttle=throttle).code == "enrolment_code_invalid"


def test_a_wrong_message_costs_no_attempt(sqlite_store):
    throttle = Throttle(limit=1)
    with pytest.raises(Refusal):
        Enrolment(sqlite_store, throttle).enrol(b"{}", "192.0.2.1", NOW_MS)
    assert enrol(sqlite_store, make_code(sqlite_store, "dukcapil-1", NOW_MS).code, throttle=throttle).device


def test_the_throttle_remembers_a_bounded_number_of_addresses():
    throttle = Throttle(limit=1, addresses=100)
    for number in range(1000):
        throttle.failed(str(number))
    assert len(throttle._failures) == 100
    throttle.check("0")
    with pytest.raises(Refusal):
        throttle.check("999")


def test_an_answer_is_canonical_and_decodes(sqlite_store):
    answer = enrol(sqlite_store, make_code(sqlite_store, "dukcapil-1", NOW_MS).code)
    assert wire.decode(wire.canonical(answer), wire.Enrolled) == answer
