import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ikm import wire
from ikm.domain.errors import PROBLEMS, Refusal
from tests.support import samples


def replaced(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) >= 1, old
    return raw.replace(old, new, 1)


BODY = wire.canonical(samples.body(1, 2, 3, 4, 4, 3, 2, 1, 1))
BATCH = wire.canonical(samples.batch(samples.chain([BODY])))


def refused(call, raw) -> str:
    with pytest.raises(Refusal) as refusal:
        call(raw)
    return refusal.value.code


def test_a_body_and_a_batch_survive_the_way():
    assert wire.decode_body(BODY) == samples.body(1, 2, 3, 4, 4, 3, 2, 1, 1)
    batch = wire.decode_batch(BATCH)
    assert wire.canonical(batch) == BATCH
    assert bytes(batch.rows[0].body) == BODY


def test_a_body_becomes_a_domain_response():
    assert samples.body(1, 2).to_domain() == samples.response(1, 2)


@given(st.dictionaries(st.sampled_from(samples.CODES), st.integers(1, 4), min_size=1), st.integers(0, 2**53 - 1))
def test_canonical_bytes_are_those_of_rfc_8785(answers, duration_ms):
    body = samples.body(1, answers=answers, duration_ms=duration_ms)
    raw = wire.canonical(body)
    assert raw == rfc8785.dumps(json.loads(raw))
    assert wire.decode_body(raw) == body


@given(st.text(min_size=1, max_size=40).filter(lambda text: all(c >= " " and c != "\x7f" for c in text)))
def test_canonical_text_is_that_of_rfc_8785(text):
    message = wire.OptionMessage(code="A", text={"id": text})
    assert wire.canonical(message) == rfc8785.dumps({"code": "A", "text": {"id": text}})


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"BEHV":2', b'"BEHV":0', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":5', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":-1', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":true', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":"2"', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":2.0', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":null', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":18446744073709551616', "rating_out_of_range"),
        (b'"BEHV":2', b'"BEHV":2,"BEHV":4', "response_not_canonical"),
        (b'"BEHV":2', b'"BEHV": 2', "response_not_canonical"),
        (b'{"answers"', b'{"unit":"x","answers"', "response_not_canonical"),
        (b'"kiosk"', b'"\\u006biosk"', "response_not_canonical"),
        (b'"BEHV":2', b'"B HV":2', "response_malformed"),
        (b'"kiosk"', b'"telepati"', "response_malformed"),
        (b'"kiosk"', b"null", "response_malformed"),
        (b'"duration_ms":31000', b'"duration_ms":-1', "response_malformed"),
        (b'"duration_ms":31000', b'"duration_ms":1e999', "response_malformed"),
        (b'"duration_ms":31000', b'"duration_ms":NaN', "response_malformed"),
        (b'"duration_ms":31000', b'"duration_ms":' + b"9" * 5000, "response_malformed"),
        (b'"profile":{}', b'"profile":{},"name":"Siti"', "response_malformed"),
        (b'"unit":"dukcapil"', b'"unit":"duk\\u0000capil"', "response_malformed"),
        (b'"unit":"dukcapil"', b'"unit":"dukcapil\\n"', "response_malformed"),
        (b'"unit":"dukcapil"', b'"unit":"\\ud800"', "response_malformed"),
        (b'"unit":"dukcapil"', b'"unit":"\xff"', "response_malformed"),
        (b',"unit":"dukcapil"', b"", "response_malformed"),
    ],
)
def test_a_body_that_is_not_exactly_a_response_is_refused(old, new, code):
    assert refused(wire.decode_body, replaced(BODY, old, new)) == code


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"1", b'"x"', b"<html>", b"{", b"\xef\xbb\xbf{}", BATCH + b"x",
        BATCH.decode().encode("utf-16"), b"[" * 100_000, b'{"a":' * 100_000, b"\x00",
        b'{"protocol":1}', b'{"protocol":true}', b'{"protocol":"1"}', b'{"protocol":null}',
    ],
)  # fmt: skip
def test_bytes_that_are_no_batch_are_refused(raw):
    assert refused(wire.decode_batch, raw) == "body_malformed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"seq":1', b'"seq":0'),
        (b'"seq":1', b'"seq":9007199254740992'),
        (b'"seq":1', b'"seq":true'),
        (b'"epoch":1', b'"epoch":0'),
        (b'"device":"01a2', b'"device":"01A2'),
        (b'-7c00-7000-', b"-7c00-4000-"),
        (b'"nonce":"0', b'"nonce":"x'),
        (b'"prev_hash":"00', b'"prev_hash":"0'),
        (b'"queued":1', b'"queued":-1'),
        (b'"protocol":1', b'"protocol":1,"extra":1'),
    ],
)  # fmt: skip
def test_a_batch_with_one_wrong_member_is_refused(old, new):
    assert refused(wire.decode_batch, replaced(BATCH, old, new)) == "body_malformed"


def test_a_batch_has_at_most_two_hundred_rows():
    rows = samples.chain([BODY] * 201)
    assert refused(wire.decode_batch, wire.canonical(samples.batch(rows))) == "body_malformed"
    assert len(wire.decode_batch(wire.canonical(samples.batch(rows[:200]))).rows) == 200


@pytest.mark.parametrize("version", [0, 2, -1, 10**15])
def test_another_protocol_is_named_as_such_even_when_its_members_differ(version):
    raw = json.dumps({"protocol": version, "rows": "of another shape"}).encode()
    assert refused(wire.decode_batch, raw) == "protocol_unsupported"
    assert refused(wire.decode_enrol_request, raw) == "protocol_unsupported"


def test_a_refusal_says_where_and_never_what():
    with pytest.raises(Refusal) as refusal:
        wire.decode_body(replaced(BODY, b'"unit":"dukcapil"', b'"unit":"r a h a s i a"'))
    assert "$.unit" in refusal.value.detail
    assert "r a h" not in str(refusal.value)


@pytest.mark.parametrize("change", ["device", "epoch", "seq", "row_id", "prev_hash", "body"])
def test_a_row_hash_covers_every_part(change):
    facts = {"device": samples.DEVICE, "epoch": 1, "seq": 1, "row_id": "a", "prev_hash": wire.GENESIS, "body": b"{}"}
    other = facts | {change: 2 if change in {"epoch", "seq"} else b"[]" if change == "body" else "b"}
    assert wire.row_hash(**facts) != wire.row_hash(**other)


def test_a_row_hash_is_that_of_the_documented_bytes():
    import hashlib

    row = samples.chain([BODY])[0]
    text = f"ikm-row-1\n{samples.DEVICE}\n1\n1\n{row.id}\n{'0' * 64}\n{BODY.decode()}"
    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("other", [("PUT", "/a", b"x"), ("POST", "/b", b"x"), ("POST", "/a", b"y")])
def test_a_signature_covers_method_path_and_body(other):
    assert wire.signing_bytes("POST", "/a", b"x") != wire.signing_bytes(*other)


def test_a_questionnaire_and_a_configuration_survive_the_way():
    message = wire.configuration_message(samples.configuration())
    raw = wire.canonical(message)
    assert wire.decode(raw, wire.ConfigurationMessage).to_domain() == samples.configuration()
    assert wire.questionnaire_message(samples.skm()).to_domain() == samples.skm()


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_problem_has_a_status_a_sentence_and_a_message(code):
    message = wire.problem_of(Refusal(code, "di sini"))
    raw = json.loads(wire.canonical(message))
    assert raw["type"] == f"urn:ikm:problem:{code}"
    assert 400 <= raw["status"] < 600
    assert raw["title"].endswith(".")
    assert raw["detail"] == "di sini"


def test_a_gap_tells_where_the_server_stands():
    raw = json.loads(wire.canonical(wire.problem_of(Refusal("gap", head_seq=7, head_hash="a" * 64))))
    assert (raw["head_seq"], raw["head_hash"]) == (7, "a" * 64)


@pytest.mark.parametrize("text", ["=", "a", "á===", "YQ==\n"])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        wire.from_base64(text, "signature_invalid")
    assert refusal.value.code == "signature_invalid"


def test_bytes_survive_base64():
    assert wire.from_base64(wire.to_base64(bytes(range(256))), "signature_invalid") == bytes(range(256))
