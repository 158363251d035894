"""Backups on real files, of both databases: what is verified, what is refused, what devices may forget afterwards."""

import sqlite3
import stat
import threading

import pytest
from sqlalchemy import make_url, text

from ikm.server.backups import make_backup
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.backup_faults import BackupFault
from ikm.server.store.engine import open_engine
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body


def clock():
    return NOW_MS


def durable(store: Store) -> dict[tuple[str, int], int]:
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT device, epoch, seq FROM durable")).all()
    return {(str(row.device).replace("-", ""), row.epoch): row.seq for row in rows}


def place(device: KioskDevice) -> tuple[str, int]:
    return device.device.replace("-", ""), 1


def test_a_backup_says_what_it_holds_and_lets_devices_forget_that(store, ingest, device, tmp_path):
    other = KioskDevice.enrolled(store, "dukcapil-2")
    ingest.accept(device.call(device.add(body(), body(), body())))
    ingest.accept(other.call(other.add(body(counter="dukcapil-2"))))
    file = tmp_path / "salinan"
    made = make_backup(store, file, clock)
    assert made.contents.responses == made.durable == 4
    assert {device: seq for (device, _), seq in made.contents.heads.items()} == {device.device: 3, other.device: 1}
    assert durable(store) == {place(device): 3, place(other): 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "belum" in path.name] == []
    [kept] = store.backups()
    assert (kept.place, kept.size_bytes, kept.responses) == (str(file), file.stat().st_size, 4)


def test_an_older_backup_never_lowers_what_a_newer_one_holds(store, ingest, device, tmp_path):
    ingest.accept(device.call(device.add(body(), body())))
    old = make_backup(store, tmp_path / "lama", clock)
    ingest.accept(device.call(device.add(body())))
    assert make_backup(store, tmp_path / "baru", clock).durable == 3
    assert store.keep_backup(old.kept, old.contents) == 3
    assert durable(store) == {place(device): 3}


def test_of_an_epoch_with_a_hole_nothing_may_be_forgotten(store, ingest, device, tmp_path):
    ingest.accept(device.call(device.add(body(), body(), body())))
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM response WHERE seq = 2"))
    made = make_backup(store, tmp_path / "salinan", clock)
    assert made.contents.heads != {}
    assert made.contents.whole == {}
    assert durable(store) == {}


def test_a_backup_overwrites_nothing(store, tmp_path):
    file = tmp_path / "salinan"
    file.write_bytes(b"something else")
    with pytest.raises(BackupFault, match="sudah ada"):
        make_backup(store, file, clock)
    assert file.read_bytes() == b"something else"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BackupFault, match="sudah ada"):
        make_backup(store, tmp_path / "link", clock)


def test_a_folder_that_is_not_there_is_one_sentence(store, tmp_path):
    with pytest.raises(BackupFault, match="tidak dapat ditulis"):
        make_backup(store, tmp_path / "none" / "salinan", clock)


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped"])
def test_damage_on_the_way_is_found_and_nothing_is_kept(store, device, tmp_path, monkeypatch, damage):
    Ingest(store, clock).accept(device.call(device.add(*[body() for _ in range(60)])))
    honest = Store.write_backup

    def damaged(self, file):
        honest(self, file)
        raw = bytearray(file.read_bytes())
        if damage == "flipped":
            # the roots of SQLite's trees and the blocks of an archive lie all over the file
            for offset in range(1000, len(raw), 997):
                raw[offset] ^= 0xFF
        file.write_bytes({"cut": raw[: len(raw) // 2], "empty": b"", "flipped": raw}[damage])

    monkeypatch.setattr(Store, "write_backup", damaged)
    with pytest.raises(BackupFault):
        make_backup(store, tmp_path / "salinan", clock)
    assert not (tmp_path / "salinan").exists()
    assert list(tmp_path.glob(".*")) == []
    assert durable(store) == {}
    assert store.backups() == []


@pytest.mark.postgres
@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_without_the_clients_of_the_database_it_says_what_to_install(postgres_url, tmp_path, monkeypatch, program):
    store = Store.open(make_url(postgres_url))
    folder = tmp_path / "bin"
    folder.mkdir()
    if program == "pg_restore":
        (folder / "pg_dump").symlink_to("/usr/bin/pg_dump")
        for name in ("perl", "sh"):
            (folder / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(BackupFault, match=f"Program {program} belum terpasang"):
        make_backup(store, tmp_path / "salinan", clock)
    store.close()


@pytest.mark.postgres
def test_a_database_that_went_away_is_one_sentence_and_no_password_is_told(postgres_url, tmp_path):
    gone = Store(open_engine(make_url(postgres_url).set(database="nowhere", password="rahasia")))
    with pytest.raises(BackupFault, match="pg_dump gagal") as caught:
        make_backup(gone, tmp_path / "salinan", clock)
    assert "rahasia" not in str(caught.value)


def test_a_backup_is_the_whole_state_of_one_moment_while_devices_send(store, device, tmp_path):
    # a thread sends all the while: heads and rows of the backup agree, or an epoch would not be whole
    ingest = Ingest(store, lambda: NOW_MS)
    stop = threading.Event()

    def send():
        while not stop.is_set():
            ingest.accept(device.call(device.add(body(), body())))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        made = [make_backup(store, tmp_path / f"salinan-{number}", clock) for number in range(3)]
    finally:
        stop.set()
        thread.join()
    for one in made:
        assert one.contents.whole == one.contents.heads


def test_damage_that_no_reading_of_rows_meets_is_found_too(sqlite_store, tmp_path, monkeypatch):
    device = KioskDevice.enrolled(sqlite_store)
    Ingest(sqlite_store, clock).accept(device.call(device.add(*[body() for _ in range(20)])))
    honest = Store.write_backup

    def damaged(self, file):
        honest(self, file)
        with sqlite3.connect(file) as copy:
            query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_response_unit_received_ms'"
            [page], [size] = copy.execute(query).fetchone(), copy.execute("PRAGMA page_size").fetchone()
        copy.close()
        raw = bytearray(file.read_bytes())
        # the last bytes of a page of an index belong to its first entry
        raw[page * size - 1] ^= 0xFF
        file.write_bytes(raw)

    monkeypatch.setattr(Store, "write_backup", damaged)
    with pytest.raises(BackupFault, match="menemukan kesalahan"):
        make_backup(sqlite_store, tmp_path / "salinan", clock)
