"""Tokens: programs that read figures of a place and all below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from ikm.domain.errors import Refusal
from ikm.domain.rights import Act
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.makers import Makers
from ikm.server.store.part import Part
from ikm.server.store.sessions import token_hash

_USED_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is known once it was shown; `id` is its hash in hexadecimal. Times: milliseconds since 1970.

    `founded`: whoever made it could make it now; another serves nobody.
    """

    id: str
    name: str
    node: str
    made_by: str
    made_ms: int
    expires_ms: int
    used_ms: int | None
    revoked_ms: int | None
    founded: bool


class TokensPart(Part):
    """What programs come in with."""

    def add_token(self, token: str, name: str, node: str, expires_ms: int, by: Doer) -> None:
        """Let whoever holds that token read what lies under a place. Only its hash is kept.

        Raises:
            Refusal: `done_already`.
        """

        def write(connection: Connection) -> None:
            connection.execute(
                t.api_token.insert().values(
                    token_hash=token_hash(token), name=name, node=node, made_by=by.person, made_ms=by.at_ms,
                    expires_ms=expires_ms,
                )
            )  # fmt: skip
            note(connection, by, "token.made", node=node, subject=name, facts={"expires_ms": expires_ms})

        self._write(write)

    def tokens(self, nodes: Sequence[str]) -> Sequence[Token]:
        """The tokens of those places, newest first."""
        c, p = t.api_token.c, t.person.c
        query = (
            select(
                c.token_hash, c.name, c.node, p.name.label("maker"), c.made_ms, c.expires_ms, c.used_ms, c.revoked_ms,
                c.made_by,
            )
            .join_from(t.api_token, t.person, c.made_by == p.id)
            .where(c.node.in_(nodes))
            .order_by(c.made_ms.desc(), c.name)
        )  # fmt: skip

        def read(connection: Connection) -> list[Token]:
            rows = connection.execute(query).all()
            makers = Makers(connection, {row.node for row in rows})
            founded = [makers.rights(str(row.made_by)).may(Act.APPOINT, row.node) for row in rows]
            return [
                Token(bytes(row.token_hash).hex(), *row[1:-1], founded=still)
                for row, still in zip(rows, founded, strict=True)
            ]

        return self._read(read)

    def revoke_token(self, token: Token, by: Doer) -> None:
        """Withdraw a token; one that is withdrawn already stays so. Raises Refusal (`done_already`)."""
        c = t.api_token.c

        def write(connection: Connection) -> None:
            held = update(t.api_token).where(c.token_hash == bytes.fromhex(token.id), c.revoked_ms.is_(None))
            if connection.execute(held.values(revoked_ms=by.at_ms)).rowcount:
                note(connection, by, "token.revoked", node=token.node, subject=token.name)

        self._write(write)

    def token_scope(self, token: str, now_ms: int) -> str:
        """The place whose figures, and those of all below it, that token lets its holder read.

        Raises:
            Refusal: `token_invalid` when it is unknown, withdrawn or has lapsed; `token_unfounded` when whoever made
                it may not make one for that place any more.
        """
        c = t.api_token.c
        key = token_hash(token)
        query = select(c.node, c.used_ms, c.made_by).where(
            c.token_hash == key, c.revoked_ms.is_(None), c.expires_ms > now_ms
        )

        def read(connection: Connection) -> Any:
            row = connection.execute(query).first()
            if row is None:
                raise Refusal("token_invalid")
            if not Makers(connection, [row.node]).rights(str(row.made_by)).may(Act.APPOINT, row.node):
                raise Refusal("token_unfounded")
            return row

        row = self._read(read)
        if row.used_ms is None or now_ms - row.used_ms >= _USED_EVERY_MS:
            used = update(t.api_token).where(c.token_hash == key).values(used_ms=now_ms)
            self._write(lambda connection: connection.execute(used))
        return str(row.node)
