"""Enrolment: one-time codes that a person carries to a kiosk, and the id a kiosk gets for one."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import uuid_utils

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.addresses import neighbourhood
from ikm.server.keys import server_keys
from ikm.server.store import Store
from ikm.server.store.enrolment import Limits

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters that make no words and are not mistaken for digits or each other (RFC 8628, section 6.1)."""

CODE_LETTERS = 8
VALIDITY_S = 7 * 24 * 3600

# slow on purpose: 20^8 codes are few enough to try them all against a stolen database with a fast hash
_COST = 2**14

_LOG = logging.getLogger(__name__)
_DASHES = str.maketrans("", "", "- ")


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as written ('BCDF-GHJK'), the counter it is for, and when it lapses."""

    code: str
    counter: str
    expires_ms: int


def make_code(store: Store, counter: str, now_ms: int, validity_s: int = VALIDITY_S) -> OneTimeCode:
    """A new code for a counter; only its hash is kept. Raises Refusal (`not_found`) when there is no such counter."""
    code, digest = new_code(store, counter, now_ms, validity_s)
    store.add_enrolment_code(digest, counter, code.expires_ms, now_ms)
    return code


def new_code(store: Store, counter: str, now_ms: int, validity_s: int = VALIDITY_S) -> tuple[OneTimeCode, bytes]:
    """A code that opens nothing yet, and the hash by which it is kept once it does."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    code = OneTimeCode(f"{letters[:4]}-{letters[4:]}", counter, now_ms + validity_s * 1000)
    return code, _code_hash(letters, store.server_id())


def revoke_codes(store: Store, codes: Sequence[str], now_ms: int) -> int:
    """How many of these codes, as written, were withdrawn; used, lapsed and unknown ones are not counted.

    Raises:
        Refusal: `enrolment_code_invalid` when one is not spelt as a code.
    """
    server = store.server_id()
    return store.revoke_codes(now_ms, hashes=[_code_hash(_letters(code), server) for code in codes])


_LIMITS = Limits(address=5, everybody=300, window_ms=15 * 60_000)


class Enrolment:
    """Gives devices their id for a code."""

    def __init__(self, store: Store, limits: Limits = _LIMITS) -> None:
        self._store = store
        self._limits = limits

    def enrol(self, raw: bytes, address: str, now_ms: int) -> wire.Enrolled:
        """What a device needs to begin.

        Raises:
            Refusal: `too_many_attempts`, `enrolment_code_invalid`, or what is wrong with the message.
        """
        who = neighbourhood(address)
        request = wire.decode_enrol_request(raw)
        key = wire.from_base64(request.public_key, "body_malformed")
        server = self._store.server_id()
        self._store.begin_try(who, self._limits, now_ms)
        try:
            code_hash = _code_hash(_letters(request.code), server)
            device, counter = self._store.enrol(code_hash, str(uuid_utils.uuid7()), key, now_ms)
        except Refusal as refusal:
            if refusal.code != "enrolment_code_invalid":
                self._store.forgive_try(who)
            raise
        self._store.forgive_try(who)
        _LOG.info("enrolled %s at %s, fingerprint %s", device, counter, wire.fingerprint(request.public_key))
        return wire.Enrolled(
            configuration=self._store.configuration(counter),
            device=device,
            protocol=request.protocol,
            server=server,
            server_key="" if request.protocol < wire.PROTOCOL else server_keys(self._store).keys[-1].key,
        )


def _letters(code: str) -> str:
    letters = code.translate(_DASHES).upper()
    if len(letters) != CODE_LETTERS or any(letter not in ALPHABET for letter in letters):
        raise Refusal("enrolment_code_invalid")
    return letters


def _code_hash(letters: str, server: str) -> bytes:
    return hashlib.scrypt(letters.encode(), salt=server.encode(), n=_COST, r=8, p=1, maxmem=2**26, dklen=32)
