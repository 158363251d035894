"""The player's process: plays what it is told on its input, answers each order on its output, ends with its input."""

import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

from msgspec import DecodeError, ValidationError, json

from kiosk.voice.mixer import Mixer, NoSound
from kiosk.voice.wire import Answer, Order

_POLL_S = 0.02
_GAP_S = 0.25
_HOLDS_DEVICE_S = 20.0
_PR_SET_PDEATHSIG = 1
_READ_BYTES = 65_536
_READER = json.Decoder(Order)


class Turntable:
    """What is being played and what comes after it."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._waiting: list[str] = []
        self._volume = 0
        self._next_s: float | None = None
        self._quiet_since_s = time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether there is something to see to soon."""
        return bool(self._waiting) or self._mixer.playing()

    def begin(self, order: Order) -> str:
        """Drop what was played and begin this; says why nothing sounds, or ""."""
        self._mixer.stop()
        self._waiting, self._volume, self._next_s = list(order.files), order.volume, None
        return self._play_next()

    def turn(self) -> None:
        """Go on to the next file when one has ended, after a pause; let go of a device that is not needed."""
        now_s = time.monotonic()
        if self._mixer.playing():
            self._next_s, self._quiet_since_s = now_s + _GAP_S, now_s
        elif self._waiting and now_s >= (self._next_s or 0):
            self._play_next()
        elif not self._waiting and now_s - self._quiet_since_s > _HOLDS_DEVICE_S:
            self._mixer.close()

    def _play_next(self) -> str:
        trouble = ""
        # a file that is missing or broken is passed over: the next one may be sound
        while self._waiting:
            try:
                self._mixer.play(Path(self._waiting.pop(0)), self._volume)
            except NoSound as silence:
                trouble = str(silence) or "no sound"
            else:
                self._quiet_since_s = time.monotonic()
                return ""
        return trouble


def main() -> None:
    """Serve until the input ends."""
    # a window that is killed must not leave a voice behind, even one that hangs in its driver
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        table = Turntable(Mixer())
    except NoSound as trouble:
        sys.exit(f"no sound: {trouble}")
    rest = b""
    while True:
        ready, _, _ = select.select([0], [], [], _POLL_S if table.busy else 1.0)
        if ready:
            read = os.read(0, _READ_BYTES)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                _serve(table, line)
        table.turn()


def _serve(table: Turntable, line: bytes) -> None:
    try:
        order = _READER.decode(line)
    except (DecodeError, ValidationError) as wrong:
        sys.exit(f"not an order: {wrong}")
    os.write(1, json.encode(Answer(order.n, table.begin(order))) + b"\n")


if __name__ == "__main__":
    main()
