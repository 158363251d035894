"""On PostgreSQL everybody takes the locks of cells in one order, so no two can wait for each other."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import make_url

from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.rows import CELL_TABLES
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
