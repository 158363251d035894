"""A kiosk that hangs or dies says where, although no Python of it may run any more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.autopsy import Patience, autopsy

ROOT = Path(__file__).parents[2]

HANGS = """
import ctypes, threading
from kiosk.stacks import tell_stacks
tell_stacks()
def sync():
    threading.Event().wait()
threading.Thread(target=sync, daemon=True).start()
def window():
    print(flush=True)
    # in C and with the interpreter's lock held, as a library that waits for the display may be
    ctypes.PyDLL(None).pause()
    ctypes.PyDLL(None).pause()
window()
"""


@pytest.fixture
def hanging(tmp_path):
    log = tmp_path / "kiosk.log"
    with (
        log.open("wb") as out,
        subprocess.Popen([sys.executable, "-c", HANGS], cwd=ROOT, stdout=subprocess.PIPE, stderr=out) as process,
    ):
        process.stdout.readline()
        yield process, log
        process.kill()


def test_a_process_that_hangs_tells_the_stacks_of_all_its_threads_and_hangs_on(hanging):
    process, log = hanging
    said = autopsy(process.pid, ":no-such-display", log)
    assert f"thread {process.pid}: python" in said
    assert "display :no-such-display" in said
    assert process.poll() is None
    told = log.read_text()
    assert "in sync" in told
    assert "in window" in told


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_process_that_dies_of_a_signal_tells_the_stacks_first(hanging, number):
    # SIGABRT is what systemd sends to a window that gives no sign of life any more
    process, log = hanging
    os.kill(process.pid, number)
    assert process.wait(30) == -number
    assert "in window" in log.read_text()


def test_a_process_that_has_ended_is_said_to_have(hanging):
    process, log = hanging
    process.kill()
    process.wait(30)
    assert f"process {process.pid} has ended" in autopsy(process.pid, ":no-such-display", log)


def test_patience_ends_with_one_that_waits_and_not_with_one_that_waits_for_its_turn(hanging, monkeypatch):
    process, _ = hanging
    now_s = [0.0]
    monkeypatch.setattr("tests.support.autopsy.time.monotonic", lambda: now_s[0])
    patience = Patience(process.pid, 60)
    monkeypatch.setattr(patience, "_spent", lambda: (1.0, now_s[0] - 2))
    for _ in range(100):
        now_s[0] += 1
        assert not patience.over
    # the machine stood still
    now_s[0] += 1_000
    assert not patience.over
    monkeypatch.setattr(patience, "_spent", lambda: (1.0, 0.0))
    assert patience.over
