"""Cells on PostgreSQL: everybody takes their locks in one order, and however many they are, they arrive."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import make_url

from ikm.domain.period import Period, TimeZone
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.cells import cells
from ikm.server.store.rows import CELL_TABLES
from ikm.server.store.writer import writer_of
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body

NAMES = [table.name for table in CELL_TABLES]


@pytest.fixture
def store(sample_postgres_url):
    store = Store.open(make_url(sample_postgres_url))
    yield store
    store.close()


def wait_for_one_that_waits(connection: psycopg.Connection) -> None:
    for _ in range(2000):
        waits = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone()
        if waits and waits[0]:
            return
        time.sleep(0.005)
    raise TimeoutError("nobody waits")


def is_taken(connection: psycopg.Connection, name: str) -> bool:
    """Whether somebody holds a row of that table."""
    free = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {name} FOR UPDATE SKIP LOCKED) AS free").fetchone()
    every = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return free != every


@pytest.mark.parametrize("ratings", [(4,) * 9, (4, 3)], ids=["complete", "partial"])
def test_cells_are_locked_table_by_table(store, sample_postgres_url, ratings):
    device, ingest = KioskDevice.enrolled(store), Ingest(store, lambda: NOW_MS)
    ingest.accept(device.call(device.add(body(), body(4, 3))))
    address = sample_postgres_url.replace("+psycopg", "")
    # a part of which nothing is complete has no products, and must not let the others out of their turn
    asked_for = [name for name in NAMES if len(ratings) == 9 or name != "tally_product"]
    with (
        psycopg.connect(address, autocommit=True) as looker,
        psycopg.connect(address) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        for place, name in enumerate(asked_for):
            holder.execute(f"SELECT 1 FROM {name} FOR UPDATE")
            sent = pool.submit(ingest.accept, device.call(device.add(body(*ratings))))
            wait_for_one_that_waits(looker)
            taken = [other for other in asked_for if other != name and is_taken(looker, other)]
            holder.rollback()
            assert sent.result(30).head_seq == len(device.rows)
            assert taken == asked_for[:place]
    assert store.differences() == []


def test_megabytes_of_cells_are_stored_at_once(store):
    days = [date(2020, 1, 1) + timedelta(number) for number in range(2500)]
    many = [SimpleNamespace(body=body(), local_date=day, occurred_ms=NOW_MS, clock="exact") for day in days]
    found = cells(many, lambda _: TimeZone.WIB)

    def write(connection):
        writer_of(connection).end(connection, [], found, [])

    # a driver that waits for what the database never sends is a failure, not a suite without end
    writing = threading.Thread(target=store._write, args=[write], daemon=True)
    writing.start()
    writing.join(60)
    assert not writing.is_alive()
    assert sum(cell.tally.responses for cell in store.cells(Period(days[0], days[-1] + timedelta(1)))) == 2500
