"""People with a password and an authenticator, and the way in through the pages."""

import uuid
from dataclasses import dataclass
from functools import cache

import pyotp
from httpx import Response

from ikm.domain.rights import Grant, Role
from ikm.server.people import codes, passwords
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from tests.support.desk import REGENCY, Visitor

PASSWORD = "kuda terbang makan batu"
OTHER_PASSWORD = "sepeda merah di sawah"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY = ("BCDFG-HJKLM", "NPQRS-TVWXZ")


@dataclass(frozen=True)
class Known:
    """A person who can come in."""

    id: str
    email: str
    name: str

    def code(self, now_ms: int) -> str:
        """What their authenticator shows."""
        return pyotp.TOTP(SECRET).generate_otp(now_ms // 30_000)


@cache
def _hash(password: str) -> str:
    return passwords.kept(password)


def known(
    store: Store, now_ms: int, *, role: Role = Role.SUPERADMIN, node: str = REGENCY, name: str = "Sari Wijaya",
    email: str = "sari@contoh.go.id",
) -> Known:  # fmt: skip
    """A person with that role there, PASSWORD, an authenticator of SECRET, and RECOVERY codes."""
    person = str(uuid.uuid5(uuid.NAMESPACE_URL, email))
    by = Doer("uji", now_ms)
    store.add_person(person, email, name, [Grant(role, node)], by)
    store.set_password(person, _hash(PASSWORD), by)
    paper = [found for code in RECOVERY if (found := codes.recovery_hash(code, person))]
    store.set_authenticator(person, SECRET, 0, paper, by)
    return Known(person, email, name)


def step_in(visitor: Visitor, one: Known, now_ms: int) -> Response:
    """The answer to the code, after the password."""
    give_password(visitor, one.email, PASSWORD)
    return give_code(visitor, one.code(now_ms))


def give_password(visitor: Visitor, email: str, password: str, **more: str) -> Response:
    """The answer to the first form of the door."""
    return visitor.post("/masuk", email=email, password=password, **more)


def give_code(visitor: Visitor, code: str, **more: str) -> Response:
    """The answer to the second form of the door."""
    visitor.csrf = csrf_of(visitor.get("/masuk/kode").text)
    return visitor.post("/masuk/kode", code=code, **more)


def csrf_of(html: str) -> str:
    """The token in the forms of a page; empty without any."""
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def cookie_of(visitor: Visitor) -> str:
    """What the visitor's browser holds."""
    return str(visitor._client.cookies.get("ikm") or "")
