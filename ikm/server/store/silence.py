"""The fleet at a glance: every kiosk with what is wrong with it now, reckoned from when its counter is open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.server import tables as t
from ikm.server.configuring.openness import Coverage, Hours, coverage, missed_ms, open_hours, silent_ms, week_start_ms
from ikm.server.configuring.settings import KioskSettings, decoded, merged
from ikm.server.store.contacts import contacts
from ikm.server.store.fleet import FleetDevice, read_fleet
from ikm.server.store.part import Part
from ikm.server.store.standards import facts_of

WRONG_CLOCK_MS = 2 * 60_000
LATE_MS = 60 * 60_000
"""A kiosk that was heard of for so long after a configuration went out and does not run on it has a problem."""
_DAY_MS = 86_400_000

PROBLEMS = ("forked", "disk_full", "silent", "aside", "disk_low", "clock", "warned", "outdated", "never")
"""What may be wrong with a kiosk, the gravest first."""

_DISK = frozenset({"disk_full", "disk_low"})


@dataclass(frozen=True, slots=True)
class Kiosk:
    """One kiosk now. `problems` are of `PROBLEMS`, the gravest first; times in milliseconds.

    `missed_ms` is how long of its opening hours it was not heard of, also while its counter is closed; `silent_ms` the
    same, 0 unless it is silent; `unheard` whether nobody knows how it is, for it was not heard of when it should have
    been, or for a day where nobody said when its counter is open; `skew_ms` how far its clock was from ours when it was
    heard of; `aside` counts its rows that wait for a decision; `running` is the configuration it runs on, `newest` the
    one it is offered since `offered_ms`.
    """

    device: FleetDevice
    hours: Hours
    open: bool
    missed_ms: int
    silent_ms: int
    unheard: bool
    skew_ms: int
    aside: int
    running: int | None
    newest: int
    offered_ms: int
    coverage: Coverage
    problems: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Its place when the gravest come first."""
        if self.device.revocation is not None:
            return len(PROBLEMS) + 1
        return PROBLEMS.index(self.problems[0]) if self.problems else len(PROBLEMS)


class SilencePart(Part):
    """Who is silent, and what else is wrong."""

    def kiosks(
        self, now_ms: int, *, counters: Collection[str] | None = None, device: str | None = None
    ) -> Sequence[Kiosk]:
        """The kiosks of those counters, or that one, or all: the gravest first, then by unit and counter."""

        def read(connection: Connection) -> list[Kiosk]:
            fleet = read_fleet(connection, device=device)
            if counters is not None:
                fleet = [one for one in fleet if one.counter in counters]
            hours = _Opened(connection, now_ms)
            # where the sun rises first, the week does too
            heard = contacts(connection, week_start_ms(TimeZone.WIT, now_ms) - _DAY_MS, device)
            aside, newest = _aside(connection), _newest(connection)
            found = []
            for one in fleet:
                open_at = hours.at(one.unit, one.counter)
                covered = coverage(open_at.week(one.enrolled_ms), heard.get(one.id, {}))
                known = _Known(aside.get(one.id, 0), *newest.get(one.counter, (0, 0)), open_at.now)
                found.append(_kiosk(one, open_at.hours, covered, known, now_ms))
            return sorted(found, key=lambda kiosk: (kiosk.rank, not kiosk.unheard, -kiosk.missed_ms))

        return self._read(read)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a device elsewhere: rows that wait for a decision, its counter's newest configuration.

    `open`: its counter is open now.
    """

    aside: int
    newest: int
    offered_ms: int
    open: bool


def _kiosk(device: FleetDevice, hours: Hours, covered: Coverage, known: _Known, now_ms: int) -> Kiosk:
    revoked = device.revocation is not None
    heard_ms = device.last_seen_ms if device.last_seen_ms is not None else device.enrolled_ms
    expected = hours.known and not revoked
    silence = silent_ms(hours, heard_ms, now_ms) if expected else 0
    missed = silence or (missed_ms(hours, heard_ms, now_ms) if expected else 0)
    lost = missed > 0 if hours.known else now_ms - heard_ms > _DAY_MS
    skew = 0
    if device.health is not None and device.last_seen_ms is not None:
        skew = device.health.clock.wall_ms - device.last_seen_ms
    behind = device.last_seen_ms is not None and known.newest > (device.configuration or 0)
    signs = {
        "forked": device.open_forks > 0,
        "silent": silence > 0,
        "aside": known.aside > 0,
        "clock": abs(skew) > WRONG_CLOCK_MS,
        "outdated": behind and heard_ms - known.offered_ms > LATE_MS,
        "never": device.last_seen_ms is None,
    }
    warnings = set(device.health.warnings) if device.health else set()
    signs |= {code: code in warnings for code in _DISK} | {"warned": bool(warnings - _DISK)}
    problems = () if revoked else tuple(code for code in PROBLEMS if signs[code])
    return Kiosk(
        device, hours, known.open, missed, silence, lost and not revoked, skew, known.aside, device.configuration,
        known.newest, known.offered_ms, covered, problems,
    )  # fmt: skip


class _Week:
    """A counter's hours, with what follows from them reckoned once for all kiosks that share them."""

    def __init__(self, hours: Hours, now_ms: int) -> None:
        self.hours, self._now_ms = hours, now_ms
        self.now = hours.known and hours.is_open(now_ms)
        self._start_ms = week_start_ms(hours.zone, now_ms)
        self._whole = open_hours(hours, self._start_ms, now_ms)

    def week(self, enrolled_ms: int) -> Mapping[int, int]:
        """The hours of this week that it was open in since a kiosk was enrolled."""
        if enrolled_ms <= self._start_ms:
            return self._whole
        return open_hours(self.hours, enrolled_ms, self._now_ms)


class _Opened:
    """When counters are open, from what units and the places above them say."""

    def __init__(self, connection: Connection, now_ms: int) -> None:
        self._now_ms = now_ms
        rows = connection.execute(select(t.node.c.code, t.node.c.parent, t.node.c.retired_ms)).all()
        self._parent: Mapping[str, Any] = {row.code: row.parent for row in rows}
        self._retired = {row.code for row in rows if row.retired_ms is not None}
        self._units = {row.code: facts_of(row) for row in connection.execute(select(t.unit))}
        self._settings: Mapping[str, KioskSettings] = {
            row.node: decoded(row.body) for row in connection.execute(select(t.kiosk_setting))
        }
        self._days: dict[str, set[date]] = {}
        for row in connection.execute(select(t.holiday.c.node, t.holiday.c.day)):
            self._days.setdefault(row.node, set()).add(row.day)
        self._known: dict[tuple[str, frozenset[date], bool, bool], _Week] = {}

    def at(self, unit: str, counter: str) -> _Week:
        """When that counter of that unit is open."""
        path = self._path(counter)
        settings = merged(self._settings[code] for code in reversed(path) if code in self._settings)
        closed = frozenset().union(*(self._days[code] for code in path if code in self._days))
        # of a place that was closed for good nobody expects to hear
        gone = not self._retired.isdisjoint(path)
        key = (unit, closed, bool(settings.always_open) and not gone, gone)
        if key not in self._known:
            facts = self._units[unit]
            hours = Hours(facts.time_zone, () if gone else facts.opening, closed, key[2])
            self._known[key] = _Week(hours, self._now_ms)
        return self._known[key]

    def _path(self, code: str) -> tuple[str, ...]:
        found: list[str] = []
        at: str | None = code
        while at is not None and at not in found and len(found) <= len(Level):
            found.append(at)
            at = self._parent.get(at)
        return tuple(found)


def _aside(connection: Connection) -> Mapping[str, int]:
    c = t.quarantine.c
    query = select(c.device, func.count()).where(c.decision.is_(None)).group_by(c.device)
    return {str(device): count for device, count in connection.execute(query)}


def _newest(connection: Connection) -> Mapping[str, tuple[int, int]]:
    """The number of each counter's newest configuration, and since when it is offered."""
    c = t.configuration.c
    query = select(c.counter, func.max(c.version), func.max(c.released_ms)).where(c.released_ms.is_not(None))
    return {
        counter: (version, released) for counter, version, released in connection.execute(query.group_by(c.counter))
    }
