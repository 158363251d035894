"""How the things asked about a respondent are spread over pages and lines, so that nothing ever has to be scrolled."""

from collections.abc import Iterable, Sequence

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import ProfileField, words

LONG_OPTION = 24
"""Choices longer than this, in letters, need wider chips."""

FIELDS_PER_PAGE = 3
LINES, LINES_PORTRAIT = 3, 5
"""How many lines of chips of 20 mm a page holds, beside the words, on a wide screen and on a totem."""


def columns(field: ProfileField, language: str, *, portrait: bool, low: bool) -> int:
    """How many of a field's choices stand side by side: as equal in number from line to line as can be."""
    count = len(field.options)
    longest = max((len(words(option.text, language)) for option in field.options), default=0)
    if low:
        most = 5
    elif longest > LONG_OPTION:
        most = 2 if portrait else 4
    else:
        most = 4 if portrait else 7
    lines = max(1, -(-count // most))
    return max(1, -(-count // lines))


def pages_of(
    fields: Sequence[ProfileField], language: str, aids: Iterable[Aid]
) -> tuple[tuple[ProfileField, ...], ...]:
    """The fields of each page: what fits a wide screen and a totem alike; one by one where hands must stay low."""
    pages: list[tuple[ProfileField, ...]] = []
    for field in fields:
        longer = (*pages[-1], field) if pages else (field,)
        if pages and Aid.LOW not in aids and _fits(longer, language):
            pages[-1] = longer
        else:
            pages.append((field,))
    return tuple(pages)


def _fits(fields: Sequence[ProfileField], language: str) -> bool:
    wide, high = (
        sum(-(-len(field.options) // columns(field, language, portrait=portrait, low=False)) for field in fields)
        for portrait in (False, True)
    )
    return len(fields) <= FIELDS_PER_PAGE and wide <= LINES and high <= LINES_PORTRAIT
