"""A medium of a fixed size that is really full when it is full: a tmpfs of its own, in a mount namespace of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def on_small_disk(place: Path, kib: int, module: str, *arguments: str) -> str:
    """What a program of ours printed that ran with a disk of that many KiB at `place`; the disk is gone afterwards.

    Raises:
        RuntimeError: It failed; the message holds its last words.
    """
    place.mkdir(parents=True, exist_ok=True)
    # root of a user namespace may mount what only this program sees, so nobody needs to be root of the machine
    mount = f'mount -t tmpfs -o size={kib}k,mode=0700 small "{place}" && exec "$@"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", sys.executable, "-m", module,
         *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout
