"""Promises of the protocol broken one at a time in a copy of ours: the state machine or a story has to notice each.

python -m tests.torture --only mutants
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.torture.result import Result

_ROOT = Path(__file__).resolve().parents[2]
_FAILED = 1
_LONGEST_S = 240
# what `timeout` says where it had to kill
_ENDED = (137, -9)
_TESTS = "tests/torture/test_protocol.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken promise: `old` becomes `new` in `file`."""

    name: str
    file: str
    old: str
    new: str


_CLIENT, _ONCE, _INGEST, _INTAKE = (
    "sync/client.py",
    "sync/once.py",
    "ikm/server/ingest.py",
    "ikm/server/store/intake.py",
)
_CHAIN, _OPENINGS = "ikm/server/chain.py", "ikm/server/store/openings.py"

MUTANTS = (
    Mutant(
        "nonce ignored",
        _CLIENT,
        "receipt.epoch, receipt.nonce, receipt.server)",
        "receipt.epoch, batch.nonce, receipt.server)",
    ),
    Mutant("signature of receipts unchecked", _CLIENT, "            self._verify(receipt)\n", ""),
    Mutant("head not compared", _ONCE, "if own_hash == receipt.head_hash:", "if own_hash is not None:"),
    Mutant(
        "what was sent taken for delivered",
        _ONCE,
        "            receipt = self._server.push(batch)\n",
        "            if batch.rows:\n                self._outbox.acknowledge(epoch, batch.rows[-1].seq)\n"
        "            receipt = self._server.push(batch)\n",
    ),
    Mutant(
        "answered without a commit",
        _INTAKE,
        "        return self._write(lambda connection: take(connection, deliveries, look=look))",
        "        return _uncommitted(self._engine, deliveries)",
    ),
    Mutant(
        "signature of requests unchecked",
        _INGEST,
        "        check_signature(sender.public_key, call.signature, call.signed(raw))\n",
        "",
    ),
    Mutant("hash of rows unchecked", _INGEST, "        if digest != row.hash:", "        if not digest:"),
    Mutant("link unchecked", _CHAIN, "if row.seq != seq + 1 or row.prev_hash != link:", "if row.seq != seq + 1:"),
    Mutant("gap accepted", _CHAIN, "if row.seq != seq + 1 or row.prev_hash != link:", "if link == row.hash:"),
    Mutant(
        "other rows under held numbers taken for the same",
        _CHAIN,
        "if known.get(row.seq) != row.hash:",
        "if row.seq not in known:",
    ),
    Mutant(
        "opening unchecked", _OPENINGS, "if opening is None or opening.previous_epoch >= epoch:", "if opening is None:"
    ),
    Mutant(
        "rows after a fork not held",
        _INTAKE,
        "        first_held = self._held_from(fresh)\n",
        "        first_held = NEVER\n",
    ),
    Mutant(
        "held rows counted",
        _INTAKE,
        "counted += good if first_held == NEVER else",
        "counted += good if first_held else",
    ),
    Mutant(
        "head stays where a row is kept aside",
        _INTAKE,
        "        last = fresh[-1].row\n",
        "        last = (good or fresh)[-1].row\n",
    ),
    Mutant("rows kept aside are dropped", _INTAKE, "        keep(connection, delivery, asides, chained=True)\n", ""),
    Mutant(
        "a known id skipped silently",
        "ikm/server/store/quarantine.py",
        "        found.append(accepted if code is None else Aside(row, code))\n",
        "        if code is None:\n            found.append(accepted)\n",
    ),
    Mutant(
        "a card that was put back begins no new epoch",
        "sync/divergence.py",
        '        self._begin("rollback", epoch, common_seq, head_seq)\n',
        '        raise Failure(Cause.DIVERGED, f"epoch {epoch} head {head_seq}")\n',
    ),
)

_UNCOMMITTED = """

def _uncommitted(engine, deliveries):
    with engine.connect() as connection:
        taken = take(connection, deliveries, look=False)
        connection.rollback()
    return taken
"""


def run(most: int, seed: int) -> list[Result]:
    """Up to so many mutants, two at a time; one that survives was missed."""
    planted = MUTANTS[:most]
    result = Result("mutants", cases=len(planted))
    result.control_failed = killed(None)
    with ThreadPoolExecutor(2) as pool:
        for mutant, noticed in zip(planted, pool.map(killed, planted), strict=True):
            if not noticed:
                result.missed += 1
                result.notes.append(f"survived: {mutant.name}")
    return [result]


def killed(mutant: Mutant | None, *, stories_only: bool = False) -> bool:
    """Whether the tests fail with the mutant in place; with None, whether they fail on our own code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("ikm", "kiosk", "sync", "assets", "tests"):
            shutil.copytree(_ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "sounds"))
        shutil.copy(_ROOT / "pyproject.toml", copy)
        if mutant is not None:
            _plant(mutant, copy / mutant.file)
        chosen = ["-k", "story"] if stories_only else []
        # a mutant that never ends is ended, and noticed
        ended = ["timeout", "--signal=KILL", str(_LONGEST_S)]
        done = subprocess.run(
            [*ended, sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *chosen, _TESTS],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode in _ENDED:
        return True
    if done.returncode not in (0, _FAILED):
        raise RuntimeError(f"the tests did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == _FAILED


def _plant(mutant: Mutant, path: Path) -> None:
    text = path.read_text()
    if text.count(mutant.old) < 1:
        raise LookupError(f"{mutant.name}: its place in {mutant.file} is gone")
    text = text.replace(mutant.old, mutant.new, 1)
    path.write_text(text + (_UNCOMMITTED if "_uncommitted(" in mutant.new else ""))
