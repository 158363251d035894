"""Every way from element means to a printed figure: a weight convention and the places where it was rounded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from ikm.domain.printed import places
from ikm.domain.regulation import RATINGS
from ikm.domain.score import round_half_up
from ikm.domain.weights import EXACT, PLACES, printed_conventions

LEAST_PLACES = 2
"""Reports give an index two decimals; one printed with fewer has usually lost its closing zeros: '100' is 100.00."""


class Chain(StrEnum):
    """Where a figure was rounded on its way, from the simplest to the least likely."""

    ONCE = "once"
    FEWER_DECIMALS = "fewer_decimals"
    SUM_ROUNDED = "sum_rounded"
    CELLS_ROUNDED = "cells_rounded"
    CUT = "cut"
    SUM_CUT = "sum_cut"
    CELLS_CUT = "cells_cut"


@dataclass(frozen=True, slots=True)
class Way:
    """One way that reproduces a figure; `places` the decimals kept on the way, None where nothing was rounded there."""

    convention: str
    chain: Chain
    places: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """What reproduces one printed figure.

    `meant` is `value` unless its decimal comma stands in a wrong place. `ways` come simplest first. `within` are the
    conventions by which means that were not yet rounded could have given the figure. `figures` is what each convention
    gives, rounded once. `nearest` is the one that comes closest: it `gives` its figure, `distance` away from what is
    meant.
    """

    value: Decimal
    meant: Decimal
    ways: tuple[Way, ...]
    within: tuple[str, ...]
    figures: Mapping[str, Decimal]
    nearest: str

    @property
    def gives(self) -> Decimal:
        """The figure of the nearest convention."""
        return self.figures[self.nearest]

    @property
    def distance(self) -> Decimal:
        """How far the nearest convention stays away from what is meant, never negative."""
        return abs(self.gives - self.meant)

    @property
    def chain(self) -> Chain | None:
        """The simplest chain that reproduces the figure, None when nothing does."""
        return self.ways[0].chain if self.ways else None

    @property
    def conventions(self) -> tuple[str, ...]:
        """The weight conventions that reproduce the figure by its simplest chain."""
        return tuple(dict.fromkeys(way.convention for way in self.ways if way.chain is self.chain))


def cut(value: Fraction, to: int) -> Decimal:
    """A non-negative fraction as a decimal of that many places, the rest dropped."""
    return Decimal(value * 10**to // 1).scaleb(-to)


def conventions(elements: int, stated: str | None = None) -> Mapping[str, Fraction]:
    """The weights to try, by convention: exactly 1/n, 1/n as reports print it, and the one a report states."""
    printed = {str(weight): Fraction(weight) for weight in printed_conventions(elements)}
    own = {} if stated is None or stated == EXACT else {stated: Fraction(stated)}
    return {EXACT: Fraction(1, elements)} | printed | own


def once(means: Sequence[Fraction], weight: Fraction, factor: int, to: int) -> Decimal:
    """The figure of a weight rounded half-up once, at the end, to that many decimals and never to fewer than two."""
    return round_half_up(factor * weight * sum(means, Fraction(0)), max(to, LEAST_PLACES))


def span(means: Sequence[Decimal], weight: Fraction, factor: int, to: int) -> tuple[Decimal, Decimal]:
    """The lowest and highest figure that means not yet rounded could give, rounded half-up to that many decimals.

    The longest printed mean tells to how many decimals all were rounded.
    """
    half = Fraction(1, 2 * 10 ** max(places(mean) for mean in means))
    least, most = Fraction(RATINGS[0]), Fraction(RATINGS[-1])
    exact = [Fraction(mean) for mean in means]
    low = sum((max(mean - half, least if mean >= least else Fraction(0)) for mean in exact), Fraction(0))
    high = sum((min(mean + half, most) if mean <= most else mean + half for mean in exact), Fraction(0))
    reached = all(mean <= most < mean + half for mean in exact)
    top = factor * weight * high
    highest = round_half_up(top, to)
    # half a unit above a mean rounds up to the next one, so a figure that needs it on its bound is not reached
    if not reached and Fraction(highest) - top == Fraction(1, 2 * 10**to):
        highest -= Decimal(1).scaleb(-to)
    return round_half_up(factor * weight * low, to), highest


def fit(means: Sequence[Decimal], weights: Mapping[str, Fraction], factor: int, printed: Decimal) -> Fit:
    """What reproduces a printed figure on the scale `factor` times the ratings': 1 for a weighted sum, 25 for an index.

    A figure off the scale is tried with its decimal comma moved onto the scale.
    """
    exact = [Fraction(mean) for mean in means]
    meant = printed
    ways = _ways(exact, weights, factor, printed)
    moved = None if ways else _moved(printed, factor)
    if moved is not None and (found := _ways(exact, weights, factor, moved)):
        meant, ways = moved, found
    to = max(places(meant), LEAST_PLACES)
    spans = {name: span(means, weight, factor, to) for name, weight in weights.items()}
    figures = {name: once(exact, weight, factor, to) for name, weight in weights.items()}
    nearest = min(figures, key=lambda name: abs(figures[name] - meant))
    return Fit(
        value=printed,
        meant=meant,
        ways=ways,
        within=tuple(name for name, (low, high) in spans.items() if low <= meant <= high),
        figures=MappingProxyType(figures),
        nearest=nearest,
    )


def on_scale(figure: Decimal, factor: int) -> bool:
    """Whether a figure can be one of that scale; a printed weight puts all ones somewhat below its lower end."""
    return Decimal("0.8") * factor <= figure <= RATINGS[-1] * factor


def _moved(printed: Decimal, factor: int) -> Decimal | None:
    # the scale is less than tenfold wide, so no figure on it can be moved and still be on it
    moved = (printed.scaleb(-by) for by in (1, 2, 3, 4, -1, -2))
    return next((figure for figure in moved if on_scale(figure, factor)), None)


def _ways(means: Sequence[Fraction], weights: Mapping[str, Fraction], factor: int, printed: Decimal) -> tuple[Way, ...]:
    found = [
        Way(convention, chain, kept)
        for convention, weight in weights.items()
        for chain, kept, figure in _attempts(means, weight, factor, places(printed))
        if figure == printed
    ]
    order = list(Chain)
    # sorting is stable, so conventions keep their order inside a chain
    return tuple(sorted(found, key=lambda way: order.index(way.chain)))


def _attempts(
    means: Sequence[Fraction], weight: Fraction, factor: int, to: int
) -> Iterator[tuple[Chain, int | None, Decimal]]:
    at = max(to, LEAST_PLACES)
    total = weight * sum(means, Fraction(0))
    plain = round_half_up(factor * total, at)
    yield Chain.ONCE, None, plain
    if cut(factor * total, at) != plain:
        yield Chain.CUT, None, cut(factor * total, at)
    if to < at and round_half_up(factor * total, to) != plain:
        yield Chain.FEWER_DECIMALS, None, round_half_up(factor * total, to)

    def of_cells(rounding: Callable[[Fraction, int], Decimal], kept: int) -> Decimal:
        return sum((rounding(weight * mean, kept) for mean in means), Decimal(0))

    for kept in sorted(PLACES, reverse=True):
        pairs = [(Chain.CELLS_ROUNDED, of_cells(round_half_up, kept), Chain.CELLS_CUT, of_cells(cut, kept))]
        if factor != 1:
            pairs.append((Chain.SUM_ROUNDED, round_half_up(total, kept), Chain.SUM_CUT, cut(total, kept)))
        for rounding, rounded, cutting, shortened in pairs:
            # a rounding that changed nothing, or a cut that came to the same as rounding, is no way of its own
            if Fraction(rounded) != total:
                yield rounding, kept, round_half_up(factor * Fraction(rounded), at)
            if shortened != rounded:
                yield cutting, kept, round_half_up(factor * Fraction(shortened), at)
