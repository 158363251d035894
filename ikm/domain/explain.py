"""Which rule, weight and rounding reproduces a printed report, and where the report contradicts itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from types import MappingProxyType

from ikm.domain.chains import LEAST_PLACES, Chain, Fit, fit, on_scale, once
from ikm.domain.findings import FigureFit, Findings, band_of, find, rules_of
from ikm.domain.printed import OtherScale, Printed, can_be_sums, other_scale, places
from ikm.domain.regulation import RATINGS, Regulation
from ikm.domain.regulations import KEP_25_2004, PERMENPANRB_14_2017, REGULATIONS
from ikm.domain.score import round_half_up
from ikm.domain.weights import EXACT

Fact = Decimal | int | str | tuple[int, ...] | tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing in a report that cannot be so: a stable code, and the facts a sentence about it needs."""

    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A report computed again, and its contradictions in the order in which a reader meets them.

    `rules` fit the report, the likeliest first. Means on another scale than the ratings' have no `findings`.
    """

    printed: Printed
    rules: tuple[Regulation, ...]
    findings: Findings | None
    contradictions: tuple[Contradiction, ...]


def explain(printed: Printed) -> Explanation:
    """What a printed report comes to, what reproduces its figures, and what in it contradicts what."""
    rules = rules_of(printed)
    scale = other_scale(printed)
    if scale is not None:
        told = (_other_scale(printed, scale), *_elements(printed, rules[0]), *_respondents(printed, rules[0]))
        return Explanation(printed, rules, None, told)
    found = find(printed)
    steps = (_weight, _cells, _comma, _rounding, _unreproduced, _sum, _figures, _grade, _letters)
    return Explanation(
        printed,
        rules,
        found,
        (
            *_elements(printed, rules[0]),
            *_means(printed),
            *_respondents(printed, rules[0]),
            *(contradiction for step in steps for contradiction in step(found)),
        ),
    )


def _contradiction(code: str, **facts: Fact) -> Contradiction:
    return Contradiction(code, MappingProxyType(facts))


def _scaled(found: Findings) -> list[tuple[Fit, int]]:
    """The printed weighted sum and index figures, each with its scale by the ratings'."""
    sums = [] if found.weighted_sum is None else [(found.weighted_sum, 1)]
    return sums + [(figure.fit, found.rule.index_factor) for figure in found.figures]


def _headline(found: Findings) -> list[tuple[Fit, int]]:
    """What the report is about: its index figures, or its weighted sum when it prints no index."""
    return _scaled(found)[-len(found.figures) :] if found.figures else _scaled(found)


def _other_scale(printed: Printed, scale: OtherScale) -> Contradiction:
    factor, respondents = PERMENPANRB_14_2017.index_factor, printed.respondents
    bounds = {"least": RATINGS[0] * factor, "most": RATINGS[-1] * factor, "factor": factor}
    if scale is OtherScale.EITHER:
        return _contradiction("means_on_other_scale", **bounds)
    if scale is OtherScale.INDEX:
        return _contradiction("means_on_index_scale", **bounds, means=_divided(printed.means, factor))
    if respondents is None:
        return _contradiction("means_are_sums")
    if not can_be_sums(printed.means, respondents):
        least, most = RATINGS[0] * respondents, RATINGS[-1] * respondents
        return _contradiction("sums_of_other_respondents", respondents=respondents, least=least, most=most)
    means = _divided(printed.means, respondents)
    return _contradiction("means_are_sums_of_respondents", respondents=respondents, means=means)


def _divided(figures: Sequence[Decimal], by: int) -> tuple[Decimal, ...]:
    """Figures divided, all with the fewest decimals from two to four that say them whole, else rounded to four."""
    exact = [Fraction(figure) / by for figure in figures]
    to = next((to for to in (2, 3) if all((figure * 10**to).denominator == 1 for figure in exact)), 4)
    return tuple(round_half_up(figure, to) for figure in exact)


def _elements(printed: Printed, rule: Regulation) -> Iterator[Contradiction]:
    elements, own = len(printed.means), len(rule.elements)
    if elements < own:
        yield _contradiction("elements_missing", elements=elements, own=own, rule=rule.title)


def _means(printed: Printed) -> Iterator[Contradiction]:
    means = list(enumerate(printed.means, start=1))
    if strange := tuple(position for position, mean in means if not RATINGS[0] <= mean <= RATINGS[-1]):
        yield _contradiction("mean_outside_scale", elements=strange)
    respondents = printed.respondents
    if respondents is None:
        return
    to = max(places(mean) for mean in printed.means)
    if impossible := tuple(position for position, mean in means if not _possible(mean, to, respondents)):
        yield _contradiction("means_impossible", elements=impossible, respondents=respondents)


def _possible(mean: Decimal, to: int, respondents: int) -> bool:
    """Whether whole ratings of that many people can give the mean, rounded or cut to that many decimals."""
    unit = Fraction(1, 10**to)
    least, beyond = (Fraction(mean) - unit / 2) * respondents, (Fraction(mean) + unit) * respondents
    return ceil(least) < beyond


def _respondents(printed: Printed, rule: Regulation) -> Iterator[Contradiction]:
    respondents, minimum = printed.respondents, printed.minimum
    if minimum is not None and minimum == KEP_25_2004.minimum and rule != KEP_25_2004:
        yield _contradiction("minimum_of_other_rule", minimum=minimum, rule=KEP_25_2004.title)
    if respondents is None:
        return
    if minimum is not None and respondents < minimum:
        yield _contradiction("below_stated_minimum", minimum=minimum, respondents=respondents)
    elif minimum is None and rule.minimum is not None and respondents < rule.minimum:
        yield _contradiction("below_rule_minimum", minimum=rule.minimum, respondents=respondents, rule=rule.title)
    if respondents == 1:
        yield _contradiction("single_respondent")


def _weight(found: Findings) -> Iterator[Contradiction]:
    stated, elements = found.printed.weight, len(found.printed.means)
    if stated is None:
        return
    weight = found.weights[stated]
    if not _rounds_share(weight, elements):
        yield _contradiction("weight_foreign", weight=stated, elements=elements)
    means = [Fraction(mean) for mean in found.printed.means]
    for subject, factor in _headline(found):
        # the simplest explanation counts: a longer chain can lead from almost any weight to a figure
        if stated not in subject.conventions:
            gives = once(means, weight, factor, places(subject.meant))
            yield _contradiction("stated_weight_not_used", weight=stated, gives=gives, printed=subject.value)


def _rounds_share(weight: Fraction, elements: int) -> bool:
    """Whether a weight is 1/n, or 1/n rounded or cut to two decimals or more."""
    share = Fraction(1, elements)
    to = next((to for to in range(2, 11) if (weight * 10**to).denominator == 1), None)
    return weight == share or (to is not None and abs(weight - share) < Fraction(1, 10**to))


def _cells(found: Findings) -> Iterator[Contradiction]:
    cells, stated = found.cells, found.printed.weight
    if cells is None:
        return
    if not cells.fitting:
        yield _contradiction("cells_of_no_weight", elements=cells.misfits, weight=cells.nearest)
    elif stated is not None and stated not in cells.fitting:
        yield _contradiction("cells_by_other_weight", weight=stated, used=cells.fitting[0])
    subjects = _headline(found)
    gives = [round_half_up(Fraction(cells.total) * by, max(places(one.meant), LEAST_PLACES)) for one, by in subjects]
    if subjects and all(one.meant != figure for (one, _), figure in zip(subjects, gives, strict=True)):
        yield _contradiction("cells_do_not_add_up", sum=cells.total, gives=gives[0], printed=subjects[0][0].value)


def _comma(found: Findings) -> Iterator[Contradiction]:
    means, factor = found.printed.means, found.rule.index_factor
    for subject, scale in _scaled(found):
        if subject.meant != subject.value:
            yield _contradiction("comma_misplaced", printed=subject.value, meant=subject.meant)
        elif not on_scale(subject.value, scale):
            if scale != 1 and fit(means, found.weights, 1, subject.value).ways:
                yield _contradiction("index_not_converted", printed=subject.value, factor=factor)
            else:
                yield _contradiction("outside_scale", printed=subject.value, least=scale, most=RATINGS[-1] * scale)


_EARLY: Mapping[Chain, str] = MappingProxyType(
    {
        Chain.SUM_ROUNDED: "rounded_twice",
        Chain.CELLS_ROUNDED: "cells_rounded_first",
        Chain.CUT: "cut_not_rounded",
        Chain.SUM_CUT: "sum_cut_first",
        Chain.CELLS_CUT: "cells_cut_first",
    }
)
"""What a chain that is not the rule's is called when it is the simplest that reproduces a figure."""


def _rounding(found: Findings) -> Iterator[Contradiction]:
    means = [Fraction(mean) for mean in found.printed.means]
    for subject, scale in _scaled(found):
        # a sum of cells that a table prints rounded is how tables add up; only a cut sum is worth a word
        if subject.chain not in _EARLY or (scale == 1 != found.rule.index_factor and subject.chain is not Chain.CUT):
            continue
        way = subject.ways[0]
        weight = found.weights[way.convention]
        facts: dict[str, Fact] = {"weight": way.convention, "printed": subject.meant}
        if way.places is not None:
            facts["places"] = way.places
        facts["sum"] = round_half_up(weight * sum(means, Fraction(0)), 5)
        facts["gives"] = once(means, weight, scale, places(subject.meant))
        yield _contradiction(_EARLY[way.chain], **facts)


def _unreproduced(found: Findings) -> Iterator[Contradiction]:
    for subject, scale in _scaled(found):
        # means that had not been rounded yet may well give it; what is off the scale is told as that
        if not subject.ways and not subject.within and on_scale(subject.value, scale):
            yield _contradiction(
                "printed_not_reproduced",
                printed=subject.value,
                weight=subject.nearest,
                gives=subject.gives,
                distance=subject.distance,
            )


def _sum(found: Findings) -> Iterator[Contradiction]:
    total = found.weighted_sum
    if total is None or not found.figures or not on_scale(total.meant, 1):
        return
    factor = found.rule.index_factor
    if all(not _agree(total.meant, figure.fit, factor) for figure in found.figures):
        gives = round_half_up(Fraction(total.meant) * factor, 2)
        yield _contradiction(
            "sum_contradicts_index", sum=total.value, gives=gives, printed=found.figures[0].fit.value, factor=factor
        )


def _agree(total: Decimal, index: Fit, factor: int) -> bool:
    """Whether some sum printed as `total`, rounded or cut, gives the index as printed."""
    unit, half = Fraction(1, 10 ** places(total)), Fraction(1, 2 * 10 ** places(index.meant))
    low, high = factor * (Fraction(total) - unit / 2), factor * (Fraction(total) + unit)
    return low <= Fraction(index.meant) + half and Fraction(index.meant) - half <= high


def _figures(found: Findings) -> Iterator[Contradiction]:
    fits = sorted((figure.fit for figure in found.figures), key=lambda one: one.meant)
    if len(fits) < 2:
        return
    lowest, highest = fits[0], fits[-1]
    facts: dict[str, Fact] = {"lowest": lowest.value, "highest": highest.value, "gap": highest.meant - lowest.meant}
    if lowest.chain is highest.chain is Chain.ONCE and not set(lowest.conventions) & set(highest.conventions):
        facts |= {"lowest_weight": lowest.conventions[0], "highest_weight": highest.conventions[0]}
        yield _contradiction("figures_differ_by_weight", **facts)
    else:
        yield _contradiction("figures_differ", **facts)


def _grade(found: Findings) -> Iterator[Contradiction]:
    grade = found.printed.grade
    if grade is None:
        return
    for figure in [one.fit.meant for one in found.figures] or [found.index]:
        own = band_of(found.rule, figure)
        if own is None or own.grade == grade:
            continue
        facts: dict[str, Fact] = {"grade": grade, "figure": figure, "belongs": own.grade, "rule": found.rule.title}
        other = _rule_that_grades(found, figure, grade)
        if other is None:
            yield _contradiction("grade_of_no_rule", **facts)
        else:
            yield _contradiction("grade_of_other_rule", **facts, other_rule=other.title)


def _letters(found: Findings) -> Iterator[Contradiction]:
    for figure in found.figures:
        if figure.letter_changes and figure.band is not None and found.band is not None:
            facts: dict[str, Fact] = {"figure": figure.fit.meant, "grade": figure.band.grade}
            facts |= {"exact": found.index, "exact_grade": found.band.grade}
            yield _letter(found, figure, facts)


def _letter(found: Findings, figure: FigureFit, facts: dict[str, Fact]) -> Contradiction:
    """Why the letter of a figure is another than the exact one's."""
    fit_of_it = figure.fit
    if not fit_of_it.ways:
        return _contradiction("grade_uncertain" if EXACT in fit_of_it.within else "grade_changes", **facts)
    weight = fit_of_it.conventions[0]
    if band_of(found.rule, fit_of_it.figures[weight]) == found.band:
        return _contradiction("grade_changes_by_rounding", **facts)
    return _contradiction("grade_changes_by_weight", **facts, weight=weight)


def _rule_that_grades(found: Findings, figure: Decimal, grade: str) -> Regulation | None:
    same_scale = (rule for rule in REGULATIONS.values() if rule.index_factor == found.rule.index_factor)
    for rule in (*found.rules, *same_scale):
        band = band_of(rule, figure)
        if band is not None and band.grade == grade:
            return rule
    return None
