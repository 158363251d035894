"""Where a list goes on: the place of its last line, as the address of the next page carries it."""

from uuid import UUID


def place_after(at_ms: int, last: str) -> str:
    """The place of a line: when it came in, and its id where several came in at once."""
    return f"{at_ms}.{last}"


def place_in(text: str) -> tuple[int, str] | None:
    """The place an address names; None where it names none."""
    at, _, last = text.partition(".")
    try:
        place = int(at), str(UUID(last))
    except ValueError:
        return None
    # no database holds a larger number
    return place if 0 <= place[0] < 2**63 else None
