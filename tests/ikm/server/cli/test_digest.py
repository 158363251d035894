"""`ikm digest` and `ikm fleet check`, `ikm fleet apply`."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from ikm.domain.period import TimeZone
from ikm.domain.rights import Grant, Role
from ikm.server import tables
from ikm.server.store.deeds import Doer
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.free_port import free_port
from tests.support.smtp import post_office


@pytest.fixture
def officer(sqlite_store):
    """Somebody who looks after a kiosk that was never heard of, and whose disk is full."""
    device = KioskDevice.enrolled(sqlite_store)
    grants = [Grant(Role.UNIT_OFFICER, "dukcapil")]
    sqlite_store.add_person("8a" * 16, "sari@contoh.go.id", "Sari", grants, Doer("uji", 0))
    health = (
        '{"app_version":"1","clock":{"boot_id":"00000000-0000-0000-0000-000000000000","boot_ms":1,"state":"synced",'
        '"wall_ms":%d},"disk_free_bytes":1,"queued":0,"warnings":["disk_full"]}'
    )
    now = time.time_ns() // 1_000_000
    with sqlite_store._engine.begin() as connection:
        connection.execute(update(tables.person).values(password_hash="x", totp_secret="x"))
        connection.execute(update(tables.device).values(last_seen_ms=now, health=health % now))
    return device


def test_a_digest_is_shown_without_being_sent_and_then_sent_once(run, officer, monkeypatch):
    shown = run("digest", "send", "--dry-run").stdout
    assert "Kepada: sari@contoh.go.id" in shown
    assert "1 ringkasan; tidak ada yang dikirim." in shown
    assert run("digest", "send").exit_code == 1
    with post_office() as post:
        monkeypatch.setenv("IKM_SMTP_URL", f"smtp://127.0.0.1:{post.port}")
        monkeypatch.setenv("IKM_MAIL_FROM", "ikm@contoh.go.id")
        assert "1 ringkasan dikirim." in run("digest", "send").stdout
        assert "0 ringkasan dikirim." in run("digest", "send").stdout
        assert len(post.mails) == 1


def test_a_mail_server_that_is_down_is_a_sentence(run, officer, monkeypatch):
    monkeypatch.setenv("IKM_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    monkeypatch.setenv("IKM_MAIL_FROM", "ikm@contoh.go.id")
    told = run("digest", "send")
    assert (told.exit_code, "dicoba lagi nanti" in told.stderr) == (1, True)


def test_the_fleet_is_checked_from_the_command_line(run, officer):
    told = run("fleet", "check")
    assert (told.exit_code, "dukcapil-1" in told.stdout, "penyimpanan penuh" in told.stdout) == (1, True, True)
    (kiosk,) = json.loads(run("fleet", "check", "--json").stdout)["kiosks"]
    assert (kiosk["problems"][0], kiosk["newest_configuration"]) == ("disk_full", 1)


def test_what_was_scheduled_is_applied_from_the_command_line(run, sqlite_store):
    assert "Tidak ada yang menunggu." in run("fleet", "apply").stdout
    sqlite_store.put_questionnaire(replace(sqlite_store.questionnaire("skm-14-2017-v2"), code="baru"))
    today = TimeZone.WIB.local_date(time.time_ns() // 1_000_000)
    earlier, yesterday = today - timedelta(days=9), today - timedelta(days=1)
    sqlite_store.put_schedule("dukcapil", yesterday, "baru", Doer("uji", 0), today=earlier)
    assert "2 loket" in run("fleet", "apply").stdout
    assert sqlite_store.configuration("dukcapil-1").questionnaire.code == "baru"
