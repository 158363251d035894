"""Tallies: integers that add. Every figure is a function of a tally, and tallies merge in any order and grouping."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS
from ikm.domain.response import Response, Status

Counts = tuple[int, ...]
"""How many respondents gave rating 1, 2, 3 and 4: as long as `RATINGS`."""

Pair = tuple[str, str]
"""Two question codes in alphabetical order; the same one twice stands for its squares."""

_NONE: Counts = (0,) * len(RATINGS)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over any set of responses: a commutative monoid under `merge`, with `Tally()` as its zero.

    `counts` maps question codes to `Counts`, over everybody who answered that question. `sums` (points) and `products`
    (points squared) are over complete responses alone: they carry how answers of one citizen go together, which is all
    that variances, intervals and reliability need. What would be zero is absent, so equal sets of responses give equal
    tallies.

    Raises:
        Refusal: `tally_negative` when a number is below zero or more responses are complete than there are.
    """

    responses: int = 0
    complete: int = 0
    counts: Mapping[str, Counts] = field(default_factory=lambda: MappingProxyType({}))
    sums: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    products: Mapping[Pair, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        counts = {code: counts for code, counts in sorted(self.counts.items()) if any(counts)}
        sums = {code: total for code, total in sorted(self.sums.items()) if total}
        products = {pair: total for pair, total in sorted(self.products.items()) if total}
        negative = (
            any(min(row) < 0 for row in counts.values())
            or min(sums.values(), default=0) < 0
            or min(products.values(), default=0) < 0
        )
        if negative or not 0 <= self.complete <= self.responses:
            raise Refusal("tally_negative")
        object.__setattr__(self, "counts", MappingProxyType(counts))
        object.__setattr__(self, "sums", MappingProxyType(sums))
        object.__setattr__(self, "products", MappingProxyType(products))

    @classmethod
    def of(cls, response: Response) -> "Tally":
        """The tally of one response."""
        answers = response.answers
        whole = dict(sorted(answers.items())) if response.status is Status.COMPLETE else {}
        return cls(
            responses=1,
            complete=int(response.status is Status.COMPLETE),
            counts={code: tuple(int(rating == given) for rating in RATINGS) for code, given in answers.items()},
            sums=whole,
            products={(a, b): whole[a] * whole[b] for a, b in combinations_with_replacement(whole, 2)},
        )

    def merge(self, other: "Tally") -> "Tally":
        """The tally of both sets of responses together."""
        return _added(((1, self), (1, other)))

    def subtract(self, other: "Tally") -> "Tally":
        """The tally without a part of it. Raises Refusal (`tally_negative`) when less than nothing would be left."""
        return _added(((1, self), (-1, other)))

    def renamed(self, codes: Mapping[str, str]) -> "Tally":
        """The same tally under other question codes, one to one. Raises KeyError for a code without a new name."""
        return Tally(
            self.responses,
            self.complete,
            {codes[code]: counts for code, counts in self.counts.items()},
            {codes[code]: total for code, total in self.sums.items()},
            {pair(codes[a], codes[b]): total for (a, b), total in self.products.items()},
        )

    def answered(self, question: str) -> int:
        """How many respondents answered that question."""
        return sum(self.counts.get(question, _NONE))

    def total(self, question: str) -> int:
        """The sum of that question's ratings, in points."""
        return _points(self.counts.get(question, _NONE))

    def squares(self, question: str) -> int:
        """The sum of that question's squared ratings, over everybody who answered it."""
        counts = self.counts.get(question, _NONE)
        return sum(rating * rating * count for rating, count in zip(RATINGS, counts, strict=True))

    def product(self, first: str, second: str) -> int:
        """The sum of the two questions' ratings multiplied, over complete responses; either order will do."""
        return self.products.get(pair(first, second), 0)


def pair(first: str, second: str) -> Pair:
    """The two codes as a key of `Tally.products`."""
    return (first, second) if first <= second else (second, first)


def tally_of(responses: Iterable[Response]) -> Tally:
    """The tally of any number of responses."""
    return merge_all(Tally.of(response) for response in responses)


def merge_all(tallies: Iterable[Tally]) -> Tally:
    """The tally of all sets together, in one pass: what merging them one by one gives, faster."""
    return _added((1, tally) for tally in tallies)


def tally_rows(questions: Sequence[str], rows: Mapping[tuple[int | None, ...], int]) -> Tally:
    """The tally of answer rows, each with how many respondents gave it.

    A row holds a rating per question, None where there is no answer; a row without any answer is nobody's. Meant for
    files: a million respondents give far fewer different rows, and each costs its work once.
    """
    given = {row: times for row, times in rows.items() if any(rating is not None for rating in row)}
    whole = [row for row in given if None not in row]
    times = [given[row] for row in whole]
    columns = {
        code: [rating for row in whole if (rating := row[place]) is not None] for place, code in enumerate(questions)
    }
    weighted = {code: [rating * n for rating, n in zip(column, times, strict=True)] for code, column in columns.items()}
    counts = {}
    for place, code in enumerate(questions):
        found: Counter[int | None] = Counter()
        for row, n in given.items():
            found[row[place]] += n
        counts[code] = tuple(found[rating] for rating in RATINGS)
    return Tally(
        responses=sum(given.values()),
        complete=sum(times),
        counts=counts,
        sums={code: sum(column) for code, column in weighted.items()},
        products={
            pair(a, b): sum(x * y for x, y in zip(weighted[a], columns[b], strict=True))
            for a, b in combinations_with_replacement(questions, 2)
        },
    )


def _points(counts: Counts) -> int:
    return sum(rating * count for rating, count in zip(RATINGS, counts, strict=True))


def _added(parts: Iterable[tuple[int, Tally]]) -> Tally:
    responses = complete = 0
    counts: dict[str, Counts] = {}
    sums: dict[str, int] = {}
    products: dict[Pair, int] = {}
    for sign, tally in parts:
        responses += sign * tally.responses
        complete += sign * tally.complete
        for code, (ones, twos, threes, fours) in tally.counts.items():
            a, b, c, d = counts.get(code, _NONE)
            counts[code] = (a + sign * ones, b + sign * twos, c + sign * threes, d + sign * fours)
        for code, total in tally.sums.items():
            sums[code] = sums.get(code, 0) + sign * total
        for key, total in tally.products.items():
            products[key] = products.get(key, 0) + sign * total
    return Tally(responses, complete, counts, sums, products)
