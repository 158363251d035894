"""The index: one score, a million rows of a file, a hundred thousand tallies."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import score
from ikm.domain.statistics import certainty, reliability
from ikm.domain.tally import Tally, merge_all, tally_rows
from tests.bench.harness import Result, median

_ROWS = 1_000_000
_TALLIES = 100_000
_ASKED = {code: (code,) for code in RULE.codes}
_READ = "import csv,sys\nfor row in csv.reader(open(sys.argv[1], newline='')): pass"
_MEMORY = (
    "import resource,runpy,sys\nsys.argv=sys.argv[1:]\n"
    "try: runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
    "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
)


def measure(folder: Path) -> list[Result]:
    """Milliseconds of a score and what goes with it, seconds and megabytes of a million rows, seconds of merging."""
    return [*_one_score(), *_a_million_rows(folder), *_many_tallies()]


def _answers(chance: random.Random) -> tuple[int | None, ...]:
    mood = chance.choice((2, 3, 3, 3, 4, 4))
    return tuple(min(4, max(1, mood + chance.choice((-1, 0, 0, 0, 1)))) for _ in RULE.codes)


def _tally(chance: random.Random, respondents: int) -> Tally:
    rows: dict[tuple[int | None, ...], int] = {}
    for _ in range(respondents):
        row = _answers(chance)
        rows[row] = rows.get(row, 0) + 1
    return tally_rows(RULE.codes, rows)


def _one_score() -> list[Result]:
    tally = _tally(random.Random(1), 400)
    found = score(tally, _ASKED, RULE)
    plain = _milliseconds(
        lambda: [sum(r * n for r, n in zip((1, 2, 3, 4), c, strict=True)) for c in tally.counts.values()]
    )
    against = "jumlah nilai saja"
    return [
        Result("indeks: satu nilai", _milliseconds(lambda: score(tally, _ASKED, RULE)), "ms", against, plain),
        Result("indeks: selang dan peluang mutu", _milliseconds(lambda: certainty(tally, found)), "ms", against, plain),
        Result("indeks: reliabilitas", _milliseconds(lambda: reliability(tally, RULE.codes)), "ms", against, plain),
    ]


def _milliseconds(work: Callable[[], object], rounds: int = 300) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return median(times)


def _a_million_rows(folder: Path) -> list[Result]:
    chance = random.Random(2)
    path = folder / "sejuta.csv"
    # a million respondents drawn from fifty thousand, written out: making each afresh would take longer than reading
    lines = [",".join(map(str, _answers(chance))) + "\n" for _ in range(50_000)]
    with path.open("w") as file:
        file.write("no,unit," + ",".join(f"U{number}" for number in range(1, 10)) + "\n")
        file.writelines(f"{number},unit {number % 300},{chance.choice(lines)}" for number in range(_ROWS))
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _READ, str(path)], check=True)
    read_s = time.perf_counter() - began
    results = []
    for label, words in (("", []), (" per 300 unit", ["--by", "unit"])):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _MEMORY, "ikm.server", "score", str(path), "--json", *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        took_s = time.perf_counter() - began
        megabytes = int(done.stderr.split()[-1]) / 1024
        results += [
            Result(f"ikm score: sejuta baris{label}", took_s, "s", "modul csv saja", read_s),
            Result(
                f"ikm score: sejuta baris{label}, memori", megabytes, "MB", "besar berkas", path.stat().st_size / 2**20
            ),
        ]
    return results


def _many_tallies() -> list[Result]:
    chance = random.Random(3)
    different = [_tally(chance, 12) for _ in range(500)]
    tallies = [different[number % len(different)] for number in range(_TALLIES)]
    began = time.perf_counter()
    merge_all(tallies)
    merged_s = time.perf_counter() - began
    began = time.perf_counter()
    sum(chain.from_iterable(chain(t.sums.values(), t.products.values(), *t.counts.values()) for t in tallies))
    added_s = time.perf_counter() - began
    return [Result("tally: 100.000 digabung", merged_s, "s", "semua bilangannya dijumlah", added_s)]
