"""Periods: half-open ranges of local dates, in the time zone of the unit."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_ROMAN = ("I", "II", "III", "IV")
_CODE = re.compile(r"(?P<year>[0-9]{4})(-(S(?P<semester>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_FIRST_MS = (datetime.min.replace(tzinfo=UTC) + _DAY - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS = (datetime.max.replace(tzinfo=UTC) - _DAY - _EPOCH) // timedelta(milliseconds=1)


class TimeZone(Enum):
    """Indonesia's three time zones. They have no summer time, so a fixed offset is the whole rule."""

    WIB = 7
    WITA = 8
    WIT = 9

    def local_date(self, utc_ms: int) -> date:
        """The calendar date there at that moment (milliseconds since 1970, UTC).

        A clock may be wrong without limit and its answers still count, so a moment beyond the calendar (years 1 to
        9999) gives the calendar's first or last date instead of an error.
        """
        return self._local(utc_ms).date()

    def minute_of_day(self, utc_ms: int) -> int:
        """Minutes since local midnight at that moment, 0 to 1439."""
        local = self._local(utc_ms)
        return local.hour * 60 + local.minute

    def written(self, utc_ms: int) -> Filled:
        """That moment as people there write it, to the minute: '24 November 2026 pukul 16.56 WIB'."""
        local = self._local(utc_ms)
        return Filled(
            "%(day)s pukul %(hour)s.%(minute)s %(zone)s", day=in_words(local.date()), hour=f"{local:%H}",
            minute=f"{local:%M}", zone=self.name,
        )  # fmt: skip

    def _local(self, utc_ms: int) -> datetime:
        moment = _EPOCH + timedelta(milliseconds=min(max(utc_ms, _FIRST_MS), _LAST_MS))
        return moment.astimezone(timezone(timedelta(hours=self.value), self.name))


class PeriodKind(StrEnum):
    """The lengths a survey is reported by; `FREE` is any other range."""

    MONTH = "month"
    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"
    FREE = "free"


_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.SEMESTER: 6, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local dates from `start` up to but not including `end`. Raises Refusal (`period_invalid`) when that is empty."""

    start: date
    end: date
    kind: PeriodKind = PeriodKind.FREE

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise Refusal("period_invalid", f"{self.start} - {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def label(self) -> Filled:
        """What a report calls it, in Indonesian: 'Triwulan II 2026'; it can still be said in another language."""
        year, month = self.start.year, self.start.month
        match self.kind:
            case PeriodKind.MONTH:
                return month_in_words(self.start)
            case PeriodKind.QUARTER:
                return Filled("Triwulan %(n)s %(year)s", n=_ROMAN[(month - 1) // 3], year=year)
            case PeriodKind.SEMESTER:
                return Filled("Semester %(n)s %(year)s", n=_ROMAN[(month - 1) // 6], year=year)
            case PeriodKind.YEAR:
                return Filled("Tahun %(year)s", year=year)
            case PeriodKind.FREE:
                return Filled("%(first)s s.d. %(last)s", first=in_words(self.start), last=in_words(self.end - _DAY))


def period_of(day: date, kind: PeriodKind) -> Period:
    """The month, quarter, semester or year a date lies in. Raises Refusal (`period_invalid`) for a free period."""
    if kind is PeriodKind.FREE:
        raise Refusal("period_invalid", "free")
    months = _MONTHS_IN[kind]
    first = (day.month - 1) // months * months + 1
    years, month = divmod(first - 1 + months, 12)
    return Period(date(day.year, first, 1), date(day.year + years, month + 1, 1), kind)


def parse_period(text: str) -> Period:
    """The period a code names: '2026', '2026-S1', '2026-Q4' or '2026-11'. Raises Refusal (`period_invalid`)."""
    match = _CODE.fullmatch(text)
    if match is None:
        raise Refusal("period_invalid", text[:20])
    year = int(match["year"])
    try:
        if match["semester"]:
            return period_of(date(year, 6 * int(match["semester"]) - 5, 1), PeriodKind.SEMESTER)
        if match["quarter"]:
            return period_of(date(year, 3 * int(match["quarter"]) - 2, 1), PeriodKind.QUARTER)
        if match["month"]:
            return period_of(date(year, int(match["month"]), 1), PeriodKind.MONTH)
        return period_of(date(year, 1, 1), PeriodKind.YEAR)
    # years 0 and 9999, whose periods lie or end outside the calendar
    except ValueError:
        raise Refusal("period_invalid", text) from None


def in_words(day: date) -> Filled:
    """A date as people write it: '24 November 2026'."""
    return Filled("%(day)s %(month)s %(year)s", day=day.day, month=Filled(MONTHS[day.month - 1]), year=day.year)


def month_in_words(day: date) -> Filled:
    """The month of a date as people write it: 'November 2026'."""
    return Filled("%(month)s %(year)s", month=Filled(MONTHS[day.month - 1]), year=day.year)
