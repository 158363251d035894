"""The messages between kiosk and server, strictly decoded, with one canonical spelling in bytes.

Canonical bytes are JSON with keys sorted, no white space, UTF-8 unescaped, integers and strings only: what RFC 8785
gives for such values. Rows travel as the bytes they were stored in and are hashed over, never re-encoded.

Decoding is strict: True is not 1, "4" is not 4, an unknown member is refused. What a decoder lets through but canonical
bytes do not (a doubled key, 4.0, other white space) fails the comparison with `canonical`.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from msgspec import UNSET, DecodeError, Meta, Raw, Struct, UnsetType, ValidationError, convert, json, to_builtins

from ikm.domain.configuration import Configuration, Service
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Option, ProfileField, Question, Questionnaire
from ikm.domain.response import Channel, Response, Status

PROTOCOL = 1
"""The version of the messages this software writes."""

MAX_BODY_BYTES = 256 * 1024
"""No request body is longer than this, before or after gzip."""

MAX_ROWS = 200
"""No batch has more rows than this."""

GENESIS = "0" * 64
"""The hash before the first row of an epoch."""

SIGNATURE_HEADER = "Ikm-Signature"
"""Carries `sign_with`'s signature of a request, base64."""

Code = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Uuid7 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")]
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Nonce = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Key = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{43}=\Z")]
Locale = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
Text = dict[Locale, Line]
# 2^53 - 1: larger integers do not survive JSON readers of other languages
Count = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]
Rating = Annotated[int, Meta(ge=1, le=4)]
Seq = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
BootId = Annotated[str, Meta(pattern=r"\A[0-9a-f-]{36}\Z")]


class Message(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all messages share: immutable, and no member that is not declared."""


# -- what a device sends -----------------------------------------------------------------------------------------


class Clock(Message, frozen=True):
    """A moment as the device knows it.

    `wall_ms` is its UTC clock (milliseconds since 1970) and may be wrong; `boot_ms` counts from the start of the
    machine and cannot go back; `boot_id` names that start; `state` says how far `wall_ms` can be trusted.
    """

    boot_id: BootId
    boot_ms: Count
    state: Literal["synced", "held", "unknown"]
    wall_ms: Annotated[int, Meta(ge=-9_007_199_254_740_991, le=9_007_199_254_740_991)]


class ResponseBody(Message, frozen=True):
    """One citizen's response, as stored and hashed. `clock` is the moment of the last tap."""

    answers: dict[Code, Rating]
    channel: Channel
    clock: Clock
    configuration: Count
    counter: Code
    duration_ms: Count
    language: Locale
    profile: dict[Code, Code]
    questionnaire: Code
    service: Code
    status: Status
    unit: Code

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
        )


class Row(Message, frozen=True):
    """One link of a device's chain: a response body with its place and its hashes."""

    body: Raw
    hash: Hash
    id: Uuid7
    prev_hash: Hash
    seq: Seq


class Health(Message, frozen=True):
    """How the device is: shown to the person who looks after the fleet."""

    app_version: Annotated[str, Meta(max_length=40)]
    clock: Clock
    disk_free_bytes: Count
    queued: Count


class Batch(Message, frozen=True):
    """Pending rows of one epoch in order, and how the device is. Without rows it is the heartbeat."""

    configuration: Count
    device: Uuid7
    epoch: Seq
    health: Health
    nonce: Nonce
    protocol: int
    rows: Annotated[list[Row], Meta(max_length=MAX_ROWS)]


class EnrolRequest(Message, frozen=True):
    """A device asks to belong to the counter its one-time code was made for."""

    app_version: Annotated[str, Meta(max_length=40)]
    code: Annotated[str, Meta(min_length=1, max_length=20)]
    protocol: int
    public_key: Key


# -- what the server answers -------------------------------------------------------------------------------------


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


class OptionMessage(Message, frozen=True):
    """One choice of a profile field."""

    code: Code
    text: Text


class ProfileFieldMessage(Message, frozen=True):
    """One thing asked about the respondent."""

    code: Code
    options: list[OptionMessage]
    text: Text


class QuestionMessage(Message, frozen=True):
    """One question with its labels from rating 1 to rating 4."""

    code: Code
    element: Code
    labels: list[Text]
    text: Text


class QuestionnaireMessage(Message, frozen=True):
    """A version of a questionnaire, as files and configurations carry it."""

    code: Code
    profile_fields: list[ProfileFieldMessage]
    questions: list[QuestionMessage]
    regulation: Code
    title: Text

    def to_domain(self) -> Questionnaire:
        """The questionnaire. Raises Refusal (`questionnaire_invalid`)."""
        return Questionnaire(
            code=self.code,
            regulation=self.regulation,
            title=self.title,
            questions=tuple(
                Question(code=q.code, element=q.element, text=q.text, labels=tuple(q.labels)) for q in self.questions
            ),
            profile_fields=tuple(
                ProfileField(f.code, f.text, tuple(Option(o.code, o.text) for o in f.options))
                for f in self.profile_fields
            ),
        )


class ServiceMessage(Message, frozen=True):
    """A service citizens come for."""

    code: Code
    name: Text


class ConfigurationMessage(Message, frozen=True):
    """A kiosk's configuration as it comes down."""

    countdown_s: Count
    counter: Code
    counter_name: Line
    default_language: Locale
    idle_s: Count
    languages: list[Locale]
    protocol: int
    questionnaire: QuestionnaireMessage
    regency: Line
    services: list[ServiceMessage]
    thanks_s: Count
    time_zone: Literal["WIB", "WITA", "WIT"]
    unit: Code
    unit_name: Text
    version: Count

    def to_domain(self) -> Configuration:
        """The configuration. Raises Refusal (`configuration_invalid`, `questionnaire_invalid`)."""
        return Configuration(
            version=self.version,
            regency=self.regency,
            unit=self.unit,
            unit_name=self.unit_name,
            counter=self.counter,
            counter_name=self.counter_name,
            services=tuple(Service(service.code, service.name) for service in self.services),
            questionnaire=self.questionnaire.to_domain(),
            languages=tuple(self.languages),
            default_language=self.default_language,
            time_zone=TimeZone[self.time_zone],
            idle_s=self.idle_s,
            countdown_s=self.countdown_s,
            thanks_s=self.thanks_s,
        )


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


# -- bytes ---------------------------------------------------------------------------------------------------------

M = TypeVar("M", bound=Message)


def canonical(message: Message) -> bytes:
    """The message's only spelling: JSON bytes as the module's first paragraph says."""
    return json.encode(message, order="sorted")


def decode(raw: bytes | Raw, kind: type[M], refusal_code: str = "body_malformed") -> M:
    """A message from bytes.

    Raises:
        Refusal: `refusal_code`, with the place of the fault and never the value.
    """
    try:
        return json.decode(raw, type=kind)
    # RecursionError: nesting deeper than the decoder follows is malformed too
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(refusal_code, _place(error)) from None


def decode_batch(raw: bytes) -> Batch:
    """A batch of a protocol this server speaks. Raises Refusal (`body_malformed`, `protocol_unsupported`)."""
    _check_protocol(raw)
    return decode(raw, Batch)


def decode_enrol_request(raw: bytes) -> EnrolRequest:
    """An enrolment of a protocol this server speaks. Raises Refusal (`body_malformed`, `protocol_unsupported`)."""
    _check_protocol(raw)
    return decode(raw, EnrolRequest)


def decode_body(raw: bytes | Raw) -> ResponseBody:
    """A response body, provided its bytes are the canonical ones.

    Raises:
        Refusal: `rating_out_of_range`, `response_malformed` or `response_not_canonical`.
    """
    try:
        body = decode(raw, ResponseBody, "response_malformed")
    except Refusal as refusal:
        if refusal.detail.startswith("$.answers["):
            raise Refusal("rating_out_of_range", refusal.detail) from None
        raise
    if canonical(body) != bytes(raw):
        raise Refusal("response_not_canonical")
    return body


class _Versioned(Struct):
    protocol: int


def _check_protocol(raw: bytes) -> None:
    try:
        version = json.decode(raw, type=_Versioned).protocol
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("body_malformed", _place(error)) from None
    if version != PROTOCOL:
        raise Refusal("protocol_unsupported", str(version)[:20])


def _place(error: Exception) -> str:
    # msgspec ends its sentences with " - at `$.path`"; what stands before may quote the value, which stays out of logs
    _, marker, place = str(error).partition(" - at ")
    if not isinstance(error, ValidationError):
        return "JSON"
    return place.strip("`") if marker else "$"


# -- hashes and signatures ---------------------------------------------------------------------------------------


def row_hash(*, device: str, epoch: int, seq: int, row_id: str, prev_hash: str, body: bytes | Raw) -> str:
    """SHA-256 (hex) of a row: its device, place and predecessor, then the body's bytes."""
    head = f"ikm-row-1\n{device}\n{epoch}\n{seq}\n{row_id}\n{prev_hash}\n".encode()
    return hashlib.sha256(head + bytes(body)).hexdigest()


def signing_bytes(method: str, path: str, body: bytes) -> bytes:
    """What a device signs (Ed25519) for one request: method, path and the body's digest before any compression."""
    return f"ikm-request-1\n{method}\n{path}\n{hashlib.sha256(body).hexdigest()}".encode()


def to_base64(raw: bytes) -> str:
    """Keys and signatures as text (RFC 4648, padded)."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str, refusal_code: str) -> bytes:
    """The bytes of such a text. Raises Refusal (`refusal_code`)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(refusal_code) from None


def questionnaire_message(questionnaire: Questionnaire) -> QuestionnaireMessage:
    """The message of a questionnaire."""
    return convert(_plain(questionnaire), QuestionnaireMessage)


def configuration_message(configuration: Configuration) -> ConfigurationMessage:
    """The message of a configuration."""
    plain = {**_plain(configuration), "protocol": PROTOCOL, "time_zone": configuration.time_zone.name}
    return convert(plain, ConfigurationMessage)


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = to_builtins(value, enc_hook=_plain_mapping)
    return plain


def _plain_mapping(value: object) -> dict[Any, Any]:
    # frozen mappings of the domain
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
