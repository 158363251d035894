"""When a response was given: the server's own reckoning where there is one, else the device's word, else a bound."""

from typing import NamedTuple

from ikm.wire import Clock

EXACT, DEVICE, UNCERTAIN = "exact", "device", "uncertain"
"""How a moment is known: reckoned here, told by the device, or only bounded."""

# before this software existed no citizen answered it
_EARLIEST_MS = 1_704_067_200_000
# two clocks that are both right may differ by less than this
_AHEAD_MS = 5 * 60 * 1000


class Moment(NamedTuple):
    """Milliseconds since 1970, UTC, and how they are known; of an uncertain moment they are the earliest it can be."""

    ms: int
    clock: str


def offset_ms(clock: Clock, received_ms: int) -> int:
    """The server's time when the device's machine started, as one message tells it: never too early, for it travelled.

    The smallest of several is the nearest to the truth.
    """
    return received_ms - clock.boot_ms


def moment(clock: Clock, offset: int | None, received_ms: int) -> Moment | None:
    """When that was, with the `offset_ms` known of its boot; None when neither reckoning nor device can be believed."""
    if offset is not None and _plausible(offset + clock.boot_ms, received_ms):
        return Moment(offset + clock.boot_ms, EXACT)
    if clock.state != "unknown" and _plausible(clock.wall_ms, received_ms):
        return Moment(clock.wall_ms, DEVICE)
    return None


def bounded(before_ms: int | None, received_ms: int) -> Moment:
    """The moment of a response nobody can date: after the one before it in its chain, and before it came in.

    Without one before it, it counts when it came in.
    """
    return Moment(received_ms if before_ms is None else min(before_ms, received_ms), UNCERTAIN)


def _plausible(ms: int, received_ms: int) -> bool:
    return _EARLIEST_MS < ms < received_ms + _AHEAD_MS
