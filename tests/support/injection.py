"""Faults put into a kiosk's storage at single system calls, with strace, which says whether it did.

    python -m tests.support.injection FOLDER ROWS        # the program that is hurt: a store that keeps rows

An injection that matched no call would pass every test: SQLite syncs with fdatasync, and some builds write with
pwrite64, others with write. So a run without an injection in its log is an error of the test, never a success.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.store import Store, StoreError
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support.powercut_oracle import Promise, Row, Verdict, judge
from tests.support.powercut_scenarios import Marks, body

ROOT = Path(__file__).resolve().parents[2]
WRITES, SYNCS = "write,pwrite64", "fdatasync,fsync"
TRIES = 3
"""As often as the window asks for a row before it says that it is out of service."""


class NothingInjected(AssertionError):
    """No call matched: the run proves nothing."""


@dataclass(frozen=True)
class Fault:
    """`what` strace does (error=EIO, signal=SIGKILL, delay_exit=...) at calls of that name, from the `nth` on that
    touches the folder; the nth alone, or all `onwards`."""

    what: str
    calls: str
    nth: int
    onwards: bool = False

    def __str__(self) -> str:
        return f"{self.what} at {self.calls} {self.nth}{'+' if self.onwards else ''}"


@dataclass
class Hurt:
    """What came of it: how the program ended, the calls that were hurt, what it refused, and the store it left."""

    code: int
    injected: int
    refused: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    kept: int = 0


def hurt(fault: Fault, folder: Path, rows: int) -> Hurt:
    """Let a program keep rows in that folder while it is hurt, then look at what is there.

    Raises:
        NothingInjected: The program made no such call.
    """
    held = _held(folder)
    with tempfile.TemporaryDirectory() as scratch:
        marks, log = Path(scratch) / "marks", Path(scratch) / "strace"
        marks.write_bytes(b"")
        when = f"{fault.nth}{'+' if fault.onwards else ''}"
        files = [name for path in _files(folder) for name in ("-P", str(path))]
        done = subprocess.run(
            [
                "strace", "-f", "-qq", "-o", str(log), *files, "-e", f"trace={fault.calls}",
                "-e", f"inject={fault.calls}:{fault.what}:when={when}",
                sys.executable, "-m", "tests.support.injection", str(folder), str(rows),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), "POWERCUT_MARKS": str(marks), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        lines = log.read_text(errors="replace").splitlines()
        injected = sum("(INJECTED)" in line or "(DELAYED)" in line for line in lines)
        # a killed program is gone before strace can mark the call
        injected += "signal=" in fault.what and any("killed by" in line for line in lines)
        if not injected:
            raise NothingInjected(f"{fault}: {done.stderr[-500:]}")
        return _looked_at(done.returncode, injected, marks, folder, held)


def prepared(folder: Path) -> None:
    """An enrolled device with some rows in that folder."""
    with Store.open(folder) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        for number in range(3):
            store.append(body(1000 + number))


def _files(folder: Path) -> Sequence[Path]:
    """What the store may touch; strace wants names, also of what is not there yet."""
    names = {"kiosk.db", "kiosk.db-journal"} | {path.name for path in folder.iterdir()}
    return [folder, *(folder / name for name in sorted(names))]


def _held(folder: Path) -> list[Row]:
    """The rows that are there before: a program that ends before it opened its store says nothing of them."""
    with closing(sqlite3.connect(f"file:{folder / 'kiosk.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT epoch, seq, id, hash FROM responses ORDER BY epoch, seq").fetchall()


def _looked_at(code: int, injected: int, marks: Path, folder: Path, held: list[Row]) -> Hurt:
    promise, refused = Promise(held), []
    for line in marks.read_text().splitlines():
        mark = json.loads(line)
        if mark.get("promised") == "refused":
            refused.append(mark["value"])
        elif mark.get("promised") == "before":
            promise.rows = [tuple(row) for row in mark["value"]]
        else:
            promise.hear(mark)
    verdict = judge(folder, promise)
    return Hurt(code, injected, refused, verdict, kept=len(promise.rows))


def main(folder: Path, rows: int) -> int:
    """Keep rows, each tried again as the window does; 3 where one could not be kept."""
    marks = Marks()
    with Store.open(folder) as store:
        epoch = store.epoch()
        marks.promised("before", [[epoch, row.seq, row.id, row.hash] for row in store.pending(epoch, 1000)])
        for number in range(rows):
            marks.begin("row", None)
            if not _kept(store, marks, number):
                return 3
    return 0


def _kept(store: Store, marks: Marks, number: int) -> bool:
    for _ in range(TRIES):
        try:
            row = store.append(body(number))
        except StoreError as error:
            marks.promised("refused", error.cause.value)
            time.sleep(0.01)
        else:
            marks.promised("row", [store.epoch(), row.seq, row.id, row.hash])
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
