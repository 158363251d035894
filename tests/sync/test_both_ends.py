"""Device and server as they ship, over HTTP on SQLite: epochs, keys and files as each says and understands them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from ikm import wire
from ikm.server.carry_out import Imported, import_lines, write_receipts
from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import Ingest, now_ms
from ikm.server.keys import roll_server_key
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.machine import this_machine
from kiosk.store import Store
from sync import client as client_module
from sync import keys
from sync.carry_out import take_receipts, write_carry_out
from sync.client import Client
from sync.once import Outcome, sync_once
from sync.rolling import roll_key
from tests.support import samples
from tests.support.rounds import later_round
from tests.support.served import running


@dataclass
class Kiosk:
    """A device's folder with its store."""

    folder: Path
    store: Store

    def answer(self, count: int = 1) -> None:
        held = self.store.configuration()
        assert held is not None
        for _ in range(count):
            self.store.append(
                samples.body(
                    4, 4, 4, 4, 4, 4, 4, 4, 4,
                    clock=this_machine(self.folder).clock(), configuration=held.version, counter=held.counter,
                    questionnaire=held.questionnaire.code, service=held.services[0].code, unit=held.unit,
                )
            )  # fmt: skip

    def sync(self) -> Outcome:
        """One round of a process that has just begun."""
        identity = self.store.identity()
        assert identity is not None
        client = Client(identity, "0.1.0", self.store)
        try:
            outcome = sync_once(self.store, client, this_machine(self.folder))
        finally:
            client.close()
        assert outcome.failure is None, outcome.failure
        assert self.store.queue().pending == 0
        return outcome

    def copied(self, folder: Path) -> "Kiosk":
        """The same card once more."""
        shutil.copytree(self.folder, folder)
        return Kiosk(folder, Store.open(folder))


@dataclass
class Office:
    """A running server, and its database from beside it."""

    address: str
    store: ServerStore
    settings: Settings

    def responses(self) -> tuple[int, int]:
        """Responses accepted, and how many of them are held until somebody decides."""
        with self.store._engine.connect() as connection:
            total, held = connection.execute(text("SELECT count(*), coalesce(sum(held), 0) FROM response")).one()
        return total, held


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings.from_environment({"IKM_DATA": str(tmp_path / "server")})
    store = ServerStore.open(settings.database)
    install_example(store)
    with running(create_app(settings)) as address:
        yield Office(address, store, settings)
    store.close()


@pytest.fixture
def kiosk(office: Office, tmp_path: Path) -> Iterator[Kiosk]:
    folder = tmp_path / "kiosk"
    with Store.open(folder) as store:
        code = make_code(office.store, "dukcapil-2", now_ms()).code
        key = keys.kept_key(store)
        # the answer is lost, and asked for again
        client_module.enrol(office.address, code, key, "0.1.0")
        identity, configuration = client_module.enrol(office.address, code, keys.kept_key(store), "0.1.0")
        assert identity.server_key
        store.enrol(identity, configuration)
        yield Kiosk(folder, store)


def test_answers_arrive_and_the_receipt_is_signed_by_the_key_of_the_enrolment(kiosk, office):
    before = kiosk.store.identity()
    kiosk.answer(3)
    outcome = kiosk.sync()
    assert outcome.receipt is not None
    assert (outcome.acknowledged, outcome.receipt.standing, outcome.rejected) == (3, "active", ())
    assert keys.is_receipt_signed(before.server_key, outcome.receipt)
    assert office.responses() == (3, 0)


def test_a_server_key_that_was_rolled_is_followed_and_pinned(kiosk, office):
    kiosk.sync()
    before = kiosk.store.identity()
    new = wire.to_base64(roll_server_key(office.store, now_ms()).public_key)
    # a server that starts anew signs with it at once
    with running(create_app(office.settings)) as address:
        client = Client(replace(before, server_url=address), "0.1.0", kiosk.store)
        outcome = later_round(kiosk.store, client, this_machine(kiosk.folder))
        client.close()
    assert outcome.failure is None
    assert keys.is_receipt_signed(new, outcome.receipt)
    assert kiosk.store.identity().server_key == new != before.server_key


def test_a_device_key_that_was_rolled_signs_from_then_on(kiosk, office):
    identity = kiosk.store.identity()
    client = Client(identity, "0.1.0", kiosk.store)
    new = roll_key(kiosk.store, client)
    client.close()
    assert keys.public_key(kiosk.store.identity().private_key) == new
    kiosk.answer()
    kiosk.sync()
    assert office.responses() == (1, 0)


def test_an_old_card_goes_on_and_nothing_is_lost_doubled_or_held(kiosk, office, tmp_path):
    kiosk.answer(3)
    kiosk.sync()
    card = kiosk.copied(tmp_path / "card")
    kiosk.answer(2)
    kiosk.sync()
    card.answer(2)
    card.sync()
    assert card.store.opening(2).reason == "rollback"
    assert office.responses() == (7, 0)
    card.store.close()


def test_a_card_that_still_has_what_the_server_has_doubles_nothing(kiosk, office, tmp_path):
    kiosk.answer(3)
    card = kiosk.copied(tmp_path / "card")
    kiosk.answer(1)
    kiosk.sync()
    assert card.sync().rejected == ()
    assert office.responses() == (4, 0)
    card.store.close()


def test_a_clone_is_found_and_its_answers_are_held_until_somebody_decides(kiosk, office, tmp_path):
    kiosk.answer(2)
    kiosk.sync()
    clone = kiosk.copied(tmp_path / "clone")
    clone.answer(1)
    clone.sync()
    kiosk.answer(2)
    outcome = later(kiosk)
    assert outcome.receipt is not None
    assert outcome.receipt.standing == "forked"
    assert kiosk.store.opening(2).reason == "fork"
    # both branches are there, and neither counts after the last common row
    assert office.responses() == (5, 3)
    clone.store.close()


def later(kiosk: Kiosk) -> Outcome:
    """A round of a process that has run since before the clone."""
    identity = kiosk.store.identity()
    assert identity is not None
    client = Client(identity, "0.1.0", kiosk.store)
    outcome = later_round(kiosk.store, client, this_machine(kiosk.folder))
    client.close()
    assert outcome.failure is None, outcome.failure
    return outcome


def test_answers_on_a_stick_are_taken_in_and_their_receipts_taken_back(kiosk, office, tmp_path):
    kiosk.answer(201)
    out = write_carry_out(kiosk.store, tmp_path, now_ms())
    for _ in range(2):
        with out.path.open("rb") as file:
            found = list(import_lines(Ingest(office.store), file))
        assert all(isinstance(line, Imported) for line in found), found
    back = write_receipts([line.receipt for line in found], out.path)
    taken = take_receipts(kiosk.store, back)
    assert (out.batches, taken.receipts, taken.acknowledged) == (2, 2, 201)
    assert kiosk.store.queue().pending == 0
    assert office.responses() == (201, 0)
