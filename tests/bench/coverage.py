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
from typing import Literal

import numpy as np
from scipy import stats

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import score
from ikm.domain.statistics import certainty
from ikm.domain.tally import tally_rows

SIZES = (30, 50, 100, 200, 400)
ASKED = (0.0, 0.5, 0.8)
"""Shares of a known population that answered; 0 for a population without end."""
ROUNDS = 4000
DOCUMENT = Path("docs/coverage.md")

_PEOPLE = 100_000
_QUESTIONS = {code: (code,) for code in RULE.codes}
Answers = np.ndarray
"""Respondents x elements, ratings 1-4."""


Kind = Literal["usual", "alike", "rare"]
"""Realistic answers; nearly everybody alike; a few all ones among citizens who hardly differ otherwise."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A population to draw from, of one of the three kinds that the document keeps apart."""

    name: str
    build: Callable[[np.random.Generator], Answers]
    kind: Kind = "usual"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: how often, in per cent, the interval held the index, and its mean width in points.

    `asked` is the share of a known population that answered, 0 where it is endless; `plain` how often the interval of
    textbooks (mean and Student's t) held the index, on the same surveys.
    """

    mix: str
    size: int
    asked: float
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


def _rare(angry: float, threes: float):
    """Citizens who give all fours but for a 3 in a share of cells, and a share who give all ones."""

    def build(chance: np.random.Generator) -> Answers:
        answers = np.where(chance.random((_PEOPLE, len(RULE.codes))) < threes, 3, 4)
        answers[chance.random(_PEOPLE) < angry] = 1
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
    Mix("98 % jawaban bernilai 4", _moods([0.002, 0.003, 0.015, 0.98], 0.5), kind="alike"),
    Mix("99,5 % jawaban bernilai 4", _moods([0.001, 0.001, 0.003, 0.995], 0.5), kind="alike"),
    Mix("95 % orang memberi 4 semua", _moods(_USUAL, 0.35, 0.95, (0, 0, 0, 1)), kind="alike"),
    Mix("99 % orang memberi 4 semua", _moods(_USUAL, 0.35, 0.99, (0, 0, 0, 1)), kind="alike"),
    Mix("satu dari 50 memberi 1 semua, lainnya 4", _moods(_USUAL, 0.35, 1.0, (0.02, 0, 0, 0.98)), kind="alike"),
    Mix("satu dari 200 memberi 1 semua, lainnya 4", _moods(_USUAL, 0.35, 1.0, (0.005, 0, 0, 0.995)), kind="alike"),
    Mix("95 % orang memberi 3 semua", _moods(_USUAL, 0.35, 0.95, (0, 0, 1, 0)), kind="alike"),
    Mix("2 % orang memberi 1 semua, 5 % jawaban lain 3", _rare(0.02, 0.05), kind="rare"),
    Mix("2 % orang memberi 1 semua, 20 % jawaban lain 3", _rare(0.02, 0.20), kind="rare"),
    Mix("5 % orang memberi 1 semua, 2 % jawaban lain 3", _rare(0.05, 0.02), kind="rare"),
    Mix("5 % orang memberi 1 semua, 10 % jawaban lain 3", _rare(0.05, 0.10), kind="rare"),
)
"""The populations of the study; names as the document has them."""


def measure(name: str, size: int, asked: float = 0.0, rounds: int = ROUNDS) -> Cell:
    """One cell. `asked` above 0: every survey asks that share of a small population, whose size is told."""
    people, number = _people(name)
    chance = np.random.default_rng([14, 2017, number, size, round(100 * asked)])
    population = round(size / asked) if asked else None
    factor = (population - size) / (population - 1) if population else 1.0
    t = stats.t.ppf(0.975, size - 1)
    whole = _index(people)
    held, plain, width = 0, 0, 0.0
    for _ in range(rounds):
        drawn = people[chance.integers(0, len(people), size=population or size)]
        truth = _index(drawn) if population else whole
        answers = drawn[:size]
        tally = tally_rows(RULE.codes, Counter(map(tuple, answers.tolist())))
        sure = certainty(tally, score(tally, _QUESTIONS, RULE), population)
        if sure is None:
            raise ValueError(f"no interval for {size} respondents")
        low, high = sure.interval
        held += low - 1e-9 <= truth <= high + 1e-9
        width += high - low
        each = 25 * answers.mean(axis=1)
        plain += bool(abs(each.mean() - truth) <= t * each.std(ddof=1) * np.sqrt(factor / size) + 1e-9)
    return Cell(name, size, asked, 100 * held / rounds, 100 * plain / rounds, width / rounds)


@cache
def _people(name: str) -> tuple[Answers, int]:
    number = next(place for place, mix in enumerate(MIXES) if mix.name == name)
    return MIXES[number].build(np.random.default_rng([20, 17, number])), number


def _index(answers: Answers) -> float:
    return 25 * float(answers.mean())


def study(workers: int = 2) -> list[Cell]:
    """All cells, in the order of the document."""
    wanted = [(mix.name, size, asked) for asked in ASKED for mix in MIXES for size in SIZES]
    with ProcessPoolExecutor(workers) as pool:
        return [done.result() for done in [pool.submit(measure, *cell) for cell in wanted]]


def table(cells: list[Cell], kind: Kind) -> str:
    """The cells of a kind as a table for the document: per cent covered, and the mean width in points behind it."""
    found = {(cell.mix, cell.size): cell for cell in cells}
    lines = ["| jawaban | " + " | ".join(f"n = {size}" for size in SIZES) + " |", "|---|" + "---|" * len(SIZES)]
    for mix in MIXES:
        if mix.kind == kind:
            row = [found[mix.name, size] for size in SIZES]
            lines.append(
                f"| {mix.name} | " + " | ".join(f"{written(c.covered)} ({written(c.width)})" for c in row) + " |"
            )
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

{sections}"""

_SECTIONS = {
    0.0: """\
## Jawaban yang wajar: {low} sampai {high} %

{usual}

## Hampir semua orang menjawab sama: paling rendah {lowest} %

Di dekat nilai 100 selang sengaja lebih lebar daripada perlu. Bila sepuluh orang semuanya memberi 4, belum terbukti
orang kesebelas pun begitu. Selang yang biasa dipakai (rata-rata ± t x galat baku) pada survei yang sama hanya memuat
indeks yang benar {plain_low} sampai {plain_high} %, dan lebarnya nol bila semua jawaban sama.

{alike}

## Yang tidak dapat dijamin: sedikit orang yang sangat kecewa

Bila dua dari seratus orang memberi 1 semua sedangkan yang lain hampir seragam, sering tidak seorang pun dari mereka
ikut dalam sampel kecil. Dari jawaban yang ada mereka tidak terlihat, dan tidak ada rumus yang dapat menebaknya tanpa
melebarkan selang semua unit. Dengan beberapa ratus responden kekurangan itu hilang.

{rare}
""",
    0.5: """\
## Separuh populasi menjawab, dan populasinya diketahui: {low} sampai {high} % untuk jawaban yang wajar

{usual}

{alike}
""",
    0.8: """\
## Empat dari lima orang menjawab, dan populasinya diketahui: {low} sampai {high} % untuk jawaban yang wajar

{usual}

{alike}
""",
}


def document(cells: list[Cell]) -> str:
    """The page."""
    return _TEXT.format(rounds=ROUNDS, sections="\n".join(_section(asked, cells) for asked in ASKED))


def _section(asked: float, cells: list[Cell]) -> str:
    here = [cell for cell in cells if cell.asked == asked]
    kinds = {mix.name: mix.kind for mix in MIXES}
    usual = [cell.covered for cell in here if kinds[cell.mix] == "usual"]
    alike = [cell for cell in here if kinds[cell.mix] == "alike"]
    return _SECTIONS[asked].format(
        low=written(min(usual)),
        high=written(max(usual)),
        lowest=written(min(cell.covered for cell in alike)),
        plain_low=written(min(cell.plain for cell in alike)),
        plain_high=written(max(cell.plain for cell in alike)),
        usual=table(here, "usual"),
        alike=table(here, "alike"),
        rare=table(here, "rare"),
    )


if __name__ == "__main__":
    DOCUMENT.write_text(document(study()))
    sys.stdout.write(f"{DOCUMENT}\n")
