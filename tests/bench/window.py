"""The kiosk's window beside the smallest Kivy program: start, idle, memory, taps."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ikm.wire import configuration_message
from kiosk.demo.player import Finger, Report, Shown
from kiosk.store import Store
from sync.ports import Identity
from tests.bench.harness import Result, median, percentile
from tests.support import samples
from tests.support.screen import screen

_STARTS = 5
_IDLE_S = 10.0
_TAPS = 45
_NEXT = ("start", "service-ktp", "rating-3", "rating-2", "done")
"""What brings a visit forward, whichever of them is on the screen."""


def measure(folder: Path) -> list[Result]:
    """Start to first frame, idle CPU, memory, and tap to what the tap brings, for both programs in turn."""
    with screen("1280x800") as display:
        _enrol(folder)
        kiosk_starts, bare_starts = [], []
        for round_ in range(_STARTS):
            with _kiosk(folder, display, round_) as (_, report, began):
                kiosk_starts.append(_line(report, lambda line: b'"attract"' in line) - began)
            with _bare(folder, display, round_) as (_, report, began):
                bare_starts.append(_line(report, lambda line: line == b"frame") - began)
        with _kiosk(folder, display, _STARTS) as (pid, report, _):
            _line(report, lambda line: b'"attract"' in line)
            kiosk_cpu, kiosk_rss = _idle(pid)
            kiosk_taps = _questions(report, display)
        with _bare(folder, display, _STARTS) as (pid, report, _):
            _line(report, lambda line: line == b"frame")
            bare_cpu, bare_rss = _idle(pid)
            bare_taps = _bare_taps(report, display)
    bare = "jendela Kivy terkecil"
    return [
        Result("kios: mulai proses sampai gambar pertama", median(kiosk_starts), "s", bare, median(bare_starts)),
        Result("kios: CPU saat diam", kiosk_cpu, "% inti", bare, bare_cpu),
        Result("kios: memori (RSS)", kiosk_rss, "MB", bare, bare_rss),
        Result("kios: ketukan sampai pertanyaan berikutnya, median", median(kiosk_taps), "ms", bare, median(bare_taps)),
        Result("kios: ketukan sampai pertanyaan berikutnya, p95", percentile(kiosk_taps, 0.95), "ms", bare,
               percentile(bare_taps, 0.95)),
    ]  # fmt: skip


def _enrol(folder: Path) -> None:
    store = Store.open(folder / "kiosk")
    # a server that is not there: the window must not care
    identity = Identity(samples.DEVICE, samples.SERVER, "http://127.0.0.1:9", bytes(32))
    store.enrol(identity, configuration_message(samples.configuration()))
    store.close()


@contextmanager
def _kiosk(folder: Path, display: str, number: int) -> Iterator[tuple[int, Path, float]]:
    report = folder / f"kiosk-{number}.jsonl"
    environment = {"KIOSK_DATA": str(folder / "kiosk"), "KIOSK_SCREEN_REPORT": str(report), "DISPLAY": display}
    with _running(["-m", "kiosk", "run"], environment, report) as running:
        yield running


@contextmanager
def _bare(folder: Path, display: str, number: int) -> Iterator[tuple[int, Path, float]]:
    report = folder / f"bare-{number}.txt"
    program = str(Path(__file__).with_name("bare_window.py"))
    environment = {"DISPLAY": display, "KIVY_HOME": str(folder / "kivy")}
    with _running([program, str(report)], environment, report) as running:
        yield running


@contextmanager
def _running(arguments: list[str], environment: dict[str, str], report: Path) -> Iterator[tuple[int, Path, float]]:
    report.touch()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process.pid, report, began
    finally:
        process.terminate()
        process.wait(20)


def _line(report: Path, wanted: Callable[[bytes], bool], after: int = 0, timeout_s: float = 60) -> float:
    """The moment at which a wanted line stands in the file beyond its first `after` lines."""
    deadline = time.perf_counter() + timeout_s
    while time.perf_counter() < deadline:
        lines = report.read_bytes().split(b"\n")[:-1]
        if any(wanted(line) for line in lines[after:]):
            return time.perf_counter()
        time.sleep(0.001)
    raise TimeoutError(f"{report.name}: {report.read_bytes()[-400:]!r}")


def _idle(pid: int) -> tuple[float, float]:
    """CPU in percent of one core over `_IDLE_S` of nothing happening, and resident memory in MB."""
    time.sleep(3)
    before = _cpu_s(pid)
    time.sleep(_IDLE_S)
    used = _cpu_s(pid) - before
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 100 * used / _IDLE_S, resident / 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _questions(path: Path, display: str) -> list[float]:
    """Milliseconds from the end of a tap on a rating to the next screen's being shown."""
    report, finger, taken = Report(path), Finger(display), list[float]()
    shown: Shown | None = None
    while len(taken) < _TAPS:
        shown = _ready(report, shown)
        target = next(name for name in _NEXT if name in shown.targets)
        finger.tap(shown.targets[target])
        ended = time.perf_counter()
        place = (shown.screen, shown.subject)
        while (newest := report.newest()) is None or (newest.screen, newest.subject) == place:
            time.sleep(0.001)
        if shown.screen == "question":
            taken.append(1000 * (time.perf_counter() - ended))
    finger.close()
    return taken


def _ready(report: Report, before: Shown | None) -> Shown:
    while True:
        newest = report.newest()
        if newest is not None and newest.accepts and newest.targets and newest != before:
            return newest
        time.sleep(0.005)


def _bare_taps(report: Path, display: str) -> list[float]:
    """Milliseconds from the end of a tap to the frame that shows it was seen."""
    finger, taken = Finger(display), list[float]()
    for _ in range(_TAPS):
        lines = report.read_bytes().count(b"\n")
        finger.tap((600, 300, 80, 80))
        ended = time.perf_counter()
        taken.append(1000 * (_line(report, lambda line: line == b"tap", after=lines) - ended))
        time.sleep(0.1)
    finger.close()
    return taken
