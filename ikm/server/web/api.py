"""What programs call: devices send and fetch, anyone reads a unit's index, a monitor asks how the server is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter, RawBody, SkipValidation

from ikm import __version__, wire
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.domain.period import PeriodKind, parse_period, period_of
from ikm.domain.score import ElementScore, round_half_up
from ikm.server.enrol import Enrolment
from ikm.server.ingest import Call, Ingest, uncompressed
from ikm.server.keys import server_keys
from ikm.server.reports.figures import UnitFigures, unit_figures
from ikm.server.rolling import roll_device_key
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault
from ikm.server.web.problems import MEDIA_TYPE

BATCHES = "/api/v1/devices/{device:str}/batches"
CONFIGURATION = "/api/v1/devices/{device:str}/configuration"
ENROLMENTS = "/api/v1/enrolments"
DEVICE_KEYS = "/api/v1/devices/{device:str}/keys"

REQUESTS = {BATCHES: wire.Batch, DEVICE_KEYS: wire.KeyRoll, ENROLMENTS: wire.EnrolRequest}
"""What is sent to an address; handlers read raw bytes, since signatures are over those."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers work with. `now_ms` is the server's clock."""

    store: Store
    ingest: Ingest
    enrolment: Enrolment
    now_ms: Callable[[], int]


class ServerHealth(wire.Message, frozen=True):
    """How the server is: `status` is 'ok' whenever it can answer this."""

    status: str
    version: str


class PeriodMessage(wire.Message, frozen=True):
    """Local dates from `start` up to but not including `end` (ISO 8601)."""

    end: str
    label: str
    start: str


class ElementMessage(wire.Message, frozen=True):
    """One element: `n` answers, `sum` in points, `mean` (NRR) rounded half-up to three decimals or null."""

    code: str
    mean: str | None
    n: int
    name: str
    number: int
    sum: int


class UnitIndex(wire.Message, frozen=True):
    """A unit's figures in a period. `index_exact` is the unrounded index as a fraction; no data is null, never zero.

    `interval` is the 95 % interval of the index, its ends to two decimals, and `grade_probabilities` how probable each
    grade is, to three; both null without an index and with a single respondent.

    `regulation` and `elements` are null and empty where there are no answers, or where questionnaires differ too much
    to be added up.
    """

    complete: int
    elements: list[ElementMessage]
    grade: str | None
    grade_label: str | None
    grade_probabilities: dict[str, str] | None
    index: str | None
    index_exact: str | None
    interval: list[str] | None
    n: int
    period: PeriodMessage
    regulation: str | None
    unit: str
    unit_name: str


class CanonicalResponse(Response[T]):
    """A message in its canonical bytes."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:  # noqa: ARG002
        """The message's canonical bytes; anything else is refused as a mistake of this program."""
        if not isinstance(content, wire.Message):
            raise TypeError(type(content).__name__)
        return wire.canonical(content)


def problems(*codes: str) -> dict[int, ResponseSpec]:
    """The documented refusals of an operation, by status, for the interface's description."""
    titles: dict[int, list[str]] = {}
    for code in (*codes, "server_busy", "internal_error"):
        titles.setdefault(PROBLEMS[code].status, []).append(f"`{code}`: {PROBLEMS[code].title}")
    return {
        status: ResponseSpec(
            wire.Problem, generate_examples=False, description="\n\n".join(lines), media_type=MEDIA_TYPE
        )
        for status, lines in titles.items()
    }


_BODY = (
    "body_malformed", "request_too_slow", "body_too_large", "content_type_unsupported", "content_encoding_unsupported",
)  # fmt: skip
_ROWS = ("batch_device_mismatch", "batch_order", "row_hash_invalid", "opening_invalid", "gap", "fork", "storage_full")

Given = NamedDependency[SkipValidation[Services]]
DeviceId = Annotated[str, PathParameter(description="Tanda pengenal perangkat (UUIDv7).")]
UnitCode = Annotated[str, PathParameter(description="Kode unit pelayanan.")]
Signature = Annotated[
    str,
    HeaderParameter(
        name=wire.SIGNATURE_HEADER,
        description="Tanda tangan Ed25519 (base64) atas cara, jalur, dan isi permintaan sebelum dimampatkan.",
    ),
]
Encoding = Annotated[str, HeaderParameter(name="Content-Encoding", description="Kosong atau gzip.")]
PeriodCode = Annotated[
    str | None,
    QueryParameter(name="period", description="2026, 2026-S1, 2026-Q4 atau 2026-11; tanpa ini semester berjalan."),
]


@post(
    BATCHES,
    status_code=200,
    sync_to_thread=True,
    summary="Kirim jawaban",
    description="Menerima baris-baris jawaban satu perangkat, tepat satu kali, seluruhnya atau tidak sama sekali.",
    responses=problems(*_BODY, "protocol_unsupported", "device_unknown", "signature_invalid", *_ROWS),
    tags=["perangkat"],
)
def take_batch(
    device: DeviceId,
    body: RawBody,
    request: Request[Any, Any, Any],
    services: Given,
    *,
    signature: Signature = "",
    encoding: Encoding = "",
) -> wire.Receipt:
    """The receipt for a batch."""
    _check_json(request)
    call = Call("POST", request.scope["path"], device, signature, body, encoding)
    return services.ingest.accept(call)


@get(
    CONFIGURATION,
    sync_to_thread=True,
    summary="Ambil konfigurasi",
    description="Konfigurasi terbaru untuk loket tempat perangkat berdiri.",
    responses=problems("device_unknown", "signature_invalid", "not_found"),
    tags=["perangkat"],
)
def give_configuration(
    device: DeviceId, request: Request[Any, Any, Any], services: Given, signature: Signature = ""
) -> wire.ConfigurationMessage:
    """The device's newest configuration."""
    return services.ingest.configuration(Call("GET", request.scope["path"], device, signature))


@post(
    ENROLMENTS,
    status_code=201,
    sync_to_thread=True,
    summary="Daftarkan perangkat",
    description="Menukar kode sekali pakai dengan tanda pengenal perangkat dan konfigurasi awalnya.",
    responses=problems(*_BODY, "protocol_unsupported", "enrolment_code_invalid", "too_many_attempts"),
    tags=["perangkat"],
)
def enrol_device(
    body: RawBody, request: Request[Any, Any, Any], services: Given, encoding: Encoding = ""
) -> wire.Enrolled:
    """What a new device needs."""
    _check_json(request)
    address = request.client.host if request.client else ""
    return services.enrolment.enrol(uncompressed(body, encoding), address, services.now_ms())


@post(
    DEVICE_KEYS,
    status_code=201,
    sync_to_thread=True,
    summary="Ganti kunci perangkat",
    description="Menerima kunci baru sebuah perangkat: diminta dengan kunci lama, dibuktikan dengan kunci baru.",
    responses=problems(*_BODY, "protocol_unsupported", "device_unknown", "signature_invalid", "key_invalid"),
    tags=["perangkat"],
)
def roll_key(
    device: DeviceId,
    body: RawBody,
    request: Request[Any, Any, Any],
    services: Given,
    *,
    signature: Signature = "",
    encoding: Encoding = "",
) -> wire.KeyRolled:
    """The yes to a device's new key."""
    _check_json(request)
    call = Call("POST", request.scope["path"], device, signature, body, encoding)
    return roll_device_key(services.store, call, services.now_ms())


@get(
    "/api/v1/server/keys",
    sync_to_thread=True,
    summary="Kunci server",
    description="Semua kunci publik yang pernah dipakai server ini, masing-masing ditandatangani kunci sebelumnya.",
    responses=problems(),
    tags=["server"],
)
def give_server_keys(services: Given) -> wire.ServerKeys:
    """The keys this server signs with, oldest first."""
    return server_keys(services.store)


@get(
    "/api/v1/units/{unit:str}/index",
    sync_to_thread=True,
    summary="Indeks unit",
    description="Indeks Kepuasan Masyarakat sebuah unit beserta nilai tiap unsur, untuk siapa saja.",
    responses=problems("not_found", "period_invalid"),
    tags=["data terbuka"],
)
def unit_index(unit: UnitCode, services: Given, period: PeriodCode = None) -> UnitIndex:
    """A unit's figures as open data."""
    store = services.store
    if period is None:
        chosen = period_of(store.time_zone(unit).local_date(services.now_ms()), PeriodKind.SEMESTER)
    else:
        chosen = parse_period(period)
    return index_message(unit_figures(store, unit, chosen))


@get("/healthz", sync_to_thread=True, summary="Keadaan server", responses=problems(), tags=["server"])
def health(services: Given) -> ServerHealth:
    """How the server is, having asked its database."""
    try:
        services.store.check()
    except DatabaseFault as fault:
        raise Refusal("server_busy", str(fault), retry_after_s=5) from fault
    return ServerHealth(status="ok", version=__version__)


def index_message(figures: UnitFigures) -> UnitIndex:
    """A unit's figures as their message."""
    score = figures.score
    band = score.band if score else None
    exact = score.index_exact if score else None
    sure = figures.result.certainty
    return UnitIndex(
        complete=figures.result.complete,
        elements=element_messages(score.elements if score else ()),
        grade=band.grade if band else None,
        grade_label=band.label if band else None,
        grade_probabilities=None if sure is None else {g: f"{p:.3f}" for g, p in sure.grade_probabilities.items()},
        index=str(score.index) if score and score.index is not None else None,
        index_exact=None if exact is None else f"{exact.numerator}/{exact.denominator}",
        interval=None if sure is None else [f"{end:.2f}" for end in sure.interval],
        n=figures.result.responses,
        period=PeriodMessage(
            start=figures.period.start.isoformat(), end=figures.period.end.isoformat(), label=str(figures.period.label)
        ),
        regulation=score.regulation.code if score else None,
        unit=figures.unit.code,
        unit_name=figures.unit.name,
    )


def element_messages(scores: Sequence[ElementScore]) -> list[ElementMessage]:
    """Elements as their messages."""
    return [
        ElementMessage(
            code=score.element.code,
            mean=None if score.mean is None else str(round_half_up(score.mean, 3)),
            n=score.answers,
            name=score.element.name,
            number=score.element.annex_number,
            sum=score.total,
        )
        for score in scores
    ]


def _check_json(request: Request[Any, Any, Any]) -> None:
    kind, parameters = request.content_type
    charset = parameters.get("charset", "utf-8").strip('"').lower()
    if kind.lower() != MediaType.JSON or charset not in ("utf-8", "utf8"):
        raise Refusal("content_type_unsupported")


def router(services: Services) -> Router:
    """All of it, over these services."""
    return Router(
        "/",
        route_handlers=[take_batch, give_configuration, enrol_device, roll_key, give_server_keys, unit_index, health],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        response_class=CanonicalResponse,
    )
