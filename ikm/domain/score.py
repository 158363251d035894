"""Scores: element means (NRR), index (IKM) and grade (mutu) of a tally, by exact fractions, rounded once."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulation import Element, GradeBand, Regulation
from ikm.domain.tally import Tally


def round_half_up(value: Fraction, places: int) -> Decimal:
    """A non-negative fraction as a decimal of that many places, halves going up.

    Integer arithmetic throughout, so no binary float can push a figure across a grade bound.

    Raises:
        ValueError: The value is negative, which no rating, mean or index can be.
    """
    if value < 0:
        raise ValueError(f"{value} is negative")
    scaled = value * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole).scaleb(-places)


@dataclass(frozen=True, slots=True)
class ElementScore:
    """One element's figures: `answers` counted, their `total` in points, `mean` on the rating scale or None."""

    element: Element
    answers: int
    total: int
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class Score:
    """A unit's figures for a set of responses.

    `index_exact` is on the index scale (25-100) and never rounded; `index` is it rounded half-up to two decimals, and
    `band` the grade of that rounded figure. All three are None while any element has no answer: no data is no score,
    never zero and never D.
    """

    regulation: Regulation
    responses: int
    complete: int
    elements: tuple[ElementScore, ...]
    weight: Fraction
    index_exact: Fraction | None
    index: Decimal | None
    band: GradeBand | None


def score(tally: Tally, questionnaire: Questionnaire, regulation: Regulation) -> Score:
    """The score of a tally, elements in the order of the rule's annex.

    The denominator of an element is the number of answers it got, so a citizen who left early still counts where they
    answered. Several questions on one element are averaged inside the element first, so that it weighs as much as the
    others. Each element weighs exactly 1/n (PermenPAN-RB 14/2017, annex: the sum of weighted means times 25).
    """
    asked = questionnaire.elements()
    elements = tuple(
        _element_score(tally, element, asked[element.code])
        for element in sorted(regulation.elements, key=lambda element: element.annex_number)
        if element.code in asked
    )
    weight = Fraction(1, len(elements))
    means = [element.mean for element in elements]
    exact = None
    if all(mean is not None for mean in means):
        exact = regulation.index_factor * sum((weight * mean for mean in means if mean is not None), Fraction(0))
    index = None if exact is None else round_half_up(exact, 2)
    return Score(
        regulation=regulation,
        responses=tally.responses,
        complete=tally.complete,
        elements=elements,
        weight=weight,
        index_exact=exact,
        index=index,
        band=None if index is None else regulation.grade(index),
    )


def _element_score(tally: Tally, element: Element, questions: tuple[str, ...]) -> ElementScore:
    answered = [(tally.answered(code), tally.total(code)) for code in questions]
    means = [Fraction(total, count) for count, total in answered if count]
    complete = len(means) == len(questions)
    return ElementScore(
        element=element,
        answers=sum(count for count, _ in answered),
        total=sum(total for _, total in answered),
        mean=sum(means, Fraction(0)) / len(means) if complete else None,
    )
