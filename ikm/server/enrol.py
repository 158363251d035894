"""Enrolment: one-time codes that a person carries to a kiosk, and the id a kiosk gets for one."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import uuid_utils

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.store import Store

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters that make no words and are not mistaken for digits or each other (RFC 8628, section 6.1)."""

CODE_LETTERS = 8
VALIDITY_S = 7 * 24 * 3600

_DASHES = str.maketrans("", "", "- ")


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as written ('BCDF-GHJK'), the counter it is for, and when it lapses."""

    code: str
    counter: str
    expires_ms: int


def make_code(store: Store, counter: str, now_ms: int, validity_s: int = VALIDITY_S) -> OneTimeCode:
    """A new code for a counter; only its hash is kept. Raises Refusal (`not_found`) when there is no such counter."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    expires_ms = now_ms + validity_s * 1000
    store.add_enrolment_code(_code_hash(letters, store.server_id()), counter, expires_ms)
    return OneTimeCode(f"{letters[:4]}-{letters[4:]}", counter, expires_ms)


class Throttle:
    """Slows down who guesses: after `limit` failures within `window_s` an address waits until the oldest has aged.

    Kept in memory for the addresses that failed last: a restart forgives, and several processes each allow their own.
    """

    def __init__(
        self, limit: int = 5, window_s: int = 900, addresses: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._window_s, self._addresses, self._clock = limit, window_s, addresses, clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Refuse an address that failed too often. Raises Refusal (`too_many_attempts`, with `retry_after_s`)."""
        with self._lock:
            recent = self._recent(address)
        if len(recent) >= self._limit:
            wait_s = recent[-self._limit] + self._window_s - self._clock()
            raise Refusal("too_many_attempts", retry_after_s=max(1, int(wait_s) + 1))

    def failed(self, address: str) -> None:
        """Remember a failure."""
        with self._lock:
            self._failures[address] = [*self._recent(address), self._clock()]
            self._failures.move_to_end(address)
            while len(self._failures) > self._addresses:
                self._failures.popitem(last=False)

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - self._window_s
        return [moment for moment in self._failures.get(address, ()) if moment > since]


class Enrolment:
    """Gives devices their id for a code."""

    def __init__(self, store: Store, throttle: Throttle) -> None:
        self._store = store
        self._throttle = throttle

    def enrol(self, raw: bytes, address: str, now_ms: int) -> wire.Enrolled:
        """What a device needs to begin.

        Raises:
            Refusal: `too_many_attempts`, `enrolment_code_invalid`, or what is wrong with the message.
        """
        self._throttle.check(address)
        request = wire.decode_enrol_request(raw)
        key = wire.from_base64(request.public_key, "body_malformed")
        server = self._store.server_id()
        try:
            code_hash = _code_hash(_letters(request.code), server)
            device, counter = self._store.enrol(code_hash, str(uuid_utils.uuid7()), key, now_ms)
        except Refusal as refusal:
            if refusal.code == "enrolment_code_invalid":
                self._throttle.failed(address)
            raise
        return wire.Enrolled(
            configuration=self._store.configuration(counter),
            device=device,
            protocol=wire.PROTOCOL,
            server=server,
            server_key="",
        )


def _letters(code: str) -> str:
    letters = code.translate(_DASHES).upper()
    if len(letters) != CODE_LETTERS or any(letter not in ALPHABET for letter in letters):
        raise Refusal("enrolment_code_invalid")
    return letters


def _code_hash(letters: str, server: str) -> bytes:
    # slow on purpose: 20^8 codes are few enough to try them all against a stolen database with a fast hash
    return hashlib.scrypt(letters.encode(), salt=server.encode(), n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
