"""What people come in with, of which nothing can be read back, and how often others tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, or_, select, update

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.people.throttle import FORGOTTEN_MS, KNOWN_MS, Watch, wait_ms
from ikm.server.store.deeds import Doer, note
from ikm.server.store.keys import take_turns
from ikm.server.store.part import Part, insert
from ikm.server.store.sessions import enter, new_token


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the server holds of a person to know them by; `totp_secret` is None before there is a second factor."""

    person: str
    email: str
    name: str
    password_hash: str | None
    totp_secret: str | None
    disabled: bool


class SigninPart(Part):
    """Coming in."""

    def begin_guess(self, watch: Watch, now_ms: int) -> None:
        """Count a try before it is known whether it is a wrong one; `forgive_guess` takes it back.

        Counted first, so that neither many tries at once nor a restart give more than the limits. A try that is refused
        here is not counted: whoever knocks all the time does not make the wait longer.

        Raises:
            Refusal: `too_many_attempts`, with `retry_after_s`.
        """
        c = t.login_try.c
        marks = [counter.lifted_by for counter in watch.counters if counter.lifted_by]

        def write(connection: Connection) -> None:
            take_turns(connection)
            stale = or_(c.since_ms <= now_ms - KNOWN_MS, and_(c.tries > 0, c.since_ms <= now_ms - FORGOTTEN_MS))
            connection.execute(delete(t.login_try).where(stale))
            names = [counter.who for counter in watch.counters] + marks
            held = {row.who: row for row in connection.execute(select(t.login_try).where(c.who.in_(names)))}
            counted = [counter for counter in watch.counters if counter.lifted_by not in held]
            waits = [
                held[one.who].since_ms + wait_ms(held[one.who].tries, one.free) - now_ms
                for one in counted if one.who in held
            ]  # fmt: skip
            longest = max(waits, default=0)
            if longest > 0:
                raise Refusal("too_many_attempts", retry_after_s=longest // 1000 + 1)
            fresh = insert(connection)(t.login_try).values(
                [{"who": one.who, "tries": 1, "since_ms": now_ms} for one in counted]
            )
            more = {"tries": c.tries + 1, "since_ms": now_ms}
            connection.execute(fresh.on_conflict_do_update(index_elements=["who"], set_=more))

        self._write(write)

    def forgive_guess(self, watch: Watch, by: Doer) -> None:
        """Take back what that try was counted as: it was right. The address is known to that account from now on.

        What was tried on the account before, wrongly, is written down: its owner did not forget, or somebody guessed.
        """
        c, now_ms = t.login_try.c, by.at_ms

        def write(connection: Connection) -> None:
            take_turns(connection)
            tried = select(func.max(c.tries)).where(c.who.in_([watch.pair.who, watch.account.who]))
            # the try that was right is counted too
            wrong = (connection.execute(tried).scalar() or 1) - 1
            if wrong and by.person is not None:
                # the form's number belongs to what the form is for
                _told(connection, replace(by, once=None), "account.guessed", by.person, {"count": wrong})
            connection.execute(delete(t.login_try).where(c.who.in_([watch.pair.who, watch.account.who])))
            one_less = case((c.tries > 0, c.tries - 1), else_=0)
            # with no tries a row would be a mark
            connection.execute(update(t.login_try).where(c.who == watch.address.who).values(tries=one_less))
            connection.execute(delete(t.login_try).where(c.who == watch.address.who, c.tries == 0))
            mark = insert(connection)(t.login_try).values(who=watch.known, tries=0, since_ms=now_ms)
            connection.execute(mark.on_conflict_do_update(index_elements=["who"], set_={"since_ms": now_ms}))

        self._write(write)

    def forget_guesses(self, account_name: str) -> None:
        """Forget what was tried on an account: `account_name` is the middle of its counters' names."""
        c = t.login_try.c
        names = or_(c.who == f"account:{account_name}", c.who.startswith(f"pair:{account_name}:", autoescape=True))
        self._write(lambda connection: connection.execute(delete(t.login_try).where(names)))

    def credentials(self, *, email: str | None = None, person: str | None = None) -> Credentials | None:
        """What is held of whoever has that e-mail address or that id."""
        c = t.person.c
        which = c.email == (email or "").lower() if person is None else c.id == person
        query = select(c.id, c.email, c.name, c.password_hash, c.totp_secret, c.disabled_ms).where(which)
        row = self._glance(lambda connection: connection.execute(query).first())
        return None if row is None else Credentials(str(row.id), *row[1:5], disabled=row.disabled_ms is not None)

    def come_in(self, person: str, by: Doer, *, agent: str, facts: Mapping[str, Any]) -> str:
        """A token for a session of whoever gave everything that is asked for; the log says so, with those facts."""
        token = new_token()

        def write(connection: Connection) -> None:
            enter(connection, token, person, step="in", now_ms=by.at_ms, address=by.address, agent=agent)
            _told(connection, by, "account.signed_in", person, facts)

        self._write(write)
        return token

    def rehash(self, person: str, before: str, password_hash: str) -> None:
        """Keep the same password in a better way; nothing happens where it was changed meanwhile."""
        c = t.person.c
        held = update(t.person).where(c.id == person, c.password_hash == before).values(password_hash=password_hash)
        self._write(lambda connection: connection.execute(held))

    def use_step(self, person: str, step: int) -> bool:
        """Whether that step of the person's codes was not used before, nor a later one; it is now."""
        c = t.person.c
        unused = (c.id == person) & or_(c.totp_step.is_(None), c.totp_step < step)
        used = update(t.person).where(unused).values(totp_step=step)
        return self._write(lambda connection: connection.execute(used).rowcount) == 1

    def use_recovery_code(self, person: str, code_hash: bytes, by: Doer) -> bool:
        """Whether the person had that recovery code left; it is used up now, and the log says so."""
        c = t.recovery_code.c
        left = (c.person == person) & (c.code_hash == code_hash) & c.used_ms.is_(None)

        def write(connection: Connection) -> bool:
            if connection.execute(update(t.recovery_code).where(left).values(used_ms=by.at_ms)).rowcount != 1:
                return False
            note(connection, by, "account.recovered", node=home(connection, person), subject=_email(connection, person))
            return True

        return self._write(write)

    def recovery_codes_left(self, person: str) -> int:
        """How many recovery codes the person has not used."""
        c = t.recovery_code.c
        query = select(func.count()).where(c.person == person, c.used_ms.is_(None))
        return self._glance(lambda connection: connection.execute(query).scalar_one())

    def set_password(self, person: str, password_hash: str, by: Doer) -> None:
        """Change a person's password."""

        def write(connection: Connection) -> None:
            connection.execute(update(t.person).where(t.person.c.id == person).values(password_hash=password_hash))
            _told(connection, by, "account.password", person)

        self._write(write)

    def set_authenticator(self, person: str, secret: str, step: int, codes: Sequence[bytes], by: Doer) -> None:
        """Change a person's second factor, whose code of that step is used by now, and recovery codes where given."""

        def write(connection: Connection) -> None:
            values = {"totp_secret": secret, "totp_step": step}
            connection.execute(update(t.person).where(t.person.c.id == person).values(values))
            if codes:
                _replace_codes(connection, person, codes)
            _told(connection, by, "account.authenticator", person)

        self._write(write)

    def set_recovery_codes(self, person: str, codes: Sequence[bytes], by: Doer) -> None:
        """Give a person other recovery codes; those before serve no more."""

        def write(connection: Connection) -> None:
            _replace_codes(connection, person, codes)
            _told(connection, by, "account.recovery_codes", person)

        self._write(write)


def home(connection: Connection, person: str) -> str | None:
    """The place under which the log shows what a person does to their own account; None for one without roles."""
    c = t.role_grant.c
    held = select(c.node).where(c.person == person).order_by(c.since_ms, c.node).limit(1)
    return connection.execute(held).scalar()


def _told(connection: Connection, by: Doer, act: str, person: str, facts: Mapping[str, Any] = {}) -> None:
    note(connection, by, act, node=home(connection, person), subject=_email(connection, person), facts=facts)


def _email(connection: Connection, person: str) -> str:
    return str(connection.execute(select(t.person.c.email).where(t.person.c.id == person)).scalar_one())


def _replace_codes(connection: Connection, person: str, codes: Sequence[bytes]) -> None:
    connection.execute(delete(t.recovery_code).where(t.recovery_code.c.person == person))
    connection.execute(t.recovery_code.insert(), [{"person": person, "code_hash": code} for code in codes])
