"""A medium that loses power: what may be on it at a moment, from what a program did to it until then.

Kept is what a sync covered. Of everything else, each file independently, there may be nothing, all, the first part, any
part, writes torn at sectors of 512 bytes, or garbage in the sectors that were being written. A folder's entries (a new
file, a deletion, a rename) are durable only once the folder itself was synced, and any part of them may be missing
until then: stricter than journalling file systems are, so what holds here holds on them.

A lying medium keeps nothing of what it was told to sync after `lies` was set; the power takes any part of it.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.support.powercut_trace import END, Create, MakeFolder, Mark, Op, Rename, Resize, Sync, Unlink, Write

SECTOR = 512
MODES = ("none", "all", "prefix", "subset", "torn", "garbage")
Change = Write | Resize


@dataclass(eq=False)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True)
class _Entry:
    """A change of a folder: `path` names the file from now on, or nothing does; `old` did so before a rename."""

    path: str
    file: _File | None
    old: str | None = None


class Medium:
    """Begins with files that are on it for good."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._durable = {path: _File(bytearray(data), size=len(data)) for path, data in files.items()}
        self._entries = dict(self._durable)
        self._changes: list[_Entry] = []
        self.lies = False

    @classmethod
    def of(cls, folder: Path) -> "Medium":
        """What that folder holds now."""
        found = (path for path in folder.rglob("*") if path.is_file()) if folder.exists() else ()
        return cls({str(path): path.read_bytes() for path in found})

    @property
    def settled(self) -> bool:
        """Whether a power cut now can lose nothing, so that there is but one image."""
        return not self._changes and not any(file.pending for file in self._entries.values())

    def apply(self, op: Op) -> None:
        """Do what the program did."""
        match op:
            case Create(path):
                if path not in self._entries:
                    self._name(path, _File())
            case Write(path, offset, data):
                file = self._entries[path]
                start = file.size if offset == END else offset
                file.pending.append(Write(path, start, data))
                file.size = max(file.size, start + len(data))
            case Resize(path, size):
                file = self._entries[path]
                file.pending.append(op)
                file.size = size
            case Unlink(path):
                self._entries.pop(path, None)
                self._changes.append(_Entry(path, None))
            case Rename(path, target):
                file = self._entries.pop(path)
                self._entries[target] = file
                self._changes.append(_Entry(target, file, path))
            case Sync(path):
                self._sync(path)
            case MakeFolder() | Mark():
                pass

    def images(self, random: random.Random) -> Iterator[dict[str, bytes]]:
        """Endlessly, what may be on the medium if the power goes now, by path."""
        while True:
            entries = dict(self._durable)
            for change in _some(self._changes, random):
                if change.old is not None:
                    entries.pop(change.old, None)
                if change.file is None:
                    entries.pop(change.path, None)
                else:
                    entries[change.path] = change.file
            yield {path: _image(file, random) for path, file in entries.items()}

    def _name(self, path: str, file: _File) -> None:
        self._entries[path] = file
        self._changes.append(_Entry(path, file))

    def _sync(self, path: str) -> None:
        if self.lies:
            return
        file = self._entries.get(path)
        if file is not None:
            for change in file.pending:
                _do(file.durable, change)
            file.pending.clear()
            return
        kept = []
        for change in self._changes:
            if str(PurePosixPath(change.path).parent) != path:
                kept.append(change)
                continue
            if change.old is not None:
                self._durable.pop(change.old, None)
            if change.file is None:
                self._durable.pop(change.path, None)
            else:
                self._durable[change.path] = change.file
        self._changes = kept


def _some(changes: list[_Entry], random: random.Random) -> list[_Entry]:
    if not changes:
        return []
    match random.choice(("none", "all", "prefix", "subset")):
        case "none":
            return []
        case "all":
            return changes
        case "prefix":
            return changes[: random.randrange(len(changes) + 1)]
    return [change for change in changes if random.random() < 0.5]


def _image(file: _File, random: random.Random) -> bytes:
    if not file.pending:
        return bytes(file.durable)
    data = bytearray(file.durable)
    mode = random.choice(MODES)
    changes = file.pending
    match mode:
        case "none":
            changes = []
        case "prefix":
            changes = changes[: random.randrange(len(changes) + 1)]
        case "subset":
            changes = [change for change in changes if random.random() < 0.5]
    for change in changes:
        if mode in {"torn", "garbage"}:
            _tear(data, change, random, garbage=mode == "garbage")
        else:
            _do(data, change)
    return bytes(data)


def _do(data: bytearray, change: Change) -> None:
    match change:
        case Resize(_, size):
            del data[size:]
            data.extend(bytes(size - len(data)))
        case Write(_, offset, new):
            data.extend(bytes(max(0, offset - len(data))))
            data[offset : offset + len(new)] = new


def _tear(data: bytearray, change: Change, random: random.Random, *, garbage: bool) -> None:
    """Sectors of a write come through or not, each by itself; those in flight may hold anything."""
    if isinstance(change, Resize):
        if random.random() < 0.5:
            _do(data, change)
        return
    at, end = change.offset, change.offset + len(change.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        fate = random.randrange(3 if garbage else 2)
        if fate:
            new = change.data[at - change.offset : stop - change.offset] if fate == 1 else random.randbytes(stop - at)
            _do(data, Write(change.path, at, new))
        at = stop
