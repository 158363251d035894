"""The window's process: its parts, its exit codes, its log, and a sentence for whatever a person can mend."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.store import only_window
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.command_line import status

ROOT = Path(__file__).parents[3]


@pytest.mark.usefixtures("enrolled")
def test_a_second_window_is_refused(kiosk, data):
    with only_window(data):
        code, _, err = kiosk("run")
    assert code == 1
    assert "sudah berjalan" in err


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize("missing", ["kivy", "kivy.app"])
def test_a_missing_window_library_is_named_with_what_installs_it(kiosk, monkeypatch, missing):
    window = ModuleType("kiosk.app")

    def refuse(*_: object) -> int:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    window.run = refuse
    monkeypatch.setitem(sys.modules, "kiosk.app", window)
    code, _, err = kiosk("run")
    assert code == 4
    assert err == f"Pustaka {missing} belum terpasang. Pasang dengan: pip install 'ikm-kiosk[kiosk]'\n"


@pytest.mark.usefixtures("enrolled")
def test_another_missing_module_is_a_fault_and_not_hidden(kiosk, monkeypatch):
    window = ModuleType("kiosk.app")

    def refuse(*_: object) -> int:
        raise ModuleNotFoundError("No module named 'lain'", name="lain")

    window.run = refuse
    monkeypatch.setitem(sys.modules, "kiosk.app", window)
    with pytest.raises(ModuleNotFoundError):
        kiosk("run")


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize("case", [(("run",), 0), ((), 1)])
def test_the_window_gets_its_parts_and_the_process_its_exit_code(kiosk, data, http, monkeypatch, case):
    arguments, exit_code = case
    window = ModuleType("kiosk.app")
    seen = []
    sent = threading.Event()
    http.answer.server.after = lambda batch: sent.set() if len(http.answer.server.rows) == 4 else None

    def show(parts, settings):
        store, worker = parts.keeper, parts.sync
        worker.start()
        store.append(samples.body(clock=parts.machine.clock()))
        worker.poke()
        assert sent.wait(10)
        worker.stop(10)
        seen.append(settings.data_dir)
        return exit_code

    window.run = show
    monkeypatch.setitem(sys.modules, "kiosk.app", window)
    assert kiosk(*arguments)[0] == exit_code
    assert seen == [data]
    assert status(kiosk)["pending"] == 0
    with only_window(data):
        pass


def test_the_window_opens_before_enrolment_and_sends_as_soon_as_there_is_one(kiosk, data, http, monkeypatch):
    window = ModuleType("kiosk.app")
    sent = threading.Event()
    before = [thread.name for thread in threading.enumerate()].count("sync")
    http.answer.server.after = lambda batch: sent.set() if batch.rows else None

    def show(parts, settings):
        store, worker = parts.keeper, parts.sync
        assert not parts.desk.facts().device
        worker.start()
        worker.poke()
        assert store.identity() is None
        store.enrol(replace(IDENTITY, server_url=http.url), CONFIGURATION)
        worker.enrolled()
        worker.enrolled()
        store.append(samples.body())
        worker.poke()
        assert sent.wait(10)
        assert [thread.name for thread in threading.enumerate()].count("sync") == before + 1
        worker.stop(10)
        return 0

    window.run = show
    monkeypatch.setitem(sys.modules, "kiosk.app", window)
    assert kiosk("run")[0] == 0
    assert "device not enrolled" in (data / "kiosk.log").read_text()
    assert status(kiosk)["acknowledged"] == 1


@pytest.mark.whole
@pytest.mark.usefixtures("enrolled")
def test_without_a_display_one_sentence_says_so():
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk"], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Layar tidak ditemukan.")
    assert ended.stderr.count("\n") == 1


@pytest.mark.whole
def test_a_database_nobody_can_read_is_put_aside_and_not_thrown_away(data):
    data.mkdir()
    (data / "kiosk.db").write_bytes(b"rusak" * 1000)
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", "status"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "belum terdaftar" in ended.stdout
    (kept,) = data.glob("rusak-*.db")
    assert kept.read_bytes() == b"rusak" * 1000


@pytest.mark.usefixtures("enrolled")
def test_the_log_is_in_utc_and_carries_no_answers(kiosk, data, in_jayapura):
    kiosk("sync", "--once")
    log = (data / "sync.log").read_text()
    assert "INFO sync.once epoch 1: rows 1 to 3 sent, head 3" in log
    written = [datetime.fromisoformat(line.split()[0]) for line in log.splitlines()]
    # local time there is nine hours ahead
    assert all(abs(moment - datetime.now(UTC)) < timedelta(hours=1) for moment in written)
    assert "answers" not in log


@pytest.mark.whole
@pytest.mark.usefixtures("enrolled")
def test_the_sync_alone_runs_until_it_is_asked_to_end(data, http):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "kiosk", "sync"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Mengirim terus-menerus; hentikan dengan Ctrl+C.\n"
        first = process.stdout.readline()
        process.terminate()
        assert process.wait(20) == 0
    assert "Menunggu: 0." in first
    assert len(http.answer.server.rows) == 3


@pytest.mark.whole
@pytest.mark.usefixtures("data")
def test_no_command_but_the_window_loads_the_windows_library():
    probe = (
        "import sys; sys.argv = ['kiosk', 'status', '--json']\n"
        "from kiosk.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {name for name in sys.modules if name.partition('.')[0] in {'kivy', 'requests', 'urllib3'}}\n"
    )
    subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True, stdout=subprocess.PIPE)


def test_a_folder_that_cannot_be_used_is_one_sentence(monkeypatch, tmp_path):
    # root may write everywhere, so a file stands where the folder should be
    (tmp_path / "berkas").touch()
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "status"],
        cwd=ROOT,
        env={**os.environ, "KIOSK_DATA": str(tmp_path / "berkas")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
