"""The one rule of a device's chain: which rows of a batch are new, and when the batch does not fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ikm.domain.errors import Refusal
from ikm.wire import GENESIS, Row


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of an epoch that the server holds; the default stands before the first."""

    seq: int = 0
    hash: str = GENESIS


def check_order(rows: Sequence[Row]) -> None:
    """Refuse rows that are not numbered one after the other. Raises Refusal (`batch_order`)."""
    for before, after in pairwise(rows):
        if after.seq != before.seq + 1:
            raise Refusal("batch_order", f"seq {after.seq}")


def count_held(head: Head, rows: Sequence[Row], hashes: Callable[[int, int], Mapping[int, str]]) -> int:
    """How many of the batch's first rows the server holds already; the rest continue its chain.

    `hashes(first, last)` gives the stored hashes of that range of the epoch; it is asked only where rows overlap.

    Raises:
        Refusal: `fork` when a number is held with other content, `gap` (with the head) when the rest does not continue.
    """
    held = sum(row.seq <= head.seq for row in rows)
    if held:
        known = hashes(rows[0].seq, rows[held - 1].seq)
        for row in rows[:held]:
            if known.get(row.seq) != row.hash:
                raise Refusal("fork", f"seq {row.seq}")
    seq, link = head.seq, head.hash
    for row in rows[held:]:
        if row.seq != seq + 1 or row.prev_hash != link:
            raise Refusal("gap", f"seq {row.seq}", head_seq=head.seq, head_hash=head.hash)
        seq, link = row.seq, row.hash
    return held
