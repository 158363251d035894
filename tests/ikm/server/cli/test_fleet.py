"""Devices, keys and decisions as an officer takes them: who did it and why is kept."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import msgspec
import pytest

from ikm import wire
from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.samples import body


@pytest.fixture
def kiosk(sqlite_store):
    return KioskDevice.enrolled(sqlite_store)


@pytest.fixture
def taken(sqlite_store):
    return Ingest(sqlite_store)


def test_the_list_of_devices_says_how_each_is(run, kiosk, taken):
    assert "belum pernah" in run("devices", "list").stdout
    taken.accept(kiosk.call(kiosk.add(body(), body())))
    [shown] = json.loads(run("devices", "list", "--json").stdout)["devices"]
    key = wire.to_base64(kiosk.key.public_key().public_bytes_raw())
    assert shown["fingerprint"] == wire.fingerprint(key)
    assert (shown["device"], shown["counter"], shown["standing"]) == (kiosk.device, "dukcapil-1", "active")
    assert (shown["app_version"], shown["queued"], shown["heads"]) == ("0.1.0", 0, [{"epoch": 1, "seq": 2}])
    told = run("devices", "list", "--unit", "dukcapil").stdout
    assert "aktif" in told
    assert json.loads(run("devices", "list", "--json", "--unit", "rsud").stdout) == {"devices": []}


def test_an_empty_list_is_said(run):
    assert run("devices", "list").stdout == "Belum ada perangkat terdaftar.\n"


def test_a_revoked_device_is_told_so_and_what_comes_after_is_kept_aside(run, kiosk, taken):
    taken.accept(kiosk.call(kiosk.add(body())))
    told = run("devices", "revoke", kiosk.device[-6:], "--reason", "dicuri", "--by", "Ani")
    assert told.exit_code == 0
    assert told.stdout == f"Perangkat {kiosk.device} di loket dukcapil-1 dicabut oleh Ani.\n"
    receipt = taken.accept(kiosk.call(kiosk.add(body())))
    assert receipt.standing == "revoked"
    assert [(row.seq, row.code) for row in receipt.rejected] == [(2, "device_revoked")]
    [shown] = json.loads(run("devices", "list", "--json").stdout)["devices"]
    assert shown["standing"] == "revoked"
    assert (shown["revocation"]["by"], shown["revocation"]["reason"]) == ("Ani", "dicuri")
    again = run("devices", "revoke", kiosk.device, "--reason", "lagi", "--by", "Budi")
    assert again.exit_code == 1
    assert "sudah dicabut" in again.stderr
    assert "oleh Ani: dicuri" in again.stderr


def test_rows_up_to_the_last_that_counts_are_still_taken(run, kiosk, taken):
    rows = kiosk.add(body(), body(), body())
    assert run("devices", "revoke", kiosk.device, "--after", "1:2", "--reason", "rusak").exit_code == 0
    assert [row.seq for row in taken.accept(kiosk.call(rows)).rejected] == [3]


def test_what_was_counted_before_stays_and_is_said(run, kiosk, taken):
    taken.accept(kiosk.call(kiosk.add(body(), body())))
    told = run("devices", "revoke", kiosk.device, "--after", "1:1", "--reason", "rusak")
    assert "Jawaban sampai 1:2 sudah diterima sebelumnya dan tetap terhitung." in told.stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["devices", "revoke", "ffff", "--reason", "x"], 1, "Perangkat ffff tidak ada."),
        (["devices", "revoke", "0", "--reason", "x"], 2, "dapat berarti 2 perangkat"),
        (["devices", "revoke", "0", "--reason", " "], 2, "--reason harus berisi satu baris teks"),
        (["devices", "revoke", "0", "--reason", "x\ny"], 2, "--reason harus berisi satu baris teks"),
        (["devices", "revoke", "0", "--reason", "x", "--by", ""], 2, "--by harus berisi satu baris teks"),
        (["devices", "revoke", "0", "--reason", "x", "--after", "1"], 2, "harus ditulis seperti 1:250"),
        (["quarantine", "show", "0", "x"], 2, "harus ditulis seperti 1:250"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_one_sentence(run, sqlite_store, words, code, sentence):
    for counter in ("dukcapil-1", "dukcapil-2"):
        KioskDevice.enrolled(sqlite_store, counter)
    told = run(*words)
    assert told.exit_code == code
    assert sentence in told.stderr
    assert all(device.revocation is None for device in sqlite_store.fleet())


def test_the_servers_key_is_rolled_and_listed(run):
    [first] = json.loads(run("keys", "list", "--json").stdout)["keys"]
    told = run("keys", "roll")
    assert told.exit_code == 0
    assert "Buat cadangan sekarang" in told.stdout
    keys = json.loads(run("keys", "list", "--json").stdout)["keys"]
    assert keys[0] == first
    assert keys[1]["fingerprint"] in told.stdout
    listed = run("keys", "list").stdout.splitlines()
    assert [("lama" in line, "berlaku" in line) for line in listed] == [(True, False), (False, True)]
    assert "private" not in json.dumps(keys)


# -- forks -----------------------------------------------------------------------------------------------------------


def forked(kiosk, taken):
    """Two machines with one card; the second one's row is another under the same number."""
    taken.accept(kiosk.call(kiosk.add(body())))
    clone = kiosk.copy()
    taken.accept(kiosk.call(kiosk.add(body())))
    with pytest.raises(Refusal) as caught:
        taken.accept(clone.call(clone.add(body(1, 1, 1, 1, 1, 1, 1, 1, 1))))
    assert caught.value.code == "fork"


def test_a_fork_is_listed_decided_and_remembered(run, kiosk, taken, sqlite_store):
    assert run("forks", "list").stdout == "Tidak ada percabangan yang menunggu keputusan.\n"
    forked(kiosk, taken)
    listed = run("forks", "list").stdout
    assert f"Kios dukcapil-1 ({kiosk.device}) rantai 1 mulai nomor 2: nomor yang sama dengan isi lain" in listed
    assert "1 jawaban ditahan" in listed
    assert "percabangan menunggu keputusan" in run("audit").stdout
    told = run("forks", "decide", kiosk.device, "1", "count", "--reason", "kartu asli", "--by", "Ani")
    assert told.stdout == "1 jawaban rantai 1 kios dukcapil-1 dihitung (Ani).\n"
    [kept] = json.loads(run("forks", "list", "--all", "--json").stdout)["forks"]
    assert (kept["decision"], kept["by"], kept["reason"]) == ("count", "Ani", "kartu asli")
    assert "dihitung sejak" in run("forks", "list", "--all").stdout
    assert sqlite_store.differences() == []
    again = run("forks", "decide", kiosk.device, "1", "discard", "--reason", "x")
    assert again.exit_code == 1
    assert "Tidak ada yang menunggu keputusan di rantai 1" in again.stderr


# -- quarantine ------------------------------------------------------------------------------------------------------


def test_rows_kept_aside_are_listed_without_their_content_and_shown_one_by_one(run, kiosk, taken):
    assert run("quarantine", "list").stdout == "Tidak ada yang menunggu keputusan.\n"
    taken.accept(kiosk.call(kiosk.add(b'{"comment":"rahasia \\u001b[2J"}')))
    listed = run("quarantine", "list").stdout + run("quarantine", "list", "--json").stdout
    assert "1:1 response_malformed: Sebuah jawaban tidak sesuai bentuknya." in listed
    assert "rahasia" not in listed
    shown = run("quarantine", "show", kiosk.device, "1:1").stdout
    assert "rahasia" in shown
    assert "\x1b" not in shown
    missing = run("quarantine", "show", kiosk.device, "1:2")
    assert (missing.exit_code, "Tidak ada jawaban yang disisihkan di 1:2" in missing.stderr) == (1, True)


def test_a_row_is_let_in_when_it_is_right_by_now_and_turned_away_otherwise(run, kiosk, taken, sqlite_store):
    taken.accept(kiosk.call(kiosk.add(body(service="baru"), b"{}")))
    early = run("quarantine", "release", kiosk.device, "1:1", "--reason", "layanan baru")
    assert early.exit_code == 1
    assert "belum dapat dihitung. Jenis layanan tidak dikenal di unit ini." in early.stderr
    sqlite_store.put_service("dukcapil", Service("baru", {"id": "Layanan baru"}), 9)
    told = run("quarantine", "release", kiosk.device, "1:1", "--reason", "layanan baru", "--by", "Ani")
    assert told.stdout == "Jawaban 1:1 kios dukcapil-1 dihitung (Ani).\n"
    told = run("quarantine", "reject", kiosk.device, "1:2", "--reason", "bukan jawaban", "--by", "Ani")
    assert told.stdout == "Jawaban 1:2 kios dukcapil-1 tidak dihitung (Ani).\n"
    assert sqlite_store.differences() == []
    assert run("audit").exit_code == 0
    rows = json.loads(run("quarantine", "list", "--all", "--json").stdout)["rows"]
    assert [(row["decision"], row["by"]) for row in rows] == [("released", "Ani"), ("rejected", "Ani")]
    for word in ("release", "reject"):
        again = run("quarantine", word, kiosk.device, "1:2", "--reason", "x")
        assert (again.exit_code, "menunggu keputusan di 1:2" in again.stderr) == (1, True)


def test_rows_that_follow_each_other_are_told_and_decided_together(run, kiosk, taken, sqlite_store):
    taken.accept(kiosk.call(kiosk.add(body())))
    assert run("devices", "revoke", "dukcapil-1", "--reason", "dicuri").exit_code == 0
    taken.accept(kiosk.call(kiosk.add(body(), body(), body(), b"{}")))
    listed = run("quarantine", "list").stdout.splitlines()
    assert ["1:2-5 (4 jawaban) device_revoked: " in line for line in listed] == [True]
    told = run("quarantine", "release", "dukcapil-1", "1:2-3", "--reason", "keliru dicabut", "--by", "Ani")
    assert told.stdout == "2 jawaban di 1:2-3 kios dukcapil-1 dihitung (Ani).\n"
    mixed = run("quarantine", "release", "dukcapil-1", "1:1-9", "--reason", "keliru dicabut", "--by", "Ani")
    assert (mixed.exit_code, mixed.stdout) == (1, "1 jawaban di 1:1-9 kios dukcapil-1 dihitung (Ani).\n")
    assert mixed.stderr.startswith("Jawaban 1:5 belum dapat dihitung. ")
    assert sqlite_store.differences() == []
    wrong = run("quarantine", "release", "dukcapil-1", "1:3-2", "--reason", "x")
    assert (wrong.exit_code, "1:250-260" in wrong.stderr) == (2, True)


def test_what_a_device_complains_of_is_told_in_words(run, kiosk, taken):
    call = kiosk.call(kiosk.add(body()))
    told = wire.decode(call.body, wire.Batch)
    health = msgspec.structs.replace(told.health, warnings=["salvaged", "from_a_later_version"])
    taken.accept(kiosk.signed(wire.canonical(msgspec.structs.replace(told, health=health))))
    lines = run("devices", "list").stdout.splitlines()[-2:]
    assert lines[0] == "  perhatian: penyimpanan pernah rusak dan sudah dipulihkan; siapkan kartu pengganti"
    assert lines[1] == "  perhatian: from_a_later_version"


@pytest.mark.whole
@pytest.mark.parametrize(("said", "revoked"), [("ya\n", True), ("tidak\n", False), ("\n", False), ("\x04", False)])
def test_whoever_sits_at_a_terminal_is_asked_before_what_cannot_be_taken_back(sqlite_store, said, revoked):
    device = KioskDevice.enrolled(sqlite_store).device
    url = sqlite_store._engine.url.render_as_string()
    code, shown = at_a_terminal(["devices", "revoke", device, "--reason", "dicuri"], said, IKM_DATABASE_URL=url)
    assert f"Cabut perangkat {device} di loket dukcapil-1" in shown
    [found] = sqlite_store.fleet()
    assert (code == 0, found.revocation is not None) == (revoked, revoked)
    assert ("Tidak ada yang diubah." in shown) is not revoked
    assert "Traceback" not in shown


def at_a_terminal(words, said, **environment):
    """The exit code and what was shown, of a command run at a terminal where that is typed."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ikm.server", *words], stdin=there, stdout=there, stderr=there,
        env={**os.environ, **environment},
    )  # fmt: skip
    os.close(there)
    os.write(here, said.encode())
    shown = b""
    # a terminal whose other side has gone ends in an error
    with suppress(OSError):
        while part := os.read(here, 4096):
            shown += part
    os.close(here)
    return process.wait(), shown.decode()
