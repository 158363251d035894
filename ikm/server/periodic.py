"""What the running server does by itself: scheduled questionnaires on their day, digests, letting go of old contacts.

Safe in several processes at once: each piece of work is claimed in the database by whoever does it.
"""

import logging
import threading
from collections.abc import Callable

from ikm.domain.errors import Refusal
from ikm.server.ingest import now_ms
from ikm.server.mail.digest import send_due
from ikm.server.mail.sending import MailFault
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault

_EVERY_S = 60
_FORGET_EVERY_MS = 6 * 3_600_000
_LOG = logging.getLogger(__name__)


class Periodic:
    """One thread that looks once a minute whether anything is due."""

    def __init__(self, store: Store, settings: Settings, clock_ms: Callable[[], int] = now_ms) -> None:
        self._store, self._settings, self._now_ms = store, settings, clock_ms
        self._stop = threading.Event()
        self._forgot_ms = 0
        self._thread = threading.Thread(target=self._run, name="periodic", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End after what is under way."""
        self._stop.set()
        self._thread.join(timeout_s)

    def round(self) -> None:
        """Do what is due now. What fails is told in the log and tried again the next time."""
        now = self._now_ms()
        self._try(lambda: self._schedules(now))
        self._try(lambda: send_due(self._store, self._settings, now))
        if not 0 <= now - self._forgot_ms < _FORGET_EVERY_MS:
            self._try(lambda: self._store.forget_contacts(now))
            self._forgot_ms = now

    def _run(self) -> None:
        while not self._stop.is_set():
            self.round()
            self._stop.wait(_EVERY_S)

    def _schedules(self, now: int) -> None:
        given = self._store.apply_schedules(now)
        if given:
            _LOG.info("scheduled questionnaires reached %d counters", given)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (Refusal, DatabaseFault, MailFault) as fault:
            _LOG.warning("%s", fault)
        except Exception:  # noqa: BLE001 - whatever it is, mails and schedules must not stop until a restart
            _LOG.exception("periodic work failed")
