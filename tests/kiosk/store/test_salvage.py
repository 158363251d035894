"""A damaged, cut or lost database: what is whole is kept, each response once, and what is missing is said."""

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ikm import wire
from kiosk.store import Store, StoreError
from kiosk.store.errors import Cause
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.salvaging import (
    ROWS,
    assert_all_there,
    assert_chains,
    assert_missing_is_told,
    contents,
    flip,
    place_of,
    row_of,
    stored_ids,
    without_second_copy,
)

FLIPS = 60


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


def test_a_whole_body_is_canonical_after_it_was_salvaged(device):
    folder, _ = device
    (folder / "kiosk.db").unlink()
    with Store.open(folder) as store:
        for row in store.pending(2, 99):
            assert wire.canonical(wire.decode_body(row.body)) == bytes(row.body)


def test_rows_of_nothing_in_a_damaged_page_are_not_believed(device):
    """SQLite hands out NULL where a column's kind was damaged, also in columns that cannot be NULL."""
    folder, before = device
    with loosened(folder / "kiosk.db") as connection:
        connection.execute("UPDATE responses SET epoch = NULL, seq = NULL WHERE epoch = 2")
        connection.execute("UPDATE epochs SET base_seq = NULL, base_hash = NULL WHERE epoch = 2")
        connection.execute("UPDATE identity SET private_key = 1.5")
    with Store.open(folder) as store:
        assert_all_there(store, before)


@contextmanager
def loosened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes values into columns that cannot have them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        strict = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(replace(sql, ' NOT NULL', ''), ' STRICT', '') WHERE type = 'table'"
        )
        connection.commit()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in guards:
            connection.execute(sql)
        # what a table may hold is part of its text, which has to be as it was
        connection.execute("PRAGMA writable_schema=ON")
        connection.executemany("UPDATE sqlite_master SET sql = ?2 WHERE name = ?1", strict)
        connection.commit()
