"""LibreOffice without a window: recalculates workbooks, every formula of them, and ends by itself."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
"""0 is "always": by itself the office trusts the values that a workbook carries beside its formulas."""


class Office:
    """The program with a profile of its own, so that nobody's settings or running window matter."""

    def __init__(self, folder: Path) -> None:
        self._program = Path("/usr/bin/soffice")
        if not self._program.exists():
            raise RuntimeError("LibreOffice is not installed: run .ci/system-packages test")
        self._profile = folder / "profile"
        user = self._profile / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS)

    def recalculated(self, paths: Sequence[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
        """The workbooks as they are after all their formulas were computed anew, in one run of the program."""
        command = [
            self._program,
            f"-env:UserInstallation={self._profile.as_uri()}",
            "--headless", "--norestore", "--convert-to", kind, "--outdir", folder, *paths,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        made = [folder / f"{path.stem}.{kind}" for path in paths]
        if done.returncode or not all(path.exists() for path in made):
            raise RuntimeError(f"LibreOffice failed:\n{done.stdout}{done.stderr}")
        return made
