import json
from dataclasses import replace

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ikm import wire
from ikm.domain.configuration import Aid, Opening, PublishedIndex, Service
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.domain.questionnaire import Instrument
from ikm.domain.regulation import Element, Factor
from tests.support import samples


def replaced(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) >= 1, old
    return raw.replace(old, new, 1)


BODY = wire.canonical(samples.body(1, 2, 3, 4, 4, 3, 2, 1, 1))
BATCH = wire.canonical(samples.batch(samples.chain([BODY])))


@pytest.fixture(params=["strict", "skimmed"])
def read_body(request):
    """Both ways to read a body; the quick one has met every word of a right one."""
    if request.param == "strict":
        return wire.decode_body
    reader = wire.BodyReader()
    reader.read(BODY)
    return reader.read


@pytest.fixture(params=[wire.decode_batch, wire.skim_batch], ids=["strict", "skimmed"])
def read_batch(request):
    """Both ways to read a batch."""
    return request.param


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


COMMENTS = st.text(max_size=500).filter(lambda text: all(c >= " " and c != "\x7f" for c in text))
STAGES = st.dictionaries(st.from_regex(r"\A[a-z]{1,12}(-[A-Z]{1,8})?\Z"), st.integers(0, 2**53 - 1), max_size=12)


@given(COMMENTS, STAGES, STAGES, st.sets(st.sampled_from(samples.CODES), min_size=1))
def test_what_a_citizen_adds_is_canonical_too_and_survives_the_way(comment, spent_ms, unanswered, asked):
    body = samples.body(
        1,
        comment=comment,
        instrument=Instrument.ROTATING,
        asked=sorted(asked),
        reasons={"REQ": "other"},
        visit=wire.VisitMessage(spent_ms=spent_ms, unanswered=unanswered, back_steps=len(asked)),
    )
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
def test_a_body_that_is_not_exactly_a_response_is_refused(old, new, code, read_body):
    assert refused(read_body, replaced(BODY, old, new)) == code


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"1", b'"x"', b"<html>", b"{", b"\xef\xbb\xbf{}", BATCH + b"x",
        BATCH.decode().encode("utf-16"), b"[" * 100_000, b'{"a":' * 100_000, b"\x00",
        b'{"protocol":1}', b'{"protocol":true}', b'{"protocol":"1"}', b'{"protocol":null}',
    ],
)  # fmt: skip
def test_bytes_that_are_no_batch_are_refused(raw, read_batch):
    assert refused(read_batch, raw) == "body_malformed"


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
        (b'"protocol":2', b'"protocol":2,"extra":1'),
    ],
)  # fmt: skip
def test_a_batch_with_one_wrong_member_is_refused(old, new, read_batch):
    assert refused(read_batch, replaced(BATCH, old, new)) == "body_malformed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"protocol":2', b'"protocol":1,"protocol":2'),
        (b'"queued":1', b'"queued":0,"queued":1'),
        (b'"seq":1', b'"seq":2,"seq":1'),
        (b'"protocol":2', b'"protocol": 2'),
        (b'"protocol":2', b'"opening":null,"protocol":2'),
    ],
)
def test_a_batch_that_is_spelt_in_another_way_is_refused(old, new, read_batch):
    with pytest.raises(Refusal) as refusal:
        read_batch(replaced(BATCH, old, new))
    assert (refusal.value.code, refusal.value.detail) == ("body_malformed", "canonical")


def test_a_batch_has_at_most_two_hundred_rows(read_batch):
    rows = samples.chain([BODY] * 201)
    assert refused(read_batch, wire.canonical(samples.batch(rows))) == "body_malformed"
    assert len(read_batch(wire.canonical(samples.batch(rows[:200]))).rows) == 200


@pytest.mark.parametrize("version", [0, 3, -1, 10**15])
def test_another_protocol_is_named_as_such_even_when_its_members_differ(version, read_batch):
    raw = json.dumps({"protocol": version, "rows": "of another shape"}).encode()
    assert refused(read_batch, raw) == "protocol_unsupported"
    assert refused(wire.decode_enrol_request, raw) == "protocol_unsupported"


def test_a_refusal_says_where_and_never_what(read_body):
    with pytest.raises(Refusal) as refusal:
        read_body(replaced(BODY, b'"unit":"dukcapil"', b'"unit":"r a h a s i a"'))
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


FULLEST = {
    "languages": ("id", "en", "jv", "su"),
    "services": (Service("ktp", {"id": "KTP"}, {"TIME": ({"id": "1 hari kerja"}, {"id": "Sejak berkas lengkap."})}),),
    "instrument": Instrument.ROTATING,
    "questions_each": 4,
    "asks_comment": False,
    "aids": frozenset({Aid.LARGE, Aid.ALOUD}),
    "pledge": ({"id": "Kami melayani.", "su": "Abdi sadaya ngalayanan."},),
    "published": PublishedIndex(8345, "B", 312, {"id": "Semester I 2026"}),
    "public_url": "https://skm.kabupaten-contoh.example/unit/dukcapil",
    "opening": (Opening(1, 480, 960), Opening(5, 480, 690)),
    "closed_on": ("2026-12-25",),
    "staff_pin": "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaA",
}
CONFIGURATION = wire.canonical(wire.configuration_message(samples.configuration(**FULLEST)))


def test_a_configuration_that_says_everything_survives_the_way_in_one_spelling():
    message = wire.decode(CONFIGURATION, wire.ConfigurationMessage)
    assert message.to_domain() == samples.configuration(**FULLEST)
    assert wire.canonical(message) == CONFIGURATION


def test_what_has_a_default_is_spelt_only_where_it_differs():
    plain = json.loads(wire.canonical(wire.configuration_message(samples.configuration())))
    full = json.loads(CONFIGURATION)
    assert full.keys() - plain.keys() == FULLEST.keys() - {"languages", "services"}
    spoken = {"asked", "comment", "instrument", "reasons", "visit"}
    assert not spoken & json.loads(BODY).keys()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"grade":"B"', b'"grade":"E"'),
        (b'"index_hundredths":8345', b'"index_hundredths":10001'),
        (b'"index_hundredths":8345', b'"index_hundredths":83.45'),
        (b'"respondents":312', b'"respondents":-1'),
        (b'"instrument":"rotating"', b'"instrument":"roulette"'),
        (b'"aids":["aloud"', b'"aids":["telepathy"'),
        (b'"asks_comment":false', b'"asks_comment":0'),
        (b'"2026-12-25"', b'"25-12-2026"'),
        (b'"$argon2id$', b'"$md5$'),
        (b'"https://skm', b'"javascript://skm'),
        (b'"public_url":"https://skm', b'"public_url":"https://s km'),
        (b'"weekday":1', b'"weekday":-1'),
        (b'"opens_min":480', b'"opens_min":480,"note":1'),
        (b'{"TIME":[', b'{"TI ME":['),
        (b'"pledge":[{', b'"pledge":[{"EN":"x",'),
    ],
)
def test_a_configuration_with_one_wrong_member_is_refused(old, new):
    raw = replaced(CONFIGURATION, old, new)
    assert refused(lambda sent: wire.decode(sent, wire.ConfigurationMessage), raw) == "body_malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"languages": ("id", *("ab" + chr(97 + n) for n in range(20)))},
        {"pledge": ({"id": "x"},) * 51},
        {"closed_on": ("2026-12-25",) * 1001},
        {"services": tuple(Service(f"s{n}", {"id": "x"}) for n in range(501))},
        {"services": (Service("s", {"id": "x", **{"ab" + chr(97 + n): "x" for n in range(20)}}),)},
        {"services": (Service("s", {"id": "x"}, {f"E{n}": () for n in range(101)}),)},
        {"opening": (Opening(1, 1, 2),) * 51},
        {"staff_pin": "$argon2id$" + "a" * 200},
        {"public_url": "https://" + "a" * 200},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_configuration_larger_than_any_office_needs_is_refused(change):
    with pytest.raises(msgspec.ValidationError):
        wire.configuration_message(samples.configuration(**change))


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


def test_an_element_an_office_added_survives_the_way_and_is_spelt_only_where_there_is_one():
    held = samples.skm()
    assert b'"added"' not in wire.canonical(wire.questionnaire_message(held))
    signs = Element("SIGN", 0, 0, "Papan petunjuk", "Signposts", Factor.FACILITIES)
    question = replace(held.questions[0], code="SIGN", element="SIGN")
    more = replace(held, questions=(*held.questions, question), added=(signs,))
    raw = wire.canonical(wire.questionnaire_message(more))
    assert wire.decode(raw, wire.QuestionnaireMessage).to_domain() == more
