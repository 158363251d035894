"""What a kiosk runs on, as it comes down: questionnaires and configurations, to the domain and from it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, convert, to_builtins

from ikm.domain.configuration import Aid, Configuration, Opening, PublishedIndex, Service
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Instrument, Option, ProfileField, Question, Questionnaire, Reason
from ikm.domain.regulation import Element, Factor
from ikm.wire.types import MAX_QUESTIONS, Code, Count, Line, Locale, Message, Text

CONFIGURATION_PROTOCOL = 1
"""Configurations have not changed since the first protocol, so a kiosk of either version reads them."""

Lines = Annotated[list[Text], Meta(max_length=50)]


class OptionMessage(Message, frozen=True):
    """One choice of a profile field."""

    code: Code
    text: Text


class ProfileFieldMessage(Message, frozen=True):
    """One thing asked about the respondent."""

    code: Code
    options: Annotated[list[OptionMessage], Meta(max_length=50)]
    text: Text


class ElementMessage(Message, frozen=True):
    """An element beyond those of the rule."""

    code: Code
    factor: Factor
    name: Line
    name_en: Line


class QuestionMessage(Message, frozen=True):
    """One question with its labels from rating 1 to rating 4."""

    code: Code
    element: Code
    labels: Annotated[list[Text], Meta(max_length=10)]
    text: Text


class ReasonMessage(Message, frozen=True):
    """Why a rating may have been low, and after which elements that is offered."""

    code: Code
    elements: Annotated[list[Code], Meta(max_length=MAX_QUESTIONS)]
    text: Text


class QuestionnaireMessage(Message, frozen=True, omit_defaults=True):
    """A version of a questionnaire, as files and configurations carry it."""

    code: Code
    profile_fields: Annotated[list[ProfileFieldMessage], Meta(max_length=20)]
    questions: Annotated[list[QuestionMessage], Meta(max_length=MAX_QUESTIONS)]
    regulation: Code
    title: Text
    added: Annotated[list[ElementMessage], Meta(max_length=20)] = []
    reasons: Annotated[list[ReasonMessage], Meta(max_length=100)] = []

    def to_domain(self) -> Questionnaire:
        """The questionnaire. Raises Refusal (`questionnaire_invalid`)."""
        return Questionnaire(
            code=self.code,
            regulation=self.regulation,
            title=self.title,
            questions=tuple(
                Question(code=q.code, element=q.element, text=q.text, labels=tuple(q.labels)) for q in self.questions
            ),
            profile_fields=tuple(
                ProfileField(f.code, f.text, tuple(Option(o.code, o.text) for o in f.options))
                for f in self.profile_fields
            ),
            reasons=tuple(Reason(r.code, r.text, tuple(r.elements)) for r in self.reasons),
            # where they stand among the others follows from the rule
            added=tuple(Element(e.code, 0, 0, e.name, e.name_en, e.factor) for e in self.added),
        )


class ServiceMessage(Message, frozen=True, omit_defaults=True):
    """A service citizens come for, with what was promised for it: element code -> lines."""

    code: Code
    name: Text
    standard: Annotated[dict[Code, Lines], Meta(max_length=MAX_QUESTIONS)] = {}

    def to_domain(self) -> Service:
        """The service."""
        return Service(self.code, self.name, {code: tuple(lines) for code, lines in self.standard.items()})


class PublishedIndexMessage(Message, frozen=True):
    """The unit's last published index."""

    grade: Annotated[str, Meta(pattern=r"\A[A-D]\Z")]
    index_hundredths: Annotated[int, Meta(ge=0, le=10_000)]
    period: Text
    respondents: Count

    def to_domain(self) -> PublishedIndex:
        """The index as the kiosk shows it."""
        return PublishedIndex(self.index_hundredths, self.grade, self.respondents, self.period)


class OpeningMessage(Message, frozen=True):
    """A stretch of opening hours: `weekday` 1 (Monday) to 7, minutes since midnight."""

    closes_min: Count
    opens_min: Count
    weekday: Count


class ConfigurationMessage(Message, frozen=True, omit_defaults=True):
    """A kiosk's configuration as it comes down. What has a default is spelt only where it differs."""

    countdown_s: Count
    counter: Code
    counter_name: Line
    default_language: Locale
    idle_s: Count
    languages: Annotated[list[Locale], Meta(max_length=20)]
    protocol: int
    questionnaire: QuestionnaireMessage
    regency: Line
    services: Annotated[list[ServiceMessage], Meta(max_length=500)]
    thanks_s: Count
    time_zone: Literal["WIB", "WITA", "WIT"]
    unit: Code
    unit_name: Text
    version: Count
    aids: Annotated[list[Aid], Meta(max_length=10)] = []
    asks_comment: bool = True
    closed_on: Annotated[list[Annotated[str, Meta(pattern=r"\A\d{4}-\d{2}-\d{2}\Z")]], Meta(max_length=1000)] = []
    instrument: Instrument = Instrument.FULL
    opening: Annotated[list[OpeningMessage], Meta(max_length=50)] = []
    pledge: Lines = []
    public_url: Annotated[str, Meta(max_length=200, pattern=r"\A(https?://[!-~]+)?\Z")] = ""
    published: PublishedIndexMessage | None = None
    questions_each: Count = 3
    staff_pin: Annotated[str, Meta(max_length=200, pattern=r"\A(\$argon2id\$[!-~]+)?\Z")] = ""

    def to_domain(self) -> Configuration:
        """The configuration. Raises Refusal (`configuration_invalid`, `questionnaire_invalid`)."""
        return Configuration(
            version=self.version,
            regency=self.regency,
            unit=self.unit,
            unit_name=self.unit_name,
            counter=self.counter,
            counter_name=self.counter_name,
            services=tuple(service.to_domain() for service in self.services),
            questionnaire=self.questionnaire.to_domain(),
            languages=tuple(self.languages),
            default_language=self.default_language,
            time_zone=TimeZone[self.time_zone],
            idle_s=self.idle_s,
            countdown_s=self.countdown_s,
            thanks_s=self.thanks_s,
            instrument=self.instrument,
            questions_each=self.questions_each,
            asks_comment=self.asks_comment,
            aids=frozenset(self.aids),
            pledge=tuple(self.pledge),
            published=self.published.to_domain() if self.published else None,
            public_url=self.public_url,
            opening=tuple(Opening(hours.weekday, hours.opens_min, hours.closes_min) for hours in self.opening),
            closed_on=tuple(self.closed_on),
            staff_pin=self.staff_pin,
        )


def questionnaire_message(questionnaire: Questionnaire) -> QuestionnaireMessage:
    """The message of a questionnaire."""
    return convert(_plain_questionnaire(questionnaire), QuestionnaireMessage)


def configuration_message(configuration: Configuration) -> ConfigurationMessage:
    """The message of a configuration."""
    plain = {
        **_plain(configuration),
        "aids": sorted(configuration.aids),
        "protocol": CONFIGURATION_PROTOCOL,
        "questionnaire": _plain_questionnaire(configuration.questionnaire),
        "time_zone": configuration.time_zone.name,
    }
    return convert(plain, ConfigurationMessage)


def _plain_questionnaire(questionnaire: Questionnaire) -> dict[str, Any]:
    added = [
        {"code": element.code, "factor": element.factor, "name": element.name, "name_en": element.name_en}
        for element in questionnaire.added
    ]
    return {**_plain(questionnaire), "added": added}


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = to_builtins(value, enc_hook=_plain_mapping)
    return plain


def _plain_mapping(value: object) -> dict[Any, Any]:
    # frozen mappings of the domain
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
