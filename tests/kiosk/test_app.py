"""The window as a process: what it does where there is no display, and what it tells Kivy beforehand."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.screen import screen

ROOT = Path(__file__).parents[2]

RUN = """
import logging, sys
from pathlib import Path
from types import SimpleNamespace
from kiosk.app import run
from kiosk.parts import Parts
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeWorker
from tests.support.staff import FakeDesk
logging.getLogger("kiosk").addHandler(logging.StreamHandler(sys.stderr))
logging.getLogger("kiosk").setLevel(logging.INFO)
data = Path(sys.argv[1])
settings = SimpleNamespace(
    data_dir=data, window=None, screen_report=data / "report.jsonl", scan_step_ms=1600, carry_out=None
)
worker, keeper = FakeWorker(), FakeKeeper()
code = run(Parts(keeper, worker, FakeMachine(), FakeDesk()), settings)
print(f"started {worker.started} stopped {worker.stopped} kept {len(keeper.bodies)}")
sys.exit(code)
"""


CRASHING = """
from kivy.clock import Clock
import tests.support.fake_keeper as fakes
fakes.FakeWorker.start = lambda self: Clock.schedule_once(lambda _elapsed_s: 1 / 0, 0.2)
"""


def kiosk(data: Path, display: str, before: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", RUN.replace("worker, keeper =", before + "worker, keeper ="), str(data)],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def lines(report: Path) -> list[str]:
    return report.read_text().splitlines() if report.exists() else []


def wait_for(process: subprocess.Popen[str], report: Path, screen: str, told: str = "") -> None:
    deadline_s = time.monotonic() + 60
    while not any(f'"screen":"{screen}"' in line and told in line for line in lines(report)):
        assert process.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def finger(display: str, *orders: str) -> str:
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.run(
        ["xdotool", *orders], env=environment, capture_output=True, text=True, check=True, timeout=30
    ).stdout  # fmt: skip


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
    wait_for(process, report, "attract")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "started 1 stopped 1 kept 0" in output
    assert "configuration 1 taken into use" in errors
    assert errors.count("asked to end by a signal") == 1
    first = report.read_text().splitlines()[0]
    assert '"screen":"attract"' in first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kivy", "report.jsonl"]


@pytest.mark.window
def test_the_tap_that_comes_with_the_focus_is_heard(tmp_path):
    # a screen of its own: on the one other tests use, another window may lie on top
    with screen("1280x800") as display:
        _tap_with_the_focus(tmp_path, display)


def _tap_with_the_focus(tmp_path, display):
    process = kiosk(tmp_path, display)
    report = tmp_path / "report.jsonl"
    try:
        wait_for(process, report, "attract", '"accepts":true')
        left, top, width, height = json.loads(report.read_text().splitlines()[-1])["targets"]["start"]
        at = ("mousemove", str(left + width // 2), str(top + height // 2))
        window = finger(display, *at, "getmouselocation", "--shell").partition("WINDOW=")[2].split()[0]
        # a machine that is busy elsewhere finds both at once
        process.send_signal(signal.SIGSTOP)
        finger(display, "windowfocus", window, "mousedown", "1", "sleep", "0.05", "mouseup", "1")
        process.send_signal(signal.SIGCONT)
        wait_for(process, report, "question")
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_an_error_nobody_expected_is_logged_and_survived(tmp_path, display):
    # Kivy reads its environment when it is imported, so the crash is arranged after the kiosk has prepared it
    before = "import kiosk.app as app\napp.prepare_environment(data)\napp.configure((800, 480), whole_screen=False)\n"
    process = kiosk(tmp_path, display, before + CRASHING)
    wait_for(process, tmp_path / "report.jsonl", "out_of_service")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "ZeroDivisionError" in errors
