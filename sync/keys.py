"""The device's Ed25519 key: made here, kept by the store, never sent."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ikm import wire


def new_private_key() -> bytes:
    """A fresh raw Ed25519 seed, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private_key: bytes) -> str:
    """The public half, base64 as the wire carries it."""
    return wire.to_base64(Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw())


def signature(private_key: bytes, method: str, path: str, body: bytes) -> str:
    """The value of `wire.SIGNATURE_HEADER` for a request, over its uncompressed body."""
    signed = Ed25519PrivateKey.from_private_bytes(private_key).sign(wire.signing_bytes(method, path, body))
    return wire.to_base64(signed)
