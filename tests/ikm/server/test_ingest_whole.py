from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikm.domain.period import Period
from ikm.domain.tally import Tally, tally_of
from ikm.server import tables
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, code_of, counted, stored
from tests.support.samples import body, response

# -- tallies, several writers, crashes -------------------------------------------------------------------------------

SOME = st.lists(st.integers(1, 4), min_size=1, max_size=8)
ALL = st.lists(st.integers(1, 4), min_size=9, max_size=9)
RATINGS = SOME | ALL
ALWAYS = Period(date(2026, 1, 1), date(2028, 1, 1))
MOMENTS = st.integers(1_780_000_000_000, 1_800_000_000_000)
BATCHES = st.lists(
    st.lists(st.tuples(RATINGS, MOMENTS, st.sampled_from(["ktp", "kk"])), min_size=1, max_size=5),
    min_size=1,
    max_size=4,
)


@given(BATCHES, st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tallies_are_what_the_responses_add_up_to_after_any_batches(store, batches, data):
    ingest, device, sent = Ingest(store, lambda: NOW_MS), KioskDevice.enrolled(store), []
    before = counted(store, ALWAYS)
    for drawn in batches:
        sent += [response(*ratings, service=service) for ratings, _, service in drawn]
        rows = device.add(*(body(*ratings, wall_ms=at, service=service) for ratings, at, service in drawn))
        start = data.draw(st.integers(0, len(device.rows) - len(rows)))
        ingest.accept(device.call(device.rows[start:]))
    assert store.differences() == []
    # the store is one for all examples, so what this one added is told apart from what was there
    added = {cell: tally.subtract(before.get(cell, Tally())) for cell, tally in counted(store, ALWAYS).items()}
    for service in ("ktp", "kk"):
        wanted = tally_of(one for one in sent if one.service == service)
        assert added.get(("dukcapil", service), Tally()) == wanted


def test_one_batch_sent_by_many_at_once_is_counted_once(store, ingest, device):
    call = device.call(device.add(*(body() for _ in range(20))))
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(ingest.accept, [call] * 8))
    assert receipts == [receipts[0]] * 8
    assert counted(store)["dukcapil", "ktp"].responses == 20
    assert store.differences() == []


def test_devices_of_one_unit_sending_at_once_lose_no_count(store, ingest):
    devices = [KioskDevice.enrolled(store) for _ in range(4)]

    def send(device: KioskDevice) -> int:
        for number in range(5):
            services = ("ktp", "kk") if number % 2 else ("kk", "ktp")
            receipt = ingest.accept(
                device.call(
                    device.add(
                        *(body(*(1 + (number + place) % 4 for place in range(9)), service=name) for name in services)
                    )
                )
            )
        return receipt.head_seq

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, devices)) == [10] * 4
    assert sum(tally.responses for tally in counted(store).values()) == 40
    assert store.differences() == []


def test_a_tally_that_was_tampered_with_is_found(store, ingest, device):
    ingest.accept(device.call(device.add(body(*(3,) * 9))))
    with store._engine.begin() as connection:
        connection.execute(
            tables.tally_rating.update().where(tables.tally_rating.c.question == "TIME").values(rating_4=1)
        )
    found = store.differences()
    assert {difference.cell.grain for difference in found} == {"day", "month"}
    assert found[0].kept.counts["TIME"] == (0, 0, 1, 1)
    assert found[0].counted.counts["TIME"] == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "totals",
    [
        [3] * 9 + [9] * 44 + [10],
        [4] + [3] * 8 + [9] * 45,
        [3] * 9 + [9] * 44,
        [3] * 9 + [9] * 45 + [0],
        [-3] * 9 + [9] * 45,
        [],
    ],
    ids=["another product", "another sum", "one short", "one too many", "below zero", "none"],
)
def test_sums_and_products_changed_behind_its_back_are_found(store, ingest, device, totals):
    ingest.accept(device.call(device.add(body(*(3,) * 9))))
    with store._engine.begin() as connection:
        kept = tables.tally_product
        changed = kept.update().where(kept.c.grain == "month").values(totals=totals)
        assert connection.execute(changed).rowcount == 1
    [found] = store.differences()
    assert found.cell.grain == "month"
    assert (found.kept.responses, found.kept.counts) == (found.counted.responses, found.counted.counts)
    assert (found.kept.sums, found.kept.products) != (found.counted.sums, found.counted.products)


def test_sums_and_products_of_a_cell_that_is_gone_are_found(store, ingest, device):
    ingest.accept(device.call(device.add(body(*(3,) * 9))))
    with store._engine.begin() as connection:
        for table in (tables.response, tables.tally, tables.tally_rating):
            connection.execute(table.delete())
    found = store.differences()
    # of the day, of the month, and of the month of the whole unit
    assert [(difference.kept.product("TIME", "TIME"), difference.counted) for difference in found] == [(9, Tally())] * 3


def test_a_cell_without_complete_responses_keeps_no_sums_and_products(store, ingest, device):
    ingest.accept(device.call(device.add(body(3, 2))))
    assert (stored(store)["tally"], stored(store)["tally_product"]) == (2, 0)
    ingest.accept(device.call(device.add(body(*(2,) * 9), body(4))))
    assert stored(store)["tally_product"] == 2
    assert counted(store)["dukcapil", "ktp"].product("TIME", "COST") == 4
    assert store.differences() == []


def test_a_full_disk_is_told_and_leaves_nothing(sqlite_store):
    store, device = sqlite_store, KioskDevice.enrolled(sqlite_store)
    ingest = Ingest(store)
    rows = device.add(*(body() for _ in range(100)))
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    store.close()
    from sqlalchemy import event

    event.listen(store._engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}"))
    assert code_of(ingest, device.call(rows)) == "storage_full"
    assert stored(store) == NOTHING


def test_a_locked_database_is_a_busy_server(sqlite_store, monkeypatch):
    from ikm import sqlite

    monkeypatch.setitem(sqlite._PRAGMAS, "busy_timeout", 50)
    device = KioskDevice.enrolled(sqlite_store)
    call = device.call(device.add(body()))
    path = sqlite_store._engine.url
    impatient = Store.open(path)
    ingest = Ingest(impatient)
    with sqlite.writing(sqlite_store._engine):
        assert code_of(ingest, call) == "server_busy"
    assert ingest.accept(call).head_seq == 1
    impatient.close()
