"""What several units come to together, how they rank, and which elements pull an index down."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.regulation import RATINGS, Element, Factor, GradeBand
from ikm.domain.score import Score, round_half_up


@dataclass(frozen=True, slots=True)
class UnitMean:
    """The unweighted mean of unit indices: `exact` never rounded, `index` half-up to two decimals."""

    units: int
    exact: Fraction
    index: Decimal
    band: GradeBand


def unit_mean(scores: Iterable[Score]) -> UnitMean | None:
    """The mean of the indices there are, each unit weighing the same whatever its respondents.

    A score without an index is left out of the denominator, never counted as zero; whoever shows the mean lists those
    units. None when no score has an index, or when they do not measure the same: other bands, elements or weights.
    What "all respondents pooled" gives is the score of the merged tally, and another figure.
    """
    found = [(score, score.index_exact) for score in scores if score.index_exact is not None]
    if len({(score.regulation.code, tuple(score.weights.by_element.items())) for score, _ in found}) != 1:
        return None
    exact = sum((index for _, index in found), Fraction(0)) / len(found)
    index = round_half_up(exact, 2)
    return UnitMean(units=len(found), exact=exact, index=index, band=found[0][0].regulation.grade(index))


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place among others: `rank` the best it can be, `last` the worst, given how sure the indices are."""

    rank: int
    last: int


def standings(intervals: Sequence[tuple[float, float]]) -> tuple[Standing, ...]:
    """The places of units with those intervals (low, high), in their order.

    A unit is above another only where its whole interval is, so units that cannot be told apart from the best share
    rank 1. Overlap does not carry over: a unit may share its rank with one that is surely below a third. The rank is
    therefore one more than the units surely above, and `last` the number of units not surely below.
    """
    lows = sorted(low for low, _ in intervals)
    highs = sorted(high for _, high in intervals)
    count = len(intervals)
    return tuple(
        Standing(rank=1 + count - bisect_right(lows, high), last=count - bisect_left(highs, low))
        for low, high in intervals
    )


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What one element costs: `points` of the index lost against all fours, and whether it is `below` the others."""

    element: Element
    mean: Fraction
    points: Fraction
    below: bool


@dataclass(frozen=True, slots=True)
class FactorShortfall:
    """What one supporting factor costs: `points` is the sum over its elements, largest first."""

    factor: Factor
    points: Fraction
    elements: tuple[Shortfall, ...]


def shortfalls(score: Score) -> tuple[FactorShortfall, ...]:
    """Where the points missing from a full index went, by supporting factor, the costliest first.

    All points add up to the full index minus the index, exactly. Elements of one mean keep the annex's order. Empty
    where there is no index.
    """
    if score.index_exact is None:
        return ()
    full = Fraction(RATINGS[-1])
    means = [element.mean for element in score.elements if element.mean is not None]
    average = sum(means, Fraction(0)) / len(means)
    groups: dict[Factor, list[Shortfall]] = {}
    for line in score.elements:
        if line.mean is not None:
            points = score.regulation.index_factor * line.weight * (full - line.mean)
            groups.setdefault(line.element.factor, []).append(
                Shortfall(line.element, line.mean, points, below=line.mean < average)
            )
    found = [
        FactorShortfall(
            factor,
            sum((line.points for line in lines), Fraction(0)),
            tuple(sorted(lines, key=lambda line: -line.points)),
        )
        for factor, lines in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.points))
