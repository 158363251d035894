"""Who may do what, and where: a role on a place holds there and everywhere below it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ikm.domain.organisation import Level, Tree


class Role(StrEnum):
    """What a person is, on a subtree of the organisation."""

    SUPERADMIN = "superadmin"
    AGENCY_ADMIN = "agency_admin"
    UNIT_OFFICER = "unit_officer"
    PUBLISHER = "publisher"
    VERIFIER = "verifier"


class Act(StrEnum):
    """What can be done to a place."""

    SEE = "see"
    """Figures, standards, kiosks."""
    READ = "read"
    """What citizens wrote, masked."""
    ANSWER = "answer"
    """Sort, answer and publish what citizens wrote."""
    ARRANGE = "arrange"
    """Services, standards, hours, population, self-assessment, what kiosks show."""
    ORGANISE = "organise"
    """Add, rename and retire places; import them."""
    ASK = "ask"
    """Questionnaires, and from when on which is asked."""
    EQUIP = "equip"
    """Enrol and revoke kiosks, roll configurations out."""
    DECIDE = "decide"
    """Forks, rows kept aside, void responses."""
    EXPORT = "export"
    """Raw answers."""
    PUBLISH = "publish"
    """Indices."""
    APPOINT = "appoint"
    """People and their roles, tokens of programs."""
    INSPECT = "inspect"
    """The log of what people did."""


_R, _A = Role, Act

RIGHTS: Mapping[Act, frozenset[Role]] = MappingProxyType(
    {
        _A.SEE: frozenset(Role),
        _A.READ: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.UNIT_OFFICER, _R.VERIFIER}),
        _A.ANSWER: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.UNIT_OFFICER}),
        _A.ARRANGE: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.UNIT_OFFICER}),
        _A.ORGANISE: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN}),
        _A.ASK: frozenset({_R.SUPERADMIN}),
        _A.EQUIP: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.UNIT_OFFICER}),
        _A.DECIDE: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN}),
        _A.EXPORT: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.UNIT_OFFICER, _R.VERIFIER}),
        _A.PUBLISH: frozenset({_R.SUPERADMIN, _R.PUBLISHER}),
        _A.APPOINT: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN}),
        _A.INSPECT: frozenset({_R.SUPERADMIN, _R.AGENCY_ADMIN, _R.VERIFIER}),
    }
)
"""The roles that may do each act."""

PLACES: Mapping[Role, frozenset[Level]] = MappingProxyType(
    {
        _R.SUPERADMIN: frozenset({Level.REGENCY}),
        _R.AGENCY_ADMIN: frozenset({Level.AGENCY}),
        _R.UNIT_OFFICER: frozenset({Level.UNIT}),
        _R.PUBLISHER: frozenset({Level.REGENCY, Level.AGENCY, Level.UNIT}),
        _R.VERIFIER: frozenset({Level.REGENCY, Level.AGENCY, Level.UNIT}),
    }
)
"""The levels a role can be given on."""

APPOINTS: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        _R.SUPERADMIN: frozenset(Role),
        _R.AGENCY_ADMIN: frozenset({_R.AGENCY_ADMIN, _R.UNIT_OFFICER, _R.PUBLISHER, _R.VERIFIER}),
    }
)
"""The roles a role may give and take, on its own places."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of a person, on that place and all below it."""

    role: Role
    node: str


class Rights:
    """What a person with those grants may do in that tree. Every question about rights is asked here."""

    def __init__(self, grants: Iterable[Grant], tree: Tree) -> None:
        self.grants = tuple(grants)
        self.tree = tree

    def may(self, act: Act, node: str) -> bool:
        """Whether they may do that there; never where there is no such place."""
        path = self.tree.path(node)
        return any(grant.role in RIGHTS[act] and grant.node in path for grant in self.grants)

    def may_somewhere(self, act: Act) -> bool:
        """Whether they may do that anywhere."""
        return bool(self.roots(act))

    def roots(self, act: Act) -> tuple[str, ...]:
        """The topmost places on which they may do that, in the tree's order."""
        held = {grant.node for grant in self.grants if grant.role in RIGHTS[act]}
        return tuple(code for code in self.tree.nodes if code in held and not held & set(self.tree.path(code)[1:]))

    def scope(self, act: Act, level: Level | None = None) -> tuple[str, ...]:
        """Every place on which they may do that, or those of one level; parents first."""
        return tuple(node.code for root in self.roots(act) for node in self.tree.below(root, level))

    def may_appoint(self, role: Role, node: str) -> bool:
        """Whether they may give or take that role on that place."""
        place = self.tree.nodes.get(node)
        if place is None or place.level not in PLACES[role]:
            return False
        path = self.tree.path(node)
        return any(role in APPOINTS.get(grant.role, ()) and grant.node in path for grant in self.grants)

    def manages(self, grants: Iterable[Grant]) -> bool:
        """Whether every role of somebody with those grants is one they may give and take.

        Somebody without roles belongs to whoever may appoint anybody.
        """
        held = tuple(grants)
        if not held:
            return any(grant.role is Role.SUPERADMIN for grant in self.grants)
        return all(self.may_appoint(grant.role, grant.node) for grant in held)
