"""One result out of several questionnaire versions, where they measure the same thing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulation import Element
from ikm.domain.score import Score, score
from ikm.domain.statistics import Certainty, certainty
from ikm.domain.tally import Tally, merge_all

FEW = 30
"""Below this many respondents a figure is shown with a caution. The target sample of the rule is another matter."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one set of responses.

    `score` is None when nobody answered, and when the responses stand on questionnaires that do not measure the same
    elements; its index is None when an element has no answer yet. `tally` is what the score was taken of.
    """

    responses: int
    complete: int
    questionnaires: tuple[Questionnaire, ...]
    score: Score | None
    tally: Tally = field(default_factory=Tally)

    @property
    def certainty(self) -> Certainty | None:
        """How sure the index is; None without one, or where an element has a single answer. Computed when asked for."""
        return None if self.score is None else certainty(self.tally, self.score)

    @property
    def partial(self) -> int:
        """How many respondents rated some elements only: they left before the last, or a short form asked no more."""
        return self.responses - self.complete

    @property
    def few(self) -> bool:
        """Whether there are too few respondents for the figure to stand for the unit."""
        return 0 < self.responses < FEW

    @property
    def scored(self) -> Score | None:
        """The score if it has an index."""
        return self.score if self.score is not None and self.score.index is not None else None

    @property
    def incomparable(self) -> bool:
        """Whether there are answers that may not be added up, since different elements were asked."""
        return self.responses > 0 and self.score is None

    @property
    def unanswered(self) -> tuple[Element, ...]:
        """The elements without a mean, where others have one."""
        if self.score is None:
            return ()
        return tuple(element.element for element in self.score.elements if element.mean is None)


def pool(parts: Iterable[tuple[Questionnaire, Tally]]) -> Result:
    """The result of all parts together, added up by element and not by question.

    Two versions measure the same when their rule is the same, they ask about the same elements, and an element several
    questions share is asked by the same ones: the mean inside such an element is one over its questions, so other
    questions would make it another figure.
    """
    asked = [(questionnaire, tally) for questionnaire, tally in parts if tally.responses]
    versions = {questionnaire.code: questionnaire for questionnaire, _ in asked}
    comparable = _comparable(versions.values())
    merged = _merged(asked) if comparable else Tally()
    return Result(
        responses=sum(tally.responses for _, tally in asked),
        complete=sum(tally.complete for _, tally in asked),
        questionnaires=tuple(versions.values()),
        score=_score(asked[0][0], merged) if comparable else None,
        tally=merged,
    )


def _comparable(versions: Iterable[Questionnaire]) -> bool:
    return len({(version.regulation, frozenset(_keys(version).values())) for version in versions}) == 1


def _merged(parts: Iterable[tuple[Questionnaire, Tally]]) -> Tally:
    return merge_all(tally.renamed(_keys(questionnaire)) for questionnaire, tally in parts)


def _score(version: Questionnaire, merged: Tally) -> Score:
    keys = _keys(version)
    asked = {element: [keys[code] for code in questions] for element, questions in version.elements().items()}
    return score(merged, asked, version.rule)


def _keys(questionnaire: Questionnaire) -> Mapping[str, str]:
    """What each question is counted under: its element where it stands alone, else itself within its element."""
    return {
        code: element if len(questions) == 1 else f"{element}/{code}"
        for element, questions in questionnaire.elements().items()
        for code in questions
    }
