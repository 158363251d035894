import gzip
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from litestar.testing import TestClient

from ikm import __version__, wire
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.server.enrol import make_code
from ikm.server.ingest import Call, now_ms
from ikm.server.keys import roll_server_key
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault
from ikm.server.web import api
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import KioskDevice, enrol_bytes
from tests.support import samples
from tests.support.samples import body

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(sqlite_store):
    app = create_app(Settings(database=sqlite_store._engine.url))
    with TestClient(app, raise_server_exceptions=False) as running:
        yield running


@pytest.fixture
def kiosk(sqlite_store):
    return KioskDevice.enrolled(sqlite_store)


def send(client, call, **headers):
    sent = {**JSON, wire.SIGNATURE_HEADER: call.signature, **headers}
    return client.post(call.path, content=call.body, headers=sent)


def problem(response) -> str:
    """The code of a problem that is shaped as it must be."""
    assert response.headers["content-type"] == "application/problem+json"
    message = wire.decode(response.content, wire.Problem)
    assert response.content == wire.canonical(message)
    assert message.status == response.status_code == PROBLEMS[message.code].status
    assert message.type == f"urn:ikm:problem:{message.code}"
    assert message.title == PROBLEMS[message.code].title
    return message.code


# -- devices -------------------------------------------------------------------------------------------------------


def test_a_batch_is_answered_with_a_canonical_receipt(client, kiosk):
    call = kiosk.call(kiosk.add(body(), body()))
    answer = send(client, call)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    receipt = wire.decode(answer.content, wire.Receipt)
    assert (receipt.head_seq, receipt.head_hash) == (2, kiosk.rows[-1].hash)
    assert answer.content == wire.canonical(receipt)


def test_a_compressed_batch_is_taken(client, kiosk):
    call = kiosk.call(kiosk.add(body()))
    answer = client.post(
        call.path,
        content=gzip.compress(call.body),
        headers={**JSON, wire.SIGNATURE_HEADER: call.signature, "Content-Encoding": "gzip"},
    )
    assert answer.status_code == 200


def test_a_gap_is_told_with_the_head(client, kiosk):
    rows = kiosk.add(body(), body(), body())
    send(client, kiosk.call(rows[:1]))
    answer = send(client, kiosk.call(rows[2:]))
    assert problem(answer) == "gap"
    message = wire.decode(answer.content, wire.Problem)
    assert (message.head_seq, message.head_hash) == (1, rows[0].hash)


def test_neither_a_refusal_nor_a_row_kept_aside_repeats_an_answer(client, kiosk, caplog):
    caplog.set_level("INFO")
    raw = wire.canonical(body(profile={"education": "secretchoice"}))
    rows = kiosk.add(raw)
    kept = send(client, kiosk.call(rows))
    receipt = wire.decode(kept.content, wire.Receipt)
    assert [(row.seq, row.code) for row in receipt.rejected] == [(1, "profile_unknown")]
    refused = send(client, kiosk.signed(kiosk.call(rows).body.replace(b"secretchoice", b"secretchoicf")))
    assert problem(refused) == "row_hash_invalid"
    for text in (kept.text, refused.text, caplog.text):
        assert "secretchoic" not in text


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "text/plain"}, "content_type_unsupported"),
        ({"Content-Type": ""}, "content_type_unsupported"),
        ({"Content-Type": "application/json; charset=utf-16"}, "content_type_unsupported"),
        ({"Content-Encoding": "br"}, "content_encoding_unsupported"),
        ({"Content-Encoding": "gzip"}, "body_malformed"),
        ({wire.SIGNATURE_HEADER: ""}, "signature_invalid"),
        ({wire.SIGNATURE_HEADER: "x" * 88}, "signature_invalid"),
    ],
)
def test_a_request_with_wrong_headers_is_refused(client, kiosk, headers, code):
    assert problem(send(client, kiosk.call(kiosk.add(body())), **headers)) == code


def test_an_utf8_charset_is_fine(client, kiosk):
    call = kiosk.call([])
    assert send(client, call, **{"Content-Type": 'application/json; charset="UTF-8"'}).status_code == 200


def test_a_body_beyond_the_cap_is_refused_announced_or_streamed(client, kiosk):
    call = kiosk.signed(b"x" * (wire.MAX_BODY_BYTES + 1))
    assert problem(send(client, call)) == "body_too_large"

    def chunks():
        for _ in range(5):
            yield b"x" * 65_536

    streamed = client.post(call.path, content=chunks(), headers=JSON)
    assert problem(streamed) == "body_too_large"


def test_the_configuration_is_given_to_the_device_that_signs_for_it(client, kiosk, sqlite_store):
    path = f"/api/v1/devices/{kiosk.device}/configuration"
    answer = client.get(path, headers={wire.SIGNATURE_HEADER: kiosk.sign("GET", path, b"")})
    held = sqlite_store.configuration("dukcapil-1")
    assert answer.content == wire.canonical(held)
    assert problem(client.get(path)) == "signature_invalid"
    stranger = path.replace(kiosk.device, samples.DEVICE)
    assert problem(client.get(stranger)) == "device_unknown"


def test_a_device_enrols_with_its_code(client, sqlite_store):
    key = Ed25519PrivateKey.generate()
    raw = enrol_bytes(make_code(sqlite_store, "dukcapil-1", now_ms()).code, key)
    answer = client.post("/api/v1/enrolments", content=raw, headers=JSON)
    assert answer.status_code == 201
    enrolled = wire.decode(answer.content, wire.Enrolled)
    assert sqlite_store.device(enrolled.device).public_key == key.public_key().public_bytes_raw()


def test_guessing_codes_is_slowed_down_and_says_how_long(client):
    raw = enrol_bytes("BCDF-GHJK", Ed25519PrivateKey.generate())
    codes = [problem(client.post("/api/v1/enrolments", content=raw, headers=JSON)) for _ in range(6)]
    assert codes == ["enrolment_code_invalid"] * 5 + ["too_many_attempts"]
    last = client.post("/api/v1/enrolments", content=raw, headers=JSON)
    assert int(last.headers["retry-after"]) == wire.decode(last.content, wire.Problem).retry_after_s > 0


# -- open data -----------------------------------------------------------------------------------------------------


def test_the_keys_of_the_server_are_open_and_a_new_one_follows_the_old(client, sqlite_store):
    before = wire.decode(client.get("/api/v1/server/keys").content, wire.ServerKeys)
    roll_server_key(sqlite_store, now_ms())
    answer = client.get("/api/v1/server/keys")
    after = wire.decode(answer.content, wire.ServerKeys)
    assert answer.content == wire.canonical(after)
    assert after.server == sqlite_store.server_id()
    assert after.keys[:-1] == before.keys
    handed = wire.server_key_bytes(after.server, after.keys[-1].key)
    public = Ed25519PublicKey.from_public_bytes(wire.from_base64(before.keys[-1].key, "key_invalid"))
    public.verify(wire.from_base64(after.keys[-1].signature, "signature_invalid"), handed)


def asks_for(kiosk, new, *, signed_by=None, proof_for=None, protocol=2):
    """A device's call for a new key."""
    public = wire.to_base64(new.public_key().public_bytes_raw())
    proof = wire.to_base64(new.sign(wire.key_roll_bytes(proof_for or kiosk.device, public)))
    raw = wire.canonical(wire.KeyRoll(protocol=protocol, proof=proof, public_key=public))
    path = f"/api/v1/devices/{kiosk.device}/keys"
    signature = (signed_by or kiosk.key).sign(wire.signing_bytes("POST", path, raw))
    return Call("POST", path, kiosk.device, wire.to_base64(signature), raw)


def test_a_device_signs_with_its_new_key_from_then_on(client, kiosk, sqlite_store):
    new, old = Ed25519PrivateKey.generate(), kiosk.key
    answer = send(client, asks_for(kiosk, new))
    assert answer.status_code == 201
    rolled = wire.decode(answer.content, wire.KeyRolled)
    assert (rolled.device, rolled.server) == (kiosk.device, sqlite_store.server_id())
    rows = kiosk.add(body())
    assert problem(send(client, kiosk.call(rows))) == "signature_invalid"
    # the answer was lost: the old key is refused, and the new one asks for itself
    assert problem(send(client, asks_for(kiosk, new, signed_by=old))) == "signature_invalid"
    assert send(client, asks_for(kiosk, new, signed_by=new)).content == answer.content
    kiosk.key = new
    assert send(client, kiosk.call(rows)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signed_by": Ed25519PrivateKey.generate()}, "signature_invalid"),
        ({"proof_for": samples.DEVICE}, "key_invalid"),
        ({"protocol": 99}, "protocol_unsupported"),
    ],
)
def test_a_key_roll_that_proves_too_little_is_refused(client, kiosk, changes, code):
    assert problem(send(client, asks_for(kiosk, Ed25519PrivateKey.generate(), **changes))) == code
    assert send(client, kiosk.call(kiosk.add(body()))).status_code == 200


def test_the_key_of_another_device_cannot_be_taken(client, kiosk, sqlite_store):
    other = KioskDevice.enrolled(sqlite_store, "dukcapil-2")
    assert problem(send(client, asks_for(kiosk, other.key))) == "key_invalid"


@pytest.mark.parametrize("device", ["x", samples.DEVICE])
def test_a_key_for_a_device_nobody_knows_is_refused(client, kiosk, device):
    stranger = KioskDevice(device, "dukcapil-1", kiosk.key)
    assert problem(send(client, asks_for(stranger, Ed25519PrivateKey.generate()))) == "device_unknown"


def test_a_units_index_is_open_and_exact(client, kiosk):
    send(client, kiosk.call(kiosk.add(body(*(4,) * 9), body(*(3,) * 9), body(*(3,) * 9))))
    found = client.get("/api/v1/units/dukcapil/index?period=2026").json()
    assert found["n"] == found["complete"] == 3
    assert (found["index_exact"], found["index"], found["grade"]) == ("250/3", "83.33", "B")
    assert found["grade_label"] == "Baik"
    low, high = map(float, found["interval"])
    assert 25 <= low < 83.33 < high <= 100
    assert list(found["grade_probabilities"]) == ["A", "B", "C", "D"]
    assert sum(map(float, found["grade_probabilities"].values())) == pytest.approx(1, abs=0.002)
    assert found["period"] == {"start": "2026-01-01", "end": "2027-01-01", "label": "Tahun 2026"}
    assert [element["number"] for element in found["elements"]] == list(range(1, 10))
    assert found["elements"][0] == {
        "code": "REQ", "mean": "3.333", "n": 3, "name": "Persyaratan", "number": 1, "sum": 10,
    }  # fmt: skip


def test_a_unit_nobody_rated_has_no_index(client):
    found = client.get("/api/v1/units/pkm-harapan/index?period=2026-Q1").json()
    assert found["n"] == 0
    assert found["index"] is found["index_exact"] is found["grade"] is found["interval"] is None


def test_the_running_semester_is_the_default(client):
    today = client.get("/api/v1/units/dukcapil/index").json()["period"]
    assert today["label"].startswith("Semester")


@pytest.mark.parametrize(("path", "code"), [
    ("/api/v1/units/nowhere/index", "not_found"), ("/api/v1/units/dukcapil-1/index?period=2026", "not_found"),
    ("/api/v1/units/dukcapil/index?period=2026-13", "period_invalid"), ("/api/v1/nothing", "not_found"),
    ("/api/v1/enrolments", "method_not_allowed"),
])  # fmt: skip
def test_what_is_not_there_is_a_problem(client, path, code):
    assert problem(client.get(path)) == code


def test_people_get_a_page_instead(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


# -- the server ----------------------------------------------------------------------------------------------------


def test_the_server_says_it_is_well(client):
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}


@pytest.mark.parametrize("fault", [DatabaseFault("OperationalError"), Refusal("server_busy", retry_after_s=5)])
def test_the_server_says_it_is_not_well(client, monkeypatch, fault):
    def check(_):
        raise fault

    monkeypatch.setattr(Store, "check", check)
    answer = client.get("/healthz")
    assert problem(answer) == "server_busy"
    assert answer.headers["retry-after"] == "5"


def test_a_mistake_of_ours_is_logged_and_tells_nothing(client, monkeypatch, caplog):
    def check(_):
        raise RuntimeError("inside")

    monkeypatch.setattr(Store, "check", check)
    answer = client.get("/healthz")
    assert problem(answer) == "internal_error"
    assert "inside" not in answer.text
    assert "failed GET /healthz" in caplog.text


@pytest.mark.parametrize("path", ["/", "/unit/dukcapil", "/nothing", "/healthz", "/schema", "/api/v1/enrolments"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "cache-control" in headers


def test_the_description_names_every_address_with_its_messages_and_refusals(client):
    described = client.get("/schema").json()
    served = {
        (path.replace(":str}", "}"), method.lower())
        for path, method in [
            (api.BATCHES, "POST"), (api.CONFIGURATION, "GET"), (api.ENROLMENTS, "POST"),
            (api.DEVICE_KEYS, "POST"), ("/api/v1/server/keys", "GET"),
            ("/api/v1/units/{unit}/index", "GET"), ("/healthz", "GET"),
            ("/api/v1/data/units", "GET"), ("/api/v1/data/indices", "GET"),
            *((f"/api/v1/data/units/{{unit}}/{what}", "GET") for what in ("index", "elements", "tallies", "remarks")),
        ]
    }  # fmt: skip
    assert {(path, method) for path, item in described["paths"].items() for method in item} == served
    schemas = described["components"]["schemas"]
    assert schemas["Row"]["properties"]["body"] == {"$ref": "#/components/schemas/ResponseBody"}
    for path, method in served:
        operation = described["paths"][path][method]
        assert "application/problem+json" in operation["responses"]["503"]["content"]
        assert ("requestBody" in operation) == (method == "post")
    text = json.dumps(described)
    assert r"\\A" not in text
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas
