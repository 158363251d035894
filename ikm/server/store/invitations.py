"""One-time links: those that make the first superadmin, invite people, or let somebody begin anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, select, update

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, check_once, note, take_turns
from ikm.server.store.makers import Makers
from ikm.server.store.part import Part, insert
from ikm.server.store.people import Newcomer, enter_person, named, superadmins
from ikm.server.store.sessions import token_hash

Kind = Literal["setup", "invite", "reset", "anew"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link; `id` is the hash of what makes it secret, in hexadecimal. Times are milliseconds since 1970.

    'setup' makes the first superadmin, 'invite' a person with `role` on `node`, 'reset' lets `person` choose a new
    password, 'anew' a new password and a new second factor. `maker` is the person who made it, None for the command
    line; `founded`: whoever made it could make it now; another serves nobody.
    """

    id: str
    kind: Kind
    person: str | None
    email: str
    name: str
    role: Role | None
    node: str | None
    made_ms: int
    made_by: str
    maker: str | None
    expires_ms: int
    founded: bool = True


@dataclass(frozen=True, slots=True)
class FirstPlace:
    """The regency, where the first superadmin has to name it."""

    code: str
    name: str
    zone: TimeZone


class InvitationsPart(Part):
    """Links."""

    def add_setup_link(self, token: str, expires_ms: int, by: Doer) -> None:
        """Let whoever holds that token become the first superadmin; links made for that before serve no more.

        Raises:
            Refusal: `last_superadmin` when somebody who may do everything can come in: they invite the others.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            _check_nobody(connection)
            _revoke(connection, t.invitation.c.kind == "setup", by.at_ms)
            connection.execute(t.invitation.insert().values(**_row(token, "setup", expires_ms, by)))
            note(connection, by, "link.setup", node=None)

        self._write(write)

    def add_invitation(self, token: str, email: str, name: str, grant: Grant, *, expires_ms: int, by: Doer) -> None:
        """Let whoever holds that token become a person with that role; links to that address before serve no more.

        Raises:
            Refusal: `code_taken` when somebody has that e-mail address; `done_already`.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            if connection.execute(select(t.person.c.id).where(t.person.c.email == email)).first() is not None:
                raise Refusal("code_taken", email)
            c = t.invitation.c
            _revoke(connection, (c.kind == "invite") & (c.email == email), by.at_ms)
            more = {"email": email, "name": name, "role": grant.role.value, "node": grant.node}
            connection.execute(t.invitation.insert().values(**_row(token, "invite", expires_ms, by), **more))
            note(
                connection, by, "person.invited", node=grant.node, subject=email,
                facts={"name": name, "role": grant.role.value},
            )  # fmt: skip

        self._write(write)

    def add_reset_link(
        self, token: str, person: str, kind: Literal["reset", "anew"], expires_ms: int, by: Doer
    ) -> None:
        """Let whoever holds that token choose a new password as that person; links to them before serve no more.

        Raises:
            Refusal: `not_found`, `done_already`.
        """
        p, g = t.person.c, t.role_grant.c

        def write(connection: Connection) -> None:
            take_turns(connection)
            held = connection.execute(select(p.email, p.name).where(p.id == person)).first()
            if held is None:
                raise Refusal("not_found", person)
            _revoke(connection, t.invitation.c.person == person, by.at_ms)
            more = {"person": person, "email": held.email, "name": held.name}
            connection.execute(t.invitation.insert().values(**_row(token, kind, expires_ms, by), **more))
            node = connection.execute(select(g.node).where(g.person == person).order_by(g.since_ms)).scalar()
            note(connection, by, f"link.{kind}", node=node, subject=held.email, facts={"name": held.name})

        self._write(write)

    def invitation(self, token: str, now_ms: int) -> Invitation:
        """The link of that token.

        Raises:
            Refusal: `link_invalid` when it is unknown, used, withdrawn or has lapsed; `link_unfounded` when whoever
                made it could not make it any more.
        """
        return self._read(lambda connection: _open(connection, token, now_ms))

    def invitations(self, nodes: Sequence[str], now_ms: int) -> Sequence[Invitation]:
        """The links of invitations to those places that can still be used, newest first."""
        c = t.invitation.c
        usable = (c.used_ms.is_(None), c.revoked_ms.is_(None), c.expires_ms > now_ms)
        query = select(t.invitation).where(c.kind == "invite", c.node.in_(nodes), *usable)
        query = query.order_by(c.made_ms.desc(), c.email)

        def read(connection: Connection) -> list[Invitation]:
            found = [_invitation(row) for row in connection.execute(query).all()]
            makers = Makers(connection, {link.node for link in found if link.node is not None})
            return [replace(link, founded=_founded(makers, link, ())) for link in found]

        return self._read(read)

    def revoke_invitation(self, link: Invitation, by: Doer) -> None:
        """Withdraw a link; one that cannot be used any more stays as it is. Raises Refusal (`done_already`)."""

        def write(connection: Connection) -> None:
            if _revoke(connection, t.invitation.c.token_hash == bytes.fromhex(link.id), by.at_ms):
                note(connection, by, "link.revoked", node=link.node, subject=link.email, facts={"name": link.name})

        self._write(write)

    def accept_setup(self, token: str, one: Newcomer, place: FirstPlace | None, by: Doer) -> None:
        """Make the first superadmin, and the regency where there is none; the link is used up.

        The roles of `one` are not asked for: it is superadmin of the regency.

        Raises:
            Refusal: `link_invalid`, also when there is a superadmin by now; `code_taken`; `place_invalid`.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            link = _open(connection, token, by.at_ms)
            if link.kind != "setup" or connection.execute(superadmins()).scalar_one() > 0:
                raise Refusal("link_invalid")
            doer = replace(by, who=named(one.name, one.email), person=one.id)
            regency = select(t.node.c.code).where(t.node.c.level == Level.REGENCY.value)
            root = connection.execute(regency).scalar()
            if root is None:
                if place is None:
                    raise Refusal("place_invalid")
                root = place.code
                _add_regency(connection, place, doer)
            _use(connection, token, by.at_ms)
            enter_person(connection, replace(one, grants=(Grant(Role.SUPERADMIN, root),)), doer)

        self._write(write)

    def accept_invitation(self, token: str, one: Newcomer, by: Doer) -> Invitation:
        """Make the person a link invited; the link is used up. Address and role are the link's, whatever `one` says.

        Raises:
            Refusal: `link_invalid`, `link_unfounded`, `code_taken`.
        """

        def write(connection: Connection) -> Invitation:
            take_turns(connection)
            link = _open(connection, token, by.at_ms)
            if link.kind != "invite" or link.role is None or link.node is None:
                raise Refusal("link_invalid")
            _use(connection, token, by.at_ms)
            invited = replace(one, email=link.email, grants=(Grant(link.role, link.node),))
            enter_person(connection, invited, replace(by, who=named(one.name, link.email), person=one.id))
            return link

        return self._write(write)

    def accept_reset(self, token: str, password_hash: str, by: Doer) -> Invitation:
        """Give a person a new password, and take their second factor where the link says so; their sessions end.

        Raises:
            Refusal: `link_invalid`, `link_unfounded`.
        """
        p, g = t.person.c, t.role_grant.c

        def write(connection: Connection) -> Invitation:
            take_turns(connection)
            link = _open(connection, token, by.at_ms)
            if link.kind not in ("reset", "anew") or link.person is None:
                raise Refusal("link_invalid")
            _use(connection, token, by.at_ms)
            fresh: dict[str, Any] = {"password_hash": password_hash}
            if link.kind == "anew":
                # the last step stays: its code was seen
                fresh["totp_secret"] = None
                connection.execute(delete(t.recovery_code).where(t.recovery_code.c.person == link.person))
            connection.execute(update(t.person).where(p.id == link.person).values(**fresh))
            connection.execute(delete(t.session).where(t.session.c.person == link.person))
            node = connection.execute(select(g.node).where(g.person == link.person).order_by(g.since_ms)).scalar()
            doer = replace(by, who=named(link.name, link.email), person=link.person)
            note(connection, doer, f"account.{link.kind}", node=node, subject=link.email)
            return link

        return self._write(write)


def _check_nobody(connection: Connection) -> None:
    if connection.execute(superadmins()).scalar_one() > 0:
        raise Refusal("last_superadmin")


def _row(token: str, kind: Kind, expires_ms: int, by: Doer) -> dict[str, Any]:
    return {
        "token_hash": token_hash(token), "kind": kind, "made_ms": by.at_ms, "made_by": by.who[:200],
        "maker": by.person, "expires_ms": expires_ms,
    }  # fmt: skip


def _revoke(connection: Connection, which: Any, now_ms: int) -> int:
    c = t.invitation.c
    still = update(t.invitation).where(which, c.used_ms.is_(None), c.revoked_ms.is_(None))
    return connection.execute(still.values(revoked_ms=now_ms)).rowcount


def _open(connection: Connection, token: str, now_ms: int) -> Invitation:
    c = t.invitation.c
    usable = (c.used_ms.is_(None), c.revoked_ms.is_(None), c.expires_ms > now_ms)
    row = connection.execute(select(t.invitation).where(c.token_hash == token_hash(token), *usable)).first()
    if row is None:
        raise Refusal("link_invalid")
    link = _invitation(row)
    g = t.role_grant.c
    rows = connection.execute(select(g.role, g.node).where(g.person == link.person)) if link.person else ()
    held = [Grant(Role(role), node) for role, node in rows]
    nodes = {grant.node for grant in held} | ({link.node} if link.node is not None else set())
    if not _founded(Makers(connection, nodes), link, held):
        raise Refusal("link_unfounded")
    return link


def _founded(makers: Makers, link: Invitation, held: Sequence[Grant]) -> bool:
    """Whether whoever made that link could make it now; `held` are the roles of the person it leads back in."""
    # whoever sits at the server may do everything, and the first superadmin's is the server's own
    if link.maker is None or link.kind == "setup":
        return True
    rights = makers.rights(link.maker)
    if link.kind == "invite":
        return link.role is not None and link.node is not None and rights.may_appoint(link.role, link.node)
    return rights.manages(held)


def _use(connection: Connection, token: str, now_ms: int) -> None:
    used = update(t.invitation).where(t.invitation.c.token_hash == token_hash(token)).values(used_ms=now_ms)
    connection.execute(used)


def _add_regency(connection: Connection, place: FirstPlace, by: Doer) -> None:
    statement = t.node.insert().values(
        code=place.code, level=Level.REGENCY.value, parent=None, position=0, name=place.name, names="{}"
    )
    connection.execute(statement)
    # the zone that its units begin with
    zone = insert(connection)(t.unit).values(code=place.code, time_zone=place.zone.name)
    connection.execute(zone.on_conflict_do_nothing())
    # the form's number is for what follows
    first = replace(by, once=None)
    note(connection, first, "place.added", node=place.code, subject=place.code, facts={"name": place.name})


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        bytes(row.token_hash).hex(), row.kind, row.person, row.email, row.name,
        None if row.role is None else Role(row.role), row.node, row.made_ms, row.made_by,
        None if row.maker is None else str(row.maker), row.expires_ms,
    )  # fmt: skip
