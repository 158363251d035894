"""The page of completeness, over a real store: what it says, what it never says, and how little it costs."""

import re

import pytest
from litestar.testing import TestClient
from sqlalchemy import delete, event

from ikm.server import tables as t
from ikm.server.ingest import Ingest
from ikm.server.settings import Settings
from ikm.server.web.app import create_app
from ikm.server.web.pages.audit import Looks
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body


@pytest.fixture
def kiosk(sqlite_store):
    return KioskDevice.enrolled(sqlite_store)


def words(sqlite_store) -> str:
    app = create_app(Settings(database=sqlite_store._engine.url))
    with TestClient(app, raise_server_exceptions=True) as client:
        answer = client.get("/audit")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_before_there_is_a_device_nothing_is_missing(sqlite_store):
    text = words(sqlite_store)
    assert "BELUM ADA KIOS terdaftar, jadi tidak ada yang dapat diperiksa." in text
    assert "belum ada kios terdaftar" in text


def test_the_page_says_in_one_line_what_is_there_and_how_each_device_stands(sqlite_store, kiosk):
    KioskDevice.enrolled(sqlite_store, "dukcapil-2")
    taken = Ingest(sqlite_store)
    taken.accept(kiosk.call(kiosk.add(body(comment="rahasia sekali"), b'{"comment":"rahasia lain"}', body())))
    text = words(sqlite_store)
    assert "LENGKAP: tidak ada yang hilang; 2 jawaban dari 2 kios, terakhir diterima " in text
    assert f"dukcapil-1 {kiosk.device} 1 3 2 0 1 0 0 aktif" in text
    assert "belum mengirim jawaban 0 aktif" in text
    assert "rahasia" not in text


def test_the_page_names_what_is_missing(sqlite_store, kiosk):
    Ingest(sqlite_store).accept(kiosk.call(kiosk.add(body(), body(), body())))
    with sqlite_store._engine.begin() as connection:
        connection.execute(delete(t.response).where(t.response.c.seq == 2))
    text = words(sqlite_store)
    assert "Ada yang tidak lengkap TIDAK LENGKAP: 1 jawaban hilang: kios dukcapil-1" in text
    assert "rantai 1 nomor 2 tidak ada di server, sejak " in text


def test_who_asks_often_costs_one_count_a_minute(sqlite_store, kiosk):
    now = [NOW_MS]
    looks = Looks(sqlite_store, lambda: now[0])
    asked = []
    event.listen(sqlite_store._engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    for _ in range(20):
        first = looks.look()
    once = len(asked)
    assert looks.look() is first
    now[0] += 60_000
    looks.look()
    assert len(asked) == 2 * once
    # a clock that was set back must not keep an old count for as long
    now[0] -= 3_600_000
    looks.look()
    assert len(asked) == 3 * once
