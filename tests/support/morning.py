"""The morning after a power cut: every kiosk of a regency asks at the same moment (fault 48)."""

import asyncio
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select

from ikm.server import tables
from ikm.server.ingest import Call
from ikm.server.settings import Settings
from ikm.server.store import Store
from sync import backoff
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.free_port import free_port
from tests.support.killing import serving
from tests.support.samples import body

_WAVES = 20
_LONGEST_S = 60


@dataclass
class Found:
    """What the devices heard, what the server has, and how many of the devices come back in the busiest second."""

    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: int = 0
    there: int = 0
    ids: int = 0
    busiest_second: int = 0


def played(folder: Path, devices: int, rows: int) -> Found:
    """So many devices with so many rows each, all at once; those sent away come again, as the back-off says."""
    found, port = Found(), free_port()
    with serving(folder, port):
        store = Store.open(Settings.from_environment({"IKM_DATA": str(folder / "server")}).database)
        try:
            calls = [
                (device, device.call(device.add(*(body() for _ in range(rows))))) for device in _fleet(store, devices)
            ]
            waiting = [call for _, call in calls]
            for _ in range(_WAVES):
                # a thread of its own: a browser of another test keeps this one's event loop
                with ThreadPoolExecutor(1) as aside:
                    waiting = aside.submit(asyncio.run, _wave(port, waiting, found, rows)).result()
                if not waiting:
                    break
            with store._engine.connect() as connection:
                c = tables.response.c.id
                found.there, found.ids = connection.execute(select(func.count(c), func.count(c.distinct()))).one()
        finally:
            store.close()
    found.busiest_second = max(
        Counter(int(backoff.delay_s(1, random.Random(seed))) for seed in range(devices)).values()
    )
    return found


def _fleet(store: Store, count: int) -> list[KioskDevice]:
    """Enrolled devices, written down at once: to enrol so many is not what is tried here."""
    fleet = []
    for number in range(count):
        name = f"01a2{number:04x}-7c00-7000-8000-{number:012x}"
        fleet.append(KioskDevice(name, "dukcapil-1", Ed25519PrivateKey.generate()))
    with store._engine.begin() as connection:
        connection.execute(
            insert(tables.device),
            [
                {"id": one.device, "counter": one.counter, "public_key": one.key.public_key().public_bytes_raw(),
                 "enrolled_ms": NOW_MS}
                for one in fleet
            ],
        )  # fmt: skip
    return fleet


async def _wave(port: int, calls: list[Call], found: Found, rows: int) -> list[Call]:
    """The calls that have to come again. All lines are there before the first request is made."""
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in calls))
    answers = await asyncio.gather(*(_asked(*line, call) for line, call in zip(lines, calls, strict=True)))
    found.statuses.update(answers)
    found.acknowledged += rows * answers.count(200)
    return [call for call, status in zip(calls, answers, strict=True) if status != 200]


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call) -> int:
    head = (
        f"POST {call.path} HTTP/1.1\r\nHost: ikm\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Ikm-Signature: {call.signature}\r\nContent-Length: {len(call.body)}\r\n\r\n"
    )
    writer.write(head.encode() + call.body)
    answer = await asyncio.wait_for(reader.read(), _LONGEST_S)
    writer.close()
    return int(answer.split(b" ", 2)[1])
