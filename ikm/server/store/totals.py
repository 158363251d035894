"""Sums and cross-products of a cell as one list of integers, which adds place by place.

For questions a, b, c in alphabetical order it reads: a, b, c, aa, ab, ac, bb, bc, cc. The questions' names stand beside
it, parted by spaces, which no code contains.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from operator import add, mul

from ikm.domain.tally import Counts, Pair

Products = tuple[Mapping[str, int], Mapping[Pair, int]]
"""Sums by question and products by pair of questions, as a `Tally` holds them."""


def totals_of(columns: Sequence[Sequence[int]]) -> list[int]:
    """The sums (points) and products (points squared) of complete answer sheets: a column for each question."""
    squares = [sum(map(mul, first, second)) for first, second in combinations_with_replacement(columns, 2)]
    return [*map(sum, columns), *squares]


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
