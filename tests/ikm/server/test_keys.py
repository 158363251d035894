"""The server's keys hand over to one another, a device's follow one another, and receipts can be checked with them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.keys import Signer, check_possession, roll_server_key, server_keys
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support import samples


class Time:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


def receipt(**changes):
    facts = {
        "configuration": 1, "device": samples.DEVICE, "durable_seq": 0, "epoch": 1, "head_hash": "0" * 64,
        "head_seq": 0, "nonce": "0" * 32, "protocol": 2, "rejected": [], "server": samples.SERVER,
        "server_time_ms": NOW_MS, "signature": "",
    }  # fmt: skip
    return wire.Receipt(**(facts | changes))


def verify(signed: wire.Receipt, key: str) -> bool:
    public = Ed25519PublicKey.from_public_bytes(wire.from_base64(key, "key_invalid"))
    try:
        public.verify(wire.from_base64(signed.signature, "signature_invalid"), wire.receipt_bytes(signed))
    except InvalidSignature:
        return False
    return True


def test_a_server_has_a_key_from_its_first_day_and_keeps_it(store):
    [first] = server_keys(store).keys
    assert first.signature == ""
    again = Store.open(store._engine.url)
    assert server_keys(again).keys == [first]
    again.close()


def test_a_receipt_verifies_with_the_newest_key_and_no_changed_one_does(store):
    signed = Signer(store).sign(receipt(head_seq=7))
    key = server_keys(store).keys[-1].key
    assert verify(signed, key)
    for changed in ({"head_seq": 8}, {"nonce": "1" * 32}, {"standing": "revoked"}, {"durable_seq": 1}):
        assert not verify(replace(signed, **changed), key)


def test_protocol_one_is_answered_without_signature_and_standing(sqlite_store):
    signed = Signer(sqlite_store).sign(receipt(protocol=1, standing="forked"))
    assert (signed.signature, signed.standing) == ("", "active")
    assert b"standing" not in wire.canonical(signed)


def test_each_key_is_signed_by_the_one_before(store):
    for _ in range(3):
        roll_server_key(store, NOW_MS)
    told = server_keys(store)
    assert len({key.key for key in told.keys}) == len(told.keys) == 4
    for before, after in zip(told.keys, told.keys[1:], strict=False):
        public = Ed25519PublicKey.from_public_bytes(wire.from_base64(before.key, "key_invalid"))
        handed = wire.server_key_bytes(store.server_id(), after.key)
        public.verify(wire.from_base64(after.signature, "signature_invalid"), handed)
    assert wire.decode(wire.canonical(told), wire.ServerKeys) == told


def test_rolls_at_the_same_time_follow_one_another(store):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: roll_server_key(store, NOW_MS).number, range(4)))
    assert sorted(made) == [2, 3, 4, 5]
    assert len(server_keys(store).keys) == 5


def test_a_signer_notices_within_seconds_that_another_process_rolled_the_key(sqlite_store):
    time = Time()
    signer = Signer(sqlite_store, time)
    old = server_keys(sqlite_store).keys[-1].key
    roll_server_key(sqlite_store, NOW_MS)
    new = server_keys(sqlite_store).keys[-1].key
    assert verify(signer.sign(receipt()), old)
    time.now_s += 5
    assert verify(signer.sign(receipt()), new)


def test_no_private_key_is_printed(sqlite_store):
    [key] = sqlite_store.server_keys()
    assert repr(key.private_key) not in repr(key)


# -- a device's keys -------------------------------------------------------------------------------------------------


def roll(device: str, key: Ed25519PrivateKey, *, named: str | None = None) -> wire.KeyRoll:
    public = wire.to_base64(key.public_key().public_bytes_raw())
    proof = key.sign(wire.key_roll_bytes(device, named or public))
    return wire.KeyRoll(protocol=2, proof=wire.to_base64(proof), public_key=public)


def test_a_new_key_proves_that_it_is_there(device):
    new = Ed25519PrivateKey.generate()
    assert check_possession(device.device, roll(device.device, new)) == new.public_key().public_bytes_raw()


@pytest.mark.parametrize("fault", ["other device", "other key", "no point"])
def test_a_key_without_its_own_proof_is_refused(device, fault):
    new, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    asked = roll(device.device, new)
    if fault == "other device":
        asked = roll(samples.DEVICE, new)
    elif fault == "other key":
        asked = replace(asked, proof=roll(device.device, other).proof)
    else:
        asked = replace(asked, public_key=wire.to_base64(b"\xff" * 32))
    with pytest.raises(Refusal) as caught:
        check_possession(device.device, asked)
    assert caught.value.code == "key_invalid"


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def test_a_rolled_key_takes_the_place_of_the_old_one_and_both_are_remembered(store, device):
    new = Ed25519PrivateKey.generate()
    store.roll_device_key(device.device, raw(device.key), raw(new), NOW_MS + 5)
    assert store.device(device.device).public_key == raw(new)
    assert store.device_keys(device.device) == [(raw(device.key), NOW_MS), (raw(new), NOW_MS + 5)]
    # the answer was lost, and the device asks again with the key it has by now
    store.roll_device_key(device.device, raw(new), raw(new), NOW_MS + 9)
    assert len(store.device_keys(device.device)) == 2


def test_an_old_key_rolls_nothing_and_no_key_comes_twice(store, device):
    new, newer = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    store.roll_device_key(device.device, raw(device.key), raw(new), NOW_MS)
    for old, wanted, code in (
        (device.key, newer, "signature_invalid"),
        (device.key, device.key, "signature_invalid"),
        (new, device.key, "key_invalid"),
    ):
        with pytest.raises(Refusal) as caught:
            store.roll_device_key(device.device, raw(old), raw(wanted), NOW_MS)
        assert caught.value.code == code
    assert store.device(device.device).public_key == raw(new)
