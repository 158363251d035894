"""What a response may say at the place where its device stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
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

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        """All nodes, with retired ones or not."""
        ...

    def services(self, unit: str, *, retired: bool = False) -> Sequence[Service]:
        """A unit's services, with retired ones or not."""
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
    _places: set[tuple[str, str, str]] = field(default_factory=set)
    _reader: wire.BodyReader = field(default_factory=wire.BodyReader)
    _shapes: set[Shape] = field(default_factory=set)
    _questionnaires: dict[str, Questionnaire] = field(default_factory=dict)

    def body(self, raw: bytes | Raw, unit: str) -> wire.ResponseBody:
        """The response in those bytes, provided it can be counted for a device of that unit. Raises Refusal."""
        body = self._reader.read(raw)
        place = (body.unit, body.counter, body.service)
        if body.unit != unit or place not in self._places:
            self._check_place(body, unit)
            self._places.add(place)
        self._check(body)
        return body

    def _check_place(self, body: wire.ResponseBody, unit: str) -> None:
        # a counter the device has left since still stands in its older rows; another unit's never may. What was retired
        # meanwhile was offered when these answers were given, and a kiosk without a line brings them late
        if body.unit != unit or not any(
            node.code == body.counter and node.level is Level.COUNTER and node.parent == unit
            for node in self.register.organisation(retired=True)
        ):
            raise Refusal("unit_unknown")
        if all(service.code != body.service for service in self.register.services(unit, retired=True)):
            raise Refusal("service_unknown")

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
