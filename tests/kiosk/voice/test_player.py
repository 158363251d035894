"""The player's process: what it plays, and that nothing it does wrong reaches whoever gives the orders."""

import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.voice.player import FAILURES_ENDURED, FAILURES_WITHIN_S, Player

# seconds of real sound, real processes and real waits
pytestmark = pytest.mark.long

LOUD = 20_000
"""A level no silence reaches."""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Half a second that is loud from its first sample to its last."""
    return square(tmp_path / "tone.wav", 0.5)


def square(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(22_050)
        period = LOUD.to_bytes(2, "little", signed=True) * 25 + (-LOUD).to_bytes(2, "little", signed=True) * 25
        sound.writeframes(period * int(seconds * 22_050 / 50))
    return path


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A device that writes what it plays to this file, at the speed of real time."""
    file = tmp_path / "played.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(file))
    return file


def loudness(file: Path) -> float:
    """How many seconds of the recording are loud: 44.1 kHz, two channels of 16 bits."""
    samples = memoryview(file.read_bytes()[: file.stat().st_size // 2 * 2]).cast("h")
    return sum(1 for sample in samples if abs(sample) > LOUD / 3) / 2 / 44_100


@contextmanager
def player(*command: str, **options: object) -> Iterator[Player]:
    made = Player(command, **options) if command else Player(**options)
    try:
        yield made
    finally:
        made.close()
        made._thread.join(10)
        assert not made._thread.is_alive()


def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def told(caplog: pytest.LogCaptureFixture, words: str) -> Callable[[], bool]:
    return lambda: words in caplog.text


def test_files_sound_one_after_the_other(recorded, tone):
    with player() as voice:
        voice.play([tone, tone], 10)
        until(lambda: recorded.exists() and loudness(recorded) > 0.9)


def test_who_asks_is_told_that_it_sounds_and_once_even_where_another_order_came_first(recorded, tone):
    with player() as voice:
        answers = []
        for _ in range(5):
            voice.play([tone], 10, answers.append)
        until(lambda: len(answers) == 5)
        assert answers == [""] * 5
        until(lambda: recorded.exists() and loudness(recorded) > 0.4)
        assert len(answers) == 5


def test_something_new_stops_what_is_playing(recorded, tmp_path, tone):
    with player() as voice:
        voice.play([square(tmp_path / "long.wav", 30)], 10)
        until(lambda: recorded.exists() and loudness(recorded) > 0.2)
        voice.play([], 10)
        time.sleep(0.3)
        before = loudness(recorded)
        time.sleep(0.3)
        assert loudness(recorded) == before < 2


def test_a_lower_volume_is_quieter_and_none_is_silence(recorded, tone):
    with player() as voice:
        voice.play([tone], 0)
        voice.play([], 7)
        time.sleep(0.1)
        assert voice._process is None
        voice.play([tone], 2)
        until(lambda: recorded.exists() and recorded.stat().st_size > 44_100 * 4)
    samples = memoryview(recorded.read_bytes()[: recorded.stat().st_size // 2 * 2]).cast("h")
    assert 0 < max(samples) < LOUD / 3


def test_a_missing_or_broken_file_is_passed_over(recorded, tmp_path, tone, caplog):
    broken = tmp_path / "broken.ogg"
    broken.write_bytes(b"OggS" + bytes(500))
    with player() as voice:
        voice.play([tmp_path / "missing.ogg", broken, tone], 10)
        until(lambda: recorded.exists() and loudness(recorded) > 0.4)
        assert "nothing sounds" not in caplog.text
        voice.play([broken], 10)
        until(told(caplog, "nothing sounds"))


def test_a_kiosk_without_a_sound_device_is_silent_and_says_so_once(monkeypatch, tone, caplog):
    monkeypatch.setenv("SDL_AUDIODRIVER", "no-such-driver")
    with player() as voice:
        answers = []
        for count in range(3):
            voice.play([tone], 7, answers.append)
            until(lambda count=count: len(answers) == count + 1)
        assert all(answers)
        until(told(caplog, "nothing sounds"))
        process = voice._process
        assert process is not None
        assert process.poll() is None
    assert caplog.text.count("nothing sounds") == 1
    assert "player failed" not in caplog.text


def test_a_player_that_was_killed_is_started_again_for_the_next_order(recorded, tone):
    with player() as voice:
        voice.play([tone], 10)
        until(lambda: recorded.exists() and loudness(recorded) > 0.4)
        os.kill(voice._process.pid, signal.SIGKILL)
        voice._process.wait()
        recorded.unlink()
        voice.play([tone], 10)
        until(lambda: recorded.exists() and loudness(recorded) > 0.4)


HANGS = "import time\nwhile True: time.sleep(60)"
NONSENSE = "import sys, time\nprint('Dang!', flush=True)\ntime.sleep(60)"
DIES = "import sys\nsys.exit(3)"


@pytest.mark.parametrize("program", [HANGS, NONSENSE, DIES], ids=["hangs", "talks nonsense", "dies"])
def test_a_player_that_does_not_play_is_given_up_after_a_few_starts(program, tone, caplog):
    now_s = [0.0]
    with player(sys.executable, "-c", program, patience_s=0.3, now_s=lambda: now_s[0]) as voice:
        for _ in range(FAILURES_ENDURED + 4):
            before_s = time.monotonic()
            voice.play([tone], 7)
            assert time.monotonic() - before_s < 0.05
            until(lambda: voice._wanted is None)
        until(lambda: len(voice._failures_s) == FAILURES_ENDURED + 1)
        answers = []
        voice.play([tone], 7, answers.append)
        until(lambda: bool(answers))
        assert answers[0]
        time.sleep(0.5)
        assert caplog.text.count("player failed") == FAILURES_ENDURED + 1
        assert voice._process is None
        # an hour later somebody may have mended it
        now_s[0] = FAILURES_WITHIN_S + 1
        voice.play([tone], 7)
        until(lambda: caplog.text.count("player failed") > FAILURES_ENDURED + 1)


def test_a_player_that_cannot_even_be_started_is_silence(tone, caplog):
    with player("/no/such/program") as voice:
        voice.play([tone], 7)
        until(told(caplog, "player failed"))


def test_a_full_pipe_to_a_player_that_reads_nothing_holds_nobody_up(tone):
    with player(sys.executable, "-c", HANGS, patience_s=0.2) as voice:
        before_s = time.monotonic()
        for _ in range(20):
            voice.play([tone] * 5_000, 7)
        assert time.monotonic() - before_s < 1
        # more than a pipe holds: the thread that writes it is free again as well
        until(lambda: bool(voice._failures_s))


def test_the_player_does_not_outlive_a_window_that_was_killed(tmp_path):
    # its own process stands for the window; the player under it hangs where it would not notice a closed pipe
    program = """
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "kiosk.voice"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b'{"n":1,"volume":0,"files":[]}' + bytes([10]))
child.stdin.flush()
child.stdout.readline()
os.kill(child.pid, signal.SIGSTOP)
print(child.pid, flush=True)
time.sleep(60)
"""
    window = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])
