"""Everything a set of answers comes to: score, how sure it is, sample, reliability, and the same for its groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from ikm.domain.regulation import Regulation
from ikm.domain.rollup import FactorShortfall, Standing, UnitMean, shortfalls, standings, unit_mean
from ikm.domain.sampling import Sample, sample_of
from ikm.domain.score import Asked, Score, score
from ikm.domain.statistics import Certainty, Reliability, certainty, fewest_answers, reliability
from ikm.domain.tally import Tally, merge_all
from ikm.domain.weights import Weights


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one tally. `certainty` is None without an index or where an element has a single answer."""

    tally: Tally
    score: Score
    certainty: Certainty | None
    reliability: Reliability
    sample: Sample
    shortfalls: tuple[FactorShortfall, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One unit or service among others; `standing` is None where there is no interval to compare by.

    `counted` is False for respondents whose group nobody knows: no unit, so in no mean of units and without a rank.
    """

    name: str
    figures: Figures
    standing: Standing | None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a file, the highest index first, those without an index last, and both roll-ups.

    `mean` is the unweighted mean of the indices there are, None when there is none; the pooled index is that of the
    whole, whatever few answers a group without an index gave included. `silent` names the groups without an index.
    """

    column: str
    groups: tuple[Group, ...]
    mean: UnitMean | None

    @property
    def silent(self) -> tuple[str, ...]:
        """The names of groups that have no index."""
        return tuple(group.name for group in self.groups if group.figures.score.index is None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of all answers together and, where a column was named, of its groups."""

    rule: Regulation
    weights: Weights
    asked: Asked
    whole: Figures
    groups: Groups | None


def figures(
    tally: Tally, asked: Asked, rule: Regulation, weights: Weights | None = None, population: int | None = None
) -> Figures:
    """The figures of one tally.

    Raises:
        Refusal: `population_invalid` when the population is smaller than the number of respondents.
    """
    found = score(tally, asked, rule, weights)
    questions = tuple(code for element in found.elements for code in element.questions)
    return Figures(
        tally=tally,
        score=found,
        certainty=certainty(tally, found, population),
        reliability=reliability(tally, questions),
        sample=sample_of(tally.responses, fewest_answers(tally, found), population, rule.minimum),
        shortfalls=shortfalls(found),
    )


def evaluate(
    tallies: Mapping[str, Tally],
    asked: Asked,
    rule: Regulation,
    weights: Weights,
    *,
    by: str | None = None,
    unknown: str | None = None,
    population: int | None = None,
) -> Evaluation:
    """The figures of groups and of all of them pooled. `by` is the column whose values name the groups, if any.

    `unknown` is the name of the group that is no unit, `population` that of the whole. Raises as `figures` does.
    """
    whole = figures(merge_all(tallies.values()), asked, rule, weights, population)
    groups = None
    if by is not None:
        parts = {name: figures(tally, asked, rule, weights) for name, tally in tallies.items()}
        groups = _groups(by, parts, unknown)
    return Evaluation(rule=rule, weights=weights, asked=asked, whole=whole, groups=groups)


def _groups(column: str, found: Mapping[str, Figures], unknown: str | None) -> Groups:
    units = {name: each for name, each in found.items() if name != unknown}
    sure = {name: each.certainty for name, each in units.items() if each.certainty is not None}
    places = dict(zip(sure, standings([each.interval for each in sure.values()]), strict=True))
    ordered = sorted(found.items(), key=lambda item: (-(item[1].score.index_exact or 0), item[0]))
    return Groups(
        column=column,
        groups=tuple(Group(name, each, places.get(name), counted=name in units) for name, each in ordered),
        mean=unit_mean(each.score for each in units.values()),
    )
