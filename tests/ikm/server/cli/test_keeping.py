"""Audit, backup and carry-out files as an operator meets them: one sentence first, exit codes, nothing half written."""

import json
import sqlite3

import msgspec
import pytest
from sqlalchemy import delete, update

from ikm import wire
from ikm.server import tables as t
from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.samples import body


@pytest.fixture
def kiosk(sqlite_store):
    return KioskDevice.enrolled(sqlite_store)


@pytest.fixture
def taken(sqlite_store):
    return Ingest(sqlite_store)


def carried(*calls) -> bytes:
    """Lines as a kiosk writes them."""
    return b"".join(
        msgspec.json.encode({
            "body": call.body.decode(), "format": "ikm-carry-out-1", "path": call.path, "signature": call.signature,
        }) + b"\n"
        for call in calls
    )  # fmt: skip


# -- audit -----------------------------------------------------------------------------------------------------------


def test_an_audit_says_first_and_in_one_line_that_nothing_is_missing(run, kiosk, taken):
    taken.accept(kiosk.call(kiosk.add(body(), body(), b'{"not":"one"}')))
    told = run("audit")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].startswith("LENGKAP: tidak ada yang hilang; 2 jawaban dari 1 kios, terakhir diterima ")
    assert "dukcapil-1: 1 jawaban disisihkan menunggu keputusan (ikm quarantine list)" in told.stdout
    shown = json.loads(run("audit", "--json").stdout)
    assert (shown["complete"], shown["line"], shown["tallies_wrong"]) == (True, lines[0], 0)
    [device] = shown["devices"]
    [epoch] = device["epochs"]
    assert epoch == {"epoch": 1, "head": 3, "responses": 2, "held": 0, "aside": 1, "lost": 0, "coming": 0}


def test_an_audit_says_what_is_missing_where_and_since_when(run, kiosk, taken, sqlite_store):
    taken.accept(kiosk.call(kiosk.add(body(), body(), body())))
    with sqlite_store._engine.begin() as connection:
        connection.execute(delete(t.response).where(t.response.c.seq == 2))
    told = run("audit")
    assert told.exit_code == 1
    first = told.stdout.splitlines()[0]
    assert first.startswith(f"TIDAK LENGKAP: 1 jawaban hilang: kios dukcapil-1 ({kiosk.device}) rantai 1 nomor 2 tidak")
    # the tallies counted it, so they differ as well: its day's cell and its month's
    assert first.endswith("; dan 1 temuan lain.")
    shown = json.loads(run("audit", "--json", "--device", kiosk.device[:13]).stdout)
    [finding] = shown["findings"]
    assert (finding["fault"], finding["first"], finding["last"], finding["rows"]) == ("missing", 2, 2, 1)


def test_an_audit_of_sound_chains_still_finds_wrong_tallies(run, kiosk, taken, sqlite_store):
    taken.accept(kiosk.call(kiosk.add(body())))
    with sqlite_store._engine.begin() as connection:
        connection.execute(update(t.tally).values(responses=7))
    told = run("audit")
    assert told.exit_code == 1
    assert told.stdout.startswith("TIDAK COCOK: 2 rekapitulasi berbeda dari jawabannya; jawaban lengkap.\n")


def test_an_audit_of_nothing_does_not_say_that_nothing_is_missing(run):
    assert run("audit").stdout == "BELUM ADA KIOS terdaftar, jadi tidak ada yang dapat diperiksa.\n"


def test_an_audit_fits_a_terminal_of_80_columns_and_names_who_is_silent(run, kiosk, taken, sqlite_store, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    taken.accept(kiosk.call(kiosk.add(body(), body())))
    [_, _, heading, _, line, _] = run("audit").stdout.splitlines()
    assert heading.split() == ["Kios", "Rantai", "Nomor", "Jawaban", "Ditahan", "Disisihkan", "Hilang", "Di", "kios"]
    # the kiosk counted what it was about to send, and the server has it by now
    assert line.split() == ["dukcapil-1", f"…{kiosk.device[-6:]}", "1", "2", "2", "0", "0", "0", "0"]
    with sqlite_store._engine.begin() as connection:
        connection.execute(update(t.device).values(last_seen_ms=t.device.c.last_seen_ms - 5 * 86_400_000))
    assert "1 kios tanpa kabar lebih dari 4 hari: dukcapil-1." in run("audit").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["audit", "--device", "ffff"], "Perangkat ffff tidak ada. Lihat daftarnya dengan: ikm devices list"),
        (["audit", "--unit", "nowhere"], "Alamat ini tidak ada."),
    ],
)
def test_an_audit_of_what_is_not_there_is_refused(run, kiosk, words, sentence):
    told = run(*words)
    assert (told.exit_code, told.stdout) == (1, "")
    assert sentence in told.stderr


# -- backup ----------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_database_that_can_be_used(run, kiosk, taken, tmp_path):
    taken.accept(kiosk.call(kiosk.add(body(), body())))
    file = tmp_path / "salinan.db"
    told = run("backup", str(file))
    assert told.exit_code == 0
    assert told.stdout.startswith(f"Cadangan {file} sudah dibaca kembali: 2 jawaban, ")
    with sqlite3.connect(file) as copy:
        assert copy.execute("SELECT count(*) FROM response").fetchone() == (2,)
    assert taken.accept(kiosk.call([])).durable_seq == 2
    again = run("backup", str(file))
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == f"Berkas {file} sudah ada. Cadangan tidak menimpa apa pun; pilih nama lain.\n"
    shown = json.loads(run("backup", str(tmp_path / "b.db"), "--json").stdout)
    assert (shown["responses"], shown["epochs"], shown["with_holes"]) == (2, 1, 0)


def test_a_backup_with_a_hole_is_kept_and_told(run, kiosk, taken, sqlite_store, tmp_path):
    taken.accept(kiosk.call(kiosk.add(body(), body())))
    with sqlite_store._engine.begin() as connection:
        connection.execute(delete(t.response).where(t.response.c.seq == 1))
    told = run("backup", str(tmp_path / "salinan.db"))
    assert told.exit_code == 1
    assert "1 rantai di dalamnya tidak lengkap" in told.stderr
    assert (tmp_path / "salinan.db").exists()
    assert taken.accept(kiosk.call([])).durable_seq == 0


# -- carry-out -------------------------------------------------------------------------------------------------------


def test_a_carried_file_is_taken_in_as_often_as_it_is_given(run, kiosk, sqlite_store, tmp_path):
    rows = kiosk.add(*[body() for _ in range(5)])
    file = tmp_path / "kios.jsonl"
    file.write_bytes(carried(kiosk.call(rows[:3]), kiosk.call(rows[3:])))
    told = run("import-carry-out", str(file))
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.splitlines()[0] == f"{file}: 5 jawaban kios dukcapil-1 dibaca, 5 baru."
    receipts = [
        wire.decode(line, wire.Receipt)
        for line in (tmp_path / "kios.jsonl.receipts").read_bytes().splitlines()
    ]  # fmt: skip
    assert [receipt.head_seq for receipt in receipts] == [3, 5]
    assert receipts[-1].head_hash == rows[-1].hash
    assert all(receipt.signature for receipt in receipts)
    again = run("import-carry-out", str(file), str(file))
    assert again.exit_code == 0
    assert again.stdout.count("5 jawaban kios dukcapil-1 dibaca, 0 baru.") == 2
    assert sqlite_store.differences() == []
    # it came by hand, so nobody has heard of the device itself
    [device] = sqlite_store.fleet()
    assert (device.last_seen_ms, device.health) == (None, None)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_each_line_stands_for_itself(run, kiosk, sqlite_store, tmp_path):
    other = KioskDevice.enrolled(sqlite_store, "dukcapil-2")
    good, theirs = kiosk.call(kiosk.add(body())), other.call(other.add(body(counter="dukcapil-2")))
    forged = kiosk.signed(good.body.replace(b'"epoch":1', b'"epoch":9'))
    file = tmp_path / "kios.jsonl"
    file.write_bytes(carried(forged) + carried(good) + b"not a line\n" + carried(theirs))
    told = run("import-carry-out", str(file))
    assert told.exit_code == 3
    assert "2 jawaban kios dukcapil-1, dukcapil-2 dibaca, 2 baru." in told.stdout
    assert f"{file} baris 1: " in told.stderr
    assert f"{file} baris 3: Berkas ini bukan berkas jawaban dari kios, atau isinya rusak.\n" in told.stderr
    assert len((tmp_path / "kios.jsonl.receipts").read_bytes().splitlines()) == 2


def test_a_file_cut_short_gives_what_is_whole(run, kiosk, sqlite_store, tmp_path):
    rows = kiosk.add(body(), body())
    file = tmp_path / "kios.jsonl"
    file.write_bytes(carried(kiosk.call(rows[:1]), kiosk.call(rows[1:]))[:-40])
    told = run("import-carry-out", str(file))
    assert told.exit_code == 3
    assert "1 jawaban kios dukcapil-1 dibaca, 1 baru." in told.stdout
    assert "baris 2: Berkas ini bukan berkas jawaban" in told.stderr


def test_a_file_without_the_rows_before_it_is_a_gap(run, kiosk, tmp_path):
    rows = kiosk.add(body(), body())
    file = tmp_path / "kios.jsonl"
    file.write_bytes(carried(kiosk.call(rows[1:])))
    told = run("import-carry-out", str(file))
    assert (told.exit_code, told.stdout) == (3, "")
    assert "baris 1: Ada jawaban sebelumnya yang belum diterima server. (seq 2)" in told.stderr
    assert not (tmp_path / "kios.jsonl.receipts").exists()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "berkas ini kosong."),
        (b"\n", "bukan berkas jawaban"),
        (b"x" * 2_000_000, "bukan berkas jawaban"),
        (b"{}\n", "bukan berkas jawaban"),
        (b"[" * 100_000 + b"\n", "bukan berkas jawaban"),
        (b'{"body":"\xff","format":"ikm-carry-out-1","path":"/","signature":""}\n', "bukan berkas jawaban"),
        (b'{"body":"","format":"ikm-carry-out-2","path":"/","signature":""}\n', "bukan berkas jawaban"),
        (b'{"body":"","format":"ikm-carry-out-1","path":"/api/v1/enrolments","signature":""}\n', "bukan berkas"),
        (
            (
                b'{"body":"{}","format":"ikm-carry-out-1","signature":"","path":'
                b'"/api/v1/devices/01a20a2d-7c00-7000-8000-000000000001/batches"}\n'
            ),
            "Isi permintaan tidak dapat dibaca.",
        ),
    ],
)
def test_what_is_no_such_file_is_refused(run, kiosk, tmp_path, raw, sentence):
    file = tmp_path / "kios.jsonl"
    file.write_bytes(raw)
    told = run("import-carry-out", str(file))
    assert told.exit_code == 3
    assert sentence in told.stderr


def test_a_file_of_something_else_is_refused_in_one_line(run, tmp_path):
    file = tmp_path / "surat.txt"
    file.write_text("Yth.\nBapak\nIbu\n")
    told = run("import-carry-out", str(file))
    assert told.exit_code == 3
    assert told.stderr == f"{file} baris 1-3: Berkas ini bukan berkas jawaban dari kios, atau isinya rusak.\n"


def test_a_signature_for_another_body_is_refused(run, kiosk, sqlite_store, tmp_path):
    call = kiosk.call(kiosk.add(body()))
    other = kiosk.call([])
    line = msgspec.json.decode(carried(call))
    file = tmp_path / "kios.jsonl"
    file.write_bytes(msgspec.json.encode({**line, "signature": other.signature}) + b"\n")
    told = run("import-carry-out", str(file))
    assert told.exit_code == 3
    assert "Tanda tangan perangkat tidak sah." in told.stderr
    assert sqlite_store.epoch_counts() == []


def test_a_file_that_is_not_there_does_not_stop_the_next(run, kiosk, tmp_path):
    file = tmp_path / "kios.jsonl"
    file.write_bytes(carried(kiosk.call(kiosk.add(body()))))
    told = run("import-carry-out", str(tmp_path / "none"), str(file))
    assert told.exit_code == 1
    assert "none: berkas atau foldernya tidak ada." in told.stderr
    assert "1 baru." in told.stdout
