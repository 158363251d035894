"""Who may open the staff's screens: which PINs are good enough, and how long one waits after wrong ones. Pure.

The wait is counted in the boot clock, which nobody can set and which runs while the machine sleeps. It stands still
while the machine is off, so after a restart the wait begins anew and in full: cutting the power never shortens it.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

LEAST_DIGITS, MOST_DIGITS = 4, 8
FREE_TRIES = 5
"""Wrong PINs until the first wait."""
FIRST_WAIT_MS = 60_000
LONGEST_WAIT_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Guard:
    """What the device remembers about its PIN.

    `pin_hash` is the one set on the device, or "". While `pin_due` the first-start assistant has not ended: the PIN is
    still to be set. `failures` are wrong tries since the last right one; the last was, or the wait for it began, at
    `since_ms` of the boot `boot_id`.
    """

    pin_hash: str = field(default="", repr=False)
    pin_due: bool = False
    failures: int = 0
    boot_id: str = ""
    since_ms: int = 0

    @property
    def wait_ms(self) -> int:
        """How long the whole wait after the last failure is: none before the fifth, then a minute, doubling."""
        if self.failures < FREE_TRIES:
            return 0
        # the shift is bounded: a device attacked for years must not compute a number of that many bits
        return min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(self.failures - FREE_TRIES, 16))

    def failed(self, boot_id: str, boot_ms: int) -> "Guard":
        """The memory after one more wrong try at that moment."""
        return replace(self, failures=self.failures + 1, boot_id=boot_id, since_ms=boot_ms)

    def succeeded(self) -> "Guard":
        """The memory after the right PIN."""
        return replace(self, failures=0, boot_id="", since_ms=0)

    def restarted(self, boot_id: str, boot_ms: int) -> "Guard":
        """The memory in this boot: a wait that began in another one begins anew."""
        if self.wait_ms == 0 or boot_id == self.boot_id:
            return self
        return replace(self, boot_id=boot_id, since_ms=boot_ms)

    def left_ms(self, boot_id: str, boot_ms: int) -> int:
        """How long no PIN is looked at from that moment on, in ms."""
        if boot_id != self.boot_id:
            return self.wait_ms
        # a boot clock that went back is no boot clock; it must not lengthen the wait for ever
        return min(self.wait_ms, max(0, self.since_ms + self.wait_ms - boot_ms))


def tries_left(failures: int) -> int:
    """How many PINs may be wrong until the next wait, after that many; each one after a wait leads to another."""
    return max(1, FREE_TRIES - failures)


def complaint(pin: str) -> str:
    """What is wrong with a new PIN, in Indonesian; "" where it may be used."""
    if not (LEAST_DIGITS <= len(pin) <= MOST_DIGITS and pin.isascii() and pin.isdigit()):
        return f"PIN terdiri dari {LEAST_DIGITS} sampai {MOST_DIGITS} angka."
    if _is_run(pin) or _is_repeated(pin) or pin in _COMMON:
        return "PIN ini terlalu mudah ditebak. Pilih angka lain."
    return ""


def _is_run(pin: str) -> bool:
    """Whether each digit is the one before, one more, or one less, all the way: 0000, 1234, 8765, 7890."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def _is_repeated(pin: str) -> bool:
    """Whether a shorter piece makes up the whole: 1212, 123123; or two digits in pairs: 1122."""
    pieces = any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1))
    pairs = pin == "".join(digit * 2 for digit in pin[::2])
    return pieces or pairs


# the first ones people try: the day of independence, the emergency number twice, the keypad's middle column
_COMMON = frozenset({"1945", "0817", "1708", "17081945", "170845", "112112", "2580", "0852", "1379", "1397"})
