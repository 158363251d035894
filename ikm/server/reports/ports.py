"""What the figures need from the store, and nothing more: the store implements it, tests fake it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from ikm.domain.configuration import Service
from ikm.domain.organisation import Node
from ikm.domain.period import Period, TimeZone
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.tally import Tally


@dataclass(frozen=True, slots=True)
class Cell:
    """The tally of one service of one unit, answered on one questionnaire version."""

    unit: str
    service: str
    questionnaire: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of a unit's responses: of one service, channel or questionnaire version; '' for all."""

    service: str = ""
    channel: str = ""
    questionnaire: str = ""

    def __bool__(self) -> bool:
        return bool(self.service or self.channel or self.questionnaire)


class UnitMonth(NamedTuple):
    """A unit's month on one version and channel, over all its services, as it is kept.

    `totals` are its integers as text: a key for whoever computed what follows from them, read only where nobody did.
    """

    unit: str
    starts_on: date
    questionnaire: str
    channel: str
    responses: int
    complete: int
    questions: str
    totals: str


class Source(Protocol):
    """Where the figures come from."""

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        """The tree from the regency down, siblings in the order they were organised in; with retired places or not."""
        ...

    def services(self, unit: str, *, retired: bool = False) -> Sequence[Service]:
        """The services of a unit, in their order; with retired ones or not."""
        ...

    def time_zone(self, unit: str) -> TimeZone:
        """The zone whose dates a unit's periods are counted in."""
        ...

    def questionnaire(self, code: str) -> Questionnaire:
        """A questionnaire version that responses were accepted on."""
        ...

    def cells(
        self, period: Period, unit: str | None = None, *, counts_only: bool = False, chosen: Filter | None = None
    ) -> Sequence[Cell]:
        """The tallies of a period, of one unit or of all; a cell without responses is absent.

        `counts_only` leaves out their sums and products, which indices do not need and a whole regency has many of.
        """
        ...

    def last_received_ms(self, unit: str | None = None) -> int | None:
        """When the newest response of one unit or of all arrived (milliseconds since 1970, UTC); None before any."""
        ...

    def undated(self, period: Period, unit: str) -> int:
        """How many counted responses of a unit lie in a period only because nothing surer is known of their date."""
        ...

    def instruments(self, period: Period, unit: str) -> frozenset[Instrument]:
        """The forms that the responses of a unit in a period came on; reads each, so ask only where needed."""
        ...
