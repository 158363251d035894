"""Drafts of questionnaires: begun from a version or a bare rule, and changed piece by piece. Pure.

A draft is a message and no questionnaire yet: it may lack what a questionnaire must have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire
from ikm.domain.regulation import FACTOR_NAMES, Element, Factor
from ikm.domain.regulations import REGULATIONS

LOCALES = (OFFICIAL_LOCALE, "en", "jv", "su")
_LABELS = (
    {"id": "Tidak baik", "en": "Poor"},
    {"id": "Kurang baik", "en": "Fair"},
    {"id": "Baik", "en": "Good"},
    {"id": "Sangat baik", "en": "Very good"},
)
_FACTORS = {name.casefold(): factor for factor, name in FACTOR_NAMES.items()}

Message = wire.QuestionnaireMessage


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """A line that cannot be read; its number and a sentence."""

    line: int
    told: str


def skeleton(code: str, regulation: str) -> Message:
    """A draft that asks about each element of a rule, with the same labels everywhere. Raises KeyError."""
    rule = REGULATIONS[regulation]
    questions = [
        wire.QuestionMessage(
            code=element.code, element=element.code, text=_asking(element), labels=[dict(label) for label in _LABELS]
        )
        for element in sorted(rule.elements, key=lambda element: element.form_number)
    ]
    return Message(
        code=code, profile_fields=[], questions=questions, regulation=regulation, title={OFFICIAL_LOCALE: rule.title}
    )


def _asking(element: Element) -> dict[str, str]:
    return {"id": f"Bagaimana pendapat Anda tentang {element.name.lower()}?", "en": f"{element.name_en}?"}


def fault(message: Message) -> str:
    """What a draft lacks to be a questionnaire, as a sentence; '' where it lacks nothing."""
    try:
        message.to_domain()
    except Refusal as refusal:
        return refusal.detail.partition(": ")[2] or refusal.detail
    return ""


def elements(message: Message) -> tuple[Element, ...]:
    """The elements a draft may ask about: its rule's and the added ones."""
    rule = REGULATIONS[message.regulation]
    more = tuple(Element(one.code, 0, 0, one.name, one.name_en, one.factor) for one in message.added)
    return (*sorted(rule.elements, key=lambda element: element.annex_number), *more)


def draftable(message: Message) -> Questionnaire | None:
    """The questionnaire a draft would be; None while it is none."""
    try:
        return message.to_domain()
    except Refusal:
        return None


def with_question(message: Message, question: wire.QuestionMessage) -> Message:
    """The draft with that question in the place of the one of its code, or at the end."""
    if all(held.code != question.code for held in message.questions):
        return replace(message, questions=[*message.questions, question])
    return replace(message, questions=[question if q.code == question.code else q for q in message.questions])


def without_question(message: Message, code: str) -> Message:
    """The draft without that question."""
    return replace(message, questions=[question for question in message.questions if question.code != code])


def moved(message: Message, code: str, by: int) -> Message:
    """The draft with that question so many places further on; at an end it stays."""
    questions = list(message.questions)
    at = next((index for index, question in enumerate(questions) if question.code == code), None)
    if at is None:
        raise Refusal("not_found", code)
    questions.insert(max(0, min(len(questions) - 1, at + by)), questions.pop(at))
    return replace(message, questions=questions)


def new_question(message: Message, element: str) -> wire.QuestionMessage:
    """A question about that element, under a code that is free."""
    found = next((one for one in elements(message) if one.code == element), None)
    if found is None:
        raise Refusal("not_found", element)
    taken = {question.code for question in message.questions}
    code = next(c for c in (element, *(f"{element}-{n}" for n in range(2, 200))) if c not in taken)
    return wire.QuestionMessage(
        code=code, element=element, text=_asking(found), labels=[dict(label) for label in _LABELS]
    )


def texts_of(given: Mapping[str, str]) -> dict[str, str]:
    """A text of what was given in each language, without those left empty."""
    return {locale: text for locale, text in given.items() if text}


# -- lines: one thing a line, its parts between upright strokes --------------------------------------------------------


def options_text(options: Sequence[wire.OptionMessage]) -> str:
    """The options of a profile field, a line each: code, then its words in each language."""
    return "\n".join(_line([one.code, *(one.text.get(locale, "") for locale in LOCALES)]) for one in options)


def read_options(text: str) -> list[wire.OptionMessage]:
    """Options from such lines. Raises Unreadable."""
    found = []
    for number, parts in _lines(text, 2, 1 + len(LOCALES)):
        code, *said = parts
        found.append(wire.OptionMessage(code=_code(code, number), text=_texts(said, number)))
    return found


def reasons_text(reasons: Sequence[wire.ReasonMessage]) -> str:
    """Reasons, a line each: code, the elements it is offered after, then its words in each language."""
    return "\n".join(
        _line([one.code, " ".join(one.elements), *(one.text.get(locale, "") for locale in LOCALES)]) for one in reasons
    )


def read_reasons(text: str, known: Sequence[Element]) -> list[wire.ReasonMessage]:
    """Reasons from such lines. Raises Unreadable."""
    codes, found = {element.code for element in known}, []
    for number, parts in _lines(text, 3, 2 + len(LOCALES)):
        code, after, *said = parts
        if strange := sorted(set(after.split()) - codes):
            raise Unreadable(number, Filled("Unsur %(code)s tidak ada.", code=strange[0][:64]))
        found.append(wire.ReasonMessage(code=_code(code, number), elements=after.split(), text=_texts(said, number)))
    return found


def added_text(added: Sequence[wire.ElementMessage]) -> str:
    """Added elements, a line each: code, name, name in English, the factor that carries it."""
    return "\n".join(_line([one.code, one.name, one.name_en, FACTOR_NAMES[one.factor]]) for one in added)


def read_added(text: str) -> list[wire.ElementMessage]:
    """Added elements from such lines. Raises Unreadable."""
    found = []
    for number, (code, name, *rest) in _lines(text, 2, 4):
        name_en = rest[0] if rest and rest[0] else name
        factor = _FACTORS.get(rest[1].casefold()) if len(rest) > 1 and rest[1] else Factor.SYSTEMS
        if factor is None:
            raise Unreadable(
                number, Filled("Faktor ditulis salah satu dari: %(names)s.", names="; ".join(FACTOR_NAMES.values()))
            )
        _word(name, number)
        _word(name_en, number)
        found.append(wire.ElementMessage(code=_code(code, number), factor=factor, name=name, name_en=name_en))
    return found


def _lines(text: str, least: int, most: int) -> list[tuple[int, list[str]]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("|")]
        if not least <= len(parts) <= most:
            raise Unreadable(
                number,
                Filled("Tulis %(least)s sampai %(most)s bagian, dipisahkan garis tegak |.", least=least, most=most),
            )
        found.append((number, parts))
    return found


def _texts(said: Sequence[str], number: int) -> dict[str, str]:
    if not said or not said[0]:
        raise Unreadable(number, Filled("Teks bahasa Indonesia kosong."))
    for text in said:
        _word(text, number)
    return texts_of(dict(zip(LOCALES, said, strict=False)))


def _word(text: str, number: int) -> None:
    if len(text) > 200 or not (text.isprintable() or not text):
        raise Unreadable(number, Filled("Teksnya lebih dari 200 huruf."))


def _code(text: str, number: int) -> str:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    if not 1 <= len(text) <= 64 or set(text) - allowed or not text[0].isalnum():
        raise Unreadable(number, Filled("Kode hanya huruf, angka, titik, dan tanda hubung."))
    return text


def _line(parts: Sequence[str]) -> str:
    return " | ".join(parts).rstrip(" |")
