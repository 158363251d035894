"""What the sync of any process of this device last saw, for processes that run none."""

from pathlib import Path

import msgspec

from sync.worker import SyncStatus

_FILE_NAME = "sync-status.json"
_READER = msgspec.json.Decoder(SyncStatus)


def last_sync(folder: Path) -> SyncStatus | None:
    """The newest status that was kept in that folder; None where nobody can read one."""
    try:
        return _READER.decode((folder / _FILE_NAME).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def keep_sync_status(folder: Path, status: SyncStatus) -> None:
    """Leave what the sync last saw where other processes find it.

    For people only, so it is put in place whole but not forced to the medium each minute.
    """
    path = folder / _FILE_NAME
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(status))
    unfinished.replace(path)
