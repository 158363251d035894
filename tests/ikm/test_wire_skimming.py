"""What is read quickly is what is read strictly: the same message, or the same refusal, whatever the bytes are."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument
from tests.support import samples

FULL = samples.body(
    1, 2, 3,
    asked=["REQ", "PROC", "TIME"], comment="cepat sekali", instrument=Instrument.ROTATING, language="en",
    profile={"age": "26-35", "gender": "P"}, reasons={"REQ": "other"},
    visit=wire.VisitMessage(
        aids=[Aid.LARGE], back_steps=1, inputs=["touch"], left_at="question-COST",
        spent_ms={"attract": 10, "question-REQ": 20}, unanswered={"question-COST": 1},
    ),
)  # fmt: skip
RAW = wire.canonical(FULL)
BATCH = wire.canonical(samples.batch(samples.chain([RAW] * 3)))


def outcome(read: Callable[[bytes], wire.Message], raw: bytes) -> tuple[object, ...]:
    try:
        return (wire.canonical(read(raw)),)
    except Refusal as refusal:
        return refusal.code, refusal.detail


def reader() -> wire.BodyReader:
    """One that has met every word of the full body."""
    made = wire.BodyReader()
    made.read(RAW)
    return made


def strings(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], str]]:
    """Every string of a JSON value and the way to it; a member's name is the way with None behind it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from strings(each, (*path, place))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name, None), name
            yield from strings(each, (*path, name))


def changed(raw: bytes, path: tuple[object, ...], word: str) -> bytes:
    """The message with another string there, spelt canonically."""
    message = json.loads(raw)
    *way, last = path
    named = last is None
    if named:
        *way, last = way
    inner = message
    for step in way:
        inner = inner[step]
    if named:
        inner[word] = inner.pop(last)
    else:
        inner[last] = word
    return json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


WORDS = sorted({word for _, word in strings(json.loads(RAW))})
STRANGE = ["", "r a h", "KTP\n", "Ä", "x" * 65, "ID", "question REQ", "\x00", "_", "kk", "../etc"]


@pytest.mark.parametrize("path", [path for path, _ in strings(json.loads(RAW))], ids=repr)
def test_a_string_of_a_body_is_read_by_its_own_rule_though_the_word_is_known_elsewhere(path):
    read = reader().read
    # no word of this body is right at every place of it
    for word in [*WORDS, *STRANGE]:
        raw = changed(RAW, path, word)
        assert outcome(read, raw) == outcome(wire.decode_body, raw), word


@pytest.mark.parametrize("path", [path for path, _ in strings(json.loads(BATCH)) if "body" not in path], ids=repr)
def test_a_string_of_a_batch_is_read_by_its_own_rule(path):
    rows = json.loads(BATCH)["rows"]
    # two ids in one string, with what would stand between them if they were two rows'
    joined = f"{rows[0]['id']}\n{rows[0]['prev_hash']}\n{rows[0]['hash']}\n{rows[1]['id']}"
    for word in [rows[0]["id"], rows[0]["hash"], rows[0]["hash"].upper(), rows[0]["hash"][:-1], joined, *STRANGE]:
        raw = changed(BATCH, path, word)
        assert outcome(wire.skim_batch, raw) == outcome(wire.decode_batch, raw), word


@given(st.integers(0, len(BATCH)), st.integers(0, 40), st.binary(max_size=8))
@example(0, 0, b"")
def test_damaged_bytes_are_read_alike(first, length, put):
    for raw, strict, quick in ((RAW, wire.decode_body, reader().read), (BATCH, wire.decode_batch, wire.skim_batch)):
        at = first % (len(raw) + 1)
        damaged = raw[:at] + put + raw[at + length :]
        assert outcome(quick, damaged) == outcome(strict, damaged)


def test_a_body_of_known_words_is_not_read_strictly_again(monkeypatch):
    read = reader().read
    monkeypatch.setattr("ikm.wire.skimming.decode_body", lambda raw: pytest.fail("read twice"))
    for body in (FULL, samples.body(4, 4, 4, language="en"), samples.body(*(2,) * 3, language="en", service="ktp")):
        assert wire.canonical(read(wire.canonical(body))) == wire.canonical(body)


def test_a_device_cannot_make_a_server_remember_without_end():
    made = wire.BodyReader()
    for number in range(10_050):
        made.read(wire.canonical(samples.body(1, service=f"s{number}")))
    assert len(made._codes) < 10_000 + 20
    # what was forgotten is read all the same, and remembered anew
    assert made.read(RAW) == FULL
    assert wire.canonical(made.read(RAW)) == RAW


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_batch_that_is_right_but_for_its_protocol_is_read_alike(version):
    raw = BATCH.replace(b'"protocol":2', b'"protocol":%d' % version)
    assert outcome(wire.skim_batch, raw) == outcome(wire.decode_batch, raw)
