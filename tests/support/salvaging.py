"""What must still be there after a store was damaged, and what may be missing only if the store says so."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from ikm import wire
from kiosk.store import Store, tables
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

ROWS = 60
RATINGS = ((4, 4, 3), (1, 2, 3, 4), (3,) * 9)


@dataclass
class Before:
    """A device with rows in several batches, some acknowledged, one epoch or two, and all it was told."""

    ids: list[str] = field(default_factory=list)
    tables: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)


def filled(folder: Path, rows: int = 60, *, second_epoch: bool = True, long_bodies: bool = True) -> Before:
    """A store in that folder, closed, and what it held."""
    before = Before()
    with Store.open(folder) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        for number in range(rows):
            if second_epoch and number == rows // 2:
                store.begin_epoch("rollback", number, number + 3)
            # now and then a response that does not fit into one page
            comment = "kata " * 90 if long_bodies and number % 7 == 3 else ""
            visit = wire.VisitMessage(spent_ms={f"question-Q{n}": 1000 + n for n in range(200)}) if comment else None
            ratings = RATINGS[number % len(RATINGS)]
            row = store.append(samples.body(*ratings, wall_ms=1_793_500_000_000 + number, comment=comment, visit=visit))
            before.ids.append(row.id)
        store.acknowledge(1, rows // 4)
        before.tables = contents(store)
    return before


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything in every table."""
    with store._reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in tables.metadata.tables.items()
        }


def stored_ids(store: Store) -> list[str]:
    """The id of every row, in every epoch, whose body is there."""
    with store._reading() as connection:
        rows = tables.responses
        query = select(rows.c.id).where(rows.c.body.is_not(None)).order_by(rows.c.epoch, rows.c.seq)
        return list(connection.scalars(query))


def assert_chains(store: Store) -> None:
    """Every epoch is a whole chain, from its beginning or from where the server already had all before."""
    with store._reading() as connection:
        device = store.identity().device
        for begun in connection.execute(select(tables.epochs)):
            opening = None if begun.opening is None else wire.decode(begun.opening, wire.Opening)
            seq, prev = begun.base_seq, begun.base_hash
            assert seq or prev == wire.genesis(device, begun.epoch, opening)
            assert seq <= begun.acknowledged_seq
            rows = tables.responses
            for row in connection.execute(select(rows).where(rows.c.epoch == begun.epoch).order_by(rows.c.seq)):
                assert (row.seq, row.prev_hash) == (seq + 1, prev)
                if row.body is not None:
                    assert row.hash == wire.row_hash(
                        device=device, epoch=row.epoch, seq=row.seq, row_id=row.id, prev_hash=prev, body=row.body
                    )
                seq, prev = row.seq, row.hash
            assert begun.acknowledged_seq <= seq


def without_second_copy(folder: Path) -> None:
    shutil.rmtree(folder / "salinan")


def flip(path: Path, at: int, bit: int = 0) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1 << bit
    path.write_bytes(raw)


def place_of(path: Path, marker: bytes) -> int:
    at = path.read_bytes().find(marker)
    assert at > 0
    return at


def row_of(row_id: str) -> bytes:
    """How the row begins in its table; in the index, no body follows the id."""
    return row_id.encode() + b'{"'


def assert_all_there(store: Store, before: Before) -> None:
    assert sorted(stored_ids(store)) == sorted(before.ids)
    assert_chains(store)
    assert (store.identity(), store.configuration()) == (IDENTITY, CONFIGURATION)


def assert_missing_is_told(store: Store, before: Before) -> None:
    """Nothing is there twice, and whatever is missing, openings after the second epoch leave open."""
    ids = stored_ids(store)
    assert len(set(ids)) == len(ids)
    assert set(ids) <= set(before.ids)
    assert_chains(store)
    told = 0
    for epoch in range(3, 9):
        opening = store.opening(epoch)
        if opening is not None:
            told += opening.known_seq - opening.previous_seq - opening.salvaged
    assert told >= len(before.ids) - len(ids)
