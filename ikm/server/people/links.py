"""One-time links as people get them, and what becomes of whoever follows one."""

import secrets

import uuid_utils

from ikm.domain.rights import Grant
from ikm.server.people import passwords
from ikm.server.people.throttle import account_name
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.invitations import FirstPlace, Invitation
from ikm.server.store.people import Newcomer, Person

SETUP_MS = 24 * 3_600_000
INVITE_MS = 7 * 24 * 3_600_000
RESET_MS = 24 * 3_600_000
"""For so long each may be followed."""


def setup_link(store: Store, public_url: str, by: Doer) -> str | None:
    """The address that makes the first superadmin; None when somebody who may do everything can come in."""
    if store.has_superadmin():
        return None
    token = _token()
    store.add_setup_link(token, by.at_ms + SETUP_MS, by)
    return _address(public_url, token)


def first_link(store: Store, public_url: str, now: int) -> str | None:
    """What a starting server tells where nobody can come in; None where somebody can."""
    link = setup_link(store, public_url, Doer("ikm serve", now))
    if link is None:
        return None
    return f"Belum ada superadmin. Buka tautan ini untuk menyiapkan server (24 jam, sekali pakai):\n  {link}"


def invite(store: Store, public_url: str, email: str, name: str, grant: Grant, by: Doer) -> str:  # noqa: PLR0917
    """The address that makes a person with that role. Raises Refusal (`code_taken`, `done_already`)."""
    token = _token()
    store.add_invitation(token, email, name, grant, expires_ms=by.at_ms + INVITE_MS, by=by)
    return _address(public_url, token)


def reset(store: Store, public_url: str, person: Person, by: Doer, *, factor: bool) -> str:
    """The address that lets a person choose a new password, and with `factor` set up a new authenticator.

    Raises:
        Refusal: `not_found`, `done_already`.
    """
    token = _token()
    store.add_reset_link(token, person.id, "anew" if factor else "reset", by.at_ms + RESET_MS, by)
    return _address(public_url, token)


def accept(
    store: Store, token: str, link: Invitation, password: str, by: Doer, *, name: str = "", email: str = "",
    place: FirstPlace | None = None,
) -> str:  # fmt: skip
    """The id of whoever followed that link and chose that password, who can now give or set up a second factor.

    `name` and `email` are asked for where the link does not say; `place` where there is no regency yet.

    Raises:
        Refusal: `link_invalid`, `link_unfounded`, `code_taken`, `place_invalid`.
    """
    kept = passwords.kept(password)
    if link.person is not None:
        store.accept_reset(token, kept, by)
        # whoever guessed at the password before guessed at another one
        store.forget_guesses(account_name("sign-in", link.email))
        store.forget_guesses(account_name("code", link.person))
        return link.person
    one = Newcomer(str(uuid_utils.uuid7()), email, name, (), kept)
    if link.kind == "setup":
        store.accept_setup(token, one, place, by)
    else:
        store.accept_invitation(token, one, by)
    return one.id


def new_token() -> str:
    """A token for a program; it begins so that whoever finds one lying about knows what it is."""
    return f"ikm_{_token()}"


def _token() -> str:
    return secrets.token_urlsafe(32)


def _address(public_url: str, token: str) -> str:
    return f"{public_url}/undangan/{token}"
