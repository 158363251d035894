"""How long to wait after failures: exponential with full jitter, so that a fleet does not come back all at once."""

from random import Random

BASE_S = 5.0
CAP_S = 15 * 60.0
SLOW_S = 60 * 60.0
"""The pace, in seconds, while a person has to do something first; also the longest a server can ask us to wait."""

# 5 s * 2^8 is above the cap, and a larger exponent would only overflow
_LAST_DOUBLING = 8


def delay_s(failures: int, random: Random, retry_after_s: float | None = None) -> float:
    """Seconds to wait after that many failures in a row, at least what the server asked for up to `SLOW_S`.

    The server's figure is a floor and the jitter comes on top: all devices it sends away hear the same figure.
    """
    ceiling = min(CAP_S, BASE_S * 2.0 ** min(max(failures, 1) - 1, _LAST_DOUBLING))
    asked = min(max(retry_after_s or 0.0, 0.0), SLOW_S)
    return asked + random.uniform(0.0, ceiling)


def slow_delay_s(random: Random) -> float:
    """Seconds to wait when a person has to do something first: half an hour to an hour."""
    return random.uniform(SLOW_S / 2, SLOW_S)
