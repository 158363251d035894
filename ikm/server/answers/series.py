"""Two surveys in one sheet: columns U1 to U9 of one rule beside P1 to P5 of another. Which of them are asked for."""

from collections.abc import Iterable, Mapping

from ikm.domain.regulation import Regulation
from ikm.domain.regulations import REGULATIONS
from ikm.server.answers.headings import ELEMENTS, Meaning

_SIZES = frozenset(len(rule.elements) for rule in REGULATIONS.values())


def without_rivals(found: Mapping[int, Meaning], rule: Regulation) -> Mapping[int, Meaning]:
    """The headings' meanings without those numbered for another survey, where one series of numbers fits the rule.

    Columns U1, U2, ... and those with a name go before P1, Q1 or "Pertanyaan 1", if all elements are among them;
    but a series that has just as many numbers as the rule has elements goes before one that counts another rule's.
    A series that repeats no element, such as Q10 alone, is no rival.
    """
    numbered: dict[str, list[Meaning]] = {}
    for meaning in found.values():
        if meaning.series:
            numbered.setdefault(meaning.series, []).append(meaning)
    own = numbered.pop(ELEMENTS, [])
    named = [m for m in found.values() if not m.by_number and len(m.codes) == 1]
    numbered = {series: meanings for series, meanings in numbered.items() if _clash(meanings, found.values())}
    if not numbered:
        return found
    if _fits(rule, [*own, *named]):
        return _without(found, numbered)
    fitting = [series for series, meanings in numbered.items() if _fits(rule, meanings)]
    if len(fitting) == 1 and (not own or len(own) in _SIZES):
        return _without(found, {ELEMENTS, *numbered} - {fitting[0]})
    return _without(found, numbered) if _covers(rule, [*own, *named]) else found


def _without(found: Mapping[int, Meaning], rivals: Iterable[str]) -> Mapping[int, Meaning]:
    left_out = set(rivals)
    return {place: meaning for place, meaning in found.items() if meaning.series not in left_out}


def _clash(meanings: Iterable[Meaning], found: Iterable[Meaning]) -> bool:
    own = list(meanings)
    others = {code for meaning in found if meaning.series != own[0].series for code in meaning.codes}
    return any(others.intersection(meaning.codes) for meaning in own)


def _covers(rule: Regulation, meanings: Iterable[Meaning]) -> bool:
    return {code for meaning in meanings for code in meaning.codes}.issuperset(rule.codes)


def _fits(rule: Regulation, meanings: Iterable[Meaning]) -> bool:
    every = list(meanings)
    return _covers(rule, every) and all(meaning.codes for meaning in every)
