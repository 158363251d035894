"""Sowing: the made-up regency into an untouched store, each kiosk's answers as the chain it would have sent."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal

from msgspec import Raw

from ikm import __version__, wire
from ikm.assets import asset
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.response import Channel
from ikm.server import clocks
from ikm.server.chain import Head
from ikm.server.configuring.openness import Hours, open_hours
from ikm.server.configuring.settings import KioskSettings
from ikm.server.seeding.citizens import Character, Citizens, body_of
from ikm.server.seeding.days import HOLIDAYS, answers_by_day, moments
from ikm.server.seeding.places import ROOT, Counter, Regency, Unit, regency
from ikm.server.store import Store
from ikm.server.store.delivery import Accepted
from ikm.server.store.sowing import Bag, Furrow
from ikm.server.store.standards import Facts

_ZONE = TimeZone.WIB
_VERSIONS = ("skm-14-2017-v1", "skm-14-2017-v2")
_OLD_VERSION = 0.2
_BAG = 20_000
_DAY_MS, _HOUR_MS, _TICK_MS = 86_400_000, 3_600_000, 300_000
_OFFLINE, _UNKNOWN_CLOCK = 0.15, 0.0008
_HEARD = 0.97
_LANGUAGES = ("id", "en", "jv", "su")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: so many units, kiosks, years and answers, up to the day before `until`; `seed` decides the rest.

    `now_ms` is the moment of sowing (milliseconds since 1970, UTC): nothing is received later.
    """

    units: int
    kiosks: int
    years: int
    answers: int
    seed: int
    until: date
    now_ms: int


@dataclass(frozen=True, slots=True)
class Sown:
    """What there is now."""

    units: int
    kiosks: int
    answers: int


def sow(store: Store, wish: Wish, progress: Callable[[int], None] = lambda _: None) -> Sown:
    """What there is once it is sown; `progress` is told how many answers are in.

    Raises:
        Refusal: `seed_invalid` for a wish that cannot be, `seed_unwanted` where the database holds places, people or
            answers already; nothing was changed.
    """
    if not 1 <= wish.years <= 20 or not 0 <= wish.answers <= 10**9:
        raise Refusal("seed_invalid", "1 sampai 20 tahun")
    chance = Random(wish.seed)  # noqa: S311 - a made-up regency has no secrets
    made = regency(wish.units, wish.kiosks, chance)
    store.check_untouched()
    field = _Field(store, wish, made, [_questionnaire(code) for code in _VERSIONS])
    field.fence()
    kiosks = answers = 0
    for unit, wanted in field.shares():
        character = Character.drawn(unit.kind.quality, chance)
        left = wanted
        for place, counter in enumerate(unit.counters, 1):
            # the last takes what rounding left
            count = left if place == len(unit.counters) else min(left, round(wanted * counter.share))
            left -= count
            kiosks += 1
            for size in field.plough(unit, counter, character, count, Random(chance.random())):  # noqa: S311
                answers += size
                progress(answers)
    return Sown(len(made.units), kiosks, answers)


@dataclass(slots=True)
class _Field:
    store: Store
    wish: Wish
    made: Regency
    versions: Sequence[Questionnaire]

    @property
    def first(self) -> date:
        """The first day of answers."""
        until = self.wish.until
        # 29 February has no namesake in most years
        return date(until.year - self.wish.years, until.month, min(until.day, 28))

    def fence(self) -> None:
        """Everything but answers."""
        store = self.store
        for version in self.versions:
            store.put_questionnaire(version)
        for position, node in enumerate(self.made.nodes):
            store.put_node(node, {}, position)
        store.fill_kiosk_settings(ROOT, KioskSettings(languages=_LANGUAGES))
        for code, since in zip(_VERSIONS, (self.first, _changed(self.first, self.wish.until)), strict=True):
            store.fill_schedule(ROOT, since, code)
        years = range(self.first.year, self.wish.until.year + 2)
        store.put_holidays(ROOT, {date(y, month, day): name for y in years for (month, day), name in HOLIDAYS.items()})
        for unit in self.made.units:
            store.put_time_zone(unit.node.code, _ZONE)
            store.put_unit_facts(
                unit.node.code, Facts(opening=unit.opening, pledge=unit.pledge, complaints=unit.complaints)
            )
            for position, service in enumerate(unit.services):
                store.put_service(unit.node.code, service, position)
            for position, counter in enumerate(unit.counters):
                store.put_node(counter.node, {}, position)
                if counter.instrument is not Instrument.FULL:
                    store.fill_kiosk_settings(counter.node.code, KioskSettings(instrument=counter.instrument))
        counters = [counter.node.code for unit in self.made.units for counter in unit.counters]
        store.ensure_configured(counters, self.wish.now_ms)
        store.put_users(self._users())

    def shares(self) -> Iterator[tuple[Unit, int]]:
        """Each unit and how many answers it gets."""
        units = self.made.units
        whole = sum(unit.share for unit in units) or 1
        left, share_left = self.wish.answers, whole
        for unit in units:
            count = round(left * unit.share / share_left) if share_left > 0 else 0
            left, share_left = left - count, share_left - unit.share
            yield unit, count

    def plough(self, unit: Unit, counter: Counter, character: Character, count: int, chance: Random) -> Iterator[int]:
        """The sizes of what went in, of one kiosk's answers."""
        device = _uuid7(_midnight_ms(self.first) + chance.randrange(_DAY_MS), chance)
        key = hashlib.sha256(device.encode()).digest()
        enrolled_ms = _midnight_ms(self.first) - _DAY_MS
        self.store.enrol_sown(device, counter.node.code, key, enrolled_ms)
        kiosk = _Kiosk(
            device, character, unit=unit, counter=counter, versions=self.versions, first=self.first, chance=chance
        )
        bag: list[Furrow] = []
        seen_ms = enrolled_ms
        for furrow in kiosk.answers(count, self.wish.until):
            bag.append(Furrow(furrow.accepted, min(furrow.received_ms, self.wish.now_ms)))
            if len(bag) == _BAG:
                yield self._sack(device, bag, kiosk)
                bag = []
        if bag:
            seen_ms = bag[-1].received_ms
            yield self._sack(device, bag, kiosk)
        # a kiosk that is in use has been heard of lately, whether anybody answered or not
        if count:
            seen_ms = max(seen_ms, self.wish.now_ms - chance.randrange(_HOUR_MS))
            self.store.hear_sown(device, kiosk.health(seen_ms), seen_ms, configuration=1)
            self.store.meet_sown(device, self._contacts(unit, device))

    def _contacts(self, unit: Unit, device: str) -> dict[int, int]:
        """The hours of the last days in which a kiosk was heard of: nearly all its counter was open in."""
        chance = Random(f"{self.wish.seed} {device}")  # noqa: S311
        hours, now_ms = Hours(_ZONE, unit.opening), self.wish.now_ms
        found = {}
        for day, bits in open_hours(hours, now_ms - 8 * _DAY_MS, now_ms).items():
            heard = sum(1 << hour for hour in range(24) if bits >> hour & 1 and chance.random() < _HEARD)
            if heard:
                found[day] = heard
        return found

    def _sack(self, device: str, bag: Sequence[Furrow], kiosk: "_Kiosk") -> int:
        self.store.fill(Bag(device, bag, Head(kiosk.seq, kiosk.hash), _ZONE))
        return len(bag)

    def _users(self) -> Iterator[tuple[str, date, date, int]]:
        chance = Random(self.wish.seed + 1)  # noqa: S311
        for unit in self.made.units:
            # what some units do not know must be seen to be unknown
            if chance.random() < 0.08:
                continue
            start = date(self.first.year, 1, 1)
            while start <= self.wish.until:
                end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
                yield unit.node.code, start, end, max(20, round(unit.users * chance.uniform(0.8, 1.2)))
                start = end


class _Kiosk:
    """One device and its chain: `seq` and `hash` are those of its last answer."""

    def __init__(
        self, device: str, character: Character, *, unit: Unit, counter: Counter, versions: Sequence[Questionnaire],
        first: date, chance: Random,
    ) -> None:  # fmt: skip
        self._device, self._unit, self._counter = device, unit, counter
        self._first, self._chance = first, chance
        # the first version had neither reasons nor short forms
        self._citizens = {version.code: Citizens(character, version, chance) for version in versions}
        self.seq, self.hash = 0, wire.GENESIS
        self._boot = ""
        self._occurred_ms = 0

    def answers(self, count: int, until: date) -> Iterator[Furrow]:
        """That many answers, in order, with the moment each came in."""
        chance = self._chance
        changed = _changed(self._first, until)
        line = self._line(until)
        services = [service.code for service in self._unit.services]
        for day, today in answers_by_day(count, self._first, until, chance):
            self._boot = f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}"
            old = day < changed and self._counter.instrument is Instrument.FULL
            version = _VERSIONS[0] if old else _VERSIONS[1]
            citizens = self._citizens[version]
            years, midnight = (day - self._first).days / 365, _midnight_ms(day)
            for moment in moments(today, day.isoweekday(), self._unit.opening, chance):
                service = services[0] if len(services) == 1 else chance.choices(services, self._unit.weights)[0]
                given = citizens.answers(years, day.month, self._counter.instrument)
                place = {"questionnaire": version, "service": service, **self._place}
                yield self._row(body_of({**place, "clock": self._clock(midnight + moment, moment)}, given), day, line)

    def health(self, seen_ms: int) -> wire.Health:
        """How the device is when it is heard of at that moment."""
        clock = wire.Clock(boot_id=self._boot, boot_ms=_HOUR_MS, state="synced", wall_ms=seen_ms)
        return wire.Health(app_version=__version__, clock=clock, disk_free_bytes=20 * 10**9, queued=0)

    @property
    def _place(self) -> dict[str, object]:
        unit, counter = self._unit.node.code, self._counter.node.code
        return {"channel": Channel.KIOSK, "configuration": 1, "counter": counter, "unit": unit}

    def _clock(self, wall_ms: int, of_day_ms: int) -> wire.Clock:
        state: Literal["unknown", "synced"] = "unknown" if self._chance.random() < _UNKNOWN_CLOCK else "synced"
        return wire.Clock(boot_id=self._boot, boot_ms=max(of_day_ms - 6 * _HOUR_MS, 0), state=state, wall_ms=wall_ms)

    def _row(self, body: wire.ResponseBody, day: date, line: Sequence[tuple[int, int]]) -> Furrow:
        wall_ms = body.clock.wall_ms
        raw = wire.canonical(body)
        identity = _uuid7(wall_ms, self._chance)
        self.seq += 1
        digest = wire.row_hash(
            device=self._device, epoch=1, seq=self.seq, row_id=identity, prev_hash=self.hash, body=raw
        )
        row = wire.Row(body=Raw(raw), hash=digest, id=identity, prev_hash=self.hash, seq=self.seq)
        self.hash = digest
        received_ms = _received_ms(wall_ms, line)
        if body.clock.state == "unknown":
            # as the server does it: after the answer before, and not after it came in
            when = clocks.bounded(self._occurred_ms or None, received_ms)
            return Furrow(Accepted(row, body, _ZONE.local_date(when.ms), when.ms, when.clock), received_ms)
        self._occurred_ms = wall_ms
        return Furrow(Accepted(row, body, day, wall_ms), received_ms)

    def _line(self, until: date) -> list[tuple[int, int]]:
        """The spans (milliseconds) in which the kiosk had no line."""
        chance = self._chance
        if chance.random() >= _OFFLINE:
            return []
        days = (until - self._first).days
        start = _midnight_ms(self._first + timedelta(chance.randrange(max(1, days - 45))))
        return [(start, start + chance.randrange(3, 40) * _DAY_MS)]


def _received_ms(wall_ms: int, line: Sequence[tuple[int, int]]) -> int:
    """When it came in: with the next sending, every five minutes, or after the line was back."""
    for start, end in line:
        if start <= wall_ms < end:
            return end
    return (wall_ms // _TICK_MS + 1) * _TICK_MS


def _questionnaire(code: str) -> Questionnaire:
    raw = asset(f"questionnaires/{code}.json").read_bytes()
    return wire.decode(raw, wire.QuestionnaireMessage, "questionnaire_invalid").to_domain()


def _midnight_ms(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000) - _ZONE.value * _HOUR_MS


def _uuid7(ms: int, chance: Random) -> str:
    """An id of that moment (RFC 9562, version 7)."""
    low = chance.getrandbits(62) | 1 << 63
    high = f"{ms:012x}7{chance.getrandbits(12):03x}"
    text = f"{high}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _changed(first: date, until: date) -> date:
    """The day from which on the newer version is asked."""
    return first + (until - first) * _OLD_VERSION
