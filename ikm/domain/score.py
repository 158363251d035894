"""Scores: element means (NRR), index (IKM) and grade (mutu) of a tally, by exact fractions, rounded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.regulation import Element, GradeBand, Regulation
from ikm.domain.tally import Tally
from ikm.domain.weights import Weights, exact_weights

Asked = Mapping[str, Sequence[str]]
"""Which questions ask about which element: element code -> question codes, as `Questionnaire.elements` gives it."""


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
    """One element's figures; `mean` and what follows from it None while one of its questions has no answer.

    `answers` counted and their `total` in points, over all its questions; `unanswered` those nobody answered; `weight`
    in the index; `mean` (NRR) on the rating scale and `weighted`, it times the weight; `index` and `band` what the
    element alone would earn, by its mean alone.
    """

    element: Element
    questions: tuple[str, ...]
    answers: int
    total: int
    unanswered: tuple[str, ...]
    weight: Fraction
    mean: Fraction | None
    weighted: Fraction | None
    index: Decimal | None
    band: GradeBand | None


@dataclass(frozen=True, slots=True)
class Score:
    """A unit's figures for a set of responses.

    `index_exact` is on the index scale (25-100) and never rounded; `index` is it rounded half-up to two decimals, and
    `band` the grade of that rounded figure. All are None while any element has no answer: no data is no score, never
    zero and never D. Where the weights are a printed decimal, `unweighted_exact` keeps the index by exactly 1/n; it is
    the same figure otherwise, unless the weights are a unit's own. `base` is the score by the rule's own elements alone
    where an agency added some; None when it did not, or when it replaced one.
    """

    regulation: Regulation
    responses: int
    complete: int
    elements: tuple[ElementScore, ...]
    weights: Weights
    index_exact: Fraction | None
    index: Decimal | None
    band: GradeBand | None
    unweighted_exact: Fraction | None
    base: "Score | None"


def score(tally: Tally, asked: Asked, regulation: Regulation, weights: Weights | None = None) -> Score:
    """The score of a tally, elements in the order of the rule's annex.

    The denominator of an element is the number of answers it got, so a citizen who left early still counts where they
    answered. Several questions on one element are averaged inside the element first, so that it weighs as much as the
    others. Each element weighs exactly 1/n unless other weights are given (PermenPAN-RB 14/2017, annex: the sum of
    weighted means times 25).
    """
    codes = [code for code in regulation.codes if code in asked]
    chosen = weights or exact_weights(codes)
    elements = tuple(
        _element_score(tally, regulation, code, tuple(asked[code]), chosen.by_element[code]) for code in codes
    )
    means = [element.mean for element in elements if element.mean is not None]
    exact = unweighted = None
    if len(means) == len(elements):
        parts = (element.weighted for element in elements if element.weighted is not None)
        exact = regulation.index_factor * sum(parts, Fraction(0))
        unweighted = regulation.index_factor * sum(means, Fraction(0)) / len(means)
    index = None if exact is None else round_half_up(exact, 2)
    return Score(
        regulation=regulation,
        responses=tally.responses,
        complete=tally.complete,
        elements=elements,
        weights=chosen,
        index_exact=exact,
        index=index,
        band=None if index is None else regulation.grade(index),
        unweighted_exact=unweighted,
        base=_base(tally, asked, regulation),
    )


def _base(tally: Tally, asked: Asked, regulation: Regulation) -> Score | None:
    base = regulation.base
    if base is None or any(code not in asked for code in base.codes):
        return None
    return score(tally, {code: asked[code] for code in base.codes}, base)


def _element_score(
    tally: Tally, regulation: Regulation, code: str, questions: tuple[str, ...], weight: Fraction
) -> ElementScore:
    answered = [(tally.answered(question), tally.total(question)) for question in questions]
    means = [Fraction(total, count) for count, total in answered if count]
    mean = sum(means, Fraction(0)) / len(means) if len(means) == len(questions) else None
    index = None if mean is None else round_half_up(mean * regulation.index_factor, 2)
    return ElementScore(
        element=regulation.element(code),
        questions=questions,
        answers=sum(count for count, _ in answered),
        total=sum(total for _, total in answered),
        unanswered=tuple(code for code, (count, _) in zip(questions, answered, strict=True) if not count),
        weight=weight,
        mean=mean,
        weighted=None if mean is None else mean * weight,
        index=index,
        band=None if index is None else regulation.grade(index),
    )
