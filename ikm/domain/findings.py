"""What a printed report comes to when it is computed again: the exact index, its range, and what each figure fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.chains import Fit, conventions, cut, fit, on_scale, span
from ikm.domain.printed import Printed, places
from ikm.domain.regulation import GradeBand, Regulation
from ikm.domain.regulations import KEP_25_2004, PERMENPANRB_14_2017, PERMENPANRB_16_2014
from ikm.domain.score import round_half_up
from ikm.domain.weights import EXACT


@dataclass(frozen=True, slots=True)
class FigureFit:
    """One printed index: what reproduces it, its grade, and whether that letter differs from the exact figure's."""

    fit: Fit
    band: GradeBand | None
    letter_changes: bool


@dataclass(frozen=True, slots=True)
class CellsFit:
    """The printed weighted means of the elements: `fitting` conventions give every one, rounded or cut.

    Where none does, `nearest` gives the most, all but the elements of those positions (from 1). `total` is their sum.
    """

    fitting: tuple[str, ...]
    nearest: str
    misfits: tuple[int, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Findings:
    """A report computed again.

    `rules` fit the number of elements, the likeliest first. `exact` is the index by exactly 1/n, never rounded; `index`
    it rounded half-up to two decimals, with its `band`. `low` to `high` is what `index` can be when the means had not
    been rounded; the letter is certain when both ends have it.
    """

    printed: Printed
    rules: tuple[Regulation, ...]
    weights: Mapping[str, Fraction]
    exact: Fraction
    index: Decimal
    band: GradeBand | None
    low: Decimal
    high: Decimal
    letter_certain: bool
    figures: tuple[FigureFit, ...]
    weighted_sum: Fit | None
    cells: CellsFit | None

    @property
    def rule(self) -> Regulation:
        """The rule whose table grades the figures."""
        return self.rules[0]

    @property
    def added(self) -> int:
        """How many elements the report has beyond the rule's own."""
        return added_elements(self.printed, self.rule)

    @property
    def fits(self) -> bool:
        """Whether every printed index is reproduced; by a report without one, whether its weighted means are."""
        if self.figures:
            return all(figure.fit.ways for figure in self.figures)
        return (self.weighted_sum is None or bool(self.weighted_sum.ways)) and (
            self.cells is None or bool(self.cells.fitting)
        )


def added_elements(printed: Printed, rule: Regulation) -> int:
    """How many elements a report has beyond the rule's own."""
    return max(0, len(printed.means) - len(rule.elements))


def find(printed: Printed) -> Findings:
    """The report computed again, by fractions throughout."""
    rules = rules_of(printed)
    rule, factor = rules[0], rules[0].index_factor
    weights = conventions(len(printed.means), printed.weight)
    exact = factor * sum((Fraction(mean) for mean in printed.means), Fraction(0)) / len(printed.means)
    index = round_half_up(exact, 2)
    low, high = span(printed.means, weights[EXACT], factor, 2)
    band = band_of(rule, index)
    fits = [fit(printed.means, weights, factor, value) for value in dict.fromkeys(printed.indices)]
    return Findings(
        printed=printed,
        rules=rules,
        weights=weights,
        exact=exact,
        index=index,
        band=band,
        low=low,
        high=high,
        letter_certain=band is not None and band_of(rule, low) == band_of(rule, high),
        figures=tuple(_graded(one, rule, band) for one in fits),
        weighted_sum=None if printed.weighted_sum is None else fit(printed.means, weights, 1, printed.weighted_sum),
        cells=_cells(printed, weights) if printed.weighted_cells else None,
    )


def rules_of(printed: Printed) -> tuple[Regulation, ...]:
    """The rule a report names, else those its number of elements fits, the likeliest first."""
    return (printed.regulation,) if printed.regulation else fitting_rules(len(printed.means))


def fitting_rules(elements: int) -> tuple[Regulation, ...]:
    """The rules a report with that many elements can follow, the likeliest first.

    Fourteen elements are those of 2004. The nine of 2014 and of 2017 give the same figure and only their tables of
    grades differ. Any other number is the rule in force with elements added or left out.
    """
    if elements == len(KEP_25_2004.elements):
        return (KEP_25_2004,)
    if elements == len(PERMENPANRB_14_2017.elements):
        return (PERMENPANRB_14_2017, PERMENPANRB_16_2014)
    return (PERMENPANRB_14_2017,)


def band_of(rule: Regulation, figure: Decimal) -> GradeBand | None:
    """The grade of a figure rounded half-up to two decimals, None when it is not on the rule's scale."""
    return rule.grade(round_half_up(Fraction(figure), 2)) if on_scale(figure, rule.index_factor) else None


def _graded(found: Fit, rule: Regulation, exact: GradeBand | None) -> FigureFit:
    band = band_of(rule, found.meant)
    return FigureFit(found, band, band is not None and exact is not None and band != exact)


def _cells(printed: Printed, weights: Mapping[str, Fraction]) -> CellsFit:
    cells = printed.weighted_cells
    to = max(places(cell) for cell in cells)
    misfits = {name: _misfits(printed.means, cells, weight, to) for name, weight in weights.items()}
    nearest = min(misfits, key=lambda name: len(misfits[name]))
    return CellsFit(
        fitting=tuple(name for name, wrong in misfits.items() if not wrong),
        nearest=nearest,
        misfits=misfits[nearest],
        total=sum(cells, Decimal(0)),
    )


def _misfits(means: Sequence[Decimal], cells: Sequence[Decimal], weight: Fraction, to: int) -> tuple[int, ...]:
    exact = [weight * Fraction(mean) for mean in means]
    return tuple(
        position
        for position, (cell, value) in enumerate(zip(cells, exact, strict=True), start=1)
        if cell not in (round_half_up(value, to), cut(value, to))
    )
