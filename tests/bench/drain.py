"""The kiosk's window while the answers of sixty days go up: is it as quick as ever, how long does it take (fault 30)?

The answers are kept once; each round runs the whole kiosk with its window on a copy of that device against a copy of
that server, so that every round sends all of them. Taps are taken from the first frame until the queue is empty.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from ikm.server.enrol import make_code
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from tests.bench.harness import Result
from tests.bench.window import Taps, answering, first_frame, kiosk, resident_mb
from tests.support.free_port import free_port
from tests.support.killing import serving
from tests.support.screen import screen
from tests.support.whole_device import HandClock, now_ms, whole_device

ANSWERS = 50_000
ROUNDS = 4
_DAYS_MS = 60 * 24 * 3_600_000
_MOST_S = 600.0
_MOST_MB = 268.4


def measure(folder: Path) -> list[Result]:
    """How long the answers take, how much memory, and the slowest taps meanwhile; an idle window's taps beside them."""
    port, seconds, memory, taken = free_port(), [], [], Taps()
    kept = folder / "kept"
    _keep(kept, port)
    with screen("1280x800") as display:
        for number in range(ROUNDS):
            with (
                _copy(kept, folder / f"round-{number}") as copy,
                serving(copy, port),
                kiosk(copy, display, number) as (pid, report, began),
            ):
                first_frame(report)
                answering(report, display, taken, partial(_all_there, copy))
                seconds.append(time.perf_counter() - began)
                memory.append(resident_mb(pid))
        with _copy(kept, folder / "idle") as copy, kiosk(copy, display, ROUNDS) as (_, report, _began):
            first_frame(report)
            idle = Taps()
            until = time.perf_counter() + 30
            answering(report, display, idle, lambda: time.perf_counter() > until)
    count = f"{len(taken.pressed)} ketukan selama {ANSWERS:,} jawaban dikirim".replace(",", ".")
    named = (
        (f"tekan sampai tombol berubah, terburuk; {count}", taken.pressed, idle.pressed, 100),
        ("lepas sampai jawaban ditandai, terburuk", taken.marked, idle.marked, 100),
        ("lepas sampai pertanyaan berikutnya, terburuk", taken.next, idle.next, 150),
    )
    return [
        Result(f"kios: {ANSWERS} jawaban terkirim, sejak proses mulai", max(seconds), "s", "batas", _MOST_S, _MOST_S),
        Result("kios: memori (RSS) sesudahnya", max(memory), "MB", "batas", _MOST_MB, _MOST_MB),
        *(
            Result(f"kios: {name}", max(times), "ms", "tanpa server", max(others), most)
            for name, times, others, most in named
        ),
    ]


def _keep(folder: Path, port: int) -> None:
    """A server, and a device that has kept the answers of sixty days for it."""
    with serving(folder, port) as address:
        store = ServerStore.open(Settings.from_environment({"IKM_DATA": str(folder / "server")}).database)
        code = make_code(store, "dukcapil-1", now_ms()).code
        store.close()
        hand = HandClock(now_ms() - _DAYS_MS, 60_000)
        with whole_device(folder / "kiosk", address, code, hand.source) as device:
            for _ in range(ANSWERS):
                hand.go(_DAYS_MS // (ANSWERS + 1))
                device.answer(1)


@contextmanager
def _copy(kept: Path, folder: Path) -> Iterator[Path]:
    shutil.copytree(kept, folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _all_there(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "server" / "ikm.db")) as database:
        return int(database.execute("SELECT count(*) FROM response").fetchone()[0]) >= ANSWERS
