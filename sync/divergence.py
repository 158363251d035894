"""What to do when server and device do not speak of the same chain: go back, or go on in a new epoch.

Nothing is overwritten on either side. Rows that went into a new epoch keep their ids, so that none counts twice.
"""

import logging

from ikm import wire
from ikm.wire import Batch, Receipt
from sync.failure import Cause, Failure
from sync.memory import Memory
from sync.ports import Outbox, Reason

_MOST_UNPROVED = 8
"""So many epochs may begin without the server taking one row; after that a person has to look."""

_log = logging.getLogger(__name__)


class Divergence:
    """One device's ways out. Each returns having made ready for another try, or raises Failure."""

    def __init__(self, outbox: Outbox, memory: Memory) -> None:
        self._outbox = outbox
        self._memory = memory
        self._rewound = False
        self._asked_again = False

    def receipt(self, batch: Batch, receipt: Receipt) -> None:
        """The server's head is no row of ours: an old card was put back, so go on where it cannot collide.

        What is acknowledged is common; all later rows of ours may have numbers that others were given too. Where the
        server has another row under a number it has acknowledged, it is asked once more, to say where the two part.
        """
        epoch, head_seq = receipt.epoch, receipt.head_seq
        common_seq = self._acknowledged_below(epoch, head_seq)
        if common_seq < head_seq:
            self._begin("rollback", epoch, common_seq, head_seq)
            return
        back = max(0, head_seq - wire.MAX_ROWS)
        if batch.rows or self._asked_again or self._outbox.hash_at(epoch, back) is None:
            raise Failure(Cause.DIVERGED, f"epoch {epoch} head {head_seq}")
        _log.warning("epoch %d: row %d is another on the server, rows after %d are sent again", epoch, head_seq, back)
        self._asked_again = True
        self._outbox.acknowledge(epoch, back)

    def fork(self, batch: Batch, failure: Failure) -> None:
        """The server holds other rows under our numbers: go on in a new epoch after the last common row."""
        problem = failure.problem
        if problem is None or not isinstance(problem.head_seq, int):
            raise failure
        if self._outbox.hash_at(batch.epoch, problem.head_seq) != problem.head_hash:
            raise Failure(Cause.DIVERGED, f"epoch {batch.epoch} fork at {problem.head_seq}", problem=problem)
        self._begin("fork", batch.epoch, problem.head_seq, problem.head_seq)

    def opening_refused(self, batch: Batch, failure: Failure) -> None:
        """The server knows that epoch otherwise: a card was put back after it began. Go on in one nobody knows."""
        first = self._outbox.pending(batch.epoch, 1)
        # an epoch of which the server has taken rows is no stranger to it
        if (
            batch.opening is None
            or (first and first[0].seq > 1)
            or (not first and self._outbox.hash_at(batch.epoch, 1))
        ):
            raise failure
        self._begin("rollback", batch.epoch, 0, 0)

    def gap(self, batch: Batch, failure: Failure) -> None:
        """The server lost rows, as one restored from a backup does: send again from where it says it stands.

        Only back, and once a round: what is acknowledged forward, a receipt has to prove. Where the server's row there
        is another than ours, the two parted earlier still: further back, until it answers with the last common row.
        """
        problem = failure.problem
        if self._rewound or problem is None or not batch.rows:
            raise failure
        head_seq, head_hash = problem.head_seq, problem.head_hash
        if not isinstance(head_seq, int) or head_seq >= batch.rows[0].seq - 1:
            raise failure
        own_hash = self._outbox.hash_at(batch.epoch, head_seq)
        if own_hash is None:
            raise Failure(Cause.DIVERGED, f"epoch {batch.epoch} gap at {head_seq}", problem=problem)
        _log.warning("epoch %d: the server stands at %d, rows after it are sent again", batch.epoch, head_seq)
        self._outbox.acknowledge(batch.epoch, head_seq)
        if own_hash != head_hash:
            return
        self.bridge(batch.epoch, head_seq)
        self._rewound = True
        # it may have lost rows of other epochs as well
        self._memory.looked_back_ms = None

    def bridge(self, epoch: int, head_seq: int) -> None:
        """Where the body after the server's head was forgotten, nothing fits there any more: go on in a new epoch.

        The opening says how far the old one had come, so that what the server lost is seen to be missing.
        """
        if self._outbox.hash_at(epoch, head_seq + 1) is not None and not self._outbox.pending(epoch, 1):
            self._begin("lost", epoch, head_seq, head_seq)

    def _acknowledged_below(self, epoch: int, seq: int) -> int:
        first = self._outbox.pending(epoch, 1)
        if first:
            return first[0].seq - 1
        # all of ours is acknowledged, so our last row is meant; a card is older by days, not by years
        while seq and self._outbox.hash_at(epoch, seq) is None:
            seq -= 1
        return seq

    def _begin(self, reason: Reason, epoch: int, after_seq: int, known_seq: int) -> None:
        if self._memory.unproved >= _MOST_UNPROVED:
            raise Failure(Cause.DIVERGED, f"epoch {epoch}: {self._memory.unproved} new epochs fitted no better")
        self._memory.unproved += 1
        begun = self._outbox.begin_epoch(reason, after_seq, known_seq, epoch=epoch)
        _log.warning("epoch %d begun (%s): epoch %d is closed after row %d", begun, reason, epoch, after_seq)
