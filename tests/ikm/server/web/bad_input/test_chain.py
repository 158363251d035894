"""Classes 22 to 29 and 32 to 34, threats 10 and 11: rows that do not fit their chain, and whose chain it is."""

import base64

import pytest
from msgspec import structs

from ikm import wire
from ikm.server.enrol import Enrolment
from ikm.server.ingest import now_ms
from tests.ikm.server.kiosk_device import KioskDevice, stored
from tests.ikm.server.web.bad_input.site import Site, Ward, rehashed, secret
from tests.support import samples
from tests.support.samples import body

pytestmark = pytest.mark.whole


def test_a_batch_without_rows_is_the_heartbeat(ward: Ward) -> None:
    """Class 22: no refusal; the receipt says where the server stands, and nothing is stored of it."""
    ward.goes_on()
    before = stored(ward.site.store)
    receipt = ward.site.send(ward.rows([])).receipt
    assert (receipt.head_seq, receipt.head_hash) == (len(ward.device.rows), ward.device.rows[-1].hash)
    assert stored(ward.site.store) == before


def test_a_first_word_without_rows_begins_no_chain(own_ward: Ward) -> None:
    """Class 22 on a device that has sent nothing yet."""
    receipt = own_ward.site.send(own_ward.rows([])).receipt
    assert (receipt.head_seq, receipt.head_hash) == (0, wire.GENESIS)
    own_ward.goes_on()


def test_201_rows_are_refused_and_200_are_not(own_ward: Ward) -> None:
    """Class 23."""
    own_ward.refuses(own_ward.rows(own_ward.next(*[secret()] * (wire.MAX_ROWS + 1))), "body_malformed")
    receipt = own_ward.site.send(own_ward.rows(own_ward.device.add(*[secret()] * wire.MAX_ROWS))).receipt
    assert receipt.head_seq == wire.MAX_ROWS + 1


def test_a_million_rows_are_refused_before_they_are_read(ward: Ward) -> None:
    """Class 23: over the cap as they are, and unpacked from what gzip makes of them."""
    raw = ward.plain().replace(b'"rows":[', b'"rows":[' + b"{}," * 1_000_000)
    ward.refuses(ward.device.signed(raw), "body_too_large")
    packed = ward.device.zipped(raw)
    assert len(packed.body) < wire.MAX_BODY_BYTES
    ward.refuses(packed, "body_too_large")


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0), (0, 0, 1), (0, 1, 1), (0, 2), (0, 1, 0)], ids=str)
def test_rows_out_of_order_twice_or_with_one_left_out_are_refused(ward: Ward, order: tuple[int, ...]) -> None:
    """Classes 24 and 25: the same number twice is the same row twice, and out of order too."""
    rows = ward.next(secret(), secret(duration_ms=1), secret(duration_ms=2))
    ward.refuses(ward.rows([rows[place] for place in order]), "batch_order")


def test_the_same_number_twice_with_other_bodies_is_refused(ward: Ward) -> None:
    """Class 25: two rows that each fit behind the same one."""
    first, other = ward.next(secret())[0], ward.next(secret(duration_ms=1))[0]
    ward.refuses(ward.rows([first, other]), "batch_order")


def test_one_id_for_two_responses_keeps_the_second_aside(ward: Ward) -> None:
    """Class 26 in one batch, and later; the first one counts."""
    before = stored(ward.site.store)
    first, second = ward.next(secret(), secret(duration_ms=1))
    second = rehashed(second, ward.device.device, id=first.id)
    mark = ward.mark()
    receipt = ward.site.send(ward.rows([first, second])).receipt
    assert receipt.rejected == [wire.RejectedRow(code="response_conflict", seq=second.seq)]
    assert (receipt.head_seq, receipt.head_hash) == (second.seq, second.hash)
    ward.device.rows += [first, second]
    third = rehashed(ward.next(secret(duration_ms=2))[0], ward.device.device, id=first.id)
    receipt = ward.site.send(ward.rows([third])).receipt
    assert receipt.rejected == [wire.RejectedRow(code="response_conflict", seq=third.seq)]
    ward.device.rows.append(third)
    again = rehashed(ward.next(bytes(first.body))[0], ward.device.device, id=first.id)
    receipt = ward.site.send(ward.rows([again])).receipt
    assert receipt.rejected == [wire.RejectedRow(code="response_repeated", seq=again.seq)]
    ward.device.rows.append(again)
    after = stored(ward.site.store)
    assert (after["response"], after["quarantine"]) == (before["response"] + 1, before["quarantine"] + 3)
    ward.goes_on()
    ward.quiet(mark)
    assert ward.site.store.differences() == []


def test_one_id_for_responses_of_two_devices_keeps_the_second_aside(ward: Ward, own_ward: Ward) -> None:
    """Class 32: an id that another device has used, with the same body and with another."""
    ward.goes_on()
    taken = ward.device.rows[-1]
    for raw in (secret(), bytes(taken.body)):
        stolen = rehashed(own_ward.next(raw)[0], own_ward.device.device, id=taken.id)
        receipt = own_ward.site.send(own_ward.rows([stolen])).receipt
        assert [row.seq for row in receipt.rejected] == [stolen.seq]
        assert receipt.rejected[0].code in {"response_conflict", "response_repeated"}
        own_ward.device.rows.append(stolen)
    assert ward.site.store.differences() == []
    own_ward.goes_on()
    ward.goes_on()


def test_a_gap_is_refused_with_the_head(ward: Ward) -> None:
    """Class 28."""
    ward.goes_on()
    head = ward.device.rows[-1]
    for missing in (1, 2, 50):
        rows = ward.next(*[secret()] * (missing + 1))
        problem = ward.refuses(ward.rows(rows[missing:]), "gap")
        assert (problem.head_seq, problem.head_hash) == (head.seq, head.hash)
        head = ward.device.rows[-1]


def test_a_first_row_that_follows_nothing_is_refused(own_ward: Ward) -> None:
    """Class 29 at the beginning of a chain: before it is nothing that could be another one."""
    [row] = own_ward.next()
    problem = own_ward.refuses(own_ward.rows([rehashed(row, own_ward.device.device, prev_hash="f" * 64)]), "gap")
    assert (problem.head_seq, problem.head_hash) == (0, wire.GENESIS)


def test_a_break_inside_a_batch_is_refused_whole(ward: Ward) -> None:
    """Class 29 in the middle: the rows before the break are good, and are not stored either."""
    first, second = ward.next(secret(), secret())
    ward.refuses(ward.rows([first, rehashed(second, ward.device.device, prev_hash="f" * 64)]), "gap")


def test_a_row_after_another_one_than_the_server_holds_is_a_fork(own_ward: Ward) -> None:
    """Class 29 at the head: two chains of one device. What parts is kept aside, and counts when an officer says so."""
    site, device = own_ward.site, own_ward.device
    for _ in range(3):
        own_ward.goes_on()
    before, mark = stored(site.store), own_ward.mark()
    wrong = rehashed(own_ward.next()[0], device.device, prev_hash="f" * 64)
    problem = site.send(own_ward.rows([wrong])).problem
    # where the two parted cannot be seen from here, so the device is asked to send from farther back
    assert (problem.code, problem.head_seq) == ("gap", 0)
    assert stored(site.store) == before | {
        "fork": before["fork"] + 1, "quarantine": before["quarantine"] + 1, **counts_of(site),
    }  # fmt: skip
    kept = site.store.quarantined(device.device)
    assert [(row.seq, row.code, row.chained) for row in kept] == [(4, "fork", False)]
    receipt = site.send(own_ward.rows(device.add(body()))).receipt
    assert (receipt.head_seq, receipt.standing, receipt.rejected) == (4, "forked", [])
    assert site.store.differences() == []
    site.store.decide_fork(device.device, 1, "count", who="Sari", reason="kartu lama", now_ms=now_ms())
    assert site.send(own_ward.rows([])).receipt.standing == "active"
    assert site.store.differences() == []
    own_ward.goes_on()
    own_ward.quiet(mark)


def counts_of(site: Site) -> dict[str, int]:
    """How many cells the tallies have, of which held rows may empty some."""
    return {name: count for name, count in stored(site.store).items() if name.startswith("tally")}


def test_a_hash_that_is_not_of_the_row_is_refused(ward: Ward) -> None:
    """Classes 30 and 37 inside a batch: each part of what is hashed, changed alone."""
    [row] = ward.next()
    for changed in (
        structs.replace(row, hash="0" * 64), structs.replace(row, prev_hash="f" * 64),
        structs.replace(row, id=row.id[:-1] + ("0" if row.id[-1] != "0" else "1")),
        structs.replace(row, seq=row.seq + 1), structs.replace(row, body=ward.next(secret(duration_ms=1))[0].body),
    ):  # fmt: skip
        ward.refuses(ward.rows([changed]), "row_hash_invalid")


def test_a_batch_of_another_device_is_refused_though_signed(ward: Ward, own_ward: Ward) -> None:
    """Class 32 and threat 11: the chain of one is no chain of the other, for the device stands in every hash."""
    theirs = own_ward.next()
    batch = samples.batch(theirs, device=own_ward.device.device)
    ward.refuses(ward.device.signed(wire.canonical(batch)), "batch_device_mismatch")
    relabelled = samples.batch(theirs, device=ward.device.device)
    ward.refuses(ward.device.signed(wire.canonical(relabelled)), "row_hash_invalid")
    own_ward.goes_on()


@pytest.mark.parametrize(
    "name", [samples.DEVICE, "x", "%20", "0" * 36, "'; DROP TABLE device; --", "..", "*", "a" * 5_000]
)
def test_a_device_nobody_enrolled_is_refused(ward: Ward, name: str) -> None:
    """Class 33."""
    from dataclasses import replace
    from urllib.parse import quote

    call = replace(ward.rows(ward.next()), path=f"/api/v1/devices/{quote(name, safe='%')}/batches")
    ward.refuses(call, "device_unknown")


def test_what_a_revoked_device_gives_later_is_kept_aside(own_ward: Ward) -> None:
    """Class 33: the rows before still come in, those after it are kept and told, and so is its standing."""
    site, device = own_ward.site, own_ward.device
    own_ward.goes_on()
    rows = device.add(secret(), secret())
    assert site.store.revoke(device.device, now_ms(), after=(1, rows[0].seq), who="Sari", reason="hilang")
    mark = own_ward.mark()
    receipt = site.send(own_ward.rows(rows)).receipt
    assert receipt.rejected == [wire.RejectedRow(code="device_revoked", seq=rows[1].seq)]
    assert (receipt.head_seq, receipt.standing) == (rows[1].seq, "revoked")
    assert site.send(own_ward.rows([])).receipt.standing == "revoked"
    own_ward.quiet(mark)
    assert site.store.differences() == []


@pytest.mark.parametrize("epoch", [2, 3, 1_000, 2**53 - 1])
def test_an_epoch_nobody_opened_is_refused(ward: Ward, epoch: int) -> None:
    """Class 34."""
    rows = [rehashed(ward.next()[0], ward.device.device, epoch, seq=1, prev_hash=wire.GENESIS)]
    ward.refuses(ward.device.call(rows, epoch=epoch), "opening_invalid")
    ward.refuses(ward.device.call([], epoch=epoch), "opening_invalid")


def test_an_opening_where_none_may_be_or_of_no_epoch_before_is_refused(ward: Ward) -> None:
    """Class 34: an opening of the first epoch, and one that closes itself or a later one."""
    ward.goes_on()
    opened = ward.device.begin()
    good = opened.openings[2]
    ward.refuses(ward.device.call([], opening=good), "opening_invalid")
    for changes in ({"previous_epoch": 2}, {"previous_epoch": 3}, {"previous_epoch": 2**53 - 1}):
        wrong = structs.replace(good, **changes)
        ward.refuses(opened.call([], opening=wrong), "opening_invalid")


def test_an_epoch_is_opened_once(own_ward: Ward) -> None:
    """Class 34: what an epoch began with cannot be said again in another way."""
    own_ward.goes_on()
    opened = own_ward.device.begin()
    assert own_ward.site.send(opened.call(opened.add(body()))).receipt.head_seq == 1
    before = stored(own_ward.site.store)
    other = structs.replace(opened.openings[2], known_seq=99)
    answer = own_ward.site.send(opened.call(opened.add(body()), opening=other))
    assert answer.problem.code == "opening_invalid"
    assert stored(own_ward.site.store) == before
    assert own_ward.site.send(opened.call(opened.rows)).receipt.head_seq == 2


def test_a_batch_that_comes_again_changes_nothing(own_ward: Ward) -> None:
    """Threat 10: the same bytes any number of times, the older ones too, and after others have come."""
    calls = [own_ward.rows(own_ward.device.add(body(), body())) for _ in range(3)]
    first = [own_ward.site.send(call).receipt for call in calls]
    before, mark = stored(own_ward.site.store), own_ward.mark()
    for call, once in zip(calls * 3, first * 3, strict=True):
        again = own_ward.site.send(call).receipt
        assert (again.head_seq, again.head_hash) == (first[-1].head_seq, first[-1].head_hash)
        assert (again.rejected, again.nonce) == ([], once.nonce)
    assert own_ward.site.store.differences() == []
    own_ward.still(before, mark)


# another process, the server's own, checks the code that is made here
@pytest.mark.usefixtures("dear_hashes")
def test_an_enrolment_that_comes_again_makes_no_second_device(site: Site) -> None:
    """Threat 10: the code is used up; the same key gets the same device, another key gets none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ikm.server.enrol import make_code
    from tests.ikm.server.kiosk_device import enrol_bytes

    key = Ed25519PrivateKey.generate()
    raw = enrol_bytes(make_code(site.store, "dukcapil-1", now_ms()).code, key)
    told = {"Content-Type": "application/json"}
    first, again = (site.ask("POST", "/api/v1/enrolments", raw, told) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    other = wire.to_base64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    mine = wire.to_base64(key.public_key().public_bytes_raw())
    stolen = raw.replace(mine.encode(), other.encode())
    assert base64.b64decode(other) != base64.b64decode(mine)
    assert site.ask("POST", "/api/v1/enrolments", stolen, told).problem.code == "enrolment_code_invalid"
    # a wrong guess less for the tests that follow
    site.store.forgive_try("127.0.0.1")
    assert Enrolment(site.store)
    assert KioskDevice.enrolled(site.store).device != wire.decode(first.body, wire.Enrolled).device
