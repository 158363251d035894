"""An evaluation as plain values for programs: what `ikm score --json` prints.

Figures that are exact are text or integers ('78.74', '11575/147', sums); estimates are numbers. An element's `mean` is
a number, with the fraction beside it.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ikm.domain.regulation import Regulation, own_elements
from ikm.domain.rollup import FactorShortfall
from ikm.domain.sampling import Sample
from ikm.domain.score import ElementScore, Score
from ikm.domain.statistics import Certainty
from ikm.domain.tally import Tally
from ikm.server.reports.evaluation import Evaluation, Figures, Group, Groups


def as_values(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON takes it. `by` is null without groups, `base` without an agency's own elements."""
    return {
        "regulation": evaluation.rule.code,
        "own_elements": _own_elements(evaluation.rule),
        "weights": evaluation.weights.convention,
        **_figures(evaluation.whole),
        "by": None if evaluation.groups is None else _groups(evaluation.groups, evaluation.whole),
    }


def _own_elements(rule: Regulation) -> list[dict[str, str | None]]:
    return [
        {"code": element.code, "name": element.name, "replaces": None if replaced is None else replaced.code}
        for element, replaced in own_elements(rule)
    ]


def _figures(figures: Figures) -> dict[str, Any]:
    score = figures.score
    return {
        "n": score.responses,
        "complete": score.complete,
        "elements": [_element(line, figures.tally) for line in score.elements],
        **_index(score),
        "index_equal_weights": None if score.unweighted_exact is None else _ratio(score.unweighted_exact),
        "base": None if score.base is None else {"regulation": score.base.regulation.code, **_index(score.base)},
        **_certainty(figures.certainty),
        "sample": _sample(figures.sample),
        "reliability": {"alpha": figures.reliability.alpha, "item_total": dict(figures.reliability.item_total)},
        "shortfalls": [_shortfall(factor) for factor in figures.shortfalls],
    }


def _index(score: Score) -> dict[str, Any]:
    return {
        "index": None if score.index is None else str(score.index),
        "index_exact": None if score.index_exact is None else _ratio(score.index_exact),
        "grade": score.band.grade if score.band else None,
        "grade_label": score.band.label if score.band else None,
    }


def _element(line: ElementScore, tally: Tally) -> dict[str, Any]:
    return {
        "code": line.element.code,
        "number": line.element.annex_number,
        "name": line.element.name,
        "n": line.answers,
        "sum": line.total,
        "questions": [{"code": code, "n": tally.answered(code), "sum": tally.total(code)} for code in line.questions],
        "mean": None if line.mean is None else float(line.mean),
        "mean_exact": None if line.mean is None else _ratio(line.mean),
        "weight": _ratio(line.weight),
        "weighted": None if line.weighted is None else float(line.weighted),
        "index": None if line.index is None else str(line.index),
        "grade": line.band.grade if line.band else None,
    }


def _certainty(certainty: Certainty | None) -> dict[str, Any]:
    if certainty is None:
        return {"interval": None, "grade_probabilities": None}
    return {"interval": list(certainty.interval), "grade_probabilities": dict(certainty.grade_probabilities)}


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "population": sample.population,
        "answers": sample.answers,
        "target": sample.target,
        "adequate": sample.adequate,
        "margin_of_error": sample.margin_of_error,
    }


def _shortfall(factor: FactorShortfall) -> dict[str, Any]:
    return {
        "factor": factor.factor.value,
        "points": float(factor.points),
        "elements": [
            {"code": line.element.code, "points": float(line.points), "below": line.below} for line in factor.elements
        ],
    }


def _groups(groups: Groups, whole: Figures) -> dict[str, Any]:
    mean = groups.mean
    return {
        "column": groups.column,
        "mean_of_units": None
        if mean is None
        else {
            "units": mean.units,
            "index": str(mean.index),
            "index_exact": _ratio(mean.exact),
            "grade": mean.band.grade,
        },
        "pooled": {"n": whole.score.responses, **_index(whole.score)},
        "without_index": list(groups.silent),
        "without_data": [group.name for group in groups.groups if not group.figures.tally.responses],
        "groups": [_group(group) for group in groups.groups],
    }


def _group(group: Group) -> Mapping[str, Any]:
    score = group.figures.score
    standing = group.standing
    return {
        "name": group.name,
        "counted": group.counted,
        "n": score.responses,
        **_index(score),
        **_certainty(group.figures.certainty),
        "rank": None if standing is None else standing.rank,
        "rank_last": None if standing is None else standing.last,
    }


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
