"""Walking through periods: the code of one, the one before, the one after, the same days at another length."""

from datetime import date, timedelta

from ikm.domain.errors import Refusal
from ikm.domain.period import Period, PeriodKind, period_of

KINDS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.SEMESTER, PeriodKind.YEAR)
"""The lengths a reader chooses from, shortest first."""

_DAY = timedelta(days=1)


def period_code(period: Period) -> str:
    """How an address names it: '2026', '2026-S1', '2026-Q4', '2026-11'.

    Raises:
        Refusal: `period_invalid` for a free period, which has no such name.
    """
    year, month = f"{period.start.year:04}", period.start.month
    match period.kind:
        case PeriodKind.MONTH:
            return f"{year}-{month:02}"
        case PeriodKind.QUARTER:
            return f"{year}-Q{(month + 2) // 3}"
        case PeriodKind.SEMESTER:
            return f"{year}-S{(month + 5) // 6}"
        case PeriodKind.YEAR:
            return year
        case PeriodKind.FREE:
            raise Refusal("period_invalid", "free")


def before(period: Period) -> Period | None:
    """The period of the same kind that ends where this one starts; None where the calendar does."""
    return None if period.start == date.min else period_of(period.start - _DAY, period.kind)


def after(period: Period, today: date) -> Period | None:
    """The period of the same kind that starts where this one ends; None when it has not begun today."""
    return period_of(period.end, period.kind) if period.end <= today else None


def at_length(period: Period, kind: PeriodKind, today: date) -> Period:
    """The period of another length around the newest day of this one that has come."""
    return period_of(today if today in period else period.end - _DAY, kind)
