"""`python -m tests.torture [--events 10000] [--seed N]`: a long storm on a running kiosk, and its figures.

Exits with 1 where anything is wrong: an exception, an answer that is not its citizen's, or memory that grows.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.support.screen import screen
from tests.support.stage import open_stage
from tests.torture.storm import Outcome, Storm

GROWTH = 0.05


def main(arguments: list[str]) -> int:
    """Storm; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args(arguments)
    print(f"benih {chosen.seed}, {chosen.events} kejadian", flush=True)
    began = time.monotonic()
    with screen() as display, tempfile.TemporaryDirectory() as folder:
        os.environ["DISPLAY"] = display
        storm = Storm(open_stage(Path(folder) / "device"), Path(folder) / "store", chosen.seed)
        outcome = storm.run(
            chosen.events, progress=lambda number, used: print(f"  {number:>6} {used / 1e6:.1f} MB", flush=True)
        )
    show(outcome, time.monotonic() - began)
    if outcome.growth >= GROWTH:
        print(f"memori tumbuh {outcome.growth:.1%}, batasnya {GROWTH:.0%}")
        return 1
    return 0


def tell(number: int, used: int) -> None:
    """How far it is, and the memory in use."""
    print(f"  {number:>6} {used / 1e6:.1f} MB", flush=True)


def show(outcome: Outcome, took_s: float) -> None:
    """For people."""
    mb = 1e6
    print(f"kejadian           {sum(outcome.events.values())} dalam {took_s:.0f} s: {dict(outcome.events)}")
    print(f"layar              { {str(screen): count for screen, count in outcome.screens.items()} }")
    print(f"kunjungan dimulai  {outcome.citizens}")
    print(f"jawaban tersimpan  {outcome.kept}, semuanya sah dan milik warganya sendiri")
    print(f"latihan            {outcome.training}, tak satu pun di antrean kirim")
    print(f"gagal menyimpan    {outcome.refused} percobaan, konfigurasi baru {outcome.versions}")
    warm, end = outcome.warm_bytes / mb, outcome.end_bytes / mb
    print(f"memori             {warm:.1f} MB lalu {end:.1f} MB: {outcome.growth:+.1%}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
