"""When citizens come: working days, the hours of a day, and what of a kiosk's line."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from ikm.domain.configuration import Opening

HOLIDAYS = {(1, 1): "Tahun Baru", (5, 1): "Hari Buruh", (6, 1): "Hari Lahir Pancasila", (8, 17): "Hari Kemerdekaan",
            (12, 25): "Hari Natal"}  # fmt: skip
"""Holidays whose date is the same every year, by month and day."""

# Mondays are full, Fridays short
_WEEKDAYS = (1.35, 1.1, 1.0, 0.95, 0.7, 0.0, 0.0)
# school begins in July, budgets end in December
_MONTHS = (1.05, 0.95, 0.9, 0.9, 1.0, 1.15, 1.3, 1.05, 1.0, 1.0, 0.95, 0.8)
_HOURS = {7: 0.9, 8: 1.5, 9: 2.0, 10: 1.8, 11: 1.2, 12: 0.4, 13: 0.9, 14: 0.8, 15: 0.5, 16: 0.3, 17: 0.2}


def closed(day: date) -> bool:
    """Whether offices are closed on a day."""
    return day.isoweekday() > 5 or (day.month, day.day) in HOLIDAYS


def answers_by_day(total: int, first: date, end: date, chance: Random) -> list[tuple[date, int]]:
    """That many answers over the working days from `first` to before `end`, which add up to `total` exactly."""
    days = [first + timedelta(number) for number in range((end - first).days)]
    days = [day for day in days if not closed(day)]
    if not days:
        return []
    weights = [_WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * chance.gammavariate(4, 0.25) for day in days]
    sums = list(accumulate(weights))
    marks = [round(total * reached / sums[-1]) for reached in sums]
    return [(day, mark - before) for day, mark, before in zip(days, marks, [0, *marks[:-1]], strict=True)]


def moments(count: int, weekday: int, opening: Sequence[Opening], chance: Random) -> list[int]:
    """The milliseconds of a local day at which that many citizens come, in order, while the office is open."""
    hours = [hour for one in opening if one.weekday == weekday for hour in range(one.opens_min // 60,
             one.closes_min // 60)]  # fmt: skip
    sums = list(accumulate(_HOURS.get(hour, 0.1) for hour in hours))
    if not sums:
        return []
    draw = chance.random
    found = [hours[bisect(sums, draw() * sums[-1])] * 3_600_000 + int(draw() * 3_600_000) for _ in range(count)]
    found.sort()
    # two taps of one kiosk are never in one minute, let alone in one millisecond
    for place in range(1, len(found)):
        found[place] = max(found[place], found[place - 1] + 45_000)
    return found
