"""A file that is in nobody's way until the medium is full: given up then, so that what is under way can be written."""

import logging
import os
from pathlib import Path

_log = logging.getLogger(__name__)


class Ballast:
    """The ballast in a folder, `size` bytes; of size 0 there is none and none is missed."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / "ballast"
        self._size = size

    @property
    def missing_bytes(self) -> int:
        """How many bytes it still has to be given."""
        return 0 if self._size == 0 or self._path.exists() else self._size

    def put(self) -> None:
        """Lay it in, where there is room; without, there is none for now."""
        unfinished = self._path.with_suffix(".part")
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
            unfinished.replace(self._path)
        except OSError as error:
            _log.warning("no ballast: %s", error.strerror)
            unfinished.unlink(missing_ok=True)

    def give_up(self) -> bool:
        """Whether there was any; its room is free now."""
        if self._size == 0:
            return False
        try:
            self._path.unlink()
        except OSError:
            return False
        _log.warning("the medium is full; the ballast is given up")
        return True
