"""The simulated medium keeps what was synced and may lose the rest; the recorder sees what a program does."""

import random
import sys
from collections import Counter

import pytest

from tests.support.powercut import Medium
from tests.support.powercut_trace import Create, Mark, Rename, Resize, Sync, Unlink, Unrecordable, Write, record


def images(medium, count=300):
    made = medium.images(random.Random(7))
    return [next(made) for _ in range(count)]


def test_what_a_sync_covered_is_on_every_image():
    medium = Medium({"/d/a": b"old"})
    for op in (Write("/d/a", 0, b"new"), Resize("/d/a", 2), Sync("/d/a")):
        medium.apply(op)
    assert medium.settled
    assert images(medium) == [{"/d/a": b"ne"}] * 300


def test_what_no_sync_covered_may_be_there_or_not_and_may_be_torn_at_sectors():
    old, new = b"o" * 1024, b"n" * 1024
    medium = Medium({"/d/a": old})
    medium.apply(Write("/d/a", 0, new))
    found = {image["/d/a"] for image in images(medium)}
    assert {old, new, new[:512] + old[512:], old[:512] + new[512:]} <= found
    assert any(data[:512] not in {old[:512], new[:512]} for data in found), "garbage in a sector being written"


def test_the_order_of_unsynced_writes_is_no_promise():
    medium = Medium({"/d/a": b"..", "/d/b": b"."})
    for op in (Write("/d/a", 0, b"1"), Write("/d/a", 1, b"2"), Write("/d/b", 0, b"3")):
        medium.apply(op)
    found = {(image["/d/a"], image["/d/b"]) for image in images(medium)}
    assert {(b".2", b"."), (b"1.", b"3"), (b"..", b"3")} <= found


def test_a_new_name_is_durable_only_when_its_folder_was_synced():
    medium = Medium({})
    for op in (Create("/d/a"), Write("/d/a", 0, b"x"), Sync("/d/a")):
        medium.apply(op)
    assert {frozenset(image) for image in images(medium)} == {frozenset(), frozenset({"/d/a"})}
    medium.apply(Sync("/d"))
    assert images(medium, 9) == [{"/d/a": b"x"}] * 9


def test_a_rename_shows_the_old_file_or_the_new_one_and_an_unsynced_one_may_be_empty():
    medium = Medium({"/d/a": b"old"})
    for op in (Create("/d/part"), Write("/d/part", 0, b"new"), Rename("/d/part", "/d/a")):
        medium.apply(op)
    assert {image["/d/a"] for image in images(medium)} >= {b"old", b"", b"new"}


def test_an_unlinked_file_may_be_back():
    medium = Medium({"/d/journal": b"hot"})
    medium.apply(Unlink("/d/journal"))
    assert Counter(len(image) for image in images(medium)).keys() == {0, 1}


def test_a_lying_medium_loses_what_it_said_it_had():
    medium = Medium({"/d/a": b"old"})
    medium.lies = True
    for op in (Write("/d/a", 0, b"new"), Sync("/d/a")):
        medium.apply(op)
    assert b"old" in {image["/d/a"] for image in images(medium)}


PROGRAM = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
marks = os.open(os.environ["POWERCUT_MARKS"], os.O_WRONLY | os.O_APPEND)
descriptor = os.open(folder / "a", os.O_RDWR | os.O_CREAT)
os.write(descriptor, b"one")
os.lseek(descriptor, 1, os.SEEK_SET)
os.write(descriptor, b"two")
os.pwrite(descriptor, b"!", 9)
os.write(marks, b"promised\\n")
os.fdatasync(descriptor)
with (folder / "log").open("ab") as log:
    log.write(b"line")
os.rename(folder / "a", folder / "b")
os.fsync(os.open(folder, os.O_RDONLY))
os.unlink(folder / "b")
"""


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()

    def recorded(program: str):
        return folder, record([sys.executable, "-c", program, str(folder)], folder, tmp_path, {})

    return recorded


def test_everything_a_program_does_to_the_folder_is_recorded_in_order(run):
    folder, ops = run(PROGRAM)
    a, b, log = (str(folder / name) for name in ("a", "b", "log"))
    assert ops == [
        Create(a), Write(a, 0, b"one"), Write(a, 1, b"two"), Write(a, 9, b"!"), Mark("promised"), Sync(a),
        Create(log), Write(log, -1, b"line"), Rename(a, b), Sync(str(folder)), Unlink(b),
    ]  # fmt: skip
    medium = Medium({})
    for op in ops[:-1]:
        medium.apply(op)
    assert next(medium.images(random.Random(1)))[b] == b"otwo\x00\x00\x00\x00\x00!"


def test_what_cannot_be_followed_is_no_trace(run):
    with pytest.raises(Unrecordable, match="mmap"):
        run(
            "import mmap, sys; file = open(sys.argv[1] + '/a', 'w+b'); file.write(bytes(99)); file.flush(); "
            "mmap.mmap(file.fileno(), 99)[0:2] = b'xx'"
        )
