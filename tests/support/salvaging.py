"""What must still be there after a store was damaged, and what may be missing only if the store says so."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from ikm import wire
from kiosk.store import Store, tables
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

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
