"""The command line as an operator uses it: real processes, a real socket, real signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ikm import wire
from ikm.server.cli import app
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.samples import body


def test_migrate_and_example_may_be_repeated(run):
    for _ in range(2):
        assert run("migrate").exit_code == 0
        assert "dukcapil-2" in run("example").stdout


def test_enrol_prints_a_code_a_device_can_use(run, sqlite_store):
    made = json.loads(run("enrol", "--counter", "dukcapil-1", "--json").stdout)
    assert made["counter"] == "dukcapil-1"
    assert made["server_url"] == "http://127.0.0.1:8080"
    told = run("enrol", "--counter", "dukcapil-1").stdout
    assert re.fullmatch(
        r"([A-Z]{4}-[A-Z]{4})\nUntuk loket dukcapil-1, sekali pakai, sampai .+ pukul \d\d\.\d\d WIB\.\n"
        r"Jalankan di kios: kiosk enrol --server http://\S+ --code \1\n"
        r"Alamat itu hanya berlaku di komputer server ini; untuk kios lain setel IKM_PUBLIC_URL\.\n",
        told,
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["enrol", "--counter", "nowhere"], "Loket nowhere tidak ada. Loket yang ada: dukcapil-1, dukcapil-2, "),
        (["unit", "nowhere"], "Unit nowhere tidak ada."),
        (
            ["unit", "dukcapil", "--period", "2026-13"],
            "Periode 2026-13 tidak benar. Tulis seperti 2026, 2026-S1, 2026-Q4 atau 2026-11.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(run, words, sentence):
    result = run(*words)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["IKM_PORT", "IKM_NOTHING"])
def test_a_wrong_setting_is_one_sentence_and_another_exit_code(run, monkeypatch, name):
    monkeypatch.setenv(name, "x")
    result = run("migrate")
    assert result.exit_code == 2
    assert name in result.stderr


def test_a_database_of_a_newer_version_is_told(run, sqlite_store):
    with sqlite_store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = run("migrate")
    assert result.exit_code == 1
    assert "lebih baru" in result.stderr


def test_a_database_that_cannot_be_reached_is_told(monkeypatch):
    monkeypatch.setenv("IKM_DATABASE_URL", "postgresql://ikm@/ikm?host=/nowhere")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Basis data tidak dapat dihubungi")


def test_a_command_that_only_looks_makes_no_database(monkeypatch, tmp_path):
    monkeypatch.setenv("IKM_DATA", str(tmp_path / "salah"))
    for words in (["enrol", "--counter", "dukcapil-1"], ["unit", "dukcapil"], ["tallies", "verify"]):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 1
        assert "ikm.db belum ada. Periksa IKM_DATABASE_URL atau IKM_DATA." in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_counters_says_how_to_try(monkeypatch, tmp_path):
    monkeypatch.setenv("IKM_DATA", str(tmp_path))
    CliRunner().invoke(app, ["migrate"])
    result = CliRunner().invoke(app, ["enrol", "--counter", "dukcapil-1"])
    assert result.stderr == "Basis data ini belum berisi loket. Untuk mencoba dengan kabupaten contoh: ikm example\n"


def test_a_data_folder_that_is_a_file_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "berkas").touch()
    monkeypatch.setenv("IKM_DATA", str(tmp_path / "berkas"))
    result = CliRunner().invoke(app, ["example"])
    assert result.exit_code == 1
    assert re.fullmatch(r"Folder data \S+berkas tidak dapat dipakai: .+\.\n", result.stderr)


def test_verify_finds_what_does_not_add_up(run, sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    Ingest(sqlite_store).accept(device.call(device.add(body())))
    assert run("tallies", "verify").exit_code == 0
    assert json.loads(run("tallies", "verify", "--json").stdout) == {"differences": []}
    with sqlite_store._engine.begin() as connection:
        connection.execute(text("UPDATE tally SET responses = 2 WHERE grain = 'month'"))
    found = run("tallies", "verify")
    assert found.exit_code == 1
    assert "month" in found.stdout
    [line] = json.loads(run("tallies", "verify", "--json").stdout)["differences"]
    assert (line["kept"]["responses"], line["counted"]["responses"]) == (2, 1)


def test_verify_shows_a_difference_that_is_in_the_products_alone(run, sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    Ingest(sqlite_store).accept(device.call(device.add(body(*(3,) * 9))))
    with sqlite_store._engine.begin() as connection:
        connection.execute(text("UPDATE tally_product SET totals = json_set(totals, '$[9]', 8) WHERE grain = 'month'"))
    found = run("tallies", "verify")
    assert found.exit_code == 1
    assert "pada hasil kali nilai: tersimpan 1 jawaban, terhitung 1." in found.stdout
    [line] = json.loads(run("tallies", "verify", "--json").stdout)["differences"]
    assert (line["kept"].pop("products")["BEHV BEHV"], line["counted"].pop("products")["BEHV BEHV"]) == (8, 9)
    assert line["kept"] == line["counted"]
    assert line["kept"]["sums"]["TIME"] == 3


# -- the running server ----------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(store: Store, port: int):
    environment = {**os.environ, "IKM_DATABASE_URL": store._engine.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "ikm.server", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.whole
def test_of_servers_started_at_once_on_one_port_only_one_lives(sqlite_store):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "IKM_DATABASE_URL": sqlite_store._engine.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "ikm.server", "serve", "--port", str(port)]
    processes = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    try:
        ended = []
        for _ in range(400):
            ended = [process for process in processes if process.poll() is not None]
            if len(ended) == 2:
                break
            time.sleep(0.05)
        assert [process.returncode for process in ended] == [1, 1]
        assert all(b"sudah dipakai program lain" in process.stderr.read() for process in ended)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert len(ended) == 2


def post(port: int, call) -> wire.Receipt:
    headers = {"Content-Type": "application/json", wire.SIGNATURE_HEADER: call.signature}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{call.path}", data=call.body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return wire.decode(answer.read(), wire.Receipt)


@pytest.mark.whole
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_server_takes_batches_and_ends_cleanly_when_told(store, number):
    port = free_port()
    device = KioskDevice.enrolled(store)
    with served(store, port) as process:
        # a connection somebody keeps open must not hold up the end
        idle = socket.create_connection(("127.0.0.1", port))
        assert post(port, device.call(device.add(body(), body()))).head_seq == 2
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        idle.close()
    assert store.differences() == []


@pytest.mark.whole
def test_a_server_killed_outright_frees_its_port_and_keeps_what_it_acknowledged(sqlite_store):
    port = free_port()
    device = KioskDevice.enrolled(sqlite_store)
    for round_number in range(1, 4):
        with served(sqlite_store, port) as process:
            assert post(port, device.call(device.add(body()))).head_seq == round_number
            process.kill()
            process.wait(timeout=20)
    assert sqlite_store.differences() == []


@pytest.mark.whole
def test_a_taken_port_is_one_sentence_before_anything_starts(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} di 127.0.0.1 sudah dipakai program lain." in result.stderr


def test_an_address_of_another_machine_is_said_to_be_that(run):
    result = run("serve", "--host", "192.0.2.1", "--port", "18080")
    assert result.exit_code == 1
    assert "Alamat 192.0.2.1 bukan alamat komputer ini." in result.stderr


@pytest.mark.whole
def test_a_machine_installed_as_a_kiosk_is_told_what_is_missing(tmp_path):
    # a module of that name that fails as an absent one does
    (tmp_path / "psycopg.py").write_text("raise ModuleNotFoundError(\"No module named 'psycopg'\", name='psycopg')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    result = subprocess.run(
        [sys.executable, "-m", "ikm.server", "example"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 4
    assert result.stderr == "Pustaka psycopg belum terpasang. Pasang dengan: pip install 'ikm-kiosk[server]'\n"
