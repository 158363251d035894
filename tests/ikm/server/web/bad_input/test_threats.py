"""Threats that come over the line: slow clients, false hosts, forged log lines, guessed codes, costly patterns."""

import ast
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import URL

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.enrol import Enrolment, make_code
from ikm.server.settings import Settings
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice, enrol_bytes, stored
from tests.ikm.server.web.bad_input.site import SECRET, Site, Ward, heard, secret, status_of
from tests.support.sample_database import sample_store
from tests.support.served import running

ROOT = Path(__file__).parents[5]
SLOW = 600
"""More clients than there are kiosks in a regency: each holds a connection, none may hold a place."""


@pytest.mark.whole
def test_slow_clients_take_no_place_from_others(ward: Ward) -> None:
    """Threat 27: heads and bodies that never end, more of them than the server has threads."""
    ward.goes_on()
    call = ward.rows(ward.next())
    half_head = f"POST {call.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    half_body = (
        half_head + f"Ikm-Signature: {call.signature}\r\nContent-Length: 60000\r\n\r\n".encode() + call.body[:50]
    )
    before, mark = stored(ward.site.store), ward.mark()
    with ExitStack() as held:
        lines = [held.enter_context(closing(ward.site.line())) for _ in range(SLOW)]
        for place, line in enumerate(lines):
            line.sendall(half_body if place % 2 else half_head)
        for _ in range(3):
            ward.goes_on()
            assert ward.site.ask("GET", "/healthz").status == 200
        # still held: whoever waits for these has not given up either
        for line in lines:
            line.sendall(b"x")
    before = before | {"response": before["response"] + 3}
    ward.still(before, mark)


def test_a_body_that_drips_is_given_up_in_time(tmp_path: Path) -> None:
    """Threat 27: the deadline is for the whole body, so that one byte after the other does not renew it."""
    sample_store(tmp_path / "ikm.db").close()
    settings = Settings(database=URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    with running(create_app(settings, body_deadline_s=0.4)) as url:
        site = Site(url, sample_store(tmp_path / "beside.db"), tmp_path / "log")
        with closing(site.line()) as line:
            line.sendall(b"POST /api/v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            line.sendall(b"Content-Length: 60000\r\n\r\n")
            answer = drip(line)
        assert status_of(answer) == 408
        assert b'"code":"request_too_slow"' in answer
        assert site.ask("GET", "/healthz").status == 200
        site.store.close()


def drip(line: socket.socket) -> bytes:
    """What comes back while a byte goes out every twentieth of a second."""
    line.settimeout(0.05)
    for _ in range(400):
        try:
            return line.recv(65_536)
        except TimeoutError:
            line.sendall(b"x")
    raise AssertionError("nobody gave this client up")


HOSTS = [
    "jahat.example",
    "jahat.example:99999",
    "127.0.0.1@jahat.example",
    "jahat.example/x",
    "jahat.example?",
    "",
    "[::1",
]


@pytest.mark.whole
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "path", ["/", "/unit/dukcapil", "/nothing", "/api/v1/units/dukcapil/index", "/schema", "/audit"]
)
def test_no_answer_names_the_host_a_stranger_asks_for(ward: Ward, host: str, path: str) -> None:
    """Threat 30: no link, no redirect, no cookie is made of it."""
    told = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: jahat.example\r\nForwarded: host=jahat.example\r\n"
        "X-Forwarded-Proto: https\r\nX-Original-URL: /jahat.example\r\nConnection: close\r\n\r\n"
    )
    answer = ward.site.raw(told.encode())
    assert b"jahat" not in answer
    assert b"\r\nlocation:" not in answer.lower()
    assert status_of(answer) in (200, 400, 404)


@pytest.mark.whole
@pytest.mark.parametrize("host", [host for host in HOSTS if "jahat" in host])
def test_a_false_host_neither_helps_nor_hinders_a_signature(ward: Ward, host: str) -> None:
    """Threat 30: what is signed is the path that was called, of which the host is no part."""
    call = ward.rows(ward.next())
    before, mark = stored(ward.site.store), ward.mark()
    for path in (call.path, "/jahat" + call.path):
        signature = ward.device.sign("POST", "/x" + call.path, call.body)
        told = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nIkm-Signature: {signature}\r\n"
            f"Content-Length: {len(call.body)}\r\nConnection: close\r\n\r\n"
        )
        assert status_of(ward.site.raw(told.encode() + call.body)) in (400, 401, 404)
    ward.still(before, mark)


@pytest.mark.whole
@pytest.mark.parametrize(
    "path", ["/api/v1/units/{}/index", "/api/v1/devices/{}/configuration", "/unit/{}", "/api/v1/{}"]
)
def test_nobody_writes_lines_of_his_own_into_the_log(ward: Ward, path: str) -> None:
    """Threat 37: line breaks and terminal commands of a stranger stay one line, escaped."""
    mark = ward.mark()
    forged = "2026-11-24%2019:00:00,000%20ERROR%20ikm%20palsu"
    for breaks in ("%0a", "%0d%0a", "%0d", "%e2%80%a8", "%c2%85", "%0b", "%1b[2J"):
        ward.site.ask("GET", path.format("x" + breaks + forged))
    with ward.site.log.open("rb") as log:
        log.seek(mark)
        written = log.read().decode()
    for line in re.split(r"[\n\r\v\x85\u2028]", written):
        assert not re.match(r"2026-11-24 19:00:00,000 ERROR", line), written
    assert "\x1b" not in written


@pytest.mark.whole
def test_no_refused_batch_leaves_an_answer_in_the_log(ward: Ward) -> None:
    """All classes: the answers of a good batch, told with every kind of refusal there is about it."""
    mark = ward.mark()
    for raw in (secret(answers={"TIME": 9}), secret(unit="nowhere"), secret(profile={"education": "x"})):
        rows = ward.device.add(raw)
        ward.site.send(ward.rows(rows))
    ward.refuses(ward.device.call([], epoch=7), "opening_invalid")
    ward.quiet(mark)
    assert SECRET.encode() not in ward.site.log.read_bytes()


def test_guessing_codes_hardly_ever_comes_to_a_code(tmp_path: Path) -> None:
    """Threat 31: 2,000 guesses from 20 addresses within one window; 100 of them are looked at, and the rest only wait.

    300 in a quarter of an hour, at the most, are 201,600 in the week a code lives: one in 127,000 of all codes.
    """
    store = sample_store(tmp_path / "ikm.db")
    made = make_code(store, "dukcapil-1", NOW_MS)
    enrolment, key = Enrolment(store), Ed25519PrivateKey.generate()
    codes: Counter[str] = Counter()
    for number in range(2_000):
        # a guess looks like a code; the one that was made comes last, when nobody is listened to any more
        letters = (
            made.code if number >= 1_980 else "BCDF-" + "".join("BCDFGHJKLM"[int(digit)] for digit in f"{number:04}")
        )
        with pytest.raises(Refusal) as caught:
            enrolment.enrol(enrol_bytes(letters, key), f"192.0.2.{number % 20}", NOW_MS + number)
        codes[caught.value.code] += 1
    assert codes == {"enrolment_code_invalid": 100, "too_many_attempts": 1_900}
    # nobody who did not guess waits for those who did
    assert enrolment.enrol(enrol_bytes(made.code, key), "198.51.100.1", NOW_MS + 2_000).device
    store.close()


UNAMBIGUOUS = r"(?:(?:nilai|skor|unsur)\s+)*"
"""Repeats blanks that a word stands before each time, so that there is one way alone to read any text."""


MATCHING = frozenset({"compile", "match", "fullmatch", "search", "split", "sub", "subn", "findall", "finditer"})


def patterns() -> Iterator[str]:
    """Every regular expression a message, a form or a line of this software is matched with."""
    messages = (
        wire.Batch, wire.EnrolRequest, wire.KeyRoll, wire.Receipt, wire.Enrolled, wire.KeyRolled, wire.ServerKeys,
        wire.Problem, wire.ConfigurationMessage, wire.ResponseBody, wire.QuestionnaireMessage,
    )  # fmt: skip
    yield from found_in(msgspec.json.schema_components(messages)[1])
    for package in ("ikm", "sync", "kiosk"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                module, _, function = ast.unparse(node.func).rpartition(".")
                given = [one.value for one in node.keywords if one.arg == "pattern"]
                given += node.args[:1] if module == "re" and function in MATCHING else []
                yield from (str(one.value) for one in given if isinstance(one, ast.Constant))


def found_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "pattern" and isinstance(value, str):
                yield value
            else:
                yield from found_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from found_in(value)


def repeats(parsed: Any, inside: bool = False) -> bool:
    """Whether something that may be repeated without end is itself repeated, which is where time explodes."""
    from re import _parser as parser  # type: ignore[attr-defined]

    for operation, argument in parsed:
        name = str(operation)
        if name in {"GROUPREF", "GROUPREF_EXISTS"}:
            return True
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            _, most, inner = argument
            many = most == parser.MAXREPEAT
            if (inside and many) or repeats(inner, inside or most not in (0, 1)):
                return True
        elif name == "BRANCH":
            if any(repeats(branch, inside) for branch in argument[1]):
                return True
        elif name == "SUBPATTERN":
            if repeats(argument[-1], inside):
                return True
        elif name in {"ASSERT", "ASSERT_NOT"} and repeats(argument[1], inside):
            return True
    return False


def test_no_pattern_can_be_made_to_take_long() -> None:
    """Threat 28: none repeats what it repeats, so the time for a text grows with its length and not with its powers."""
    from re import _parser as parser  # type: ignore[attr-defined]

    found = set(patterns())
    assert len(found) > 80
    # of messages, of forms, of texts that are cut up or masked
    assert {r"\A[0-9a-f]{64}\Z", r"\A(\d{6,8})?\Z", r"[.,]"} <= found
    flagged = [pattern for pattern in found if repeats(parser.parse(pattern.replace(UNAMBIGUOUS, "")))]
    assert flagged == []


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|b+)*c", r"(a*){2,5}", r"(x)\1", r"((a{1,})b?)*"])
def test_the_look_at_patterns_finds_those_that_do(pattern: str) -> None:
    from re import _parser as parser  # type: ignore[attr-defined]

    assert repeats(parser.parse(pattern))


def test_what_was_heard_is_read_to_its_end(tmp_path: Path) -> None:
    """The tool itself: a server that says little and closes is heard whole."""
    one, other = socket.socketpair()
    with closing(one), closing(other):
        other.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        other.shutdown(socket.SHUT_WR)
        assert heard(one) == b"HTTP/1.1 400 Bad Request\r\n\r\n"


def test_a_device_of_a_made_up_id_costs_no_question_to_the_database(tmp_path: Path) -> None:
    """Threat 31: an id that is none is refused before the database is asked."""
    from ikm.server.ingest import Call, Ingest

    store = sample_store(tmp_path / "ikm.db")
    device = KioskDevice.enrolled(store)
    ingest = Ingest(store, lambda: NOW_MS)
    call = device.call([])
    store.close()
    with pytest.raises(Refusal) as caught:
        ingest.accept(Call("POST", call.path, "x' OR 1=1 --", call.signature, call.body))
    assert caught.value.code == "device_unknown"
