"""The log of what people did: written in the transaction of the change itself, hashed row over row, never edited."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, text
from sqlalchemy.exc import IntegrityError

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.engine import is_sqlite
from ikm.server.store.part import Part

_LOCK = 1_145_390_404
_DOMAIN = b"ikm-deed-1\n"
_START = bytes(32)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who changes something, when (milliseconds since 1970) and why. `who` is how the log names them for ever.

    `once` names the form that asked for it: the same form sent twice is refused the second time. A program or the
    command line has no `person`.
    """

    who: str
    at_ms: int
    person: str | None = None
    address: str = ""
    once: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log; `facts` are what the change said, such as `{"name": ["before", "after"]}`."""

    seq: int
    at_ms: int
    person: str | None
    who: str
    address: str
    act: str
    node: str | None
    subject: str
    facts: Mapping[str, Any]
    reason: str


def note(
    connection: Connection, by: Doer, act: str, *, node: str | None, subject: str = "", facts: Mapping[str, Any] = {}
) -> None:
    """Write down what `by` does, in the transaction that does it.

    Args:
        connection: That transaction.
        by: Who.
        act: A stable code of what is done, such as `service.changed`.
        node: The place it is about; None for the whole server.
        subject: The code or id of what changes.
        facts: What changes; never a password, a secret or an answer.

    Raises:
        Refusal: `done_already` when this form did its work before; nothing more is done.
    """
    take_turns(connection)
    check_once(connection, by)
    c = t.deed.c
    last = connection.execute(select(c.seq, c.hash).order_by(c.seq.desc()).limit(1)).first()
    values: dict[str, Any] = {
        "seq": 1 if last is None else last.seq + 1,
        "at_ms": by.at_ms,
        "person": by.person,
        "who": by.who,
        "address": by.address,
        "act": act,
        "node": node,
        # a sentence of ours is kept as it was said
        "subject": str(subject),
        "facts": msgspec.json.encode(dict(facts), order="deterministic").decode(),
        "reason": by.reason,
        "once": by.once,
        "prev_hash": _START if last is None else bytes(last.hash),
    }
    try:
        connection.execute(t.deed.insert().values(**values, hash=_hash(values)))
    except IntegrityError:
        # another process wrote the same form's deed between our look and our insert
        raise Refusal("done_already") from None


def check_once(connection: Connection, by: Doer) -> None:
    """Nothing, unless the form of `by` did its work before. Raises Refusal (`done_already`).

    For changes that would be refused in another way the second time.
    """
    c = t.deed.c
    if by.once is not None and connection.execute(select(c.seq).where(c.once == by.once)).first() is not None:
        raise Refusal("done_already")


class DeedsPart(Part):
    """The log, for those who may read it."""

    def note_deed(
        self, by: Doer, act: str, *, node: str | None, subject: str = "", facts: Mapping[str, Any] = {}
    ) -> None:
        """Write down what changes nothing here and still must be known, such as an export: see `note`."""
        self._write(lambda connection: note(connection, by, act, node=node, subject=subject, facts=facts))

    def deeds(
        self, *, nodes: Sequence[str] | None = None, before: int | None = None, after: int | None = None,
        act: str = "", who: str = "", subject: str = "", limit: int = 100,
    ) -> Sequence[Deed]:  # fmt: skip
        """The newest deeds first: those before number `before`, or the oldest of those after number `after`.

        `act` is the beginning of a kind ('service.'), `who` a part of a name, `subject` all of one. None of `nodes`:
        all, also those of the whole server.
        """
        c = t.deed.c
        query = select(t.deed).order_by(c.seq if after is not None else c.seq.desc()).limit(limit)
        if nodes is not None:
            query = query.where(c.node.in_(nodes))
        if before is not None:
            query = query.where(c.seq < before)
        if after is not None:
            query = query.where(c.seq > after)
        if act:
            query = query.where(c.act.startswith(act, autoescape=True))
        if who:
            query = query.where(c.who.icontains(who, autoescape=True))
        if subject:
            query = query.where(c.subject == subject)
        found = [_deed(row) for row in self._glance(lambda connection: connection.execute(query).all())]
        return found[::-1] if after is not None else found

    def deed_fault(self) -> int | None:
        """The number of the first deed that was changed or is missing; None when the log is whole."""

        def read(connection: Connection) -> int | None:
            expected, hash_before = 1, _START
            query = select(t.deed).order_by(t.deed.c.seq).execution_options(yield_per=1000)
            for row in connection.execute(query):
                values = dict(row._mapping)
                if row.seq != expected or bytes(row.prev_hash) != hash_before or bytes(row.hash) != _hash(values):
                    return expected
                expected, hash_before = row.seq + 1, bytes(row.hash)
            return None

        return self._read(read)


def take_turns(connection: Connection) -> None:
    """Let changes that people make happen one after the other, from here to the end of the transaction."""
    # SQLite's writers already do
    if not is_sqlite(connection.engine.url):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _hash(values: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of all columns but the hash, the hash before in hexadecimal."""
    told = {name: value for name, value in values.items() if name != "hash"}
    told["prev_hash"] = bytes(told["prev_hash"]).hex()
    return hashlib.sha256(_DOMAIN + msgspec.json.encode(told, order="deterministic")).digest()


def _deed(row: Row[Any]) -> Deed:
    return Deed(
        row.seq, row.at_ms, row.person, row.who, row.address, row.act, row.node, row.subject,
        msgspec.json.decode(row.facts), row.reason,
    )  # fmt: skip
