"""The player as the window has it: orders are handed over and forgotten; a thread and a process see to them."""

import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import DecodeError, json

from kiosk.voice.wire import Answer, Order

PATIENCE_S = 5.0
"""A player that does not answer for this long hangs: a slow sound device takes a second or two to open."""
FAILURES_ENDURED = 3
FAILURES_WITHIN_S = 3_600.0
"""More failures than that in an hour, and there is silence until the hour is over."""
IDLE_S = 300.0
"""An unused player is ended: most visits need none."""

_READ_BYTES = 65_536
_READER = json.Decoder(Answer)

log = logging.getLogger(__name__)


def _nobody(_trouble: str) -> None:
    pass


class PlayerFailed(Exception):
    """The player's process ended, hangs or talks nonsense."""


class Player:
    """Plays files one after another; a new order drops the one before. No call ever waits or raises."""

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "kiosk.voice"),
        *,
        patience_s: float = PATIENCE_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = list(command)
        self._patience_s = patience_s
        self._now_s = now_s
        self._change = threading.Condition()
        self._wanted: Order | None = None
        self._told: Callable[[str], None] = _nobody
        self._closed = False
        self._count = 0
        # of the thread alone
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._failures_s: list[float] = []
        self._trouble = ""
        self._thread = threading.Thread(target=self._serve, name="voice", daemon=True)
        self._thread.start()

    def play(self, files: Sequence[Path], volume: int, told: Callable[[str], None] = _nobody) -> None:
        """Play these from now on; no files, or a volume of 0, are silence.

        `told` hears once, on another thread, why nothing sounds, or "". An order that another takes the place of before
        it was begun has no trouble anybody knows of.
        """
        with self._change:
            self._count += 1
            dropped, self._told = self._told, told
            self._wanted = Order(self._count, volume, [str(path) for path in files] if volume > 0 else [])
            self._change.notify()
        dropped("")

    def close(self) -> None:
        """End the player. What hangs is killed by the thread, which nobody waits for."""
        with self._change:
            self._closed = True
            self._change.notify()

    def _serve(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._wanted is not None or self._closed, IDLE_S)
                order, self._wanted = self._wanted, None
                told, self._told = self._told, _nobody
                closed = self._closed
            if closed:
                self._end()
                return
            if order is None:
                self._end()
            else:
                told(self._deliver(order))

    def _deliver(self, order: Order) -> str:
        """Why nothing sounds, or ""."""
        failed = ""
        # once more with a fresh process: the one at hand may have died unnoticed since the last order
        for _attempt in range(2):
            if self._process is None and not order.files:
                return failed
            if self._process is None and not self._may_start():
                return failed or "the player failed too often"
            try:
                silence = self._answered(order)
            except (OSError, PlayerFailed, DecodeError) as trouble:
                failed = str(trouble)
                self._failed(trouble)
            else:
                self._tell(silence)
                return silence
        return failed

    def _may_start(self) -> bool:
        oldest_s = self._now_s() - FAILURES_WITHIN_S
        self._failures_s = [moment for moment in self._failures_s if moment > oldest_s]
        return len(self._failures_s) <= FAILURES_ENDURED

    def _answered(self, order: Order) -> str:
        """What the player answered to the order: why nothing sounds, or ""."""
        process = self._process = self._process or self._started()
        if process.stdin is None or process.stdout is None:
            raise PlayerFailed("no pipes")
        # the pipe does not block: one that is full belongs to a player that no longer reads
        line = json.encode(order) + b"\n"
        if os.write(process.stdin.fileno(), line) < len(line):
            raise PlayerFailed("it reads nothing")
        deadline_s = time.monotonic() + self._patience_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            if select.select([process.stdout], [], [], left_s)[0]:
                read = os.read(process.stdout.fileno(), _READ_BYTES)
                if not read:
                    raise PlayerFailed("it ended")
                *lines, self._rest = (self._rest + read).split(b"\n")
                for answer in (_READER.decode(line) for line in lines):
                    if answer.n == order.n:
                        return answer.trouble
        raise PlayerFailed(f"no answer within {self._patience_s} s")

    def _started(self) -> subprocess.Popen[bytes]:
        self._rest = b""
        process = subprocess.Popen(  # noqa: S603  (our own module, by our own interpreter)
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
        return process

    def _tell(self, trouble: str) -> None:
        # each trouble once, not with every screen of a kiosk without a loudspeaker
        if trouble and trouble != self._trouble:
            log.warning("nothing sounds: %s", trouble)
        self._trouble = trouble

    def _failed(self, trouble: Exception) -> None:
        self._failures_s.append(self._now_s())
        log.warning("the player failed: %s", trouble)
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()
