"""A medium that is full or fails: nothing is acknowledged that is not kept, nothing is kept twice."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.space import BALLAST_BYTES, FULL_BYTES, NEARLY_FULL_BYTES, Room
from kiosk.store import Store, StoreError
from kiosk.store.ballast import Ballast
from kiosk.store.errors import Cause
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.salvaging import assert_chains, filled, stored_ids

MIB = 1024 * 1024


@pytest.fixture
def small(tmp_path) -> Iterator[Path]:
    """A folder on a medium of 8 MiB of its own."""
    folder = tmp_path / "kecil"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill_up(folder: Path) -> Path:
    """Leave not one byte free on that folder's medium; the file that takes the room."""
    path = folder / "penuh"
    with path.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return path


def free(monkeypatch: pytest.MonkeyPatch, free_bytes: int) -> None:
    monkeypatch.setattr("kiosk.store.medium.shutil.disk_usage", lambda _folder: SimpleNamespace(free=free_bytes))


@pytest.mark.parametrize(
    ("free_bytes", "room", "warnings"),
    [
        (NEARLY_FULL_BYTES, Room.PLENTY, []),
        (NEARLY_FULL_BYTES - 1, Room.LOW, ["disk_low"]),
        (FULL_BYTES, Room.LOW, ["disk_low"]),
        (FULL_BYTES - 1, Room.FULL, ["disk_full"]),
        (0, Room.FULL, ["disk_full"]),
    ],
)
def test_there_is_room_for_all_or_for_answers_or_for_nothing(tmp_path, monkeypatch, free_bytes, room, warnings):
    with Store.open(tmp_path) as store:
        free(monkeypatch, free_bytes)
        assert (store.room(), store.warnings()) == (room, warnings)


def test_a_ballast_that_was_given_up_counts_as_missing_room_until_it_is_back(tmp_path, monkeypatch):
    with Store.open(tmp_path, ballast_bytes=BALLAST_BYTES) as store:
        ballast = tmp_path / "ballast"
        assert ballast.stat().st_size == BALLAST_BYTES
        assert ballast.stat().st_blocks * 512 >= BALLAST_BYTES
        ballast.unlink()
        free(monkeypatch, FULL_BYTES + BALLAST_BYTES - 1)
        assert store.room() is Room.FULL
        free(monkeypatch, NEARLY_FULL_BYTES + BALLAST_BYTES - 1)
        assert store.room() is Room.LOW
        assert not ballast.exists()
        free(monkeypatch, NEARLY_FULL_BYTES + BALLAST_BYTES)
        assert store.room() is Room.PLENTY
        assert ballast.stat().st_size == BALLAST_BYTES


def test_on_a_full_medium_the_ballast_saves_the_answer_and_the_next_is_refused_until_there_is_room(small):
    with Store.open(small, ballast_bytes=MIB) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        store._ballast.put()
        kept = [store.append(samples.body(wall_ms=1)).id]
        fill_up(small)
        kept += [store.append(samples.body(wall_ms=number)).id for number in range(2, 20)]
        assert not (small / "ballast").exists()
        assert store.room() is Room.FULL
        full = fill_up(small)
        with pytest.raises(StoreError, match="penuh") as failed:
            kept += [store.append(samples.body(wall_ms=number)).id for number in range(20, 200)]
        assert failed.value.cause is Cause.FULL
        assert set(kept) <= set(stored_ids(store))
        before = len(stored_ids(store))
        full.unlink()
        store.append(samples.body(wall_ms=999))
        assert len(stored_ids(store)) == before + 1
        assert_chains(store)
    with Store.open(small) as again:
        assert len(stored_ids(again)) == before + 1


def test_a_device_whose_medium_is_full_when_it_starts_says_so_and_loses_nothing(small):
    before = filled(small, 10)
    full = fill_up(small)
    with Store.open(small) as store:
        assert stored_ids(store) == before.ids
        assert store.room() is Room.FULL
    (small / "kiosk.db").rename(small / "kiosk.db.lain")
    with pytest.raises(StoreError):
        Store.open(small)
    full.unlink()
    with Store.open(small) as store:
        assert sorted(stored_ids(store)) == sorted(before.ids)


def test_a_damaged_database_on_a_full_medium_is_salvaged_in_the_room_of_the_ballast(small):
    before = filled(small, 10)
    raw = bytearray((small / "kiosk.db").read_bytes())
    raw[raw.find(before.ids[4].encode() + b'{"') + 40] ^= 1
    (small / "kiosk.db").write_bytes(raw)
    full = fill_up(small)
    with pytest.raises(StoreError) as failed:
        Store.open(small)
    full.unlink()
    assert failed.value.cause is Cause.FULL
    assert bytes(raw) == (small / "kiosk.db").read_bytes()
    Ballast(small, MIB).put()
    fill_up(small)
    with Store.open(small, ballast_bytes=MIB) as store:
        assert sorted(stored_ids(store)) == sorted(before.ids)
        assert_chains(store)


APPENDER = """
import pathlib, sys
from kiosk.store import Store, StoreError
from tests.support import samples
tries = int(sys.argv[2])
store = Store.open(pathlib.Path(sys.argv[1]))
for number in range(8):
    for _ in range(tries):
        try:
            row = store.append(samples.body(wall_ms=number))
        except StoreError as error:
            print("failed", error.cause.name, flush=True)
        else:
            print("kept", row.id, flush=True)
            break
"""


def injected(folder: Path, what: str, tries: int) -> tuple[list[str], list[str]]:
    """Ids that were acknowledged and causes of failures, of a process to which that was done; it was done indeed."""
    trace = folder.with_suffix(".trace")
    call = what.partition(":")[0]
    traced = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}", "-e", f"inject={what}"]
    command = [*traced, sys.executable, "-c", APPENDER, str(folder), str(tries)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "(INJECTED)" in trace.read_text()
    lines = [line.split() for line in done.stdout.splitlines()]
    return [w[1] for w in lines if w[0] == "kept"], [w[1] for w in lines if w[0] == "failed"]


@pytest.mark.long
@pytest.mark.parametrize(
    "what",
    [
        "fdatasync:error=EIO:when=12", "fdatasync:error=EIO:when=13", "fdatasync:error=EIO:when=14",
        "fdatasync:error=EIO:when=15", "pwrite64:error=EIO:when=40", "pwrite64:error=ENOSPC:when=41",
        "ftruncate:error=EIO:when=3",
    ],
)  # fmt: skip
def test_after_an_error_of_the_medium_an_answer_tried_again_is_kept_once(tmp_path, what):
    folder = tmp_path / "data"
    before = filled(folder, 6)
    kept, _ = injected(folder, what, tries=3)
    assert len(kept) == 8
    with Store.open(folder) as store:
        assert stored_ids(store) == before.ids + kept
        assert store.opening(3) is None
        assert_chains(store)


@pytest.mark.long
def test_where_no_sync_ever_works_no_answer_is_acknowledged_and_none_is_lost(tmp_path):
    folder = tmp_path / "data"
    before = filled(folder, 6)
    kept, failures = injected(folder, "fdatasync:error=EIO:when=1+", tries=3)
    assert (kept, len(failures)) == ([], 24)
    with Store.open(folder) as store:
        assert set(before.ids) <= set(stored_ids(store))
        assert_chains(store)


@pytest.fixture
def copied(tmp_path):
    """A store whose second copy is elsewhere, and that copy's folder."""
    with Store.open(tmp_path / "data", tmp_path / "lain") as store:
        store.enrol(IDENTITY, CONFIGURATION)
        yield store, tmp_path / "lain" / IDENTITY.device


def lines(folder: Path) -> list[int]:
    return [line.row.seq for line in store_rows(folder)]


def store_rows(folder: Path):
    from kiosk.store.second import SecondCopy

    return list(SecondCopy(folder.parent).rows(folder.name))


def test_every_row_is_in_the_second_copy_when_it_is_acknowledged(copied):
    store, folder = copied
    for number in range(5):
        row = store.append(samples.body(wall_ms=number))
        last = store_rows(folder)[-1].row
        assert (last.id, bytes(last.body), last.hash) == (row.id, bytes(row.body), row.hash)
    assert lines(folder) == [1, 2, 3, 4, 5]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_second_copy_that_fails_does_not_stop_the_kiosk_and_catches_up(copied):
    store, folder = copied
    store.append(samples.body(wall_ms=1))
    aside = folder.with_name("dicabut")
    folder.rename(aside)
    folder.write_text("")
    store.append(samples.body(wall_ms=2))
    store.append(samples.body(wall_ms=3))
    assert "second_copy_failed" in store.warnings()
    folder.unlink()
    aside.rename(folder)
    store.append(samples.body(wall_ms=4))
    assert "second_copy_failed" not in store.warnings()
    assert lines(folder) == [1, 2, 3, 4]


def test_a_torn_line_of_the_second_copy_costs_only_itself(copied):
    store, folder = copied
    store.append(samples.body(wall_ms=1))
    path = folder / "jawaban-000001.jsonl"
    os.truncate(path, path.stat().st_size - 9)
    store.append(samples.body(wall_ms=2))
    store.close()
    assert lines(folder) == [2]


def test_a_power_cut_in_a_line_is_mended_at_the_next_start(copied, tmp_path):
    store, folder = copied
    store.append(samples.body(wall_ms=1))
    store.append(samples.body(wall_ms=2))
    store.close()
    path = folder / "jawaban-000001.jsonl"
    os.truncate(path, path.stat().st_size - 9)
    Store.open(tmp_path / "data", tmp_path / "lain").close()
    assert lines(folder) == [1, 2]


def test_full_files_of_the_second_copy_are_followed_by_new_ones_and_go_when_all_in_them_is_forgotten(
    copied, monkeypatch
):
    store, folder = copied
    monkeypatch.setattr("kiosk.store.second.FILE_BYTES", 1_500)
    long_ago_ms = store._now_ms() - 100 * 86_400_000
    for _ in range(12):
        store.append(samples.body(wall_ms=long_ago_ms))
    files = sorted(folder.glob("jawaban-*"))
    assert len(files) > 3
    assert lines(folder) == list(range(1, 13))
    store.acknowledge(1, 12)
    assert store.forget(1, 6) == 6
    left = lines(folder)
    assert left[0] > 1
    assert left[0] <= 7
    assert left == list(range(left[0], 13))


def test_the_last_row_of_a_closed_epoch_keeps_its_file_and_no_other(copied, tmp_path, monkeypatch):
    store, folder = copied
    monkeypatch.setattr("kiosk.store.second.FILE_BYTES", 1_500)
    long_ago_ms = store._now_ms() - 100 * 86_400_000
    for epoch in (1, 2):
        for _ in range(12):
            store.append(samples.body(wall_ms=long_ago_ms))
        store.acknowledge(epoch, 12)
        if epoch == 1:
            store.begin_epoch("lost", 12, 12)
    for epoch in (1, 2):
        assert store.forget(epoch, 12) == 11
    assert len(list(folder.glob("jawaban-*"))) == 2
    store.close()
    (tmp_path / "data" / "kiosk.db").unlink()
    with Store.open(tmp_path / "data", tmp_path / "lain") as again:
        assert_chains(again)
        assert [again.hash_at(epoch, 12) is not None for epoch in (1, 2)] == [True, True]
        assert again.queue().pending == 0


def test_a_lost_database_whose_forgotten_rows_left_the_copy_begins_where_the_server_has_all(
    copied, tmp_path, monkeypatch
):
    store, _ = copied
    monkeypatch.setattr("kiosk.store.second.FILE_BYTES", 1_500)
    for _ in range(12):
        store.append(samples.body(wall_ms=store._now_ms() - 100 * 86_400_000))
    store.acknowledge(1, 10)
    store.forget(1, 8)
    store.close()
    (tmp_path / "data" / "kiosk.db").unlink()
    with Store.open(tmp_path / "data", tmp_path / "lain") as again:
        assert_chains(again)
        assert [row.seq for row in again.pending(1, 99)] == [11, 12]
        assert again.opening(2).salvaged == 0


def test_of_two_devices_copies_none_is_taken_for_this_one(copied, tmp_path):
    store, folder = copied
    store.append(samples.body())
    store.close()
    other = folder.with_name(samples.row_id(9))
    other.mkdir()
    (other / "perangkat.json").write_bytes((folder / "perangkat.json").read_bytes())
    with Store.open(tmp_path / "baru", tmp_path / "lain") as fresh:
        assert fresh.identity() is None
