"""Errors, kills and delays at single system calls, and a full disk: refused or kept, never both (faults 8, 10-16)."""

import json
import random
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.support.injection import SYNCS, WRITES, Fault, Hurt, NothingInjected, hurt, prepared
from tests.support.small_disk import on_small_disk
from tests.torture.result import Result

ERRORS = ("EIO", "ENOSPC", "EROFS", "EDQUOT")
ROWS = 4
DISK_KIB = 24 * 1024


def faults(most: int, chance: random.Random) -> list[Fault]:
    """Up to so many different faults: each error at each kind of call, once and for good, and kills at every call."""
    found = [Fault(f"error={error}", calls, nth, onwards)
             for error in ERRORS for calls in (WRITES, SYNCS, "ftruncate") for nth in range(1, 21)
             for onwards in (False, True) if calls != "ftruncate" or nth <= 4]  # fmt: skip
    found += [Fault("error=EMFILE", "openat", nth, onwards) for nth in (1, 2, 3) for onwards in (False, True)]
    for calls, last in ((WRITES, 48), (SYNCS, 16), ("ftruncate", 4)):
        found += [Fault("signal=SIGKILL", calls, nth) for nth in range(1, last + 1)]
    found += [Fault("delay_exit=300000", SYNCS, nth) for nth in range(1, 5)]
    chance.shuffle(found)
    return found[:most]


def run(most: int, seed: int, lanes: int = 2) -> list[Result]:
    """So many faults, each on a device of its own; one of them has to be a control that can be told from success."""
    result = Result("injections")
    with tempfile.TemporaryDirectory() as folder:
        # made once and copied: the migrations' library is for one thread only
        template = Path(folder) / "template"
        prepared(template)
        with ThreadPoolExecutor(lanes) as pool:
            for fault, found in pool.map(partial(_tried, template), faults(most, random.Random(seed))):
                _count(result, fault, found)
        # a fault that no call can meet has to be told from one that was survived
        nothing = Fault("error=EIO", "ftruncate", 60_000)
        result.control_failed |= _tried(template, nothing)[1] is not None
    _full_disk(result)
    return [result]


def _tried(template: Path, fault: Fault) -> tuple[Fault, Hurt | None]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(template, data)
        try:
            return fault, hurt(fault, data, ROWS)
        except NothingInjected:
            return fault, None


def _count(result: Result, fault: Fault, found: Hurt | None) -> None:
    if found is None:
        # the program made fewer such calls than that: no case, and said so
        result.notes.append(f"{fault}: no such call")
        return
    result.cases += 1
    result.lost += found.verdict.lost
    result.doubled += found.verdict.doubled
    result.corrupt += bool(found.verdict.corrupt)
    if "error=" in fault.what and fault.onwards and not found.refused and found.code == 0:
        # a medium that never again does what it is told, and everything was acknowledged
        result.missed += 1
    if not found.verdict.clean:
        result.notes.append(f"{fault}: {found.verdict}")


def _full_disk(result: Result) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "disk"
        said = json.loads(on_small_disk(place, DISK_KIB, "tests.torture.full_disk", str(place)).splitlines()[-1])
    result.cases += 1
    result.lost += said["lost"] + (not said["readable"])
    result.doubled += said["doubled"]
    result.corrupt += bool(said["corrupt"])
    result.missed += said["causes"] != ["FULL"] * 3 or not said["opens_when_full"]
    result.control_failed |= said["kept_before_full"] == 0
    if said["causes"] != ["FULL"] * 3:
        result.notes.append(f"full disk: {said}")
