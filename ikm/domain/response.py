"""A citizen's response: the ratings of one visit, immutable, naming nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.regulation import RATINGS

LOW_RATINGS = (1, 2)
"""The ratings after which a citizen may say why."""


class Status(StrEnum):
    """Whether every question of the questionnaire is answered; of a short form never all are."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class Channel(StrEnum):
    """The way the answers came in."""

    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Visit:
    """How a visit to a kiosk went, and nothing about whose it was: what a drop-off chart is made of.

    `spent_ms` maps screens (`service`, `question-REQ`, `profile` and so on) to the time they were shown. `left_at` is
    the screen the citizen walked away from, "" where they came to the end. `aids` and `inputs` are codes of what was
    used. `unanswered` counts earlier visits that began and gave nothing, by the screen they were left at.
    """

    spent_ms: Mapping[str, int] = field(default_factory=dict)
    back_steps: int = 0
    left_at: str = ""
    aids: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    unanswered: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One citizen's answers.

    `answers` maps question codes to ratings, `profile` field codes to option codes, `reasons` question codes to the
    reason for a low rating. `asked` are the questions put to this citizen, () where all were. `duration_ms` is the time
    from the first screen to the last tap on a monotonic clock.
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
    instrument: Instrument = Instrument.FULL
    asked: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    visit: Visit | None = None


def check(response: Response, questionnaire: Questionnaire) -> None:
    """Refuse a response that its questionnaire could not have produced.

    Raises:
        Refusal: `questionnaire_unknown`, `answers_empty`, `question_unknown`, `rating_out_of_range`,
            `status_contradicts_answers`, `asked_contradicts_answers`, `reason_unknown` or `profile_unknown`, naming the
            code but never the citizen's choice.
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
    _check_asked(response, questionnaire)
    _check_reasons(response, questionnaire)
    for code, choice in response.profile.items():
        known_field = questionnaire.profile_field(code)
        if known_field is None or all(choice != option.code for option in known_field.options):
            raise Refusal("profile_unknown", code)


def _check_asked(response: Response, questionnaire: Questionnaire) -> None:
    asked = response.asked
    for code in asked:
        if questionnaire.question(code) is None:
            raise Refusal("question_unknown", code)
    fitting = {
        Instrument.FULL: not asked,
        Instrument.ROTATING: bool(asked),
        Instrument.ONE_TAP: len(asked) == 1,
    }
    repeated = len(set(asked)) != len(asked)
    if not fitting[response.instrument] or repeated or (asked and not response.answers.keys() <= set(asked)):
        raise Refusal("asked_contradicts_answers")


def _check_reasons(response: Response, questionnaire: Questionnaire) -> None:
    for code, reason in response.reasons.items():
        offered = any(reason == known.code for known in questionnaire.reasons_for(code))
        if response.answers.get(code) not in LOW_RATINGS or not offered:
            raise Refusal("reason_unknown", code)
