"""The house keeps its arrows: a planted import that points back is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).with_name("lint-imports")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("ikm", "kiosk", "sync"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("sync/backoff.py", "import ikm.server.settings", "the device never carries the server BROKEN"),
        ("ikm/domain/score.py", "import ikm.wire", "inside ikm: server -> wire -> domain BROKEN"),
        ("ikm/domain/tally.py", "import time", "without input, output, clock or chance BROKEN"),
        ("kiosk/interview.py", "import kivy", "run without Kivy, store or network BROKEN"),
        ("kiosk/screens/thanks.py", "import kiosk.store", "screens and widgets touch neither store nor network BROKEN"),
        ("kiosk/shell.py", "import sqlalchemy", "on the device only the store speaks SQL BROKEN"),
        (
            "ikm/server/ingest.py",
            "import sqlalchemy",
            "only the store and the migrations know tables BROKEN",
        ),
    ],
    ids=lambda value: value if "/" in value else "",
)
def test_an_import_that_points_back_breaks_its_contract(copy, file, line, found):
    path = copy / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before)
    assert done.returncode == 1
    # the report breaks its lines at the width of a terminal
    assert found in " ".join(done.stdout.split())


def test_the_house_as_it_stands_keeps_every_contract(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout
