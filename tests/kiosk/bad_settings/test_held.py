"""Classes 52 to 59, 62, 63 and 67 for what the server sends and the device holds; the table is in test_settings.py."""

import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ikm import wire
from kiosk.store import Store, StoreError
from kiosk.store.checks import mark
from sync.client import Client
from sync.failure import Cause, Failure
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.http_server import Reply, http_server

RAW = wire.canonical(CONFIGURATION)
ANSWERS = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A device with three answers and a configuration, closed."""
    with Store.open(tmp_path / "data") as store:
        store.enrol(IDENTITY, CONFIGURATION)
        for _ in range(ANSWERS):
            store.append(samples.body())
    return tmp_path / "data"


def written_past_the_store(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "kiosk.db") as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def opened_whole(folder: Path) -> wire.ConfigurationMessage | None:
    """The configuration the device holds, having seen that it is the same device with the same answers."""
    with Store.open(folder) as store:
        identity = store.identity()
        assert identity is not None
        assert (identity.device, identity.private_key) == (IDENTITY.device, IDENTITY.private_key)
        assert store.queue().pending == ANSWERS
        held = store.configuration()
        # and it takes the next one
        store.hold_configuration(replace(CONFIGURATION, version=9))
        assert store.configuration() == replace(CONFIGURATION, version=9)
        assert store.append(samples.body()).seq >= 1
    return held


@pytest.mark.parametrize("copied", [True, False], ids=["with the second copy", "without it"])
def test_a_configuration_that_is_gone_comes_back_or_is_told(folder, copied):
    written_past_the_store(folder, "DELETE FROM configuration")
    if not copied:
        shutil.rmtree(next(path for path in folder.iterdir() if path.is_dir()))
    assert opened_whole(folder) == (CONFIGURATION if copied else None)


SPOILT = {
    "empty": b"",
    "half": RAW[: len(RAW) // 2],
    "all but its end": RAW[:-1],
    "binary": bytes(range(256)) * 4,
    "zeros": bytes(len(RAW)),
    "HTML": b"<html>Silakan login</html>",
    "a BOM before it": b"\xef\xbb\xbf" + RAW,
    "another's text": RAW.replace(b"dukcapil", b"DUKCAPIL"),
    "one digit": RAW.replace(b'"idle_s":20', b'"idle_s":21'),
    "a version it is not": RAW.replace(b'"version":1}', b'"version":2}'),
}


READABLE = {"another's text", "one digit", "a version it is not"}
"""Nothing but the check sum says that these are not what was held; without the second copy nothing better is left."""


@pytest.mark.parametrize("name", SPOILT, ids=str)
def test_a_spoilt_configuration_is_never_believed(folder, name):
    """Whatever the medium made of it, the one that was held comes back from the second copy."""
    assert SPOILT[name] != RAW
    written_past_the_store(folder, "UPDATE configuration SET body = ?", SPOILT[name])
    assert opened_whole(folder) == CONFIGURATION


@pytest.mark.parametrize("name", sorted(SPOILT.keys() - READABLE), ids=str)
def test_a_spoilt_configuration_without_a_second_copy_is_none(folder, name):
    written_past_the_store(folder, "UPDATE configuration SET body = ?", SPOILT[name])
    shutil.rmtree(next(path for path in folder.iterdir() if path.is_dir()))
    assert opened_whole(folder) is None


def given(raw: bytes, **reply: Any) -> wire.ConfigurationMessage:
    """What a device makes of these bytes for its newest configuration. Raises Failure."""
    with http_server(lambda asked: Reply(200, raw, **reply)) as http:
        from dataclasses import replace as replaced

        client = Client(replaced(IDENTITY, server_url=http.url), "0.1.0")
        try:
            return client.configuration()
        finally:
            client.close()


def refused(raw: bytes, cause: Cause = Cause.NOT_OUR_SERVER) -> None:
    with pytest.raises(Failure) as caught:
        given(raw)
    assert caught.value.cause is cause


def changed(**members: Any) -> bytes:
    return json.dumps(json.loads(RAW) | members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_a_good_configuration_is_taken():
    """The control of what follows."""
    assert given(RAW) == CONFIGURATION
    assert given(changed(idle_s=25)).idle_s == 25


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbf" + RAW, RAW.replace(b",", b",\r\n", 1), RAW.replace(b",", b",\t", 1), RAW + b"\r\n",
     RAW.decode().encode("utf-16"), RAW.decode().encode("utf-32"), b"", RAW[:-1], bytes(range(256))],
    ids=["BOM", "CRLF", "tab", "line end", "UTF-16", "UTF-32", "empty", "half", "binary"],
)  # fmt: skip
def test_a_configuration_spelt_by_an_editor_is_not_held(raw):
    refused(raw)


@pytest.mark.parametrize(
    "members",
    [
        {"extra": 1}, {"Version": 2}, {"time_zone": "WIX"}, {"time_zone": "Asia/Jakarta"}, {"time_zone": ""},
        {"idle_s": "20"}, {"idle_s": True}, {"idle_s": 20.5}, {"idle_s": None}, {"idle_s": [20]}, {"version": "1"},
        {"version": -1}, {"version": 2**53}, {"services": {}}, {"services": None}, {"languages": "id"}, {"unit": ""},
        {"unit": "a b"}, {"unit_name": "Dinas"}, {"questionnaire": "skm"}, {"default_language": "ID"},
    ],
    ids=str,
)  # fmt: skip
def test_a_configuration_that_says_other_things_is_not_held(members):
    """Classes 57, 58 and 63: an unknown member, another type, a zone that is none of Indonesia's."""
    refused(changed(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"idle_s": 0}, {"countdown_s": 0}, {"thanks_s": 0}, {"idle_s": 10**9}, {"services": []}, {"languages": []},
        {"default_language": "jv"},
    ],
    ids=str,
)  # fmt: skip
def test_a_configuration_no_kiosk_can_run_on_is_not_held(members):
    """Class 64: intervals that leave nobody time to answer, and what contradicts itself."""
    with pytest.raises(Failure):
        given(changed(**members))


def test_a_configuration_that_says_a_thing_twice_is_read_in_one_way():
    """Class 59: refused, since two readers would each take another."""
    for old, new in (
        (b'"idle_s":20', b'"idle_s":20,"idle_s":20'), (b'"idle_s":20', b'"idle_s":5,"idle_s":20'),
        (b'"version":1', b'"version":9,"version":1'),
    ):  # fmt: skip
        assert RAW.count(old) == 1
        refused(RAW.replace(old, new))


@pytest.mark.parametrize("protocol", [0, 2, 3, 2**53 - 1])
def test_a_configuration_of_a_newer_version_is_not_held(protocol):
    """Class 67."""
    refused(changed(protocol=protocol))


def test_a_database_of_a_newer_version_is_left_as_it_is(folder):
    """Class 67: refused with a sentence, not a byte of it touched, its answers there for the software it belongs to."""
    written_past_the_store(folder, "UPDATE alembic_version SET version_num = '9999'")
    with sqlite3.connect(folder / "kiosk.db") as connection:
        connection.execute(f"PRAGMA application_id = {mark('9999')}")
    connection.close()
    before = (folder / "kiosk.db").read_bytes()
    with pytest.raises(StoreError, match="versi"):
        Store.open(folder)
    assert (folder / "kiosk.db").read_bytes() == before
    assert not list(folder.glob("rusak-*"))


def open_to_others(folder: Path) -> list[str]:
    """Files that hold keys or answers and that another user may read."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and path.stat().st_mode & 0o077
    ]


def test_keys_are_nobody_elses_to_read_whatever_the_umask(tmp_path):
    """Class 62: database, second copy on another medium, locks; and the folders they are in."""
    before = os.umask(0)
    try:
        with Store.open(tmp_path / "data", tmp_path / "kedua", ballast_bytes=4096) as store:
            store.enrol(IDENTITY, CONFIGURATION)
            store.append(samples.body())
            store.put_next_key(bytes(32))
    finally:
        os.umask(before)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) >= 4
    assert open_to_others(tmp_path) == []
    assert {path.parent.stat().st_mode & 0o077 for path in tmp_path.rglob("*") if path.is_file()} == {0}


def test_a_database_left_open_to_others_is_closed_again(folder, caplog):
    """Class 62: a copy made by hand has the mode the hand gave it."""
    (folder / "kiosk.db").chmod(0o644)
    with caplog.at_level("WARNING", "kiosk"):
        assert opened_whole(folder) == CONFIGURATION
    assert open_to_others(folder) == []
    assert "kiosk.db was open to other users" in caplog.text
