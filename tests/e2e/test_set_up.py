"""Set-up on a machine where something is missing: one clear sentence, and nothing half done."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "system-packages"
NOBODY = 65534


@pytest.fixture
def machine() -> Iterator[Path]:
    """A folder anybody may read, with the script and programs that stand for a machine without the packages."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    shutil.copy(SCRIPT, folder / "system-packages")
    programs = folder / "bin"
    programs.mkdir()
    programs.joinpath("dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    for name in ("bash", "cat", "env", "id", "mktemp", "python3", "rm", "tail"):
        programs.joinpath(name).symlink_to(shutil.which(name, path="/usr/bin:/bin") or "/bin/false")
    yield folder
    shutil.rmtree(folder)


def program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    for made in (machine / "bin").iterdir():
        if not made.is_symlink():
            made.chmod(0o755)


def run(machine: Path, *arguments: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", machine / "system-packages", *arguments],
        env={"PATH": str(machine / "bin")},
        user=user if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_rights_the_administrators_command_is_told(machine):
    program(machine, "apt-get", "exit 1")
    done = run(machine, "demo", user=NOBODY)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "tidak berhak memasangnya" in done.stderr
    assert "apt-get install" in done.stderr
    assert "xvfb" in done.stderr


def test_without_apt_the_missing_packages_are_named(machine):
    program(machine, "true", "exit 0")
    done = run(machine, "test", user=NOBODY)
    assert done.returncode == 1
    assert "Paket sistem belum ada:" in done.stderr
    assert "postgresql chromium" in done.stderr


def test_a_sudo_that_may_is_used_and_what_is_installed_is_said(machine):
    program(machine, "apt-get", "exit 0")
    program(machine, "mkdir", "exit 0")
    program(machine, "tee", "cat >/dev/null")
    program(machine, "sudo", f'[ "$1" = -n ] && exit 0; echo "$@" >> {machine}/asked; exec "$@"')
    (machine / "asked").touch()
    (machine / "asked").chmod(0o666)
    done = run(machine, "demo", user=NOBODY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Memasang paket sistem yang belum ada:" in done.stdout
    if os.geteuid() == 0:
        assert (
            "apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends"
            in (machine / "asked").read_text()
        )


def test_nothing_is_said_where_nothing_is_missing(machine):
    program(machine, "dpkg-query", "printf installed")
    done = run(machine, "test", user=NOBODY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_purpose_it_does_not_know_is_refused(machine):
    assert run(machine, "semua").returncode == 2
