"""Tallies: integers that add. Every figure is a function of a tally, and tallies merge in any order and grouping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS
from ikm.domain.response import Response, Status

Counts = tuple[int, ...]
"""How many respondents gave rating 1, 2, 3 and 4: as long as `RATINGS`."""

_NONE: Counts = (0,) * len(RATINGS)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over any set of responses: a commutative monoid under `merge`, with `Tally()` as its zero.

    `counts` maps question codes to `Counts`; a question nobody answered is absent, so equal sets of responses give
    equal tallies.

    Raises:
        Refusal: `tally_negative` when a count is below zero or more responses are complete than there are.
    """

    responses: int = 0
    complete: int = 0
    counts: Mapping[str, Counts] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        kept = {code: counts for code, counts in sorted(self.counts.items()) if any(counts)}
        negative = any(min(counts) < 0 for counts in kept.values())
        if negative or not 0 <= self.complete <= self.responses:
            raise Refusal("tally_negative")
        object.__setattr__(self, "counts", MappingProxyType(kept))

    @classmethod
    def of(cls, response: Response) -> "Tally":
        """The tally of one response."""
        return cls(
            responses=1,
            complete=int(response.status is Status.COMPLETE),
            counts={
                code: tuple(int(rating == given) for rating in RATINGS) for code, given in response.answers.items()
            },
        )

    def merge(self, other: "Tally") -> "Tally":
        """The tally of both sets of responses together."""
        return self._combined(other, 1)

    def subtract(self, other: "Tally") -> "Tally":
        """The tally without a part of it. Raises Refusal (`tally_negative`) when it is not a part."""
        return self._combined(other, -1)

    def _combined(self, other: "Tally", sign: int) -> "Tally":
        codes = self.counts.keys() | other.counts.keys()
        return Tally(
            responses=self.responses + sign * other.responses,
            complete=self.complete + sign * other.complete,
            counts={
                code: tuple(
                    mine + sign * theirs
                    for mine, theirs in zip(self.counts.get(code, _NONE), other.counts.get(code, _NONE), strict=True)
                )
                for code in codes
            },
        )

    def answered(self, question: str) -> int:
        """How many respondents answered that question."""
        return sum(self.counts.get(question, _NONE))

    def total(self, question: str) -> int:
        """The sum of that question's ratings, in points."""
        counts = self.counts.get(question, _NONE)
        return sum(rating * count for rating, count in zip(RATINGS, counts, strict=True))


def tally_of(responses: Iterable[Response]) -> Tally:
    """The tally of any number of responses."""
    result = Tally()
    for response in responses:
        result = result.merge(Tally.of(response))
    return result
