"""The client against a real HTTP server: what is sent, and which answers count."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from ikm import wire
from ikm.domain.errors import Refusal
from sync import transport
from sync.failure import Cause, Failure
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.fake_server import FakeDevice
from tests.support.http_server import PORTAL, Reply, problem_reply
from tests.support.rounds import later_round


@pytest.fixture
def outbox(outbox):
    for _ in range(3):
        outbox.append(samples.body())
    return outbox


def failure_of(client, outbox):
    """The failure of a round that must not acknowledge anything."""
    outcome = later_round(outbox, client, FakeDevice())
    assert outcome.failure is not None
    assert outcome.receipt is None
    assert outbox.queue().pending == 3
    return outcome.failure


def assert_signed(asked):
    key = Ed25519PrivateKey.from_private_bytes(IDENTITY.private_key).public_key()
    signature = wire.from_base64(asked.headers[wire.SIGNATURE_HEADER], "signature_invalid")
    key.verify(signature, wire.signing_bytes(asked.method, asked.path, asked.body))


# -- what is sent --------------------------------------------------------------------------------------------------


def test_a_round_over_http_acknowledges_what_arrived(client, outbox, upstream):
    assert later_round(outbox, client, FakeDevice()).failure is None
    assert outbox.queue().pending == 0
    assert len(upstream.server.rows) == 3


def test_a_batch_is_signed_over_its_unpacked_canonical_bytes(client, http):
    batch = samples.batch(samples.chain([wire.canonical(samples.body())]))
    client.push(batch)
    (asked,) = http.asked
    assert (asked.method, asked.path) == ("POST", f"/api/v1/devices/{IDENTITY.device}/batches")
    assert asked.body == wire.canonical(batch)
    assert_signed(asked)
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"] == "ikm-kiosk/0.1.0"


def test_large_bodies_travel_packed_and_small_ones_plain(client, http):
    client.push(samples.batch([]))
    client.push(samples.batch(samples.chain([wire.canonical(samples.body())] * 5)))
    plain, packed = http.asked
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.raw) < len(packed.body)


def test_the_configuration_is_fetched_signed(client, http):
    assert client.configuration() == CONFIGURATION
    (asked,) = http.asked
    assert (asked.method, asked.path) == ("GET", f"/api/v1/devices/{IDENTITY.device}/configuration")
    assert_signed(asked)


def test_proxies_in_the_environment_are_not_used(client, outbox, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert later_round(outbox, client, FakeDevice()).failure is None


# -- which answers count -------------------------------------------------------------------------------------------


def changed(upstream, **changes):
    """An answer that is right but for these members."""

    def answer(asked):
        if asked.method == "GET":
            return upstream(asked)
        receipt = upstream.server.push(wire.decode_batch(asked.body))
        return Reply(200, wire.canonical(upstream.server.sign(structs.replace(receipt, **changes))))

    return answer


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "f" * 32},
        {"device": samples.row_id(7)},
        {"epoch": 2},
        {"server": samples.row_id(8)},
        {"protocol": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipt_for_something_else_is_not_a_receipt(client, http, outbox, upstream, changes):
    http.answer = changed(upstream, **changes)
    assert failure_of(client, outbox).cause is Cause.NOT_OUR_SERVER


@pytest.mark.parametrize("changes", [{"head_hash": "e" * 64}, {"head_seq": 2}])
def test_a_receipt_that_does_not_know_our_rows_acknowledges_nothing(client, http, outbox, upstream, changes):
    outbox.acknowledge(1, 3)
    http.answer = changed(upstream, **changes)
    outcome = later_round(outbox, client, FakeDevice())
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.receipt) == (Cause.DIVERGED, None)


def test_an_old_copy_of_a_receipt_is_not_a_receipt(client, http, outbox, upstream):
    kept = []

    def answer(asked):
        kept.append(upstream(asked))
        return kept[0]

    http.answer = answer
    client.push(samples.batch([], nonce="a" * 32))
    assert failure_of(client, outbox).cause is Cause.NOT_OUR_SERVER


def spoiled(upstream, spoil):
    return lambda asked: upstream(asked) if asked.method == "GET" else spoil(upstream(asked))


@pytest.mark.parametrize(
    "case",
    [
        (lambda good: PORTAL, Cause.NETWORK_LOGIN),
        (lambda good: replace(good, media_type="text/html"), Cause.NETWORK_LOGIN),
        (lambda good: replace(good, status=201), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, status=204, body=b""), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=b""), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=b"null"), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=b"\xff\xfe"), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=good.body[:-1]), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=good.body * 2), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=good.body[:-1] + b',"lain":1}'), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=good.body.replace(b'"head_seq":3', b'"head_seq":"3"')), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, body=good.body + b" " * transport.MAX_ANSWER_BYTES), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b"), Cause.NOT_OUR_SERVER),
        (lambda good: Reply(302, headers={"Location": "/login"}), Cause.NETWORK_LOGIN),
        (lambda good: Reply(307, headers={"Location": "/api/v1/x"}), Cause.NETWORK_LOGIN),
        (lambda good: Reply(511, PORTAL.body, media_type="text/html"), Cause.NETWORK_LOGIN),
        (lambda good: Reply(404, PORTAL.body, media_type="text/html"), Cause.NOT_OUR_SERVER),
        (lambda good: Reply(413, PORTAL.body, media_type="text/html"), Cause.REFUSED),
        (lambda good: Reply(403, b"{}", media_type="application/problem+json"), Cause.NOT_OUR_SERVER),
        (lambda good: replace(good, declared=len(good.body) + 10), Cause.NETWORK),
        (lambda good: Reply(cut=True), Cause.NETWORK),
        (lambda good: Reply(500, b"oops", media_type="text/plain"), Cause.SERVER),
        (lambda good: Reply(502, PORTAL.body, media_type="text/html"), Cause.SERVER),
        (lambda good: Reply(408, b"", media_type="text/plain"), Cause.SERVER),
        (lambda good: Reply(429, b"", media_type="text/plain"), Cause.SERVER),
    ],
)
def test_what_is_not_a_receipt_acknowledges_nothing_and_the_next_round_does(client, http, outbox, upstream, case):
    spoil, cause = case
    http.answer = spoiled(upstream, spoil)
    assert failure_of(client, outbox).cause is cause
    assert "/login" not in {asked.path for asked in http.asked}
    http.answer = upstream
    assert later_round(outbox, client, FakeDevice()).failure is None
    assert (outbox.queue().pending, len(upstream.server.rows)) == (0, 3)


def test_an_answer_cut_at_any_byte_is_not_a_receipt(client, http, outbox, upstream):
    client.push(samples.batch(outbox.pending(1, 3)))
    whole = upstream(http.asked[0])
    for length in range(0, len(whole.body), 7):
        http.answer = spoiled(upstream, lambda good, length=length: replace(good, body=good.body[:length]))
        assert failure_of(client, outbox).cause is Cause.NOT_OUR_SERVER


@pytest.mark.parametrize(
    ("code", "cause"),
    [("signature_invalid", Cause.REFUSED), ("fork", Cause.REFUSED), ("server_busy", Cause.SERVER)],
)
def test_a_problem_of_the_server_keeps_its_code_and_says_it_in_indonesian(client, http, outbox, code, cause):
    http.answer = lambda asked: problem_reply(code)
    failure = failure_of(client, outbox)
    assert (failure.cause, failure.code) == (cause, code)
    assert Refusal(code).problem.title in failure.sentence


def test_a_problem_whose_status_is_another_than_the_answers_is_not_believed(client, http, outbox):
    http.answer = lambda asked: replace(problem_reply("fork"), status=400)
    assert failure_of(client, outbox).code == "not_our_server"


def test_a_foreign_code_is_not_shown(client, http, outbox):
    problem = wire.Problem(code="x<script>", status=400, title="<b>", type="urn:x")
    http.answer = lambda asked: Reply(400, wire.canonical(problem), media_type="application/problem+json")
    failure = failure_of(client, outbox)
    assert failure.code == "refused"
    assert "<" not in failure.sentence


def test_a_gap_over_http_rewinds(client, http, outbox, upstream):
    later_round(outbox, client, FakeDevice())
    del upstream.server.rows[1:]
    outbox.append(samples.body())

    def answer(asked):
        try:
            return upstream(asked)
        except Failure as failure:
            head = upstream.server
            return problem_reply(failure.code, head_seq=len(head.rows), head_hash=head.head_hash)

    http.answer = answer
    assert later_round(outbox, client, FakeDevice()).failure is None
    assert (outbox.queue().pending, len(upstream.server.rows)) == (0, 4)


def test_too_large_over_http_halves_the_batch(client, http, outbox, upstream):
    def answer(asked):
        if asked.method == "POST" and len(wire.decode_batch(asked.body).rows) > 1:
            return Reply(413, b"Request Entity Too Large", media_type="text/html")
        return upstream(asked)

    http.answer = answer
    assert later_round(outbox, client, FakeDevice()).acknowledged == 3


def test_a_server_of_an_older_protocol_says_so_and_the_rows_stay(client, http, outbox):
    http.answer = lambda asked: problem_reply("protocol_unsupported")
    failure = failure_of(client, outbox)
    assert (failure.code, failure.slow) == ("protocol_unsupported", True)
    assert "Jawaban tetap tersimpan" in failure.sentence
