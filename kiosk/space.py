"""Free space in words for people. Pure."""

NEARLY_FULL_BYTES = 50 * 1_000_000
"""Less than this is a matter of days: logs and answers go on growing."""
FULL_BYTES = 1_000_000
"""Less than this, and the next commit may fail."""


def space(free_bytes: int) -> str:
    """How much is free, as '12,3 GB' or '43 MB'."""
    if free_bytes < 1_000_000_000:
        return f"{free_bytes // 1_000_000} MB"
    return f"{free_bytes / 1e9:.1f} GB".replace(".", ",")


def space_trouble(free_bytes: int) -> str:
    """A sentence where there is too little; "" where there is enough."""
    if free_bytes < FULL_BYTES:
        return "Penyimpanan penuh."
    return "Penyimpanan hampir penuh." if free_bytes < NEARLY_FULL_BYTES else ""
