"""What a device sends: responses as rows of a chain, batches of them, and the wish to be enrolled."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, convert

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import Channel, Response, Status, Visit
from ikm.wire.types import (
    MAX_QUESTIONS,
    MAX_STAGES,
    BootId,
    Code,
    Count,
    Hash,
    Key,
    Locale,
    Message,
    Nonce,
    Rating,
    Seq,
    Signature,
    Stage,
    Uuid7,
    Version,
    Words,
)

MAX_ROWS = 200
"""No batch has more rows than this."""


Input = Literal["keyboard", "switch", "touch"]


class Clock(Message, frozen=True):
    """A moment as the device knows it.

    `wall_ms` is its UTC clock (milliseconds since 1970) and may be wrong; `boot_ms` counts from the start of the
    machine and cannot go back; `boot_id` names that start; `state` says how far `wall_ms` can be trusted.
    """

    boot_id: BootId
    boot_ms: Count
    state: Literal["synced", "held", "unknown"]
    wall_ms: Annotated[int, Meta(ge=-9_007_199_254_740_991, le=9_007_199_254_740_991)]


class VisitMessage(Message, frozen=True, omit_defaults=True):
    """How the visit went; see `ikm.domain.response.Visit`."""

    aids: Annotated[list[Aid], Meta(max_length=10)] = []
    back_steps: Count = 0
    inputs: Annotated[list[Input], Meta(max_length=3)] = []
    left_at: Stage | Literal[""] = ""
    spent_ms: Annotated[dict[Stage, Count], Meta(max_length=MAX_STAGES)] = {}
    unanswered: Annotated[dict[Stage, Count], Meta(max_length=MAX_STAGES)] = {}

    def to_domain(self) -> Visit:
        """The visit."""
        return Visit(
            spent_ms=self.spent_ms,
            back_steps=self.back_steps,
            left_at=self.left_at,
            aids=tuple(self.aids),
            inputs=tuple(self.inputs),
            unanswered=self.unanswered,
        )


def visit_message(visit: Visit) -> VisitMessage:
    """The message of a visit."""
    return VisitMessage(
        aids=[Aid(aid) for aid in visit.aids],
        back_steps=visit.back_steps,
        inputs=convert(visit.inputs, list[Input]),
        left_at=visit.left_at,
        spent_ms=dict(visit.spent_ms),
        unanswered=dict(visit.unanswered),
    )


class ResponseBody(Message, frozen=True, omit_defaults=True):
    """One citizen's response, as stored and hashed. `clock` is the moment of the last tap.

    Members that have a default are spelt only where they differ from it, so a body has one spelling.
    """

    answers: Annotated[dict[Code, Rating], Meta(max_length=MAX_QUESTIONS)]
    channel: Channel
    clock: Clock
    configuration: Count
    counter: Code
    duration_ms: Count
    language: Locale
    profile: Annotated[dict[Code, Code], Meta(max_length=20)]
    questionnaire: Code
    service: Code
    status: Status
    unit: Code
    asked: Annotated[list[Code], Meta(max_length=MAX_QUESTIONS)] = []
    comment: Words = ""
    instrument: Instrument = Instrument.FULL
    reasons: Annotated[dict[Code, Code], Meta(max_length=MAX_QUESTIONS)] = {}
    visit: VisitMessage | None = None

    def to_domain(self) -> Response:
        """The response without its moment and configuration number, which are facts of the row, not of the answers."""
        return Response(
            questionnaire=self.questionnaire,
            unit=self.unit,
            service=self.service,
            counter=self.counter,
            channel=self.channel,
            language=self.language,
            status=self.status,
            answers=self.answers,
            profile=self.profile,
            duration_ms=self.duration_ms,
            instrument=self.instrument,
            asked=tuple(self.asked),
            reasons=self.reasons,
            comment=self.comment,
            visit=self.visit.to_domain() if self.visit else None,
        )


class Row(Message, frozen=True):
    """One link of a device's chain: a response body with its place and its hashes."""

    body: Raw
    hash: Hash
    id: Uuid7
    prev_hash: Hash
    seq: Seq


class Health(Message, frozen=True, omit_defaults=True):
    """How the device is: shown to the person who looks after the fleet. `warnings` are codes of its complaints."""

    app_version: Version
    clock: Clock
    disk_free_bytes: Count
    queued: Count
    warnings: Annotated[list[Code], Meta(max_length=20)] = []


class Opening(Message, frozen=True):
    """Why an epoch after the first began, and what of the epoch before stays; its hash is where the new chain starts.

    Up to `previous_seq`, whose hash is `previous_hash`, the epoch before is whole on this device. `known_seq` is the
    highest number of it that this device knows to have been given, by itself or by whoever holds its key. The first
    `salvaged` rows of the new epoch are rows of the one before that no longer fitted its chain: same ids, same bodies.
    """

    known_seq: Count
    previous_epoch: Seq
    previous_hash: Hash
    previous_seq: Count
    reason: Literal["damaged", "fork", "lost", "rollback"]
    salvaged: Count


class Batch(Message, frozen=True, omit_defaults=True):
    """Pending rows of one epoch in order, and how the device is. Without rows it is the heartbeat.

    `opening` comes with every batch of an epoch after the first.
    """

    configuration: Count
    device: Uuid7
    epoch: Seq
    health: Health
    nonce: Nonce
    protocol: int
    rows: Annotated[list[Row], Meta(max_length=MAX_ROWS)]
    opening: Opening | None = None


class EnrolRequest(Message, frozen=True):
    """A device asks to belong to the counter its one-time code was made for."""

    app_version: Version
    code: Annotated[str, Meta(min_length=1, max_length=20)]
    protocol: int
    public_key: Key


class KeyRoll(Message, frozen=True):
    """A device's wish to sign with another key; `proof` is the new key's own signature (`encoding.key_roll_bytes`)."""

    protocol: int
    proof: Signature
    public_key: Key
