"""A real PostgreSQL server for the tests: on a socket in a temporary folder, fsync on, ended with the session."""

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


def _programs() -> Path:
    """Debian keeps the server's programs out of PATH, one folder a version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: run .ci/system-packages test")
    return versions[-1].parent


@contextmanager
def server() -> Iterator[str]:
    """The folder of a running server's socket, which is its address."""
    programs = _programs()
    # short, since a socket's path may have 107 bytes; not under the checkout, which `nobody` may not read
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    folder.chmod(0o755)
    # initdb and postgres refuse to run as root
    user: str | None = None
    if os.geteuid() == 0:
        user = "postgres" if _exists("postgres") else "nobody"
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=50"
    try:
        _run([programs / "initdb", "-D", data, "-U", "ikm", "-A", "trust", "-E", "UTF8", "--no-sync"], user, folder)
        _run([programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], user, folder)
        try:
            yield str(folder)
        finally:
            _run([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
def database(socket: str) -> Iterator[str]:
    """The SQLAlchemy address of a fresh empty database on that server, dropped afterwards."""
    name = f"ikm_{secrets.token_hex(6)}"
    with psycopg.connect(host=socket, user="ikm", dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+psycopg://ikm@/{name}?host={socket}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
