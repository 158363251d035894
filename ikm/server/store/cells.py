"""Responses as tally cells: each counted once in the cell of its day and once in that of its month."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from operator import add
from typing import NamedTuple, Protocol

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.domain.response import Channel, Status
from ikm.server.store.facets import Facets, count_facets
from ikm.server.store.totals import added, totals_of


class Dated(Protocol):
    """A response, the local date it counts on, the moment it was given and how that is known."""

    @property
    def body(self) -> wire.ResponseBody:
        """The response."""
        ...

    @property
    def local_date(self) -> date:
        """The date."""
        ...

    @property
    def occurred_ms(self) -> int:
        """The moment (milliseconds since 1970, UTC)."""
        ...

    @property
    def clock(self) -> str:
        """How it is known: see `ikm.server.clocks`."""
        ...


class CellKey(NamedTuple):
    """What one cell counts. Keys sort, and cells are always written in that order, so two writers cannot deadlock."""

    unit: str
    grain: str
    starts_on: date
    service: str
    questionnaire: str
    channel: Channel

    @property
    def whole_unit(self) -> "CellKey":
        """The cell of the same month over all services of the unit, whose service is ''."""
        return self._replace(service="")


_RATINGS = (1, 2, 3, 4)
_CHUNK = 1000

Zones = Callable[[str], TimeZone | None]
"""The time zone of a unit; None where it has none, as in a database from before units had one."""


class Counts:
    """The numbers of one cell.

    Responses, complete ones, per question how often each rating was given, and over the complete ones the `totals` of
    their `questions`, in alphabetical order; both are empty as long as none is complete. `facets` are counted by the
    month alone.
    """

    __slots__ = ("complete", "facets", "questions", "ratings", "responses", "totals")

    def __init__(self) -> None:
        self.responses = 0
        self.complete = 0
        self.ratings: dict[str, list[int]] = {}
        self.facets: Facets = {}
        self.questions: Sequence[str] = ()
        self.totals: Sequence[int] = ()

    def count(self, bodies: Iterable[wire.ResponseBody]) -> None:
        """Count those responses."""
        sheets: dict[tuple[Status, tuple[str, ...]], list[Iterable[int]]] = {}
        for body in bodies:
            sheets.setdefault((body.status, tuple(body.answers)), []).append(body.answers.values())
        for (status, questions), rows in sheets.items():
            count = len(rows)
            self.responses += count
            # by columns, which takes less than rating by rating and response by response
            columns = dict(sorted(zip(questions, zip(*rows, strict=True), strict=True)))
            for question, column in columns.items():
                self._add_ratings(question, [column.count(rating) for rating in _RATINGS])
            if status is Status.COMPLETE:
                self.complete += count
                # a complete response answers all questions of its version, which never changes
                if self.questions and self.questions != list(columns):
                    raise ValueError("complete responses to different questions")
                self.questions = list(columns)
                self.totals = added(self.totals, totals_of(list(columns.values())))

    def add(self, other: "Counts") -> None:
        """Count all that another cell counted, but for its facets."""
        self.responses += other.responses
        self.complete += other.complete
        for question, counts in other.ratings.items():
            self._add_ratings(question, counts)
        self.questions = self.questions or other.questions
        self.totals = added(self.totals, other.totals)

    def _add_ratings(self, question: str, counts: list[int]) -> None:
        held = self.ratings.get(question)
        # a list of its own: of two cells each goes on growing by itself
        self.ratings[question] = [*counts] if held is None else list(map(add, held, counts))


def cells(responses: Iterable[Dated], zone: Zones) -> Mapping[CellKey, Counts]:
    """The cells those responses add to, in the order they are to be written."""
    days: dict[CellKey, Counts] = {}
    months: dict[CellKey, Counts] = {}
    coming = iter(responses)
    # bodies are large: of many responses only so many are held at once
    while some := list(islice(coming, _CHUNK)):
        for day, pile in _piles(some).items():
            days.setdefault(day, Counts()).count(dated.body for dated in pile)
            # who answered and how is counted by the month alone
            count_facets(months.setdefault(_month(day), Counts()).facets, pile, zone(day.unit))
    for day, counts in days.items():
        months[_month(day)].add(counts)
    return dict(sorted((days | months).items()))


def _piles(responses: Iterable[Dated]) -> Mapping[CellKey, Sequence[Dated]]:
    piles: dict[tuple[str, date, str, str, Channel], list[Dated]] = {}
    for dated in responses:
        body = dated.body
        place = (body.unit, dated.local_date, body.service, body.questionnaire, body.channel)
        piles.setdefault(place, []).append(dated)
    return {
        CellKey(unit, "day", local_date, service, questionnaire, channel): pile
        for (unit, local_date, service, questionnaire, channel), pile in piles.items()
    }


def whole_units(found: Mapping[CellKey, Counts]) -> Mapping[CellKey, Counts]:
    """What the months among those cells come to over all services of a unit, in the order they are to be written."""
    units: dict[CellKey, Counts] = {}
    for key, counts in found.items():
        if key.grain == "month":
            units.setdefault(key.whole_unit, Counts()).add(counts)
    return dict(sorted(units.items()))


def _month(key: CellKey) -> CellKey:
    return key._replace(grain="month", starts_on=key.starts_on.replace(day=1))
