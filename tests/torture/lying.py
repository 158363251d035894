"""A medium that says it has what it has not: loss is seen or can be, and what is served is never damaged (fault 57)."""

import json
import logging
import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from kiosk.store import Store, StoreError
from tests.support.powercut import Medium
from tests.support.powercut_oracle import Promise, judge
from tests.support.powercut_trace import Mark
from tests.torture.powercuts import Trace, lay_out, recorded, scratch
from tests.torture.result import Result


def run(images: int, seed: int, processes: int = 2) -> list[Result]:
    """So many cuts of a medium whose syncs did nothing since the trace began."""
    trace = recorded("sending")
    total = Result("lying-medium")
    with ProcessPoolExecutor(processes) as pool:
        jobs = [pool.submit(_some, trace, images // processes, seed + lane) for lane in range(processes)]
        for job in jobs:
            total.add(job.result())
    # such a medium loses rows; where none went, nothing was tried
    total.control_failed |= not any(note.startswith("rows gone") for note in total.notes)
    return [total]


def _some(trace: Trace, images: int, seed: int) -> Result:
    logging.getLogger("kiosk").setLevel(logging.CRITICAL)
    result, chance = Result("lying-medium"), random.Random(seed)
    medium, promise, gone = Medium({}), Promise(), 0
    place = scratch()
    every = max(1, len(trace.ops) // max(1, images))
    try:
        for number, op in enumerate(trace.ops):
            if isinstance(op, Mark):
                mark = json.loads(op.text)
                medium.lies |= mark.get("promised") == "go"
                promise.hear(mark)
                continue
            medium.apply(op)
            if medium.lies and number % every == 0:
                for _ in range(max(1, 2 * images // len(trace.ops))):
                    lay_out(next(medium.images(chance)), Path(trace.folder), place / "image")
                    result.cases += 1
                    gone += _judged(result, place / "image", promise)
    finally:
        shutil.rmtree(place)
    if gone:
        result.notes.append(f"rows gone in {gone} of {result.cases} images, each seen by device or server")
    return result


def _judged(result: Result, folder: Path, promise: Promise) -> bool:
    """Whether promised rows are gone."""
    delivered = promise.facts["acknowledged"]
    hashes = {row[1]: row[3] for row in promise.rows}
    try:
        with Store.open(folder) as store:
            at_head = store.hash_at(1, delivered) if store.identity() else None
    except StoreError:
        # it says so in a sentence, and nothing is changed
        return True
    # with no such row the next receipt shows that the server is ahead; another row in its place would be believed
    if at_head not in {None, hashes[delivered]}:
        result.missed += 1
    verdict = judge(folder, Promise([*promise.rows], {}, {"row": None}))
    if verdict.corrupt:
        result.corrupt += 1
        result.notes.append(str(verdict.corrupt[:2]))
    return verdict.lost > 0
