"""A commit or a salvage that was cut in its middle costs nothing that was acknowledged."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.store import Store
from tests.support.salvaging import (
    assert_all_there,
    assert_chains,
    flip,
    place_of,
    row_of,
    stored_ids,
    without_second_copy,
)

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
