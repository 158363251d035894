"""Classes 35 to 37: whose signature it is, and of what."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ikm import wire
from ikm.server.ingest import Call
from tests.ikm.server.kiosk_device import KioskDevice
from tests.ikm.server.web.bad_input.site import JSON, Ward

pytestmark = pytest.mark.whole

GOOD = "A" * 86 + "=="


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "?", "=" * 88, "A" * 88, "A" * 87 + "=", GOOD, GOOD + "AA==", GOOD[:-1], "\xff\xfe",
        "-" * 86 + "==", "A" * 65_000, "null", "Bearer " + GOOD, wire.to_base64(bytes(63)), wire.to_base64(bytes(65)),
    ],
)  # fmt: skip
def test_what_is_no_signature_of_this_device_is_refused(ward: Ward, text: str) -> None:
    """Class 35: none, none that can be read, one too short or too long, one of nothing."""
    ward.refuses(replace(ward.rows(ward.next()), signature=text), "signature_invalid")


def test_a_request_without_the_header_is_refused(ward: Ward) -> None:
    """Class 35."""
    call = ward.rows(ward.next())
    ward.unmoved(lambda: ward.site.ask("POST", call.path, call.body, JSON), "signature_invalid")


def test_a_signature_said_twice_is_refused_unless_both_agree(ward: Ward) -> None:
    """Class 35: of two headers none may be chosen over the other to let a stranger in."""
    call = ward.rows(ward.next())
    stranger = wire.to_base64(Ed25519PrivateKey.generate().sign(b"x"))
    for text in (
        f"{call.signature}, {stranger}",
        f"{stranger}, {call.signature}",
        f"{call.signature},{call.signature}",
    ):
        ward.refuses(replace(call, signature=text), "signature_invalid")


def test_the_key_of_another_device_or_of_nobody_is_refused(ward: Ward, own_ward: Ward) -> None:
    """Class 35: foreign keys, one of them enrolled at the same counter."""
    for key in (own_ward.device.key, Ed25519PrivateKey.generate()):
        forged = KioskDevice(ward.device.device, ward.device.counter, key)
        ward.refuses(forged.call(ward.next()), "signature_invalid")


def test_every_bit_of_a_signature_counts(ward: Ward) -> None:
    """Class 35: one bit changed in each byte, and S raised by the order of the group, the same point."""
    call = ward.rows(ward.next())
    good = wire.from_base64(call.signature, "signature_invalid")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(good[32:], "little") + order
    forged = [bytes([*good[:place], good[place] ^ 1, *good[place + 1 :]]) for place in range(64)]
    for signature in [*forged, good[:32] + scalar.to_bytes(32, "little")]:
        answer = ward.site.send(replace(call, signature=wire.to_base64(signature)))
        assert answer.problem.code == "signature_invalid"
    ward.goes_on()


def test_a_key_of_small_order_signs_nothing(ward: Ward) -> None:
    """Class 35: signatures that some libraries take as anybody's, R and S zero or of small order."""
    for point in (bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"):
        forged = replace(ward.rows(ward.next()), signature=wire.to_base64(point + bytes(32)))
        ward.refuses(forged, "signature_invalid")


def moved(call: Call, method: str, path: str, ward: Ward) -> Call:
    return replace(call, signature=ward.device.sign(method, path, call.body))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "{path}"), ("PUT", "{path}"), ("post", "{path}"), ("", "{path}"), ("POST", ""), ("POST", "{path}/"),
        ("POST", "{other}"), ("POST", "https://ikm.contoh.go.id{path}"), ("POST", "{path}?a=1"), ("POST", "/"),
        ("POST", "{path}\n"),
    ],
)  # fmt: skip
def test_a_signature_over_another_method_or_path_is_refused(ward: Ward, method: str, path: str) -> None:
    """Class 36."""
    call = ward.rows(ward.next())
    other = f"/api/v1/devices/{ward.device.device}/keys"
    ward.refuses(moved(call, method, path.format(path=call.path, other=other), ward), "signature_invalid")


def test_a_signature_of_one_purpose_serves_no_other(ward: Ward) -> None:
    """Class 36: the same bytes signed for a receipt, a key roll or bare are no request."""
    call = ward.rows(ward.next())
    told = wire.signing_bytes("POST", call.path, call.body)
    for signed in (
        call.body,
        b"ikm-receipt-1\n" + call.body,
        told.replace(b"ikm-request-1", b"ikm-request-2"),
        told + b"\n",
    ):
        ward.refuses(replace(call, signature=wire.to_base64(ward.device.key.sign(signed))), "signature_invalid")


def test_the_configuration_is_not_given_for_a_signature_of_a_batch(ward: Ward) -> None:
    """Class 36: another address of the same device."""
    call = ward.rows(ward.next())
    path = f"/api/v1/devices/{ward.device.device}/configuration"
    for signature in (call.signature, ward.device.sign("POST", path, b""), ward.device.sign("GET", path, b"x"), ""):
        headers = {wire.SIGNATURE_HEADER: signature}
        ward.unmoved(lambda headers=headers: ward.site.ask("GET", path, b"", headers), "signature_invalid")


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "one digit of a rating": lambda raw: raw.replace(b'"TIME":3', b'"TIME":4'),
    "the comment": lambda raw: raw.replace(b"rahasia", b"rahasla"),
    "the nonce": lambda raw: raw.replace(b'"nonce":"0', b'"nonce":"1'),
    "how much waits": lambda raw: raw.replace(b'"queued":1', b'"queued":2'),
    "the rows left out": lambda raw: raw[: raw.index(b'"rows":[') + 8] + b"]}",
    "the protocol": lambda raw: raw.replace(b'"protocol":2', b'"protocol":1'),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_body_changed_after_signing_is_refused(ward: Ward, change: str) -> None:
    """Class 37: each change leaves a message that can be read."""
    call = ward.rows(ward.next())
    changed = CHANGES[change](call.body)
    assert changed != call.body
    assert wire.decode_batch(changed)
    ward.refuses(replace(call, body=changed), "signature_invalid")


def test_every_byte_of_a_body_counts(ward: Ward) -> None:
    """Class 37: one bit changed in every seventh byte; whatever is refused first, nothing is taken."""
    call = ward.rows(ward.next())
    for place in range(0, len(call.body), 7):
        changed = bytes([*call.body[:place], call.body[place] ^ 1, *call.body[place + 1 :]])
        answer = ward.site.send(replace(call, body=changed))
        codes = {"signature_invalid", "body_malformed", "protocol_unsupported"}
        assert answer.problem.code in codes
    ward.goes_on()


def test_the_body_of_one_call_under_the_signature_of_another_is_refused(ward: Ward) -> None:
    """Class 37: two good calls of one device, mixed."""
    one, other = ward.device.call(ward.next(), nonce="1" * 32), ward.device.call(ward.next(), nonce="2" * 32)
    ward.refuses(replace(one, body=other.body), "signature_invalid")
    # what travels compressed is signed as it was before
    zipped = ward.device.zipped(one.body)
    ward.refuses(replace(zipped, body=ward.device.zipped(other.body).body), "signature_invalid")
