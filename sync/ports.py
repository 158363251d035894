"""What the sync needs from the device and from the server, and nothing more: real parts implement it, tests fake it."""

from dataclasses import dataclass, field
from typing import Protocol

from ikm.wire import Batch, Clock, ConfigurationMessage, Receipt, Row


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this device is to its server. `private_key` is the raw Ed25519 seed, 32 bytes, and never printed."""

    device: str
    server: str
    server_url: str
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Queue:
    """How much is kept: rows ever stored, rows not yet acknowledged, and the first of those's wall time or None."""

    stored: int
    pending: int
    oldest_pending_ms: int | None

    @property
    def acknowledged(self) -> int:
        """How many rows a receipt has proved to be on the server."""
        return self.stored - self.pending


class Outbox(Protocol):
    """The rows on the device, as the sync may see them. Every call is durable when it returns."""

    def identity(self) -> Identity | None:
        """Who this device is, or None before enrolment."""
        ...

    def epoch(self) -> int:
        """The oldest epoch with pending rows, or the current one. Only an enrolled device has one."""
        ...

    def pending(self, epoch: int, limit: int) -> list[Row]:
        """Unacknowledged rows of an epoch in order, at most `limit`, bodies exactly as stored."""
        ...

    def hash_at(self, epoch: int, seq: int) -> str | None:
        """The hash of a stored row; `GENESIS` at 0; None where there is no such row."""
        ...

    def acknowledge(self, epoch: int, head_seq: int) -> None:
        """Set the watermark: rows up to `head_seq` are on the server, later ones are pending.

        It may go back: a server restored from a backup asks again for what it lost.

        Raises:
            ValueError: There is no such row, so nothing can have proved that it arrived.
        """
        ...

    def queue(self) -> Queue:
        """How much is kept and pending."""
        ...

    def configuration(self) -> ConfigurationMessage | None:
        """The newest configuration held, or None before enrolment."""
        ...

    def hold_configuration(self, configuration: ConfigurationMessage) -> None:
        """Keep a configuration; a version not above the one held is ignored."""
        ...


class Device(Protocol):
    """The machine's own facts."""

    def clock(self) -> Clock:
        """Now."""
        ...

    def disk_free_bytes(self) -> int:
        """Free space where the answers are kept, in bytes."""
        ...

    def heard(self, server_time_ms: int, sent: Clock) -> None:
        """Learn the server's time from a receipt that has just come; `sent` is the moment its request left."""
        ...


class Server(Protocol):
    """The server as one enrolled device sees it. Both calls raise `sync.failure.Failure`."""

    def push(self, batch: Batch) -> Receipt:
        """The receipt for a batch."""
        ...

    def configuration(self) -> ConfigurationMessage:
        """The newest configuration for this device."""
        ...
