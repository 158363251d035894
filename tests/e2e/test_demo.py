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
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.domain.score import score
from ikm.domain.tally import tally_of
from kiosk.demo.answers import read_answers
from tests.support.free_port import free_port
from tests.support.samples import response, skm

pytestmark = [pytest.mark.whole, pytest.mark.window]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """The first eight citizens of the published matrix."""
    return eight_citizens(tmp_path)


def eight_citizens(folder: Path) -> Path:
    path = folder / "jawaban.csv"
    lines = asset("samples/sekadau-2019-s1.csv").read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:9]))
    return path


def expected(answers: Path) -> tuple[str, str]:
    """Index and grade of the file, without any of the way between."""
    citizens = read_answers(answers, skm())
    tally = tally_of(response(answers=dict(c.ratings), status="complete") for c in citizens)
    result = score(tally, skm().elements(), PERMENPANRB_14_2017)
    return str(result.index), result.band.grade


@dataclass(frozen=True)
class Played:
    """A demonstration that ended: its folder, its port, what was to be tapped, and its summary."""

    folder: Path
    port: int
    answers: Path
    summary: dict[str, object]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """One whole demonstration, whose server is killed twice on the way."""
    folder, number = tmp_path_factory.mktemp("demo"), free_port()
    answers = eight_citizens(folder)
    command = [sys.executable, "-m", "kiosk.demo", "--folder", str(folder / "demo"), "--port", str(number)]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    process = subprocess.Popen(
        [*command, "--answers", str(answers), "--once"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for_citizens(folder / "demo", 3)
        killed = kill_server(folder / "demo")
        wait_for_citizens(folder / "demo", 6)
        kill_server(folder / "demo", unlike=killed)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        summary = json.loads((folder / "demo" / "summary.json").read_text())
        yield Played(folder / "demo", number, answers, summary)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_every_tapped_answer_is_in_the_published_index(played):
    index, grade = expected(played.answers)
    assert played.summary == {
        "played": 8,
        "stored_on_device": 8,
        "accepted_by_server": 8,
        "index": index,
        "grade": grade,
        "page": f"http://127.0.0.1:{played.port}/unit/dukcapil",
    }
    shots = sorted(path.name for path in (played.folder / "screenshots").iterdir())
    assert shots == ["1-mulai.png", "2-pertanyaan.png", "3-profil.png", "4-terima-kasih.png"]


def test_a_server_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(played):
    # it was killed twice
    assert (played.summary["stored_on_device"], played.summary["accepted_by_server"]) == (8, 8)
    verified = subprocess.run(
        [sys.executable, "-m", "ikm.server", "tallies", "verify"],
        env={**os.environ, "IKM_DATA": str(played.folder / "server"), "IKM_DATABASE_URL": ""},
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
