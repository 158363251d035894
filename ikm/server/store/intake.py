"""Taking batches in: one transaction that stores their new rows, counts them and moves heads, or leaves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server import clocks
from ikm.server.chain import Fit, Head, fit, stepping_back
from ikm.server.store.boots import note_boot
from ikm.server.store.cells import cells
from ikm.server.store.chains import Facts, HeldRow, Met, held_rows, meet, occurred_before
from ikm.server.store.delivery import Accepted, Aside, Delivery, Standing, Taken
from ikm.server.store.faults import KnownId
from ikm.server.store.forks import ForksPart, dispute, held_from, is_known, is_undecided
from ikm.server.store.openings import begin, room
from ikm.server.store.quarantine import FORK, REVOKED, QuarantinePart, keep, told_apart
from ikm.server.store.remarks import keep_remarks
from ikm.server.store.rows import response_row
from ikm.server.store.sender import SenderPart
from ikm.server.store.together import Together
from ikm.server.store.writer import NEVER, writer_of

_TRIES = 5


class IntakePart(SenderPart, ForksPart, QuarantinePart):
    """What devices send, and what officers decide about it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._together = Together(self._write_all)

    def receive(self, delivery: Delivery) -> Taken:
        """What became of the delivery once it is committed; rows held before count once.

        Raises:
            Refusal: `device_unknown`, `gap` or `opening_invalid`: nothing was stored. `fork`: its rows are kept aside.
        """
        taken = self._taken(delivery)
        if taken.refusal is not None:
            raise taken.refusal
        return taken

    def _taken(self, delivery: Delivery) -> Taken:
        try:
            taken = self._together.receive(delivery)
            return self._write_all([delivery])[0] if taken is None else taken
        except KnownId:
            pass
        # hardly ever, so only then is every id looked up before it is stored; another device may store one in between
        for _ in range(_TRIES):
            try:
                return self._write_all([delivery], look=True)[0]
            except KnownId:
                continue
        raise Refusal("server_busy", retry_after_s=1)

    def _write_all(self, deliveries: Sequence[Delivery], *, look: bool = False) -> Sequence[Taken]:
        return self._write(lambda connection: take(connection, deliveries, look=look))


def take(connection: Connection, deliveries: Sequence[Delivery], *, look: bool) -> Sequence[Taken]:
    """What became of deliveries of different devices in this transaction; `look` for ids that are known.

    Raises:
        Refusal: As `IntakePart.receive` does, for the first that asks for it.
        KnownId: An id of them is known or comes twice.
    """
    sheaf = _Sheaf()
    met = meet(connection, deliveries)
    taken = [
        _Intake(connection, delivery, one, sheaf).take(look=look) for delivery, one in zip(deliveries, met, strict=True)
    ]
    sheaf.store(connection)
    return taken


@dataclass(slots=True)
class _Sheaf:
    """The responses of a transaction and the heads they end in, all stored and counted at its end.

    Last, since every device of a unit writes the same cells and waits for their locks.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    heads: list[tuple[str, int, Head]] = field(default_factory=list)
    counted: list[Accepted] = field(default_factory=list)
    written: list[tuple[int, Sequence[Accepted]]] = field(default_factory=list)
    zones: dict[str, TimeZone] = field(default_factory=dict)

    def add(self, delivery: Delivery, good: Sequence[Accepted], first_held: int) -> None:
        """Put in a delivery's responses, of which those from that number on are held."""
        device, epoch, received_ms = delivery.device, delivery.epoch, delivery.received_ms
        self.rows += [response_row(device, epoch, received_ms, one, first_held) for one in good]
        self.counted += good if first_held == NEVER else [one for one in good if one.row.seq < first_held]
        self.written.append((received_ms, good))
        # a device stands in one unit, and its responses say so
        self.zones[good[0].body.unit] = delivery.time_zone

    def store(self, connection: Connection) -> None:
        """Store all of it. Raises KnownId."""
        if not self.heads:
            return
        for received_ms, good in self.written:
            keep_remarks(connection, received_ms, good)
        writer_of(connection).end(connection, self.rows, cells(self.counted, self.zones.get), self.heads)


class _Intake:
    """One delivery in one transaction: everything about it but its responses and its head, which go into the sheaf."""

    def __init__(self, connection: Connection, delivery: Delivery, met: Met, sheaf: _Sheaf) -> None:
        self._connection, self._delivery, self._met, self._sheaf = connection, delivery, met, sheaf
        self._facts: Facts = met.facts
        self._held: Mapping[int, HeldRow] = {}

    def take(self, *, look: bool) -> Taken:
        """What became of it; `look` for ids that are known."""
        connection, delivery = self._connection, self._delivery
        note_boot(connection, delivery)
        begun = self._met.head
        head, start = begun or Head(), wire.GENESIS
        if delivery.epoch > 1 or delivery.opening is not None:
            start = begin(connection, delivery, self._facts, begun=begun is not None)
            head = begun or Head(hash=start)
        found = fit(head, start, [one.row for one in delivery.rows], self._hashes)
        if found.fork_seq is not None:
            return self._forked(found, found.fork_seq, start)
        fresh = delivery.rows[found.held :]
        asides = self._store(fresh, look=look) if fresh else []
        if fresh:
            head = Head(fresh[-1].row.seq, fresh[-1].row.hash)
        rejected = [(row.seq, row.code) for row in self._held.values() if row.code is not None]
        if delivery.rows:
            first = delivery.rows[0].row.seq
            rejected = [(seq, code) for seq, code in rejected if seq >= first]
        rejected += [(aside.row.seq, aside.code) for aside in asides]
        return Taken(head, sorted(rejected), self._standing())

    def _hashes(self, first: int, last: int) -> Mapping[int, str]:
        delivery = self._delivery
        self._held = held_rows(self._connection, delivery.device, delivery.epoch, first, last)
        return {seq: row.hash for seq, row in self._held.items()}

    def _store(self, fresh: Sequence[Accepted | Aside], *, look: bool) -> list[Aside]:
        connection, delivery = self._connection, self._delivery
        good, asides = self._sorted(fresh, look=look)
        good = self._dated(good)
        first_held = self._held_from(fresh)
        if good:
            self._sheaf.add(delivery, good, first_held)
        keep(connection, delivery, asides, chained=True)
        last = fresh[-1].row
        self._sheaf.heads.append((delivery.device, delivery.epoch, Head(last.seq, last.hash)))
        return asides

    def _sorted(self, fresh: Sequence[Accepted | Aside], *, look: bool) -> tuple[list[Accepted], list[Aside]]:
        delivery, after = self._delivery, self._facts.revoked_after
        rows = list(fresh)
        if after is not None:
            rows = [one if (delivery.epoch, one.row.seq) <= after else Aside(one.row, REVOKED) for one in rows]
        good = [one for one in rows if isinstance(one, Accepted)]
        asides = [one for one in rows if isinstance(one, Aside)]
        if look:
            told = told_apart(self._connection, delivery, good)
            good = [one for one in told if isinstance(one, Accepted)]
            asides += [one for one in told if isinstance(one, Aside)]
        return good, asides

    def _dated(self, rows: list[Accepted]) -> list[Accepted]:
        if all(one.clock != clocks.UNCERTAIN for one in rows):
            return rows
        delivery, found = self._delivery, []
        before = occurred_before(self._connection, delivery.device, delivery.epoch, rows[0].row.seq)
        for one in rows:
            if one.clock == clocks.UNCERTAIN:
                when = clocks.bounded(before, delivery.received_ms)
                day = delivery.time_zone.local_date(when.ms)
                one = one._replace(local_date=day, occurred_ms=when.ms)  # noqa: PLW2901
            before = one.occurred_ms
            found.append(one)
        return found

    def _held_from(self, fresh: Sequence[Accepted | Aside]) -> int:
        """The number from which on rows of the epoch are held, after what these rows themselves tell."""
        connection, delivery, facts = self._connection, self._delivery, self._facts
        if delivery.epoch < facts.latest_epoch:
            limit = room(connection, delivery.device, delivery.epoch)
            if (
                limit is not None
                and fresh[-1].row.seq > limit
                and not is_known(connection, delivery.device, delivery.epoch, "closed")
            ):
                first = max(limit + 1, fresh[0].row.seq)
                dispute(connection, facts, (delivery.epoch, first), "closed", delivery.received_ms)
        return held_from(connection, delivery.device, delivery.epoch) if facts.disputed else NEVER

    def _forked(self, found: Fit, fork_seq: int, start: str) -> Taken:
        """Keep what parts from ours, and tell the device where both were one."""
        connection, delivery = self._connection, self._delivery
        dispute(connection, self._facts, (delivery.epoch, fork_seq), "conflict", delivery.received_ms)
        parted = [Aside(one.row, FORK) for one in delivery.rows if one.row.seq >= fork_seq]
        keep(connection, delivery, parted, chained=False)
        detail = f"seq {fork_seq}"
        if found.common is not None:
            common, code = found.common, "fork"
        else:
            # the two parted before this batch: as after a gap, the device goes back until the place is seen
            back, code = stepping_back(fork_seq), "gap"
            common = Head(back, self._hashes(back, back).get(back, start) if back else start)
        refusal = Refusal(code, detail, head_seq=common.seq, head_hash=common.hash)
        return Taken(common, refusal=refusal, standing=self._standing())

    def _standing(self) -> Standing:
        if self._facts.revoked_after is not None:
            return "revoked"
        if self._facts.disputed and is_undecided(self._connection, self._facts.device):
            return "forked"
        return "active"
