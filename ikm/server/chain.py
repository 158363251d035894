"""The one rule of a device's chain: which rows of a batch are new, and how a batch does not fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ikm.domain.errors import Refusal
from ikm.wire import GENESIS, MAX_ROWS, Row


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of an epoch that the server holds; the default stands before the first of a first epoch."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Fit:
    """How a batch stands to what is held: its first `held` rows are, the rest continue.

    `fork_seq` is the first number that is held with other content, None where there is none. `common` is the last row
    both sides are known to share, None where it lies before this batch.
    """

    held: int = 0
    fork_seq: int | None = None
    common: Head | None = None


def check_order(rows: Sequence[Row]) -> None:
    """Refuse rows that are not numbered one after the other. Raises Refusal (`batch_order`)."""
    for before, after in pairwise(rows):
        if after.seq != before.seq + 1:
            raise Refusal("batch_order", f"seq {after.seq}")


def fit(head: Head, start: str, rows: Sequence[Row], hashes: Callable[[int, int], Mapping[int, str]]) -> Fit:
    """How the rows stand to an epoch that begins after the hash `start` and ends in `head`.

    `hashes(first, last)` gives the stored hashes of that range of the epoch; it is asked only where rows overlap.

    Raises:
        Refusal: `gap` (with the head) when the rest does not continue.
    """
    held = sum(row.seq <= head.seq for row in rows)
    if held:
        forked = _overlap(start, rows[:held], hashes(rows[0].seq - 1, rows[held - 1].seq))
        if forked is not None:
            return forked
    elif rows and head.seq and rows[0].seq == head.seq + 1 and rows[0].prev_hash != head.hash:
        # the row before it is another one there than here, and so perhaps are more
        return Fit(fork_seq=head.seq)
    _continue(head, rows[held:])
    return Fit(held)


def stepping_back(fork_seq: int) -> int:
    """Where a device is asked to go on from when its rows part from ours somewhere before that number.

    A whole batch earlier, so that the next one overlaps what is held and shows where.
    """
    return max(0, fork_seq - 1 - MAX_ROWS)


def _overlap(start: str, rows: Sequence[Row], known: Mapping[int, str]) -> Fit | None:
    for place, row in enumerate(rows):
        if known.get(row.seq) != row.hash:
            before = start if row.seq == 1 else known[row.seq - 1]
            shared = place > 0 or row.seq == 1 or before == row.prev_hash
            return Fit(fork_seq=row.seq, common=Head(row.seq - 1, before) if shared else None)
    return None


def _continue(head: Head, rows: Sequence[Row]) -> None:
    seq, link = head.seq, head.hash
    for row in rows:
        if row.seq != seq + 1 or row.prev_hash != link:
            raise Refusal("gap", f"seq {row.seq}", head_seq=head.seq, head_hash=head.hash)
        seq, link = row.seq, row.hash
