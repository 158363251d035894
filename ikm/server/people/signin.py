"""Coming in: a password, then a code; each is counted before it is looked at, and nobody learns who exists."""

from dataclasses import dataclass

from ikm.domain.errors import Refusal
from ikm.i18n import say
from ikm.server.people import codes, passwords, wording
from ikm.server.people.throttle import Watch, watch
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.people import named
from ikm.server.store.sessions import Session
from ikm.server.store.signin import Credentials


@dataclass(frozen=True, slots=True)
class Where:
    """Where somebody sits: the address, and what their browser calls itself."""

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The way in, over a store. Every step gives a fresh token for the browser; the one before serves no more."""

    store: Store

    def with_password(self, email: str, password: str, where: Where, now_ms: int, *, before: str = "") -> str:
        """A token that is good for giving the second factor.

        Raises:
            Refusal: `sign_in_failed`, whatever is wrong; `too_many_attempts`.
        """
        seen = watch("sign-in", email, where.address)
        self.store.begin_guess(seen, now_ms)
        held = self.store.credentials(email=email)
        right = passwords.matches(held.password_hash if held else None, password)
        if held is None or held.disabled or not right:
            raise Refusal("sign_in_failed")
        self._welcome(held, password, seen, _as(held, where, now_ms))
        self._leave(before)
        return self.store.begin_session(held.person, "password", now_ms, address=where.address, agent=where.agent)

    def with_code(self, token: str, session: Session, code: str, where: Where, now_ms: int) -> str:
        """A token that is good for the desk. `code` is the authenticator's, or a recovery code, used up by that.

        Raises:
            Refusal: `sign_in_failed`, `too_many_attempts`.
        """
        seen = watch("code", session.person, where.address)
        self.store.begin_guess(seen, now_ms)
        held = self.store.credentials(person=session.person)
        if held is None or held.totp_secret is None:
            raise Refusal("sign_in_failed")
        by = _as(held, where, now_ms)
        if not self._is_code(held, code, by):
            raise Refusal("sign_in_failed")
        self.store.forgive_guess(seen, by)
        return self._come_in(token, by, where)

    def prove(self, token: str, person: str, password: str, where: Where, now_ms: int) -> None:
        """Nothing, once that is written down as the person's password, given again just now.

        Raises:
            Refusal: `sign_in_failed`, `too_many_attempts`.
        """
        seen = watch("proof", person, where.address)
        self.store.begin_guess(seen, now_ms)
        held = self.store.credentials(person=person)
        if held is None or not passwords.matches(held.password_hash, password):
            raise Refusal("sign_in_failed")
        self._welcome(held, password, seen, _as(held, where, now_ms))
        self.store.prove(token, now_ms)

    def offered(self, token: str, person: str) -> str:
        """The secret of the authenticator that this session may confirm."""
        held = self.store.credentials(person=person)
        return codes.offered_secret(token, held.totp_secret if held else None)

    def confirm_first(
        self, token: str, session: Session, code: str, where: Where, now_ms: int
    ) -> tuple[str, tuple[str, ...]]:
        """A token that is good for the desk, and the recovery codes to print, once the first authenticator works.

        Raises:
            Refusal: `sign_in_failed` when the code is not the offered secret's, or there is an authenticator by now;
                `too_many_attempts`.
        """
        held = self.store.credentials(person=session.person)
        if held is None or held.totp_secret is not None:
            raise Refusal("sign_in_failed")
        by = _as(held, where, now_ms)
        made = codes.new_recovery_codes()
        self._confirm(token, held, code, made, by)
        return self._come_in(token, by, where), made

    def confirm_other(self, token: str, person: str, code: str, by: Doer) -> None:
        """Nothing, once the person's codes come from the offered authenticator; recovery codes stay.

        Raises:
            Refusal: `sign_in_failed` when the code is not the offered secret's; `too_many_attempts`, `done_already`.
        """
        held = self.store.credentials(person=person)
        if held is None:
            raise Refusal("sign_in_failed")
        self._confirm(token, held, code, (), by)

    def other_recovery_codes(self, person: str, by: Doer) -> tuple[str, ...]:
        """Fresh recovery codes in the place of those before. Raises Refusal (`done_already`)."""
        made = codes.new_recovery_codes()
        self.store.set_recovery_codes(person, _hashes(made, person), by)
        return made

    def _confirm(self, token: str, held: Credentials, code: str, made: tuple[str, ...], by: Doer) -> None:
        secret = codes.offered_secret(token, held.totp_secret)
        seen = watch("confirm", held.person, by.address)
        self.store.begin_guess(seen, by.at_ms)
        step = codes.step_of(secret, code, by.at_ms)
        if step is None:
            raise Refusal("sign_in_failed")
        self.store.forgive_guess(seen, by)
        self.store.set_authenticator(held.person, secret, step, _hashes(made, held.person), by)

    def _is_code(self, held: Credentials, code: str, by: Doer) -> bool:
        step = codes.step_of(held.totp_secret or "", code, by.at_ms)
        if step is not None:
            return self.store.use_step(held.person, step)
        paper = codes.recovery_hash(code, held.person)
        return paper is not None and self.store.use_recovery_code(held.person, paper, by)

    def _welcome(self, held: Credentials, password: str, seen: Watch, by: Doer) -> None:
        self.store.forgive_guess(seen, by)
        if held.password_hash is not None and passwords.is_outdated(held.password_hash):
            self.store.rehash(held.person, held.password_hash, passwords.kept(password))

    def _come_in(self, before: str, by: Doer, where: Where) -> str:
        self._leave(before)
        facts = {"browser": say(wording.browser(where.agent), str)}
        return self.store.come_in(str(by.person), by, agent=where.agent, facts=facts)

    def _leave(self, before: str) -> None:
        if before:
            self.store.end_sessions(token=before)


def _as(held: Credentials, where: Where, now_ms: int) -> Doer:
    """Whoever comes in, as the log names them."""
    return Doer(named(held.name, held.email), now_ms, held.person, where.address)


def _hashes(made: tuple[str, ...], person: str) -> list[bytes]:
    return [found for code in made if (found := codes.recovery_hash(code, person)) is not None]
