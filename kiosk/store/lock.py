"""One window per store: two would race for the same citizen."""

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
