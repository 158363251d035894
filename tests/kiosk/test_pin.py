"""The PIN's hash: what opens and what does not."""

import pytest

from kiosk.pin import opens, pin_hash


@pytest.fixture(scope="module")
def own():
    return pin_hash("4711")


def test_only_the_pin_itself_opens(own):
    assert opens("4711", (own,))
    for wrong in ("4712", "47110", "471", "", "4711 "):
        assert not opens(wrong, (own,))


def test_the_pin_of_the_server_counts_beside_the_one_of_the_device(own):
    other = pin_hash("8305")
    assert opens("8305", (own, other))
    assert opens("4711", (own, other))


def test_without_a_pin_nothing_opens():
    assert not opens("", ())
    assert not opens("", ("", ""))


@pytest.mark.parametrize(
    "held",
    [
        "$argon2id$",
        "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$",
        "$argon2id$v=19$m=99999999,t=3,p=1$KvC3k0rGQyOTFcT9uUFLLQ$OQtwI5M6Kq0v4Q0VQ1hVCYXFMMrdFFEcNLcTlEoMkfo",
        "$argon2id$v=19$m=65536,t=99999,p=1$KvC3k0rGQyOTFcT9uUFLLQ$OQtwI5M6Kq0v4Q0VQ1hVCYXFMMrdFFEcNLcTlEoMkfo",
        "4711",
    ],
)
def test_a_hash_this_device_cannot_use_opens_nothing_and_harms_nothing(held, own):
    assert not opens("4711", (held,))
    assert opens("4711", (held, own))


def test_a_hash_has_its_own_salt_and_tells_no_digit(dear_hashes):
    held = pin_hash("4711")
    assert pin_hash("4711") != held
    assert held.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert opens("4711", (held,))
