"""Accepted responses as table rows, in the order of the table's columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.delivery import Accepted, Delivery


def response_values(delivery: Delivery, fresh: Sequence[Accepted]) -> Iterator[tuple[Any, ...]]:
    """One tuple per fresh response of a delivery, as `tables.response` names its columns."""
    for accepted in fresh:
        row, body = accepted.row, accepted.body
        yield (
            row.id,
            delivery.device,
            delivery.epoch,
            row.seq,
            bytes.fromhex(row.hash),
            bytes.fromhex(row.prev_hash),
            body.unit,
            body.service,
            body.counter,
            body.questionnaire,
            body.channel.value,
            body.language,
            body.status.value,
            accepted.local_date,
            body.clock.wall_ms,
            delivery.received_ms,
            bytes(row.body),
        )


def tally_values(key: CellKey, counts: Counts) -> tuple[Any, ...]:
    """A cell as `tables.tally` names its columns."""
    return (*key[:5], key.channel.value, counts.responses, counts.complete)


def rating_values(key: CellKey, counts: Counts) -> Iterator[tuple[Any, ...]]:
    """A cell's ratings as `tables.tally_rating` names its columns, questions in a fixed order."""
    for question, ratings in sorted(counts.ratings.items()):
        yield (*key[:5], key.channel.value, question, *ratings)
