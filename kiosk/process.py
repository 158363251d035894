"""The kiosk as a process: its settings, store and log, its sync, and a sentence for whatever a person can mend.

Exit codes: 1 the command did not succeed, 2 a setting or argument is wrong, 3 not enrolled yet, 4 a library is missing.
Nothing here needs the command line's libraries: the window starts without them, 20 MB smaller.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from random import SystemRandom
from typing import NoReturn

from ikm.domain.oserrors import reason
from kiosk.last_sync import keep_sync_status, last_sync
from kiosk.machine import Machine, this_machine
from kiosk.sending import Sending
from kiosk.settings import SettingInvalid, Settings, settings_from
from kiosk.space import BALLAST_BYTES
from kiosk.stacks import tell_stacks
from kiosk.store import NotEnrolled, Store, StoreError, only_window
from sync.failure import Failure
from sync.once import APP_VERSION
from sync.ports import Identity
from sync.worker import SyncStatus, Worker

NOT_DONE, WRONG_SETTING, NOT_ENROLLED, LIBRARY_MISSING = 1, 2, 3, 4

# our own loggers and not the root: the window's toolkit puts its own handlers there
_LOGGERS = ("kiosk", "sync")
_LOG_BYTES = 1024 * 1024
_LOG_FILES = 5

log = logging.getLogger("kiosk")


def run_window() -> int:
    """The exit code of the window, with the sync behind it."""
    tell_stacks()
    settings = settings_of_process()
    with opened(settings, ballast_bytes=BALLAST_BYTES) as store, only_window(settings.data_dir):
        log_to(settings.data_dir / "kiosk.log")
        held = store.identity()
        device = held.device if held else "not enrolled"
        log.info("kiosk %s, device %s, data in %s", APP_VERSION, device, settings.data_dir)
        # imported here, so that no other command needs the window's library
        from kiosk.app import run as show  # noqa: PLC0415
        from kiosk.desk import OwnDesk  # noqa: PLC0415
        from kiosk.parts import Parts  # noqa: PLC0415

        machine = this_machine(settings.data_dir, store.warnings)

        def make() -> Worker | None:
            identity = store.identity()
            report = keeper(settings.data_dir)
            return worker_of(store, identity, machine, settings, report) if identity else None

        # the window starts the sync when it is up, tells it of an enrolment, and stops it when it closes
        parts = Parts(store, Sending(make), machine, OwnDesk(store, machine, settings.data_dir))
        return show(parts, settings)


@contextmanager
def sentences() -> Iterator[None]:
    """Whatever a person can mend ends the process in one sentence on the error output."""
    # before there is a log file, nothing but the sentence goes to the screen
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        yield
    except SettingInvalid as wrong:
        end(str(wrong), WRONG_SETTING)
    except NotEnrolled as early:
        end(str(early), NOT_ENROLLED)
    except StoreError as trouble:
        log.exception("the store of this device failed")
        end(str(trouble), NOT_DONE)
    except OSError as trouble:
        end(f"Folder {trouble.filename} tidak dapat dipakai: {reason(trouble)}. Hubungi petugas.", NOT_DONE)
    except Failure as failure:
        log.warning("%s", failure)
        end(f"{failure.sentence} ({failure.code})", NOT_DONE)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"kivy", "requests", "urllib3", "argon2"}:
            raise
        end(f"Pustaka {missing.name} belum terpasang. Pasang dengan: pip install 'ikm-kiosk[kiosk]'", LIBRARY_MISSING)


def settings_of_process() -> Settings:
    """How this process is to run. Raises SettingInvalid."""
    return settings_from(os.environ, Path.home())


def opened(settings: Settings, *, ballast_bytes: int = 0) -> Store:
    """This device's store, with a ballast where it is to take answers. Raises StoreError."""
    return Store.open(settings.data_dir, settings.second_copy, ballast_bytes=ballast_bytes)


def enrolled(store: Store) -> Identity:
    """Who this device is. Raises NotEnrolled."""
    identity = store.identity()
    if identity is None:
        raise NotEnrolled
    return identity


def worker_of(
    store: Store, identity: Identity, machine: Machine, settings: Settings, report: Callable[[SyncStatus], None]
) -> Worker:
    """The sync of that device, not begun yet."""
    from sync.client import Client  # noqa: PLC0415 - as in `enrol`

    return Worker(
        store,
        Client(identity, APP_VERSION, store),
        machine,
        interval_s=settings.sync_interval_s,
        random=SystemRandom(),
        report=report,
        last=last_sync(settings.data_dir),
    )


def keeper(folder: Path) -> Callable[[SyncStatus], None]:
    """What keeps the state of the sync where other processes find it."""
    return lambda status: keep_sync_status(folder, status)


def log_to(path: Path) -> None:
    """Log to a file in UTC, at most 5 MiB with its predecessors."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES - 1, encoding="utf-8")
    handler.setFormatter(formatter)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


def end(sentence: str, code: int) -> NoReturn:
    """End the process with a sentence on the error output."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(code)
