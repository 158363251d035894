"""People who have come in: their sessions, of which the database holds only hashes, and the rights they bring."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store.part import Part

IDLE_MS = 30 * 60_000
"""A session nobody used for so long has ended."""
LONGEST_MS = 12 * 3_600_000
"""A session ends so long after it began, however busy it was."""
SECOND_FACTOR_MS = 10 * 60_000
"""So long the password alone waits for the second factor."""
_SEEN_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Session:
    """A session and whose it is; `step` is 'password' until the second factor was given, then 'in'."""

    person: str
    name: str
    email: str
    language: str
    step: str
    csrf: str
    proved_ms: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's sessions, as they are shown it; `id` is the hash of its token in hexadecimal."""

    id: str
    made_ms: int
    seen_ms: int
    address: str
    agent: str


def new_token() -> str:
    """What a browser is to hold."""
    return secrets.token_urlsafe(32)


def enter(connection: Connection, token: str, person: str, *, step: str, now_ms: int, address: str, agent: str) -> None:
    """Begin a session of that person under that token, and drop those that lapsed."""
    c = t.session.c
    lapsed = (c.seen_ms <= now_ms - IDLE_MS) | (c.made_ms <= now_ms - LONGEST_MS)
    connection.execute(delete(t.session).where(lapsed))
    if step == "in":
        connection.execute(update(t.person).where(t.person.c.id == person).values(seen_ms=now_ms))
    connection.execute(
        t.session.insert().values(
            token_hash=token_hash(token), person=person, step=step, csrf=secrets.token_urlsafe(24),
            made_ms=now_ms, seen_ms=now_ms, proved_ms=now_ms, address=address[:64], agent=agent[:200],
        )
    )  # fmt: skip


class SessionsPart(Part):
    """Who is in."""

    def begin_session(self, person: str, step: str, now_ms: int, *, address: str = "", agent: str = "") -> str:
        """What the browser is to hold: a fresh token for a session of that person. Sessions that lapsed are dropped."""
        token = new_token()
        told: dict[str, Any] = {"step": step, "now_ms": now_ms, "address": address, "agent": agent}
        self._write(lambda connection: enter(connection, token, person, **told))
        return token

    def session(self, token: str, now_ms: int) -> Session | None:
        """Whose session that token is; None when it is nobody's, has lapsed, or its person may not come in any more."""
        s, p = t.session.c, t.person.c
        waiting = (s.step == "in") | (s.made_ms > now_ms - SECOND_FACTOR_MS)
        query = (
            select(s.person, p.name, p.email, p.language, s.step, s.csrf, s.proved_ms, s.seen_ms)
            .join_from(t.session, t.person)
            .where(
                s.token_hash == token_hash(token), s.seen_ms > now_ms - IDLE_MS, s.made_ms > now_ms - LONGEST_MS,
                p.disabled_ms.is_(None), waiting,
            )
        )  # fmt: skip
        grants = select(t.role_grant.c.role, t.role_grant.c.node).order_by(t.role_grant.c.node, t.role_grant.c.role)

        def read(connection: Connection) -> tuple[Session, int] | None:
            row = connection.execute(query).first()
            if row is None:
                return None
            held = connection.execute(grants.where(t.role_grant.c.person == row.person))
            found = tuple(Grant(Role(role), node) for role, node in held)
            return Session(*row[:7], grants=found), row.seen_ms

        found = self._read(read)
        if found is None:
            return None
        session, seen_ms = found
        if now_ms - seen_ms >= _SEEN_EVERY_MS:
            self._touch(token, session.person, now_ms)
        return session

    def sessions(self, person: str, now_ms: int) -> Sequence[OpenSession]:
        """A person's sessions that have not lapsed, the one used last first."""
        c = t.session.c
        query = (
            select(c.token_hash, c.made_ms, c.seen_ms, c.address, c.agent)
            .where(
                c.person == person, c.step == "in", c.seen_ms > now_ms - IDLE_MS, c.made_ms > now_ms - LONGEST_MS
            )
            .order_by(c.seen_ms.desc(), c.made_ms.desc())
        )  # fmt: skip
        rows = self._glance(lambda connection: connection.execute(query).all())
        return [OpenSession(bytes(row.token_hash).hex(), *row[1:]) for row in rows]

    def end_session(self, person: str, id: str) -> None:  # noqa: A002
        """End one of a person's own sessions. Raises Refusal (`not_found`)."""
        c = t.session.c
        theirs = (c.person == person) & (c.token_hash == bytes.fromhex(id))
        if not self._write(lambda connection: connection.execute(delete(t.session).where(theirs)).rowcount):
            raise Refusal("not_found", "session")

    def prove(self, token: str, now_ms: int) -> None:
        """Write down that whoever holds that session gave their password again just now."""
        held = update(t.session).where(t.session.c.token_hash == token_hash(token))
        self._write(lambda connection: connection.execute(held.values(proved_ms=now_ms)))

    def end_sessions(self, *, token: str | None = None, person: str | None = None, but: str | None = None) -> None:
        """End the session of that token, or all of a person's but the one of token `but`."""
        c = t.session.c
        which = c.token_hash == token_hash(token) if token is not None else c.person == person
        if but is not None:
            which &= c.token_hash != token_hash(but)
        self._write(lambda connection: connection.execute(delete(t.session).where(which)))

    def _touch(self, token: str, person: str, now_ms: int) -> None:
        def write(connection: Connection) -> None:
            held = update(t.session).where(t.session.c.token_hash == token_hash(token))
            connection.execute(held.values(seen_ms=now_ms))
            connection.execute(update(t.person).where(t.person.c.id == person).values(seen_ms=now_ms))

        self._write(write)


def token_hash(token: str) -> bytes:
    """What is kept of a token of 32 random bytes: a fast hash is enough for what cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def grant_rows(person: str, grants: Iterable[Grant], now_ms: int) -> list[dict[str, object]]:
    """Grants as rows of their table."""
    return [{"person": person, "role": one.role.value, "node": one.node, "since_ms": now_ms} for one in grants]
