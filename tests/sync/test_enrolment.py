"""Enrolment over HTTP: which answers make a device known, which addresses are any."""

from dataclasses import replace

import pytest

from ikm import wire
from sync import client as client_module
from sync import keys, transport
from sync.failure import Cause, Failure
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support.fake_server import FakeServer, enrolled
from tests.support.http_server import PORTAL, Reply, problem_reply

ENROLLED = enrolled(FakeServer(newest=CONFIGURATION))
KEY = bytes(range(32))


def test_a_code_makes_the_device_known(http):
    http.answer = lambda asked: Reply(201, wire.canonical(ENROLLED))
    identity, configuration = client_module.enrol(http.url + "/", " ABCD-EFGH ", KEY, "0.1.0")
    assert identity == replace(IDENTITY, server_url=http.url, private_key=KEY, server_key=ENROLLED.server_key)
    assert configuration == CONFIGURATION
    (asked,) = http.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/enrolments")
    request = wire.decode_enrol_request(asked.body)
    assert (request.code, request.public_key) == ("ABCD-EFGH", keys.public_key(KEY))
    assert KEY not in asked.body


def test_a_wrong_code_is_refused_with_the_servers_reason(http):
    http.answer = lambda asked: problem_reply("enrolment_code_invalid")
    with pytest.raises(Failure) as failed:
        client_module.enrol(http.url, "SALAH", KEY, "0.1.0")
    assert failed.value.code == "enrolment_code_invalid"
    assert "Kode pendaftaran salah" in failed.value.sentence


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (PORTAL, Cause.NETWORK_LOGIN),
        (Reply(200, wire.canonical(ENROLLED)), Cause.NOT_OUR_SERVER),
        (Reply(201, wire.canonical(ENROLLED)[:-1]), Cause.NOT_OUR_SERVER),
        (Reply(201, wire.canonical(ENROLLED).replace(b'"protocol":2', b'"protocol":3')), Cause.NOT_OUR_SERVER),
        (Reply(201, wire.canonical(ENROLLED).replace(b'"idle_s":20', b'"idle_s":0')), Cause.UNEXPECTED),
    ],
)
def test_an_answer_no_kiosk_can_run_on_enrols_nobody(http, reply, cause):
    http.answer = lambda asked: reply
    with pytest.raises(Failure) as failed:
        client_module.enrol(http.url, "ABCD-EFGH", KEY, "0.1.0")
    assert failed.value.cause is cause


def test_a_configuration_no_kiosk_can_run_on_is_not_taken(client, http):
    http.answer = lambda asked: Reply(200, wire.canonical(CONFIGURATION).replace(b'"idle_s":20', b'"idle_s":0'))
    with pytest.raises(Failure) as failed:
        client.configuration()
    assert failed.value.cause is Cause.UNEXPECTED


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        (" https://ikm.contoh.go.id/ ", "https://ikm.contoh.go.id"),
        ("http://10.0.0.5:8000", "http://10.0.0.5:8000"),
        ("https://IKM.Contoh.go.id:8443", "https://ikm.contoh.go.id:8443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_address_is_brought_into_one_form(typed, origin):
    assert transport.server_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ikm.contoh.go.id",
        "ftp://ikm.contoh.go.id",
        "https://",
        "https://user:rahasia@ikm.contoh.go.id",
        "https://ikm.contoh.go.id/ikm",
        "https://ikm.contoh.go.id?x=1",
        "https://ikm.contoh.go.id#x",
        "https://ikm.contoh.go.id:harga",
        "https://ikm.contoh.go.id:99999",
        "https://[::1",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(typed):
    with pytest.raises(ValueError, match="Alamat server") as refused:
        client_module.enrol(typed, "ABCD-EFGH", KEY, "0.1.0")
    assert "rahasia" not in str(refused.value)
