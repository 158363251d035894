"""The sync beside the window: a thread that outlives every failure, and what it last saw."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from sync import backoff
from sync.failure import Cause, Failure
from sync.memory import Memory
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

    `failure` is how the last round ended, None when it ended well; while refused rows wait it stays. `standing` is the
    last receipt's ("active", "forked", "revoked"), `rejected` how many rows the server ever kept aside, none of them
    beyond `rejected_until` (epoch, seq).
    """

    pending: int
    last_receipt_ms: int | None = None
    failure: FailureNote | None = None
    standing: str = "active"
    rejected: int = 0
    rejected_until: tuple[int, int] = (0, 0)


class Worker:
    """The sync as a daemon thread, or in the foreground by `run`.

    A round follows each `poke`, otherwise the heartbeat; after a failure the back-off decides and pokes do not shorten
    it, or a busy counter would hammer a server that asked for rest. Rows that were refused are tried again in the slow
    lane, with heartbeats and configurations going on between.

    Args:
        interval_s: Seconds between heartbeats.
        random: Where jitter comes from.
        report: Told the new status after each round, on the thread that ran it.
        last: What an earlier run last saw.
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
        last: SyncStatus | None = None,
    ) -> None:
        self._outbox = outbox
        self._server = server
        self._device = device
        self._interval_s = interval_s
        self._random = random
        self._report = report
        self._memory = Memory()
        self._failures = 0
        self._rows_wait_until_s: float | None = None
        self._changed = threading.Condition()
        self._poked = False
        self._stopping = False
        self._status = replace(last or SyncStatus(0), pending=outbox.queue().pending, failure=None)
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> SyncStatus:
        """What the last round saw. Never waits."""
        return self._status

    def start(self) -> None:
        """Run on a daemon thread, from now until `stop`."""
        self._thread = threading.Thread(target=self._supervised, name="sync", daemon=True)
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
            outcome = sync_once(self._outbox, self._server, self._device, self._memory, rows=not self._do_rows_wait())
            pending = self._outbox.queue().pending
        except Exception as error:  # noqa: BLE001 - a fault in one round must not keep the next from being tried
            _log.exception("round broke off")
            outcome = Outcome(acknowledged=0, receipt=None, failure=Failure(Cause.UNEXPECTED, type(error).__name__))
            pending = self._status.pending
        self._note(outcome, pending)
        return outcome

    def _supervised(self) -> None:
        while not self._stopping:
            try:
                self.run()
            except BaseException as error:  # noqa: BLE001 - a wish to end goes to the main thread; this one must not
                self._survive(error)

    def _survive(self, error: BaseException) -> None:
        """What the thread does about an error outside any round: say so, rest, go on."""
        _log.error("the sync broke off", exc_info=error)
        failure = Failure(Cause.UNEXPECTED, type(error).__name__)
        self._failures += 1
        self._tell(replace(self._status, failure=FailureNote(failure.code, failure.sentence, _now_ms())))
        self._wait(backoff.BASE_S)

    def _do_rows_wait(self) -> bool:
        return self._rows_wait_until_s is not None and time.monotonic() < self._rows_wait_until_s

    def _note(self, outcome: Outcome, pending: int) -> None:
        now_ms, last = _now_ms(), self._status
        waiting = self._do_rows_wait()
        if outcome.failure is None and not waiting:
            self._rows_wait_until_s = None
        if (outcome.failure is None and not waiting) or outcome.acknowledged:
            self._failures = 0
        # while refused rows wait, what they were refused for stays to be seen
        note = last.failure if waiting else None
        if outcome.failure is not None:
            self._failures += 1
            note = FailureNote(outcome.failure.code, outcome.failure.sentence, now_ms)
            _log.warning("round failed: %s", outcome.failure)
        receipt = outcome.receipt
        fresh = [place for place in outcome.rejected if place > last.rejected_until]
        self._tell(
            SyncStatus(
                pending=pending,
                last_receipt_ms=last.last_receipt_ms if receipt is None else now_ms,
                failure=note,
                standing=last.standing if receipt is None else receipt.standing,
                rejected=last.rejected + len(fresh),
                rejected_until=max(fresh, default=last.rejected_until),
            )
        )

    def _tell(self, status: SyncStatus) -> None:
        if status.standing != self._status.standing:
            _log.warning("the server says: %s", status.standing)
        self._status = status
        if self._report is not None:
            try:
                self._report(status)
            except Exception:  # noqa: BLE001 - a status nobody could write is no reason to stop sending
                _log.exception("status was not reported")

    def _delay_s(self, outcome: Outcome) -> float:
        failure = outcome.failure
        if failure is None:
            return self._interval_s
        if not failure.slow:
            return backoff.delay_s(self._failures, self._random, failure.retry_after_s)
        slow_s = backoff.slow_delay_s(self._random)
        if outcome.receipt is None:
            return slow_s
        # the server hears us, only the rows are not to its liking
        self._rows_wait_until_s = time.monotonic() + slow_s
        return self._interval_s

    def _wait(self, delay_s: float) -> None:
        deadline = time.monotonic() + delay_s
        with self._changed:
            while not self._stopping and not (self._poked and self._failures == 0):
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return
                self._changed.wait(left_s)


def _now_ms() -> int:
    # not the device's clock, which may be the very part that broke
    return time.time_ns() // 1_000_000
