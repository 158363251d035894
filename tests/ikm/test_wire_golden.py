import hashlib
import json
from pathlib import Path

import pytest

from ikm import wire
from ikm.domain.response import check

FOLDER = Path(__file__).parents[1] / "golden" / "wire" / "v1"
KINDS = {
    "batch": wire.Batch,
    "batch-heartbeat": wire.Batch,
    "configuration": wire.ConfigurationMessage,
    "configuration-full": wire.ConfigurationMessage,
    "enrol-request": wire.EnrolRequest,
    "enrolled": wire.Enrolled,
    "problem": wire.Problem,
    "problem-gap": wire.Problem,
    "receipt": wire.Receipt,
    "response-body-complete": wire.ResponseBody,
    "response-body-partial": wire.ResponseBody,
    "response-body-rotating": wire.ResponseBody,
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


def test_the_fullest_golden_files_spell_every_member_there_is():
    # what a file leaves out could change its spelling unnoticed
    for name, kind in (
        ("configuration-full", wire.ConfigurationMessage),
        ("response-body-rotating", wire.ResponseBody),
    ):
        assert json.loads(raw(name)).keys() == set(kind.__struct_fields__), name
    visit = json.loads(raw("response-body-rotating"))["visit"]
    assert visit.keys() == set(wire.VisitMessage.__struct_fields__)


def test_a_golden_short_form_is_one_its_questionnaire_could_have_produced():
    body = wire.decode_body(raw("response-body-rotating"))
    check(body.to_domain(), wire.decode(raw("configuration-full"), wire.ConfigurationMessage).questionnaire.to_domain())
