"""The second copy: each row once more, as a line of its own on the medium, and what the small tables held.

Lines of `jawaban-*.jsonl` are `CRC-32 in hex, space, JSON`; files are only ever appended to, and a new one begins when
one is full. `perangkat.json` is one such line with the sealed tables, the device's key among them, replaced as a whole.
A copy that fails is said to have failed and tried again with the next row; it never stops the kiosk.
"""

import base64
import logging
import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import BLOB, Connection, Table, insert, select

from ikm import wire
from kiosk.store import chain, keys
from kiosk.store.seals import SEALED

FOLDER_NAME = "salinan"
"""Where the copy is in the data folder, when no other place was given."""
FILE_BYTES = 1024 * 1024

_FACTS = "perangkat.json"
_AT_ONCE = 500

_log = logging.getLogger(__name__)


class Line(msgspec.Struct, frozen=True):
    """A row and its epoch."""

    epoch: int
    row: wire.Row


Facts = dict[str, list[list[Any]]]
"""Rows of the sealed tables by name; bytes as base64."""

_LINE_READER = msgspec.json.Decoder(Line)
_FACTS_READER = msgspec.json.Decoder(Facts)


def facts_of(connection: Connection, table: Table) -> list[list[Any]]:
    """What a table holds, fit for JSON."""
    return [noted(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


def noted(row: Iterable[Any]) -> list[Any]:
    """The values of a row, bytes as base64."""
    return [base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in row]


def put_facts(connection: Connection, table: Table, facts: list[list[Any]]) -> None:
    """Fill an empty table with what was noted of it. Raises ValueError where that does not fit."""
    for values in facts:
        named = zip(table.columns, values, strict=True)
        connection.execute(
            insert(table).values(
                {
                    column.name: base64.b64decode(value) if isinstance(column.type, BLOB) and value else value
                    for column, value in named
                }
            )
        )


class SecondCopy:
    """The copy of one device, in a folder of its own below `root`. Safe for several threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._last: tuple[int, int] | None = None
        self._facts = b""
        self.failed = False
        """Whether the last attempt to write came to nothing."""

    def follow(self, connection: Connection, *, facts: bool = True) -> None:
        """Bring the copy up to what the database holds. Never raises for the copy's own medium.

        `facts` says whether the small tables may have changed too.
        """
        identity = keys.identity(connection)
        if identity is None:
            return
        with self._lock:
            try:
                folder = self._root / identity.device
                if not folder.exists():
                    folder.mkdir(mode=0o700, parents=True)
                    to_medium(self._root)
                    to_medium(self._root.parent)
                self._folder = folder
                if facts or self.failed:
                    self._put_facts(folder, connection)
                self._put_rows(folder, connection)
            except OSError as error:
                if not self.failed:
                    _log.warning("second copy failed: %s", error.strerror)
                self.failed = True
                self._last = None
            else:
                self.failed = False

    def add(self, epoch: int, row: wire.Row) -> bool:
        """Whether that row, which the database has just taken, is in the copy; if not, it has to follow."""
        with self._lock:
            if self.failed or self._folder is None or self._last != (epoch, row.seq - 1):
                return False
            try:
                _append(self._folder, _line(msgspec.json.encode(Line(epoch, row), order="sorted")))
            except OSError:
                return False
            self._last = (epoch, row.seq)
            return True

    def head(self, device: str) -> tuple[int, int]:
        """Epoch and number of the last row in the copy, zeros where there is none."""
        for path in reversed(_files(self._root / device)):
            last = None
            for line in _lines(path):
                last = line
            if last is not None:
                return last.epoch, last.row.seq
        return 0, 0

    def heads(self) -> dict[str, tuple[int, int]]:
        """The head of each copy that is there, by device."""
        try:
            return {path.name: self.head(path.name) for path in self._root.iterdir() if path.is_dir()}
        except OSError:
            return {}

    def device(self) -> str | None:
        """Whose copy this is, None where there is none, or those of several devices: then nobody can tell."""
        try:
            found = [path.parent.name for path in self._root.glob(f"*/{_FACTS}")]
        except OSError:
            return None
        return found[0] if len(found) == 1 else None

    def facts(self, device: str) -> Facts:
        """What the small tables held when that was noted last; nothing where it cannot be read whole."""
        try:
            raw = _checked((self._root / device / _FACTS).read_bytes())
            return {} if raw is None else _FACTS_READER.decode(raw)
        except (OSError, msgspec.DecodeError):
            return {}

    def rows(self, device: str) -> Iterator[Line]:
        """Every whole line, oldest first."""
        for path in _files(self._root / device):
            yield from _lines(path)

    def forget(self, device: str, forgotten: dict[int, int]) -> None:
        """Drop files of which every row is at most the given number of its epoch; the newest file stays."""
        with self._lock:
            for path in _files(self._root / device)[:-1]:
                # the last row of an epoch is never forgotten; what lies after it may be
                if any(line.row.seq > forgotten.get(line.epoch, 0) for line in _lines(path)):
                    continue
                try:
                    path.unlink()
                except OSError as error:
                    _log.warning("old file of the second copy stays: %s", error.strerror)
                    return

    def _put_facts(self, folder: Path, connection: Connection) -> None:
        raw = _line(msgspec.json.encode({table.name: facts_of(connection, table) for table in SEALED}))
        path = folder / _FACTS
        if raw == self._facts and path.exists():
            return
        unfinished = folder / f"{_FACTS}.part"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        _write(descriptor, raw)
        unfinished.replace(path)
        to_medium(folder)
        self._facts = raw

    def _put_rows(self, folder: Path, connection: Connection) -> None:
        last = self._last if self._last is not None else self.head(folder.name)
        for standing in chain.standings(connection):
            epoch, seq = standing.epoch, 0
            if epoch < last[0]:
                continue
            if epoch == last[0]:
                seq = last[1]
            while seq < standing.head_seq and (rows := chain.with_bodies(connection, epoch, seq, _AT_ONCE)):
                _append(folder, b"".join(_line(msgspec.json.encode(Line(epoch, row), order="sorted")) for row in rows))
                seq = rows[-1].seq
                last = (epoch, seq)
        self._last = last


def to_medium(path: Path) -> None:
    """Have the kernel write a folder or file out; return when it has."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("jawaban-*.jsonl"))


def _append(folder: Path, raw: bytes) -> None:
    files = _files(folder)
    path = files[-1] if files else folder / "jawaban-000001.jsonl"
    size = path.stat().st_size if files else 0
    if size >= FILE_BYTES:
        path = folder / f"jawaban-{int(path.stem.rpartition('-')[2]) + 1:06}.jsonl"
        size = 0
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    # what a power cut left of a line must not swallow the next one
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    _write(descriptor, b"\n" + raw if torn else raw)
    if size == 0:
        to_medium(folder)


def _write(descriptor: int, raw: bytes) -> None:
    try:
        written = 0
        while written < len(raw):
            written += os.write(descriptor, raw[written:])
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def _line(raw: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(raw), raw)


def _checked(line: bytes) -> bytes | None:
    """What a line says, None where it is not what was written."""
    noted, _, raw = line.rstrip(b"\n").partition(b" ")
    return raw if noted == b"%08x" % zlib.crc32(raw) else None


def _lines(path: Path) -> Iterator[Line]:
    try:
        with path.open("rb") as file:
            for line in file:
                raw = _checked(line)
                if raw is None:
                    continue
                try:
                    yield _LINE_READER.decode(raw)
                except msgspec.DecodeError:
                    # whole, but of a version of this software that wrote otherwise
                    continue
    except OSError as error:
        _log.warning("a file of the second copy cannot be read: %s", error.strerror)
