"""Sample values the tests share: the shipped questionnaire, responses, bodies, rows, configurations."""

from msgspec import Raw

from ikm import wire
from ikm.assets import asset
from ikm.domain.configuration import Configuration, Service
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.response import Channel, Response, Status

DEVICE = "01a20a2d-7c00-7000-8000-000000000001"
SERVER = "01a20a2d-7c00-7000-8000-0000000000ff"
BOOT = "5f0c8a58-8a53-4d3c-9f1e-1d2f3a4b5c6d"
LATER_BOOT = "6a1d9b69-9b64-4e4d-8a2f-2e3a4b5c6d7e"


def skm() -> Questionnaire:
    """The questionnaire the sample regency asks."""
    return version("skm-14-2017-v2")


def version(code: str) -> Questionnaire:
    """A questionnaire the project ships or has shipped."""
    return wire.decode(asset(f"questionnaires/{code}.json").read_bytes(), wire.QuestionnaireMessage).to_domain()


CODES = tuple(question.code for question in skm().questions)


def response(*ratings: int, **changes: object) -> Response:
    """A response with these ratings in the order asked; nine of them make it complete."""
    answers = dict(zip(CODES, ratings, strict=False))
    facts: dict[str, object] = {
        "questionnaire": "skm-14-2017-v2",
        "unit": "dukcapil",
        "service": "ktp",
        "counter": "dukcapil-1",
        "channel": Channel.KIOSK,
        "language": "id",
        "status": Status.COMPLETE if len(answers) == len(CODES) else Status.PARTIAL,
        "answers": answers,
        "profile": {},
        "duration_ms": 31_000,
    }
    return Response(**(facts | changes))  # type: ignore[arg-type]


def tapped(code: str, rating: int = 4, **changes: object) -> Response:
    """The response of somebody whom one tap asked that question."""
    return response(
        answers={code: rating}, status=Status.PARTIAL, instrument=Instrument.ONE_TAP, asked=(code,), **changes
    )


def clock(wall_ms: int = 1_793_500_000_000, **changes: object) -> wire.Clock:
    facts: dict[str, object] = {"boot_id": BOOT, "boot_ms": 5_000_000, "state": "synced", "wall_ms": wall_ms}
    return wire.Clock(**(facts | changes))  # type: ignore[arg-type]


def body(*ratings: int, wall_ms: int = 1_793_500_000_000, **changes: object) -> wire.ResponseBody:
    """The wire body of `response(*ratings)`."""
    made = response(*(ratings or (3,) * 9))
    facts: dict[str, object] = {
        name: getattr(made, name)
        for name in (
            "answers", "channel", "counter", "duration_ms", "language", "profile", "questionnaire", "service",
            "status", "unit",
        )
    }  # fmt: skip
    return wire.ResponseBody(**(facts | {"clock": clock(wall_ms), "configuration": 1} | changes))  # type: ignore[arg-type]


def row_id(seq: int, epoch: int = 1, salt: int = 0x0A2D) -> str:
    """An id for that place; another `salt` (16 bits) for another device gives another id."""
    return f"01a2{salt:04x}-7c00-7000-8{epoch:03x}-{seq:012x}"


def chain(
    bodies: list[bytes],
    *,
    device: str = DEVICE,
    epoch: int = 1,
    after: int = 0,
    prev: str = wire.GENESIS,
    salt: int = 0x0A2D,
) -> list[wire.Row]:
    """Rows with those canonical bodies, linked from `prev`, numbered from `after` + 1."""
    rows: list[wire.Row] = []
    for seq, raw in enumerate(bodies, after + 1):
        identity = row_id(seq, epoch, salt)
        digest = wire.row_hash(device=device, epoch=epoch, seq=seq, row_id=identity, prev_hash=prev, body=raw)
        rows.append(wire.Row(body=Raw(raw), hash=digest, id=identity, prev_hash=prev, seq=seq))
        prev = digest
    return rows


def batch(rows: list[wire.Row], *, device: str = DEVICE, epoch: int = 1, nonce: str = "0" * 32) -> wire.Batch:
    """Rows that are sent after the machine was started again, so that a server goes by their own wall times."""
    now = clock(boot_id=LATER_BOOT, boot_ms=60_000)
    health = wire.Health(app_version="0.1.0", clock=now, disk_free_bytes=10**9, queued=len(rows))
    return wire.Batch(
        configuration=1, device=device, epoch=epoch, health=health, nonce=nonce, protocol=wire.PROTOCOL, rows=rows
    )


def configuration(**changes: object) -> Configuration:
    facts: dict[str, object] = {
        "version": 1,
        "regency": "Kabupaten Contoh",
        "unit": "dukcapil",
        "unit_name": {"id": "Dinas Kependudukan dan Pencatatan Sipil", "en": "Population and Civil Registry Office"},
        "counter": "dukcapil-1",
        "counter_name": "Loket 1",
        "services": (Service("ktp", {"id": "KTP elektronik", "en": "Identity card"}),),
        "questionnaire": skm(),
        "languages": ("id", "en"),
        "default_language": "id",
        "time_zone": TimeZone.WIB,
        "idle_s": 20,
        "countdown_s": 10,
        "thanks_s": 6,
    }
    return Configuration(**(facts | changes))  # type: ignore[arg-type]
