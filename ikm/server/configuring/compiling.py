"""From everything that decides about a counter to the configuration its kiosk runs on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ikm.domain.configuration import Configuration, Opening, PublishedIndex, Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Tree
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument, Questionnaire, Text
from ikm.domain.standard import promised
from ikm.server.configuring.settings import KioskSettings, merged


@dataclass(frozen=True, slots=True)
class KioskUnit:
    """A unit as its kiosks show it."""

    names: Text
    time_zone: TimeZone
    opening: tuple[Opening, ...] = ()
    pledge: tuple[Text, ...] = ()
    complaints: tuple[Text, ...] = ()
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A questionnaire that is asked from a date on."""

    starts_on: date
    questionnaire: str


@dataclass(frozen=True, slots=True)
class World:
    """All that decides about kiosks, as it was at one moment; settings, holidays and schedules by place.

    `standard` is asked where nothing was ever scheduled.
    """

    tree: Tree
    units: Mapping[str, KioskUnit]
    settings: Mapping[str, KioskSettings]
    holidays: Mapping[str, Sequence[date]]
    schedule: Mapping[str, Sequence[Scheduled]]
    questionnaires: Mapping[str, Questionnaire]
    standard: Questionnaire
    base_url: str = ""
    _offered: dict[tuple[str, tuple[str, ...] | None], tuple[Service, ...]] = field(init=False, default_factory=dict)

    def settings_at(self, node: str) -> KioskSettings:
        """What holds at a place, under all places above it."""
        path = reversed(self.tree.path(node))
        return merged(self.settings[code] for code in path if code in self.settings)

    def questionnaire_at(self, node: str, day: date) -> Questionnaire:
        """What is asked there on that day: the newest that began, of the lowest place that scheduled any."""
        for code in self.tree.path(node):
            begun = [one for one in self.schedule.get(code, ()) if one.starts_on <= day]
            if begun:
                return self.questionnaires[max(begun, key=lambda one: one.starts_on).questionnaire]
        return self.standard

    def closed_at(self, node: str, year: int) -> tuple[str, ...]:
        """The days from that year on on which a place is closed."""
        days = {day for code in self.tree.path(node) for day in self.holidays.get(code, ())}
        return tuple(day.isoformat() for day in sorted(days) if day.year >= year)

    def offered(self, unit: str, chosen: tuple[str, ...] | None) -> tuple[Service, ...]:
        """The services a counter offers, with how the unit takes complaints as a part of each one's standard."""
        key = (unit, chosen)
        if key not in self._offered:
            facts = self.units[unit]
            self._offered[key] = tuple(
                replace(service, standard=promised(service, facts.complaints))
                for service in facts.services
                if not chosen or service.code in chosen
            )
        return self._offered[key]


def compiled(world: World, counter: str, now_ms: int, published: PublishedIndex | None = None) -> Configuration:
    """What the kiosks of that counter run on now; its number is 0. `published` is the index it shows.

    Raises:
        Refusal: `configuration_invalid`, with what is missing as a sentence.
    """
    node = world.tree.nodes[counter]
    unit = str(node.parent)
    facts = world.units.get(unit)
    if facts is None:
        raise Refusal("configuration_invalid", "Zona waktu unit belum diisi.")
    today = facts.time_zone.local_date(now_ms)
    settings = world.settings_at(counter)
    services = world.offered(unit, settings.services)
    if not services:
        missing = "Layanan loket ini tidak ada lagi." if facts.services else "Unit ini belum mempunyai layanan."
        raise Refusal("configuration_invalid", missing)
    base = settings.public_url or world.base_url
    always = bool(settings.always_open)
    return Configuration(
        version=0,
        regency=world.tree.nodes[world.tree.path(counter)[-1]].name,
        unit=unit,
        unit_name={**facts.names, OFFICIAL_LOCALE: world.tree.nodes[unit].name},
        counter=counter,
        counter_name=node.name,
        services=services,
        questionnaire=world.questionnaire_at(counter, today),
        languages=settings.languages or (),
        default_language=settings.default_language or "",
        time_zone=facts.time_zone,
        idle_s=settings.idle_s or 0,
        countdown_s=settings.countdown_s or 0,
        thanks_s=settings.thanks_s or 0,
        instrument=settings.instrument or Instrument.FULL,
        questions_each=settings.questions_each or 0,
        asks_comment=bool(settings.asks_comment),
        aids=frozenset(settings.aids or ()),
        pledge=facts.pledge,
        published=published,
        public_url=f"{base}/unit/{unit}" if base else "",
        opening=() if always else facts.opening,
        closed_on=() if always else world.closed_at(counter, today.year),
        staff_pin=settings.staff_pin or "",
    )
