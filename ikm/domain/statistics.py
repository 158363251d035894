"""How sure a score is, from its tally alone: interval, probability of each grade, reliability of the questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from math import inf, log, sqrt
from statistics import NormalDist

from ikm.domain.distributions import beta_cdf, beta_quantile, student_quantile
from ikm.domain.regulation import RATINGS
from ikm.domain.sampling import finite_population_factor
from ikm.domain.score import Score
from ikm.domain.tally import Tally

CONFIDENCE = 0.95
_TAIL = (1 - CONFIDENCE) / 2
_Z = NormalDist().inv_cdf(1 - _TAIL)
_SPAN = RATINGS[-1] - RATINGS[0]
_NEARLY_NONE = 1e-18
TRUST = 10
"""How fast answers gain weight away from the ends of the scale; chosen by the study in docs/coverage.md."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure an index is.

    `interval` holds the lower and upper end on the index scale, at `CONFIDENCE`; `grade_probabilities` maps every grade
    of the rule, highest first, to the probability that the unit's true index earns it. `effective` is the number of
    independent yes/no answers that would be as informative, infinite when the whole population answered.
    """

    interval: tuple[float, float]
    grade_probabilities: Mapping[str, float]
    effective: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well the questions measure one thing, over complete responses.

    `alpha` is Cronbach's, None where all totals are alike; `item_total` maps question codes to the correlation of that
    question with the sum of the others (corrected item-total), None where either does not vary.
    """

    alpha: float | None
    item_total: Mapping[str, float | None]


def certainty(tally: Tally, score: Score, population: int | None = None) -> Certainty | None:
    """How sure the index of that score is; None where there is no index or an element with a single answer.

    The index is taken as a share of its scale, its variance from the covariances of the answers, and the interval is
    the exact binomial one (Clopper and Pearson) of as many yes/no answers as carry that variance: Korn and Graubard's
    method, which stays inside the scale and follows its skew near the ends. Near an end a small variance may only mean
    that no dissatisfied citizen happened to come, so the number of answers is held back there (`_most`); ten citizens
    who all tap 4 are then worth ten answers, not infinitely many. docs/coverage.md shows what it covers. A known
    population shrinks the variance by the share not asked.

    Raises:
        Refusal: `population_invalid` when the population is smaller than the number of respondents.
    """
    # for its refusal alone: who came must fit into the population, even who answered too little to count below
    finite_population_factor(tally.responses, population)
    answers = fewest_answers(tally, score)
    if score.index_exact is None:
        return None
    if population is not None and answers == population:
        # everybody answered everything, so nothing is left to chance
        exact = float(score.index_exact)
        certain = {band.grade: float(band is score.band) for band in score.regulation.bands}
        return Certainty((exact, exact), certain, inf)
    if answers < 2:
        return None
    # a printed weight does not add up to 1, so its scale ends elsewhere
    scale = score.regulation.index_factor * sum(element.weight for element in score.elements)
    low, high = float(scale * RATINGS[0]), float(scale * RATINGS[-1])
    share = float((score.index_exact / scale - RATINGS[0]) / _SPAN)
    effective = _effective(_variance(tally, score), share, answers, population)
    yes, no = effective * share, effective * (1 - share)
    ends = (
        beta_quantile(_TAIL, yes, no + 1) if score.index_exact > scale * RATINGS[0] else 0.0,
        beta_quantile(1 - _TAIL, yes + 1, no) if score.index_exact < scale * RATINGS[-1] else 1.0,
    )
    return Certainty(
        interval=(low + ends[0] * (high - low), low + ends[1] * (high - low)),
        grade_probabilities=_grade_probabilities(score, (low, high), yes, no),
        effective=effective,
    )


def fewest_answers(tally: Tally, score: Score) -> int:
    """How many respondents answered the question that fewest did."""
    return min((tally.answered(code) for element in score.elements for code in element.questions), default=0)


def reliability(tally: Tally, questions: tuple[str, ...]) -> Reliability:
    """The reliability of those questions; nothing but None with fewer than two questions or complete responses."""
    count = tally.complete
    nothing: dict[str, float | None] = dict.fromkeys(questions)
    if count < 2 or len(questions) < 2:
        return Reliability(None, nothing)
    # all scaled by n (n - 1), which cancels, so that everything stays an integer until the last division
    covariance = {(a, b): spread(tally, a, b) for a, b in product(questions, repeat=2)}
    with_total = {a: sum(covariance[a, b] for b in questions) for a in questions}
    own = {a: covariance[a, a] for a in questions}
    total = sum(with_total.values())
    k = len(questions)
    alpha = float(Fraction(k, k - 1) * (1 - Fraction(sum(own.values()), total))) if total else None
    item_total: dict[str, float | None] = {}
    for a in questions:
        rest = total - 2 * with_total[a] + own[a]
        item_total[a] = (with_total[a] - own[a]) / sqrt(own[a] * rest) if own[a] and rest else None
    return Reliability(alpha, item_total)


def _effective(variance: float, share: float, answers: int, population: int | None) -> float:
    most = _most(share, answers, population)
    factor = float(finite_population_factor(answers, population))
    # the variance is itself an estimate, from as many answers
    wider = student_quantile(1 - _TAIL, answers - 1) / _Z
    widened = variance * factor * wider**2
    return min(most, share * (1 - share) / widened) if widened > _NEARLY_NONE else most


def _most(share: float, answers: int, population: int | None) -> float:
    """The most yes/no answers that n citizens can stand for, given how far their index is from the ends of its scale.

    At an end n, growing with the satisfaction that is missing, n p (1 - p) citizens' worth of it.
    """
    return independent_draws(answers, population) * (1 + TRUST * answers * share * (1 - share))


def independent_draws(answers: int, population: int | None) -> float:
    """How many draws with replacement miss a rare citizen as often as asking `answers` of a population without it.

    Of N, asking n finds each with probability n/N, as N ln(N / (N - n)) independent draws would; n of an endless one.
    """
    return answers if population is None else population * log(population / (population - answers))


def _variance(tally: Tally, score: Score) -> float:
    """The variance of the index as a share of its scale: never below what the answers can tell."""
    whole = sum(element.weight for element in score.elements) * _SPAN
    answered = {code: tally.answered(code) for element in score.elements for code in element.questions}
    part = {
        code: float(element.weight / (len(element.questions) * whole)) * deviation(tally, code)
        for element in score.elements
        for code in element.questions
    }
    variance = 0.0
    for a, b in product(answered, repeat=2):
        together = correlation(tally, a, b)
        variance += together * part[a] * part[b] * answered_both(tally, a, b, together) / (answered[a] * answered[b])
    return max(variance, 0.0)


def deviation(tally: Tally, question: str) -> float:
    """The standard deviation of a question's ratings, over all who answered it; these must be two at least."""
    count = tally.answered(question)
    return sqrt((count * tally.squares(question) - tally.total(question) ** 2) / (count * (count - 1)))


def correlation(tally: Tally, a: str, b: str) -> float:
    """How far two questions go together, from complete responses.

    Trusted where these are at least half of what the rarer question has; else, and where one of the two does not vary,
    the questions are taken to go together entirely, which can only widen the interval.
    """
    if a == b or 2 * tally.complete < min(tally.answered(a), tally.answered(b)):
        return 1.0
    apart = spread(tally, a, a) * spread(tally, b, b)
    return spread(tally, a, b) / sqrt(apart) if apart else 1.0


def answered_both(tally: Tally, a: str, b: str, together: float) -> int:
    """How many citizens to take for having answered both questions, given how far these go `together`.

    It lies between the complete responses and the answers to the rarer question; whichever gives more variance is
    taken. A citizen who stops early has answered everything before, so for kiosks the upper end is exact.
    """
    return min(tally.answered(a), tally.answered(b)) if together > 0 else tally.complete


def spread(tally: Tally, a: str, b: str) -> int:
    """The covariance of two questions over complete responses, times n (n - 1): an integer."""
    return tally.complete * tally.product(a, b) - tally.sums.get(a, 0) * tally.sums.get(b, 0)


def _grade_probabilities(score: Score, scale: tuple[float, float], yes: float, no: float) -> Mapping[str, float]:
    low, high = scale
    half = Decimal("0.005")
    # a band begins where figures start to be rounded up to its lower bound; Jeffreys' prior, half an answer each way
    starts = [float(band.lower - half) for band in score.regulation.bands[:-1]]
    below = [beta_cdf((start - low) / (high - low), yes + 0.5, no + 0.5) for start in starts]
    edges = [1.0, *below, 0.0]
    grades = (band.grade for band in score.regulation.bands)
    return {grade: upper - lower for grade, (upper, lower) in zip(grades, pairwise(edges), strict=True)}
