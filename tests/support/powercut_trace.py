"""What a program told the operating system to do to a folder, in order: every write, truncation, sync, rename, delete.

Recorded at system calls, with strace, and not in a VFS of apsw: apsw brings an SQLite of its own, so its VFS would
stand under another library than the one devices run, and would see nothing of what is written beside the database (the
second copy, status files, the copy before a migration). Here the shipped code runs unchanged, on the SQLite that its
Python has, and whatever reaches the medium is seen, whoever wrote it.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CALLS = (
    "openat,open,creat,close,write,pwrite64,writev,pwritev,ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,"
    "unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,symlink,lseek,sendfile,copy_file_range,"
    "dup,dup2,dup3,mmap"
)
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += +(-?\d+)(?:<([^>]*)>)?")
_UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_ANY_DESCRIPTOR = re.compile(r"\d<((?:\\x[0-9a-f]{2})*)>")
_DESCRIPTOR = re.compile(r"^(-?\d+)<((?:\\x[0-9a-f]{2})*)>")


class Unrecordable(Exception):
    """The program changed a file in a way this recorder cannot follow, so images of it would be wrong."""


@dataclass(frozen=True, slots=True)
class Create:
    """A new, empty file, unless there is one."""

    path: str


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """A new folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put at an offset."""

    path: str
    offset: int
    data: bytes


END = -1
"""The offset of a write that goes wherever the file ends at its time."""


@dataclass(frozen=True, slots=True)
class Resize:
    """A file cut, or grown with zeros, to a size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file's content, or a folder's entries, forced to the medium."""

    path: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """An entry taken out of its folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Rename:
    """An entry put in another's place."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line the program itself left between its writes: what it had been promised by then."""

    text: str


Op = Create | MakeFolder | Write | Resize | Sync | Unlink | Rename | Mark


def record(
    command: Sequence[str], folder: Path, scratch: Path, environment: Mapping[str, str], timeout_s: float = 300
) -> list[Op]:
    """What the command did to that folder; its marks are the lines it writes to the file named by POWERCUT_MARKS.

    Raises:
        Unrecordable: It did something to a file there that images could not be made from.
        CalledProcessError: It failed.
    """
    marks, log = scratch / "marks", scratch / "strace"
    marks.write_bytes(b"")
    traced = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", str(1 << 24), "-e", f"trace={_CALLS}", "-o", str(log)]
    subprocess.run(
        [*traced, *command],
        env={**environment, "POWERCUT_MARKS": str(marks), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        timeout=timeout_s,
    )
    with log.open(encoding="ascii", errors="replace") as lines:
        ops = list(_Reader(str(folder), str(marks)).read(_whole(lines)))
    log.unlink()
    return ops


def _whole(lines: Iterator[str]) -> Iterator[str]:
    """Lines with the calls that another thread interrupted put together again, where they ended."""
    begun: dict[str, str] = {}
    for line in lines:
        if unfinished := _UNFINISHED.match(line):
            begun[unfinished[1]] = f"{unfinished[1]} {unfinished[2]}({unfinished[3]}"
        elif resumed := _RESUMED.match(line):
            yield begun.pop(resumed[1], f"{resumed[1]} {resumed[2]}(") + resumed[3]
        else:
            yield line


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


class _Reader:
    """Follows descriptors of files in the folder; `read` turns lines of strace into operations."""

    def __init__(self, root: str, marks: str) -> None:
        self._root = root
        self._marks = marks
        self._positions: dict[str, int] = {}
        self._appending: set[str] = set()

    def read(self, lines: Iterator[str]) -> Iterator[Op]:
        """The operations of those lines, in order; calls that failed did nothing."""
        for line in lines:
            match = _LINE.match(line)
            if match is None or int(match[4]) < 0:
                continue
            yield from self._call(match[2], match[3], int(match[4]), match[5])

    def _call(self, name: str, arguments: str, result: int, opened: str | None) -> Iterator[Op]:
        if name in {"open", "openat", "creat"}:
            yield from self._open(name, arguments, result, opened)
        elif name in {"unlink", "unlinkat", "rmdir"}:
            yield from self._unlink(arguments)
        elif name in {"rename", "renameat", "renameat2"}:
            yield from self._rename(arguments)
        elif name in {"mkdir", "mkdirat"}:
            path = _text(_STRING.findall(arguments)[0]).decode()
            if self._inside(path):
                yield MakeFolder(path)
        elif name in {"link", "linkat", "symlink", "mmap", "copy_file_range", "sendfile"}:
            self._refuse(name, arguments)
        else:
            yield from self._on_descriptor(name, arguments, result)

    def _on_descriptor(self, name: str, arguments: str, result: int) -> Iterator[Op]:
        match = _DESCRIPTOR.match(arguments)
        if match is None:
            return
        key, path = match[1], _text(match[2]).decode(errors="replace")
        if path == self._marks and name == "write":
            yield from map(Mark, _text(_STRING.findall(arguments)[0]).decode().splitlines())
        if self._inside(path):
            yield from self._on_file(name, key, path, arguments, result)

    def _on_file(self, name: str, key: str, path: str, arguments: str, result: int) -> Iterator[Op]:
        if name == "lseek":
            self._positions[key] = result
        elif name in {"write", "pwrite64"}:
            yield self._write(name, key, path, arguments, result)
        elif name == "ftruncate":
            yield Resize(path, int(arguments.rsplit(",", 1)[1]))
        elif name in {"fsync", "fdatasync"}:
            yield Sync(path)
        elif name == "fallocate":
            _, _, offset, length = arguments.rsplit(",", 3)
            yield Resize(path, int(offset) + int(length))
        elif name != "close":
            raise Unrecordable(f"{name} on {path}")

    def _refuse(self, name: str, arguments: str) -> None:
        if name == "mmap" and not ("PROT_WRITE" in arguments and "MAP_SHARED" in arguments):
            return
        named = [*_STRING.findall(arguments), *_ANY_DESCRIPTOR.findall(arguments)]
        if any(self._inside(_text(one).decode(errors="replace")) for one in named):
            raise Unrecordable(f"{name} in the folder")

    def _open(self, name: str, arguments: str, result: int, opened: str | None) -> Iterator[Op]:
        path = _text(opened or "").decode()
        if not self._inside(path):
            return
        key = str(result)
        self._positions[key] = 0
        (self._appending.add if "O_APPEND" in arguments else self._appending.discard)(key)
        if name == "creat" or "O_CREAT" in arguments:
            yield Create(path)
        if name == "creat" or "O_TRUNC" in arguments:
            yield Resize(path, 0)

    def _write(self, name: str, key: str, path: str, arguments: str, result: int) -> Write:
        data = _text(_STRING.findall(arguments)[0])[:result]
        if name == "pwrite64":
            return Write(path, int(arguments.rsplit(",", 1)[1]), data)
        if key in self._appending:
            return Write(path, END, data)
        offset = self._positions.get(key, 0)
        self._positions[key] = offset + result
        return Write(path, offset, data)

    def _unlink(self, arguments: str) -> Iterator[Op]:
        path = _text(_STRING.findall(arguments)[0]).decode()
        if self._inside(path):
            yield Unlink(path)

    def _rename(self, arguments: str) -> Iterator[Op]:
        old, new = (_text(one).decode() for one in _STRING.findall(arguments)[:2])
        if self._inside(old) != self._inside(new):
            raise Unrecordable(f"{old} crosses the folder's border")
        if self._inside(old):
            yield Rename(old, new)

    def _inside(self, path: str) -> bool:
        # the shared memory of WAL is no part of what survives: SQLite makes it anew
        return path == self._root or (path.startswith(f"{self._root}/") and not path.endswith("-shm"))
