"""How often the 95 % interval holds the true index: the study behind docs/coverage.md.

    python -m tests.bench.coverage            # all of it, some minutes on two cores; writes docs/coverage.md

Each cell draws surveys of n citizens from a population whose index is known, takes `ikm.domain.statistics.certainty` of
each tally as the program does, and counts how often the interval holds the population's index. Every cell has a seed of
its own, so that any of them can be repeated alone; a test of the suite repeats some and compares.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy import stats

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import score
from ikm.domain.statistics import certainty
from ikm.domain.tally import tally_rows

SIZES = (30, 50, 100, 200, 400)
ROUNDS = 4000
DOCUMENT = Path("docs/coverage.md")

_PEOPLE = 100_000
_ASKED = {code: (code,) for code in RULE.codes}
Answers = np.ndarray
"""Respondents x elements, ratings 1-4."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A population to draw from. `at_ceiling`: nearly everybody gives all fours."""

    name: str
    build: Callable[[np.random.Generator], Answers]
    at_ceiling: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: how often, in per cent, the interval held the index, and its mean width in points.

    `plain` is how often the interval of textbooks (mean and Student's t) held it, on the same surveys.
    """

    mix: str
    size: int
    finite: bool
    covered: float
    plain: float
    width: float


def _moods(shares: list[float], together: float, alike: float = 0.0, same: tuple[float, ...] = (0, 0, 0.6, 0.4)):
    """Citizens with a mood: `shares` of ratings 1-4, `together` how far one citizen's answers go together, and `alike`
    the share who tap one rating throughout, drawn from `same`."""

    def build(chance: np.random.Generator) -> Answers:
        mood = np.sqrt(together) * chance.standard_normal((_PEOPLE, 1))
        each = np.sqrt(1 - together) * chance.standard_normal((_PEOPLE, len(RULE.codes)))
        cuts = stats.norm.ppf(np.cumsum(shares)[:3])
        answers = 1 + ((mood + each)[:, :, None] > cuts).sum(axis=2)
        rows = chance.random(_PEOPLE) < alike
        answers[rows] = chance.choice([1, 2, 3, 4], p=same, size=(rows.sum(), 1))
        return answers

    return build


def _published(name: str):
    """The answers of a published survey, drawn from again and again."""

    def build(chance: np.random.Generator) -> Answers:
        lines = list(csv.reader(asset(f"samples/{name}").read_text().splitlines()))[1:]
        return np.array([[int(cell) for cell in line[-9:]] for line in lines])

    return build


_USUAL = [0.02, 0.08, 0.60, 0.30]
MIXES = (
    Mix("Sekadau 2019, jawaban terbit", _published("sekadau-2019-s1.csv")),
    Mix("mal pelayanan publik, jawaban terbit", _published("mpp-pangkep.csv")),
    Mix("sekretariat daerah, jawaban terbit", _published("setda-mahakam-ulu.csv")),
    Mix("kebanyakan 3, sebagian 4", _moods(_USUAL, 0.35)),
    Mix("biasa saja", _moods([0.05, 0.25, 0.50, 0.20], 0.3)),
    Mix("baik", _moods([0.01, 0.03, 0.36, 0.60], 0.5)),
    Mix("sangat baik", _moods([0.005, 0.01, 0.135, 0.85], 0.5)),
    Mix("separuh mengetuk nilai yang sama terus", _moods(_USUAL, 0.35, 0.5)),
    Mix("hampir semua mengetuk nilai yang sama terus", _moods(_USUAL, 0.35, 0.85, (0.01, 0.04, 0.6, 0.35))),
    Mix("terbelah: sangat puas atau kecewa", _moods([0.25, 0.15, 0.20, 0.40], 0.6)),
    Mix("buruk", _moods([0.50, 0.30, 0.15, 0.05], 0.4)),
    Mix("98 % jawaban bernilai 4", _moods([0.002, 0.003, 0.015, 0.98], 0.5), at_ceiling=True),
    Mix("99,5 % jawaban bernilai 4", _moods([0.001, 0.001, 0.003, 0.995], 0.5), at_ceiling=True),
    Mix("95 % orang memberi 4 semua", _moods(_USUAL, 0.35, 0.95, (0, 0, 0, 1)), at_ceiling=True),
    Mix("99 % orang memberi 4 semua", _moods(_USUAL, 0.35, 0.99, (0, 0, 0, 1)), at_ceiling=True),
    Mix("satu dari 50 memberi 1 semua, lainnya 4", _moods(_USUAL, 0.35, 1.0, (0.02, 0, 0, 0.98)), at_ceiling=True),
    Mix("satu dari 200 memberi 1 semua, lainnya 4", _moods(_USUAL, 0.35, 1.0, (0.005, 0, 0, 0.995)), at_ceiling=True),
)
"""The populations of the study; names as the document has them."""


def measure(name: str, size: int, *, finite: bool = False, rounds: int = ROUNDS) -> Cell:
    """One cell. `finite`: every survey asks half of a population of twice its size, which the interval is told."""
    people, number = _population(name)
    chance = np.random.default_rng([14, 2017, number, size, int(finite)])
    whole = _share(people)
    t, factor = stats.t.ppf(0.975, size - 1), size / (2 * size - 1) if finite else 1.0
    held, plain, width = 0, 0, 0.0
    for _ in range(rounds):
        drawn = people[chance.integers(0, len(people), size=2 * size if finite else size)]
        truth = _share(drawn) if finite else whole
        tally = tally_rows(RULE.codes, Counter(map(tuple, drawn[:size].tolist())))
        sure = certainty(tally, score(tally, _ASKED, RULE), 2 * size if finite else None)
        if sure is None:
            raise ValueError(f"no interval for {size} respondents")
        low, high = sure.interval
        held += low - 1e-9 <= truth <= high + 1e-9
        width += high - low
        each = 25 * drawn[:size].mean(axis=1)
        plain += bool(abs(each.mean() - truth) <= t * each.std(ddof=1) * np.sqrt(factor / size) + 1e-9)
    return Cell(name, size, finite, 100 * held / rounds, 100 * plain / rounds, width / rounds)


@cache
def _population(name: str) -> tuple[Answers, int]:
    number = next(place for place, mix in enumerate(MIXES) if mix.name == name)
    return MIXES[number].build(np.random.default_rng([20, 17, number])), number


def _share(answers: Answers) -> float:
    return 25 * float(answers.mean())


def study(workers: int = 2) -> list[Cell]:
    """All cells, in the order of the document."""
    wanted = [(mix.name, size, finite) for finite in (False, True) for mix in MIXES for size in SIZES]
    with ProcessPoolExecutor(workers) as pool:
        return [done.result() for done in [pool.submit(measure, n, s, finite=f) for n, s, f in wanted]]


def table(cells: list[Cell], *, finite: bool, at_ceiling: bool) -> str:
    """The cells as a table for the document: per cent covered, and the mean width in points behind it."""
    names = [mix.name for mix in MIXES if mix.at_ceiling is at_ceiling]
    found = {(cell.mix, cell.size): cell for cell in cells if cell.finite is finite}
    lines = ["| jawaban | " + " | ".join(f"n = {size}" for size in SIZES) + " |", "|---|" + "---|" * len(SIZES)]
    for name in names:
        row = [found[name, size] for size in SIZES]
        lines.append(f"| {name} | " + " | ".join(f"{written(c.covered)} ({written(c.width)})" for c in row) + " |")
    return "\n".join(lines)


def written(value: float) -> str:
    """A figure of the table."""
    return f"{value:.1f}".replace(".", ",")


_TEXT = """\
# Seberapa sering selang 95 % memuat indeks yang sebenarnya

Halaman ini dibuat oleh `python -m tests.bench.coverage`; jangan disunting dengan tangan. Cara menghitung selang ada di
`ikm/domain/statistics.py`; penjelasannya untuk pembaca laporan ada di [regulation.md](regulation.md).

Setiap sel mengambil {rounds} survei, masing-masing n orang, dari populasi yang indeksnya diketahui, lalu menghitung
berapa persen selang yang memuat indeks itu. Dalam kurung: lebar rata-rata selang, dalam poin pada skala 25-100. Dengan
{rounds} survei, angka 95,0 dapat meleset sekitar 0,7 karena kebetulan.

## Jawaban yang wajar: {low} sampai {high} %

{usual}

## Hampir semua orang memberi nilai 4: paling rendah {ceiling} %

Di dekat nilai 100 selang sengaja lebih lebar daripada perlu. Bila sepuluh orang semuanya memberi 4, belum terbukti
orang kesebelas pun begitu. Selang yang biasa dipakai (rata-rata ± t x galat baku) pada survei yang sama hanya memuat
indeks yang benar {plain_low} sampai {plain_high} %, dan lebarnya nol bila semua jawaban sama.
Selang juga lebih lebar daripada perlu bila hampir semua orang memberi satu nilai yang sama di tengah, misalnya 3 terus.

{top}

## Separuh populasi menjawab, dan populasinya diketahui: {finite_low} sampai {finite_high} % untuk jawaban yang wajar

{finite}

{finite_top}
"""


def document(cells: list[Cell]) -> str:
    """The page."""
    near = {mix.name for mix in MIXES if mix.at_ceiling}
    usual = [cell.covered for cell in cells if cell.mix not in near and not cell.finite]
    plain = [cell.plain for cell in cells if cell.mix in near and not cell.finite]
    finite = [cell.covered for cell in cells if cell.mix not in near and cell.finite]
    return _TEXT.format(
        rounds=ROUNDS,
        low=written(min(usual)),
        high=written(max(usual)),
        ceiling=written(min(cell.covered for cell in cells if cell.mix in near)),
        plain_low=written(min(plain)),
        plain_high=written(max(plain)),
        finite_low=written(min(finite)),
        finite_high=written(max(finite)),
        usual=table(cells, finite=False, at_ceiling=False),
        top=table(cells, finite=False, at_ceiling=True),
        finite=table(cells, finite=True, at_ceiling=False),
        finite_top=table(cells, finite=True, at_ceiling=True),
    )


if __name__ == "__main__":
    DOCUMENT.write_text(document(study()))
    sys.stdout.write(f"{DOCUMENT}\n")
