"""What a process that does not go on is doing: its stacks, where the kernel has it, and whether its display answers."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_STEP_S = 1.0
_STACKS_S = 5.0
_THREAD = ("comm", "wchan", "schedstat", "stack")


class Patience:
    """How long a process has been idle or busy, whatever else the machine does meanwhile.

    A process that waits for its turn on a busy machine is not stuck, nor is one on a machine that stood still; one that
    waits for something else, or works and gets nowhere, is.
    """

    def __init__(self, pid: int, limit_s: float) -> None:
        self._schedule = Path(f"/proc/{pid}/schedstat")
        self._limit_s = limit_s
        self._last_s = time.monotonic()
        self._passed_s = 0.0

    @property
    def over(self) -> bool:
        """Whether it has been either for longer than the limit. To be asked often."""
        now_s = time.monotonic()
        # whoever asks is held up too when the machine is
        self._passed_s += min(now_s - self._last_s, _STEP_S)
        self._last_s = now_s
        busy_s, queued_s = self._spent()
        return busy_s > self._limit_s or self._passed_s - busy_s - queued_s > self._limit_s

    def __str__(self) -> str:
        busy_s, queued_s = self._spent()
        return f"{self._passed_s:.0f} s passed, {busy_s:.1f} s at work, {queued_s:.1f} s in the queue for a processor"

    def _spent(self) -> tuple[float, float]:
        try:
            busy, queued, _ = self._schedule.read_text(encoding="ascii").split()
        except (FileNotFoundError, ProcessLookupError):
            return 0.0, 0.0
        return int(busy) / 1e9, int(queued) / 1e9


def autopsy(pid: int, display: str, log: Path) -> str:
    """What can be learned of that kiosk, alive or not; its Python stacks go to the file it writes its errors to."""
    load = Path("/proc/loadavg").read_text(encoding="ascii").strip()
    return "\n".join([f"load: {load}", _display(display), *_threads(pid), _stacks(pid, log)])


def _display(display: str) -> str:
    try:
        asked = subprocess.run(
            ["xdotool", "getdisplaygeometry"], env={**os.environ, "DISPLAY": display}, capture_output=True, text=True,
            timeout=10, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"display {display} takes connections and does not answer"
    return f"display {display}: {(asked.stdout or asked.stderr).strip()}"


def _threads(pid: int) -> list[str]:
    found = []
    for thread in sorted(Path(f"/proc/{pid}/task").glob("*")):
        facts = []
        for name in _THREAD:
            # what has ended meanwhile, or is nobody's business but root's
            with suppress(OSError):
                facts.append((thread / name).read_text(encoding="utf-8", errors="replace").strip())
        found.append(f"thread {thread.name}: {' | '.join(facts)}")
    return found or [f"process {pid} has ended"]


def _stacks(pid: int, log: Path) -> str:
    before = log.stat().st_size
    try:
        os.kill(pid, signal.SIGUSR1)
    except ProcessLookupError:
        return ""
    deadline_s = time.monotonic() + _STACKS_S
    while log.stat().st_size == before:
        if time.monotonic() > deadline_s:
            return "it tells no stacks"
        time.sleep(0.05)
    return ""
