"""Messages of protocol 2 as they were first written: read and written as the same bytes for ever."""

from pathlib import Path

import pytest
from msgspec import json

from ikm import wire
from sync.carry_out import CarriedBatch

FOLDER = Path(__file__).parents[1] / "golden" / "wire" / "v2"
KINDS = {
    "batch": wire.Batch,
    "batch-heartbeat": wire.Batch,
    "batch-opening": wire.Batch,
    "enrol-request": wire.EnrolRequest,
    "enrolled": wire.Enrolled,
    "key-roll": wire.KeyRoll,
    "key-rolled": wire.KeyRolled,
    "problem-fork": wire.Problem,
    "receipt": wire.Receipt,
    "receipt-plain": wire.Receipt,
    "server-keys": wire.ServerKeys,
}


def raw(name):
    return (FOLDER / f"{name}.json").read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("name", KINDS)
def test_a_message_reads_and_writes_as_the_same_bytes(name):
    assert wire.canonical(wire.decode(raw(name), KINDS[name])) == raw(name)


def test_a_line_of_a_carry_out_file_reads_and_writes_as_the_same_bytes():
    assert json.encode(json.decode(raw("carry-out"), type=CarriedBatch), order="sorted") == raw("carry-out")


def test_every_file_is_read_by_a_test():
    assert {path.stem for path in FOLDER.glob("*.json")} == {*KINDS, "carry-out", "vectors"}


def test_between_them_the_files_spell_every_member_there_is():
    # what a file leaves out could change its spelling unnoticed
    for name, kind in (("batch-opening", wire.Batch), ("receipt", wire.Receipt), ("key-roll", wire.KeyRoll)):
        assert json.decode(raw(name)).keys() == set(kind.__struct_fields__)
    assert json.decode(raw("batch-opening"))["health"].keys() == set(wire.Health.__struct_fields__)
