"""Keys (Ed25519): the device's own, made here, kept by the store and never sent, and the server's."""

from itertools import pairwise
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ikm import wire
from ikm.domain.errors import Refusal
from sync.failure import Cause, Failure
from sync.ports import Identity


class KeyRing(Protocol):
    """Where a device's keys are kept: the part of `sync.ports.Outbox` that knows them."""

    def identity(self) -> Identity | None:
        """Who this device is, or None before enrolment."""
        ...

    def pin_server_key(self, key: str) -> None:
        """Trust that public key of the server from now on."""
        ...

    def put_next_key(self, private_key: bytes) -> None:
        """Keep a key that is going to be used."""
        ...

    def next_key(self) -> bytes | None:
        """The key that waits to be used, or None."""
        ...

    def use_next_key(self) -> None:
        """Sign with the waiting key from now on."""
        ...


def new_private_key() -> bytes:
    """A fresh raw Ed25519 seed, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def kept_key(ring: KeyRing) -> bytes:
    """The key that waits to be used, made and kept where there is none.

    It is on the medium before anybody is asked to accept it: whoever loses the answer asks again with the same key.
    """
    held = ring.next_key()
    if held is None:
        held = new_private_key()
        ring.put_next_key(held)
    return held


def public_key(private_key: bytes) -> str:
    """The public half, base64 as the wire carries it."""
    return wire.to_base64(Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw())


def signed(private_key: bytes, content: bytes) -> str:
    """A signature over these bytes, base64."""
    return wire.to_base64(Ed25519PrivateKey.from_private_bytes(private_key).sign(content))


def signature(private_key: bytes, method: str, path: str, body: bytes) -> str:
    """The value of `wire.SIGNATURE_HEADER` for a request, over its uncompressed body."""
    return signed(private_key, wire.signing_bytes(method, path, body))


def is_signed(key: str, signature: str, content: bytes) -> bool:
    """Whether the signature is that key's over these bytes."""
    try:
        public = Ed25519PublicKey.from_public_bytes(wire.from_base64(key, "key_invalid"))
        public.verify(wire.from_base64(signature, "signature_invalid"), content)
    except (InvalidSignature, Refusal, ValueError):
        return False
    return True


def is_receipt_signed(key: str, receipt: wire.Receipt) -> bool:
    """Whether that server key signed the receipt."""
    return bool(key) and is_signed(key, receipt.signature, wire.receipt_bytes(receipt))


def newest_key(trusted: str, server: str, answer: wire.ServerKeys) -> str:
    """The server's newest key, reached from the trusted one by signatures; the newest there is where none is trusted.

    Raises:
        Failure: They are another server's keys, or no chain of signatures leads from ours to them.
    """
    keys = answer.keys
    first = next((place for place, held in enumerate(keys) if held.key == trusted or not trusted), None)
    if answer.server != server or first is None:
        raise Failure(Cause.NOT_OUR_SERVER, "keys of another server")
    for before, after in pairwise(keys[first:]):
        if not is_signed(before.key, after.signature, wire.server_key_bytes(server, after.key)):
            raise Failure(Cause.NOT_OUR_SERVER, "a server key nobody handed over to")
    return keys[-1].key
