"""Ingest through HTTP, signature and chain checked, tallies kept: beside the database's own fastest way in."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import structs

from ikm import sqlite, wire
from tests.bench.harness import Result
from tests.support import postgres, samples

_BATCH, _BATCHES, _WRITERS = 100, 50, 4
_SINGLES = 300
_COPY_ROWS = _BATCH * _BATCHES * _WRITERS


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request, ready to be sent."""

    path: str
    body: bytes
    headers: dict[str, str]


def measure(folder: Path) -> list[Result]:
    """Responses per second on both databases, batches of 100 and one by one, beside raw writes of the same bytes."""
    results = []
    with postgres.server() as server, postgres.database(server) as url:
        copied = _copy_rate(url)
        inserted = _single_insert_rate(url)
        batches, singles = _rates({"IKM_DATABASE_URL": url, "IKM_DATA": str(folder)})
    results += [
        Result("server: PostgreSQL, kiriman 100", batches, "jawaban/s", "COPY ke tabel berkunci", copied),
        Result("server: PostgreSQL, satu per kiriman", singles, "jawaban/s", "INSERT satu baris", inserted),
    ]
    many, one = _sqlite_rates(folder)
    batches, singles = _rates({"IKM_DATABASE_URL": "", "IKM_DATA": str(folder / "server")})
    results += [
        Result("server: SQLite, kiriman 100", batches, "jawaban/s", "sqlite3, 100 per transaksi", many),
        Result("server: SQLite, satu per kiriman", singles, "jawaban/s", "sqlite3, satu per transaksi", one),
    ]
    return results


# -- ours ----------------------------------------------------------------------------------------------------------


def _rates(environment: dict[str, str]) -> tuple[float, float]:
    with _server(environment) as (port, there):
        writers = [_requests(_enrolled(port, there), _BATCH, _BATCHES) for _ in range(_WRITERS)]
        batches = _sent(port, writers, _BATCH)
        writers = [_requests(_enrolled(port, there), 1, _SINGLES) for _ in range(_WRITERS)]
        singles = _sent(port, writers, 1)
    return batches, singles


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    there = {**os.environ, **environment, "IKM_HOST": "127.0.0.1", "IKM_PORT": str(port)}
    subprocess.run([sys.executable, "-m", "ikm.server", "example"], env=there, check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [sys.executable, "-m", "ikm.server", "serve"],
        env=there,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port, there
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError("the server does not answer")


def _enrolled(port: int, environment: dict[str, str]) -> tuple[str, Ed25519PrivateKey]:
    told = subprocess.run(
        [sys.executable, "-m", "ikm.server", "enrol", "--counter", "dukcapil-1", "--json"],
        env=environment,
        check=True,
        capture_output=True,
    )
    key = Ed25519PrivateKey.generate()
    public = wire.to_base64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    asked = wire.EnrolRequest(
        app_version="0.1.0", code=json.loads(told.stdout)["code"], protocol=wire.PROTOCOL, public_key=public
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/api/v1/enrolments", wire.canonical(asked), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return wire.decode(answer.read(), wire.Enrolled).device, key


def _requests(enrolled: tuple[str, Ed25519PrivateKey], size: int, count: int) -> list[Request]:
    """A device's requests, all made before any is sent, so that making them is not measured."""
    device, key = enrolled
    path = f"/api/v1/devices/{device}/batches"
    raw = [
        wire.canonical(samples.body(*(1 + (number * 7 + place) % 4 for place in range(9)), wall_ms=_now_ms() + number))
        for number in range(size * count)
    ]
    rows = samples.chain(raw, device=device, salt=secrets.randbits(16))
    made = []
    for first in range(0, len(rows), size):
        batch = samples.batch(rows[first : first + size], device=device, nonce=secrets.token_hex(16))
        # as a kiosk does, in the boot its answers were given in
        batch = structs.replace(batch, health=structs.replace(batch.health, clock=samples.clock(_now_ms())))
        body = wire.canonical(batch)
        signature = wire.to_base64(key.sign(wire.signing_bytes("POST", path, body)))
        headers = {"Content-Type": "application/json", wire.SIGNATURE_HEADER: signature}
        made.append(Request(path, body, headers))
    return made


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _sent(port: int, writers: list[list[Request]], size: int) -> float:
    """Responses per second over all writers, each on a connection of its own and waiting for its receipts."""
    failed: list[bytes] = []

    def send(requests: list[Request]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for request in requests:
            connection.request("POST", request.path, request.body, request.headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != 200:
                failed.append(told)
                return

    threads = [threading.Thread(target=send, args=(requests,)) for requests in writers]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"the server refused: {failed[0][:300]!r}")
    return sum(len(requests) for requests in writers) * size / taken


# -- the databases alone -------------------------------------------------------------------------------------------

_TABLE = """CREATE TABLE raw (id uuid PRIMARY KEY, device uuid, seq bigint, hash text, received bigint, body bytea)"""


def _raw_rows(count: int) -> list[tuple[str, str, int, str, int, bytes]]:
    body = wire.canonical(samples.body())
    return [
        (samples.row_id(seq, 1 + seq % 4000), samples.DEVICE, seq, "0" * 64, _now_ms(), body)
        for seq in range(1, count + 1)
    ]


def _copy_rate(url: str) -> float:
    rows = _raw_rows(_COPY_ROWS)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(_TABLE)
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "uuid", "int8", "text", "int8", "bytea"])
            for row_id, device, *rest in rows:
                copy.write_row((UUID(row_id), UUID(device), *rest))
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE raw")
    return len(rows) / taken


def _single_insert_rate(url: str) -> float:
    """On as many connections as ours has, each waiting for its commit."""
    rows = _raw_rows(_SINGLES * _WRITERS)
    address = url.replace("+psycopg", "")

    def insert(share: list[tuple[str, str, int, str, int, bytes]]) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            for row in share:
                connection.execute("INSERT INTO raw VALUES (%s, %s, %s, %s, %s, %s)", row)

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_TABLE)
        threads = [threading.Thread(target=insert, args=(rows[first::_WRITERS],)) for first in range(_WRITERS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE raw")
    return len(rows) / taken


def _sqlite_rates(folder: Path) -> tuple[float, float]:
    """Rows per second into one keyed table with the same durability, 100 a transaction and one a transaction."""
    rows = _raw_rows(_COPY_ROWS + _SINGLES * _WRITERS)
    engine = sqlite.durable_engine(folder / "raw.db")
    with sqlite.writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE raw (id TEXT PRIMARY KEY, device, seq, hash, received, body)")

    def rate(chosen: list[tuple[str, str, int, str, int, bytes]], size: int) -> float:
        began = time.perf_counter()
        for first in range(0, len(chosen), size):
            with sqlite.writing(engine) as connection:
                connection.exec_driver_sql("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)", chosen[first : first + size])
        return len(chosen) / (time.perf_counter() - began)

    many = rate(rows[:_COPY_ROWS], _BATCH)
    one = rate(rows[_COPY_ROWS:], 1)
    engine.dispose()
    return many, one
