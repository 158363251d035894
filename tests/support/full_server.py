"""A server whose database is on a medium that fills up, on either database (fault 46).

    python -m tests.support.full_server sqlite|postgres PLACE

`PLACE` is a small medium, which is filled; prints one line of JSON about what was said, kept and taken up again.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import URL, func, select

from ikm import wire
from ikm.server import tables
from ikm.server.example import install_example
from ikm.server.reports.completeness import completeness
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.postgres import programs
from tests.support.samples import body
from tests.support.served import running

KIB = 28 * 1024
"""Room for either database with the sample regency in it, and not for much more."""
_BATCH = 100
_MOST = 400


def told(printed: str) -> dict[str, Any]:
    """What the program found."""
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def main(kind: str, place: Path) -> None:
    """Fill it with answers, look, make room, go on."""
    # short, since a socket's path may have 107 bytes
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as name,
        _sqlite(place) if kind == "sqlite" else _postgres(place, Path(name)) as database,
    ):
        print(json.dumps(_filled(database, place)))


def _filled(database: URL, place: Path) -> dict[str, Any]:
    store = Store.open(database)
    install_example(store)
    device = KioskDevice.enrolled(store)
    # what an operator would find to delete
    ballast = place / "ballast"
    ballast.write_bytes(b"\1" * 4_000_000)
    free = shutil.disk_usage(place).free - 1_500_000
    (place / "more").write_bytes(b"\1" * max(0, free))
    acknowledged = 0
    with running(create_app(Settings(database=database))) as address:
        for _ in range(_MOST):
            rows = device.add(*(body() for _ in range(_BATCH)))
            answer = _sent(address, device, rows)
            if answer.status_code != 200:
                break
            acknowledged = answer.json()["head_seq"]
        full = {
            "status": answer.status_code, "code": answer.json().get("code"), "acknowledged": acknowledged,
            "there_when_full": _count(store),
        }  # fmt: skip
        ballast.unlink()
        again = _sent(address, device, rows)
    found = completeness(store, thorough=True, tallies=len(store.differences()))
    after = _count(store)
    store.close()
    in_the_end = again.json().get("head_seq")
    return full | {"after": after, "acknowledged_in_the_end": in_the_end, "whole": found.complete}


def _sent(address: str, device: KioskDevice, rows: list[wire.Row]) -> requests.Response:
    call = device.call(rows)
    headers = {"Content-Type": "application/json", "Ikm-Signature": call.signature}
    return requests.post(address + call.path, data=call.body, headers=headers, timeout=60)


def _count(store: Store) -> int:
    with store._engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.response)).scalar_one())


@contextmanager
def _sqlite(place: Path) -> Iterator[URL]:
    yield URL.create("sqlite", database=str(place / "ikm.db"))


@contextmanager
def _postgres(place: Path, home: Path) -> Iterator[URL]:
    """A cluster elsewhere, with its database in a tablespace on the medium."""
    # its programs refuse to run as root, which this program is in its own namespace only
    other = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    data, space = home / "data", place / "space"
    space.mkdir()
    control = [*other, str(programs() / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}'"
    _run(*other, str(programs() / "initdb"), "-D", str(data), "-U", "ikm", "-A", "trust", "-E", "UTF8", "--no-sync")
    _run(*control, "-o", options, "-l", str(home / "log"), "start")
    try:
        with psycopg.connect(host=str(home), user="ikm", dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            admin.execute("CREATE DATABASE ikm TABLESPACE small")
        yield URL.create("postgresql+psycopg", username="ikm", database="ikm", query={"host": str(home)})
    finally:
        _run(*control, "-m", "immediate", "stop")


def _run(*command: str) -> None:
    # into nobody's pipe: the server that is started keeps it open
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
