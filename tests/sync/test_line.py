"""The line to the server: what is too slow, broken, not TLS or another's, and how long to wait."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from sync import transport
from sync.backoff import BASE_S, SLOW_S, delay_s
from sync.client import Client
from sync.failure import Cause
from tests.contracts.outbox import IDENTITY
from tests.support import samples
from tests.support.fake_server import FakeDevice
from tests.support.http_server import Reply, http_server, problem_reply
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


# -- how long to wait ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(503, headers={"Retry-After": "120"}, media_type="text/html"), 120.0),
        (Reply(429, headers={"Retry-After": " 7 "}), 7.0),
        (Reply(503, headers={"Retry-After": "nanti"}), None),
        (Reply(503, headers={"Retry-After": "-5"}), None),
        (Reply(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 0.0),
        (Reply(503), None),
        (problem_reply("too_many_attempts", retry_after_s=33), 33.0),
        (problem_reply("server_busy", {"Retry-After": "9"}), 9.0),
    ],
)
def test_the_server_says_how_long_to_leave_it_alone(client, http, outbox, reply, seconds):
    http.answer = lambda asked: reply
    assert failure_of(client, outbox).retry_after_s == seconds


def test_a_retry_date_becomes_seconds(client, http, outbox):
    at = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    http.answer = lambda asked: Reply(503, headers={"Retry-After": at})
    retry_after_s = failure_of(client, outbox).retry_after_s
    assert retry_after_s is not None
    assert 3600 < retry_after_s <= 7200


# -- the line ------------------------------------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def any_date():
    """Dates as HTTP writes them, sensible or not."""
    return st.builds(
        "Mon, {:02} {} {:04} {:02}:{:02}:{:02} {}".format,
        st.integers(0, 40), st.sampled_from(["Jan", "Feb", "Dec", "Xyz"]), st.integers(0, 12_000), st.integers(0, 30),
        st.integers(0, 70), st.integers(0, 70), st.sampled_from(["GMT", "-0000", "+2359", "-2359", "+9999", ""]),
    )  # fmt: skip


@given(header=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])) | any_date())
def test_no_retry_after_breaks_anything(header):
    seconds = transport._retry_after_s(header, None)
    assert seconds is None or seconds >= 0
    assert delay_s(1, Random(1), seconds) <= SLOW_S + BASE_S


@pytest.mark.parametrize(
    "header", ["Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "Mon, 01 Jan 0001 00:00:00"]
)
def test_dates_at_the_ends_of_the_calendar_say_nothing_or_little(header):
    assert transport._retry_after_s(header, None) in {None, 0.0}


def test_a_line_that_breaks_under_a_batch_is_told_from_one_that_is_not_there(client, http, outbox):
    http.answer = lambda asked: Reply(cut=True)
    assert failure_of(client, outbox).partway
    gone = Client(replace(IDENTITY, server_url=f"http://127.0.0.1:{free_port()}"), "0.1.0")
    assert not failure_of(gone, outbox).partway


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "http://tidak-ada.invalid:{port}"])
def test_nobody_there_is_the_network(outbox, address):
    client = Client(replace(IDENTITY, server_url=address.format(port=free_port())), "0.1.0")
    assert failure_of(client, outbox).cause is Cause.NETWORK


def test_a_silent_server_is_given_up(client, http, outbox, upstream, monkeypatch):
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", 0.05)
    released = threading.Event()

    def late(asked):
        released.wait()
        return upstream(asked)

    http.answer = late
    try:
        assert failure_of(client, outbox).cause is Cause.NETWORK
    finally:
        released.set()


@pytest.fixture
def dripping():
    """A server that answers with one byte after the other, as long as somebody listens, from the status line on."""
    ended = threading.Event()

    def drip(listening):
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
                    while not ended.wait(0.01):
                        connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        # a client that waits for the end is let go, and the test fails
        late = threading.Timer(20, ended.set)
        late.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", ended
        late.cancel()
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_headers_that_drip_are_given_up_though_each_byte_comes_in_time(outbox, dripping, monkeypatch):
    monkeypatch.setattr(transport, "TOTAL_TIMEOUT_S", 0.2)
    address, ended = dripping
    failure = failure_of(Client(replace(IDENTITY, server_url=address), "0.1.0"), outbox)
    assert not ended.is_set()
    assert (failure.cause, failure.detail, failure.partway) == (Cause.NETWORK, "exchange too slow", True)


def test_a_dripping_answer_is_given_up(client, http, outbox, monkeypatch):
    monkeypatch.setattr(transport, "TOTAL_TIMEOUT_S", -1.0)
    failure = failure_of(client, outbox)
    assert (failure.cause, failure.detail) == (Cause.NETWORK, "exchange too slow")


def test_a_certificate_nobody_vouches_for_is_refused_and_the_clock_named(outbox, upstream, tmp_path):
    with http_server(upstream, certificate=self_signed(tmp_path)) as running:
        client = Client(replace(IDENTITY, server_url=running.url), "0.1.0")
        failure = failure_of(client, outbox)
    assert failure.cause is Cause.TLS_ISSUER
    assert failure.sentence.startswith("Penerbit sertifikat server tidak dikenal")
    assert upstream.server.batches == []


def test_https_typed_for_a_server_without_it_is_told_apart_from_a_bad_certificate(outbox, upstream, http):
    client = Client(replace(IDENTITY, server_url=http.url.replace("http://", "https://")), "0.1.0")
    failure = failure_of(client, outbox)
    assert failure.cause is Cause.NO_TLS
    assert "tidak memakai https" in failure.sentence
    assert upstream.server.batches == []


@pytest.mark.parametrize(
    ("clock", "doubted"),
    [
        (samples.clock(), False),
        (structs.replace(samples.clock(), state="held"), False),
        (structs.replace(samples.clock(), state="unknown"), True),
        (samples.clock(wall_ms=0), True),
    ],
    ids=["synced", "held", "unknown", "1970"],
)
def test_a_clock_that_may_be_wrong_is_named_first(outbox, upstream, tmp_path, clock, doubted):
    with http_server(upstream, certificate=self_signed(tmp_path)) as running:
        client = Client(replace(IDENTITY, server_url=running.url), "0.1.0")
        failure = later_round(outbox, client, FakeDevice(now=clock)).failure
    assert failure is not None
    assert failure.sentence.startswith("Jam dan tanggal perangkat ini mungkin salah") is doubted
    assert "Penerbit sertifikat" in failure.sentence


@pytest.mark.parametrize(
    "case",
    [
        ((-2, -1), "127.0.0.1", Cause.TLS_EXPIRED),
        ((1, 2), "127.0.0.1", Cause.TLS_EARLY),
        ((-1, 1), "10.9.9.9", Cause.TLS_NAME),
    ],
    ids=["expired", "not yet", "another name"],
)
def test_what_is_wrong_with_a_certificate_is_named(outbox, upstream, tmp_path, monkeypatch, case):
    days, host, cause = case
    certificate = self_signed(tmp_path, days=days, host=host)
    # this one's issuer is trusted, so that the rest is looked at
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    with http_server(upstream, certificate=certificate) as running:
        failure = failure_of(Client(replace(IDENTITY, server_url=running.url), "0.1.0"), outbox)
    assert failure.cause is cause
    assert upstream.server.batches == []


def test_a_clock_is_not_blamed_for_a_network(outbox):
    client = Client(replace(IDENTITY, server_url=f"http://127.0.0.1:{free_port()}"), "0.1.0")
    failure = later_round(outbox, client, FakeDevice(now=samples.clock(wall_ms=0))).failure
    assert failure is not None
    assert "Jam" not in failure.sentence


def self_signed(folder, *, days=(-1, 1), host="127.0.0.1"):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path
