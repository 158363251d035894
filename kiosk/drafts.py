"""The draft of the running visit on its way to the medium, and what is left of one that was cut off.

Offered on the window's thread, all else on the medium's. A medium slower than its citizen gets the newest draft only.
"""

import logging
from collections import deque
from collections.abc import Callable

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk.complaints import Complaints
from kiosk.events import Draft
from kiosk.world import Keeper

log = logging.getLogger(__name__)


class Drafts:
    """The drafts of one running kiosk. `body` makes of a draft what would be kept of it."""

    def __init__(self, keeper: Keeper, body: Callable[[Draft], wire.ResponseBody]) -> None:
        self._keeper = keeper
        self._body = body
        # one place, so that a newer draft takes the place of one nobody has written yet
        self._offered: deque[Draft] = deque(maxlen=1)
        self._looked = False
        self._found: wire.ResponseBody | None = None
        self._unkept = Complaints(log, "a draft could not be kept")

    def offer(self, draft: Draft) -> None:
        """Let this be the draft that is written next."""
        self._offered.append(draft)

    def forget(self) -> None:
        """Write none of what was offered: the visit has ended, and its response is on its way."""
        self._offered.clear()

    def write(self) -> None:
        """Keep the newest draft offered, if one still is."""
        try:
            draft = self._offered.pop()
        except IndexError:
            return
        try:
            self.recover()
            self._keeper.put_draft(self._body(draft))
            self._unkept.succeeded()
        # a draft is more than was promised: whoever is answering need not learn that it failed
        except Exception as trouble:  # noqa: BLE001 - logged, once and then counted
            self._unkept.failed(trouble)

    def recover(self) -> bool:
        """Make a response of what an earlier run has left of a visit; whether there was anything.

        Raises whatever the medium raises, and is then to be called again before anything else is written.
        """
        if not self._looked:
            self._found = self._left_over()
            self._looked = True
        if self._found is None:
            return False
        try:
            self._keeper.append(self._found)
        except Refusal as refusal:
            # no row can carry it, and it must not stand in the way of all that could
            log.warning("what was left of a visit that was cut off cannot be kept: %s", refusal)
            self._found = None
            self._keeper.put_draft(None)
            return False
        log.info("a visit that was cut off is kept as far as it came")
        self._found = None
        return True

    def _left_over(self) -> wire.ResponseBody | None:
        try:
            return self._keeper.draft()
        except Refusal as refusal:
            log.warning("what was left of a visit that was cut off cannot be read: %s", refusal)
            return None
