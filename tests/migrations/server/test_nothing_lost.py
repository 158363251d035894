"""0003 leaves what was counted where it was counted, and gives devices their history."""

from datetime import date

import pytest
from sqlalchemy import text

from ikm.server.store import Store
from ikm.server.store.engine import writing
from ikm.wire import canonical
from tests.migrations.server.test_products import DEVICE, HELD, fill, hold
from tests.support.samples import body

HEADS = ((1, 7), (3, 2))


@pytest.fixture
def old(at_revision):
    engine = at_revision("0002")
    with writing(engine) as connection:
        fill(connection)
        hold(connection, 99, ("dukcapil", "ktp", "q1", date(1970, 1, 1)), "partial", canonical(body(1)))
        connection.execute(text("UPDATE response SET wall_ms = -5 WHERE seq = 99"))
        connection.execute(
            text(
                "INSERT INTO node VALUES ('kab', 'regency', NULL, 1, 'K', '{}'), ('l', 'counter', 'kab', 1, 'L', '{}')"
            )
        )
        new = text(
            "INSERT INTO device (id, counter, public_key, enrolled_ms, revoked_ms) VALUES (:id, 'l', :key, 5, :at)"
        )
        connection.execute(new, {"id": DEVICE, "key": b"k" * 32, "at": None})
        connection.execute(new, {"id": DEVICE[:-1] + "2", "key": b"q" * 32, "at": 9})
        for epoch, seq in HEADS:
            head = text("INSERT INTO head VALUES (:id, :epoch, :seq, :hash)")
            connection.execute(head, {"id": DEVICE, "epoch": epoch, "seq": seq, "hash": bytes(32)})
        tallies = connection.execute(text("SELECT * FROM tally")).all()
    return engine, tallies


def test_old_responses_count_as_they_did_by_the_clock_of_their_device(old, at_revision):
    engine, tallies = old
    at_revision("0003")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT wall_ms, occurred_ms, clock, held FROM response ORDER BY seq")).all()
        assert connection.execute(text("SELECT * FROM tally")).all() == tallies
    assert [tuple(row) for row in kept] == [(1793500000000, 1793500000000, "device", False)] * len(HELD) + [
        (-5, -5, "device", False)
    ]


def test_devices_get_their_first_key_and_their_newest_epoch(old, at_revision, database):
    engine, _ = old
    at_revision("0003")
    with engine.connect() as connection:
        devices = connection.execute(
            text("SELECT latest_epoch, disputed, revoked_ms, revoked_epoch, revoked_after_seq FROM device ORDER BY id")
        ).all()
        keys = connection.execute(text("SELECT number, public_key, since_ms FROM device_key ORDER BY device")).all()
    assert [tuple(row) for row in devices] == [(3, False, None, None, None), (1, False, 9, None, None)]
    assert [(row[0], bytes(row[1]), row[2]) for row in keys] == [(1, b"k" * 32, 5), (1, b"q" * 32, 5)]
    Store.open(database).close()
