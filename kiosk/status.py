"""What `kiosk status` tells: facts from the store, and what the sync of any process last saw."""

import shutil
from pathlib import Path

import msgspec

from ikm.domain.questionnaire import OFFICIAL_LOCALE
from kiosk.last_sync import last_sync
from kiosk.store import Store


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
    warnings: list[str]
    data_dir: str


def device_status(store: Store, folder: Path) -> DeviceStatus:
    """The status of that folder's device. Raises StoreError."""
    identity, configuration, queue = store.identity(), store.configuration(), store.queue()
    sync = last_sync(folder)
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
        warnings=store.warnings(),
        data_dir=str(folder),
    )
