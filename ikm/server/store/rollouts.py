"""Roll-outs: configurations compiled anew, reaching their kiosks in waves that people release, stop and take back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection, delete, func, select, update

from ikm import wire
from ikm.domain.configuration import Configuration
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Questionnaire
from ikm.server import tables as t
from ikm.server.configuring.compiling import World, compiled
from ikm.server.store.deeds import Doer, check_once, note
from ikm.server.store.organisation import add_configuration
from ikm.server.store.part import Part, insert
from ikm.server.store.planning import Plan, Rollout, plan_for, read_rollouts
from ikm.server.store.worlds import held_configurations, world

RETURN_WAVE = 0


class RolloutsPart(Part):
    """What kiosks run on, and how that changes."""

    def world(self, base_url: str = "") -> World:
        """All that decides about kiosks now."""
        return self._read(lambda connection: world(connection, base_url))

    def plan(self, node: str, now_ms: int, base_url: str = "") -> Plan:
        """What applying all that was decided would do below a place."""
        return self._read(lambda connection: plan_for(connection, node, now_ms, base_url))

    def roll_out(
        self, node: str, first: Sequence[str], by: Doer, *, seal: str | None = None, base_url: str = ""
    ) -> int:
        """The number of a roll-out of all that was decided below a place, but where an earlier one has yet to arrive.

        Its first wave, those counters of `first` that change, goes out at once; without `first` there is one wave.
        `seal` is that of the plan somebody saw.

        Raises:
            Refusal: `changed_meanwhile` when the plan is another by now; `nothing_to_apply`; `rollout_open` when an
                earlier one has yet to reach all of these counters; `done_already`.
        """

        def write(connection: Connection) -> int:
            _take_turns(connection)
            check_once(connection, by)
            plan = plan_for(connection, node, by.at_ms, base_url)
            if seal is not None and plan.seal != seal:
                raise Refusal("changed_meanwhile")
            if not plan.changing:
                raise Refusal("rollout_open" if plan.waiting else "nothing_to_apply")
            chosen = {one.counter for one in plan.changing} & set(first)
            split = bool(chosen) and len(chosen) < len(plan.changing)
            number = _begin(connection, node, by, waves=2 if split else 1)
            for one in plan.changing:
                assert one.configuration is not None  # noqa: S101 - these change
                now = not split or one.counter in chosen
                _add(connection, one.configuration, by.at_ms if now else None, number, 1 if now else 2)
            facts = {"rollout": number, "counters": len(plan.changing), "first": sorted(chosen)}
            note(connection, by, "rollout.begun", node=node, subject=str(number), facts=facts)
            return number

        return self._write(write)

    def rollout_node(self, number: int) -> str:
        """The place a roll-out is for. Raises Refusal (`not_found`)."""
        query = select(t.rollout.c.node).where(t.rollout.c.number == number)
        node = self._glance(lambda connection: connection.execute(query).scalar()) if number < 2**31 else None
        if node is None:
            raise Refusal("not_found", str(number))
        return str(node)

    def rollouts(self, nodes: Iterable[str] | None = None, *, limit: int = 50) -> Sequence[Rollout]:
        """The newest roll-outs first; those for these places."""
        query = select(t.rollout).order_by(t.rollout.c.number.desc()).limit(limit)
        if nodes is not None:
            query = query.where(t.rollout.c.node.in_(list(nodes)))
        return self._read(lambda connection: read_rollouts(connection, query))

    def rollout(self, number: int) -> Rollout:
        """One roll-out. Raises Refusal (`not_found`)."""
        query = select(t.rollout).where(t.rollout.c.number == number)
        found = self._read(lambda connection: read_rollouts(connection, query))
        if not found:
            raise Refusal("not_found", str(number))
        return found[0]

    def continue_rollout(self, number: int, reached: int, by: Doer) -> None:
        """Let the next wave go out. Raises Refusal (`not_found`, `changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            held = _open(connection, number, reached, by)
            wave = reached + 1
            c = t.configuration.c
            connection.execute(
                update(t.configuration)
                .where(c.rollout == number, c.wave == wave, c.released_ms.is_(None))
                .values(released_ms=by.at_ms)
            )
            ended = {"ended_ms": by.at_ms, "outcome": "done"} if wave == held.waves else {}
            connection.execute(update(t.rollout).where(t.rollout.c.number == number).values(reached=wave, **ended))
            note(connection, by, "rollout.continued", node=held.node, subject=str(number), facts={"wave": wave})

        self._write(write)

    def halt_rollout(self, number: int, reached: int, by: Doer) -> None:
        """Give up the waves that are left. Raises Refusal (`not_found`, `changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            held = _open(connection, number, reached, by)
            _drop_waiting(connection, number)
            ended = {"ended_ms": by.at_ms, "outcome": "halted"}
            connection.execute(update(t.rollout).where(t.rollout.c.number == number).values(**ended))
            note(connection, by, "rollout.halted", node=held.node, subject=str(number), facts={"wave": reached})

        self._write(write)

    def return_rollout(self, number: int, by: Doer) -> int:
        """How many counters got back what they had before a roll-out; its waves that are left are given up.

        A counter that was given something newer since keeps that, and one that had nothing before keeps what it has.

        Raises:
            Refusal: `not_found`, `rollout_returned`, `done_already`.
        """

        def write(connection: Connection) -> int:
            _take_turns(connection)
            check_once(connection, by)
            c = t.configuration.c
            held = connection.execute(select(t.rollout).where(t.rollout.c.number == number).with_for_update()).first()
            if held is None:
                raise Refusal("not_found", str(number))
            if held.outcome == "returned":
                raise Refusal("rollout_returned")
            _drop_waiting(connection, number)
            given = connection.execute(select(c.counter, c.version).where(c.rollout == number)).all()
            newest = held_configurations(connection, [row.counter for row in given])
            back = [row for row in given if newest[row.counter].version == row.version]
            returned = sum(_give_back(connection, row.counter, row.version, number, by.at_ms) for row in back)
            ended = {"ended_ms": by.at_ms, "outcome": "returned"}
            connection.execute(update(t.rollout).where(t.rollout.c.number == number).values(**ended))
            facts = {"counters": returned}
            note(connection, by, "rollout.returned", node=held.node, subject=str(number), facts=facts)
            return returned

        return self._write(write)

    def ensure_configured(self, counters: Sequence[str], now_ms: int, base_url: str = "") -> None:
        """Give those of these counters that have no configuration their first.

        Raises:
            Refusal: `configuration_invalid`, with what is missing for one of them as a sentence.
        """

        def write(connection: Connection) -> None:
            _take_turns(connection)
            held = held_configurations(connection, counters)
            lacking = [code for code in counters if code not in held]
            if not lacking:
                return
            known = world(connection, base_url)
            for code in lacking:
                try:
                    configuration = compiled(known, code, now_ms)
                except Refusal as refusal:
                    name = known.tree.nodes[code].name
                    raise Refusal("configuration_invalid", f"{name}: {refusal.detail}") from None
                _add(connection, configuration, now_ms, None, None)

        self._write(write)

    def apply_schedules(self, now_ms: int) -> int:
        """How many counters were given the questionnaire whose day has come; each entry of the schedule works once.

        Only the questionnaire of a counter changes: what else was decided waits for whoever decides to apply it. Safe
        to run in several processes at once.
        """
        c = t.questionnaire_schedule.c
        # where the day begins first
        due = (c.applied_ms.is_(None), c.starts_on <= TimeZone.WIT.local_date(now_ms))
        count = select(func.count()).select_from(t.questionnaire_schedule).where(*due)
        if not self._glance(lambda connection: connection.execute(count).scalar_one()):
            return 0

        def write(connection: Connection) -> int:
            _take_turns(connection)
            waiting = connection.execute(select(t.questionnaire_schedule).where(*due)).all()
            known, given = world(connection), 0
            for entry in sorted(waiting, key=lambda row: row.starts_on):
                counters = [node.code for node in known.tree.below(entry.node, Level.COUNTER)]
                zones = {known.units[str(known.tree.nodes[code].parent)].time_zone for code in counters}
                # where no counter is yet, one may be added before the day has come everywhere
                if any(zone.local_date(now_ms) < entry.starts_on for zone in zones or TimeZone):
                    continue
                given += _ask_anew(connection, known, counters, entry.node, now_ms)
                connection.execute(
                    update(t.questionnaire_schedule)
                    .where(c.node == entry.node, c.starts_on == entry.starts_on)
                    .values(applied_ms=now_ms)
                )
            return given

        return self._write(write)


def _begin(connection: Connection, node: str, by: Doer, *, waves: int) -> int:
    ended = {"ended_ms": by.at_ms, "outcome": "done"} if waves == 1 else {}
    values = {"node": node, "made_ms": by.at_ms, "made_by": by.who, "note": by.reason, "waves": waves, "reached": 1}
    statement = t.rollout.insert().values(**values, **ended).returning(t.rollout.c.number)
    return int(connection.execute(statement).scalar_one())


def _add(
    connection: Connection, configuration: Configuration, released_ms: int | None, rollout: int | None, wave: int | None
) -> None:
    _keep_questionnaire(connection, configuration.questionnaire)
    if released_ms is not None:
        # what waited for this counter is older than what it gets now
        c = t.configuration.c
        connection.execute(delete(t.configuration).where(c.counter == configuration.counter, c.released_ms.is_(None)))
    add_configuration(connection, configuration, released_ms=released_ms, rollout=rollout, wave=wave)


def _keep_questionnaire(connection: Connection, questionnaire: Questionnaire) -> None:
    """The one that comes with this software is a version of this server's from its first use on."""
    body = wire.canonical(wire.questionnaire_message(questionnaire)).decode()
    statement = insert(connection)(t.questionnaire).values(code=questionnaire.code, body=body)
    connection.execute(statement.on_conflict_do_nothing())


def _ask_anew(connection: Connection, known: World, counters: Sequence[str], node: str, now_ms: int) -> int:
    """How many of those counters were given the questionnaire of today, in a roll-out of its own."""
    number, given = None, 0
    for code, held in held_configurations(connection, counters).items():
        zone = known.units[str(known.tree.nodes[code].parent)].time_zone
        asked = known.questionnaire_at(code, zone.local_date(now_ms))
        if asked.code == held.configuration.questionnaire.code:
            continue
        if number is None:
            number = _begin(connection, node, Doer("jadwal kuesioner", now_ms, reason=asked.code), waves=1)
        # what waits for its wave then asks nothing that was asked before
        ask = partial(replace, questionnaire=asked)
        _add_below(connection, ask(held.configuration), now_ms, (number, 1), ask)
        given += 1
    return given


def _add_below(
    connection: Connection, configuration: Configuration, released_ms: int, place: tuple[int, int],
    later: Callable[[Configuration], Configuration] = lambda waiting: waiting,
) -> None:  # fmt: skip
    """Give a counter something else at once; what waits for its wave there still comes, over it and as `later` says."""
    c = t.configuration.c
    query = select(c.body, c.rollout, c.wave).where(c.counter == configuration.counter, c.released_ms.is_(None))
    waiting = connection.execute(query).first()
    _add(connection, configuration, released_ms, *place)
    if waiting is not None:
        held = later(_configuration(waiting.body))
        add_configuration(connection, held, released_ms=None, rollout=waiting.rollout, wave=waiting.wave)


def _configuration(body: str) -> Configuration:
    return wire.decode(body.encode(), wire.ConfigurationMessage, "configuration_invalid").to_domain()


def _give_back(connection: Connection, counter: str, version: int, number: int, now_ms: int) -> int:
    c = t.configuration.c
    query = select(c.body).where(c.counter == counter, c.version < version, c.released_ms.is_not(None))
    body = connection.execute(query.order_by(c.version.desc()).limit(1)).scalar()
    if body is None:
        return 0
    _add_below(connection, _configuration(body), now_ms, (number, RETURN_WAVE))
    return 1


def _open(connection: Connection, number: int, reached: int, by: Doer) -> "_Row":
    _take_turns(connection)
    check_once(connection, by)
    row = connection.execute(select(t.rollout).where(t.rollout.c.number == number).with_for_update()).first()
    if row is None:
        raise Refusal("not_found", str(number))
    if row.ended_ms is not None or row.reached != reached:
        raise Refusal("changed_meanwhile")
    return _Row(row.node, row.waves)


@dataclass(frozen=True, slots=True)
class _Row:
    node: str
    waves: int


def _drop_waiting(connection: Connection, number: int) -> None:
    c = t.configuration.c
    connection.execute(delete(t.configuration).where(c.rollout == number, c.released_ms.is_(None)))


def _take_turns(connection: Connection) -> None:
    # the one row that every server has: whoever changes what kiosks run on does so alone
    connection.execute(select(t.server.c.one).with_for_update())
