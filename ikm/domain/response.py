"""A citizen's response: the ratings of one visit, immutable, naming nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulation import RATINGS


class Status(StrEnum):
    """How far the citizen came."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class Channel(StrEnum):
    """The way the answers came in."""

    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Response:
    """One citizen's answers.

    `answers` maps question codes to ratings, `profile` field codes to option codes. `duration_ms` is the time from the
    first screen to the last tap on a monotonic clock.
    """

    questionnaire: str
    unit: str
    service: str
    counter: str
    channel: Channel
    language: str
    status: Status
    answers: Mapping[str, int]
    profile: Mapping[str, str]
    duration_ms: int


def check(response: Response, questionnaire: Questionnaire) -> None:
    """Refuse a response that its questionnaire could not have produced.

    Raises:
        Refusal: `questionnaire_unknown`, `answers_empty`, `question_unknown`, `rating_out_of_range`,
            `status_contradicts_answers` or `profile_unknown`, naming the code but never the citizen's choice.
    """
    if response.questionnaire != questionnaire.code:
        raise Refusal("questionnaire_unknown", response.questionnaire)
    if not response.answers:
        raise Refusal("answers_empty")
    for code, rating in response.answers.items():
        if questionnaire.question(code) is None:
            raise Refusal("question_unknown", code)
        # bool is an int in Python, and True must not pass for a 1
        if type(rating) is not int or rating not in RATINGS:
            raise Refusal("rating_out_of_range", code)
    complete = len(response.answers) == len(questionnaire.questions)
    if complete != (response.status is Status.COMPLETE):
        raise Refusal("status_contradicts_answers")
    for code, choice in response.profile.items():
        field = questionnaire.profile_field(code)
        if field is None or all(choice != option.code for option in field.options):
            raise Refusal("profile_unknown", code)
