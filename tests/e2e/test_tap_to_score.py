"""From a finger on the window to the index on the server, in one process: every part real, none called directly."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

import pytest
import requests

from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import now_ms
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.loop import KivyScheduler
from kiosk.machine import this_machine
from kiosk.shell import Shell
from kiosk.store import Store
from sync.client import Client, enrol
from sync.keys import new_private_key
from sync.worker import Worker
from tests.support.served import running
from tests.support.stage import Stage


@dataclass
class Way:
    """The whole way: a window to tap, the device's store, and the address of the server."""

    stage: Stage
    shell: Shell
    store: Store
    server: str

    def until(self, condition: Callable[[], bool], timeout_s: float = 30) -> None:
        """Let the window live until something is so."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.shell.model.screen
            self.stage.frames(1)
            time.sleep(0.005)

    def tap(self, name: str) -> None:
        """Tap a target once the window hears taps, and wait for what comes."""
        self.until(lambda: self.shell.model.accepts and name in self.stage.app.targets())
        before = self.shell.model.place
        self.stage.tap(name)
        self.until(lambda: self.shell.model.place != before)

    def visit(self, *ratings: int) -> None:
        self.tap("start")
        for rating in ratings:
            self.tap(f"rating-{rating}")
            if rating <= 2:
                self.tap("skip")
        # the profile, then the comment
        self.tap("done")
        self.tap("done")
        self.until(lambda: self.shell.model.screen == "thanks")
        # thanked only for what is on the medium
        kept = self.store.queue().stored
        self.tap("done")
        assert kept == self.store.queue().stored

    def index(self) -> dict[str, object]:
        answer = requests.get(f"{self.server}/api/v1/units/dukcapil/index", timeout=10)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a running server with the sample regency, and a code for its counter with one service."""
    environment = {"IKM_DATA": str(tmp_path / "server")}
    if request.param == "postgres":
        environment["IKM_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    settings = Settings.from_environment(environment)
    store = ServerStore.open(settings.database)
    install_example(store)
    code = make_code(store, "dukcapil-2", now_ms()).code
    store.close()
    with running(create_app(settings)) as address:
        yield address, code


@pytest.fixture
def way(stage: Stage, server: tuple[str, str], tmp_path: Path) -> Iterator[Way]:
    address, code = server
    identity, configuration = enrol(address, code, new_private_key(), "0.1.0")
    with Store.open(tmp_path / "kiosk") as store:
        store.enrol(identity, configuration)
        machine = this_machine(tmp_path / "kiosk")
        worker = Worker(store, Client(identity, "0.1.0"), machine, interval_s=1, random=SystemRandom())
        shell = Shell(store, worker, machine, scheduler=KivyScheduler(), show=stage.app.show)
        stage.heard = shell.tap
        stage.felt = shell.touched
        shell.start()
        worker.start()
        try:
            yield Way(stage, shell, store, address)
        finally:
            shell.stop()
            worker.stop()


# the PostgreSQL server starts only for the variant that asks for it, so the mark cannot come from the fixture's name
@pytest.mark.postgres
def test_what_citizens_tap_is_what_the_server_scores(way):
    way.visit(4, 4, 4, 4, 4, 4, 4, 4, 4)
    way.visit(1, 2, 3, 4, 1, 2, 3, 4, 1)
    way.until(lambda: way.store.queue().pending == 0)
    found = way.index()
    # asked in the form's order: facilities before complaints
    sums = {"REQ": 5, "PROC": 6, "TIME": 7, "COST": 8, "PROD": 5, "COMP": 6, "BEHV": 7, "FACI": 8, "CMPL": 5}
    assert {element["code"]: (element["n"], element["sum"]) for element in found["elements"]} == {
        code: (2, total) for code, total in sums.items()
    }
    # 57 points in 18 answers, times 25
    assert (found["n"], found["index"], found["index_exact"], found["grade"]) == (2, "79.17", "475/6", "B")
