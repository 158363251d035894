"""The demonstration as a newcomer runs it: real server, real window, real taps, and a server killed on the way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.domain.score import score
from ikm.domain.tally import tally_of
from kiosk.demo.answers import read_answers
from tests.support.samples import response, skm

pytestmark = [pytest.mark.whole, pytest.mark.window]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """The first twelve citizens of the published matrix."""
    path = tmp_path / "jawaban.csv"
    lines = asset("samples/sekadau-2019-s1.csv").read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:13]))
    return path


def expected(answers: Path) -> tuple[str, str]:
    """Index and grade of the file, without any of the way between."""
    citizens = read_answers(answers, skm())
    tally = tally_of(response(answers=dict(c.ratings), status="complete") for c in citizens)
    result = score(tally, skm().elements(), PERMENPANRB_14_2017)
    return str(result.index), result.band.grade


@pytest.fixture
def demo(tmp_path: Path, port: int, answers: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "kiosk.demo", "--folder", str(tmp_path / "demo"), "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    process = subprocess.Popen(
        [*command, "--answers", str(answers), "--once"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def summary(demo: subprocess.Popen[str], folder: Path) -> dict[str, object]:
    said, _ = demo.communicate(timeout=240)
    assert demo.returncode == 0, said
    return json.loads((folder / "summary.json").read_text())


def test_every_tapped_answer_is_in_the_published_index(demo, tmp_path, answers, port):
    index, grade = expected(answers)
    assert summary(demo, tmp_path / "demo") == {
        "played": 12,
        "stored_on_device": 12,
        "accepted_by_server": 12,
        "index": index,
        "grade": grade,
        "page": f"http://127.0.0.1:{port}/unit/dukcapil",
    }
    shots = sorted(path.name for path in (tmp_path / "demo" / "screenshots").iterdir())
    assert shots == ["1-mulai.png", "2-pertanyaan.png", "3-profil.png", "4-terima-kasih.png"]


def test_a_server_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(demo, tmp_path, answers):
    folder = tmp_path / "demo"
    wait_for_citizens(folder, 5)
    killed = kill_server(folder)
    wait_for_citizens(folder, 9)
    kill_server(folder, unlike=killed)
    found = summary(demo, folder)
    assert (found["played"], found["stored_on_device"], found["accepted_by_server"]) == (12, 12, 12)
    assert (found["index"], found["grade"]) == expected(answers)
    verified = subprocess.run(
        [sys.executable, "-m", "ikm.server", "tallies", "verify"],
        env={**os.environ, "IKM_DATA": str(folder / "server"), "IKM_DATABASE_URL": ""},
        check=False,
    )
    assert verified.returncode == 0


def wait_for_citizens(folder: Path, count: int) -> None:
    """Until that many citizens have been thanked."""
    report = folder / "screen.jsonl"
    deadline = time.monotonic() + 120
    while not report.exists() or thanked(report) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def thanked(report: Path) -> int:
    lines = [json.loads(line) for line in report.read_bytes().split(b"\n")[:-1]]
    screens = [line["screen"] for line in lines]
    return sum(now == "thanks" != before for before, now in zip(["", *screens], screens, strict=False))


def kill_server(folder: Path, unlike: int | None = None) -> int:
    """SIGKILL to the server's first process, found by the folder only this test uses."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                environment = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            pid = int(process.name)
            mine = f"IKM_DATA={folder / 'server'}".encode() in environment and b"serve" in command
            if mine and pid != unlike and os.getpgid(pid) == pid:
                os.kill(pid, signal.SIGKILL)
                return pid
        time.sleep(0.05)
    raise AssertionError("no server process was found to kill")


def test_a_taken_port_is_one_sentence_and_touches_nothing(tmp_path, port, answers):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        folder = tmp_path / "demo"
        done = run_demo("--folder", str(folder), "--port", str(port), "--answers", str(answers), "--once")
    assert done.returncode == 1
    assert f"Port {port} sudah dipakai program lain" in done.stdout.replace("\n", " ")
    assert "Traceback" not in done.stdout
    assert not folder.exists()


def test_an_unreadable_file_is_one_sentence(tmp_path, port):
    path = tmp_path / "jawaban.csv"
    path.write_text("resp,U1,U2,U3,U4,U5,U6,U7,U8,U9\n1,5,1,1,1,1,1,1,1,1\n")
    done = run_demo("--folder", str(tmp_path / "demo"), "--port", str(port), "--answers", str(path), "--once")
    assert done.returncode == 1
    assert "baris 2, kolom U1" in done.stdout.replace("\n", " ")
    assert "Traceback" not in done.stdout


def test_without_xvfb_it_says_what_to_install(tmp_path, port, answers):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("env", "sh"):
        (programs / name).symlink_to(shutil.which(name) or "/bin/sh")
    arguments = ["--folder", str(tmp_path / "demo"), "--port", str(port), "--answers", str(answers), "--once"]
    done = run_demo(*arguments, PATH=str(programs))
    assert done.returncode == 1
    assert "Program Xvfb belum ada; jalankan: .ci/system-packages demo" in done.stdout.replace("\n", " ")


def run_demo(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | changes
    return subprocess.run(
        [sys.executable, "-m", "kiosk.demo", *arguments],
        env={**environment, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
