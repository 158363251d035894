"""One transaction for the deliveries that wait at the same moment: what a commit costs is shared by all of them."""

import threading
from collections.abc import Callable, Sequence

from ikm.domain.errors import Refusal
from ikm.server.store.delivery import Delivery, Taken
from ikm.server.store.faults import DatabaseFault, KnownId

_MOST = 16
"""So many deliveries share one transaction at most: a long one would let all of them wait."""


class _Waiting:
    """A delivery of a thread that waits: whether somebody tried it, and what became of it, if anything."""

    __slots__ = ("busy", "delivery", "taken", "tried")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.tried = False
        self.taken: Taken | None = None
        self.busy: Refusal | None = None


class Together:
    """Writes deliveries one group after the other. Safe for several threads; whoever's turn it is writes for all.

    `write` stores all of a group in one transaction or nothing of it. Of a group that fails nobody knows whose fault it
    was, so each of it is left to be tried by itself.
    """

    def __init__(self, write: Callable[[Sequence[Delivery]], Sequence[Taken]]) -> None:
        self._write = write
        self._queue: list[_Waiting] = []
        self._joining = threading.Lock()
        self._turn = threading.Lock()

    def receive(self, delivery: Delivery) -> Taken | None:
        """What became of the delivery once it is committed; None where it has to be tried by itself.

        Raises:
            Refusal: `server_busy` or `storage_full`, which is said of the server and so of all that waited with it;
                anything else only where no other delivery was with it.
            KnownId: In the same case.
        """
        mine = _Waiting(delivery)
        with self._joining:
            self._queue.append(mine)
        with self._turn:
            if not mine.tried:
                self._lead(mine)
        if mine.busy is not None:
            raise mine.busy
        return mine.taken

    def _lead(self, mine: _Waiting) -> None:
        group = self._group(mine)
        try:
            for one, taken in zip(group, self._write([one.delivery for one in group]), strict=True):
                one.taken = taken
        except Refusal as refusal:
            if len(group) == 1:
                raise
            if refusal.problem.is_of_the_server:
                for one in group:
                    one.busy = refusal
        except (KnownId, DatabaseFault):
            if len(group) == 1:
                raise

    def _group(self, mine: _Waiting) -> list[_Waiting]:
        """The deliveries to write now, mine among them: one of a device, whose next one stands on what this one says.

        In the order of their devices, whose rows are locked one after the other, so that two servers cannot deadlock.
        """
        with self._joining:
            group = {mine.delivery.device: mine}
            for one in self._queue:
                if len(group) < _MOST:
                    group.setdefault(one.delivery.device, one)
            chosen = [group[device] for device in sorted(group)]
            for one in chosen:
                one.tried = True
                self._queue.remove(one)
        return chosen
