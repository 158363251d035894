"""Who gets a digest and got one when: whoever claims one sends it, so that no two processes send the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select, update

from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store.part import Part
from ikm.server.store.remarks import waited_longer_than


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who wants a digest, 'daily' or 'weekly'; `digested_ms` is when they got the last, None for never."""

    person: str
    email: str
    name: str
    language: str
    digest: str
    made_ms: int
    digested_ms: int | None
    grants: tuple[Grant, ...]


class DigestsPart(Part):
    """Digests."""

    def digest_readers(self) -> Sequence[Reader]:
        """Everybody who can come in and wants one, by e-mail address."""

        def read(connection: Connection) -> list[Reader]:
            held: dict[str, list[Grant]] = {}
            for row in connection.execute(select(t.role_grant)):
                held.setdefault(str(row.person), []).append(Grant(Role(row.role), row.node))
            c = t.person.c
            query = select(t.person).where(
                c.digest != "none", c.disabled_ms.is_(None), c.password_hash.is_not(None), c.totp_secret.is_not(None)
            )
            return [
                Reader(
                    str(row.id), row.email, row.name, row.language, row.digest, row.made_ms, row.digested_ms,
                    tuple(held.get(str(row.id), ())),
                )
                for row in connection.execute(query.order_by(c.email))
            ]  # fmt: skip

        return self._read(read)

    def claim_digest(self, reader: Reader, now_ms: int) -> bool:
        """Whether this digest is the caller's to send: nobody else claimed it since that reader was read."""
        return self._digested(reader.person, reader.digested_ms, now_ms)

    def give_digest_back(self, reader: Reader, claimed_ms: int) -> None:
        """Let a digest that could not be sent be claimed again."""
        self._digested(reader.person, claimed_ms, reader.digested_ms)

    def overdue_remarks(self, units: Collection[str], today: date) -> Mapping[str, int]:
        """How many remarks wait for an answer longer than was promised, by unit; only units that have any."""
        c = t.remark.c
        query = select(c.unit, func.count()).where(waited_longer_than(today), c.unit.in_(list(units))).group_by(c.unit)
        return {row[0]: row[1] for row in self._glance(lambda connection: connection.execute(query).all())}

    def _digested(self, person: str, was: int | None, becomes: int | None) -> bool:
        c = t.person.c
        same = c.digested_ms.is_(None) if was is None else c.digested_ms == was
        this = update(t.person).where(c.id == person, same).values(digested_ms=becomes)
        return self._write(lambda connection: connection.execute(this).rowcount) == 1
