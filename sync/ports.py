"""What the sync needs from the device and from the server, and nothing more: real parts implement it, tests fake it."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from ikm.wire import Batch, Clock, ConfigurationMessage, Opening, Receipt, Row

Reason = Literal["damaged", "fork", "lost", "rollback"]
"""Why an epoch after the first begins; see `ikm.wire.Opening`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this device is to its server.

    `private_key` is the raw Ed25519 seed, 32 bytes, and never printed. `server_key` is the server's public key (base64)
    that this device trusts, "" before it has one.
    """

    device: str
    server: str
    server_url: str
    private_key: bytes = field(repr=False)
    server_key: str = ""


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

    def epochs(self) -> list[int]:
        """The epochs there are, oldest first; their numbers rise and may leave some out. None before enrolment."""
        ...

    def pending(self, epoch: int, limit: int, after_seq: int = 0) -> list[Row]:
        """Unacknowledged rows of an epoch after that one, in order, at most `limit`, bodies exactly as stored.

        They end before a row whose body was forgotten: a server that went back that far cannot be served from here.
        """
        ...

    def hash_at(self, epoch: int, seq: int) -> str | None:
        """The hash of a row of that epoch's chain, whether its body is still kept or not.

        At 0 it is the epoch's genesis. None where there is no such row, or where it went over into a later epoch.
        """
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

    def opening(self, epoch: int) -> Opening | None:
        """How that epoch began; None for the first, and where there is no such epoch."""
        ...

    def begin_epoch(self, reason: Reason, after_seq: int, known_seq: int, *, epoch: int | None = None) -> int:
        """Close an epoch after that row and begin a new one; its number.

        Later rows of the closed epoch are the first of the new one, same ids and bodies; those whose body was forgotten
        stay behind. `known_seq` is the highest number of the closed epoch that anybody spoke of; the opening says no
        less than this device knows itself. `epoch` is the one to close, the current one where it is not said.

        Raises:
            ValueError: The closed epoch has no row `after_seq`.
        """
        ...

    def forget(self, epoch: int, durable_seq: int) -> int:
        """How many bodies were dropped: of acknowledged rows up to `durable_seq`, 90 days old, never the epoch's last.

        Their numbers, ids and hashes stay.
        """
        ...

    def pin_server_key(self, key: str) -> None:
        """Trust that public key (base64) of the server from now on. Only an enrolled device does."""
        ...

    def put_next_key(self, private_key: bytes) -> None:
        """Keep the key this device will ask its server to know it by; before enrolment, the one it will enrol with.

        Raises:
            ValueError: Another one waits already; the server may have taken it, so it is not to be lost.
        """
        ...

    def next_key(self) -> bytes | None:
        """The key that waits to be used, or None."""
        ...

    def use_next_key(self) -> None:
        """Sign with the waiting key from now on.

        Raises:
            ValueError: None waits, or the device is not enrolled.
        """
        ...


class Device(Protocol):
    """The machine's own facts."""

    def clock(self) -> Clock:
        """Now."""
        ...

    def disk_free_bytes(self) -> int:
        """Free space where the answers are kept, in bytes."""
        ...

    def warnings(self) -> list[str]:
        """Codes of what its people should look after, as `ikm.wire.Health.warnings` carries them."""
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
