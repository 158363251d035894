"""A regency to try things with: 'Kabupaten Contoh', which does not exist, from a file of this package."""

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from ikm import wire
from ikm.assets import asset
from ikm.domain.configuration import Configuration, Opening, Service
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument, Questionnaire
from ikm.domain.standard import promised
from ikm.server.configuring.settings import KioskSettings
from ikm.server.store import Store
from ikm.server.store.standards import Facts

_ASKED_SINCE = date(2026, 1, 1)


class _Counter(wire.Message, frozen=True):
    code: wire.Code
    name: wire.Line
    services: list[wire.Code]
    instrument: Instrument = Instrument.FULL
    questions_each: wire.Count = 3
    always_open: bool = False


class _Unit(wire.Message, frozen=True):
    code: wire.Code
    name: wire.Line
    names: wire.Text
    services: list[wire.ServiceMessage]
    counters: list[_Counter]
    pledge: wire.Lines
    # how complaints are taken: the sixth component of every service standard of the unit
    complaints: wire.Lines
    opening: list[wire.OpeningMessage]
    published: wire.PublishedIndexMessage | None = None


class _Agency(wire.Message, frozen=True):
    code: wire.Code
    name: wire.Line
    names: wire.Text
    units: list[_Unit]


class _Regency(wire.Message, frozen=True):
    code: wire.Code
    name: wire.Line
    names: wire.Text


class _Kiosk(wire.Message, frozen=True):
    languages: list[wire.Locale]
    default_language: wire.Locale
    idle_s: int
    countdown_s: int
    thanks_s: int
    public_url: str
    # date -> what day it is
    closed_on: dict[str, wire.Line]


class _File(wire.Message, frozen=True):
    regency: _Regency
    time_zone: str
    questionnaire: wire.Code
    kiosk: _Kiosk
    agencies: list[_Agency]


def install_example(store: Store) -> list[str]:
    """The codes of the sample's counters, once its regency is in the store. Doing it again changes nothing."""
    file = wire.decode(asset("samples/organisation.json").read_bytes(), _File, "configuration_invalid")
    raw = asset(f"questionnaires/{file.questionnaire}.json").read_bytes()
    questionnaire = wire.decode(raw, wire.QuestionnaireMessage, "questionnaire_invalid").to_domain()
    store.put_questionnaire(questionnaire)
    return _Installation(store, file, questionnaire).run()


@dataclass(slots=True)
class _Installation:
    store: Store
    file: _File
    questionnaire: Questionnaire
    _positions: "count[int]" = field(default_factory=count)
    _counters: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        regency = self.file.regency
        self._node(regency.code, Level.REGENCY, None, regency.name, regency.names)
        closed_on = {date.fromisoformat(day): name for day, name in self.file.kiosk.closed_on.items()}
        self.store.put_holidays(regency.code, closed_on)
        self.store.fill_kiosk_settings(regency.code, _kiosk_settings(self.file.kiosk))
        self.store.fill_schedule(regency.code, _ASKED_SINCE, self.questionnaire.code)
        for agency in self.file.agencies:
            self._node(agency.code, Level.AGENCY, regency.code, agency.name, agency.names)
            for unit in agency.units:
                self._unit(unit, agency.code)
        return self._counters

    def _unit(self, unit: _Unit, agency: str) -> None:
        self._node(unit.code, Level.UNIT, agency, unit.name, unit.names)
        self.store.put_time_zone(unit.code, TimeZone[self.file.time_zone])
        for position, service in enumerate(unit.services):
            self.store.put_service(unit.code, service.to_domain(), position)
        self.store.put_unit_facts(unit.code, _facts(unit))
        for counter in unit.counters:
            self._node(counter.code, Level.COUNTER, unit.code, counter.name, {})
            self.store.fill_kiosk_settings(counter.code, _counter_settings(counter, unit))
            self.store.put_configuration(self._configuration(unit, counter))
            self._counters.append(counter.code)

    def _node(self, code: str, level: Level, parent: str | None, name: str, names: wire.Text) -> None:
        self.store.put_node(Node(code, level, parent, name), names, next(self._positions))

    def _configuration(self, unit: _Unit, counter: _Counter) -> Configuration:
        offered = {service.code: _promised(service.to_domain(), unit) for service in unit.services}
        kiosk = self.file.kiosk
        return Configuration(
            version=0,
            regency=self.file.regency.name,
            unit=unit.code,
            unit_name={OFFICIAL_LOCALE: unit.name, **unit.names},
            counter=counter.code,
            counter_name=counter.name,
            services=tuple(offered[code] for code in counter.services),
            questionnaire=self.questionnaire,
            languages=tuple(kiosk.languages),
            default_language=kiosk.default_language,
            time_zone=TimeZone[self.file.time_zone],
            idle_s=kiosk.idle_s,
            countdown_s=kiosk.countdown_s,
            thanks_s=kiosk.thanks_s,
            instrument=counter.instrument,
            questions_each=counter.questions_each,
            pledge=tuple(unit.pledge),
            published=unit.published.to_domain() if unit.published else None,
            public_url=f"{kiosk.public_url}/unit/{unit.code}",
            opening=() if counter.always_open else _opening(unit),
            closed_on=() if counter.always_open else tuple(sorted(kiosk.closed_on)),
        )


def _promised(service: Service, unit: _Unit) -> Service:
    return replace(service, standard=promised(service, unit.complaints))


def _opening(unit: _Unit) -> tuple[Opening, ...]:
    return tuple(Opening(hours.weekday, hours.opens_min, hours.closes_min) for hours in unit.opening)


def _facts(unit: _Unit) -> Facts:
    return Facts(opening=_opening(unit), pledge=tuple(unit.pledge), complaints=tuple(unit.complaints))


def _kiosk_settings(kiosk: _Kiosk) -> KioskSettings:
    return KioskSettings(
        languages=tuple(kiosk.languages), default_language=kiosk.default_language, idle_s=kiosk.idle_s,
        countdown_s=kiosk.countdown_s, thanks_s=kiosk.thanks_s, public_url=kiosk.public_url,
    )  # fmt: skip


def _counter_settings(counter: _Counter, unit: _Unit) -> KioskSettings:
    offers_all = counter.services == [service.code for service in unit.services]
    return KioskSettings(
        services=None if offers_all else tuple(counter.services),
        instrument=counter.instrument if counter.instrument is not Instrument.FULL else None,
        questions_each=counter.questions_each if counter.instrument is Instrument.ROTATING else None,
        always_open=counter.always_open or None,
    )
