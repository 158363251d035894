"""The rows of the chain, epoch by epoch, over a connection of the store, which opens and closes the transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec import Raw
from sqlalchemy import Connection, Executable, delete, func, insert, literal, select, update
from sqlalchemy.engine import Row as Found

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk.store import keys, tables
from kiosk.store.errors import NotEnrolled
from sync.ports import Queue, Reason

FIRST_EPOCH = 1
KEPT_DAYS = 90
"""Bodies are kept at least so long, whatever the server has."""

# rows moved or forgotten in one go, so that memory stays small
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an epoch is: its watermark and its last row."""

    epoch: int
    acknowledged_seq: int
    head_seq: int

    @property
    def pending(self) -> int:
        """How many of its rows are not acknowledged."""
        return self.head_seq - self.acknowledged_seq


def standings(connection: Connection) -> list[Standing]:
    """How far each epoch is, oldest first. Numbers have no gaps, so the last row's says how many there are."""
    rows, epochs = tables.responses, tables.epochs
    last = select(func.max(rows.c.seq)).where(rows.c.epoch == epochs.c.epoch).scalar_subquery()
    query = select(epochs.c.epoch, epochs.c.acknowledged_seq, func.coalesce(last, epochs.c.base_seq))
    return [Standing(*found) for found in connection.execute(query.order_by(epochs.c.epoch))]


def oldest_open_epoch(connection: Connection) -> int:
    """The oldest epoch with pending rows, or the current one. Raises NotEnrolled."""
    found = standings(connection)
    if not found:
        raise NotEnrolled
    return next((standing.epoch for standing in found if standing.pending), found[-1].epoch)


def queue(connection: Connection) -> Queue:
    """How much is kept and pending."""
    found = standings(connection)
    oldest = next((pending(connection, standing.epoch, 1) for standing in found if standing.pending), [])
    return Queue(
        stored=sum(standing.head_seq for standing in found),
        pending=sum(standing.pending for standing in found),
        oldest_pending_ms=written_ms(bytes(oldest[0].body)) if oldest else None,
    )


def written_ms(raw: bytes) -> int | None:
    """The wall clock in ms that a body names, None where it is none."""
    # a damaged body is for the server to refuse; it must not keep the kiosk from opening
    try:
        return wire.decode_body(raw).clock.wall_ms
    except Refusal:
        return None


def current_epoch(connection: Connection) -> int:
    """The epoch that new rows belong to. Raises NotEnrolled."""
    epoch: int | None = connection.scalar(select(func.max(tables.epochs.c.epoch)))
    if epoch is None:
        raise NotEnrolled
    return epoch


def head(connection: Connection, epoch: int) -> tuple[int, str]:
    """The last row's place and hash, or those the epoch's chain begins after."""
    rows, epochs = tables.responses, tables.epochs
    query = select(rows.c.seq, rows.c.hash).where(rows.c.epoch == epoch).order_by(rows.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    if last is None:
        last = connection.execute(select(epochs.c.base_seq, epochs.c.base_hash).where(epochs.c.epoch == epoch)).one()
    return last[0], last[1]


def hash_at(connection: Connection, epoch: int, seq: int) -> str | None:
    """The hash of a row, of an epoch's genesis at 0, or None."""
    rows, epochs = tables.responses, tables.epochs
    stored: str | None = connection.scalar(select(rows.c.hash).where(rows.c.epoch == epoch, rows.c.seq == seq))
    if stored is not None:
        return stored
    begun = connection.execute(select(epochs).where(epochs.c.epoch == epoch)).first()
    if begun is None or seq not in (0, begun.base_seq):
        return None
    if seq == begun.base_seq:
        return str(begun.base_hash)
    return _genesis(connection, epoch, opening(connection, epoch))


def opening(connection: Connection, epoch: int) -> wire.Opening | None:
    """How that epoch began, None for the first and for one there is not."""
    raw = connection.scalar(select(tables.epochs.c.opening).where(tables.epochs.c.epoch == epoch))
    return None if raw is None else wire.decode(raw, wire.Opening)


def begin(connection: Connection, epoch: int, opened: wire.Opening | None) -> None:
    """Begin an epoch without rows."""
    connection.execute(
        insert(tables.epochs).values(
            epoch=epoch,
            acknowledged_seq=0,
            opening=None if opened is None else wire.canonical(opened),
            base_seq=0,
            base_hash=_genesis(connection, epoch, opened),
        )
    )


def append(connection: Connection, row_id: str, raw: bytes) -> wire.Row:
    """The new last row of the current epoch. Raises NotEnrolled."""
    return append_all(connection, [(row_id, raw)])[0]


def append_all(connection: Connection, responses: Iterable[tuple[str, bytes]]) -> list[wire.Row]:
    """The new last rows of the current epoch, of these ids and bodies. Raises NotEnrolled."""
    device, epoch = _device(connection), current_epoch(connection)
    seq, prev_hash = head(connection, epoch)
    rows: list[wire.Row] = []
    for row_id, raw in responses:
        seq += 1
        digest = wire.row_hash(device=device, epoch=epoch, seq=seq, row_id=row_id, prev_hash=prev_hash, body=raw)
        rows.append(wire.Row(body=Raw(raw), hash=digest, id=row_id, prev_hash=prev_hash, seq=seq))
        prev_hash = digest
    if rows:
        connection.execute(insert(tables.responses), [{"epoch": epoch} | _columns(row) for row in rows])
    return rows


def _columns(row: wire.Row) -> dict[str, object]:
    return {"seq": row.seq, "id": row.id, "body": bytes(row.body), "prev_hash": row.prev_hash, "hash": row.hash}


def row(connection: Connection, row_id: str) -> wire.Row | None:
    """The row of that id, or None."""
    return next(_rows(connection, select(tables.responses).where(tables.responses.c.id == row_id)), None)


def pending(connection: Connection, epoch: int, limit: int, after_seq: int = 0) -> list[wire.Row]:
    """Unacknowledged rows of an epoch after that one, in order, up to the first whose body was forgotten."""
    rows, epochs = tables.responses, tables.epochs
    acknowledged_seq = select(epochs.c.acknowledged_seq).where(epochs.c.epoch == epoch).scalar_subquery()
    waiting = (rows.c.epoch == epoch) & (rows.c.seq > acknowledged_seq) & (rows.c.seq > after_seq)
    return list(_rows(connection, select(rows).where(waiting).order_by(rows.c.seq).limit(limit)))


def with_bodies(connection: Connection, epoch: int, seq: int, limit: int) -> list[wire.Row]:
    """Rows of an epoch after that one whose body is kept, in order, at most `limit`."""
    rows = tables.responses
    query = select(rows).where(rows.c.epoch == epoch, rows.c.seq > seq, rows.c.body.is_not(None))
    return list(_rows(connection, query.order_by(rows.c.seq).limit(limit)))


def acknowledge(connection: Connection, epoch: int, head_seq: int) -> bool:
    """Whether the watermark was moved to there. Raises ValueError where there is no such row."""
    epochs = tables.epochs
    if hash_at(connection, epoch, head_seq) is None:
        raise ValueError(f"epoch {epoch} has no row {head_seq}")
    moved = connection.execute(
        # a heartbeat that moves nothing writes nothing
        update(epochs)
        .where(epochs.c.epoch == epoch, epochs.c.acknowledged_seq != head_seq)
        .values(acknowledged_seq=head_seq)
    )
    return moved.rowcount > 0


def begin_after(connection: Connection, reason: Reason, closing: int, after_seq: int, known_seq: int) -> int:
    """The number of the new epoch, with the rows of the closed one that came later. Raises ValueError."""
    previous_hash = hash_at(connection, closing, after_seq)
    if previous_hash is None:
        raise ValueError(f"epoch {closing} has no row {after_seq}")
    rows = tables.responses
    later = (rows.c.epoch == closing) & (rows.c.seq > after_seq)
    epoch = current_epoch(connection) + 1
    opened = wire.Opening(
        known_seq=max(known_seq, _known_seq(connection, closing)),
        previous_epoch=closing,
        previous_hash=previous_hash,
        previous_seq=after_seq,
        reason=reason,
        salvaged=connection.scalar(select(func.count()).where(later, rows.c.body.is_not(None))) or 0,
    )
    begin(connection, epoch, opened)
    # watermark first: nothing that leaves the epoch may count as acknowledged in it
    connection.execute(
        update(tables.epochs)
        .where(tables.epochs.c.epoch == closing, tables.epochs.c.acknowledged_seq > after_seq)
        .values(acknowledged_seq=after_seq)
    )
    while leaving := list(connection.execute(select(rows).where(later).order_by(rows.c.seq).limit(_AT_ONCE))):
        _move(connection, closing, leaving)
    return epoch


def forget(connection: Connection, epoch: int, durable_seq: int, now_ms: int) -> int:
    """How many bodies of that epoch were dropped."""
    rows = tables.responses
    standing = next((found for found in standings(connection) if found.epoch == epoch), None)
    if standing is None:
        return 0
    # the last row keeps its body, so that every forgotten hash has a row after it that answers for it
    last = min(durable_seq, standing.acknowledged_seq, standing.head_seq - 1)
    kept = (rows.c.epoch == epoch) & (rows.c.seq <= last) & rows.c.body.is_not(None)
    dropped = 0
    while found := list(
        connection.execute(select(rows.c.seq, rows.c.body).where(kept).order_by(rows.c.seq).limit(_AT_ONCE))
    ):
        old = [row.seq for row in found if _is_old(row.body, now_ms)]
        if old:
            within = rows.c.seq.in_(old)
            connection.execute(update(rows).where(rows.c.epoch == epoch, within).values(body=None))
        dropped += len(old)
        if len(old) < len(found):
            break
    return dropped


def forgotten(connection: Connection) -> dict[int, int]:
    """The last number of each epoch up to which all bodies are forgotten or never were here."""
    rows, epochs = tables.responses, tables.epochs
    first = select(func.min(rows.c.seq)).where(rows.c.epoch == epochs.c.epoch, rows.c.body.is_not(None))
    query = select(epochs.c.epoch, func.coalesce(first.scalar_subquery() - 1, 0))
    return {found[0]: found[1] for found in connection.execute(query)}


def _is_old(raw: bytes, now_ms: int) -> bool:
    at_ms = written_ms(raw)
    return at_ms is not None and at_ms < now_ms - KEPT_DAYS * 86_400_000


def _move(connection: Connection, closing: int, leaving: list[Found[tuple[object, ...]]]) -> None:
    """Put rows of a closed epoch into the current one, those without a body nowhere."""
    rows, places = tables.responses, tables.moved
    within = (rows.c.epoch == closing) & rows.c.seq.between(leaving[0].seq, leaving[-1].seq)
    # a place may be given up twice: salvaged rows can be forked rows too
    connection.execute(
        delete(places).where(places.c.epoch == closing, places.c.seq.between(leaving[0].seq, leaving[-1].seq))
    )
    taken = select(literal(closing), rows.c.seq, rows.c.id, rows.c.hash).where(within)
    connection.execute(insert(places).from_select(["epoch", "seq", "id", "hash"], taken))
    connection.execute(delete(rows).where(within))
    append_all(connection, ((found.id, found.body) for found in leaving if found.body is not None))


def _known_seq(connection: Connection, epoch: int) -> int:
    """The highest number of an epoch that this device has given or heard of."""
    places, epochs = tables.moved, tables.epochs
    given = connection.scalar(select(func.max(places.c.seq)).where(places.c.epoch == epoch)) or 0
    opened = [
        wire.decode(raw, wire.Opening)
        for raw in connection.scalars(select(epochs.c.opening).where(epochs.c.epoch > epoch))
    ]
    heard = [said.known_seq for said in opened if said.previous_epoch == epoch]
    return max(head(connection, epoch)[0], given, *heard, 0)


def _device(connection: Connection) -> str:
    identity = keys.identity(connection)
    if identity is None:
        raise NotEnrolled
    return identity.device


def _genesis(connection: Connection, epoch: int, opened: wire.Opening | None) -> str:
    return wire.genesis(_device(connection), epoch, opened)


def _rows(connection: Connection, query: Executable) -> Iterator[wire.Row]:
    for found in connection.execute(query):
        if found.body is None:
            return
        yield wire.Row(body=Raw(found.body), hash=found.hash, id=found.id, prev_hash=found.prev_hash, seq=found.seq)
