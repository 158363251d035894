import gzip
import zlib
from dataclasses import replace

import pytest
from msgspec import Raw

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.ingest import Ingest, uncompressed
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, code_of, stored
from tests.support import samples
from tests.support.samples import body

# -- refusals ------------------------------------------------------------------------------------------------------


def spelled(old: str, new: str) -> bytes:
    """A body's bytes with something else written in them."""
    raw = wire.canonical(body()).decode()
    assert old in raw
    return raw.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (spelled('"TIME":3', '"TIME":0'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":5'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":-1'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":true'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":"3"'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":3.5'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":null'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":9223372036854775808'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":3.0'), "rating_out_of_range"),
        (spelled('"TIME":3', '"TIME":3,"TIME":3'), "response_not_canonical"),
        (spelled('"TIME":3', '"TIME": 3'), "response_not_canonical"),
        (spelled('"duration_ms":31000', '"duration_ms":-1'), "response_malformed"),
        (spelled('"duration_ms":31000', '"duration_ms":true'), "response_malformed"),
        (spelled('"language":"id"', '"language":"ID"'), "response_malformed"),
        (spelled('"unit":"dukcapil"', '"unit":"dukcapil","x":1'), "response_malformed"),
        (spelled('"status":"complete"', '"status":"finished"'), "response_malformed"),
        (b"7", "response_malformed"),
        (b"[]", "response_malformed"),
        (b"null", "response_malformed"),
        (wire.canonical(body(questionnaire="skm-2099")), "questionnaire_unknown"),
        (wire.canonical(body(answers={**samples.response(*(3,) * 8).answers, "NEW": 3})), "question_unknown"),
        (wire.canonical(body(answers={}, status="partial")), "answers_empty"),
        (wire.canonical(body(status="partial")), "status_contradicts_answers"),
        (wire.canonical(body(3, status="complete")), "status_contradicts_answers"),
        (wire.canonical(body(profile={"gender": "X"})), "profile_unknown"),
        (wire.canonical(body(profile={"religion": "L"})), "profile_unknown"),
        (wire.canonical(body(unit="nowhere")), "unit_unknown"),
        (wire.canonical(body(unit="pkm-harapan", counter="pkm-harapan-1", service="umum")), "unit_unknown"),
        (wire.canonical(body(counter="pkm-harapan-1")), "unit_unknown"),
        (wire.canonical(body(counter="dukcapil")), "unit_unknown"),
        (wire.canonical(body(service="umum")), "service_unknown"),
    ],
)
def test_one_bad_response_is_kept_aside_and_the_queue_goes_on(sqlite_store, bad, code):
    ingest, device = Ingest(sqlite_store, lambda: NOW_MS), KioskDevice.enrolled(sqlite_store)
    rows = device.add(body(), bad, body())
    receipt = ingest.accept(device.signed(raw_batch(device, rows)))
    assert receipt.rejected == [wire.RejectedRow(code=code, seq=2)]
    assert (receipt.head_seq, receipt.head_hash) == (3, rows[2].hash)
    [kept] = sqlite_store.quarantined()
    assert (kept.body, kept.hash, kept.id, kept.code) == (bad, rows[1].hash, rows[1].id, code)
    assert (kept.chained, kept.decision, kept.received_ms) == (True, None, NOW_MS)
    assert stored(sqlite_store)["response"] == 2
    assert sqlite_store.differences() == []


def test_a_batch_of_nothing_but_bad_responses_moves_the_head_and_counts_nothing(store, ingest, device):
    receipt = ingest.accept(device.call(device.add(b"7", b"[]")))
    assert (receipt.head_seq, [one.seq for one in receipt.rejected]) == (2, [1, 2])
    assert stored(store) == NOTHING | {"head": 1, "quarantine": 2}
    assert ingest.accept(device.call(device.add(body()))).rejected == []


def test_a_row_kept_aside_is_told_again_when_its_batch_comes_again(store, ingest, device):
    rows = device.add(body(), b"7", body())
    first = ingest.accept(device.call(rows))
    assert ingest.accept(device.call(rows)) == first
    assert ingest.accept(device.call(rows[2:])).rejected == []
    assert stored(store)["quarantine"] == 1


def test_a_server_that_cannot_check_a_row_keeps_nothing_aside(sqlite_store, monkeypatch):
    device, ingest = KioskDevice.enrolled(sqlite_store), Ingest(sqlite_store, lambda: NOW_MS)

    def busy(_: str) -> None:
        raise Refusal("server_busy")

    monkeypatch.setattr(sqlite_store, "questionnaire", busy)
    assert code_of(ingest, device.call(device.add(body()))) == "server_busy"
    assert stored(sqlite_store) == NOTHING
    monkeypatch.undo()
    assert ingest.accept(device.call(device.rows)).rejected == []


def raw_batch(device, rows):
    return wire.canonical(samples.batch(rows, device=device.device))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"<html></html>", b"[]", b"1", b'"x"', b"null", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"protocol":NaN}',
     b'{"protocol":1e999}', b'{"protocol":' + b"9" * 5000 + b"}", b"[" * 5000, b'{"protocol":true}',
     b'{"protocol":"1"}', b'{"protocol":1}', b'{"protocol":1,"protocol":1}', '{"protocol":1}'.encode("utf-16")],
)  # fmt: skip
def test_what_is_no_batch_is_refused(sqlite_store, raw):
    device = KioskDevice.enrolled(sqlite_store)
    assert code_of(Ingest(sqlite_store), device.signed(raw)) == "body_malformed"


def test_another_protocol_is_told_apart_from_a_broken_message(sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    assert code_of(Ingest(sqlite_store), device.signed(b'{"protocol":3,"whatever":[]}')) == "protocol_unsupported"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seq":1', '"seq":0'), ('"seq":1', '"seq":-1'), ('"seq":1', '"seq":true'),
        ('"seq":1', '"seq":9007199254740992'),
        ('"epoch":1', '"epoch":0'), ('"nonce":"0', '"nonce":"X'), ('"hash":"', '"hash":"A'), ('"id":"0', '"id":"{0'),
        ('"queued":1', '"queued":1,"extra":1'), ('"queued":1', '"queued":NaN'),
    ],
)  # fmt: skip
def test_a_misspelt_batch_is_refused(sqlite_store, old, new):
    device = KioskDevice.enrolled(sqlite_store)
    raw = raw_batch(device, device.add(body())).decode()
    assert old in raw
    assert code_of(Ingest(sqlite_store), device.signed(raw.replace(old, new, 1).encode())) == "body_malformed"
    assert stored(sqlite_store) == NOTHING


def test_more_rows_than_a_batch_may_have_are_refused(sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    rows = device.add(*(body() for _ in range(wire.MAX_ROWS + 1)))
    assert code_of(Ingest(sqlite_store), device.call(rows)) == "body_malformed"
    assert Ingest(sqlite_store).accept(device.call(rows[:-1])).head_seq == wire.MAX_ROWS


def test_a_row_whose_hash_is_not_of_its_content_is_refused(sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    row = device.add(body())[0]
    changed = wire.Row(
        body=Raw(wire.canonical(body(*(4,) * 9))), hash=row.hash, id=row.id, prev_hash=row.prev_hash, seq=1
    )
    assert code_of(Ingest(sqlite_store), device.call([changed])) == "row_hash_invalid"
    assert stored(sqlite_store) == NOTHING


def test_a_batch_of_another_device_is_refused_though_signed(sqlite_store):
    device, other = KioskDevice.enrolled(sqlite_store), KioskDevice.enrolled(sqlite_store)
    assert code_of(Ingest(sqlite_store), device.signed(raw_batch(other, other.add(body())))) == "batch_device_mismatch"


@pytest.mark.parametrize("changes", [
    {"signature": ""}, {"signature": "?"},
    {"signature": wire.to_base64(b"0" * 64)}, {"signature": wire.to_base64(b"0")},
    {"path": "/api/v1/devices/x/batches"}, {"method": "PUT"},
])  # fmt: skip
def test_a_wrong_signature_is_refused(sqlite_store, changes):
    device = KioskDevice.enrolled(sqlite_store)
    call = replace(device.call(device.add(body())), **changes)
    assert code_of(Ingest(sqlite_store), call) == "signature_invalid"
    assert stored(sqlite_store) == NOTHING


def test_a_body_changed_after_signing_is_refused(sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    call = device.call(device.add(body()))
    other = device.call(device.add(body()))
    assert code_of(Ingest(sqlite_store), replace(call, body=other.body)) == "signature_invalid"


def test_another_devices_key_is_refused(sqlite_store):
    device, other = KioskDevice.enrolled(sqlite_store), KioskDevice.enrolled(sqlite_store)
    device.key = other.key
    assert code_of(Ingest(sqlite_store), device.call(device.add(body()))) == "signature_invalid"


@pytest.mark.parametrize("name", [samples.DEVICE, "", "x", "0" * 32, "'; DROP TABLE device"])
def test_a_device_nobody_enrolled_is_refused(store, name):
    device = KioskDevice.enrolled(store)
    call = replace(device.call([]), device=name)
    assert code_of(Ingest(store), call) == "device_unknown"


# -- sizes and gzip ------------------------------------------------------------------------------------------------


def test_a_compressed_batch_is_the_same_batch(store, ingest, device):
    raw = raw_batch(device, device.add(body(), body()))
    assert ingest.accept(device.zipped(raw)) == ingest.accept(device.signed(raw))


def test_bytes_up_to_the_cap_pass_and_one_more_does_not():
    fits = b"x" * wire.MAX_BODY_BYTES
    assert uncompressed(fits, "") == uncompressed(fits, "identity") == uncompressed(gzip.compress(fits), "GZIP") == fits
    for sent, encoding in ((fits + b"x", ""), (gzip.compress(fits + b"x"), "gzip")):
        with pytest.raises(Refusal) as caught:
            uncompressed(sent, encoding)
        assert caught.value.code == "body_too_large"


def test_a_gzip_bomb_is_given_up_at_the_cap():
    import tracemalloc

    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(bomb) < wire.MAX_BODY_BYTES
    tracemalloc.start()
    with pytest.raises(Refusal) as caught:
        uncompressed(bomb, "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "body_too_large"
    assert peak < 4 * wire.MAX_BODY_BYTES


ONE = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize(
    "sent",
    [b"", b"{}", ONE[:-1], ONE + b"x", ONE * 2,
     ONE[:-8] + b"\0" * 8, zlib.compress(b"{}")],
)  # fmt: skip
def test_a_gzip_stream_that_is_not_exactly_one_is_refused(sent):
    with pytest.raises(Refusal) as caught:
        uncompressed(sent, "gzip")
    assert caught.value.code == "body_malformed"


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_encodings_are_refused(encoding):
    with pytest.raises(Refusal) as caught:
        uncompressed(b"{}", encoding)
    assert caught.value.code == "content_encoding_unsupported"
