import hashlib
from pathlib import Path

import pytest

from ikm import wire

FOLDER = Path(__file__).parents[1] / "golden" / "wire" / "v1"
KINDS = {
    "batch": wire.Batch,
    "batch-heartbeat": wire.Batch,
    "configuration": wire.ConfigurationMessage,
    "enrol-request": wire.EnrolRequest,
    "enrolled": wire.Enrolled,
    "problem": wire.Problem,
    "problem-gap": wire.Problem,
    "receipt": wire.Receipt,
    "response-body-complete": wire.ResponseBody,
    "response-body-partial": wire.ResponseBody,
}


def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("name", KINDS)
def test_a_message_of_version_one_reads_and_writes_as_the_same_bytes(name):
    assert wire.canonical(wire.decode(raw(name), KINDS[name])) == raw(name)


def test_golden_files_are_added_to_and_never_edited():
    listed = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    present = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}
    assert listed == present
    assert set(present) == {f"{name}.json" for name in KINDS}


def test_the_rows_of_the_golden_batch_are_a_chain_from_the_beginning():
    batch = wire.decode_batch(raw("batch"))
    previous = wire.GENESIS
    for seq, row in enumerate(batch.rows, 1):
        digest = wire.row_hash(
            device=batch.device, epoch=batch.epoch, seq=seq, row_id=row.id, prev_hash=previous, body=row.body
        )
        assert (row.seq, row.prev_hash, row.hash) == (seq, previous, digest)
        wire.decode_body(row.body)
        previous = digest
    assert len(batch.rows) == 2


def test_every_message_of_the_protocol_has_a_golden_file():
    top_level = {wire.Batch, wire.ConfigurationMessage, wire.EnrolRequest, wire.Enrolled, wire.Problem, wire.Receipt}
    assert top_level <= set(KINDS.values())
