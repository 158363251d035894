"""What is different for a kiosk when its configuration changes, in pieces a page can say in words. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ikm.domain.configuration import Configuration, Opening, Service
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Text

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes: which (`kind`), and before and after as a person reads them; '' where there was none."""

    kind: str
    before: str
    after: str


def changes(before: Configuration | None, after: Configuration) -> tuple[Change, ...]:
    """What that change does, in a fixed order; of a first configuration only that it is the first."""
    if before is None:
        return (Change("first", "", after.questionnaire.code),)
    found = [
        Change(kind, was, becomes) for kind, told in _TOLD.items() if (was := told(before)) != (becomes := told(after))
    ]
    found += _standards(before.services, after.services)
    if before.staff_pin != after.staff_pin:
        found.append(Change("staff_pin", "", ""))
    if not found and before != after:
        found.append(Change("wording", "", ""))
    return tuple(found)


def hours_told(opening: Sequence[Opening]) -> str:
    """Opening hours in a line: 'Senin 08.00–16.00; Selasa 08.00–16.00'."""
    return "; ".join(
        f"{_DAYS[hours.weekday - 1]} {_clock(hours.opens_min)}–{_clock(hours.closes_min)}" for hours in opening
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}.{minute % 60:02}"


def _standards(before: Sequence[Service], after: Sequence[Service]) -> list[Change]:
    held = {service.code: service for service in before}
    return [
        Change("standard", "", _official(service.name))
        for service in after
        if service.code in held and held[service.code] != service
    ]


def _official(text: Text) -> str:
    return text[OFFICIAL_LOCALE]


def _yes(value: bool) -> str:
    return "ya" if value else "tidak"


_TOLD: dict[str, Callable[[Configuration], str]] = {
    "questionnaire": lambda c: c.questionnaire.code,
    "instrument": lambda c: c.instrument.value,
    "questions_each": lambda c: str(c.questions_each),
    "services": lambda c: ", ".join(_official(service.name) for service in c.services),
    "languages": lambda c: ", ".join(c.languages),
    "default_language": lambda c: c.default_language,
    "regency": lambda c: c.regency,
    "unit_name": lambda c: " / ".join(c.unit_name[locale] for locale in sorted(c.unit_name)),
    "counter_name": lambda c: c.counter_name,
    "opening": lambda c: hours_told(c.opening),
    "closed_on": lambda c: ", ".join(c.closed_on),
    "time_zone": lambda c: c.time_zone.name,
    "pledge": lambda c: " ".join(_official(line) for line in c.pledge),
    "asks_comment": lambda c: _yes(c.asks_comment),
    "aids": lambda c: ", ".join(sorted(c.aids)),
    "idle_s": lambda c: str(c.idle_s),
    "countdown_s": lambda c: str(c.countdown_s),
    "thanks_s": lambda c: str(c.thanks_s),
    "public_url": lambda c: c.public_url,
}
"""What a person is told of a configuration, piece by piece."""
