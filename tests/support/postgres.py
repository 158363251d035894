"""A real PostgreSQL server for the tests: on a socket in a temporary folder, ended with the session."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def programs() -> Path:
    """Debian keeps the server's programs out of PATH, one folder a version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: run .ci/system-packages test")
    return versions[-1].parent


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """The folder of a running server's socket, which is its address.

    One that is not `durable` leaves it to the kernel when to write: its data outlive a killed process, as all that is
    written does, and only a machine without power would lose them.
    """
    found = programs()
    # short, since a socket's path may have 107 bytes; not under the checkout, which `nobody` may not read
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    folder.chmod(0o755)
    user = _user()
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=50"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off"
    try:
        _run([found / "initdb", "-D", data, "-U", "ikm", "-A", "trust", "-E", "UTF8", "--no-sync"], user, folder)
        _run([found / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], user, folder)
        try:
            yield str(folder)
        finally:
            _run([found / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(socket: str) -> None:
    """Stop the server of that folder as a power cut would, without a word to its clients, and start it again."""
    folder = Path(socket)
    command: list[Path | str] = [programs() / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate"]
    # the options it was started with are its own to remember
    _run([*command, "-l", folder / "log", "restart"], _user(), folder)


def _user() -> str | None:
    """Whom the server runs as, None for whoever runs the tests: initdb and postgres refuse to run as root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if _exists("postgres") else "nobody"


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _run(command: list[Path | str], user: str | None, folder: Path) -> None:
    with (folder / "setup").open("ab") as log:
        done = subprocess.run(command, user=user, cwd=folder, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{(folder / 'setup').read_text()[-2000:]}")


@contextmanager
def database(socket: str, template: str = "template1") -> Iterator[str]:
    """The SQLAlchemy address of a fresh database on that server, empty or a copy of another; dropped afterwards."""
    name = f"ikm_{secrets.token_hex(6)}"
    _administer(socket, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield address(socket, name)
    finally:
        _administer(socket, f"DROP DATABASE {name} WITH (FORCE)")


def address(socket: str, name: str) -> str:
    """The SQLAlchemy address of a database on that server."""
    return f"postgresql+psycopg://ikm@/{name}?host={socket}"


def _administer(socket: str, statement: str) -> None:
    # a connection each: a test may restart the server between the two
    with psycopg.connect(host=socket, user="ikm", dbname="postgres", autocommit=True) as admin:
        admin.execute(statement)
