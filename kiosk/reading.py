"""What there is to read at a kiosk, cut into pages that surely fit: the standard of each service, then the pledge.

Nothing is ever left out: a standard too long for one page goes on on the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ikm.domain.configuration import Configuration, Service
from ikm.domain.questionnaire import Text, words

COMPONENTS = ("REQ", "PROC", "TIME", "COST", "PROD", "CMPL")
"""The six components of a service standard that have to be published, in the order of the rule."""
PAGE_LETTERS = 1000
"""As many letters fit on a page in the least size on every screen, titles and half-filled lines included."""
LARGE_PAGE_LETTERS = 600
"""The same for large letters."""
LINE_LETTERS = 60
"""A line costs at least this many letters, however short it is."""
TITLE_LETTERS = 60
ASKED_OF_CITIZENS = frozenset({"REQ", "PROC"})
"""Components that say what a citizen has to bring and do; all others are promised to them."""
LISTS = frozenset({"REQ"})
"""Components whose lines are things beside each other; the further lines of all others explain the first."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a standard says about one element, short enough to stand beside its question.

    `first` is its first line, `more` how many things follow it, `by_office` whether it is the office's to keep.
    """

    first: str
    more: int
    by_office: bool


def promise(service: Service | None, element: str, language: str) -> Promise | None:
    """What was promised about that element, or None where the standard says nothing."""
    lines = service.standard.get(element, ()) if service else ()
    if not lines:
        return None
    more = len(lines) - 1 if element in LISTS else 0
    return Promise(words(lines[0], language), more, element not in ASKED_OF_CITIZENS)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under the title of one element, or of the pledge, whose `element` is ""."""

    element: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: of a service's standard, or of the pledge, whose `service` is None."""

    service: Service | None
    parts: tuple[Part, ...]


def pages_to_read(configuration: Configuration, language: str, *, letters: int = PAGE_LETTERS) -> tuple[Page, ...]:
    """All pages in their order, none of them with more than `letters` letters."""
    made: list[Page] = []
    for service in configuration.services:
        made += (Page(service, parts) for parts in _paged(_components(service.standard), language, letters))
    pledge = {"": configuration.pledge} if configuration.pledge else {}
    made += (Page(None, parts) for parts in _paged(pledge, language, letters))
    return tuple(made)


def _components(standard: Mapping[str, tuple[Text, ...]]) -> Mapping[str, tuple[Text, ...]]:
    further = [code for code in standard if code not in COMPONENTS]
    return {code: standard[code] for code in (*COMPONENTS, *further) if standard.get(code)}


def _paged(parts: Mapping[str, tuple[Text, ...]], language: str, letters: int) -> Iterator[tuple[Part, ...]]:
    page: list[Part] = []
    left = letters
    for element, texts in parts.items():
        title = TITLE_LETTERS
        for line in _lines(texts, language, letters - TITLE_LETTERS):
            cost = max(LINE_LETTERS, len(line))
            if page and cost + title > left:
                yield tuple(page)
                page, left, title = [], letters, TITLE_LETTERS
            if title:
                page.append(Part(element, ()))
            page[-1] = Part(element, (*page[-1].lines, line))
            left -= cost + title
            title = 0
    if page:
        yield tuple(page)


def _lines(texts: tuple[Text, ...], language: str, most: int) -> Iterator[str]:
    """The lines, with one longer than a page broken between words."""
    for text in texts:
        line = ""
        for word in words(text, language).split():
            if line and len(line) + 1 + len(word) > most:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        if line:
            yield line
