"""Signing as this server, and letting the one it signs with be followed by another."""

import threading
import time
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.store import Store
from ikm.server.store.keys import HeldKey

_SIGNED_SINCE = 2
"""The protocol from which receipts are signed."""

_LOOK_AGAIN_S = 5.0


class Signer:
    """Signs receipts with the server's current key. Safe for several threads.

    A key rolled by another process is noticed within seconds; until then receipts carry the signature of the one
    before, which devices that have not followed yet trust anyway.
    """

    def __init__(self, store: Store, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock_s = store, clock_s
        self._lock = threading.Lock()
        self._read_s = clock_s()
        self._key = _current(store)

    def sign(self, receipt: wire.Receipt) -> wire.Receipt:
        """The receipt with this server's signature; as protocol 1 spells it, without, for a device that speaks that."""
        if receipt.protocol < _SIGNED_SINCE:
            return replace(receipt, signature="", standing="active")
        signature = self._newest().sign(wire.receipt_bytes(receipt))
        return replace(receipt, signature=wire.to_base64(signature))

    def _newest(self) -> Ed25519PrivateKey:
        with self._lock:
            now_s = self._clock_s()
            if now_s - self._read_s >= _LOOK_AGAIN_S:
                self._key = _current(self._store)
                self._read_s = now_s
            return self._key


def roll_server_key(store: Store, now_ms: int) -> HeldKey:
    """A new key for the server, handed over to by the current one."""
    server = store.server_id()

    def following(current: HeldKey) -> HeldKey:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        handed = wire.server_key_bytes(server, wire.to_base64(public))
        signature = Ed25519PrivateKey.from_private_bytes(current.private_key).sign(handed)
        return HeldKey(current.number + 1, private.private_bytes_raw(), public, signature, now_ms)

    return store.add_server_key(following)


def server_keys(store: Store) -> wire.ServerKeys:
    """Every public key of this server, oldest first, each signed by the one before."""
    return wire.ServerKeys(
        keys=[
            wire.ServerKey(
                key=wire.to_base64(key.public_key),
                signature="" if key.signature is None else wire.to_base64(key.signature),
            )
            for key in store.server_keys()
        ],
        server=store.server_id(),
    )


def check_signature(public_key: bytes, signature: str, signed: bytes) -> None:
    """Nothing, where a device's key made that signature (base64). Raises Refusal (`signature_invalid`)."""
    made = wire.from_base64(signature, "signature_invalid")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(made, signed)
    except (InvalidSignature, ValueError):
        raise Refusal("signature_invalid") from None


def check_possession(device: str, roll: wire.KeyRoll) -> bytes:
    """The raw new key of a roll, once its own signature has proved it. Raises Refusal (`key_invalid`)."""
    key = wire.from_base64(roll.public_key, "key_invalid")
    proof = wire.from_base64(roll.proof, "key_invalid")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(proof, wire.key_roll_bytes(device, roll.public_key))
    except (InvalidSignature, ValueError):
        raise Refusal("key_invalid", "proof") from None
    return key


def _current(store: Store) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(store.server_keys()[-1].private_key)
