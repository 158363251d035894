"""Classes 38 to 41, 50 and 51: what is wrong before anything is read of a message, over bare sockets where need be."""

import gzip
import zlib
from dataclasses import replace
from urllib.parse import quote

import pytest

from ikm import wire
from ikm.server.ingest import Call
from tests.ikm.server.kiosk_device import stored
from tests.ikm.server.web.bad_input.site import JSON, SECRET, Ward, secret, status_of

pytestmark = pytest.mark.whole

ADDRESS = "/api/v1/devices/{device}/batches"


def head(call: Call, *lines: str) -> bytes:
    """The head of that call's request with these lines for the length, ended."""
    told = [
        f"POST {call.path} HTTP/1.1", "Host: ikm.contoh.go.id", "Content-Type: application/json",
        f"Ikm-Signature: {call.signature}", "Connection: close", *lines,
    ]  # fmt: skip
    return ("\r\n".join(told) + "\r\n\r\n").encode("latin-1")


def chunked(body: bytes, size: int = 500) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def refused_by_http(ward: Ward, *parts: bytes, status: int = 400, end: bool = False) -> None:
    """See that the request never comes to the application: closed without a word of ours, nothing stored."""
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(*parts, end=end)
    assert status_of(answer) == status
    assert answer.count(b"HTTP/1.1") == 1
    assert SECRET.encode() not in answer
    ward.still(before, mark)


@pytest.mark.parametrize("length", ["-1", "abc", "+5", "5 5", "0x10", "9" * 30, "1e3", "5,6"])
def test_a_length_that_is_none_is_refused(ward: Ward, length: str) -> None:
    """Class 38."""
    call = ward.rows(ward.next())
    refused_by_http(ward, head(call, f"Content-Length: {length}") + call.body)


def test_a_length_that_is_too_short_cuts_the_message(ward: Ward) -> None:
    """Class 38: what is beyond it belongs to no request, not even to a next one."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    for length in (0, 1, len(call.body) - 1):
        answer = ward.site.raw(head(call, f"Content-Length: {length}") + call.body)
        assert status_of(answer) == 400
        assert answer.count(b"HTTP/1.1") == 1
        assert b'"code":"body_malformed"' in answer
    ward.still(before, mark)


def test_a_length_that_is_too_long_gets_no_answer_and_leaves_no_trace(ward: Ward) -> None:
    """Class 38: the client ended before what it promised."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    for promised in (len(call.body) + 1, wire.MAX_BODY_BYTES):
        assert b" 200 " not in ward.site.raw(head(call, f"Content-Length: {promised}") + call.body, end=True)
    ward.still(before, mark)


def test_a_length_beyond_the_cap_is_refused_before_the_body_comes(ward: Ward) -> None:
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(head(call, f"Content-Length: {wire.MAX_BODY_BYTES + 1}"))
    assert status_of(answer) == 413
    assert b'"code":"body_too_large"' in answer
    ward.still(before, mark)


def test_no_length_at_all_is_no_body(ward: Ward) -> None:
    """Class 38."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(head(call) + call.body)
    assert status_of(answer) == 400
    assert b'"code":"body_malformed"' in answer
    ward.still(before, mark)


def test_a_body_in_chunks_is_the_same_body(ward: Ward) -> None:
    """Class 38: the good form; the control of the next."""
    call = ward.rows(ward.device.add(secret()))
    answer = ward.site.raw(head(call, "Transfer-Encoding: chunked") + chunked(call.body))
    assert status_of(answer) == 200
    ward.goes_on()


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"2\r\n{}xx\r\n0\r\n\r\n", b"{}", b"2;\x00\r\n{}\r\n",
        b"f" * 17 + b"\r\n", b"2\r\n{}\r\n", b"100\r\n{}", b"2\n{}\n0\n\n",
    ],
)  # fmt: skip
def test_chunks_that_are_none_or_end_early_are_refused(ward: Ward, body: bytes) -> None:
    """Class 38: no mistake of the server's own, and no line in its log that says so."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(head(call, "Transfer-Encoding: chunked") + body, end=True)
    assert answer == b"" or status_of(answer) == 400
    ward.still(before, mark)


def test_chunks_beyond_the_cap_are_refused_on_the_way(ward: Ward) -> None:
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    endless = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    answer = ward.site.raw(head(call, "Transfer-Encoding: chunked"), endless * 4, b"1\r\nx\r\n")
    assert status_of(answer) == 413
    ward.still(before, mark)


@pytest.mark.parametrize(
    "lines", [("Content-Length: {long}", "Content-Length: 5"), ("Content-Length: 5", "Content-Length: {long}")]
)
def test_two_lengths_are_refused(ward: Ward, lines: tuple[str, str]) -> None:
    """Class 39: a proxy before the server might believe the other one."""
    call = ward.rows(ward.next())
    refused_by_http(ward, head(call, *(line.format(long=len(call.body)) for line in lines)) + call.body)


@pytest.mark.parametrize("coding", ["x", "xchunked", "chunked, identity", "identity"])
def test_a_transfer_coding_nobody_knows_is_refused(ward: Ward, coding: str) -> None:
    """Class 39."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(head(call, f"Transfer-Encoding: {coding}") + chunked(call.body))
    assert status_of(answer) in (400, 501)
    ward.still(before, mark)


@pytest.mark.parametrize("first", ["length", "chunks"])
def test_a_length_beside_chunks_does_not_smuggle_a_request(ward: Ward, first: str) -> None:
    """Class 39: the chunks decide, as RFC 9112 says; what follows them in the same bytes is no second request."""
    before, mark = stored(ward.site.store), ward.mark()
    hidden = f"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Secret: {SECRET}\r\n\r\n".encode()
    body = b"0\r\n\r\n" + hidden
    lines = [f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"]
    call = ward.device.signed(b"")
    answer = ward.site.raw(head(call, *(lines if first == "length" else lines[::-1])) + body)
    assert status_of(answer) == 400
    assert answer.count(b"HTTP/1.1") == 1
    ward.still(before, mark)


@pytest.mark.parametrize(
    "kind",
    [
        "", "text/plain", "text/html", "application/xml", "multipart/form-data; boundary=x", "application/jsonp",
        "json", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "*/*", "application/*",
        "application/json;charset=utf-7", "application/json; charset=latin-1", "a" * 5_000,
        "application/json\xff", "application /json",
    ],
)  # fmt: skip
def test_another_content_type_is_refused(ward: Ward, kind: str) -> None:
    """Class 40."""
    ward.refuses(ward.rows(ward.next()), "content_type_unsupported", Content_Type=kind)


def test_no_content_type_is_refused(ward: Ward) -> None:
    """Class 40."""
    call = ward.rows(ward.next())
    told = {wire.SIGNATURE_HEADER: call.signature}
    ward.unmoved(lambda: ward.site.ask("POST", call.path, call.body, told), "content_type_unsupported")


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON", "application/json; charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_every_spelling_of_the_right_content_type_is_taken(ward: Ward, kind: str) -> None:
    """Class 40, the control."""
    receipt = ward.site.send(ward.rows(ward.device.add(secret())), Content_Type=kind).receipt
    assert receipt.head_seq == len(ward.device.rows)


def test_gzip_that_is_not_exactly_one_whole_stream_is_refused(ward: Ward) -> None:
    """Class 41: truncated anywhere, followed by anything, two members, doubled, spoilt, raw or zlib instead."""
    raw = ward.plain()
    whole = gzip.compress(raw, mtime=0)
    spoilt = bytearray(whole)
    spoilt[len(spoilt) // 2] ^= 0xFF
    raw_deflate = zlib.compressobj(wbits=-15)
    bad = [
        b"", raw, whole[:1], whole[:10], whole[: len(whole) // 2], whole[:-1], whole[:-8], whole + b"\0", whole + b"{}",
        whole + gzip.compress(b""), gzip.compress(raw[:100]) + gzip.compress(raw[100:]), bytes(spoilt),
        whole[:-8] + b"\0" * 8, whole[:-4] + b"\xff" * 4, zlib.compress(raw),
        raw_deflate.compress(raw) + raw_deflate.flush(),
    ]  # fmt: skip
    for body in bad:
        ward.refuses(ward.device.signed(ward.plain(), compressed=body), "body_malformed")
    ward.refuses(ward.device.signed(ward.plain(), compressed=gzip.compress(gzip.compress(raw))), "body_malformed")


@pytest.mark.parametrize(
    "encoding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip;q=1", "identity, gzip", "x-gzip"]
)
def test_another_content_encoding_is_refused(ward: Ward, encoding: str) -> None:
    """Class 41."""
    packed = ward.device.zipped(ward.plain())
    ward.refuses(packed, "content_encoding_unsupported", Content_Encoding=encoding)


def test_gzip_in_any_case_is_taken(ward: Ward) -> None:
    """Class 41, the control."""
    for name in ("gzip", "GZIP", " gzip "):
        raw = ward.rows(ward.device.add(secret())).body
        receipt = ward.site.send(ward.device.zipped(raw), Content_Encoding=name).receipt
        assert receipt.head_seq == len(ward.device.rows)


def resident_kib(ward: Ward) -> int:
    """How much memory the server's processes hold, in KiB."""
    from pathlib import Path

    total = 0
    port = ward.site.url.rpartition(":")[2]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            if f"IKM_PORT={port}".encode() in environment:
                status = (process / "status").read_text()
        except OSError:
            continue
        else:
            if f"IKM_PORT={port}".encode() in environment:
                total += int(status.partition("VmRSS:")[2].split()[0])
    assert total
    return total


def test_bombs_leave_the_server_as_large_as_it_was(ward: Ward) -> None:
    """Class 41 and threat 26: 200 MB in 200 kB, fifty times, against the memory of the server's own process."""
    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(bomb) < wire.MAX_BODY_BYTES
    call = ward.device.signed(b"", compressed=bomb)
    ward.refuses(call, "body_too_large")
    before = resident_kib(ward)
    for _ in range(50):
        assert ward.site.send(call).problem.code == "body_too_large"
    assert resident_kib(ward) - before < 20_000
    ward.goes_on()


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "PROPFIND", "post", "GETT"]
)
def test_another_method_is_refused(ward: Ward, method: str) -> None:
    """Class 50; OPTIONS says what there is and does nothing."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    raw = head(call, f"Content-Length: {len(call.body)}").replace(b"POST ", method.encode() + b" ", 1) + call.body
    answer = ward.site.raw(raw)
    assert status_of(answer) in ((400, 404, 405) if method == "CONNECT" else (405,))
    if method not in ("HEAD", "CONNECT"):
        assert b'"code":"method_not_allowed"' in answer
        assert b"\r\nallow: " in answer.lower()
    ward.still(before, mark)


def test_options_says_what_there_is_and_does_nothing(ward: Ward) -> None:
    """Class 50."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.ask("OPTIONS", call.path, call.body, {**JSON, wire.SIGNATURE_HEADER: call.signature})
    assert (answer.status, answer.body) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "POST"}
    # nor does it allow any other site's pages to call
    assert not any(name.startswith("access-control") for name in answer.headers)
    ward.still(before, mark)


ELSEWHERE = {
    "capitals": "/API/V1/DEVICES/{device}/BATCHES",
    "one capital": ADDRESS.replace("batches", "Batches"),
    "dot": "/api/v1/./devices/{device}/batches",
    "dots": "/api/v1/x/../devices/{device}/batches",
    "encoded dot": "/api/v1/%2e/devices/{device}/batches",
    "encoded dots": "/api/%2e%2e/api/v1/devices/{device}/batches",
    "doubly encoded": "/api/v1/devices/{device}/%2562atches",
    "backslash": "/api/v1/devices/{device}\\batches",
    "suffix": ADDRESS + ".json",
    "NUL": ADDRESS + "%00",
    "invalid UTF-8": ADDRESS + "%ff",
    "line break": ADDRESS + "%0d%0aX:%201",
    "semicolon": ADDRESS + ";a=1",
    "version": ADDRESS.replace("v1", "v2"),
    "no version": ADDRESS.replace("/v1", ""),
    "full width": quote(ADDRESS.replace("batches", "ｂatches"), safe="/{}"),
}


@pytest.mark.parametrize("name", ELSEWHERE, ids=str)
def test_another_address_is_not_found(ward: Ward, name: str) -> None:
    """Class 50: nothing is guessed from what resembles an address."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.send(replace(call, path=ELSEWHERE[name].format(device=ward.device.device)))
    assert answer.status == 404
    assert SECRET.encode() not in answer.body
    ward.still(before, mark)


SAME = {
    "trailing slash": ADDRESS + "/",
    "double slash": "/" + ADDRESS,
    "inner slashes": ADDRESS.replace("/v1/", "//v1///"),
    "escaped letter": ADDRESS.replace("batches", "b%61tches"),
    "escaped slash": ADDRESS.replace("devices/", "devices%2f"),
    "query": ADDRESS + "?a=1",
}


@pytest.mark.parametrize("name", SAME, ids=str)
def test_other_spellings_of_an_address_are_that_address_and_signed_as_it(ward: Ward, name: str) -> None:
    """Class 50: the signature is over the one spelling that the protocol has, whichever was called."""
    path = SAME[name].format(device=ward.device.device)
    wrong = ward.rows(ward.next())
    plain = path.partition("?")[0]
    if plain != wrong.path:
        ward.refuses(
            replace(wrong, path=path, signature=ward.device.sign("POST", plain, wrong.body)), "signature_invalid"
        )
    receipt = ward.site.send(replace(ward.rows(ward.device.add(secret())), path=path)).receipt
    assert receipt.head_seq == len(ward.device.rows)


def test_a_header_of_64_kib_is_borne_and_more_is_refused(ward: Ward) -> None:
    """Class 51: up to the library's cap of some 400 KiB the message still is what counts."""
    call = ward.rows(ward.device.add(secret()))
    assert ward.site.send(call, X_Long="a" * 65_536).receipt.head_seq == len(ward.device.rows)
    next_call = ward.rows(ward.next())
    for size in (600_000, 2_000_000):
        lines = (f"Content-Length: {len(next_call.body)}", "X-Long: " + "a" * size)
        before, mark = stored(ward.site.store), ward.mark()
        answer = ward.site.raw(head(next_call, *lines)[: size - 50_000])
        assert answer == b"" or status_of(answer) == 431
        ward.still(before, mark)


def test_a_thousand_headers_are_refused(ward: Ward) -> None:
    """Class 51."""
    call = ward.rows(ward.next())
    lines = [f"X-Number-{number}: {number}" for number in range(1_000)]
    refused_by_http(ward, head(call, *lines, f"Content-Length: {len(call.body)}"), status=431)


@pytest.mark.parametrize("line", ["X: a\x00b", "X\x00: a", "X : a", "no colon", ": empty", "Ik m: x", " folded: x"])
def test_a_header_that_is_none_is_refused(ward: Ward, line: str) -> None:
    """Class 51."""
    call = ward.rows(ward.next())
    refused_by_http(ward, head(call, line, f"Content-Length: {len(call.body)}") + call.body)


def test_an_address_of_64_kib_is_refused(ward: Ward) -> None:
    """Class 51."""
    call = replace(ward.rows(ward.next()), path="/api/v1/devices/" + "a" * 66_000 + "/batches")
    refused_by_http(ward, head(call, f"Content-Length: {len(call.body)}"), status=414)


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-x\r\n", b"GET /healthz\r\n\r\n", b"\0" * 100]
)
def test_another_protocol_on_the_line_is_refused(ward: Ward, raw: bytes) -> None:
    before, mark = stored(ward.site.store), ward.mark()
    answer = ward.site.raw(raw, end=True)
    assert answer == b"" or status_of(answer) == 400
    ward.still(before, mark)
