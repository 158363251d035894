"""A server that is put back to what an older backup holds, with real kiosks' stores: everything comes back.

Every part is real: the stores on their files, the sync over HTTP, the server, its backups, the databases' own programs.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import URL

from ikm.domain.period import parse_period
from ikm.server.backups import make_backup
from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import now_ms
from ikm.server.keys import roll_server_key
from ikm.server.reports.completeness import completeness, sentence
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.machine import this_machine
from kiosk.store import Store
from sync.client import Client, enrol
from sync.keys import new_private_key
from sync.once import sync_once
from tests.support.samples import body, clock
from tests.support.served import running


class Kiosk:
    """A kiosk without a window: its store on its own file, and whatever server it is pointed at."""

    def __init__(self, folder: Path, address: str, code: str, counter: str) -> None:
        self.folder, self.counter = folder, counter
        identity, configuration = enrol(address, code, new_private_key(), "0.1.0")
        with Store.open(folder) as store:
            store.enrol(identity, configuration)

    def answer(self, count: int) -> None:
        with Store.open(self.folder) as store:
            for number in range(count):
                made = body(*(((number + place) % 4) + 1 for place in range(9)), counter=self.counter)
                store.append(structs.replace(made, clock=clock(now_ms())))

    def begin(self) -> None:
        """What a salvage does: another epoch after the last row."""
        with Store.open(self.folder) as store:
            stored = store.queue().stored
            store.begin_epoch("damaged", stored, stored)

    def sync(self, address: str) -> int:
        """How many rows are still pending after as many rounds as a slow day has."""
        with Store.open(self.folder) as store:
            identity = store.identity()
            assert identity is not None
            client = Client(replace(identity, server_url=address), "0.1.0", store)
            try:
                for _ in range(6):
                    outcome = sync_once(store, client, this_machine(self.folder))
                    assert outcome.failure is None, outcome.failure
                return store.queue().pending
            finally:
                client.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    environment = {"IKM_DATA": str(tmp_path / "server")}
    if request.param == "postgres":
        environment["IKM_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return Settings.from_environment(environment).database


@contextmanager
def books(database: URL) -> Iterator[ServerStore]:
    store = ServerStore.open(database)
    try:
        yield store
    finally:
        store.close()


def restore(database: URL, backup: Path) -> None:
    """What docs/operations.md tells an operator to do, with the server stopped."""
    if database.get_backend_name() == "sqlite":
        shutil.copyfile(backup, str(database.database))
        return
    address = f"host={database.query['host']} user={database.username} dbname={database.database}"
    command = ["pg_restore", "--clean", "--if-exists", "--exit-on-error", "--single-transaction", "-d", address, backup]
    subprocess.run(command, check=True, capture_output=True)


def told(database: URL) -> tuple[dict[str, int], object]:
    """How many responses each device has, and every tally there is."""
    with books(database) as store:
        found = completeness(store, thorough=True, tallies=len(store.differences()))
        assert found.complete, sentence(found)
        tallies = {(cell.unit, cell.service): cell.tally for cell in store.cells(parse_period("2026"))}
        return {one.device.id: one.responses for one in found.devices}, tallies


# the PostgreSQL server starts only for the variant that asks for it, so the mark cannot come from the fixture's name
@pytest.mark.postgres
@pytest.mark.parametrize("meanwhile", ["more answers", "another epoch"])
def test_everything_comes_back_after_an_older_backup(database, tmp_path, meanwhile):
    with books(database) as store:
        install_example(store)
        codes = {counter: make_code(store, counter, now_ms()).code for counter in ("dukcapil-1", "dukcapil-2")}
    settings = Settings(database=database)
    with running(create_app(settings)) as address:
        kiosks = [Kiosk(tmp_path / name, address, code, name) for name, code in codes.items()]
        for kiosk in kiosks:
            kiosk.answer(7)
            assert kiosk.sync(address) == 0
    backup = tmp_path / "backup"
    with books(database) as store:
        assert make_backup(store, backup, now_ms).durable == 14
    with running(create_app(settings)) as address:
        if meanwhile == "another epoch":
            kiosks[0].begin()
        for kiosk in kiosks:
            kiosk.answer(5)
            assert kiosk.sync(address) == 0
    before = told(database)
    assert sum(before[0].values()) == 24
    restore(database, backup)
    assert sum(told(database)[0].values()) == 14
    with running(create_app(settings)) as address:
        for kiosk in kiosks:
            assert kiosk.sync(address) == 0
    assert told(database) == before


@pytest.mark.postgres
def test_a_kiosk_follows_the_servers_keys_through_a_backup(database, tmp_path):
    with books(database) as store:
        install_example(store)
        code = make_code(store, "dukcapil-2", now_ms()).code
    settings = Settings(database=database)
    with running(create_app(settings)) as address:
        kiosk = Kiosk(tmp_path / "kios", address, code, "dukcapil-2")
        kiosk.answer(2)
        assert kiosk.sync(address) == 0
    with books(database) as store:
        for _ in range(3):
            roll_server_key(store, now_ms())
        make_backup(store, tmp_path / "backup", now_ms)
    kiosk.answer(2)
    with running(create_app(settings)) as address:
        assert kiosk.sync(address) == 0
    restore(database, tmp_path / "backup")
    with running(create_app(settings)) as address:
        assert kiosk.sync(address) == 0
    assert list(told(database)[0].values()) == [4]
