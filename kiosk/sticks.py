"""The folders answers can be carried out to: USB sticks somebody has put in, and the one the settings name."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kiosk.admin.model import Stick

ROOTS = (Path("/media"), Path("/run/media"))
"""Where sticks are mounted: in a folder of their own, or one below the user's."""
RECEIPTS = "*.receipts"
_MOST_RECEIPTS = 300
"""One stick may come from every office of a regency; which files are this kiosk's is told from their names later."""


def sticks(own: Path | None, roots: Iterable[Path] = ROOTS) -> tuple[Stick, ...]:
    """The folders that can be written to now, the settings' `own` first. What cannot be looked at is not there."""
    found = [own] if own is not None else []
    found += [folder for root in roots for folder in _mounted(root)]
    return tuple(Stick(str(folder), _receipts(folder)) for folder in found if os.access(folder, os.W_OK | os.X_OK))


def _mounted(root: Path) -> Iterator[Path]:
    for folder in _folders(root):
        if folder.is_mount():
            yield folder
        else:
            yield from (below for below in _folders(folder) if below.is_mount())


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        # no such root here, a file, another user's, or a stick that has just been taken out
        return []


def _receipts(folder: Path) -> tuple[str, ...]:
    try:
        dated = sorted(((path.stat().st_mtime, path) for path in folder.glob(RECEIPTS)), reverse=True)
    except OSError:
        return ()
    return tuple(str(path) for _changed, path in dated[:_MOST_RECEIPTS])
