"""The commands, as an operator types them, against a real HTTP server."""

import io
import re
import sys
from types import SimpleNamespace

import pytest

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk import cli
from kiosk.guard import Guard
from kiosk.pin import opens
from kiosk.store import Store
from tests.support import samples
from tests.support.command_line import status
from tests.support.http_server import Reply


def test_enrolling_makes_a_device_of_the_counter_the_code_was_made_for(kiosk, data, http):
    code, out, _ = kiosk("enrol", "--server", http.url, "--code", "ABCD-EFGH")
    assert code == 0
    assert "Dinas Kependudukan" in out
    assert "Loket 1" in out
    assert str(data) in out
    assert out.endswith("Pasang PIN petugas: kiosk pin\n")
    with Store.open(data) as store:
        identity = store.identity()
    assert identity is not None
    assert (identity.device, identity.server, identity.server_url) == (samples.DEVICE, samples.SERVER, http.url)
    assert wire.decode_enrol_request(http.asked[0].body).code == "ABCD-EFGH"


def test_two_devices_get_two_keys(kiosk, http, monkeypatch, tmp_path):
    kiosk("enrol", "--server", http.url, "--code", "A")
    monkeypatch.setenv("KIOSK_DATA", str(tmp_path / "other"))
    kiosk("enrol", "--server", http.url, "--code", "B")
    first, second = (wire.decode_enrol_request(asked.body).public_key for asked in http.asked)
    assert first != second


@pytest.mark.usefixtures("enrolled")
def test_a_second_enrolment_is_refused_before_its_code_is_spent(kiosk, http):
    code, _, err = kiosk("enrol", "--server", http.url, "--code", "ABCD-EFGH")
    assert (code, err) == (1, f"Perangkat ini sudah terdaftar sebagai {samples.DEVICE}. Loketnya: kiosk status\n")
    assert http.asked == []


def test_a_wrong_code_says_so_and_leaves_the_device_unenrolled(kiosk, http):
    problem = wire.problem_of(Refusal("enrolment_code_invalid"))
    http.answer = lambda asked: Reply(403, wire.canonical(problem), media_type="application/problem+json")
    code, _, err = kiosk("enrol", "--server", http.url, "--code", "SALAH")
    assert code == 1
    assert "Kode pendaftaran salah" in err
    assert status(kiosk)["device"] is None


def test_a_wrong_address_is_refused(kiosk):
    code, _, err = kiosk("enrol", "--server", "ikm.contoh.go.id", "--code", "ABCD")
    assert code == 2
    assert err.startswith("Alamat server harus seperti https://")


@pytest.mark.usefixtures("enrolled")
def test_one_round_sends_what_is_pending_and_says_so(kiosk, http):
    code, out, _ = kiosk("sync", "--once")
    assert code == 0
    assert re.match(r"Terkirim\. Tanda terima \d{1,2} \w+ \d{4} pukul \d\d\.\d\d WIB\.", out)
    assert out.endswith("Menunggu: 0.\n")
    assert len(http.answer.server.rows) == 3
    assert status(kiosk)["acknowledged"] == 3


@pytest.mark.usefixtures("enrolled")
def test_a_round_that_fails_says_why_and_keeps_the_rows(kiosk, http):
    http.answer = lambda asked: Reply(200, b"<html>", media_type="text/html")
    code, out, _ = kiosk("sync", "--once")
    assert code == 1
    assert "bukan server IKM" in out
    assert "(network_login) Menunggu: 3." in out


@pytest.mark.usefixtures("enrolled")
def test_the_status_tells_what_is_kept_and_what_the_sync_last_saw(kiosk, data, http):
    before = status(kiosk)
    assert before == {
        "device": samples.DEVICE,
        "server_url": http.url,
        "unit_name": "Dinas Kependudukan dan Pencatatan Sipil",
        "counter_name": "Loket 1",
        "time_zone": "WIB",
        "configuration": 1,
        "stored": 3,
        "acknowledged": 0,
        "pending": 3,
        "oldest_pending_ms": 1_793_500_000_000,
        "training": 0,
        "last_receipt_ms": None,
        "last_failure_ms": None,
        "last_failure_code": None,
        "last_failure": None,
        "disk_free_bytes": before["disk_free_bytes"],
        "warnings": [],
        "data_dir": str(data),
        "standing": "active",
        "rejected": 0,
    }
    assert before["disk_free_bytes"] > 0
    good = http.answer
    http.answer = lambda asked: Reply(500)
    kiosk("sync", "--once")
    failed = status(kiosk)
    assert (failed["pending"], failed["last_failure_code"], failed["last_receipt_ms"]) == (3, "server", None)
    assert failed["last_failure_ms"] > 0
    http.answer = good
    kiosk("sync", "--once")
    sent = status(kiosk)
    assert (sent["pending"], sent["oldest_pending_ms"], sent["last_failure_code"]) == (0, None, None)
    assert sent["last_receipt_ms"] > 0


@pytest.mark.usefixtures("enrolled")
def test_a_server_that_is_away_does_not_make_the_last_receipt_forgotten(kiosk, http):
    kiosk("sync", "--once")
    receipt_ms = status(kiosk)["last_receipt_ms"]
    http.answer = lambda asked: Reply(500)
    kiosk("sync", "--once")
    assert status(kiosk)["last_receipt_ms"] == receipt_ms
    _, out, _ = kiosk("status")
    assert re.search(r"Kendala +Server sedang bermasalah\. \(server, \d{1,2} \w+ \d{4} pukul \d\d\.\d\d WIB\)", out)


@pytest.mark.usefixtures("enrolled")
def test_the_status_reads_well_for_people(kiosk):
    kiosk("sync", "--once")
    code, out, _ = kiosk("status")
    assert code == 0
    assert "3 tersimpan, 3 diterima server, 0 menunggu" in out
    assert "Loket 1" in out
    assert re.search(r"Tanda terima +\d{1,2} \w+ \d{4} pukul \d\d\.\d\d WIB\n", out)


@pytest.mark.usefixtures("enrolled")
def test_the_status_tells_what_is_kept_from_training_apart(kiosk, data):
    with Store.open(data) as store:
        store.append_training(samples.body())
    found = status(kiosk)
    assert (found["training"], found["stored"], found["pending"]) == (1, 3, 3)
    assert re.search(r"Latihan +1 tersimpan", kiosk("status")[1])


def test_a_medium_that_is_nearly_full_is_trouble(kiosk, monkeypatch):
    assert re.search(r"Kendala +-\nRuang kosong +\d+", kiosk("status")[1])
    monkeypatch.setattr("kiosk.status.shutil.disk_usage", lambda _folder: SimpleNamespace(free=20_000_000))
    out = kiosk("status")[1]
    assert re.search(r"Kendala +Penyimpanan hampir penuh\.\nRuang kosong +20 MB\n", out)


def test_what_the_store_complains_of_is_trouble(kiosk, data):
    status(kiosk)
    (data / "rusak-20261124T000000.db").write_bytes(b"")
    assert status(kiosk)["warnings"] == ["salvaged"]
    assert re.search(r"Kendala +Penyimpanan pernah rusak\.\n", kiosk("status")[1])


def test_the_status_of_an_unenrolled_device_says_so(kiosk):
    assert "belum terdaftar" in kiosk("status")[1]


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize("spoiled", [b"", b"{", b"\xff", b'{"pending":"tiga"}'])
def test_a_spoiled_sync_note_is_no_reason_to_say_nothing(kiosk, data, spoiled):
    (data / "sync-status.json").write_bytes(spoiled)
    assert status(kiosk)["last_receipt_ms"] is None


@pytest.mark.parametrize("arguments", [("sync",), ("sync", "--once")])
def test_before_enrolment_the_next_step_is_named(kiosk, arguments):
    code, out, err = kiosk(*arguments)
    assert (code, out) == (3, "")
    assert "kiosk enrol --server" in err


def typed(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_pin_is_set_from_the_terminal_and_ends_a_wait(kiosk, data, monkeypatch):
    with Store.open(data) as store:
        store.change_guard(lambda _held: Guard(failures=9, pin_due=True, boot_id="a", since_ms=1))
    typed(monkeypatch, "4711", "4711")
    code, out, _ = kiosk("pin")
    assert (code, out.split(".")[0]) == (0, "PIN petugas sudah dipasang")
    assert "sudut kiri atas" in out
    with Store.open(data) as store:
        guard = store.guard()
    assert opens("4711", (guard.pin_hash,))
    assert (guard.failures, guard.pin_due) == (0, False)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("1234", "1234"), "mudah ditebak"),
        (("4711", "4712"), "tidak sama"),
        (("47",), "4 sampai 8 angka"),
        ((), "4 sampai"),
    ],
)
def test_a_pin_that_will_not_do_is_refused_and_the_old_one_stays(kiosk, data, monkeypatch, lines, sentence):
    typed(monkeypatch, "8305", "8305")
    kiosk("pin")
    typed(monkeypatch, *lines)
    code, _, err = kiosk("pin")
    assert code == 2
    assert sentence in err
    with Store.open(data) as store:
        assert opens("8305", (store.guard().pin_hash,))


def test_a_terminal_is_asked_twice_without_showing_what_is_typed(kiosk, data, monkeypatch):
    prompts = []

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def without_echo(prompt):
        prompts.append(prompt)
        return "4711"

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(cli, "getpass", without_echo)
    code, out, _ = kiosk("pin")
    assert code == 0
    assert len(prompts) == 2
    assert "4711" not in out


def test_a_bad_setting_is_refused_by_name(kiosk, monkeypatch):
    monkeypatch.setenv("KIOSK_SYNC_INTERVAL_S", "semenit")
    code, _, err = kiosk("status")
    assert code == 2
    assert err.startswith("KIOSK_SYNC_INTERVAL_S harus")
