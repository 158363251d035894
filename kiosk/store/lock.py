"""One window per store: two would race for the same citizen. And nobody in a database that is being replaced."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.store.errors import StoreError


class WindowIsOpen(StoreError):
    """Another process shows the window of this store."""

    def __init__(self) -> None:
        super().__init__("Kios sudah berjalan di perangkat ini. Tutup jendela yang lama lebih dahulu.")


class Use:
    """The right to use a folder's database: together with other processes, or alone. The kernel ends it with us."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / "store.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # waits where another process is replacing the database, which is soon over
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody else uses the database while the block runs."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_alone = True
        except BlockingIOError:
            is_alone = False
        try:
            yield is_alone
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    @property
    def in_use(self) -> bool:
        """Whether the right has not been given back."""
        return self._descriptor >= 0

    def end(self) -> None:
        """Give the right back; more than once is once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def only_window(folder: Path) -> Iterator[None]:
    """Hold the right to show the window while the block runs; the kernel gives it back if the process dies.

    Raises:
        WindowIsOpen: Another process has it.
    """
    descriptor = os.open(folder / "window.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WindowIsOpen from None
        yield
    finally:
        os.close(descriptor)
