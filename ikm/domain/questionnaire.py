"""Questionnaires: what is asked, in which words, with which labels. A version is never edited once used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS, Element, Regulation, extended
from ikm.domain.regulations import REGULATIONS

OFFICIAL_LOCALE = "id"
"""The language of the rule: every text exists in it, and official labels stay visible in it."""

Text = Mapping[str, str]
"""One text in several languages: locale -> words. Always has the official locale."""


def words(text: Text, locale: str) -> str:
    """The text in that language, or in the official one where no translation exists."""
    return text.get(locale) or text[OFFICIAL_LOCALE]


class Instrument(StrEnum):
    """How much of a questionnaire one citizen is asked: all of it, a few questions in turn, or one."""

    FULL = "full"
    ROTATING = "rotating"
    ONE_TAP = "one_tap"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Several may ask about the same element; `labels` run from rating 1 to rating 4."""

    code: str
    element: str
    text: Text
    labels: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a profile field."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One thing asked about the respondent, always skippable, never identifying."""

    code: str
    text: Text
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a citizen may have given a 1 or 2; offered after ratings of those elements."""

    code: str
    text: Text
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of a questionnaire; its code names the version. `added` are elements beyond those of the rule.

    Raises:
        Refusal: `questionnaire_invalid` when a code repeats, a text lacks the official language, a question or reason
            names an element the rule does not have, or labels are not one per rating.
        Refusal: `regulation_invalid` when an added element has a code of the rule's, or one comes twice.
    """

    code: str
    regulation: str
    title: Text
    questions: tuple[Question, ...]
    profile_fields: tuple[ProfileField, ...]
    reasons: tuple[Reason, ...] = ()
    added: tuple[Element, ...] = ()

    def __post_init__(self) -> None:
        for complaint in self._complaints():
            raise Refusal("questionnaire_invalid", f"{self.code}: {complaint}")

    @property
    def rule(self) -> Regulation:
        """The rule with the elements added to it. Raises KeyError where nobody knows the rule."""
        return extended(REGULATIONS[self.regulation], self.added)

    def question(self, code: str) -> Question | None:
        """The question of that code, if this version has it."""
        return next((question for question in self.questions if question.code == code), None)

    def profile_field(self, code: str) -> ProfileField | None:
        """The profile field of that code, if this version has it."""
        return next((field for field in self.profile_fields if field.code == code), None)

    def reasons_for(self, question: str) -> tuple[Reason, ...]:
        """What may be chosen after a low rating of that question, in the order of the questionnaire."""
        asked = self.question(question)
        return tuple(reason for reason in self.reasons if asked and asked.element in reason.elements)

    def elements(self) -> Mapping[str, tuple[str, ...]]:
        """Question codes by element code, in the order asked."""
        asked: dict[str, tuple[str, ...]] = {}
        for question in self.questions:
            asked[question.element] = (*asked.get(question.element, ()), question.code)
        return asked

    def _complaints(self) -> Iterator[str]:
        if self.regulation not in REGULATIONS:
            yield f"aturan {self.regulation} tidak dikenal"
            return
        if not self.questions:
            yield "tidak ada pertanyaan"
        known = set(self.rule.codes)
        yield from _repeated("pertanyaan", [question.code for question in self.questions])
        yield from _repeated("data responden", [field.code for field in self.profile_fields])
        for question in self.questions:
            if question.element not in known:
                yield f"pertanyaan {question.code}: unsur {question.element} tidak ada di {self.regulation}"
            if len(question.labels) != len(RATINGS):
                yield f"pertanyaan {question.code}: harus ada {len(RATINGS)} label, ada {len(question.labels)}"
        for field in self.profile_fields:
            yield from _repeated(f"pilihan {field.code}", [option.code for option in field.options])
        yield from self._complaints_of_added()
        yield from self._complaints_of_reasons(known)
        for where, text in self._texts():
            if not text.get(OFFICIAL_LOCALE, "").strip():
                yield f"{where}: teks bahasa Indonesia kosong"

    def _complaints_of_added(self) -> Iterator[str]:
        asked = {question.element for question in self.questions}
        for element in self.added:
            if element.code not in asked:
                yield f"unsur tambahan {element.code}: belum ada pertanyaannya"

    def _complaints_of_reasons(self, known: set[str]) -> Iterator[str]:
        yield from _repeated("alasan", [reason.code for reason in self.reasons])
        for reason in self.reasons:
            for element in sorted(set(reason.elements) - known):
                yield f"alasan {reason.code}: unsur {element} tidak ada di {self.regulation}"

    def _texts(self) -> Iterator[tuple[str, Text]]:
        yield "judul", self.title
        for question in self.questions:
            yield f"pertanyaan {question.code}", question.text
            yield from ((f"label {question.code}", label) for label in question.labels)
        for field in self.profile_fields:
            yield f"data responden {field.code}", field.text
            yield from ((f"pilihan {field.code}.{option.code}", option.text) for option in field.options)
        yield from ((f"alasan {reason.code}", reason.text) for reason in self.reasons)


def _repeated(what: str, codes: list[str]) -> Iterator[str]:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"kode {what} {code} berulang"
