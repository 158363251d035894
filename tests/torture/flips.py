"""Random bit flips in a kiosk's database: each is found or has changed nothing, and what is whole stays (fault 17).

Half of the devices have their second copy and lose nothing; the other half have lost it too: then a response may be
missing only if it is the one that was hit, and the opening of the next epoch tells how many are.
"""

import logging
import random
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from kiosk.store import Store, StoreError
from tests.support.salvaging import Before, assert_chains, contents, filled, stored_ids
from tests.torture.result import Result

ROWS = 60
DELIVERED = ROWS // 4
"""So many of the first are acknowledged, see `filled`."""
SECOND_COPY = "salinan"
# a flip hits one page; the rows of it, of a page that leads to it, or of one long response may be unreadable
MOST_HIT = 12


def run(flips: int, seed: int, processes: int = 2) -> list[Result]:
    """So many flips, one a device."""
    total = Result("flips")
    shares = [flips // processes + (lane < flips % processes) for lane in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(_some, shares, range(seed, seed + processes)):
            total.add(part)
    found = next((note for note in total.notes if note.startswith("salvaged")), None)
    total.control_failed |= found is None
    return [total]


def _some(flips: int, seed: int) -> Result:
    # what a salvage says is for the log of a device, not a thousand times for a screen
    logging.getLogger("kiosk").setLevel(logging.CRITICAL)
    result, chance, salvaged = Result("flips"), random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = filled(folder / "whole", ROWS)
        raw = (folder / "whole" / "kiosk.db").read_bytes()
        for number in range(flips):
            tried = folder / "tried"
            shutil.rmtree(tried, ignore_errors=True)
            shutil.copytree(folder / "whole", tried)
            alone = number % 2 == 1
            if alone:
                shutil.rmtree(tried / SECOND_COPY)
            at, bit = chance.randrange(len(raw)), chance.randrange(8)
            _flip(tried / "kiosk.db", raw, at, bit)
            result.cases += 1
            salvaged += _judged(result, tried, before, alone=alone, where=f"byte {at} bit {bit}")
    result.notes.append(f"salvaged {salvaged} of {flips}, the others had changed nothing")
    return result


def _flip(path: Path, raw: bytes, at: int, bit: int) -> None:
    hurt = bytearray(raw)
    hurt[at] ^= 1 << bit
    path.write_bytes(hurt)


def _judged(result: Result, tried: Path, before: Before, *, alone: bool, where: str) -> bool:
    """Whether the store saw the damage."""
    try:
        with Store.open(tried) as store:
            seen = bool(list(tried.glob("rusak-*.db")))
            if not seen:
                # unseen is only what made no difference to anything that is kept
                result.missed += contents(store) != before.tables or not store.check_whole()
                return False
            ids = stored_ids(store)
            assert_chains(store)
            # what the server has is no loss: such rows may go without a word
            gone = set(before.ids[DELIVERED:]) - set(ids)
            result.doubled += len(ids) - len(set(ids)) + len(set(ids) - set(before.ids))
            allowed = MOST_HIT if alone else 0
            result.lost += max(0, len(gone) - allowed)
            if gone and _told(store) < len(gone):
                result.missed += 1
                result.notes.append(f"{where}: {len(gone)} gone, {_told(store)} told")
            if len(gone) > allowed:
                result.notes.append(f"{where}: {len(gone)} gone{' without a second copy' if alone else ''}")
    except (StoreError, AssertionError) as error:
        result.corrupt += 1
        result.notes.append(f"{where}: {type(error).__name__} {error}")
    return True


def _told(store: Store) -> int:
    """How many rows the openings of later epochs say are missing."""
    openings = [store.opening(epoch) for epoch in range(3, 9)]
    return sum(one.known_seq - one.previous_seq - one.salvaged for one in openings if one is not None)
