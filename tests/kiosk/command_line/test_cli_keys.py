"""Commands about keys and files: enrolment without spending a code twice, fingerprints, rolled keys, carrying out."""

import json
import re

import pytest

from ikm import wire
from kiosk.store import Store
from sync import keys
from tests.contracts.outbox import IDENTITY
from tests.support.command_line import status
from tests.support.http_server import Reply

KEY = keys.public_key(bytes(range(32)))
"""Of a server that is not there any more."""


def identity(data):
    with Store.open(data) as store:
        return store.identity()


def fingerprint(private_key):
    return wire.fingerprint(keys.public_key(private_key))


def test_an_enrolment_whose_answer_is_lost_is_asked_for_again_with_the_same_key(kiosk, data, http):
    good = http.answer
    http.answer = lambda asked: Reply(cut=True)
    assert kiosk("enrol", "--server", http.url, "--code", "BCDF-GHJK")[0] == 1
    with Store.open(data) as store:
        kept = store.next_key()
    http.answer = good
    assert kiosk("enrol", "--server", http.url, "--code", "BCDF-GHJK")[0] == 0
    first, second = (wire.decode_enrol_request(asked.body).public_key for asked in http.asked)
    assert first == second == keys.public_key(kept)
    assert identity(data).private_key == kept
    assert identity(data).server_key == good.server.key
    with Store.open(data) as store:
        assert store.next_key() is None


def test_enrolling_shows_the_fingerprint_to_compare(kiosk, data, http):
    _, out, _ = kiosk("enrol", "--server", http.url, "--code", "BCDF-GHJK")
    digits = fingerprint(identity(data).private_key)
    assert f"Sidik jari {digits}; cocokkan dengan yang ditampilkan server (ikm devices list)." in out
    assert re.search(rf"Sidik jari +{digits}\n", kiosk("status")[1])


@pytest.mark.usefixtures("enrolled")
def test_a_key_is_rolled_and_the_next_answers_are_signed_with_it(kiosk, data, http):
    http.answer.device_key = keys.public_key(IDENTITY.private_key)
    code, out, _ = kiosk("roll-key")
    new = identity(data).private_key
    assert code == 0
    assert new != IDENTITY.private_key
    assert keys.public_key(new) == http.answer.device_key
    assert out.startswith(f"Kunci perangkat sudah diganti. Sidik jari {fingerprint(new)};")
    assert "Minta pengelola membuat cadangan server" in out
    assert kiosk("sync", "--once")[0] == 0
    assert len(http.answer.server.rows) == 3


@pytest.mark.usefixtures("enrolled")
def test_a_roll_that_cannot_reach_the_server_says_so_and_keeps_the_old_key(kiosk, data, http):
    http.answer = lambda asked: Reply(cut=True)
    code, _, err = kiosk("roll-key")
    assert (code, "(network)" in err) == (1, True)
    assert identity(data).private_key == IDENTITY.private_key


@pytest.mark.parametrize("arguments", [("roll-key",), ("carry-out", "."), ("receipts", "x"), ("trust-server", KEY)])
def test_before_enrolment_the_next_step_is_named(kiosk, arguments):
    code, out, err = kiosk(*arguments)
    assert (code, out) == (3, "")
    assert "kiosk enrol --server" in err


@pytest.fixture
def trusting(enrolled, data, http):
    """The enrolled device knows its server's key."""
    with Store.open(data) as store:
        store.pin_server_key(http.answer.server.key)


@pytest.mark.usefixtures("enrolled")
def test_a_server_that_came_back_with_an_older_key_is_trusted_by_hand(kiosk, data, http):
    with Store.open(data) as store:
        store.pin_server_key(KEY)
    code, out, _ = kiosk("sync", "--once")
    assert (code, "(not_our_server)" in out) == (1, True)
    right = http.answer.server.key
    for wrong in (right[:-2], "x", "", f"{right}A", right.replace("=", "")):
        code, out, err = kiosk("trust-server", wrong)
        assert (code, out, err) == (2, "", "Itu bukan kunci server. Salin seluruhnya dari: ikm keys list\n")
    assert identity(data).server_key == KEY
    code, out, _ = kiosk("trust-server", right)
    assert (code, out.startswith("Server dengan sidik jari ")) == (0, True)
    assert kiosk("sync", "--once")[0] == 0
    assert len(http.answer.server.rows) == 3


@pytest.mark.usefixtures("trusting")
def test_answers_go_out_on_a_stick_and_receipts_come_back(kiosk, http, tmp_path):
    code, out, _ = kiosk("carry-out", str(tmp_path))
    (path,) = tmp_path.glob("ikm-*.jsonl")
    assert code == 0
    assert out.startswith(f"3 jawaban ditulis ke {path}.\n")
    assert status(kiosk)["pending"] == 3
    line = json.loads(path.read_bytes())
    receipt = http.answer.server.push(wire.decode_batch(line["body"].encode()))
    back = tmp_path / f"{path.name}.receipts"
    back.write_bytes(wire.canonical(receipt) + b"\n")
    code, out, _ = kiosk("receipts", str(back))
    assert (code, out) == (0, "1 tanda terima dibaca, 3 jawaban terbukti diterima server. Menunggu: 0.\n")
    assert status(kiosk)["pending"] == 0
    assert http.asked == []


@pytest.mark.usefixtures("trusting")
def test_a_place_that_cannot_be_written_is_one_sentence(kiosk, tmp_path):
    code, _, err = kiosk("carry-out", str(tmp_path / "tidak-ada"))
    assert (code, err.count("\n"), "(medium)" in err) == (1, 1, True)


@pytest.mark.usefixtures("trusting")
def test_a_file_that_is_no_receipt_is_one_sentence(kiosk, tmp_path):
    (tmp_path / "x").write_text("bukan")
    code, _, err = kiosk("receipts", str(tmp_path / "x"))
    assert (code, err.count("\n"), "(receipts_unreadable)" in err) == (1, 1, True)
    assert status(kiosk)["pending"] == 3


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize(("standing", "words"), [("revoked", "sudah dicabut"), ("forked", "belum dihitung")])
def test_what_becomes_of_the_answers_is_said(kiosk, http, standing, words):
    server = http.answer.server
    server.revoked_after, server.forked = ((1, 1), False) if standing == "revoked" else (None, True)
    assert words in kiosk("sync", "--once")[1]
    found = status(kiosk)
    assert (found["standing"], found["rejected"]) == (standing, 2 if standing == "revoked" else 0)
    out = kiosk("status")[1]
    assert re.search(rf"Kedudukan +.*{words}", out)
    assert ("2 jawaban disisihkan" in out) is (standing == "revoked")


@pytest.mark.usefixtures("enrolled")
def test_what_the_store_complains_of_goes_up_with_the_heartbeat(kiosk, http, monkeypatch):
    monkeypatch.setattr(Store, "warnings", lambda _self: ["disk_low", "disk_low", *(f"kode-{n}" for n in range(30))])
    assert kiosk("sync", "--once")[0] == 0
    warnings = http.answer.server.batches[0].health.warnings
    assert warnings[:2] == ["disk_low", "kode-0"]
    assert len(warnings) == 20
