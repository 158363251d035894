"""Ways the store says no. The message of each is a sentence in Indonesian for the person at the device."""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum


class Cause(StrEnum):
    """Why the medium failed; the value is for the log."""

    FULL = "disk full"
    LOCKED = "locked by another process"
    DAMAGED = "database damaged"
    OTHER = "medium failed"


_CAUSES: Mapping[int, Cause] = {
    sqlite3.SQLITE_FULL: Cause.FULL,
    sqlite3.SQLITE_BUSY: Cause.LOCKED,
    sqlite3.SQLITE_LOCKED: Cause.LOCKED,
    sqlite3.SQLITE_CORRUPT: Cause.DAMAGED,
    sqlite3.SQLITE_NOTADB: Cause.DAMAGED,
}
_SENTENCES: Mapping[Cause, str] = {
    Cause.FULL: "Penyimpanan penuh. Kosongkan ruang dari terminal (kiosk status).",
    Cause.LOCKED: "Penyimpanan sedang dipakai proses lain. Tunggu sebentar, lalu coba lagi.",
    Cause.DAMAGED: "Penyimpanan perangkat rusak. Hubungi pengelola.",
}


class StoreError(Exception):
    """Nothing was kept, or nothing could be read."""

    cause = Cause.OTHER


class MediumFailed(StoreError):
    """The medium did not do what it was asked to; `otherwise` is the sentence where nobody knows why."""

    def __init__(self, cause: Cause, otherwise: str) -> None:
        self.cause = cause
        super().__init__(_SENTENCES.get(cause, otherwise))


class Damaged(Exception):
    """The database is not what was written. For the store itself, which salvages; people see `MediumFailed`."""


# the medium, other processes or this machine, and not what is in the file
_NOT_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
    }
)  # fmt: skip


def is_of_the_file(error: BaseException | None) -> bool:
    """Whether a failure to read a database of the right schema can only come from what is in it."""
    if not isinstance(error, sqlite3.Error):
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NOT_THE_FILE


def cause_of(error: BaseException | None) -> Cause:
    """Why the database failed, from the driver's own error."""
    if not isinstance(error, sqlite3.Error):
        return Cause.OTHER
    # the lower byte is the kind, the rest says more; an error of the driver itself has no code
    return _CAUSES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, Cause.OTHER)


class NotEnrolled(StoreError):
    """The device belongs to no counter yet, so an answer would belong to none."""

    def __init__(self) -> None:
        super().__init__("Perangkat ini belum didaftarkan. Jalankan: kiosk enrol --server ALAMAT --code KODE")


class AlreadyEnrolled(StoreError):
    """The device belongs to a counter, and the hashes of its rows name it."""

    def __init__(self, device: str) -> None:
        super().__init__(f"Perangkat ini sudah terdaftar sebagai {device}. Loketnya: kiosk status")
