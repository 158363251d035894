"""Users of a service in spans of days, and what such spans say of a period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ikm.domain.errors import Refusal
from ikm.domain.period import Period, PeriodKind, period_of

WHOLE = ""
"""What stands for the whole unit where a service's code would."""

MOST_USERS = 1_000_000_000
"""More people than any office serves: what is larger is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Users:
    """So many users from `start` up to but not including `end`.

    Raises:
        Refusal: `period_invalid` for an empty span, `population_invalid` for fewer than one user or a billion.
    """

    start: date
    end: date
    number: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise Refusal("period_invalid", f"{self.start} - {self.end}")
        if not 1 <= self.number <= MOST_USERS:
            raise Refusal("population_invalid", str(self.number))

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    @property
    def period(self) -> Period:
        """The span as a period, by the name people know it by where it is a month, quarter, semester or year."""
        for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.SEMESTER, PeriodKind.YEAR):
            named = period_of(self.start, kind) if self.start.year < date.max.year else None
            if named is not None and (named.start, named.end) == (self.start, self.end):
                return named
        return Period(self.start, self.end)


def users_in(period: Period, said: Iterable[Users]) -> int | None:
    """The users of a period: the sum of the spans inside it, where these cover every day of it; None elsewhere.

    No part is taken of a span that reaches beyond the period, and nothing is estimated for days that none covers: a
    population too small would call a sample sufficient that is not.
    """
    inside = sorted(
        (users for users in said if period.start <= users.start and users.end <= period.end),
        key=lambda users: users.start,
    )
    reached, number = period.start, 0
    for users in inside:
        if users.start != reached:
            return None
        reached, number = users.end, number + users.number
    return number if reached == period.end else None


def unit_users(period: Period, said: Mapping[str, Iterable[Users]], offered: Iterable[str]) -> int | None:
    """The users of a unit in a period, from what is said of it ('') and of each of its services by code.

    What is said of the whole unit goes before the sum of its services, which counts only where every service that is
    `offered` is covered.
    """
    whole = users_in(period, said.get(WHOLE, ()))
    if whole is not None:
        return whole
    sums = [users_in(period, said.get(code, ())) for code in offered]
    known = [number for number in sums if number is not None]
    return sum(known) if known and len(known) == len(sums) else None


def uncovered(period: Period, said: Iterable[Users]) -> tuple[Period, ...]:
    """The parts of a period of which nothing is said that could count for it, by date."""
    inside = sorted(
        (users for users in said if period.start <= users.start and users.end <= period.end),
        key=lambda users: users.start,
    )
    gaps, reached = [], period.start
    for users in inside:
        if reached < users.start:
            gaps.append(Period(reached, users.start))
        reached = max(reached, users.end)
    return (*gaps, Period(reached, period.end)) if reached < period.end else tuple(gaps)
