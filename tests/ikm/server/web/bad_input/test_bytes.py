"""Classes 1 to 13: bytes that are no message, and texts and numbers that JSON readers stumble over."""

import pytest

from ikm import wire
from ikm.server.settings import Settings
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import KioskDevice
from tests.ikm.server.web.bad_input.site import SECRET, Site, Ward, secret, spelled
from tests.support import samples
from tests.support.served import running

pytestmark = pytest.mark.whole

HTML = f"<!DOCTYPE html><html><body>{SECRET}</body></html>".encode()
DEEP = 1_100


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="1 empty"),
        pytest.param(b" \r\n", id="1 blank"),
        pytest.param(SECRET.encode(), id="2 words"),
        pytest.param(b"{", id="2 half"),
        pytest.param(b"{'protocol':2}", id="2 single quotes"),
        pytest.param(b"\x00\x01\x02", id="2 binary"),
        pytest.param(HTML, id="3 HTML"),
        pytest.param(b"[]", id="4 array"),
        pytest.param(b"2", id="4 number"),
        pytest.param(f'"{SECRET}"'.encode(), id="4 string"),
        pytest.param(b"null", id="4 null"),
        pytest.param(b"true", id="4 bool"),
        pytest.param(b'{"protocol":NaN}', id="10 NaN"),
        pytest.param(b'{"protocol":Infinity}', id="10 infinity"),
        pytest.param(b'{"protocol":-Infinity}', id="10 minus infinity"),
        pytest.param(b'{"protocol":1e999}', id="11 1e999"),
        pytest.param(b'{"protocol":-1e999}', id="11 -1e999"),
        pytest.param(b'{"protocol":' + b"9" * 5_000 + b"}", id="12 5,000 digits"),
        pytest.param(b"[" * DEEP + b"]" * DEEP, id="13 deep arrays"),
        pytest.param(b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="13 deep objects"),
        pytest.param(b"[" * 250_000, id="13 as deep as the cap allows"),
    ],
)
def test_what_is_no_batch_is_refused(ward: Ward, raw: bytes) -> None:
    assert ward.refuses(ward.device.signed(raw), "body_malformed").status == 400


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_a_good_batch_in_another_encoding_is_refused(ward: Ward, encoding: str) -> None:
    """Classes 5 and 6: RFC 8259 knows UTF-8 alone, and no mark before it."""
    ward.refuses(ward.device.signed(ward.plain().decode().encode(encoding)), "body_malformed")


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"])
def test_invalid_utf8_is_refused_around_a_row_and_kept_aside_in_one(ward: Ward, text: bytes) -> None:
    """Class 7: overlong, half, surrogate and out-of-range sequences."""
    raw = ward.plain().replace(b'"app_version":"0.1.0"', b'"app_version":"' + text + b'"')
    assert text in raw
    ward.refuses(ward.device.signed(raw), "body_malformed")
    ward.keeps_aside((secret().replace(SECRET.encode(), SECRET.encode() + text), "response_malformed"))


@pytest.mark.parametrize("text", [r"\ud800", r"\udfff", r"\udc00\ud800", r"\ud800\u0041", r"\uZZZZ", r"\x41"])
def test_a_lone_surrogate_is_refused_wherever_it_stands(ward: Ward, text: str) -> None:
    """Class 8: no text that has no UTF-8 comes as far as a database; in a row it makes the request unreadable."""
    ward.refuses(ward.respelt('"app_version":"0.1.0"', f'"app_version":"{text}"'), "body_malformed")
    ward.refuses(ward.rows(ward.next(spelled(SECRET, SECRET + text))), "body_malformed")


CONTROLS = [r"\u0000", r"a\u0000b", r"\u0001", r"\n", r"\r", r"\t", r"\u001b[31m", r"\u007f"]


@pytest.mark.parametrize("text", CONTROLS)
def test_nul_and_other_controls_are_refused_around_a_row_and_kept_aside_in_one(ward: Ward, text: str) -> None:
    """Class 9: PostgreSQL takes no NUL, and a line break in a device's words would forge lines of logs."""
    ward.refuses(ward.respelt('"app_version":"0.1.0"', f'"app_version":"{text}"'), "body_malformed")
    ward.keeps_aside((spelled(SECRET, SECRET + text), "response_malformed"))


@pytest.mark.postgres
def test_postgresql_gets_no_nul_from_anywhere(postgres_url: str, tmp_path) -> None:
    """Class 9 on the database that refuses it: every text a stranger can choose, and the device's own."""
    from sqlalchemy import make_url

    from ikm.server.example import install_example
    from ikm.server.store import Store

    store = Store.open(make_url(postgres_url))
    install_example(store)
    log = tmp_path / "log"
    log.touch()
    with running(create_app(Settings(database=make_url(postgres_url)))) as url:
        ward = Ward(Site(url, store, log), KioskDevice.enrolled(store))
        for text in CONTROLS:
            ward.refuses(ward.respelt('"app_version":"0.1.0"', f'"app_version":"{text}"'), "body_malformed")
        ward.keeps_aside(*((spelled(SECRET, SECRET + text), "response_malformed") for text in CONTROLS))
        ward.refuses(ward.rows(ward.next(secret() + b"\x00")), "body_malformed")
        for path in (
            "/api/v1/units/%00/index", "/api/v1/units/a%00b/index?period=2026", "/api/v1/devices/%00/configuration",
        ):  # fmt: skip
            ward.unmoved(lambda path=path: ward.site.ask("GET", path), "not_found")
        ward.unmoved(lambda: ward.site.ask("GET", "/api/v1/units/dukcapil/index?period=%00"), "period_invalid")
        for path in ("/unit/%00", "/unit/dukcapil?period=%00", "/%00"):
            assert ward.site.ask("GET", path).status in (404, 422)
    store.close()


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ('"duration_ms":31000', "response_malformed"),
        ('"TIME":3', "rating_out_of_range"),
        ('"wall_ms":1793500000000', "response_malformed"),
    ],
)
@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5_000, "-" + "9" * 5_000, "1e-999", "0.1e1"])
def test_numbers_nobody_can_hold_are_kept_aside(ward: Ward, place: str, code: str, number: str) -> None:
    """Classes 11 and 12 in a row: JSON, but no count of this protocol."""
    ward.keeps_aside((spelled(place, place.partition(":")[0] + ":" + number), code))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "nan", "+1", "01", ".5", "0x10", "1_000"])
def test_what_is_no_number_in_json_makes_the_request_unreadable(ward: Ward, number: str) -> None:
    """Class 10 in a row: Python's own reader would let the first three pass."""
    ward.refuses(ward.rows(ward.next(spelled('"TIME":3', f'"TIME":{number}'))), "body_malformed")
    ward.refuses(ward.respelt('"queued":1', f'"queued":{number}'), "body_malformed")


def test_a_row_deeper_than_a_reader_follows_makes_the_request_unreadable(ward: Ward) -> None:
    """Class 13 in a row."""
    ward.refuses(ward.rows(ward.next(b"[" * DEEP + b"]" * DEEP)), "body_malformed")
    ward.keeps_aside((b"[" * 100 + b"]" * 100, "response_malformed"))


@pytest.mark.parametrize("path", ["/api/v1/enrolments", "/api/v1/devices/{device}/keys"])
def test_the_other_messages_are_read_as_strictly(ward: Ward, path: str) -> None:
    address = path.format(device=ward.device.device)
    # BOM, UTF-16, NUL, doubled member, deep, huge number
    for raw in (
        b"", HTML, b"[]", b"\xef\xbb\xbf{}", '{"protocol":2}'.encode("utf-16"), b'{"protocol":2,"protocol":2}',
        b"[" * DEEP, b'{"protocol":' + b"9" * 5_000 + b"}", b'{"protocol":NaN}', b'{"protocol":2.0}',
    ):  # fmt: skip
        headers = {"Content-Type": "application/json", wire.SIGNATURE_HEADER: ward.device.sign("POST", address, raw)}
        ward.unmoved(lambda raw=raw, headers=headers: ward.site.ask("POST", address, raw, headers), "body_malformed")


def test_an_enrolment_with_a_nul_in_its_version_is_refused(ward: Ward) -> None:
    told = wire.EnrolRequest(app_version="a\x00b", code="BCDF-GHJK", protocol=2, public_key="A" * 43 + "=")
    raw = wire.canonical(told)
    headers = {"Content-Type": "application/json"}
    ward.unmoved(lambda: ward.site.ask("POST", "/api/v1/enrolments", raw, headers), "body_malformed")


def test_a_good_body_is_what_these_tests_believe_it_is(ward: Ward) -> None:
    """The control: the bytes that are spoilt above are taken when they are not."""
    receipt = ward.site.send(ward.device.call(ward.device.add(secret(), wire.canonical(samples.body())))).receipt
    assert receipt.rejected == []
