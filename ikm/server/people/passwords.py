"""Passwords: what is kept of one, whether one is right, and whether one is too easy to guess."""

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from ikm.server.people.common import is_common

LEAST, MOST = 12, 200
"""How many signs a password has."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_LEAST_PART = 4

# each takes 19 MiB: strangers at the door must not fill the memory
_AT_ONCE = threading.BoundedSemaphore(4)


def kept(password: str) -> str:
    """What is kept of a password: an argon2id hash with its salt and its parameters."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


def matches(held: str | None, password: str) -> bool:
    """Whether that is the password; the same work is done where there is none, so that time tells nobody who exists."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(_nobodys() if held is None else held, _plain(password)) and held is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def is_outdated(held: str) -> bool:
    """Whether it was kept with other parameters than today's."""
    return _HASHER.check_needs_rehash(held)


def fault(password: str, email: str = "", name: str = "") -> str:
    """The sentence about what is wrong with a new password; empty for a good one."""
    plain = _plain(password)
    if len(plain) < LEAST:
        return "Paling sedikit 12 huruf atau tanda. Beberapa kata yang tidak berhubungan mudah diingat."
    if len(plain) > MOST:
        return "Paling banyak 200 huruf atau tanda."
    folded = plain.casefold()
    local, parts = email.casefold().partition("@")[0], [*name.casefold().split(), email.casefold()]
    if any(len(part) >= _LEAST_PART and part in folded for part in (local, *parts)):
        return "Kata sandi tidak boleh memuat nama atau surel Anda."
    if is_common(folded):
        return "Kata sandi ini terlalu mudah ditebak. Pilih beberapa kata yang tidak berhubungan."
    return ""


def _plain(password: str) -> str:
    # the same word from another keyboard
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASHER.hash("-")
