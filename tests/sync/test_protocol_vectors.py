"""The test vectors of docs/protocol.md, recomputed by a second implementation: standard library and cryptography only.

Nothing of the project is imported here, so that what both say is what the document says.
"""

import base64
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "golden" / "wire" / "v2"
VECTORS = json.loads((FOLDER / "vectors.json").read_bytes())
KEYS, DEVICE, SERVER = VECTORS["keys"], VECTORS["device"], VECTORS["server"]


def raw(name):
    return (FOLDER / f"{name}.json").read_bytes().removesuffix(b"\n")


def canonical(message):
    return json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def sign(name, content):
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[name]["private_hex"]))
    return base64.b64encode(private.sign(content)).decode()


def verify(key, signature, content):
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(base64.b64decode(signature), content)


def row_hash(epoch, row, body):
    head = f"ikm-row-1\n{DEVICE}\n{epoch}\n{row['seq']}\n{row['id']}\n{row['prev_hash']}\n"
    return sha256(head.encode() + body)


def request_bytes(method, path, body):
    return f"ikm-request-1\n{method}\n{path}\n{sha256(body)}".encode()


def genesis(epoch, opening):
    return sha256(f"ikm-epoch-1\n{DEVICE}\n{epoch}\n".encode() + canonical(opening)) if opening else "0" * 64


def test_vectors_are_added_to_and_never_edited():
    listed = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    assert listed == {path.name: sha256(path.read_bytes()) for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_message_is_written_in_its_canonical_bytes(path):
    if path.stem != "vectors":
        assert canonical(json.loads(raw(path.stem))) == raw(path.stem)


@pytest.mark.parametrize("name", KEYS)
def test_public_keys_and_fingerprints_follow_from_the_private_ones(name):
    key = KEYS[name]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["private_hex"]))
    public = private.public_key().public_bytes_raw()
    assert base64.b64encode(public).decode() == key["public"]
    number = int.from_bytes(hashlib.sha256(b"ikm-fingerprint-1\n" + public).digest()[:8], "big") % 1_000_000
    assert f"{number // 1000:03} {number % 1000:03}" == key["fingerprint"]


@pytest.mark.parametrize("request_", VECTORS["requests"], ids=lambda request: f"{request['method']} {request['file']}")
def test_a_request_is_signed_over_method_path_and_digest(request_):
    body = b"" if request_["file"] is None else raw(request_["file"])
    signed = request_bytes(request_["method"], request_["path"], body)
    assert sha256(body) == request_["body_sha256"]
    assert signed.decode() == request_["signed"]
    assert sign("device", signed) == request_["signature"]


@pytest.mark.parametrize("name", ["batch", "batch-opening"])
def test_rows_are_a_chain_from_the_genesis_of_their_epoch(name):
    text = raw(name).decode()
    batch = json.loads(text)
    previous = genesis(batch["epoch"], batch.get("opening"))
    expected = [row for row in VECTORS["rows"] if row["file"] == name]
    for row, vector in zip(batch["rows"], expected, strict=True):
        body = canonical(row["body"])
        # the bytes that are hashed are those that travel
        assert body.decode() in text
        assert row["prev_hash"] == vector["prev_hash"] == previous
        assert sha256(body) == vector["body_sha256"]
        assert row_hash(batch["epoch"], row, body) == row["hash"] == vector["hash"]
        previous = row["hash"]


@pytest.mark.parametrize("vector", VECTORS["genesis"], ids=lambda vector: f"epoch {vector['epoch']}")
def test_an_epoch_begins_with_the_hash_of_its_opening(vector):
    opening = vector["opening"] and json.loads(vector["opening"])
    assert genesis(vector["epoch"], opening) == vector["genesis"]
    if opening:
        assert canonical(opening).decode() == vector["opening"]


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda vector: vector["file"])
def test_a_receipt_is_signed_without_its_signature(vector):
    receipt = json.loads(raw(vector["file"]))
    signed = b"ikm-receipt-1\n" + canonical(receipt | {"signature": ""})
    assert sha256(signed) == vector["signed_sha256"]
    assert sign(vector["signed_by"], signed) == receipt["signature"] == vector["signature"]


def test_each_server_key_is_signed_by_the_one_before():
    held = json.loads(raw("server-keys"))["keys"]
    assert held[0]["signature"] == ""
    for (before, after), vector in zip(pairwise(held), VECTORS["server_key_chain"], strict=True):
        signed = f"ikm-server-key-1\n{SERVER}\n{after['key']}".encode()
        assert signed.decode() == vector["signed"]
        verify(before["key"], after["signature"], signed)
        assert sign(vector["signed_by"], signed) == after["signature"]


def test_a_new_device_key_proves_itself():
    roll, vector = json.loads(raw("key-roll")), VECTORS["key_roll"]
    signed = f"ikm-device-key-1\n{DEVICE}\n{roll['public_key']}".encode()
    assert signed.decode() == vector["signed"]
    assert sign(vector["signed_by"], signed) == roll["proof"]


def test_a_line_of_a_carry_out_file_is_the_request_it_stands_for():
    line = json.loads(raw("carry-out"))
    body = line["body"].encode()
    assert body == raw("batch-opening")
    verify(KEYS["device"]["public"], line["signature"], request_bytes("POST", line["path"], body))


def test_one_changed_byte_is_found():
    signed = request_bytes("POST", "/x", b"x")
    with pytest.raises(InvalidSignature):
        verify(KEYS["device"]["public"], sign("device", signed), signed + b"x")


def test_the_document_names_every_vector_and_every_prefix():
    text = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.json"):
        assert f"`{path.name}`" in text, path.name
    code = (ROOT / "ikm" / "wire" / "encoding.py").read_text(encoding="utf-8")
    prefixes = set(re.findall(r"ikm-[a-z-]+-1\\n", code))
    assert len(prefixes) == 7
    assert all(prefix in text for prefix in prefixes)
