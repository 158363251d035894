"""The PIN's hash: what opens and what does not."""

import pytest

from kiosk.pin import opens, pin_hash

HELD = pin_hash("4711")


def test_only_the_pin_itself_opens():
    assert opens("4711", (HELD,))
    for wrong in ("4712", "47110", "471", "", "4711 "):
        assert not opens(wrong, (HELD,))


def test_the_pin_of_the_server_counts_beside_the_one_of_the_device():
    other = pin_hash("8305")
    assert opens("8305", (HELD, other))
    assert opens("4711", (HELD, other))


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
def test_a_hash_this_device_cannot_use_opens_nothing_and_harms_nothing(held):
    assert not opens("4711", (held,))
    assert opens("4711", (held, HELD))


def test_a_hash_has_its_own_salt_and_tells_no_digit():
    assert pin_hash("4711") != HELD
    assert HELD.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
