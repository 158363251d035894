"""The sync beside the window: a thread that outlives every failure, and what it last saw."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sync import backoff
from sync.failure import Cause, Failure
from sync.once import Outcome, sync_once
from sync.ports import Device, Outbox, Server

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FailureNote:
    """A failed round: its stable code, its sentence in Indonesian, the wall clock's time in ms."""

    code: str
    sentence: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the sync last saw: moments are this device's wall clock in ms, None for never.

    `failure` is how the last round ended, None when it ended well.
    """

    pending: int
    last_receipt_ms: int | None = None
    failure: FailureNote | None = None


class Worker:
    """The sync as a daemon thread, or in the foreground by `run`.

    A round follows each `poke`, otherwise the heartbeat; after a failure the back-off decides and pokes do not shorten
    it, or a busy counter would hammer a server that asked for rest.

    Args:
        interval_s: Seconds between heartbeats.
        random: Where jitter comes from.
        report: Told the new status after each round, on the thread that ran it.
        last_receipt_ms: The wall clock at the last receipt of an earlier run, in ms.
    """

    def __init__(
        self,
        outbox: Outbox,
        server: Server,
        device: Device,
        *,
        interval_s: float,
        random: Random,
        report: Callable[[SyncStatus], None] | None = None,
        last_receipt_ms: int | None = None,
    ) -> None:
        self._outbox = outbox
        self._server = server
        self._device = device
        self._interval_s = interval_s
        self._random = random
        self._report = report
        self._failures = 0
        self._changed = threading.Condition()
        self._poked = False
        self._stopping = False
        self._status = SyncStatus(pending=outbox.queue().pending, last_receipt_ms=last_receipt_ms)
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> SyncStatus:
        """What the last round saw. Never waits."""
        return self._status

    def start(self) -> None:
        """Run on a daemon thread, from now until `stop`."""
        self._thread = threading.Thread(target=self.run, name="sync", daemon=True)
        self._thread.start()

    def poke(self) -> None:
        """Say that a row was stored. Returns at once, from any thread."""
        with self._changed:
            self._poked = True
            self._changed.notify_all()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Start no further round, and wait up to `timeout_s` seconds for a running one.

        A request still waiting then ends with the process; its rows stay pending, which loses nothing.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def run(self) -> None:
        """Round after round until `stop`."""
        while not self._stopping:
            self._wait(self._delay_s(self.round()))

    def round(self) -> Outcome:
        """How one round went, whatever happened in it; `status` says the same afterwards."""
        with self._changed:
            self._poked = False
        try:
            outcome = sync_once(self._outbox, self._server, self._device)
            pending = self._outbox.queue().pending
        except Exception as error:  # noqa: BLE001 - a thread that ended would leave answers unsent until someone looks
            _log.exception("round broke off")
            outcome = Outcome(acknowledged=0, receipt=None, failure=Failure(Cause.UNEXPECTED, type(error).__name__))
            pending = self._status.pending
        self._note(outcome, pending)
        return outcome

    def _note(self, outcome: Outcome, pending: int) -> None:
        # not the device's clock, which may be the very part that broke
        now_ms = time.time_ns() // 1_000_000
        note: FailureNote | None = None
        if outcome.failure is None or outcome.acknowledged:
            self._failures = 0
        if outcome.failure is not None:
            self._failures += 1
            note = FailureNote(outcome.failure.code, outcome.failure.sentence, now_ms)
            _log.warning("round failed: %s", outcome.failure)
        last_receipt_ms = now_ms if outcome.receipt is not None else self._status.last_receipt_ms
        self._status = SyncStatus(pending=pending, last_receipt_ms=last_receipt_ms, failure=note)
        if self._report is not None:
            try:
                self._report(self._status)
            except Exception:  # noqa: BLE001 - a status nobody could write is no reason to stop sending
                _log.exception("status was not reported")

    def _delay_s(self, outcome: Outcome) -> float:
        if outcome.failure is None:
            return self._interval_s
        if outcome.failure.slow:
            return backoff.slow_delay_s(self._random)
        return backoff.delay_s(self._failures, self._random, outcome.failure.retry_after_s)

    def _wait(self, delay_s: float) -> None:
        deadline = time.monotonic() + delay_s
        with self._changed:
            while not self._stopping and not (self._poked and self._failures == 0):
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return
                self._changed.wait(left_s)
