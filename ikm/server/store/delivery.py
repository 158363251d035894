"""What the ingest hands to the store, and what the store says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server.chain import Head
from ikm.server.clocks import DEVICE

Standing = Literal["active", "forked", "revoked"]


class Accepted(NamedTuple):
    """A row whose body was read and found right, when it was given, and the local date it counts on.

    Where `clock` is uncertain, moment and date are the store's to fill in: they hang on the row before.
    """

    row: wire.Row
    body: wire.ResponseBody
    local_date: date
    occurred_ms: int
    clock: str = DEVICE


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that belongs into the chain but cannot be counted, and the problem's code and place."""

    row: wire.Row
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Boot:
    """When a device's machine started, by this server's clock (milliseconds since 1970, UTC)."""

    boot_id: str
    offset_ms: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A device's rows, in order, how the device is, and the moment they came in.

    `boot` is what they tell of the machine's start and the store does not know yet. `carried` rows came by hand: then
    nobody has been in contact with the device. `configuration` is the version it runs on.
    """

    device: str
    epoch: int
    rows: Sequence[Accepted | Aside]
    health: wire.Health
    received_ms: int
    time_zone: TimeZone
    opening: wire.Opening | None = None
    boot: Boot | None = None
    carried: bool = False
    configuration: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a delivery: the epoch's head, the rows of it that are kept aside (number, code), the standing.

    `refusal` is the device's answer where its rows fork: that is kept, and told all the same.
    """

    head: Head
    rejected: Sequence[tuple[int, str]] = ()
    standing: Standing = "active"
    refusal: Refusal | None = None
