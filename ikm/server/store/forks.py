"""Two that claim to be one device: what is held back because of it, and what an officer decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, or_, select, update

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.chains import Facts, epochs_after, locked
from ikm.server.store.deeds import Doer, note
from ikm.server.store.holding import hold, let_in
from ikm.server.store.part import Part, insert
from ikm.server.store.writer import NEVER

Kind = Literal["conflict", "closed", "opening", "after"]
ForkDecision = Literal["count", "discard"]

_AGAINST = or_(t.fork.c.decision.is_(None), t.fork.c.decision == "discard")


@dataclass(frozen=True, slots=True)
class Fork:
    """A place from which on an epoch's rows are held, why, and what was decided; `held` counts them."""

    device: str
    epoch: int
    seq: int
    kind: str
    seen_ms: int
    decided_ms: int | None
    decision: str | None
    decided_by: str | None
    reason: str | None
    held: int


class ForksPart(Part):
    """Forks and their decisions."""

    def forks(self, device: str | None = None, *, undecided: bool = False) -> Sequence[Fork]:
        """The forks of one device or of all, in order; only those that wait for a decision where asked."""
        c = t.fork.c
        held = select(func.count()).where(
            t.response.c.device == c.device, t.response.c.epoch == c.epoch, t.response.c.seq >= c.seq, t.response.c.held
        )
        query = select(t.fork, held.scalar_subquery().label("held")).order_by(c.device, c.epoch, c.seq)
        if device is not None:
            query = query.where(c.device == device)
        if undecided:
            query = query.where(c.decision.is_(None))
        return [Fork(*row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def decide_fork(
        self,
        device: str,
        epoch: int,
        decision: ForkDecision,
        *,
        who: str,
        reason: str,
        now_ms: int,
        by: Doer | None = None,
    ) -> None:
        """Count the rows of that epoch that are held, or hold them for ever; who said so and why is kept.

        Raises:
            Refusal: `device_unknown`; `not_found` when nothing waits for a decision there; `done_already`.
        """

        def write(connection: Connection) -> None:
            locked(connection, device)
            c = t.fork.c
            waiting = update(t.fork).where(c.device == device, c.epoch == epoch, c.decision.is_(None))
            told = waiting.values(decided_ms=now_ms, decision=decision, decided_by=who, reason=reason)
            if not connection.execute(told).rowcount:
                raise Refusal("not_found", f"{device} {epoch}")
            let_in(connection, device, epoch, held_from(connection, device, epoch))
            against = select(func.count()).where(c.device == device, _AGAINST)
            disputed = connection.execute(against).scalar_one() > 0
            connection.execute(update(t.device).where(t.device.c.id == device).values(disputed=disputed))
            note_about(
                connection, by or Doer(who, now_ms, reason=reason), "fork.decided", (device, epoch), {"as": decision}
            )

        self._write(write)


def note_about(connection: Connection, by: Doer, act: str, place: tuple[str, int], facts: Mapping[str, object]) -> None:
    """Write down what is decided about an epoch of a device, at the device's counter."""
    device, epoch = place
    counter = connection.execute(select(t.device.c.counter).where(t.device.c.id == device)).scalar()
    note(connection, by, act, node=counter, subject=device, facts={"epoch": epoch, **facts})


def held_from(connection: Connection, device: str, epoch: int) -> int:
    """The number from which on rows of that epoch are held."""
    c = t.fork.c
    query = select(func.min(c.seq)).where(c.device == device, c.epoch == epoch, _AGAINST)
    first = connection.execute(query).scalar()
    return NEVER if first is None else int(first)


def is_undecided(connection: Connection, device: str, before: int = NEVER) -> bool:
    """Whether an officer has yet to decide about that device, or about an epoch of it before that one."""
    c = t.fork.c
    query = select(c.seq).where(c.device == device, c.epoch < before, c.decision.is_(None)).limit(1)
    return connection.execute(query).first() is not None


def is_known(connection: Connection, device: str, epoch: int, kind: Kind) -> bool:
    """Whether a fork of that kind was ever found in that epoch."""
    c = t.fork.c
    query = select(c.seq).where(c.device == device, c.epoch == epoch, c.kind == kind).limit(1)
    return connection.execute(query).first() is not None


def dispute(connection: Connection, facts: Facts, place: tuple[int, int], kind: Kind, now_ms: int) -> None:
    """Hold back a device's rows from that place (epoch, number) on, in all later epochs too, until it is decided.

    What was said about the same place before stands.
    """
    later = epochs_after(connection, facts.device, place[0])
    places = [(*place, kind), *((epoch, 1, "after") for epoch in later)]
    for epoch, seq, found in places:
        statement = insert(connection)(t.fork).values(
            device=facts.device, epoch=epoch, seq=seq, kind=found, seen_ms=now_ms
        )
        # drivers differ in what they count of an insert that did nothing, not in what it gives back
        if connection.execute(statement.on_conflict_do_nothing().returning(t.fork.c.seq)).first():
            facts.disputed = True
            hold(connection, facts.device, epoch, seq)
    if facts.disputed:
        connection.execute(update(t.device).where(t.device.c.id == facts.device).values(disputed=True))
