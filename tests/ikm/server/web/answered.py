"""An office whose citizens have answered: many answers over a year, on two services, counted as any are."""

import random
from datetime import date

from ikm import wire
from ikm.domain.period import TimeZone
from ikm.domain.response import Status
from ikm.server.chain import Head
from ikm.server.store import Store
from ikm.server.store.delivery import Accepted
from ikm.server.store.sowing import Bag, Furrow
from tests.support.samples import CODES, body, chain

SERVICES = ("ktp", "kk", "akta-kelahiran")
_DAY_MS = 86_400_000
_FIRST_MS = 1_767_229_200_000  # 2026-01-01T08:00 WIB


def answer(
    store: Store, unit: str, count: int, seed: int, *, counter: str = "", comment: str = "",
    questionnaire: str = "skm-14-2017-v2",
) -> list[date]:  # fmt: skip
    """Let so many citizens of a unit answer between January and October 2026; the dates they count on."""
    chance = random.Random(f"{unit}{seed}")
    device = f"01a20a2d-7c00-7000-8000-{chance.getrandbits(48):012x}"
    store.enrol_sown(device, counter or f"{unit}-1", chance.randbytes(32), _FIRST_MS)
    moments = sorted(
        _FIRST_MS + chance.randrange(290) * _DAY_MS + chance.randrange(7) * 3_600_000 for _ in range(count)
    )
    services = [service.code for service in store.services(unit)]
    bodies = []
    for moment in moments:
        ratings = [min(4, max(1, chance.choice((2, 3, 3, 4)) + chance.choice((-1, 0, 0, 1)))) for _ in CODES]
        reached = 9 if chance.random() < 0.85 else chance.randrange(1, 9)
        bodies.append(
            body(
                answers=dict(zip(CODES[:reached], ratings, strict=False)),
                status=Status.COMPLETE if reached == 9 else Status.PARTIAL,
                unit=unit, counter=counter or f"{unit}-1", service=chance.choice(services), wall_ms=moment,
                questionnaire=questionnaire,
                profile={"gender": chance.choice("LP")},
                **({"comment": comment} if comment else {}),
            )
        )  # fmt: skip
    rows = chain([wire.canonical(one) for one in bodies], device=device, salt=chance.getrandbits(16))
    days = [TimeZone.WIB.local_date(moment) for moment in moments]
    bag = [
        Furrow(Accepted(row, one, day, moment), moment + 60_000)
        for row, one, day, moment in zip(rows, bodies, days, moments, strict=True)
    ]
    store.fill(Bag(device, bag, Head(rows[-1].seq, rows[-1].hash), TimeZone.WIB))
    return days
