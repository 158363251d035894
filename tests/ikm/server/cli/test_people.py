"""People and the log from the console."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ikm.domain.rights import Role
from ikm.server.cli import app
from ikm.server.people.throttle import watch
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.desk import UNIT
from tests.support.free_port import free_port
from tests.support.people import known

LINK = r"http://127\.0\.0\.1:8080/undangan/([\w-]{43})"


def test_the_set_up_link_is_printed_as_long_as_nobody_can_come_in(run, sqlite_store):
    first, second = (re.search(LINK, run("setup-link").stdout)[1] for _ in range(2))
    with sqlite_store._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM invitation WHERE revoked_ms IS NULL")).scalar_one() == 1
    assert first != second
    known(sqlite_store, NOW_MS)
    result = run("setup-link")
    assert result.exit_code == 1
    assert "Sudah ada superadmin yang dapat masuk" in result.stderr
    assert "ikm people reset SUREL" in result.stderr


def test_an_empty_server_says_how_to_begin(run):
    assert "ikm setup-link" in run("people", "list").stdout


def test_people_are_listed_with_their_roles(run, sqlite_store):
    known(sqlite_store, NOW_MS)
    known(sqlite_store, NOW_MS, role=Role.UNIT_OFFICER, node=UNIT, name="[Budi]", email="budi@contoh.go.id")
    listed = json.loads(run("people", "list", "--json").stdout)["people"]
    assert sorted((one["email"], one["state"], one["roles"][0]["role"]) for one in listed) == [
        ("budi@contoh.go.id", "on", "unit_officer"),
        ("sari@contoh.go.id", "on", "superadmin"),
    ]
    shown = run("people", "list").stdout
    assert "[Budi]" in shown
    assert "Superadmin" in shown
    assert "$argon2" not in shown + json.dumps(listed)


@pytest.mark.parametrize(("words", "kind"), [([], "anew"), (["--password-only"], "reset")])
def test_whoever_is_locked_out_is_led_back(run, sqlite_store, words, kind):
    sari = known(sqlite_store, NOW_MS)
    for _ in range(5):
        sqlite_store.begin_guess(watch("sign-in", sari.email, "203.0.113.5"), NOW_MS)
    result = run("people", "reset", "SARI@contoh.go.id", "--by", "Pak Budi", "--reason", "ponsel hilang", *words)
    assert result.exit_code == 0, result.stderr
    token = re.search(LINK, result.stdout)[1]
    deed = sqlite_store.deeds(limit=1)[0]
    assert (deed.act, deed.who, deed.reason) == (f"link.{kind}", "Pak Budi", "ponsel hilang")
    assert sqlite_store.invitation(token, deed.at_ms).person == sari.id
    sqlite_store.begin_guess(watch("sign-in", sari.email, "203.0.113.5"), NOW_MS)


def test_a_reset_wants_a_person_and_a_reason(run, sqlite_store):
    assert run("people", "reset", "nobody@contoh.go.id", "--reason", "x").exit_code == 1
    assert run("people", "reset", "sari@contoh.go.id").exit_code == 2
    known(sqlite_store, NOW_MS)
    assert run("people", "reset", "sari@contoh.go.id", "--reason", " ").exit_code == 2
    assert sqlite_store.deeds(act="link.") == []


def test_the_log_is_verified_and_a_break_is_an_exit_code_and_a_number(run, sqlite_store):
    known(sqlite_store, NOW_MS)
    assert run("deeds", "verify").stdout == "Catatan utuh: 3 baris.\n"
    with sqlite_store._engine.begin() as connection:
        connection.execute(text("DROP TRIGGER deed_no_update"))
        connection.execute(text("UPDATE deed SET who = 'x' WHERE seq = 2"))
    found = run("deeds", "verify")
    assert found.exit_code == 1
    assert "Catatan nomor 2 diubah atau hilang" in found.stdout
    assert json.loads(run("deeds", "verify", "--json").stdout) == {"total": 3, "fault": 2}


@pytest.mark.whole
def test_a_server_that_nobody_can_come_in_to_says_where_to_begin(tmp_path):
    environment = {**os.environ, "IKM_DATA": str(tmp_path), "IKM_PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
    environment.pop("IKM_DATABASE_URL", None)
    command = [sys.executable, "-m", "ikm.server", "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            told = [server.stdout.readline() for _ in range(2)]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
    assert "Belum ada superadmin" in told[0]
    assert re.fullmatch(rf"  http://127\.0\.0\.1:{environment['IKM_PORT']}/undangan/[\w-]{{43}}\n", told[1])


def test_commands_only_look_where_there_is_a_database(monkeypatch, tmp_path):
    monkeypatch.setenv("IKM_DATA", str(tmp_path / "salah"))
    for words in (["people", "list"], ["deeds", "verify"], ["people", "reset", "a@b.id", "--reason", "x"]):
        assert "belum ada" in CliRunner().invoke(app, words).stderr
    assert list(tmp_path.iterdir()) == []
