"""What the sync of any process of this device last saw, for processes that run none."""

from pathlib import Path

import msgspec

from sync.worker import SyncStatus

_FILE_NAME = "sync-status.json"


def last_sync(folder: Path) -> SyncStatus | None:
    """The newest status that `kiosk.status.keep_sync_status` left in that folder; None where nobody can read one."""
    try:
        return msgspec.json.decode((folder / _FILE_NAME).read_bytes(), type=SyncStatus)
    except (OSError, msgspec.DecodeError):
        return None
