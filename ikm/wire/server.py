"""What the server answers: receipts, enrolments and problems."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from ikm.domain.errors import Refusal
from ikm.wire.configuration import ConfigurationMessage
from ikm.wire.types import Code, Count, Hash, Key, KeyOrNone, Message, Nonce, Seq, SignatureOrNone, Uuid7


class RejectedRow(Message, frozen=True):
    """A row the server keeps aside, with the problem's code."""

    code: Code
    seq: Seq


class Receipt(Message, frozen=True, omit_defaults=True):
    """The server's watermark for one epoch of a device: everything up to `head_seq` is committed.

    `durable_seq` is how far a device may forget; `configuration` the number of the newest configuration for it;
    `rejected` the rows of this batch that are kept aside. `signature` is the server's (`encoding.receipt_bytes`), empty
    for a device of protocol 1. `standing` says whether what the device sends counts: not any more, or not until an
    officer has decided.
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
    signature: SignatureOrNone
    standing: Literal["active", "forked", "revoked"] = "active"


class Enrolled(Message, frozen=True):
    """The server's yes: the device's id, and the configuration to start with.

    `server_key` is the public key that receipts will be signed with, empty for a device of protocol 1.
    """

    configuration: ConfigurationMessage
    device: Uuid7
    protocol: int
    server: Uuid7
    server_key: KeyOrNone


class ServerKey(Message, frozen=True):
    """A server's key; `signature` is that of the key before it (`encoding.server_key_bytes`), "" for the first."""

    key: Key
    signature: SignatureOrNone


class ServerKeys(Message, frozen=True):
    """All keys a server has ever signed with, oldest first, so that a device follows from the one it trusts."""

    keys: Annotated[list[ServerKey], Meta(min_length=1, max_length=100)]
    server: Uuid7


class KeyRolled(Message, frozen=True):
    """The server's yes to a new key of a device."""

    device: Uuid7
    public_key: Key
    server: Uuid7


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
        # a sentence with its values beside it is no text to the encoder
        detail=str(refusal.detail) or UNSET,
        **facts,
    )
