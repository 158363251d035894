"""Responses as tally cells: each counted once in the cell of its day and once in that of its month."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from ikm import wire
from ikm.domain.response import Channel, Status
from ikm.server.store.delivery import Accepted


class CellKey(NamedTuple):
    """What one cell counts. Keys sort, and cells are always written in that order, so two writers cannot deadlock."""

    unit: str
    grain: str
    starts_on: date
    service: str
    questionnaire: str
    channel: Channel


class Counts:
    """The growing numbers of one cell: responses, complete ones, and per question how often each rating was given."""

    __slots__ = ("complete", "ratings", "responses")

    def __init__(self) -> None:
        self.responses = 0
        self.complete = 0
        self.ratings: dict[str, list[int]] = {}

    def count(self, body: wire.ResponseBody) -> None:
        """Count one response."""
        self.responses += 1
        self.complete += body.status is Status.COMPLETE
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


def cells(responses: Iterable[Accepted]) -> Mapping[CellKey, Counts]:
    """The cells those responses add to, in the order they are to be written."""
    days: dict[CellKey, Counts] = {}
    for accepted in responses:
        body = accepted.body
        key = CellKey(body.unit, "day", accepted.local_date, body.service, body.questionnaire, body.channel)
        counts = days.get(key)
        if counts is None:
            counts = days[key] = Counts()
        counts.count(body)
    months: dict[CellKey, Counts] = {}
    for key, counts in days.items():
        month = key._replace(grain="month", starts_on=key.starts_on.replace(day=1))
        months.setdefault(month, Counts()).add(counts)
    return dict(sorted((days | months).items()))
