"""Responses as tally cells: each counted once in the cell of its day and once in that of its month."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.domain.response import Channel, Status
from ikm.server.store.facets import Facets, add_facets
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


Zones = Callable[[str], TimeZone | None]
"""The time zone of a unit; None where it has none, as in a database from before units had one."""


class Counts:
    """The growing numbers of one cell.

    Responses, complete ones, per question how often each rating was given, and over the complete ones the `totals` of
    their `questions`, in alphabetical order; both are empty as long as none is complete. `facets` are counted by the
    month alone.
    """

    __slots__ = ("_sheets", "_totals", "complete", "facets", "questions", "ratings", "responses")

    def __init__(self) -> None:
        self.responses = 0
        self.complete = 0
        self.ratings: dict[str, list[int]] = {}
        self.facets: Facets = {}
        self.questions: Sequence[str] = ()
        self._sheets: list[list[int]] = []
        self._totals: Sequence[int] = ()

    @property
    def totals(self) -> Sequence[int]:
        """Sums and products over the complete responses, as `ikm.server.store.totals` orders them."""
        if self._sheets:
            # all at once: adding products up response by response takes several times as long
            self._totals = added(self._totals, totals_of(self._sheets))
            self._sheets = []
        return self._totals

    def count(self, body: wire.ResponseBody) -> None:
        """Count one response."""
        self.responses += 1
        if body.status is Status.COMPLETE:
            self.complete += 1
            # a complete response answers all questions of its version, which never changes, so a cell has one list
            self.questions = self.questions or sorted(body.answers)
            self._sheets.append([body.answers[question] for question in self.questions])
        for question, rating in body.answers.items():
            ratings = self.ratings.get(question)
            if ratings is None:
                ratings = self.ratings[question] = [0, 0, 0, 0]
            ratings[rating - 1] += 1

    def add(self, other: "Counts") -> None:
        """Count all that another cell counted."""
        self.responses += other.responses
        self.complete += other.complete
        for question, counts in other.ratings.items():
            held = self.ratings.get(question, (0, 0, 0, 0))
            self.ratings[question] = [mine + theirs for mine, theirs in zip(held, counts, strict=True)]
        self.questions = self.questions or other.questions
        self._totals = added(self.totals, other.totals)


def cells(responses: Iterable[Dated], zone: Zones) -> Mapping[CellKey, Counts]:
    """The cells those responses add to, in the order they are to be written."""
    days: dict[CellKey, Counts] = {}
    months: dict[CellKey, Counts] = {}
    of_day: dict[CellKey, Facets] = {}
    for dated in responses:
        body = dated.body
        key = CellKey(body.unit, "day", dated.local_date, body.service, body.questionnaire, body.channel)
        counts = days.get(key)
        if counts is None:
            counts = days[key] = Counts()
            month = months.setdefault(_month(key), Counts())
            # who answered and how is counted by the month alone
            of_day[key] = month.facets
        counts.count(body)
        add_facets(of_day[key], dated, zone(body.unit))
    for key, counts in days.items():
        months[_month(key)].add(counts)
    return dict(sorted((days | months).items()))


def whole_units(found: Mapping[CellKey, Counts]) -> Mapping[CellKey, Counts]:
    """What the months among those cells come to over all services of a unit, in the order they are to be written."""
    units: dict[CellKey, Counts] = {}
    for key, counts in found.items():
        if key.grain == "month":
            units.setdefault(key.whole_unit, Counts()).add(counts)
    return dict(sorted(units.items()))


def _month(key: CellKey) -> CellKey:
    return key._replace(grain="month", starts_on=key.starts_on.replace(day=1))
