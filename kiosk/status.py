"""What `kiosk status` tells: facts from the store, and what the sync of any process last saw."""

import shutil
from pathlib import Path

import msgspec

from ikm.domain.questionnaire import OFFICIAL_LOCALE
from kiosk.store import Store
from sync.worker import SyncStatus

_FILE_NAME = "sync-status.json"


class DeviceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The device at a glance: counts of responses, moments as UTC wall clock in ms, None where there is none yet."""

    device: str | None
    server_url: str | None
    unit_name: str | None
    counter_name: str | None
    time_zone: str | None
    configuration: int | None
    stored: int
    acknowledged: int
    pending: int
    oldest_pending_ms: int | None
    training: int
    last_receipt_ms: int | None
    last_failure_ms: int | None
    last_failure_code: str | None
    last_failure: str | None
    disk_free_bytes: int
    data_dir: str


def device_status(store: Store, folder: Path) -> DeviceStatus:
    """The status of that folder's device. Raises StoreError."""
    identity, configuration, queue = store.identity(), store.configuration(), store.queue()
    sync = _last_sync(folder)
    failure = sync.failure if sync else None
    return DeviceStatus(
        device=identity.device if identity else None,
        server_url=identity.server_url if identity else None,
        unit_name=configuration.unit_name[OFFICIAL_LOCALE] if configuration else None,
        counter_name=configuration.counter_name if configuration else None,
        time_zone=configuration.time_zone if configuration else None,
        configuration=configuration.version if configuration else None,
        stored=queue.stored,
        acknowledged=queue.acknowledged,
        pending=queue.pending,
        oldest_pending_ms=queue.oldest_pending_ms,
        training=store.training_count(),
        last_receipt_ms=sync.last_receipt_ms if sync else None,
        last_failure_ms=failure.at_ms if failure else None,
        last_failure_code=failure.code if failure else None,
        last_failure=failure.sentence if failure else None,
        disk_free_bytes=shutil.disk_usage(folder).free,
        data_dir=str(folder),
    )


def keep_sync_status(folder: Path, status: SyncStatus) -> None:
    """Leave what the sync last saw where other processes find it.

    For people only, so it is put in place whole but not forced to the medium each minute.
    """
    path = folder / _FILE_NAME
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(status))
    unfinished.replace(path)


def last_receipt_ms(folder: Path) -> int | None:
    """The wall clock in ms when any process of that folder last had a receipt, or None."""
    last = _last_sync(folder)
    return last.last_receipt_ms if last else None


def _last_sync(folder: Path) -> SyncStatus | None:
    try:
        return msgspec.json.decode((folder / _FILE_NAME).read_bytes(), type=SyncStatus)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
