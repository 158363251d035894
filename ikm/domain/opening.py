"""Opening hours and days off as people write them: '08.00-12.00, 13.00-16.00', '25/12/2026 Hari Raya Natal'."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from ikm.domain.configuration import MINUTES_A_DAY, Opening
from ikm.domain.filled import Filled
from ikm.domain.period import MONTHS

WEEKDAYS: Mapping[int, str] = MappingProxyType(
    {1: "Senin", 2: "Selasa", 3: "Rabu", 4: "Kamis", 5: "Jumat", 6: "Sabtu", 7: "Minggu"}
)
MOST_STRETCHES = 5
"""Nobody opens more often a day, and a kiosk's configuration holds fifty stretches a week."""

MOST_DAYS = 400
"""More days off are pasted at once by mistake only."""

LONGEST_NAME = 200

_STRETCH = re.compile(
    r"([0-9]{1,2})(?:[.:]([0-9]{2}))?\s*(?:-|–|—|s/d|s\.d\.|sampai)\s*([0-9]{1,2})(?:[.:]([0-9]{2}))?", re.IGNORECASE
)
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\b")
_LOCAL = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\b")
_WORDS = re.compile(r"([0-9]{1,2})\s+([A-Za-z]+)\s+([0-9]{4})\b")
_BETWEEN = " \t:;,-–—"
_UNREAD = '"%(part)s" tidak terbaca; tulis seperti 08.00-12.00, 13.00-16.00.'
_UNDATED = '"%(line)s" tidak dimulai dengan tanggal seperti 2026-12-25 atau 25/12/2026.'
_TWICE = "Baris %(n)s: %(day)s sudah tertulis sebagai %(name)s."
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}


@dataclass(frozen=True, slots=True)
class Pasted:
    """Days off that were pasted, and what is wrong: number of the line -> a sentence."""

    days: Mapping[date, str]
    faults: Mapping[int, str]


def read_hours(weekday: int, text: str) -> tuple[Opening, ...]:
    """The stretches of a day, by their beginning; () for an empty text or 'tutup'.

    Raises:
        ValueError: A sentence on what cannot be read.
    """
    plain = text.strip().rstrip(",;")
    if plain.lower() in ("", "-", "tutup", "libur"):
        return ()
    stretches = []
    for part in re.split(r"\s*[,;]\s*|\s+dan\s+", plain):
        found = _STRETCH.fullmatch(part.strip())
        if found is None:
            raise ValueError(Filled(_UNREAD, part=part.strip()[:30]))
        stretches.append(_stretch(weekday, found))
    if len(stretches) > MOST_STRETCHES:
        raise ValueError(Filled("Paling banyak %(n)s kali buka dalam sehari.", n=MOST_STRETCHES))
    stretches.sort(key=lambda stretch: stretch.opens_min)
    for earlier, later in pairwise(stretches):
        if later.opens_min < earlier.closes_min:
            raise ValueError(
                Filled("%(one)s dan %(other)s tumpang tindih.", one=_written(earlier), other=_written(later))
            )
    return tuple(stretches)


def written_hours(opening: Sequence[Opening], weekday: int) -> str:
    """The stretches of a day as `read_hours` reads them: '08.00-12.00, 13.00-16.00'; '' for a day off."""
    return ", ".join(_written(stretch) for stretch in opening if stretch.weekday == weekday)


def read_days_off(text: str) -> Pasted:
    """The days off in pasted lines, each a date and what day it is; empty lines are left out."""
    days: dict[date, str] = {}
    faults: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            day, name = _day_off(line.strip())
        except ValueError as error:
            faults[number] = Filled("Baris %(n)s: %(told)s", n=number, told=error.args[0])
            continue
        if day in days and days[day] != name:
            faults[number] = Filled(_TWICE, n=number, day=_date_in_words(day), name=days[day])
        days.setdefault(day, name)
    if len(days) > MOST_DAYS:
        faults[0] = Filled("Paling banyak %(n)s hari sekali simpan.", n=MOST_DAYS)
    return Pasted(days, faults)


def _date_in_words(day: date) -> Filled:
    return Filled("%(day)s %(month)s", day=day.day, month=Filled(MONTHS[day.month - 1]))


def read_day(text: str) -> date | None:
    """The date a text begins with, in any of the ways people write one; None where it begins with none.

    Raises:
        ValueError: A sentence, for a day that no calendar has.
    """
    return _date(text)[0]


def _stretch(weekday: int, found: re.Match[str]) -> Opening:
    opens, closes = (60 * int(found[k]) + int(found[k + 1] or 0) for k in (1, 3))
    if any(int(found[k] or 0) > 59 for k in (2, 4)) or opens >= MINUTES_A_DAY or closes > MINUTES_A_DAY:
        raise ValueError(Filled('"%(part)s" bukan jam; tulis 00.00 sampai 24.00.', part=found[0]))
    if opens >= closes:
        raise ValueError(Filled('"%(part)s": jam tutup harus sesudah jam buka.', part=found[0]))
    return Opening(weekday, opens, closes)


def _written(stretch: Opening) -> str:
    return "-".join(f"{minutes // 60:02}.{minutes % 60:02}" for minutes in (stretch.opens_min, stretch.closes_min))


def _day_off(line: str) -> tuple[date, str]:
    day, rest = _date(line)
    if day is None:
        raise ValueError(Filled(_UNDATED, line=line[:30]))
    name = " ".join(rest.strip(_BETWEEN).split())
    if not name:
        raise ValueError(Filled("Tulis nama harinya di belakang tanggal."))
    if len(name) > LONGEST_NAME:
        raise ValueError(Filled("Nama hari paling banyak %(n)s huruf.", n=LONGEST_NAME))
    return day, name


def _date(text: str) -> tuple[date | None, str]:
    if found := _ISO.match(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _LOCAL.match(text):
        day, month, year = int(found[1]), int(found[2]), int(found[3])
    elif (found := _WORDS.match(text)) and found[2].lower() in _MONTH_NUMBERS:
        day, month, year = int(found[1]), _MONTH_NUMBERS[found[2].lower()], int(found[3])
    else:
        return None, text
    try:
        return date(year, month, day), text[found.end() :]
    except ValueError:
        raise ValueError(Filled("%(day)s bukan tanggal yang ada di kalender.", day=found[0])) from None
