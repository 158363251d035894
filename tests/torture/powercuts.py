"""Power cuts: what the store promised is on every medium that a cut at any moment may leave (faults 1 to 7 and 57)."""

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.powercut import Medium
from tests.support.powercut_oracle import Promise, judge, open_and_judge
from tests.support.powercut_scenarios import SCENARIOS
from tests.support.powercut_trace import Mark, Op, record
from tests.torture.result import Result

ROOT = Path(__file__).resolve().parents[2]
OPENED_EVERY = 40
"""Of so many images one is opened by the store itself first; opening takes much longer than looking."""
CONTROLS = {"delete-full": ("delete", "2"), "wal-normal": ("wal", "1", "8")}
"""The default of SQLite's drivers, and what many recommend: both lose answers that were acknowledged."""
ALSO_SAFE = {f"wal-full-{pages}": ("wal", "2", str(pages)) for pages in (3, 8, 20)}
"""Not what devices run, but what the specification allows: cuts in checkpoints of every size."""


@dataclass(frozen=True)
class Trace:
    """One scenario as it was recorded in its folder; `shipped` if with the store's own settings."""

    name: str
    folder: str
    ops: tuple[Op, ...]
    shipped: bool = True


def scratch() -> Path:
    """A new folder in memory where there is such a place: images are written by the thousand."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="torture-", dir=memory if os.access(memory, os.W_OK) else None))


def recorded(name: str, *settings: str) -> Trace:
    """The trace of a scenario, played by the store in a process of its own."""
    folder = scratch()
    try:
        data = folder / "data"
        command = [sys.executable, "-m", "tests.support.powercut_scenarios", name, str(data), *settings]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "KIOSK_BALLAST_MB": "0"}
        ops = record(command, data, folder, environment)
    finally:
        shutil.rmtree(folder)
    marks = [op.text for op in ops if isinstance(op, Mark)]
    if not marks or json.loads(marks[-1])["promised"] != "over":
        raise RuntimeError(f"{name} was not played to its end")
    return Trace("-".join([name, *settings]), str(data), tuple(ops), shipped=not settings)


def cut(trace: Trace, images: int, seed: int) -> Result:
    """Cut a trace everywhere, about so many images in all; each is judged."""
    result = Result(trace.name)
    chance = random.Random(seed)
    medium, promise = Medium({}), Promise()
    begun = False
    share = max(1, round(images / max(1, _moments(trace))))
    folder = scratch()
    try:
        for op in trace.ops:
            if isinstance(op, Mark):
                mark = json.loads(op.text)
                begun |= mark.get("promised") == "go"
                promise.hear(mark)
                continue
            medium.apply(op)
            if begun:
                made = medium.images(chance)
                for _ in range(1 if medium.settled else share):
                    lay_out(next(made), Path(trace.folder), folder / "image")
                    opened = trace.shipped and not chance.randrange(OPENED_EVERY)
                    _judge(result, folder / "image", promise, opened=opened)
    finally:
        shutil.rmtree(folder)
    return result


def _moments(trace: Trace) -> int:
    """At how many moments after the beginning a cut can leave different media."""
    medium, begun, found = Medium({}), False, 0
    for op in trace.ops:
        if isinstance(op, Mark):
            begun |= json.loads(op.text).get("promised") == "go"
            continue
        medium.apply(op)
        found += begun and not medium.settled
    return found


def _judge(result: Result, place: Path, promise: Promise, *, opened: bool) -> None:
    result.cases += 1
    if opened:
        verdict, alarmed = open_and_judge(place, promise)
        result.false_alarms += alarmed
    else:
        verdict = judge(place, promise)
    result.lost += verdict.lost + len(verdict.forgotten)
    result.doubled += verdict.doubled
    result.corrupt += bool(verdict.corrupt)
    if not verdict.clean and len(result.notes) < 5:
        result.notes.append(f"{result.name}: {verdict} after {len(promise.rows)} rows, begun {promise.begun}")


def lay_out(image: dict[str, bytes], root: Path, place: Path) -> None:
    """Write an image's files, in the place of an earlier one."""
    with suppress(FileNotFoundError):
        shutil.rmtree(place)
    place.mkdir(mode=0o700)
    for path, data in image.items():
        target = place / Path(path).relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        # as the kiosk makes its own: it says of any other that it was open to other users, a hundred thousand times
        target.touch(mode=0o600)
        target.write_bytes(data)


def run(images: int, seed: int, processes: int = 2) -> list[Result]:
    """All scenarios with about so many images in all, then the controls, which have to lose something."""
    names = list(SCENARIOS)
    with ProcessPoolExecutor(processes) as pool:
        traces = list(pool.map(recorded, names))
        # the rows are what it is about: half of all images are of them
        shares = [images // 4 if name in {"taps", "sending"} else images // (2 * (len(names) - 2)) for name in names]
        done = _cut_all(pool, traces, shares, seed, processes)
        checkpoints = [recorded("sending", *settings) for settings in ALSO_SAFE.values()]
        done += _cut_all(pool, checkpoints, [images // 100] * len(checkpoints), seed, processes)
        total = Result("power-cuts")
        for part in done:
            total.add(part)
        for name, settings in CONTROLS.items():
            control = _cut_all(pool, [recorded("sending", *settings)], [max(2000, images // 50)], seed, processes)
            lost = sum(part.lost for part in control)
            total.control_failed |= lost == 0
            total.notes.append(f"control {name}: {lost} lost in {sum(part.cases for part in control)} images")
    return [total]


def _cut_all(
    pool: ProcessPoolExecutor, traces: Sequence[Trace], shares: Sequence[int], seed: int, processes: int
) -> list[Result]:
    """Each trace is cut by every process, with another seed."""
    jobs = [
        (trace, share // processes, seed + number)
        for trace, share in zip(traces, shares, strict=True)
        for number in range(processes)
    ]
    return list(pool.map(_job, jobs))


def _job(job: tuple[Trace, int, int]) -> Result:
    return cut(*job)
