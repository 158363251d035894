"""People: who they are and what roles they hold where."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, check_once, note, take_turns
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
    seen_ms: int | None
    disabled_ms: int | None
    revision: int
    complete: bool
    grants: tuple[Grant, ...]

    @property
    def who(self) -> str:
        """How the log names them."""
        return named(self.name, self.email)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to be written down."""

    id: str
    email: str
    name: str
    grants: tuple[Grant, ...]
    password_hash: str | None = field(default=None, repr=False)


class PeoplePart(Part):
    """The people of the desk."""

    def people(self) -> Sequence[Person]:
        """Everybody, by name."""
        return self._read(_people)

    def person(self, id: str) -> Person:  # noqa: A002
        """One of them. Raises Refusal (`not_found`)."""
        return self._read(lambda connection: _person_of(connection, id))

    def has_superadmin(self) -> bool:
        """Whether somebody who may do everything can come in."""
        return bool(self._glance(lambda connection: connection.execute(superadmins()).scalar_one()))

    def roles_on(self, people: Collection[str], places: Collection[str]) -> Mapping[str, Role]:
        """The widest role that each of those people holds on one of those places now; without those who hold none."""
        c = t.role_grant.c
        query = select(c.person, c.role).where(c.person.in_(sorted(people)), c.node.in_(sorted(places)))
        rows = self._glance(lambda connection: connection.execute(query).all()) if people else []
        held = {(str(person), role) for person, role in rows}
        return {one: role for role in reversed(Role) for one in people if (one, role.value) in held}

    def add_person(self, id: str, email: str, name: str, grants: Sequence[Grant], by: Doer) -> None:  # noqa: A002
        """Write a person down with those roles; they cannot come in before they have a password.

        Raises:
            Refusal: `code_taken` when somebody has that e-mail address; `done_already`.
        """
        self._write(lambda connection: enter_person(connection, Newcomer(id, email, name, tuple(grants)), by))

    def give_role(self, person: str, grant: Grant, revision: int, by: Doer) -> None:
        """Give a person a role there; one they hold already is nothing new.

        Raises:
            Refusal: `changed_meanwhile`, `not_found`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = _changing(connection, person, revision, by)
            if grant in held.grants:
                return
            connection.execute(t.role_grant.insert(), grant_rows(person, [grant], by.at_ms))
            note(
                connection, by, "person.role_given", node=grant.node, subject=held.email,
                facts={"name": held.name, "role": grant.role.value},
            )  # fmt: skip

        self._write(write)

    def take_role(self, person: str, grant: Grant, revision: int, by: Doer) -> None:
        """Take a role from a person.

        Raises:
            Refusal: `last_superadmin`, `last_role`, `changed_meanwhile`, `not_found`, `done_already`.
        """
        c = t.role_grant.c

        def write(connection: Connection) -> None:
            held = _changing(connection, person, revision, by)
            if grant not in held.grants:
                raise Refusal("changed_meanwhile")
            if grant.role is Role.SUPERADMIN:
                _check_another(connection, person)
            if len(held.grants) == 1:
                raise Refusal("last_role")
            which = (c.person == person) & (c.role == grant.role.value) & (c.node == grant.node)
            connection.execute(delete(t.role_grant).where(which))
            note(
                connection, by, "person.role_taken", node=grant.node, subject=held.email,
                facts={"name": held.name, "role": grant.role.value},
            )  # fmt: skip

        self._write(write)

    def disable_person(self, person: str, revision: int, by: Doer) -> None:
        """Let a person in no more: sessions and links end, and what they made for programs or others serves no more.

        Raises:
            Refusal: `last_superadmin`, `changed_meanwhile`, `not_found`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = _changing(connection, person, revision, by)
            if held.disabled_ms is not None:
                return
            if any(grant.role is Role.SUPERADMIN for grant in held.grants):
                _check_another(connection, person)
            connection.execute(update(t.person).where(t.person.c.id == person).values(disabled_ms=by.at_ms))
            connection.execute(delete(t.session).where(t.session.c.person == person))
            i, k = t.invitation.c, t.api_token.c
            theirs = (i.person == person) | (i.maker == person)
            still = update(t.invitation).where(theirs, i.used_ms.is_(None), i.revoked_ms.is_(None))
            links = connection.execute(still.values(revoked_ms=by.at_ms)).rowcount
            kept = update(t.api_token).where(k.made_by == person, k.revoked_ms.is_(None))
            tokens = connection.execute(kept.values(revoked_ms=by.at_ms)).rowcount
            facts = {"name": held.name, "links": links, "tokens": tokens}
            note(connection, by, "person.disabled", node=_place(held), subject=held.email, facts=facts)

        self._write(write)

    def enable_person(self, person: str, revision: int, by: Doer) -> None:
        """Let a person in again, with the password they had.

        Raises:
            Refusal: `changed_meanwhile`, `not_found`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = _changing(connection, person, revision, by)
            if held.disabled_ms is None:
                return
            connection.execute(update(t.person).where(t.person.c.id == person).values(disabled_ms=None))
            note(
                connection, by, "person.enabled", node=_place(held), subject=held.email, facts={"name": held.name}
            )  # fmt: skip

        self._write(write)

    def change_preferences(self, person: str, language: str, digest: str, by: Doer) -> None:
        """Keep in which language a person is spoken to and how often they get a digest. Raises Refusal."""

        def write(connection: Connection) -> None:
            held = _person_of(connection, person)
            values = {"language": language, "digest": digest}
            connection.execute(update(t.person).where(t.person.c.id == person).values(values))
            before = {"language": held.language, "digest": held.digest}
            facts = {name: [before[name], value] for name, value in values.items() if before[name] != value}
            note(connection, by, "account.preferences", node=_place(held), subject=held.email, facts=facts)

        self._write(write)


def named(name: str, email: str) -> str:
    """How the log names a person for ever: within the 200 signs of its columns, whatever name and address have."""
    address = f" <{email}>"
    return (name[: max(0, _LONGEST - len(address))] + address)[:_LONGEST]


_LONGEST = 200


def superadmins(but: str | None = None) -> Any:
    """The query that counts superadmins who can come in, all or all but one person."""
    p = t.person.c
    able = p.disabled_ms.is_(None) & p.password_hash.is_not(None) & p.totp_secret.is_not(None)
    query = (
        select(func.count(p.id.distinct()))
        .join_from(t.person, t.role_grant, t.role_grant.c.person == p.id)
        .where(t.role_grant.c.role == Role.SUPERADMIN.value, able)
    )
    return query if but is None else query.where(p.id != but)


def enter_person(connection: Connection, one: Newcomer, by: Doer) -> None:
    """Write a person down in a transaction that does more. Raises Refusal (`code_taken`, `done_already`)."""
    take_turns(connection)
    check_once(connection, by)
    email = one.email.lower()
    if connection.execute(select(t.person.c.id).where(t.person.c.email == email)).first() is not None:
        raise Refusal("code_taken", email)
    person = {"id": one.id, "email": email, "name": one.name, "password_hash": one.password_hash}
    connection.execute(t.person.insert().values(**person, made_ms=by.at_ms))
    if one.grants:
        connection.execute(t.role_grant.insert(), grant_rows(one.id, one.grants, by.at_ms))
    held = [[grant.role.value, grant.node] for grant in one.grants]
    place = one.grants[0].node if one.grants else None
    note(connection, by, "person.added", node=place, subject=email, facts={"name": one.name, "roles": held})


def _changing(connection: Connection, person: str, revision: int, by: Doer) -> Person:
    """The person as they are before a change; whoever looked at an older state is told. The change is counted."""
    take_turns(connection)
    check_once(connection, by)
    held = _person_of(connection, person)
    if held.revision != revision:
        raise Refusal("changed_meanwhile")
    connection.execute(update(t.person).where(t.person.c.id == person).values(revision=revision + 1))
    return held


def _check_another(connection: Connection, person: str) -> None:
    if connection.execute(superadmins(but=person)).scalar_one() == 0:
        raise Refusal("last_superadmin")


def _people(connection: Connection) -> list[Person]:
    held: dict[str, list[Grant]] = {}
    for row in connection.execute(select(t.role_grant).order_by(t.role_grant.c.since_ms, t.role_grant.c.node)):
        held.setdefault(str(row.person), []).append(Grant(Role(row.role), row.node))
    rows = connection.execute(select(t.person).order_by(t.person.c.name, t.person.c.email))
    return [_person(row, held.get(str(row.id), ())) for row in rows]


def _person_of(connection: Connection, person: str) -> Person:
    row = connection.execute(select(t.person).where(t.person.c.id == person)).first()
    if row is None:
        raise Refusal("not_found", person)
    c = t.role_grant.c
    held = connection.execute(select(c.role, c.node).where(c.person == person).order_by(c.since_ms, c.node))
    return _person(row, [Grant(Role(role), node) for role, node in held])


def _place(person: Person) -> str | None:
    return person.grants[0].node if person.grants else None


def _person(row: Row[Any], grants: Sequence[Grant]) -> Person:
    return Person(
        str(row.id), row.email, row.name, row.language, row.digest, row.made_ms, row.seen_ms, row.disabled_ms,
        row.revision, bool(row.password_hash) and bool(row.totp_secret), tuple(grants),
    )  # fmt: skip
