"""Faults 30, 51, 52 and 55 of the matrix: what befalls devices, with both ends as they ship."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, delete

from ikm import wire
from ikm.server import tables
from ikm.server.enrol import make_code
from ikm.server.keys import roll_server_key
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.store import Store
from sync.failure import Cause
from sync.standing import STANDINGS
from sync.worker import Worker
from tests.support.salvaging import assert_chains, stored_ids
from tests.support.sample_database import sample_store
from tests.support.served import running
from tests.support.whole_device import now_ms, whole_device
from tests.torture import outage


@dataclass
class Office:
    """A running server, and its books."""

    address: str
    store: ServerStore
    folder: Path

    def code(self):
        return make_code(self.store, "dukcapil-2", now_ms()).code


def opened(folder):
    return ServerStore.open(URL.create("sqlite", database=str(folder / "ikm.db")))


@pytest.fixture
def office(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    store = sample_store(folder / "ikm.db")
    with running(create_app(Settings(database=store._engine.url))) as address:
        yield Office(address, store, folder)
    store.close()


# -- 30 ------------------------------------------------------------------------------------------------------------


@pytest.mark.whole
@pytest.mark.long
# another process, the server's own, checks the code that is made here
@pytest.mark.usefixtures("dear_hashes")
def test_the_answers_of_sixty_days_drain_in_order_while_citizens_go_on():
    # `make torture` does it with 50,000
    [result] = outage.run(2_000)
    assert result.good, result
    assert result.cases > 2_000


# -- 51 ------------------------------------------------------------------------------------------------------------


def test_rows_a_revoked_device_still_has_count_up_to_the_limit_and_are_kept_aside_after_it(office, tmp_path):
    with whole_device(tmp_path / "kiosk", office.address, office.code()) as device:
        device.answer(2)
        assert device.round().failure is None
        device.answer(5)
        assert office.store.revoke(device.store.identity().device, now_ms(), after=(1, 4), who="Sari", reason="hilang")
        outcome = device.round()
        assert outcome.failure is None
        assert outcome.rejected == ((1, 5), (1, 6), (1, 7))
        assert device.store.queue().pending == 0
        # and the kiosk has the words for it
        assert outcome.receipt.standing == "revoked"
        assert STANDINGS[outcome.receipt.standing].startswith("Perangkat ini sudah dicabut")
    assert [(row.seq, row.code) for row in office.store.quarantined()] == [(n, "device_revoked") for n in (5, 6, 7)]
    assert [row.responses for row in office.store.epoch_counts()] == [4]


def test_a_kiosks_own_sync_tells_its_window_that_it_is_revoked(office, tmp_path):
    with whole_device(tmp_path / "kiosk", office.address, office.code()) as device:
        office.store.revoke(device.store.identity().device, now_ms())
        client = device.client()
        heard = []
        worker = Worker(device.store, client, device.machine, interval_s=60, random=None, report=heard.append)
        worker.round()
        client.close()
    assert heard[-1].standing == "revoked"


# -- 52 ------------------------------------------------------------------------------------------------------------


def test_a_key_handed_over_is_followed_and_a_foreign_servers_is_refused_though_it_has_all_the_data(office, tmp_path):
    with whole_device(tmp_path / "kiosk", office.address, office.code()) as device:
        device.answer(3)
        assert device.round().failure is None
        for _ in range(2):
            newest = roll_server_key(office.store, now_ms())
        with running(create_app(Settings(database=office.store._engine.url))) as again:
            assert device.round(again).failure is None
        assert device.store.identity().server_key == wire.to_base64(newest.public_key)
        # somebody has a copy of everything but the key
        foreign = tmp_path / "foreign"
        shutil.copytree(office.folder, foreign)
        copy = opened(foreign)
        with copy._engine.begin() as connection:
            connection.execute(delete(tables.server_key))
        copy.close()
        device.answer(2)
        opened(foreign).close()
        with running(create_app(Settings(database=URL.create("sqlite", database=str(foreign / "ikm.db"))))) as other:
            failure = device.round(other).failure
        assert failure is not None
        assert failure.cause is Cause.NOT_OUR_SERVER
        assert device.store.queue().pending == 2
        assert device.store.identity().server_key == wire.to_base64(newest.public_key)
        with running(create_app(Settings(database=office.store._engine.url))) as again:
            assert device.round(again).failure is None
        assert device.store.queue().pending == 0


# -- 55 ------------------------------------------------------------------------------------------------------------


@pytest.mark.whole
def test_a_kiosk_that_runs_out_of_memory_has_kept_all_it_said_it_kept(office, tmp_path):
    folder = tmp_path / "kiosk"
    with whole_device(folder, office.address, office.code()):
        pass
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.starved", str(folder)], capture_output=True, text=True, timeout=120,
        check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    # it did end for want of memory, in the middle of its work
    assert done.returncode in (3, 4, -6, -9, -11), done.stderr[-500:]
    acknowledged = done.stdout.split()
    assert len(acknowledged) > 5, done.stderr[-500:]
    with Store.open(folder) as store:
        kept = stored_ids(store)
        assert_chains(store)
    assert kept[: len(acknowledged)] == acknowledged
    # at most the one that was under way when memory ran out
    assert len(kept) - len(acknowledged) <= 1
