"""What appointing needs: who manages whom, which role may go where, and how roles are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.rights import APPOINTS, PLACES, Grant, Rights, Role
from ikm.server.people import wording
from ikm.server.store.people import Person
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage
from ikm.server.web.desk.gate import Officer

PlaceCode = Annotated[str, Meta(min_length=1, max_length=64)]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEVELS = {"regency": "daerah", "agency": "perangkat daerah", "unit": "unit"}

T = TypeVar("T", bound=FormMessage)


@dataclass(frozen=True, slots=True)
class RoleOffered:
    """A role that may be given, its name, and what it means."""

    code: str
    name: str
    duty: str


def is_id(text: str) -> bool:
    """Whether a text is spelt as ids of people and devices are."""
    return _UUID.fullmatch(text) is not None


def manages(rights: Rights, person: Person) -> bool:
    """Whether every role of that person is one the holder of those rights may give and take."""
    return rights.manages(person.grants)


def found(desk: Desk, officer: Officer, person: str) -> Person:
    """That person, where the officer manages them. Raises Refusal (`not_found`): who else there is is not theirs."""
    if not is_id(person):
        raise Refusal("not_found", "person")
    held = desk.store.person(person)
    if not manages(officer.rights, held):
        raise Refusal("not_found", "person")
    return held


def changeable(desk: Desk, officer: Officer, person: str) -> Person:
    """That person, where the officer may change them. Raises Refusal (`not_found`, `own_account`)."""
    held = found(desk, officer, person)
    if held.id == officer.person:
        raise Refusal("own_account")
    return held


def granted(officer: Officer, role: Role, node: str) -> Grant:
    """That role there, where the officer may give it.

    Raises:
        FormFaults: The role cannot be given on such a place at all.
        Refusal: `forbidden`.
    """
    place = officer.rights.tree.nodes.get(node)
    if place is not None and place.level not in PLACES[role]:
        levels = _either([word for level, word in _LEVELS.items() if level in PLACES[role]])
        told = Filled(
            "Peran %(role)s diberikan pada tingkat %(levels)s.", role=Filled(wording.ROLES[role]), levels=levels
        )
        raise FormFaults({"node": told})
    if place is None or not officer.rights.may_appoint(role, node):
        raise Refusal("forbidden", f"{role} {node}")
    return Grant(role, node)


def roles_offered(rights: Rights) -> Sequence[RoleOffered]:
    """The roles that the holder of those rights may give somewhere."""
    may = {role for grant in rights.grants for role in APPOINTS.get(grant.role, ())}
    return [RoleOffered(role.value, wording.ROLES[role], wording.DUTIES[role]) for role in Role if role in may]


def _either(words: Sequence[str]) -> Filled:
    told = Filled(words[0])
    for word in words[1:]:
        told = Filled("%(one)s atau %(other)s", one=told, other=Filled(word))
    return told


def role_there(grant: Grant, rights: Rights) -> str:
    """A role and its place, as people say it."""
    place = rights.tree.nodes.get(grant.node)
    role = Filled(wording.ROLES[grant.role])
    return Filled("%(role)s, %(place)s", role=role, place=place.name if place else grant.node)


def state_of(person: Person) -> str:
    """'off', 'waiting' before there are password and authenticator, or 'on'."""
    if person.disabled_ms is not None:
        return "off"
    return "on" if person.complete else "waiting"


def read_form(form: Form, message: type[T]) -> T:
    """What a form of buttons says. Raises Refusal (`form_invalid`): there is nothing in it that people could mend."""
    try:
        return form.read(message)
    except FormFaults:
        raise Refusal("form_invalid") from None


def read_nothing(form: Form) -> None:
    """Nothing, for a form that is a button alone. Raises Refusal (`form_invalid`)."""
    read_form(form, _Nothing)


class _Nothing(FormMessage, frozen=True):
    pass
