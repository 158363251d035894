"""The application over a real store: the sample regency, one enrolled device, and the responses a test names."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.domain.response import Response
from ikm.server.settings import Settings
from ikm.server.store.delivery import Accepted, Delivery
from tests.support.sample_database import sample_store
from tests.support.samples import DEVICE, batch, body, chain

NOON_MS = int(datetime(2026, 11, 5, 12, tzinfo=UTC).timestamp() * 1000)
NAMES = ("answers", "profile", "service", "status")


def settings(folder: Path, *responses: Response) -> Settings:
    """The settings of a server whose database holds those responses of dukcapil, given on 5 November 2026."""
    found = Settings(URL.create("sqlite", database=str(folder / "ikm.db")))
    store = sample_store(folder / "ikm.db")
    code = hashlib.sha256(b"code").digest()
    store.add_enrolment_code(code, "dukcapil-1", NOON_MS, NOON_MS - 1)
    store.enrol(code, DEVICE, bytes(32), NOON_MS - 1)
    bodies = [body(wall_ms=NOON_MS, **{name: getattr(one, name) for name in NAMES}) for one in responses]
    rows = chain([wire.canonical(one) for one in bodies])
    day = datetime.fromtimestamp(NOON_MS / 1000, UTC).date()
    accepted = [Accepted(row, one, day, NOON_MS) for row, one in zip(rows, bodies, strict=True)]
    store.receive(Delivery(DEVICE, 1, accepted, batch([]).health, NOON_MS, TimeZone.WIB))
    store.close()
    return found
