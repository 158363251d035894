"""Which element a heading speaks of: by a name, by a number, by a code. Pure: text in, meaning out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from ikm.domain.regulation import Element, Regulation
from ikm.server.answers.layout import Order
from ikm.server.answers.names import FILLERS, KEYWORDS, NAMES, NOT_RATINGS, WEAK

_NUMBERED = re.compile(
    r"""(?:(?:nilai|skor|unsur)\s+)*
        (?P<sign>u|unsur(?:\s+pelayanan)?|q|p|pertanyaan|pernyataan|soal) [\s._:-]* (?:ke[\s-]*)? 0*(?P<number>[1-9]\d?)
        (?:\s*(?P<letter>[a-z])(?![a-z]) | [._-](?P<part>\d{1,2})(?!\d))?
        (?P<rest>$|[\s.:()\[\]/=,;–—-].*)""",
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(r"(?P<name>.*?[a-z])[\s_.(-]+(?P<part>\d{1,2}|[a-z])\)?", re.DOTALL)
_SENTENCE = 5
_OF_THE_FORM = frozenset(("q", "p", "pertanyaan", "pernyataan", "soal"))
ELEMENTS = "u"
"""The series of numbers that count elements; those of questions are called by their sign, such as "p"."""

_WORD = re.compile(r"[^\W_]+")


class Certainty(IntEnum):
    """How surely a heading names an element; of several columns the surest are the element's."""

    KEYWORD = 1
    WEAK_NAME = 2
    NAME = 3
    NUMBER = 4
    TOLD = 5


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading may speak of.

    `codes` of elements: none for a number the rule does not have, several where the words fit several. `part` tells
    columns about one element apart ("a" of "U1a"), "" where there is none. `by_order` when only the number told it, and
    annex and form disagree on that number; `by_number` when a number stands there at all, `series` is then which
    numbers it belongs to. `named` when the words tell it, `question` when the heading is a whole sentence.
    """

    codes: tuple[str, ...]
    certainty: Certainty
    part: str = ""
    by_order: bool = False
    by_number: bool = False
    series: str = ""
    named: bool = False
    question: bool = False


def words(text: str) -> tuple[str, ...]:
    """The words of a text, lower case, without signs."""
    return tuple(_WORD.findall(text.casefold()))


def meaning(heading: str, rule: Regulation, order: Order | None) -> Meaning | None:
    """What a heading says under that rule; None when it speaks of no element. Names decide over numbers."""
    text = " ".join(heading.casefold().split())
    if not text or NOT_RATINGS.intersection(words(text)):
        return None
    if found := _NUMBERED.fullmatch(text):
        part = found["letter"] or found["part"] or ""
        in_form = (order or ("form" if found["sign"] in _OF_THE_FORM else "annex")) == "form"
        series = found["sign"] if found["sign"] in _OF_THE_FORM else ELEMENTS
        read = _numbered(int(found["number"]), part, found["rest"], rule, in_form=in_form)
        return replace(read, series=series)
    named = _named(text, rule)
    return named and replace(named, named=True, question=len(words(text)) >= _SENTENCE)


def number_meaning(number: int, rule: Regulation, order: Order | None) -> Meaning:
    """What a heading says that is a bare number."""
    return _numbered(number, "", "", rule, in_form=order == "form")


def _numbered(number: int, part: str, rest: str, rule: Regulation, *, in_form: bool) -> Meaning:
    counted = [e for e in rule.elements if number == (e.form_number if in_form else e.annex_number)]
    either = {e.code for e in rule.elements if number in (e.form_number, e.annex_number)}
    named = _named(rest.strip(" .:()[]/=,;–—-"), rule)
    if named and len(fitting := either.intersection(named.codes)) == 1:
        return Meaning(tuple(fitting), Certainty.NUMBER, part or named.part, by_number=True, named=True)
    if named and named.certainty >= Certainty.WEAK_NAME:
        return Meaning(named.codes, Certainty.NUMBER, part or named.part, by_number=True, named=True)
    disputed = any(e.annex_number != e.form_number for e in counted)
    return Meaning(tuple(e.code for e in counted), Certainty.NUMBER, part, by_order=disputed, by_number=True)


def _named(text: str, rule: Regulation) -> Meaning | None:
    whole = _by_name(text, rule.elements)
    if whole:
        return whole
    split = _PART.fullmatch(text)
    if split and (inner := _by_name(split["name"], rule.elements)):
        return Meaning(inner.codes, inner.certainty, split["part"])
    for code in (element.code for element in rule.elements):
        if found := re.fullmatch(rf"{re.escape(code.casefold())}[\s_.-]*(\d{{0,2}}|[a-z])", text):
            return Meaning((code,), Certainty.NAME, found[1])
    return _by_keyword(frozenset(words(text)), rule.elements)


def _by_name(text: str, elements: Iterable[Element]) -> Meaning | None:
    told = words(text)
    essence = " ".join(word for word in told if word not in FILLERS)
    if not essence:
        return None
    codes = tuple(
        element.code
        for element in elements
        if told in (words(element.name), words(element.name_en), (element.code.casefold(),))
        or essence in NAMES.get(element.code, ())
    )
    if not codes:
        return None
    own = any(told in (words(element.name), (element.code.casefold(),)) for element in elements)
    return Meaning(codes, Certainty.WEAK_NAME if essence in WEAK and not own else Certainty.NAME)


def _by_keyword(told: frozenset[str], elements: Iterable[Element]) -> Meaning | None:
    sizes = {
        element.code: max(
            (len(key.split()) for key in KEYWORDS.get(element.code, ()) if told.issuperset(key.split())), default=0
        )
        for element in elements
    }
    longest = max(sizes.values(), default=0)
    codes = tuple(code for code, size in sizes.items() if size == longest > 0)
    return Meaning(codes, Certainty.KEYWORD) if codes else None
