"""When a counter is open, added up: what a kiosk's silence and its coverage are measured against. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ikm.domain.configuration import Opening
from ikm.domain.period import TimeZone

GRACE_MS = 30 * 60_000
"""A kiosk that was not heard of for so much of its opening hours is silent."""

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
_LONGEST_MS = 15 * _DAY_MS
_ALL_DAY = ((0, 24 * 60),)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a counter is open: hours by weekday, days on which it is not, or always."""

    zone: TimeZone
    opening: Sequence[Opening] = ()
    closed: Collection[date] = ()
    always: bool = False

    @property
    def known(self) -> bool:
        """Whether anybody said when it is open."""
        return self.always or bool(self.opening)

    def is_open(self, now_ms: int) -> bool:
        """Whether it is open at that moment."""
        return any(start <= now_ms < end for start, end in self.stretches(now_ms, now_ms + 1))

    def stretches(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
        """The stretches of opening hours between two moments (milliseconds since 1970, UTC), in order."""
        day, last = self.zone.local_date(start_ms), self.zone.local_date(end_ms)
        while day <= last:
            midnight = (day - _EPOCH).days * _DAY_MS - self.zone.value * _HOUR_MS
            for opens, closes in self._on(day):
                start = max(start_ms, midnight + opens * _MINUTE_MS)
                end = min(end_ms, midnight + closes * _MINUTE_MS)
                if start < end:
                    yield start, end
            day += timedelta(days=1)

    def _on(self, day: date) -> Sequence[tuple[int, int]]:
        if self.always:
            return _ALL_DAY
        if day in self.closed:
            return ()
        weekday = day.isoweekday()
        return sorted((one.opens_min, one.closes_min) for one in self.opening if one.weekday == weekday)


def silent_ms(hours: Hours, heard_ms: int, now_ms: int) -> int:
    """How long of its opening hours a counter's kiosk was not heard of; 0 while it is closed or within the grace.

    A kiosk that is heard of again is silent no more, and one of a closed counter is not: nobody has to clear anything.
    """
    return missed_ms(hours, heard_ms, now_ms) if hours.is_open(now_ms) else 0


def missed_ms(hours: Hours, heard_ms: int, now_ms: int) -> int:
    """How long of its opening hours a counter's kiosk was not heard of, be it open now or closed; 0 within the grace.

    Of more than fifteen days the last fifteen are counted.
    """
    # most kiosks were heard of a moment ago
    if now_ms - heard_ms <= GRACE_MS:
        return 0
    since = max(heard_ms, now_ms - _LONGEST_MS)
    missed = sum(end - start for start, end in hours.stretches(since, now_ms))
    return missed if missed > GRACE_MS else 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many hours that a counter was open its kiosk was heard in."""

    heard: int
    open: int


def open_hours(hours: Hours, since_ms: int, now_ms: int) -> Mapping[int, int]:
    """The hours that a counter was open in between two moments and that have ended: bits by day since 1970, UTC."""
    found: dict[int, int] = {}
    for start, end in hours.stretches(since_ms, now_ms):
        for hour in range(start // _HOUR_MS, min(-(-end // _HOUR_MS), now_ms // _HOUR_MS)):
            found[hour // 24] = found.get(hour // 24, 0) | 1 << hour % 24
    return found


def coverage(wanted: Mapping[int, int], contacts: Mapping[int, int]) -> Coverage:
    """The coverage of such hours by those of contact, bits by day likewise."""
    heard = sum((bits & contacts.get(day, 0)).bit_count() for day, bits in wanted.items())
    return Coverage(heard, sum(bits.bit_count() for bits in wanted.values()))


def week_start_ms(zone: TimeZone, now_ms: int) -> int:
    """Midnight of this week's Monday there (milliseconds since 1970, UTC)."""
    today = zone.local_date(now_ms)
    monday = today - timedelta(days=today.weekday())
    return (monday - _EPOCH).days * _DAY_MS - zone.value * _HOUR_MS
