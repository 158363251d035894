"""Whether two indices differ, given how sure each of them is."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from ikm.domain.score import Score
from ikm.domain.statistics import Certainty

Direction = Literal["up", "down", "same"]
"""`same` says that the two cannot be told apart, never that they are equal."""


@dataclass(frozen=True, slots=True)
class Change:
    """How much higher one index is than another, in points of the index scale, and the 95 % interval of that.

    `interval` is None where one of the two has none; then nothing can be said about the direction.
    """

    points: float
    interval: tuple[float, float] | None

    @property
    def direction(self) -> Direction | None:
        """Up or down where the whole interval lies on that side of zero."""
        if self.interval is None:
            return None
        low, high = self.interval
        return "up" if low > 0 else "down" if high < 0 else "same"


def change(
    before: Score | None, after: Score | None, sure_before: Certainty | None, sure_after: Certainty | None
) -> Change | None:
    """How much higher the later index is; None where one is missing or the two do not measure the same.

    The interval is made of the two intervals by Zou and Donner's square-and-add (MOVER), which keeps what each knows of
    its own skew: the lower end is the difference less the root of (lower half of the later)^2 + (upper half of the
    earlier)^2, the upper end the other way round. The two must be of different respondents, as those of two periods or
    two units are.
    """
    if before is None or after is None or before.index_exact is None or after.index_exact is None:
        return None
    if before.regulation.code != after.regulation.code or before.weights.by_element != after.weights.by_element:
        return None
    old, new = float(before.index_exact), float(after.index_exact)
    if sure_before is None or sure_after is None:
        return Change(new - old, None)
    (old_low, old_high), (new_low, new_high) = sure_before.interval, sure_after.interval
    down = sqrt((new - new_low) ** 2 + (old_high - old) ** 2)
    up = sqrt((new_high - new) ** 2 + (old - old_low) ** 2)
    return Change(new - old, (new - old - down, new - old + up))
