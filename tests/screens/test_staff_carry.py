"""Answers leave on a stick and their receipts come back, by an officer's finger, over real store and server."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL

from ikm.server.carry_out import Imported, import_lines, write_receipts
from ikm.server.ingest import Ingest
from ikm.server.store import Store as ServerStore
from kiosk.admin.model import Page
from tests.screens.test_staff import Counter, say_address, server
from tests.support.samples import body
from tests.support.stage import Stage

__all__ = ["server"]

ROWS = 5


@pytest.fixture
def stick(tmp_path) -> Path:
    folder = tmp_path / "KINGSTON"
    folder.mkdir()
    return folder


@pytest.fixture
def counter(stage: Stage, tmp_path, stick):
    made = Counter(stage, tmp_path / "device", stick)
    yield made
    made.staff.stop()
    made.store.close()


def enrolled_and_at_the_menu(counter: Counter, address: str, code: str) -> None:
    say_address(counter, address)
    counter.type(code.replace("-", ""))
    counter.tap("done")
    counter.until(lambda: counter.page is Page.NEW_PIN)
    for _ in range(2):
        counter.type("8305")
        counter.tap("done")
    counter.until(lambda: counter.page is Page.READY)
    counter.tap("done")
    counter.staff.open()
    counter.until(lambda: counter.page is Page.PIN)
    counter.type("8305")
    counter.tap("done")
    counter.until(lambda: counter.page is Page.MENU)


def imported(database: Path, file: Path) -> None:
    """What the organisation's people do with the stick."""
    office = ServerStore.open(URL.create("sqlite", database=str(database)))
    with closing(office), file.open("rb") as stream:
        taken = [line for line in import_lines(Ingest(office), stream) if isinstance(line, Imported)]
    assert sum(line.rows for line in taken) == ROWS
    write_receipts([line.receipt for line in taken], file)


def test_answers_go_out_on_a_stick_and_their_receipts_come_back(counter, server, tmp_path, stick):
    enrolled_and_at_the_menu(counter, *server)
    for _ in range(ROWS):
        counter.store.append(body())
    counter.tap("carry")
    counter.until(lambda: bool(counter.staff.model.sticks) and counter.staff.model.facts.pending == ROWS)
    assert set(counter.stage.app.targets()) >= {"carry-0", "again", "back"}
    counter.tap("carry-0")
    counter.until(lambda: not counter.staff.model.carrying)
    [file] = stick.glob("*.jsonl")
    assert counter.read().startswith(f"{ROWS} jawaban ditulis ke USB {stick.name}.")
    # nothing is believed until the receipts are here
    assert counter.store.queue().pending == ROWS

    imported(tmp_path / "ikm.db", file)
    counter.tap("again")
    counter.until(lambda: bool(counter.staff.model.sticks and counter.staff.model.sticks[0].receipts))
    counter.tap("receipt-0")
    counter.until(lambda: not counter.staff.model.carrying)
    assert counter.read() == (
        f"1 tanda terima dibaca, {ROWS} jawaban sudah diterima server. Tidak ada lagi yang menunggu."
    )
    assert counter.store.queue().pending == 0
    counter.until(lambda: counter.staff.model.facts.pending == 0)


def test_a_stick_taken_out_is_told_and_another_try_goes_well(counter, server, stick):
    enrolled_and_at_the_menu(counter, *server)
    counter.store.append(body())
    counter.tap("carry")
    counter.until(lambda: bool(counter.staff.model.sticks))
    stick.rmdir()
    counter.tap("carry-0")
    counter.until(lambda: not counter.staff.model.carrying)
    assert "Periksa apakah masih terpasang" in counter.read()
    assert not counter.staff.model.good
    stick.mkdir()
    counter.until(lambda: counter.staff.model.sticks == ())
    counter.tap("again")
    counter.until(lambda: bool(counter.staff.model.sticks))
    counter.tap("carry-0")
    counter.until(lambda: counter.staff.model.good and not counter.staff.model.carrying)
