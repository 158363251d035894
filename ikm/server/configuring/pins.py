"""The staff PIN as kiosks know it: argon2id, at the cost they take themselves (64 MiB, three passes, one lane)."""

from argon2 import PasswordHasher
from argon2.low_level import Type


def pin_hash(pin: str) -> str:
    """The argon2id hash of a PIN, with its salt and cost."""
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID).hash(pin)
