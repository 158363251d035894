"""The window as a process: what it does where there is no display, and what it tells Kivy beforehand."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from pathlib import Path
from types import SimpleNamespace
from kiosk.app import run
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeWorker
data = Path(sys.argv[1])
settings = SimpleNamespace(data_dir=data, window=None, screen_report=data / "report.jsonl")
worker, keeper = FakeWorker(), FakeKeeper()
code = run(keeper, worker, FakeMachine(), settings)
print(f"started {worker.started} stopped {worker.stopped} kept {len(keeper.bodies)}")
sys.exit(code)
"""


def kiosk(data: Path, display: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(data)],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("display_name", ["", ":4711"])
def test_without_a_display_it_says_so_and_ends_with_1(tmp_path, display_name):
    process = kiosk(tmp_path, display_name)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Layar tidak ditemukan" in errors
    assert not (tmp_path / "report.jsonl").exists()


def test_it_fills_the_screen_and_a_polite_end_is_an_end_without_error(tmp_path, display):
    process = kiosk(tmp_path, display)
    report = tmp_path / "report.jsonl"
    deadline_s = time.monotonic() + 60
    while not report.exists() and time.monotonic() < deadline_s and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "started 1 stopped 1 kept 0" in output
    first = report.read_text().splitlines()[0]
    assert '"screen":"attract"' in first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kivy", "report.jsonl"]
