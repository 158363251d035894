"""The demonstration's processes: in groups of their own, ended by their ids, the server brought back if it dies."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

_POLL_S = 0.05


class CannotStart(Exception):
    """Something the demonstration needs is not there; the message is one sentence in Indonesian."""


class Running:
    """A program of ours, its output in a file."""

    def __init__(self, name: str, command: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._environment = {**os.environ, **environment}
        self._process = self._start()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def restart(self) -> None:
        """End what is left of it, workers included, and start it anew."""
        self._signal(signal.SIGKILL)
        self._process.wait(10)
        self._process = self._start()

    def stop(self) -> None:
        """End it: asked first, then forced."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait(10)
        # workers that outlived their parent
        self._signal(signal.SIGKILL)

    def tail(self, lines: int = 15) -> str:
        """The last lines it wrote."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


@contextmanager
def supervised(running: Running, on_restart: Callable[[], None]) -> Iterator[None]:
    """While the block runs, the program is started again whenever it dies, as the system's service manager would."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            if not running.alive:
                on_restart()
                running.restart()

    watcher = threading.Thread(target=watch, name=f"watch-{running.name}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def ours(module: str, *arguments: str) -> list[str]:
    """The command line of one of our own programs, run by this very Python."""
    return [sys.executable, "-m", module, *arguments]


def run(module: str, *arguments: str, environment: Mapping[str, str], timeout_s: float = 120) -> str:
    """What one of our programs printed. Raises CannotStart with its last words when it fails."""
    done = subprocess.run(
        ours(module, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
        timeout=timeout_s,
    )
    if done.returncode != 0:
        raise CannotStart((done.stderr or done.stdout).strip() or f"{module} gagal.")
    return done.stdout


def require_free_port(host: str, port: int) -> None:
    """Raises CannotStart when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CannotStart(
                f"Port {port} sudah dipakai program lain; pilih port lain, misalnya: make demo PORT={port + 1}"
            ) from None


def wait_healthy(server: Running, url: str, timeout_s: float = 60) -> None:
    """Returns once the server answers its health check. Raises CannotStart when it ends or does not."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not server.alive:
            raise CannotStart(f"Server tidak dapat dijalankan:\n{server.tail()}")
        try:
            if requests.get(f"{url}/healthz", timeout=2).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass
        time.sleep(_POLL_S)
    raise CannotStart(f"Server belum menjawab setelah {timeout_s:.0f} detik:\n{server.tail()}")


def real_display() -> str | None:
    """The display a person sees, or None; a DISPLAY that refuses connections is none."""
    name = os.environ.get("DISPLAY", "")
    if not name or shutil.which("xdotool") is None:
        return None
    probe = subprocess.run(["xdotool", "getdisplaygeometry"], capture_output=True, check=False, timeout=10)
    return name if probe.returncode == 0 else None


@contextmanager
def virtual_display(size: tuple[int, int], log: Path) -> Iterator[str]:
    """A screen in memory of that size in pixels. Raises CannotStart when there is no Xvfb or it does not start."""
    for program in ("Xvfb", "xdotool", "scrot"):
        if shutil.which(program) is None:
            raise CannotStart(f"Program {program} belum ada; jalankan: .ci/system-packages demo")
    read_end, write_end = os.pipe()
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"],
            pass_fds=[write_end],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            raise CannotStart("Layar maya (Xvfb) tidak dapat dijalankan; lihat " + str(log))
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)
