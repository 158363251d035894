"""A backup on the medium: written beside its name, read back, and given its name only when it was found whole."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ikm.domain.oserrors import reason
from ikm.server.store import Store
from ikm.server.store.backup import Contents, KeptBackup
from ikm.server.store.backup_faults import BackupFault

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """A verified backup, what it holds, and how many rows devices may forget since."""

    kept: KeptBackup
    contents: Contents
    durable: int


def make_backup(store: Store, file: Path, clock_ms: Callable[[], int]) -> Made:
    """A backup under that name, verified; from then on devices may forget what it holds.

    Verified means: the file was read from its first byte to its last by the database's own reader, which found no
    damage, and it has a row for every number of an epoch. Of an epoch that has not, nothing may be forgotten.

    Raises:
        BackupFault: There is something of that name, or the backup could not be made or is not whole; none is left.
        Refusal: `server_busy`, `storage_full`.
    """
    if file.exists() or file.is_symlink():
        raise BackupFault(f"Berkas {file} sudah ada. Cadangan tidak menimpa apa pun; pilih nama lain.")
    made_ms = clock_ms()
    part = file.with_name(f".{file.name}.belum-selesai")
    try:
        part.unlink(missing_ok=True)
        # it holds answers and the server's key
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        store.write_backup(part)
        _settle(part)
        contents = store.read_backup(part)
        size_bytes, sha256 = _measure(part)
        part.rename(file)
        _settle(file.parent)
    except OSError as error:
        raise BackupFault(f"Cadangan tidak dapat ditulis ke {file}: {reason(error)}.") from error
    finally:
        part.unlink(missing_ok=True)
    kept = KeptBackup(made_ms, clock_ms(), str(file.absolute()), size_bytes, sha256, contents.responses)
    return Made(kept, contents, store.keep_backup(kept, contents))


def _settle(path: Path) -> None:
    """Put a file or folder on the medium."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _measure(file: Path) -> tuple[int, bytes]:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return file.stat().st_size, digest.digest()
