"""What a response may say at the place where its device stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from msgspec import Raw

from ikm import wire
from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.response import check

Shape = tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...], str, tuple[str, ...]]
"""What of a response its questionnaire decides about: version, status, questions answered, profile, form, asked."""

_MAX_SHAPES = 10_000


class Register(Protocol):
    """Who knows the organisation and its questionnaires."""

    def organisation(self) -> Sequence[Node]:
        """All nodes."""
        ...

    def services(self, unit: str) -> Sequence[Service]:
        """A unit's services."""
        ...

    def questionnaire(self, code: str) -> Questionnaire:
        """A version. Raises Refusal (`questionnaire_unknown`)."""
        ...


@dataclass(slots=True)
class Checks:
    """What may be named in a response, asked of the register once and again only for a name not seen before.

    Services, counters and questionnaire versions are only ever added, so what was known once is remembered. Safe for
    several threads.
    """

    register: Register
    _services: dict[str, frozenset[str]] = field(default_factory=dict)
    _counters: dict[str, frozenset[str]] = field(default_factory=dict)
    _shapes: set[Shape] = field(default_factory=set)
    _questionnaires: dict[str, Questionnaire] = field(default_factory=dict)

    def body(self, raw: bytes | Raw, unit: str) -> wire.ResponseBody:
        """The response in those bytes, provided it can be counted for a device of that unit. Raises Refusal."""
        body = wire.decode_body(raw)
        # a counter the device has left since still stands in its older rows; another unit's never may
        if body.unit != unit or not _found(self._counters, unit, body.counter, partial(_counters_of, self.register)):
            raise Refusal("unit_unknown")
        if not _found(self._services, unit, body.service, partial(_services_of, self.register)):
            raise Refusal("service_unknown")
        self._check(body)
        return body

    def _check(self, body: wire.ResponseBody) -> None:
        """Refuse a response that its questionnaire could not have produced. Raises Refusal.

        Which rating was given is checked in decoding, so the questionnaire has to be asked once per shape alone.
        """
        shape = (
            body.questionnaire, body.status, tuple(body.answers), tuple(body.profile.items()),
            body.instrument.value, tuple(body.asked),
        )  # fmt: skip
        # reasons depend on the ratings themselves, and few citizens give any
        if shape in self._shapes and not body.reasons:
            return
        check(body.to_domain(), self._questionnaire(body.questionnaire))
        if len(self._shapes) < _MAX_SHAPES:
            self._shapes.add(shape)

    def _questionnaire(self, code: str) -> Questionnaire:
        known = self._questionnaires.get(code)
        if known is None:
            known = self._questionnaires[code] = self.register.questionnaire(code)
        return known


def _services_of(register: Register, unit: str) -> frozenset[str]:
    return frozenset(service.code for service in register.services(unit))


def _counters_of(register: Register, unit: str) -> frozenset[str]:
    nodes = register.organisation()
    return frozenset(node.code for node in nodes if node.level is Level.COUNTER and node.parent == unit)


def _found(known: dict[str, frozenset[str]], unit: str, code: str, read: Callable[[str], frozenset[str]]) -> bool:
    if code not in known.get(unit, ()):
        known[unit] = read(unit)
    return code in known[unit]
