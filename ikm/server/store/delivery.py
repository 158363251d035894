"""What the ingest hands to the store: a batch found right in itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ikm import wire


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row whose body was read and found right, with the local date it counts on."""

    row: wire.Row
    body: wire.ResponseBody
    local_date: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """A device's rows, in order, how the device is, and the moment they came in."""

    device: str
    epoch: int
    responses: Sequence[Accepted]
    health: wire.Health
    received_ms: int
