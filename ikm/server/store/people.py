"""People: who they are and what roles they hold where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part
from ikm.server.store.sessions import grant_rows


@dataclass(frozen=True, slots=True)
class Person:
    """A person. `complete`: has a password and a second factor; `disabled_ms`: may not come in since then."""

    id: str
    email: str
    name: str
    language: str
    digest: str
    made_ms: int
    disabled_ms: int | None
    revision: int
    complete: bool
    grants: tuple[Grant, ...]


class PeoplePart(Part):
    """The people of the desk."""

    def people(self) -> Sequence[Person]:
        """Everybody, by name."""

        def read(connection: Connection) -> list[Person]:
            held: dict[str, list[Grant]] = {}
            for row in connection.execute(select(t.role_grant).order_by(t.role_grant.c.node, t.role_grant.c.role)):
                held.setdefault(str(row.person), []).append(Grant(Role(row.role), row.node))
            rows = connection.execute(select(t.person).order_by(t.person.c.name, t.person.c.email))
            return [_person(row, held.get(str(row.id), ())) for row in rows]

        return self._read(read)

    def add_person(self, id: str, email: str, name: str, grants: Sequence[Grant], by: Doer) -> None:  # noqa: A002
        """Write a person down with those roles; they cannot come in before they have a password.

        Raises:
            Refusal: `code_taken` when somebody has that e-mail address; `done_already`.
        """

        def write(connection: Connection) -> None:
            taken = select(t.person.c.id).where(t.person.c.email == email.lower())
            if connection.execute(taken).first() is not None:
                raise Refusal("code_taken", email)
            connection.execute(t.person.insert().values(id=id, email=email.lower(), name=name, made_ms=by.at_ms))
            if grants:
                connection.execute(t.role_grant.insert(), grant_rows(id, grants, by.at_ms))
            held = [[grant.role.value, grant.node] for grant in grants]
            place = grants[0].node if grants else None
            note(connection, by, "person.added", node=place, subject=email, facts={"name": name, "roles": held})

        self._write(write)


def _person(row: Row[Any], grants: Sequence[Grant]) -> Person:
    return Person(
        str(row.id), row.email, row.name, row.language, row.digest, row.made_ms, row.disabled_ms, row.revision,
        bool(row.password_hash) and bool(row.totp_secret), tuple(grants),
    )  # fmt: skip
