"""The kiosk's window beside the smallest Kivy program: start, idle, memory, and taps as seen on the glass.

A tap is a press and a release by the display server; what it leads to is seen in the colours of a spot on the target.
For both programs time runs from the event that causes the change: the pressed look from the press, everything else from
the release. The next question's time leaves out the CONFIRM_MS for which the answer given is meant to be seen.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ikm.wire import configuration_message
from kiosk.demo.player import Report, Shown
from kiosk.store import Store
from kiosk.taps import CONFIRM_MS
from sync.ports import Identity
from tests.bench.glass import Glass
from tests.bench.harness import Result, median, percentile
from tests.support import samples
from tests.support.screen import screen

_STARTS = 5
_IDLE_S = 10.0
_TAPS = 120
_NEXT = ("start", "service-ktp", "skip", "done")
"""What brings a visit forward, whichever of them is on the screen, between the questions."""
_PRESSED_S = 0.05
_SLOW_MS = 300
_SLOW = (
    "strace", "--seccomp-bpf", "-f", "-e", "trace=fsync,fdatasync",
    "-e", f"inject=fsync,fdatasync:delay_enter={_SLOW_MS * 1000}",
)  # fmt: skip
"""Runs a program whose every fsync takes that much longer; all other calls go by untouched."""


@dataclass
class Taps:
    """Milliseconds: press to the pressed look, release to the answer's being marked, and to the next question."""

    pressed: list[float] = field(default_factory=list)
    marked: list[float] = field(default_factory=list)
    next: list[float] = field(default_factory=list)


def measure(folder: Path) -> list[Result]:
    """Start to first frame, idle CPU, memory, and taps, for both programs in turn; taps also on a slow medium."""
    with screen("1280x800") as display:
        _enrol(folder)
        kiosk_starts, bare_starts = [], []
        for round_ in range(_STARTS):
            with kiosk(folder, display, round_) as (_, report, began):
                kiosk_starts.append(first_frame(report) - began)
            with _bare(folder, display, round_) as (_, report, began):
                bare_starts.append(_line(report, lambda line: line == b"frame") - began)
        with kiosk(folder, display, _STARTS) as (pid, report, _):
            first_frame(report)
            kiosk_cpu, kiosk_rss = _idle(pid)
            kiosk_taps = _questions(report, display)
            used_rss = resident_mb(pid)
        with _bare(folder, display, _STARTS) as (pid, report, _):
            _line(report, lambda line: line == b"frame")
            bare_cpu, bare_rss = _idle(pid)
            bare_taps = _bare_taps(display)
        slow_taps, syncs = _on_a_slow_medium(folder, display)
    bare = "jendela Kivy terkecil"
    return [
        Result("kios: mulai proses sampai gambar pertama", median(kiosk_starts), "s", bare, median(bare_starts), 1.5),
        Result("kios: CPU saat diam", kiosk_cpu, "% inti", bare, bare_cpu, 2),
        Result("kios: memori (RSS) saat diam", kiosk_rss, "MB", bare, bare_rss, 200),
        Result(f"kios: memori (RSS) setelah {_TAPS} jawaban", used_rss, "MB", bare, bare_rss, 200),
        *_taps_of("", kiosk_taps, bare_taps),
        *_taps_of(f"fsync +{_SLOW_MS} ms ({syncs}x): ", slow_taps, bare_taps),
    ]


def _taps_of(when: str, taps: Taps, bare_taps: list[float]) -> list[Result]:
    named = (
        ("tekan sampai tombol berubah", taps.pressed, 100),
        ("lepas sampai jawaban ditandai", taps.marked, 100),
        (f"lepas sampai pertanyaan berikutnya, tanpa {CONFIRM_MS} ms penanda", taps.next, 150),
    )
    against = "jendela Kivy terkecil, lepas sampai berubah"
    return [
        Result(f"kios: {when}{name}, {label}", figure(times), "ms", against, figure(bare_taps), limit)
        for name, times, most in named
        for label, figure, limit in (("median", median, None), ("p99", _p99, most))
    ]


def _p99(values: list[float]) -> float:
    return percentile(values, 0.99)


def _enrol(folder: Path) -> None:
    store = Store.open(folder / "kiosk")
    # a server that is not there: the window must not care
    identity = Identity(samples.DEVICE, samples.SERVER, "http://127.0.0.1:9", bytes(32))
    store.enrol(identity, configuration_message(samples.configuration()))
    store.close()


@contextmanager
def kiosk(folder: Path, display: str, number: int, through: tuple[str, ...] = ()) -> Iterator[tuple[int, Path, float]]:
    """The whole kiosk on the device in that folder: its process, its screen report, the moment it was started."""
    report = folder / f"kiosk-{number}.jsonl"
    environment = {"KIOSK_DATA": str(folder / "kiosk"), "KIOSK_SCREEN_REPORT": str(report), "DISPLAY": display}
    with _running([*through, sys.executable, "-m", "kiosk", "run"], environment, report) as running:
        yield running


@contextmanager
def _bare(folder: Path, display: str, number: int) -> Iterator[tuple[int, Path, float]]:
    report = folder / f"bare-{number}.txt"
    program = str(Path(__file__).with_name("bare_window.py"))
    environment = {"DISPLAY": display, "KIVY_HOME": str(folder / "kivy")}
    with _running([sys.executable, program, str(report)], environment, report) as running:
        yield running


@contextmanager
def _running(arguments: list[str], environment: dict[str, str], report: Path) -> Iterator[tuple[int, Path, float]]:
    report.touch()
    began = time.perf_counter()
    process = subprocess.Popen(
        arguments,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process.pid, report, began
    finally:
        # a tracer is deaf while what it traces runs on
        traced = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in traced if arguments[0] == _SLOW[0] else [process.pid]:
            os.kill(int(pid), signal.SIGTERM)
        process.wait(30)


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
    return 100 * used / _IDLE_S, resident_mb(pid)


def resident_mb(pid: int) -> float:
    """The resident memory of a process, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_frame(report: Path) -> float:
    """The moment at which the first screen was drawn."""
    return _line(report, lambda line: b'"attract"' in line)


def _questions(path: Path, display: str) -> Taps:
    taken = Taps()
    answering(path, display, taken, lambda: len(taken.next) >= _TAPS)
    return taken


def answering(path: Path, display: str, taken: Taps, over: Callable[[], bool]) -> None:
    """Answers questions, visit after visit, until that is so; how long each tap took is added to `taken`."""
    report = Report(path)
    shown: Shown | None = None
    with Glass(display) as glass:
        while not over():
            shown = _ready(report, shown)
            if shown.screen == "sleep":
                # outside the counter's hours a kiosk sleeps after each visit, and a finger anywhere wakes it
                _tap_at(glass, 640, 400)
            elif shown.screen == "question":
                # one face after the other, since the same one again is not heard at once
                _answer(glass, shown, f"rating-{3 + len(taken.next) % 2}", taken)
            elif target := next((name for name in _NEXT if name in shown.targets), ""):
                _tap(glass, shown, target)


def _answer(glass: Glass, shown: Shown, target: str, taken: Taps) -> None:
    left, top, width, height = (int(edge) for edge in shown.targets[target])
    x, y = left + width // 2, top + height // 2
    # a spot of the target on which nothing is drawn
    spot = left + width // 2, top + height - 12
    glass.move(x, y)
    plain = glass.colours(*spot)
    down = glass.press()
    pressed = glass.changed(*spot, plain)
    time.sleep(_PRESSED_S)
    dark = glass.colours(*spot)
    up = glass.let_go()
    marked = glass.changed(*spot, dark)
    # the last question is followed by another screen, which has something else there or nothing
    following = glass.changed(*spot, glass.colours(*spot))
    if following - up < CONFIRM_MS / 1000:
        raise RuntimeError("what was seen after the answer's mark cannot have been the next question")
    taken.pressed.append(1000 * (pressed - down))
    taken.marked.append(1000 * (marked - up))
    taken.next.append(1000 * (following - up) - CONFIRM_MS)


def _tap(glass: Glass, shown: Shown, target: str) -> None:
    left, top, width, height = (int(edge) for edge in shown.targets[target])
    _tap_at(glass, left + width // 2, top + height // 2)


def _tap_at(glass: Glass, x: int, y: int) -> None:
    glass.move(x, y)
    glass.press()
    time.sleep(_PRESSED_S)
    glass.let_go()


def _ready(report: Report, before: Shown | None) -> Shown:
    """The next screen, once it hears taps or sleeps, whichever face was given to the one before."""
    while True:
        newest = report.newest()
        new = newest is not None and (
            before is None or (newest.screen, newest.subject) != (before.screen, before.subject)
        )
        if newest is not None and new and (newest.screen == "sleep" or (newest.accepts and newest.targets)):
            # everything else the screen had to draw is drawn by then
            time.sleep(0.1)
            return newest
        time.sleep(0.005)


def _bare_taps(display: str) -> list[float]:
    """Milliseconds from the release to the frame that shows it, as seen on the glass."""
    taken = []
    with Glass(display) as glass:
        for _ in range(_TAPS):
            glass.move(640, 340)
            before = glass.colours(300, 300)
            glass.press()
            time.sleep(_PRESSED_S)
            up = glass.let_go()
            taken.append(1000 * (glass.changed(300, 300, before) - up))
            time.sleep(0.3)
    return taken


def _on_a_slow_medium(folder: Path, display: str) -> tuple[Taps, int]:
    """The same taps while every fsync takes longer, and how many there were."""
    trace = folder / "syncs.txt"
    with kiosk(folder, display, _STARTS + 1, (*_SLOW, "-o", str(trace))) as (_, report, _began):
        first_frame(report)
        taps = _questions(report, display)
    syncs = trace.read_text().count("(DELAYED)")
    if not syncs:
        raise RuntimeError("no fsync was slowed: strace did not do what it was asked for")
    return taps, syncs
