"""What applying would do to each counter, and how far roll-outs have come."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from ikm.domain.configuration import Configuration
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.server import tables as t
from ikm.server.configuring.changes import Change, changes
from ikm.server.configuring.compiling import World, compiled
from ikm.server.store.worlds import Held, held_configurations, world


@dataclass(frozen=True, slots=True)
class CounterPlan:
    """What applying would do to one counter: what changes, or the sentence that says why it cannot be.

    `waits` where an earlier roll-out has yet to reach it.
    """

    counter: str
    configuration: Configuration | None
    held: int
    changes: tuple[Change, ...]
    fault: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying would do below a place. `seal` names exactly this: another plan has another."""

    node: str
    counters: tuple[CounterPlan, ...]
    current: int
    seal: str

    @property
    def changing(self) -> tuple[CounterPlan, ...]:
        """The counters that would get something new now."""
        return tuple(one for one in self.counters if one.configuration is not None and not one.waits)

    @property
    def waiting(self) -> tuple[CounterPlan, ...]:
        """The counters that an earlier roll-out has yet to reach: this one leaves them out."""
        return tuple(one for one in self.counters if one.waits)

    @property
    def faulty(self) -> tuple[CounterPlan, ...]:
        """The counters that nothing can be compiled for."""
        return tuple(one for one in self.counters if one.fault)


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave: its counters, when it went out, and how many of its kiosks run on it already."""

    number: int
    counters: tuple[str, ...]
    released_ms: int | None
    kiosks: int
    taken: int


@dataclass(frozen=True, slots=True)
class Rollout:
    """A roll-out; `outcome` is '' while waves are left."""

    number: int
    node: str
    made_ms: int
    made_by: str
    note: str
    reached: int
    ended_ms: int | None
    outcome: str
    waves: tuple[Wave, ...]


def plan_for(connection: Connection, node: str, now_ms: int, base_url: str) -> Plan:
    """What applying all that was decided would do below a place."""
    known = world(connection, base_url)
    below = known.tree.below(node, Level.COUNTER)
    counters = [one.code for one in below if not any(known.tree.nodes[up].retired for up in known.tree.path(one.code))]
    held = held_configurations(connection, counters)
    waiting = _waiting(connection)
    found, current, digest = [], 0, hashlib.sha256(node.encode())
    for code in counters:
        one = _counter_plan(known, code, held.get(code), now_ms, waits=code in waiting)
        if one is None:
            current += 1
            continue
        found.append(one)
        digest.update(f"{code} {one.held} {_spelt(one.configuration)} {one.fault}\n".encode())
    return Plan(node, tuple(found), current, digest.hexdigest()[:32])


def _spelt(configuration: Configuration | None) -> str:
    if configuration is None:
        return ""
    # a version never changes, so its code stands for all of its questions
    facts = (getattr(configuration, one.name) for one in fields(configuration) if one.name != "questionnaire")
    return f"{configuration.questionnaire.code} {tuple(facts)!r}"


def _counter_plan(known: World, code: str, held: Held | None, now_ms: int, *, waits: bool) -> CounterPlan | None:
    before = held.configuration if held else None
    version = held.version if held else 0
    try:
        after = compiled(known, code, now_ms, before.published if before else None)
    except Refusal as refusal:
        return CounterPlan(code, None, version, (), refusal.detail)
    if before is not None and replace(before, version=0) == after:
        return None
    return CounterPlan(code, after, version, changes(before, after), waits=waits)


def _waiting(connection: Connection) -> set[str]:
    c = t.configuration.c
    return set(connection.execute(select(c.counter).where(c.released_ms.is_(None))).scalars())


def read_rollouts(connection: Connection, query: Select[Any]) -> list[Rollout]:
    """The roll-outs of that query, with their waves."""
    rows = connection.execute(query).all()
    waves = _waves(connection, [row.number for row in rows])
    return [
        Rollout(
            row.number, row.node, row.made_ms, row.made_by, row.note, row.reached, row.ended_ms, row.outcome or "",
            tuple(waves.get(row.number, ())),
        )
        for row in rows
    ]  # fmt: skip


def _waves(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Wave]]:
    c, d = t.configuration.c, t.device.c
    runs = case((d.configuration >= c.version, 1), else_=0)
    query = (
        select(
            c.rollout, c.wave, c.counter, c.released_ms, func.count(d.id).label("kiosks"), func.sum(runs).label("runs")
        )
        .join(t.device, (d.counter == c.counter) & d.revoked_ms.is_(None), isouter=True)
        .where(c.rollout.in_(numbers))
        .group_by(c.rollout, c.wave, c.counter, c.released_ms)
        .order_by(c.rollout, c.wave, c.counter)
    )  # fmt: skip
    found: dict[tuple[int, int], Wave] = {}
    for row in connection.execute(query):
        key = (row.rollout, row.wave)
        held = found.get(key, Wave(row.wave, (), row.released_ms, 0, 0))
        found[key] = replace(
            held, counters=(*held.counters, row.counter), kiosks=held.kiosks + row.kiosks,
            taken=held.taken + (int(row.runs) if row.kiosks else 0),
        )  # fmt: skip
    by_number: dict[int, list[Wave]] = {}
    for (number, _), wave in found.items():
        by_number.setdefault(number, []).append(wave)
    return by_number
