"""The steps between answers and figures as numbers, for readers that show a workbook without recalculating it.

What an evaluation holds is taken from it; these are the steps in between, in the words of `ikm.domain.statistics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt
from statistics import NormalDist

from ikm.domain.distributions import beta_cdf, beta_quantile, student_quantile
from ikm.domain.sampling import finite_population_factor
from ikm.domain.statistics import CONFIDENCE
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
    """The steps of one certainty; to be asked only where there is an index and more than one respondent."""

    tally: Tally
    questions: tuple[str, ...]
    shares: tuple[float, ...]
    population: int | None
    share: float

    @property
    def respondents(self) -> int:
        """How many answered the rarest question."""
        return min(self.tally.answered(question) for question in self.questions)

    @property
    def deviations(self) -> tuple[float, ...]:
        """The standard deviation of each question's ratings."""
        found = []
        for question in self.questions:
            n, total = self.tally.answered(question), self.tally.total(question)
            found.append(sqrt((n * self.tally.squares(question) - total**2) / (n * (n - 1))))
        return tuple(found)

    @property
    def differing(self) -> tuple[int, ...]:
        """How many did not answer each question as most did."""
        return tuple(self.tally.answered(question) - max(self.tally.counts[question]) for question in self.questions)

    @property
    def correlations(self) -> tuple[tuple[float, ...], ...]:
        """How far each two questions go together."""
        spread = spreads(self.tally, self.questions)
        size = range(len(self.questions))
        apart = [[spread[a][a] * spread[b][b] for b in size] for a in size]
        return tuple(
            tuple(1.0 if a == b or not apart[a][b] else spread[a][b] / sqrt(apart[a][b]) for b in size) for a in size
        )

    @property
    def terms(self) -> tuple[tuple[float, ...], ...]:
        """What each two questions add to the variance of the index as a share of its scale."""
        correlations = self.correlations
        weighted = [share * deviation for share, deviation in zip(self.shares, self.deviations, strict=True)]
        counts = [self.tally.answered(question) for question in self.questions]
        size = range(len(counts))
        return tuple(
            tuple(correlations[a][b] * weighted[a] * weighted[b] / max(counts[a], counts[b]) for b in size)
            for a in size
        )

    @property
    def variance(self) -> float:
        """The variance of the index as a share of its scale."""
        return max(0.0, sum(map(sum, self.terms)))

    @property
    def student(self) -> float:
        """Student's quantile."""
        return student_quantile(1 - (1 - CONFIDENCE) / 2, self.respondents - 1)

    @property
    def normal(self) -> float:
        """The normal quantile."""
        return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)

    @property
    def most(self) -> int:
        """What the number of yes/no answers is held below."""
        return self.respondents * (1 + 2 * max(self.differing))

    @property
    def sampled(self) -> float:
        """The number of yes/no answers, before a known population is minded."""
        variance = self.variance
        if variance < 1e-18:
            return self.most
        return min(self.most, self.share * (1 - self.share) / (variance * (self.student / self.normal) ** 2))

    @property
    def factor(self) -> Fraction:
        """The finite-population factor."""
        return finite_population_factor(self.tally.responses, self.population)

    @property
    def yes(self) -> float:
        """Of the yes/no answers, the yes; the factor must not be zero."""
        return self.sampled / float(self.factor) * self.share

    @property
    def no(self) -> float:
        """Of the yes/no answers, the no."""
        return self.sampled / float(self.factor) * (1 - self.share)

    def end(self, probability: float) -> float:
        """The end (0-1) of the interval for a tail of that probability."""
        if probability < 0.5:
            return beta_quantile(probability, self.yes, self.no + 1) if self.share > 0 else 0.0
        return beta_quantile(probability, self.yes + 1, self.no) if self.share < 1 else 1.0

    def below(self, share: float) -> float:
        """The probability that the true index is below that share of the scale."""
        return beta_cdf(share, self.yes + 0.5, self.no + 0.5)


def spreads(tally: Tally, questions: Sequence[str]) -> list[list[int]]:
    """The covariances over complete responses, times n (n - 1)."""
    return [
        [tally.complete * tally.product(a, b) - tally.sums.get(a, 0) * tally.sums.get(b, 0) for b in questions]
        for a in questions
    ]
