"""Faults 45, 46, 48, 50 and 56 of the matrix: what befalls the server and its database while kiosks send.

The databases are real ones, and so is what happens to them. After each: every row that was acknowledged is there, once,
and the chain's invariant holds.
"""

import threading
from collections import Counter
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, make_url

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import parse_period
from ikm.server import tables
from ikm.server.example import install_example
from ikm.server.ingest import Ingest
from ikm.server.reports.completeness import completeness, sentence
from ikm.server.settings import Settings
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support import full_server, morning, postgres, samples
from tests.support.sample_database import sample_store
from tests.support.samples import body
from tests.support.small_disk import on_small_disk

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"


@contextmanager
def books(url):
    """The sample regency in that PostgreSQL database."""
    store = Store.open(Settings.from_environment({"IKM_DATABASE_URL": url}).database)
    try:
        install_example(store)
        yield store
    finally:
        store.close()


def assert_whole(store, rows):
    """So many responses are there, each chain is whole, and the tallies are their sum."""
    found = completeness(store, thorough=True, tallies=len(store.differences()))
    assert found.complete, sentence(found)
    assert sum(one.responses for one in found.devices) == rows
    assert sum(cell.tally.responses for cell in store.cells(parse_period("2026"))) == rows


def persistent(ingest, call):
    """What the server says in the end, and the codes with which it asked for patience before."""
    asked = []
    for _ in range(200):
        try:
            return ingest.accept(call), asked
        except Refusal as refusal:
            if refusal.code != "server_busy":
                raise
            asked.append(refusal.code)
            threading.Event().wait(0.05)
    raise AssertionError(asked)


# -- 45: the database stops, restarts, and undoes what was not its fault -------------------------------------------


@pytest.mark.postgres
def test_a_database_that_is_stopped_at_once_and_started_again_keeps_what_was_acknowledged():
    with postgres.server() as socket, postgres.database(socket) as url, books(url) as store:
        devices = [KioskDevice.enrolled(store, counter) for counter in ("dukcapil-1", "dukcapil-2")]
        ingest, acknowledged, asked = Ingest(store, lambda: NOW_MS), Counter(), Counter()
        started = threading.Barrier(len(devices) + 1)

        def send(device):
            for number in range(30):
                if number == 5:
                    started.wait(30)
                receipt, waited = persistent(ingest, device.call(device.add(body(), body())[-2:]))
                acknowledged[device.device] = receipt.head_seq
                asked.update(waited)

        threads = [threading.Thread(target=send, args=(device,)) for device in devices]
        for thread in threads:
            thread.start()
        started.wait(30)
        postgres.restart(socket)
        for thread in threads:
            thread.join()
        assert acknowledged == {device.device: 60 for device in devices}
        assert_whole(store, 120)


@pytest.mark.postgres
def test_a_deadlock_with_another_writer_is_tried_again_and_counts_once(postgres_url, codes):
    with books(postgres_url) as store:
        device = KioskDevice.enrolled(store)
        ingest = Ingest(store, lambda: NOW_MS)
        ingest.accept(device.call(device.add(body())))
        call = device.call(device.add(body())[-1:])
        receipts = []
        with _other(postgres_url) as other:
            # the other one holds the tallies, and wants the device that the ingest holds
            other.execute("SELECT 1 FROM tally FOR UPDATE")
            sender = threading.Thread(target=lambda: receipts.append(ingest.accept(call)))
            sender.start()
            _until_waiting(postgres_url)
            other.execute("SELECT 1 FROM device FOR UPDATE")
            other.rollback()
            sender.join()
        assert codes == ["40P01"]
        assert receipts[0].head_seq == 2
        assert_whole(store, 2)


@pytest.mark.postgres
def test_transactions_the_database_cannot_put_in_order_are_tried_again_and_count_once(postgres_url, codes):
    # as strict as an administrator can make it, so that writers to the same tallies undo each other
    with _other(postgres_url) as other:
        name = make_url(postgres_url).database
        other.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        other.commit()
    with books(postgres_url) as store:
        devices = [KioskDevice.enrolled(store) for _ in range(4)]
        together = threading.Barrier(len(devices))

        def send(device):
            # a server each: one alone writes one transaction at a time
            with closing(Store.open(make_url(postgres_url))) as own:
                ingest = Ingest(own, lambda: NOW_MS)
                for _ in range(6):
                    together.wait(60)
                    persistent(ingest, device.call(device.add(body())[-1:]))

        threads = [threading.Thread(target=send, args=(device,)) for device in devices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "40001" in codes
        assert set(codes) <= {"40001", "40P01"}
        assert_whole(store, 24)


@pytest.fixture
def codes(monkeypatch):
    """The states under which the database undid something, as the store hears them."""
    # the package gives a function of that name
    faults = import_module("ikm.server.store.faults")
    heard, meaning = [], faults._meaning

    def listening(error, *, lost):
        heard.append(getattr(error, "sqlstate", None))
        return meaning(error, lost=lost)

    monkeypatch.setattr(faults, "_meaning", listening)
    return heard


@contextmanager
def _other(url):
    parts = make_url(url)
    with psycopg.connect(host=parts.query["host"], user=parts.username, dbname=parts.database) as connection:
        yield connection


def _until_waiting(url):
    with _other(url) as watching:
        for _ in range(500):
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
            if watching.execute(waiting, (make_url(url).database,)).fetchone()[0]:
                return
            watching.rollback()
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


# -- 46: no room ---------------------------------------------------------------------------------------------------


@pytest.mark.whole
@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_server_without_room_says_so_acknowledges_nothing_and_goes_on_when_there_is_room(tmp_path, kind):
    found = full_server.told(on_small_disk(tmp_path / "disk", full_server.KIB, full_server.__name__, kind,
                                           str(tmp_path / "disk")))  # fmt: skip
    assert (found["status"], found["code"]) == (507, "storage_full"), found
    assert found["acknowledged"] > 0
    # read while there is no room: what was acknowledged, and not a row more
    assert found["there_when_full"] == found["acknowledged"]
    assert found["after"] == found["acknowledged_in_the_end"] > found["acknowledged"]
    assert found["whole"]


# -- 48: everybody at once -----------------------------------------------------------------------------------------


@pytest.mark.whole
def test_five_hundred_devices_that_wake_at_once_are_all_served(tmp_path):
    found = morning.played(tmp_path, devices=500, rows=2)
    # nobody met an error of ours; whoever was sent away was told so, and came in with the next waves of the back-off
    assert set(found.statuses) <= {200, 429, 503}, found.statuses
    assert found.acknowledged == found.there == found.ids == 1_000
    # the first second after a failed start brings a fifth of them, not all
    assert found.busiest_second < 200


# -- 50: the protocols ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
def test_requests_as_devices_of_each_version_wrote_them_are_counted(tmp_path, version):
    store = sample_store(tmp_path / "ikm.db")
    # a server of that time asked these questions, and has them still
    store.put_questionnaire(samples.version(f"skm-14-2017-v{version}"))
    ingest, device = Ingest(store, lambda: NOW_MS), _golden_device(store)
    raw = _golden(version, "batch")
    batch = wire.decode(raw, wire.Batch)
    for _ in range(2):
        receipt = ingest.accept(device.signed(raw))
        assert receipt.protocol == batch.protocol == version
        assert (receipt.head_seq, receipt.head_hash) == (batch.rows[-1].seq, batch.rows[-1].hash)
        assert receipt.rejected == []
    assert_whole(store, len(batch.rows))
    beat = ingest.accept(device.signed(_golden(version, "batch-heartbeat")))
    assert (beat.protocol, beat.head_seq) == (version, len(batch.rows))
    store.close()


def test_a_request_of_a_later_protocol_is_told_so_and_stores_nothing(tmp_path):
    store = sample_store(tmp_path / "ikm.db")
    ingest, device = Ingest(store, lambda: NOW_MS), _golden_device(store)
    later = _golden(2, "batch").replace(b'"protocol":2', b'"protocol":3')
    with pytest.raises(Refusal) as caught:
        ingest.accept(device.signed(later))
    assert caught.value.code == "protocol_unsupported"
    assert wire.problem_of(caught.value).status == 426
    assert_whole(store, 0)
    store.close()


def _golden(version, name):
    return (GOLDEN / f"v{version}" / f"{name}.json").read_bytes().removesuffix(b"\n")


def _golden_device(store):
    """A device under the id of the golden files."""
    batch = wire.decode(_golden(1, "batch"), wire.Batch)
    device = KioskDevice(batch.device, "dukcapil-1", Ed25519PrivateKey.generate())
    public = device.key.public_key().public_bytes_raw()
    with store._engine.begin() as connection:
        connection.execute(
            insert(tables.device).values(
                id=device.device, counter=device.counter, public_key=public, enrolled_ms=NOW_MS
            )
        )
    return device


# -- 56: figures while answers come in -----------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_figures_read_while_answers_come_in_are_those_of_one_moment(tmp_path, kind, request):
    environment = {"IKM_DATA": str(tmp_path)}
    if kind == "postgres":
        environment = {"IKM_DATABASE_URL": request.getfixturevalue("postgres_url")}
    store = Store.open(Settings.from_environment(environment).database)
    install_example(store)
    device = KioskDevice.enrolled(store)
    ingest, over, read = Ingest(store, lambda: NOW_MS), threading.Event(), []

    def send():
        # each batch brings one citizen for each rating: in whole batches the means never move
        for _ in range(40):
            ingest.accept(device.call(device.add(*(body(*(rating,) * 9) for rating in (1, 2, 3, 4)))[-4:]))
        over.set()

    sender = threading.Thread(target=send)
    sender.start()
    while not over.is_set():
        read.append(store.cells(parse_period("2026")))
    sender.join()
    read.append(store.cells(parse_period("2026")))
    counts = [sum(cell.tally.responses for cell in cells) for cells in read]
    assert counts[-1] == 160
    # something was seen on the way
    assert len(set(counts)) > 3
    assert all(sooner <= later for sooner, later in pairwise(counts))
    for cells in read:
        for cell in cells:
            assert cell.tally.responses % 4 == 0
            for counts in cell.tally.counts.values():
                assert set(counts) == {cell.tally.responses // 4}
    store.close()
