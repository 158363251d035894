"""What the server answers: receipts, enrolments and problems."""

from typing import Any

from msgspec import UNSET, UnsetType

from ikm.domain.errors import Refusal
from ikm.wire.configuration import ConfigurationMessage
from ikm.wire.types import Code, Count, Hash, Message, Nonce, Seq, Uuid7


class RejectedRow(Message, frozen=True):
    """A row the server keeps aside, with the problem's code."""

    code: Code
    seq: Seq


class Receipt(Message, frozen=True):
    """The server's watermark for one epoch of a device: everything up to `head_seq` is committed.

    `durable_seq` is how far a device may forget; `configuration` the number of the newest configuration for it;
    `signature` is empty until servers sign.
    """

    configuration: Count
    device: Uuid7
    durable_seq: Count
    epoch: Seq
    head_hash: Hash
    head_seq: Count
    nonce: Nonce
    protocol: int
    rejected: list[RejectedRow]
    server: Uuid7
    server_time_ms: Count
    signature: str


class Enrolled(Message, frozen=True):
    """The server's yes: the device's id, and the configuration to start with. `server_key` is empty until it signs."""

    configuration: ConfigurationMessage
    device: Uuid7
    protocol: int
    server: Uuid7
    server_key: str


class Problem(Message, frozen=True, omit_defaults=True):
    """A refusal on the wire (RFC 9457). `head_seq` and `head_hash` come with a gap: where the server stands."""

    code: str
    status: int
    title: str
    type: str
    detail: str | UnsetType = UNSET
    head_hash: Hash | UnsetType = UNSET
    head_seq: Count | UnsetType = UNSET
    retry_after_s: Count | UnsetType = UNSET


def problem_of(refusal: Refusal) -> Problem:
    """The message for a refusal."""
    facts: dict[str, Any] = {
        name: refusal.facts[name] for name in ("head_hash", "head_seq", "retry_after_s") if name in refusal.facts
    }
    return Problem(
        code=refusal.code,
        status=refusal.problem.status,
        title=refusal.problem.title,
        type=f"urn:ikm:problem:{refusal.code}",
        detail=refusal.detail or UNSET,
        **facts,
    )
