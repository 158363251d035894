"""Who answered and how: language, form, aids, hour, where people left, reasons, profile; counted by the month.

A facet's numbers are [responses, ratings, points]: how many responses had that value, how many ratings they gave and
what these add up to. Visits that gave no answer at all are counted under `unanswered` by the screen they were left at,
with nothing but their number.
"""

from collections.abc import Iterable, Iterator
from operator import add
from typing import Protocol

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.server.clocks import UNCERTAIN

Facets = dict[tuple[str, str], list[int]]
"""(facet, value) -> [responses, ratings, points]."""

LANGUAGE, INSTRUMENT, AID, HOUR, CLOCK, LEFT_AT, REASON, UNANSWERED = (
    "language", "instrument", "aid", "hour", "clock", "left_at", "reason", "unanswered",
)  # fmt: skip
PROFILE = "profile."
"""What the facet of a profile field begins with; its code follows."""

_HOUR_MS = 3_600_000
_THURSDAY = 3
# text by place in the week, made once: it is asked for with every response
_HOURS = tuple(f"{day}-{hour:02}" for day in range(1, 8) for hour in range(24))


class Given(Protocol):
    """A response, the moment it was given and how that is known."""

    @property
    def body(self) -> wire.ResponseBody:
        """The response."""
        ...

    @property
    def occurred_ms(self) -> int:
        """The moment (milliseconds since 1970, UTC)."""
        ...

    @property
    def clock(self) -> str:
        """How it is known: see `ikm.server.clocks`."""
        ...


def facets_of(given: Given, zone: TimeZone | None) -> Iterator[tuple[str, str]]:
    """The facets of one response with their values; its hour only where its moment and its unit's zone are known."""
    body = given.body
    yield LANGUAGE, body.language
    yield INSTRUMENT, body.instrument.value
    if given.clock == UNCERTAIN:
        yield CLOCK, UNCERTAIN
    elif zone is not None:
        yield HOUR, hour_of(given.occurred_ms, zone)
    for field, choice in body.profile.items():
        yield PROFILE + field, choice
    for question, reason in body.reasons.items():
        yield REASON, f"{question}:{reason}"
    if body.visit is not None:
        if body.visit.left_at:
            yield LEFT_AT, body.visit.left_at
        for aid in body.visit.aids:
            yield AID, aid.value


def hour_of(ms: int, zone: TimeZone) -> str:
    """The weekday (1 is Monday) and hour of a moment there: '1-09'."""
    hour = ms // _HOUR_MS + zone.value
    # 1970 began on a Thursday
    return _HOURS[(hour // 24 + _THURSDAY) % 7 * 24 + hour % 24]


def add_facets(facets: Facets, given: Given, zone: TimeZone | None) -> None:
    """Count one response."""
    ratings, points = len(given.body.answers), sum(given.body.answers.values())
    for value in facets_of(given, zone):
        held = facets.get(value)
        if held is None:
            facets[value] = [1, ratings, points]
        else:
            held[0] += 1
            held[1] += ratings
            held[2] += points
    _add_unanswered(facets, given)


def count_facets(facets: Facets, given: Iterable[Given], zone: TimeZone | None) -> None:
    """Count many responses: what `add_facets` of each of them comes to."""
    alike: dict[tuple[object, ...], list[Given]] = {}
    for one in given:
        alike.setdefault(_own(one), []).append(one)
    for ones in alike.values():
        answers = [one.body.answers.values() for one in ones]
        numbers = [len(ones), sum(map(len, answers)), sum(map(sum, answers))]
        for value in facets_of(ones[0], zone):
            facets[value] = list(map(add, facets.get(value, (0, 0, 0)), numbers))
        for one in ones:
            _add_unanswered(facets, one)


def _own(given: Given) -> tuple[object, ...]:
    """What decides about a response's facets in its unit; many have it in common, so those are looked for but once."""
    body = given.body
    visit = (body.visit.left_at, *body.visit.aids) if body.visit else ()
    when = UNCERTAIN if given.clock == UNCERTAIN else given.occurred_ms // _HOUR_MS
    return (body.language, body.instrument, when, visit, tuple(body.profile.items()), tuple(body.reasons.items()))


def _add_unanswered(facets: Facets, given: Given) -> None:
    if given.body.visit is not None:
        for screen, times in given.body.visit.unanswered.items():
            if times:
                facets.setdefault((UNANSWERED, screen), [0, 0, 0])[0] += times
