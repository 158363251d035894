"""A database on its medium: opened and closed, read and written in transactions, with a second copy and a ballast."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import SQLAlchemyError

from ikm.domain.oserrors import reason
from ikm.sqlite import writing
from kiosk.space import Room, room
from kiosk.store import checks, tables
from kiosk.store.ballast import Ballast
from kiosk.store.errors import Cause, MediumFailed, StoreError, cause_of
from kiosk.store.lock import Use
from kiosk.store.opening import FILE_NAME, open_database, wish_for_a_look
from kiosk.store.seals import seal
from kiosk.store.second import FOLDER_NAME, SecondCopy

# two of SQLite's pages: less than this, and no commit finds room
_FULL_BYTES = 8192
_SALVAGED_DAYS = 30
_UNREADABLE = "Penyimpanan perangkat tidak dapat dibaca. Hubungi petugas."

_log = logging.getLogger(__name__)


class Medium:
    """The database of a folder, and what is done when its medium fails."""

    def __init__(
        self,
        folder: Path,
        second_copy: Path | None = None,
        *,
        ballast_bytes: int = 0,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._folder = folder
        self._now_ms = now_ms
        self._second = SecondCopy(second_copy or folder / FOLDER_NAME)
        self._ballast = Ballast(folder, ballast_bytes)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._use = Use(folder)
        except OSError as error:
            raise StoreError(f"Folder data {folder} tidak dapat dipakai: {reason(error)}.") from error
        try:
            self._engine = self._opened()
            self._inode = (folder / FILE_NAME).stat().st_ino
        except BaseException:
            self._use.end()
            raise
        self._follow()
        self.room()

    @classmethod
    def open(cls, folder: Path, second_copy: Path | None = None, *, ballast_bytes: int = 0) -> Self:
        """The store in that folder, made, brought up to date or salvaged where needed. Raises StoreError.

        One process opens a folder's store once: POSIX gives up a file's locks when any opening of it is closed.

        Args:
            folder: Where the database is.
            second_copy: Where every row is written once more, best on another medium; in `folder` if None.
            ballast_bytes: The size of the ballast; none where it is 0.
        """
        return cls(folder, second_copy, ballast_bytes=ballast_bytes)

    def close(self) -> None:
        """Let go of the file."""
        if self._use.in_use:
            self._follow()
        self._engine.dispose()
        self._use.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def room(self) -> Room:
        """What there is room for on the medium; a call or two to the kernel.

        A ballast that had to be given up counts as missing room until it can be laid in again.
        """
        missing = self._ballast.missing_bytes
        found = room(max(0, self._free_bytes() - missing))
        if found is Room.PLENTY and missing:
            self._ballast.put()
        return found

    def warnings(self) -> list[str]:
        """Codes of what people should look after.

        `disk_low` and `disk_full` as `room` says; `second_copy_failed`: rows are only in the database for now;
        `salvaged`: a damaged database was replaced within the last 30 days and lies beside it as `rusak-*`.
        """
        found = {Room.PLENTY: [], Room.LOW: ["disk_low"], Room.FULL: ["disk_full"]}[self.room()]
        if self._second.failed:
            found.append("second_copy_failed")
        month_ago_s = self._now_ms() / 1000 - _SALVAGED_DAYS * 86_400
        if any(path.stat().st_ctime > month_ago_s for path in self._folder.glob("rusak-*.db")):
            found.append("salvaged")
        return found

    def check_whole(self) -> bool:
        """Whether everything that is kept is whole. For idle time: every row is read, others can write in between.

        Where it is not, the next opening salvages.
        """
        try:
            found = checks.whole(self._engine)
        except SQLAlchemyError as error:
            raise self._failed(error, _UNREADABLE) from error
        if found:
            _log.error("the database is damaged: %s", ", ".join(found))
            self._wish_for_a_look()
        return not found

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(error, _UNREADABLE) from error

    @contextmanager
    def _writing(self, *sealed: Table) -> Iterator[Connection]:
        self._check_file()
        try:
            with writing(self._engine) as connection:
                yield connection
                seal(connection, *sealed)
        except SQLAlchemyError as error:
            raise self._failed(
                error, "Penyimpanan perangkat gagal; jawaban belum tersimpan. Hubungi petugas."
            ) from error
        if any(table is not tables.rotation for table in sealed):
            self._follow()

    def _check_file(self) -> None:
        """Raise MediumFailed where the database is no longer in its place: what went into it would be gone with it."""
        try:
            found = (self._folder / FILE_NAME).stat().st_ino
        except FileNotFoundError:
            found = -1
        except OSError:
            # the medium does not even answer that; what is written will fail by itself
            return
        if found != self._inode:
            raise MediumFailed(Cause.DAMAGED, "")

    def _follow(self, *, facts: bool = True) -> None:
        """Bring the second copy up to date. What was kept is kept, so nothing is raised."""
        try:
            with self._reading() as connection:
                self._second.follow(connection, facts=facts)
        except StoreError:
            _log.exception("the second copy could not follow")

    def _opened(self) -> Engine:
        try:
            return open_database(self._folder, self._second, self._use)
        except MediumFailed as failed:
            if failed.cause is not Cause.FULL or not self._ballast.give_up():
                raise
            return open_database(self._folder, self._second, self._use)

    def _wish_for_a_look(self) -> None:
        try:
            wish_for_a_look(self._folder)
        except OSError:
            _log.exception("the next opening will not look closer")

    def _failed(self, error: SQLAlchemyError, otherwise: str) -> MediumFailed:
        cause = cause_of(getattr(error, "orig", None))
        if cause is Cause.OTHER and self._is_full():
            # no room for the journal is an error of input and output to SQLite, or a file it cannot open
            cause = Cause.FULL
        if cause in {Cause.OTHER, Cause.DAMAGED}:
            # after such an error nobody knows what a connection holds; the next call opens a new one
            self._engine.dispose()
        if cause is Cause.DAMAGED:
            self._wish_for_a_look()
        return MediumFailed(cause, otherwise)

    def _is_full(self) -> bool:
        try:
            return self._free_bytes() < _FULL_BYTES
        except OSError:
            return False

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free
