"""The second factor: codes of an authenticator (RFC 6238), and codes on paper for whoever lost it."""

import base64
import hashlib
import hmac
import secrets

import pyotp
import segno

STEP_S = 30
_AROUND = (0, -1, 1)
"""Clocks differ: the step before and the step after are taken too."""

RECOVERY_CODES = 10
_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LETTERS = 10
_SECRET_BYTES = 20


def offered_secret(token: str, before: str | None) -> str:
    """The secret that a session offers for a new authenticator, in base32.

    It follows from what only that browser holds and from the secret it takes the place of, so it need not be kept
    before it is confirmed, and nobody else chooses it.
    """
    told = b"ikm-authenticator-1\n" + (before or "").encode()
    return base64.b32encode(hmac.digest(token.encode(), told, "sha256")[:_SECRET_BYTES]).decode()


def address_of(secret: str, email: str, issuer: str) -> str:
    """What the picture says: an otpauth address for that person's account at that issuer."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=email, issuer_name=issuer)


def picture(address: str) -> str:
    """The address as a QR code: an SVG as a data URI, dark on light whatever the page's colours are."""
    return segno.make(address, error="l").svg_data_uri(scale=4, border=4, dark="#17212B", light="#FFFFFF")


def spaced(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The step of 30 seconds (since 1970) whose code that is, near now; None where it is none of them."""
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    now = now_ms // 1000 // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    return next((now + by for by in _AROUND if hmac.compare_digest(totp.generate_otp(now + by), digits)), None)


def new_recovery_codes() -> tuple[str, ...]:
    """Codes to be printed, each good for once: 'BCDFG-HJKLM'."""
    made = ("".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(RECOVERY_CODES))
    return tuple(f"{letters[:5]}-{letters[5:]}" for letters in made)


def recovery_hash(code: str, person: str) -> bytes | None:
    """What is kept of such a code of that person; None where it is not spelt as one.

    Slow on purpose: 43 bits are few for whoever has stolen the database.
    """
    letters = "".join(sign for sign in code.upper() if sign not in "- ")
    if len(letters) != _LETTERS or any(letter not in _ALPHABET for letter in letters):
        return None
    return hashlib.scrypt(letters.encode(), salt=person.encode(), n=2**12, r=8, p=1, dklen=32)
