"""Sixty days without network, then a line: everything drains in order, in bounded time and memory (fault 30).

The kiosk is a whole one without its window, in a process of its own so that its memory is only its own, and citizens go
on while it drains. Run as a program it is that process.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from ikm.server.enrol import make_code
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from tests.support.free_port import free_port
from tests.support.killing import serving
from tests.support.whole_device import HandClock, now_ms, whole_device
from tests.torture.powercuts import scratch
from tests.torture.result import Result

DAYS = 60
MOST_S = 600
MOST_MIB = 256
ROOT = Path(__file__).resolve().parents[2]


def run(answers: int, seed: int = 0) -> list[Result]:
    """One device with so many answers of sixty days; nothing of it is left to chance."""
    result = Result("outage")
    # in memory where there is such a place: to keep them takes a card an hour, and is not what is measured
    folder = scratch()
    try:
        found = drained(folder, answers)
    finally:
        shutil.rmtree(folder)
    result.cases = found["kept"]
    result.lost = found["kept"] - found["ids"]
    result.doubled = found["arrived"] - found["ids"]
    result.missed = found["disorder"] + found["pending"]
    result.missed += found["seconds"] > MOST_S
    result.missed += found["mib"] > MOST_MIB
    # without a citizen meanwhile it was not tried whether the store is held up
    result.control_failed = found["meanwhile"] == 0
    result.notes.append(
        f"{found['kept']} answers in {found['seconds']:.0f} s, {found['mib']:.0f} MiB; {found['meanwhile']} citizens "
        f"meanwhile, the slowest kept in {found['slowest_ms']:.0f} ms"
    )
    return [result]


def drained(folder: Path, answers: int) -> dict[str, float]:
    """What came of it: rows kept, arrived, their ids, rows out of order, seconds, MiB, citizens meanwhile."""
    with serving(folder, free_port()) as address:
        store = ServerStore.open(Settings.from_environment({"IKM_DATA": str(folder / "server")}).database)
        code = make_code(store, "dukcapil-2", now_ms()).code
        store.close()
        printed = subprocess.run(
            [sys.executable, "-m", __name__, str(folder / "kiosk"), address, code, str(answers)],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=3 * MOST_S,
            check=False,
        )  # fmt: skip
        if printed.returncode:
            raise RuntimeError(printed.stderr[-2000:])
        found: dict[str, float] = json.loads(printed.stdout.splitlines()[-1])
    with closing(sqlite3.connect(folder / "server" / "ikm.db")) as database:
        order = [row for (row,) in database.execute("SELECT occurred_ms FROM response ORDER BY epoch, seq")]
        found["ids"] = database.execute("SELECT count(DISTINCT id) FROM response").fetchone()[0]
    found["arrived"] = len(order)
    found["disorder"] = sum(later < sooner for sooner, later in pairwise(order))
    return found


def main(folder: Path, address: str, code: str, answers: int) -> None:
    """Keep the answers of sixty days, then send them all."""
    days_ms = DAYS * 24 * 3_600_000
    hand = HandClock(now_ms() - days_ms, 60_000)
    with whole_device(folder, address, code, hand.source) as device:
        step = days_ms // (answers + 1)
        for _ in range(answers):
            hand.go(step)
            device.answer(1)
        hand.go(days_ms + 60_000 - hand.boot_ms)
        took: list[float] = []
        over = threading.Event()

        def citizens() -> None:
            while not over.wait(0.05):
                began = time.monotonic()
                device.answer(1)
                took.append((time.monotonic() - began) * 1000)

        meanwhile = threading.Thread(target=citizens)
        began = time.monotonic()
        meanwhile.start()
        first = device.round()
        seconds = time.monotonic() - began
        over.set()
        meanwhile.join()
        # what was given in the last moment
        last = device.round()
        failures = [outcome.failure for outcome in (first, last) if outcome.failure is not None]
        if failures:
            raise failures[0]
        queue = device.store.queue()
    memory = _most_mib()
    found = {
        "kept": queue.stored, "pending": queue.pending, "seconds": seconds, "mib": memory, "meanwhile": len(took),
        "slowest_ms": max(took, default=0.0),
    }  # fmt: skip
    print(json.dumps(found))


def _most_mib() -> float:
    """The most memory this process ever had, in MiB."""
    # not getrusage, which a process inherits from the one that started it
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
