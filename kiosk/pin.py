"""The PIN as it is kept and compared: argon2id, never the digits.

Four to eight digits are few, so the hash protects a stolen card only for a while; what protects the kiosk is the wait
of `kiosk.guard`. The cost is the second recommendation of RFC 9106 (64 MiB, three passes) with one lane instead of
four, so that it leaves a small board's other cores alone. Measured on one core of an x86-64 machine: 0.16 s. It is not
measured on a Raspberry Pi; there it may take a few times as long, which is why it runs off the window's thread.
"""

import logging

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type

_TIME_COST, _MEMORY_KIB, _LANES = 3, 64 * 1024, 1
_DEAREST_MEMORY_KIB = 256 * 1024
_DEAREST_TIME = 16

_log = logging.getLogger(__name__)


def pin_hash(pin: str) -> str:
    """The argon2id hash of a PIN, with its salt and cost."""
    return _hasher().hash(pin)


def opens(pin: str, hashes: tuple[str, ...]) -> bool:
    """Whether the PIN is the one behind any of the hashes. Empty ones open nothing; nor do ones we cannot use."""
    return any(_fits(pin, held) for held in hashes if held)


def _fits(pin: str, held: str) -> bool:
    try:
        cost = extract_parameters(held)
        # a hash comes from the server too, and one of 8 GiB would end the kiosk instead of opening it
        if cost.memory_cost > _DEAREST_MEMORY_KIB or cost.time_cost > _DEAREST_TIME:
            _log.warning("a PIN's hash costs more than this device can give")
            return False
        return _hasher().verify(held, pin)
    except InvalidHashError:
        _log.warning("a PIN's hash cannot be read")
    except Argon2Error:
        # the wrong PIN, or a hash that was made in a way we do not know
        return False
    return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_TIME_COST, memory_cost=_MEMORY_KIB, parallelism=_LANES, type=Type.ID)
