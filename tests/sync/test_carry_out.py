"""Answers carried out on a stick and receipts carried back: the same acceptance, whole files or none."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import json, structs

from ikm import wire
from sync import carry_out, keys
from sync.carry_out import CarriedBatch, take_receipts, write_carry_out
from sync.failure import Cause, Failure
from tests.contracts.outbox import IDENTITY
from tests.support import samples
from tests.support.fake_outbox import FakeOutbox

NOW_MS = 1_795_545_296_000


@pytest.fixture
def outbox(outbox, server):
    outbox.pin_server_key(server.key)
    return outbox


def store(outbox, count, **changes):
    for _ in range(count):
        outbox.append(samples.body(**changes))


def carried(path):
    """The batches of a file, each with its signature checked."""
    batches = []
    for line in path.read_bytes().splitlines():
        found = json.decode(line, type=CarriedBatch)
        body = found.body.encode()
        signed = wire.signing_bytes("POST", found.path, body)
        assert keys.is_signed(keys.public_key(IDENTITY.private_key), found.signature, signed)
        batch = wire.decode_batch(body)
        assert wire.canonical(batch) == body
        assert found.path == f"/api/v1/devices/{batch.device}/batches"
        batches.append(batch)
    return batches


def imported(server, path):
    """The receipts the server gives for a file, as the file it sends back."""
    back = path.with_name(path.name + ".receipts")
    back.write_bytes(b"".join(wire.canonical(server.push(batch)) + b"\n" for batch in carried(path)))
    return back


def test_all_pending_rows_travel_and_come_back_acknowledged(outbox, server, tmp_path):
    store(outbox, 450)
    outbox.acknowledge(1, 20)
    for row in outbox.rows[:20]:
        server.chains[1].rows.append(row)
    out = write_carry_out(outbox, tmp_path, NOW_MS)
    assert (out.rows, out.batches, out.path.name) == (430, 3, f"ikm-{samples.DEVICE}-20261124-183456.jsonl")
    assert outbox.queue().pending == 430
    taken = take_receipts(outbox, imported(server, out.path))
    assert (taken.receipts, taken.acknowledged, taken.standing) == (3, 430, "active")
    assert outbox.queue().pending == 0
    assert [row.hash for row in server.rows] == [row.hash for row in outbox.rows]


def test_epochs_travel_in_order_with_their_openings(outbox, server, tmp_path):
    store(outbox, 2)
    outbox.begin_epoch("damaged", 2, 5)
    store(outbox, 3)
    out = write_carry_out(outbox, tmp_path, NOW_MS)
    assert [(batch.epoch, len(batch.rows), batch.opening) for batch in carried(out.path)] == [
        (1, 2, None),
        (2, 3, outbox.opening(2)),
    ]
    assert take_receipts(outbox, imported(server, out.path)).acknowledged == 5


def test_an_epoch_far_from_the_one_before_travels_too(outbox, server, tmp_path):
    store(outbox, 2)
    # a salvage that cannot know all epochs leaves numbers out
    outbox.step = 1000
    outbox.begin_epoch("damaged", 2, 5)
    store(outbox, 3)
    out = write_carry_out(outbox, tmp_path, NOW_MS)
    assert [(batch.epoch, len(batch.rows)) for batch in carried(out.path)] == [(1, 2), (1001, 3)]
    assert take_receipts(outbox, imported(server, out.path)).acknowledged == 5


def test_no_more_than_a_batch_of_rows_is_read_at_once(outbox, tmp_path, monkeypatch):
    store(outbox, 450)
    pending, asked = outbox.pending, []

    def counted(epoch, limit, after_seq=0):
        asked.append(limit)
        return pending(epoch, limit, after_seq)

    monkeypatch.setattr(outbox, "pending", counted)
    assert write_carry_out(outbox, tmp_path, NOW_MS).rows == 450
    assert max(asked) <= wire.MAX_ROWS


def test_receipts_that_come_while_a_file_is_written_leave_no_row_out_that_the_server_lacks(outbox, server, tmp_path):
    store(outbox, 450)

    def sent_meanwhile(rows):
        if rows == 200:
            server.chains[1].rows.extend(outbox.rows[:300])
            outbox.acknowledge(1, 300)

    out = write_carry_out(outbox, tmp_path, NOW_MS, written=sent_meanwhile)
    take_receipts(outbox, imported(server, out.path))
    assert outbox.queue().pending == 0
    assert [row.id for row in server.rows] == [row.id for row in outbox.rows]


def test_a_file_can_be_written_given_and_brought_back_again(outbox, server, tmp_path):
    store(outbox, 3)
    first = write_carry_out(outbox, tmp_path, NOW_MS)
    second = write_carry_out(outbox, tmp_path, NOW_MS + 1000)
    back = [imported(server, out.path) for out in (first, second, first)]
    assert [take_receipts(outbox, file).acknowledged for file in back] == [3, 0, 0]
    assert len(server.counted) == 3


def test_an_old_file_of_receipts_never_moves_the_watermark_back(outbox, server, tmp_path):
    store(outbox, 2)
    old = imported(server, write_carry_out(outbox, tmp_path, NOW_MS).path)
    store(outbox, 2)
    take_receipts(outbox, imported(server, write_carry_out(outbox, tmp_path, NOW_MS + 1000).path))
    assert take_receipts(outbox, old).acknowledged == 0
    assert outbox.queue().pending == 0


def test_without_answers_the_file_is_a_heartbeat_the_server_can_answer(outbox, server, tmp_path):
    out = write_carry_out(outbox, tmp_path, NOW_MS)
    assert (out.rows, out.batches) == (0, 1)
    assert take_receipts(outbox, imported(server, out.path)).receipts == 1


def test_no_moment_can_be_reckoned_from_when_a_file_arrives(outbox, tmp_path):
    store(outbox, 1)
    (batch,) = carried(write_carry_out(outbox, tmp_path, NOW_MS).path)
    assert batch.health.clock.boot_id != wire.decode_body(batch.rows[0].body).clock.boot_id
    assert (batch.health.clock.boot_id, batch.health.clock.state) == ("00000000-0000-0000-0000-000000000000", "unknown")


@pytest.mark.parametrize("now_ms", [-(2**53) + 1, 0, 2**53 - 1])
def test_a_clock_that_is_anywhere_is_no_reason_not_to_write(outbox, server, tmp_path, now_ms):
    store(outbox, 1)
    assert take_receipts(outbox, imported(server, write_carry_out(outbox, tmp_path, now_ms).path)).acknowledged == 1


def test_progress_is_told_after_each_batch(outbox, tmp_path):
    store(outbox, 250)
    told = []
    write_carry_out(outbox, tmp_path, NOW_MS, written=told.append)
    assert told == [200, 250]


# -- the medium ----------------------------------------------------------------------------------------------------


def test_a_stick_that_is_pulled_out_midway_leaves_nothing_that_looks_whole(outbox, tmp_path):
    store(outbox, 250)

    def pulled(rows):
        raise OSError(5, "Input/output error")

    with pytest.raises(Failure) as failed:
        write_carry_out(outbox, tmp_path, NOW_MS, written=pulled)
    assert failed.value.cause is Cause.MEDIUM
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_on_the_medium_before_it_has_its_name(outbox, tmp_path, monkeypatch):
    store(outbox, 1)
    order = []
    monkeypatch.setattr(carry_out.os, "fsync", lambda fd: order.append(str(Path(f"/proc/self/fd/{fd}").readlink())))
    out = write_carry_out(outbox, tmp_path, NOW_MS)
    assert order == [str(out.path.with_suffix(".part")), str(tmp_path)]


@pytest.mark.parametrize("folder", ["tidak-ada", "berkas"])
def test_a_place_that_is_no_folder_is_said_so(outbox, tmp_path, folder):
    (tmp_path / "berkas").touch()
    with pytest.raises(Failure) as failed:
        write_carry_out(outbox, tmp_path / folder, NOW_MS)
    assert failed.value.cause is Cause.MEDIUM


def test_a_full_stick_is_said_to_be_full(outbox):
    store(outbox, 1)
    # every write to it says that there is no room
    with pytest.raises(Failure) as failed, carry_out._medium(Path("/dev/full")):
        carry_out._write(os.open("/dev/full", os.O_WRONLY), b"x")
    assert failed.value.cause is Cause.MEDIUM_FULL
    assert "penuh" in failed.value.sentence


# -- which receipts count ------------------------------------------------------------------------------------------


@pytest.fixture
def back(outbox, server, tmp_path):
    store(outbox, 3)
    return imported(server, write_carry_out(outbox, tmp_path, NOW_MS).path)


def changed(signer, file, *, sign=True, **changes):
    receipt = structs.replace(wire.decode(file.read_bytes(), wire.Receipt), **changes)
    file.write_bytes(wire.canonical(signer.sign(receipt) if sign else receipt) + b"\n")


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"device": samples.row_id(7)}, Cause.RECEIPTS_UNREADABLE),
        ({"server": samples.row_id(7)}, Cause.RECEIPTS_UNREADABLE),
        ({"protocol": 1}, Cause.RECEIPTS_UNREADABLE),
        ({"head_hash": "e" * 64}, Cause.DIVERGED),
        ({"head_seq": 2}, Cause.DIVERGED),
        ({"sign": False, "durable_seq": 3}, Cause.RECEIPTS_UNREADABLE),
        ({"sign": False, "signature": ""}, Cause.RECEIPTS_UNREADABLE),
    ],
    ids=str,
)
def test_a_receipt_for_something_else_acknowledges_nothing(outbox, server, back, changes, cause):
    changed(server, back, **changes)
    with pytest.raises(Failure) as failed:
        take_receipts(outbox, back)
    assert failed.value.cause is cause
    assert outbox.queue().pending == 3


@pytest.mark.parametrize("content", [b"", b"\n", b"bukan", b"\xff\xfe", b"{}\n", b"[" * 100_000])
def test_what_is_no_file_of_receipts_is_refused(outbox, back, content):
    back.write_bytes(content)
    with pytest.raises(Failure) as failed:
        take_receipts(outbox, back)
    assert failed.value.cause is Cause.RECEIPTS_UNREADABLE


def test_one_bad_line_and_none_is_believed(outbox, server, tmp_path):
    store(outbox, 201)
    back = imported(server, write_carry_out(outbox, tmp_path, NOW_MS).path)
    back.write_bytes(back.read_bytes()[:-20])
    with pytest.raises(Failure):
        take_receipts(outbox, back)
    assert outbox.queue().pending == 201


def test_the_nonce_is_not_compared(outbox, server, back):
    changed(server, back, nonce="f" * 32)
    assert take_receipts(outbox, back).acknowledged == 3


def test_a_device_that_trusts_no_server_yet_believes_no_file(outbox, back):
    outbox.held_identity = replace(outbox.held_identity, server_key="")
    with pytest.raises(Failure):
        take_receipts(outbox, back)


def test_a_missing_file_is_said_so(outbox, tmp_path):
    with pytest.raises(Failure) as failed:
        take_receipts(outbox, tmp_path / "tidak-ada")
    assert failed.value.cause is Cause.MEDIUM


def test_what_a_receipt_says_of_the_device_is_told(outbox, server, tmp_path):
    store(outbox, 1)
    server.revoked_after = (1, 0)
    taken = take_receipts(outbox, imported(server, write_carry_out(outbox, tmp_path, NOW_MS).path))
    assert (taken.acknowledged, taken.standing) == (1, "revoked")


def test_a_device_nobody_knows_carries_nothing_out(tmp_path):
    for carry in (
        lambda: write_carry_out(FakeOutbox(), tmp_path, NOW_MS),
        lambda: take_receipts(FakeOutbox(), tmp_path),
    ):
        with pytest.raises(Failure):
            carry()
