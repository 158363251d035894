"""Free space: what the kiosk still does with it, and words for people. Pure."""

from enum import Enum, auto

MIB = 1024 * 1024
NEARLY_FULL_BYTES = 64 * MIB
"""Less than this is a matter of days: logs and drafts stop, so that answers go on."""
FULL_BYTES = 16 * MIB
"""Less than this, and answers are refused: rather none is taken than one accepted and lost."""
BALLAST_BYTES = 16 * MIB
"""A file of this size is given up when the medium is full, so that what is under way can still be written."""


class Room(Enum):
    """What there is room for: all, answers only, or nothing."""

    PLENTY = auto()
    LOW = auto()
    FULL = auto()


def room(free_bytes: int) -> Room:
    """What there is room for."""
    if free_bytes < FULL_BYTES:
        return Room.FULL
    return Room.LOW if free_bytes < NEARLY_FULL_BYTES else Room.PLENTY


def space(free_bytes: int) -> str:
    """How much is free, as '12,3 GB' or '43 MB'."""
    if free_bytes < 1_000_000_000:
        return f"{free_bytes // 1_000_000} MB"
    return f"{free_bytes / 1e9:.1f} GB".replace(".", ",")


def space_trouble(free_bytes: int) -> str:
    """A sentence where there is too little; "" where there is enough."""
    match room(free_bytes):
        case Room.FULL:
            return "Penyimpanan penuh."
        case Room.LOW:
            return "Penyimpanan hampir penuh."
        case Room.PLENTY:
            return ""
