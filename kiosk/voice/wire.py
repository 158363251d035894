"""What the window's process and the player's say to each other: one line of JSON each way."""

from msgspec import Struct


class Order(Struct, forbid_unknown_fields=True):
    """Play these files one after another from now on; none is silence. `n` numbers the orders."""

    n: int
    volume: int
    files: list[str]


class Answer(Struct, forbid_unknown_fields=True):
    """Order `n` has been begun; `trouble` is why nothing sounds, or ""."""

    n: int
    trouble: str = ""
