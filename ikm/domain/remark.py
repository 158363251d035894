"""What becomes of a citizen's remark: where it stands, what it is about, by when somebody has to see to it."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

ANSWER_WITHIN_DAYS = 5
"""Working days within which a complaint gets its first answer (PermenPAN-RB 62/2018); for all remarks but praise."""


class Status(StrEnum):
    """Where a remark stands."""

    NEW = "new"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Category(StrEnum):
    """What it is; the first three are what SP4N-LAPOR! takes."""

    COMPLAINT = "complaint"
    ASPIRATION = "aspiration"
    QUESTION = "question"
    PRAISE = "praise"
    OTHER = "other"


LAPOR: Mapping[Category, str] = MappingProxyType(
    {
        Category.COMPLAINT: "Pengaduan",
        Category.ASPIRATION: "Aspirasi",
        Category.QUESTION: "Permintaan Informasi",
    }
)
"""How SP4N-LAPOR! calls what it takes."""


def due_on(given_on: date, closed: Collection[date] = ()) -> date:
    """The last day for a first answer: that many working days later.

    Saturdays, Sundays and the days on which the unit is `closed` are not counted.
    """
    day, left = given_on, ANSWER_WITHIN_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.isoweekday() <= 5 and day not in closed
    return day
