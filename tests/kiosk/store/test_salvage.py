"""A damaged, cut or lost database: what is whole is kept, each response once, and what is missing is said."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ikm import wire
from kiosk.store import Store, StoreError
from kiosk.store.errors import Cause
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.salvaging import Before, assert_chains, contents, filled, stored_ids

ROWS = 60
FLIPS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store that nothing has happened to yet, and what it holds."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    return folder, filled(folder, ROWS)


@pytest.fixture
def device(whole, tmp_path):
    """A copy of it to be damaged."""
    shutil.copytree(whole[0], tmp_path / "data")
    return tmp_path / "data", whole[1]


def without_second_copy(folder: Path) -> None:
    shutil.rmtree(folder / "salinan")


def flip(path: Path, at: int, bit: int = 0) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1 << bit
    path.write_bytes(raw)


def place_of(path: Path, marker: bytes) -> int:
    at = path.read_bytes().find(marker)
    assert at > 0
    return at


def row_of(row_id: str) -> bytes:
    """How the row begins in its table; in the index, no body follows the id."""
    return row_id.encode() + b'{"'


def assert_all_there(store: Store, before: Before) -> None:
    assert sorted(stored_ids(store)) == sorted(before.ids)
    assert_chains(store)
    assert (store.identity(), store.configuration()) == (IDENTITY, CONFIGURATION)


def assert_missing_is_told(store: Store, before: Before) -> None:
    """Nothing is there twice, and whatever is missing, openings after the second epoch leave open."""
    ids = stored_ids(store)
    assert len(set(ids)) == len(ids)
    assert set(ids) <= set(before.ids)
    assert_chains(store)
    told = 0
    for epoch in range(3, 9):
        opening = store.opening(epoch)
        if opening is not None:
            told += opening.known_seq - opening.previous_seq - opening.salvaged
    assert told >= len(before.ids) - len(ids)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_every_flipped_bit_is_found_or_changed_nothing_and_nothing_is_lost(device, tmp_path, seed):
    folder, before = device
    chance = random.Random(seed)
    raw = (folder / "kiosk.db").read_bytes()
    salvaged = 0
    for number in range(FLIPS // 4):
        tried = tmp_path / f"flip-{number}"
        shutil.copytree(folder, tried)
        flip(tried / "kiosk.db", chance.randrange(len(raw)), chance.randrange(8))
        with Store.open(tried) as store:
            if list(tried.glob("rusak-*.db")):
                salvaged += 1
                assert store.opening(3).reason == "damaged"
                assert_all_there(store, before)
            else:
                assert contents(store) == before.tables
    assert salvaged


def test_of_a_flipped_row_without_a_second_copy_only_that_row_is_lost_and_the_opening_says_so(device):
    folder, before = device
    without_second_copy(folder)
    # row 6 of the second epoch: nothing after it keeps its place
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[35])) + 40)
    with Store.open(folder) as store:
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[35]}
        assert_chains(store)
        opening = store.opening(3)
        assert (opening.reason, opening.previous_epoch, opening.previous_seq) == ("damaged", 2, 5)
        assert (opening.known_seq, opening.salvaged) == (30, 24)
        assert opening.previous_hash == store.hash_at(2, 5)
        assert [row.id for row in store.pending(3, 99)] == before.ids[36:]


def test_a_last_row_that_is_damaged_is_missed_too(device):
    folder, before = device
    without_second_copy(folder)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[-1])) + 40)
    with Store.open(folder) as store:
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[-1]}
        opening = store.opening(3)
        assert (opening.previous_seq, opening.known_seq, opening.salvaged) == (29, 30, 0)


def test_rows_whose_beginning_is_gone_keep_their_places_where_the_server_has_the_beginning(device):
    folder, before = device
    without_second_copy(folder)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[0])) + 40)
    with Store.open(folder) as store:
        assert store.hash_at(1, 1) is not None
        assert store.hash_at(1, 2) is not None
        assert store.queue().pending == ROWS - ROWS // 4
        assert store.opening(3).salvaged == 0


def test_rows_whose_beginning_is_gone_and_not_on_the_server_either_are_appended_again(device):
    folder, before = device
    without_second_copy(folder)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[30])) + 40)
    with Store.open(folder) as store:
        assert_missing_is_told(store, before)
        opening = store.opening(3)
        assert (opening.previous_epoch, opening.previous_seq, opening.known_seq, opening.salvaged) == (2, 0, 30, 29)
        assert store.pending(2, 99) == []


def test_a_row_before_the_watermark_that_is_lost_makes_no_hole_in_what_is_sent(device):
    folder, before = device
    without_second_copy(folder)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[7])) + 40)
    with Store.open(folder) as store:
        assert [row.seq for row in store.pending(1, 99)] == []
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[7]}
        assert_chains(store)
        # the first epoch ends before the hole, and says so itself; the second is whole and ends as it was
        first, second = store.opening(3), store.opening(4)
        assert (first.previous_epoch, first.previous_seq, first.known_seq, first.salvaged) == (1, 7, 33, 22)
        assert (second.previous_epoch, second.previous_seq, second.known_seq, second.salvaged) == (2, 30, 30, 0)
        assert [row.id for row in store.pending(3, 99)] == before.ids[8:30]


@pytest.mark.parametrize("size", ["nothing", "half", "header"])
def test_a_cut_database_comes_back_whole_from_the_second_copy(device, size):
    folder, before = device
    path = folder / "kiosk.db"
    os.truncate(path, {"nothing": 0, "half": path.stat().st_size // 2, "header": 50}[size])
    with Store.open(folder) as store:
        assert_all_there(store, before)
        assert store.opening(3).reason == ("lost" if size == "nothing" else "damaged")
        assert store.append(samples.body()).seq == 1
    with Store.open(folder) as again:
        assert again.queue().stored == ROWS + 1
        assert again.opening(4) is None


def test_a_cut_database_without_a_second_copy_gives_what_lies_before_the_cut(device):
    folder, before = device
    without_second_copy(folder)
    raw = (folder / "kiosk.db").read_bytes()
    # the pages of the small tables come first
    end = len(raw) * 9 // 10 // 4096 * 4096
    (folder / "kiosk.db").write_bytes(raw[:end])
    with Store.open(folder) as store:
        assert_chains(store)
        kept = set(stored_ids(store))
        # nothing readable says how many epochs there were, so no number is risked twice
        newest = store.append(samples.body())
        assert store.opening(1_002) is not None
        assert store.hash_at(1_002, newest.seq) == newest.hash
    assert 0 < len(kept) < ROWS
    short = [row_id for number, row_id in enumerate(before.ids) if number % 7 != 3]
    assert {row_id for row_id in short if 0 < raw.find(row_of(row_id)) < end} <= kept


def test_a_deleted_database_comes_back_with_key_settings_and_pin(device):
    folder, before = device
    with Store.open(folder) as store:
        store.put_next_key(bytes(range(1, 33)))
        guard = store.change_guard(lambda guard: guard.failed("boot", 7))
    (folder / "kiosk.db").unlink()
    with Store.open(folder) as store:
        assert_all_there(store, before)
        assert (store.next_key(), store.guard()) == (bytes(range(1, 33)), guard)
        assert store.opening(3).reason == "lost"


def test_a_database_deleted_while_it_is_open_takes_no_answer_that_would_be_gone(device):
    folder, before = device
    with Store.open(folder) as store:
        last = store.append(samples.body())
        (folder / "kiosk.db").unlink()
        with pytest.raises(StoreError) as failed:
            store.append(samples.body())
        assert failed.value.cause is Cause.DAMAGED
    before.ids.append(last.id)
    try:
        with Store.open(folder) as store:
            assert_all_there(store, before)
    finally:
        before.ids.pop()


def test_a_database_with_neither_copy_nor_anything_readable_is_kept_aside_and_the_device_begins_anew(tmp_path):
    (tmp_path / "kiosk.db").write_bytes(b"bukan basis data" * 100)
    with Store.open(tmp_path) as store:
        assert store.identity() is None
        assert "salvaged" in store.warnings()
        store.enrol(IDENTITY, CONFIGURATION)
        assert store.append(samples.body()).seq == 1
    (kept,) = tmp_path.glob("rusak-*.db")
    assert kept.read_bytes() == b"bukan basis data" * 100


def test_the_damaged_file_is_kept_as_it_was(device):
    folder, _ = device
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", b'"configuration"'))
    raw = (folder / "kiosk.db").read_bytes()
    Store.open(folder).close()
    (kept,) = folder.glob("rusak-*.db")
    assert kept.read_bytes() == raw
    assert kept.stat().st_mode & 0o777 == 0o600


def test_salvaged_rows_are_found_out_of_order_too_after_a_second_damage(device):
    folder, before = device
    for row_id in (before.ids[20], before.ids[50]):
        without_second_copy(folder)
        flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(row_id)) + 40)
        with Store.open(folder) as store:
            assert_missing_is_told(store, before)
    with Store.open(folder) as store:
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[20], before.ids[50]}
        assert store.opening(4) is not None


def test_of_a_row_damaged_in_both_copies_the_later_ones_are_taken_over_once(device):
    folder, before = device
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[35])) + 40)
    (copy,) = folder.glob("salinan/*/jawaban-000001.jsonl")
    flip(copy, place_of(copy, before.ids[35].encode()))
    with Store.open(folder) as store:
        assert_missing_is_told(store, before)
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[35]}
        assert [row.id for row in store.pending(3, 99)] == before.ids[36:]


def test_a_damaged_note_of_the_small_tables_is_not_believed(device):
    folder, _ = device
    (noted,) = folder.glob("salinan/*/perangkat.json")
    flip(noted, place_of(noted, b"https://ikm.example") + 9)
    (folder / "kiosk.db").unlink()
    with Store.open(folder) as store:
        assert store.identity() is None


def test_moved_rows_are_not_put_back_where_they_came_from(device):
    folder, before = device
    with Store.open(folder) as store:
        store.begin_epoch("fork", 10, 30)
        moved = [row.id for row in store.pending(3, 99)]
        assert moved == before.ids[40:]
    (folder / "kiosk.db").unlink()
    with Store.open(folder) as store:
        assert_all_there(store, before)
        assert [row.id for row in store.pending(3, 99)] == moved
        assert store.opening(4).salvaged == 0


@pytest.mark.parametrize("copied", [True, False])
def test_a_watermark_that_says_too_much_is_not_believed(device, copied):
    folder, before = device
    if not copied:
        without_second_copy(folder)
    with sqlite3.connect(folder / "kiosk.db") as damaged:
        damaged.execute("UPDATE epochs SET acknowledged_seq = 30 WHERE epoch = 1")
    with Store.open(folder) as store:
        assert_all_there(store, before)
        assert store.queue().pending >= ROWS - ROWS // 4


def test_a_lost_tail_comes_back_from_the_second_copy(device, tmp_path):
    folder, before = device
    older = (folder / "kiosk.db").read_bytes()
    with Store.open(folder) as store:
        later = [store.append(samples.body(wall_ms=n)).id for n in range(3)]
    (folder / "kiosk.db").write_bytes(older)
    with Store.open(folder) as store:
        assert sorted(stored_ids(store)) == sorted(before.ids + later)
        assert_chains(store)


def test_another_process_in_the_database_holds_off_its_replacement(device):
    folder, before = device
    with Store.open(folder):
        flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[40])) + 40)
        raw = (folder / "kiosk.db").read_bytes()
        with pytest.raises(StoreError, match="rusak"):
            Store.open(folder)
        assert (folder / "kiosk.db").read_bytes() == raw
    with Store.open(folder) as store:
        assert_all_there(store, before)


def test_an_idle_check_finds_what_a_start_did_not_look_at_and_the_next_start_salvages(device, monkeypatch):
    folder, before = device
    monkeypatch.setattr("kiosk.store.checks.LINKS", 5)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[2])) + 45)
    with Store.open(folder) as store:
        assert store.opening(3) is None
        assert not store.check_whole()
    with Store.open(folder) as store:
        assert store.opening(3).reason == "damaged"
        assert_all_there(store, before)
        assert store.check_whole()
    assert not (folder / "kiosk.db.periksa").exists()


def test_a_draft_outlives_the_damage(device):
    folder, _ = device
    with Store.open(folder) as store:
        store.put_draft(samples.body(1, 2))
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", b'"counter_name"'))
    with Store.open(folder) as store:
        assert store.opening(3) is not None
        assert store.draft() == samples.body(1, 2)


CUT = """
import os, sys
from pathlib import Path
from kiosk.store import Store
from tests.support import samples
store = Store.open(Path(sys.argv[1]))
def cut(connection):
    # much of the transaction is in the file and nothing of it is committed
    connection.execute("PRAGMA cache_spill=1")
    connection.execute("PRAGMA cache_size=1")
    for number in range(40):
        connection.execute("INSERT INTO training (body) VALUES (zeroblob(4000))")
    os._exit(9)
store._engine.dialect.do_commit = cut
store.append(samples.body(4, 4, 4))
"""


@pytest.fixture
def cut_in_a_commit(device):
    """The device after its process ended in the middle of a commit: a journal waits to be rolled back."""
    done = subprocess.run([sys.executable, "-c", CUT, str(device[0])], check=False)
    assert done.returncode == 9
    assert (device[0] / "kiosk.db-journal").stat().st_size
    return device


def test_a_journal_that_was_taken_away_in_the_middle_of_a_commit_costs_nothing_that_was_acknowledged(cut_in_a_commit):
    folder, before = cut_in_a_commit
    (folder / "kiosk.db-journal").unlink()
    with Store.open(folder) as store:
        assert set(before.ids) <= set(stored_ids(store))
        assert_chains(store)
        # of a salvaged database not even pages without an owner are left
        assert store.check_whole()


def test_the_journal_of_a_damaged_database_is_used_once_and_never_on_the_new_one(cut_in_a_commit):
    folder, before = cut_in_a_commit
    without_second_copy(folder)
    flip(folder / "kiosk.db", place_of(folder / "kiosk.db", row_of(before.ids[40])) + 40)
    with Store.open(folder) as store:
        assert set(before.ids) - set(stored_ids(store)) == {before.ids[40]}
        assert_chains(store)
        assert store.check_whole()
    journal = folder / "kiosk.db-journal"
    assert not journal.exists() or not journal.stat().st_size


def test_a_commit_that_was_cut_while_the_first_page_was_written_is_no_damage(cut_in_a_commit):
    folder, before = cut_in_a_commit
    path = folder / "kiosk.db"
    raw = bytearray(path.read_bytes())
    raw[:512] = bytes(range(256)) * 2
    path.write_bytes(raw)
    with Store.open(folder) as store:
        assert stored_ids(store) == before.ids
        assert store.opening(3) is None
    assert not list(folder.glob("rusak-*"))


def test_a_database_that_was_cut_in_its_very_first_commit_begins_anew_and_is_no_damage(tmp_path, caplog):
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "kiosk.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=TRUNCATE")
        connection.execute("PRAGMA cache_size=2")
        connection.execute("BEGIN")
        for number in range(200):
            connection.execute(f"CREATE TABLE t{number} (x)")
        journal = (folder / "kiosk.db-journal").read_bytes()
        written = bytearray((folder / "kiosk.db").read_bytes())
        connection.execute("ROLLBACK")
    assert journal
    assert written
    written[:512] = bytes(range(256)) * 2
    (folder / "kiosk.db").write_bytes(written)
    (folder / "kiosk.db-journal").write_bytes(journal)
    with Store.open(folder) as store:
        assert store.identity() is None
    assert "damaged" not in caplog.text


class Killed(BaseException):
    pass


@pytest.mark.long
@pytest.mark.parametrize("damage", ["flip", "lost"])
def test_a_salvage_that_is_cut_between_any_two_steps_loses_nothing_the_next_start_could_save(
    device, tmp_path, monkeypatch, damage
):
    folder, before = device

    def spoil(where: Path) -> None:
        if damage == "lost":
            (where / "kiosk.db").unlink()
        else:
            flip(where / "kiosk.db", place_of(where / "kiosk.db", row_of(before.ids[40])) + 40)

    cuts = 0
    while True:
        tried = tmp_path / f"cut-{cuts}"
        shutil.copytree(folder, tried)
        spoil(tried)
        if not cut_after(cuts, tried, monkeypatch):
            break
        cuts += 1
        with Store.open(tried) as store:
            assert_all_there(store, before)
        shutil.rmtree(tried)
    # the steps of a salvage: copies, the new file, its names, the folder each time
    assert cuts > 8


def cut_after(steps: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether opening was cut before it was done: after so many calls that change names or reach the medium."""
    left = [steps]

    def counted(honest):
        def call(*args, **kwargs):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return honest(*args, **kwargs)

        return call

    with monkeypatch.context() as patched:
        for name in ("link", "fsync", "fdatasync"):
            patched.setattr(os, name, counted(getattr(os, name)))
        for name in ("unlink", "replace"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        patched.setattr(shutil, "copyfile", counted(shutil.copyfile))
        try:
            Store.open(folder).close()
        except Killed:
            return True
    return False


def test_a_whole_body_is_canonical_after_it_was_salvaged(device):
    folder, _ = device
    (folder / "kiosk.db").unlink()
    with Store.open(folder) as store:
        for row in store.pending(2, 99):
            assert wire.canonical(wire.decode_body(row.body)) == bytes(row.body)
