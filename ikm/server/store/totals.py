"""Sums and cross-products of a cell as one list of integers, which adds place by place.

For questions a, b, c in alphabetical order it reads: a, b, c, aa, ab, ac, bb, bc, cc. The questions' names stand beside
it, parted by spaces, which no code contains.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement, pairwise
from operator import add

from ikm.domain.tally import Counts, Pair

Products = tuple[Mapping[str, int], Mapping[Pair, int]]
"""Sums by question and products by pair of questions, as a `Tally` holds them."""

Marks = tuple[int, ...]
"""Which places of a column of ratings reach 2, 3 and 4: a bit for each place."""

_AT_LEAST = [bytes(ord("1" if rating >= least else "0") for rating in range(256)) for least in (2, 3, 4)]


def marks_of(ratings: Iterable[int]) -> Marks:
    """The places in a column of ratings where there is a 2 or more, a 3 or more, a 4."""
    column = bytes(ratings)
    return tuple(int(column.translate(table), 2) for table in _AT_LEAST)


def ratings_of(marks: Marks, count: int) -> list[int]:
    """How often each rating stands in a column of so many."""
    reached = [count, *map(int.bit_count, marks), 0]
    return [more - fewer for more, fewer in pairwise(reached)]


def totals_of(columns: Sequence[Marks], count: int) -> list[int]:
    """The sums (points) and products (points squared) of so many complete answer sheets: a column for each question.

    A rating is 1 and one more for each mark it reaches, so a product adds up from marks that two columns share: in a
    tenth of the time that multiplying takes.
    """
    sums = [count + sum(map(int.bit_count, marks)) for marks in columns]
    shared = [
        sum([(mine & theirs).bit_count() for mine in first for theirs in second])
        for first, second in combinations_with_replacement(columns, 2)
    ]
    both = [first + second - count for first, second in combinations_with_replacement(sums, 2)]
    return [*sums, *map(add, both, shared)]


def added(held: Sequence[int], more: Sequence[int]) -> Sequence[int]:
    """The totals of both together, where nothing yet is empty. Raises ValueError when they are of other questions."""
    if not held or not more:
        return held or more
    if len(held) != len(more):
        raise ValueError("totals of different questions")
    return list(map(add, held, more))


def named(questions: str, totals: Sequence[int]) -> Products:
    """Those totals by question. Raises ValueError when they are too few, too many or below zero."""
    if min(totals, default=0) < 0:
        raise ValueError("totals below zero")
    codes = questions.split(" ")
    products = zip(combinations_with_replacement(codes, 2), totals[len(codes) :], strict=True)
    return dict(zip(codes, totals[: len(codes)], strict=True)), dict(products)


def numbers(
    questions: str, totals: Sequence[int]
) -> tuple[Mapping[str, Counts], Mapping[str, int], Mapping[Pair, int]]:
    """The ratings, sums and products of a unit's month, as a `Tally` holds them, from `tally_month.totals`.

    Raises ValueError when they are too few, too many or below zero.
    """
    codes = questions.split(" ")
    wide = 4 * len(codes)
    ratings = {code: tuple(totals[4 * place : 4 * place + 4]) for place, code in enumerate(codes)}
    return ratings, *named(questions, totals[wide:])
