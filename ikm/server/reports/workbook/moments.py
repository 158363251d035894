"""The steps between answers and figures as numbers, for readers that show a workbook without recalculating it.

What an evaluation holds is taken from it; these are the steps in between, in the words of `ikm.domain.statistics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from statistics import NormalDist

from ikm.domain.distributions import beta_cdf, beta_quantile, student_quantile
from ikm.domain.sampling import finite_population_factor
from ikm.domain.statistics import (
    CONFIDENCE,
    TRUST,
    answered_both,
    correlation,
    deviation,
    independent_draws,
    spread,
)
from ikm.domain.tally import Tally
from ikm.server.reports.workbook.page import LONGEST


@dataclass(frozen=True, slots=True)
class Parts:
    """An index as a fraction of parts with one `denominator`, as the sheet has it; 1 where whole numbers grow long.

    `terms` hold what each question adds to the numerator, `weights` what it adds to the sum of weights.
    """

    denominator: int
    terms: tuple[Fraction, ...]
    weights: tuple[Fraction, ...]

    @property
    def numerator(self) -> Fraction:
        """The sum of the terms."""
        return sum(self.terms, Fraction(0))

    @property
    def whole(self) -> Fraction:
        """The sum of the weights."""
        return sum(self.weights, Fraction(0))


def parts(tally: Tally, questions: Sequence[str], weights: Sequence[Fraction]) -> Parts | None:
    """The parts of an index; `weights` are per question, those of one element adding up to its weight.

    None while a question has no answer.
    """
    counts = [tally.answered(question) for question in questions]
    if not all(counts):
        return None
    shared = lcm(*counts) * lcm(*(weight.denominator for weight in weights))
    if shared >= LONGEST:
        shared = 1
    terms = [
        weight * tally.total(question) * Fraction(shared, count)
        for question, weight, count in zip(questions, weights, counts, strict=True)
    ]
    return Parts(shared, tuple(terms), tuple(weight * shared for weight in weights))


@dataclass(frozen=True, slots=True)
class Moments:
    """The steps of one certainty; to be asked only where there is an index and no question with a single answer."""

    tally: Tally
    questions: tuple[str, ...]
    shares: tuple[float, ...]
    population: int | None
    share: float

    @property
    def counts(self) -> tuple[int, ...]:
        """How many answered each question."""
        return tuple(self.tally.answered(question) for question in self.questions)

    @property
    def answers(self) -> int:
        """How many answered the question that fewest did."""
        return min(self.counts)

    @property
    def deviations(self) -> tuple[float, ...]:
        """The standard deviation of each question's ratings."""
        return tuple(deviation(self.tally, question) for question in self.questions)

    @property
    def correlations(self) -> tuple[tuple[float, ...], ...]:
        """How far each two questions go together; 1 where too few complete responses tell."""
        return tuple(tuple(correlation(self.tally, a, b) for b in self.questions) for a in self.questions)

    @property
    def terms(self) -> tuple[tuple[float, ...], ...]:
        """What each two questions add to the variance of the index as a share of its scale."""
        correlations, counts = self.correlations, self.counts
        weighted = [share * deviation for share, deviation in zip(self.shares, self.deviations, strict=True)]
        size = range(len(counts))

        def term(a: int, b: int) -> float:
            together = correlations[a][b]
            both = answered_both(self.tally, self.questions[a], self.questions[b], together)
            return together * weighted[a] * weighted[b] * both / (counts[a] * counts[b])

        return tuple(tuple(term(a, b) for b in size) for a in size)

    @property
    def variance(self) -> float:
        """The variance of the index as a share of its scale."""
        return max(0.0, sum(map(sum, self.terms)))

    @property
    def student(self) -> float:
        """Student's quantile."""
        return student_quantile(1 - (1 - CONFIDENCE) / 2, self.answers - 1)

    @property
    def normal(self) -> float:
        """The normal quantile."""
        return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)

    @property
    def factor(self) -> Fraction:
        """The finite-population factor of the variance; 0 where the whole population answered."""
        return finite_population_factor(self.answers, self.population)

    @property
    def spread(self) -> float:
        """The variance as the interval has it: of a finite population, and widened since it is an estimate itself."""
        return self.variance * float(self.factor) * (self.student / self.normal) ** 2


@dataclass(frozen=True, slots=True)
class Chances:
    """The steps after `moments` where something is left to chance; `effective` is the evaluation's own figure."""

    moments: Moments
    effective: float

    @property
    def draws(self) -> float:
        """How many independent draws find a rare citizen as surely as the answers do."""
        return independent_draws(self.moments.answers, self.moments.population)

    @property
    def most(self) -> float:
        """What the number of yes/no answers is held below."""
        share = self.moments.share
        return self.draws * (1 + TRUST * self.moments.answers * share * (1 - share))

    @property
    def yes(self) -> float:
        """Of the yes/no answers, the yes."""
        return self.effective * self.moments.share

    @property
    def no(self) -> float:
        """Of the yes/no answers, the no."""
        return self.effective * (1 - self.moments.share)

    def end(self, probability: float) -> float:
        """The end (0-1) of the interval for a tail of that probability."""
        if probability < 0.5:
            return beta_quantile(probability, self.yes, self.no + 1) if self.moments.share > 0 else 0.0
        return beta_quantile(probability, self.yes + 1, self.no) if self.moments.share < 1 else 1.0

    def below(self, share: float) -> float:
        """The probability that the true index is below that share of the scale."""
        return beta_cdf(share, self.yes + 0.5, self.no + 0.5)


def spreads(tally: Tally, questions: Sequence[str]) -> list[list[int]]:
    """The covariances over complete responses, times n (n - 1)."""
    return [[spread(tally, a, b) for b in questions] for a in questions]
