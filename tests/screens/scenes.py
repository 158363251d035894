"""Every screen at its fullest, as models."""

from dataclasses import replace

from ikm.domain.configuration import Configuration, Service
from kiosk.interview import home
from kiosk.model import Fault, Model, Screen, Session
from tests.support.samples import CODES, configuration

LONG_SERVICES = tuple(
    Service(f"s{number}", {"id": name})
    for number, name in enumerate(
        (
            "KTP elektronik", "Kartu Keluarga", "Akta kelahiran", "Akta perkawinan dan pencatatan pengesahan anak",
            "Surat keterangan pindah datang antarkabupaten", "Kartu identitas anak", "Legalisasi dokumen",
        )
    )
)  # fmt: skip


def scenes(held: Configuration | None = None, language: str = "id") -> dict[str, Model]:
    """Models by name."""
    held = held or configuration()
    base = replace(home(held, 0), seen_ms=1_000, language=language)
    several = replace(base, configuration=replace(held, services=LONG_SERVICES))
    answers = dict.fromkeys(CODES, 2)
    made = {
        "attract": base,
        "service": replace(several, screen=Screen.SERVICE, session=Session(0, 0, -1)),
        "service-page-2": replace(several, screen=Screen.SERVICE, session=Session(0, 0, -1, page=1)),
        "profile": replace(
            base, screen=Screen.PROFILE, session=Session(0, 0, 9, "ktp", answers=answers, profile={"education": "SMP"})
        ),
        "idle": replace(base, screen=Screen.IDLE, session=Session(0, 0, 3, "ktp", answers=answers)),
        "saving": replace(base, screen=Screen.SAVING),
        "thanks": replace(base, screen=Screen.THANKS),
    }
    for fault in Fault:
        made[f"out-of-service-{fault}"] = replace(base, screen=Screen.OUT_OF_SERVICE, fault=fault)
    for step in range(9):
        made[f"question-{step + 1}"] = replace(
            base, screen=Screen.QUESTION, session=Session(0, 0, step, "ktp", answers=answers)
        )
    return made
