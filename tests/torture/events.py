"""Ten thousand random events on a running kiosk: nothing carried from one citizen to the next, no memory that grows."""

import os
import sys
import tempfile
from pathlib import Path

from tests.support.screen import screen
from tests.support.stage import open_stage
from tests.torture.ledger import Carried
from tests.torture.result import Result
from tests.torture.storm import Outcome, Storm

GROWTH = 0.05
JUDGED_FROM = 5_000
"""Memory is still warming up before; then the growth over the rest says little."""


def run(events: int, seed: int) -> list[Result]:
    """One storm. An answer that is not its citizen's counts as lost; an exception ends the part."""
    result = Result("events", cases=events)
    with screen() as display, tempfile.TemporaryDirectory() as folder:
        os.environ["DISPLAY"] = display
        storm = Storm(open_stage(Path(folder) / "device", drawn=True), Path(folder) / "store", seed)
        try:
            outcome = storm.run(events, progress=_tell)
        except Carried as carried:
            result.lost += 1
            result.notes.append(str(carried))
            return [result]
    result.notes += told(outcome)
    if events >= JUDGED_FROM and outcome.growth >= GROWTH:
        result.missed += 1
        result.notes.append(f"memori tumbuh {outcome.growth:.1%}, batasnya {GROWTH:.0%}")
    return [result]


def _tell(number: int, used: int) -> None:
    sys.stdout.write(f"  {number:>6} {used / 1e6:.1f} MB\n")
    sys.stdout.flush()


def told(outcome: Outcome) -> list[str]:
    """For people."""
    mb = 1e6
    warm, end = outcome.warm_bytes / mb, outcome.end_bytes / mb
    return [
        f"kejadian           {sum(outcome.events.values())}: {dict(outcome.events)}",
        f"layar              { {str(shown): count for shown, count in outcome.screens.items()} }",
        f"kunjungan dimulai  {outcome.citizens}",
        f"jawaban tersimpan  {outcome.kept}, semuanya sah dan milik warganya sendiri",
        f"latihan            {outcome.training}, tak satu pun di antrean kirim",
        f"gagal menyimpan    {outcome.refused} percobaan, konfigurasi baru {outcome.versions}",
        f"memori             {warm:.1f} MB lalu {end:.1f} MB: {outcome.growth:+.1%}",
    ]
