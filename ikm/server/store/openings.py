"""Openings of epochs: where a chain may begin, and how far an epoch may still grow once another has closed it."""

from sqlalchemy import Connection, func, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.chain import Head
from ikm.server.store.chains import Facts, head_of, held_rows
from ikm.server.store.delivery import Delivery
from ikm.server.store.forks import dispute, is_undecided


def begin(connection: Connection, delivery: Delivery, facts: Facts, *, begun: bool) -> str:
    """The hash (hex) the epoch starts after, its opening kept; `begun` says whether rows of it are held.

    Raises:
        Refusal: `opening_invalid` when a later epoch has none, or another than before, or one of no earlier epoch.
    """
    opening, epoch = delivery.opening, delivery.epoch
    known = _opening(connection, delivery.device, epoch)
    if known is not None:
        if opening is not None and opening != known:
            raise Refusal("opening_invalid", f"epoch {epoch}")
        return wire.genesis(delivery.device, epoch, known)
    if epoch == 1 or begun:
        # rows of an epoch begun before openings were told go on as they began
        if opening is not None:
            raise Refusal("opening_invalid", f"epoch {epoch}")
        return wire.GENESIS
    if opening is None or opening.previous_epoch >= epoch:
        raise Refusal("opening_invalid", f"epoch {epoch}")
    _keep(connection, delivery, facts, opening)
    return wire.genesis(delivery.device, epoch, opening)


def room(connection: Connection, device: str, epoch: int) -> int | None:
    """The highest number an epoch may have now that another has closed it; None while none has."""
    c = t.opening.c
    query = select(t.opening).where(c.device == device, c.epoch > epoch).order_by(c.epoch).limit(1)
    closing = connection.execute(query).first()
    if closing is None:
        return None
    if closing.previous_epoch == epoch:
        return int(max(closing.known_seq, closing.head_seq_before))
    return _held_until(connection, device, epoch, closing.opened_ms)


def _keep(connection: Connection, delivery: Delivery, facts: Facts, opening: wire.Opening) -> None:
    device, epoch, now_ms = delivery.device, delivery.epoch, delivery.received_ms
    before = head_of(connection, device, opening.previous_epoch) or Head()
    connection.execute(
        t.opening.insert().values(
            device=device,
            epoch=epoch,
            reason=opening.reason,
            previous_epoch=opening.previous_epoch,
            previous_seq=opening.previous_seq,
            previous_hash=bytes.fromhex(opening.previous_hash),
            known_seq=opening.known_seq,
            salvaged=opening.salvaged,
            head_seq_before=before.seq,
            opened_ms=now_ms,
        )
    )
    facts.latest_epoch = max(facts.latest_epoch, epoch)
    connection.execute(update(t.device).where(t.device.c.id == device).values(latest_epoch=facts.latest_epoch))
    place = opening.previous_seq
    ours = held_rows(connection, device, opening.previous_epoch, place, place).get(place)
    if ours is not None and ours.hash != opening.previous_hash:
        dispute(connection, facts, (opening.previous_epoch, place), "opening", now_ms)
    elif opening.reason == "fork" or (facts.disputed and is_undecided(connection, device, epoch)):
        # whoever begins anew because of a fork is one of the two, and nobody has said yet which
        dispute(connection, facts, (epoch, 1), "after", now_ms)


def _opening(connection: Connection, device: str, epoch: int) -> wire.Opening | None:
    c = t.opening.c
    row = connection.execute(select(t.opening).where(c.device == device, c.epoch == epoch)).first()
    if row is None:
        return None
    return wire.Opening(
        known_seq=row.known_seq,
        previous_epoch=row.previous_epoch,
        previous_hash=bytes(row.previous_hash).hex(),
        previous_seq=row.previous_seq,
        reason=row.reason,
        salvaged=row.salvaged,
    )


def _held_until(connection: Connection, device: str, epoch: int, ms: int) -> int:
    """The highest number of an epoch that was held at that moment."""
    highest = 0
    for c in (t.response.c, t.quarantine.c):
        query = select(func.max(c.seq)).where(c.device == device, c.epoch == epoch, c.received_ms <= ms)
        if c is t.quarantine.c:
            query = query.where(t.quarantine.c.chained)
        highest = max(highest, connection.execute(query).scalar() or 0)
    return highest
