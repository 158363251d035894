"""Which salvaged rows stay in their places and which are appended again. Pure.

A row keeps its place where an unbroken chain leads to it: from its epoch's beginning, or, where the beginning is gone
but the server has it, from the first row that is left. All others go into a new epoch, ids and bodies as they were; the
server knows each by its id, so none is counted twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ikm import wire
from kiosk.store.carving import Found

FIRST_EPOCH = 1
UNCERTAIN_STEP = 1_000
"""How far the number of a new epoch is from the highest known one where some may be unknown."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An epoch as the table of epochs holds it."""

    epoch: int
    acknowledged_seq: int
    opening: bytes | None
    base_seq: int
    base_hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An epoch and its rows that keep their places."""

    begun: Begun
    rows: list[Found]

    @property
    def head(self) -> int:
        """The number of its last row."""
        return self.rows[-1].seq if self.rows else self.begun.base_seq


@dataclass(frozen=True, slots=True)
class Ended:
    """An epoch that ends where its rows do; it had gone as far as `known_seq`, and a new one takes `rows` over."""

    epoch: int
    known_seq: int
    rows: list[Found]


@dataclass(frozen=True, slots=True)
class Plan:
    """The database to build: epochs with their rows, then a new epoch, numbered from `next_epoch`, for each ended one.

    The last that is kept always ends; one before it does where something of it is missing.
    """

    kept: list[Kept]
    ended: list[Ended]
    next_epoch: int


def planned(
    found: Iterable[Found], begun: Iterable[Begun], device: str, *, certain: bool, heads: Mapping[int, int]
) -> Plan:
    """What to build of the whole rows and epochs that were found; `certain` if no epoch can be missing among them.

    `heads` says how far each epoch had gone, where that can still be told: further than its whole rows, perhaps.
    """
    epochs = {epoch.epoch: epoch for epoch in begun}
    epochs.setdefault(FIRST_EPOCH, Begun(FIRST_EPOCH, 0, None, 0, wire.GENESIS))
    openings = {number: _opening(epoch) for number, epoch in epochs.items()}
    places: dict[int, dict[int, list[Found]]] = {}
    for row in found:
        places.setdefault(row.epoch, {}).setdefault(row.seq, []).append(row)
    kept = []
    for number in sorted(epochs):
        opening = openings[number]
        # of another one nothing says what its chain begins with
        if number == FIRST_EPOCH or opening is not None:
            end = min((o.previous_seq for o in _closing(openings, number)), default=None)
            here = {seq: rows for seq, rows in places.get(number, {}).items() if end is None or seq <= end}
            kept.append(_longest(here, epochs[number], wire.genesis(device, number, opening)))
    return Plan(
        kept=kept,
        ended=_ended(kept, places, openings, heads),
        # an epoch's number is never given twice, and here nobody knows how many there were
        next_epoch=max([*epochs, *places]) + (1 if certain else UNCERTAIN_STEP),
    )


def _ended(
    kept: list[Kept],
    places: dict[int, dict[int, list[Found]]],
    openings: dict[int, wire.Opening | None],
    heads: Mapping[int, int],
) -> list[Ended]:
    seen = {row.id for chain in kept for row in chain.rows}
    loose: dict[int, list[Found]] = {}
    last = kept[-1].begun.epoch
    # latest places first: a row that was moved once is found in both
    for number in sorted(places, reverse=True):
        owner = number if any(chain.begun.epoch == number for chain in kept) else last
        loose[owner] = _once(places[number], seen) + loose.get(owner, [])
    ended = []
    for chain in kept:
        number = chain.begun.epoch
        closing = _closing(openings, number)
        cut = any(o.previous_seq > chain.head for o in closing)
        if number == last or cut or loose.get(number):
            heard = [heads.get(number, 0), *(o.known_seq for o in closing)]
            known_seq = max([chain.head, chain.begun.acknowledged_seq, *places.get(number, {}), *heard])
            ended.append(Ended(number, known_seq, loose.get(number, [])))
    return ended


def _closing(openings: dict[int, wire.Opening | None], number: int) -> list[wire.Opening]:
    return [opening for opening in openings.values() if opening is not None and opening.previous_epoch == number]


def _opening(begun: Begun) -> wire.Opening | None:
    return None if begun.opening is None else wire.decode(begun.opening, wire.Opening)


def _once(places: dict[int, list[Found]], seen: set[str]) -> list[Found]:
    """Rows with a body in their order, each id once and none of those already seen, which they join."""
    found = []
    for seq in sorted(places):
        for row in places[seq]:
            if row.body is not None and row.id not in seen:
                seen.add(row.id)
                found.append(row)
    return found


def _longest(places: dict[int, list[Found]], begun: Begun, genesis: str) -> Kept:
    """The rows of an epoch that keep their places, and its watermark as far as they go."""
    for base_seq, base_hash in ((0, genesis), (begun.base_seq, begun.base_hash)):
        rows = _run(places, base_seq, base_hash)
        # forgotten rows alone are no beginning, when what follows them is cut off
        if any(row.body is not None for row in rows) or (rows and len(rows) == len(places)):
            return _settled(begun, rows, base_seq, base_hash)
    first = min((seq for seq, rows in places.items() if any(row.body is not None for row in rows)), default=0)
    if 0 < first <= begun.acknowledged_seq + 1:
        start = next(row for row in places[first] if row.body is not None)
        return _settled(begun, _run(places, first - 1, start.prev_hash), first - 1, start.prev_hash)
    return _settled(begun, [], 0, genesis)


def _run(places: dict[int, list[Found]], seq: int, prev_hash: str) -> list[Found]:
    rows: list[Found] = []
    while True:
        seq += 1
        following = [row for row in places.get(seq, []) if row.prev_hash == prev_hash]
        if not following:
            break
        # forgotten by the database and yet in the second copy: what is whole is worth more
        row = next((row for row in following if row.body is not None), following[0])
        rows.append(row)
        prev_hash = row.hash
    # a forgotten row is vouched for by the one after it
    while rows and rows[-1].body is None:
        rows.pop()
    return rows


def _settled(begun: Begun, rows: list[Found], base_seq: int, base_hash: str) -> Kept:
    head = rows[-1].seq if rows else base_seq
    # what was forgotten had been acknowledged
    least = max((row.seq for row in rows if row.body is None), default=base_seq)
    acknowledged = max(least, min(begun.acknowledged_seq, head))
    return Kept(replace(begun, acknowledged_seq=acknowledged, base_seq=base_seq, base_hash=base_hash), rows)
