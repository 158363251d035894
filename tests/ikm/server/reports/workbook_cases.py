"""Evaluations that a workbook has to reproduce, with the rows they were made of."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ikm.assets import asset
from ikm.domain.regulation import Element, Factor, Regulation, extended
from ikm.domain.regulations import IPAK, KEP_25_2004, PERMENPANRB_14_2017
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import Weights, exact_weights, own_weights, parse_weights
from ikm.server.reports.evaluation import Evaluation, evaluate

Ratings = tuple[int | None, ...]
Row = tuple[int, str | None, Ratings]

CODES = PERMENPANRB_14_2017.codes
EVIL = ("=1+1", "+62", "-3", "@SUM(A1)", "*", "<r>x</r>", 'Ilir, "Ulu" & Co', "?", ">0", "007", "7", "_x0041_")
"""Names of groups that a spreadsheet could take for something else."""


@dataclass(frozen=True)
class Case:
    evaluation: Evaluation
    questions: tuple[str, ...]
    rows: tuple[Row, ...]


def case(
    ratings: Sequence[Ratings],
    rule: Regulation = PERMENPANRB_14_2017,
    *,
    weights: Weights | None = None,
    groups: Sequence[str] | None = None,
    unknown: str | None = None,
    questions: Sequence[str] | None = None,
    population: int | None = None,
) -> Case:
    """The evaluation of rows of ratings; questions such as "REQ.a" ask about the element before the dot.

    `unknown` is the name of the group that is no unit.
    """
    questions = tuple(questions or rule.codes)
    asked: dict[str, list[str]] = {}
    for question in questions:
        asked.setdefault(question.split(".")[0], []).append(question)
    counts: dict[str, dict[Ratings, int]] = {}
    for row, name in zip(ratings, groups or [""] * len(ratings), strict=True):
        counts.setdefault(name, {})
        counts[name][row] = counts[name].get(row, 0) + 1
    tallies: dict[str, Tally] = {name: tally_rows(questions, rows) for name, rows in counts.items()}
    chosen = weights or exact_weights([code for code in rule.codes if code in asked])
    by = None if groups is None else "Unit/Layanan"
    found = evaluate(tallies, asked, rule, chosen, by=by, unknown=unknown, population=population)
    names = groups or [None] * len(ratings)
    rows = tuple((number, name, row) for number, (name, row) in enumerate(zip(names, ratings, strict=True), start=2))
    return Case(found, questions, rows)


def spread(respondents: int, points: int, elements: int = 9) -> list[Ratings]:
    """Answers of so many respondents that come to so many points."""
    low, rest = divmod(points, respondents * elements)
    values = [low + (place < rest) for place in range(respondents * elements)]
    return [tuple(values[start : start + elements]) for start in range(0, len(values), elements)]


def sample(name: str, by: str | None = None) -> tuple[list[Ratings], list[str] | None]:
    """The ratings of a shipped sample, and the groups of its rows."""
    with asset(f"samples/{name}").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    ratings = [tuple(int(line[f"U{number}"]) for number in range(1, 10)) for line in lines]
    return ratings, None if by is None else [line[by] for line in lines]


def some(chance: random.Random, respondents: int, elements: int = 9, stopping: float = 0.0) -> list[Ratings]:
    """Answers as citizens give them: a mood each, some stopping early."""
    found: list[Ratings] = []
    for _ in range(respondents):
        mood = chance.choice([2, 3, 3, 4])
        row = [min(4, max(1, mood + chance.choice([-1, 0, 0, 1]))) for _ in range(elements)]
        kept = chance.randrange(1, elements) if chance.random() < stopping else elements
        found.append(tuple(value if place < kept else None for place, value in enumerate(row)))
    return found


def doubtful_cases() -> Iterator[tuple[str, Case]]:
    """Cases in which little is known of how answers go together, or of whom they stand for."""
    chance = random.Random(1970)
    skipping = [
        tuple(None if place == row % 10 else value for place, value in enumerate(answers))
        for row, answers in enumerate(some(chance, 60))
    ]
    yield "few-complete", case(skipping)
    yield "few-complete-known-population", case(skipping, population=90)
    opposed = [(high, 5 - high, *[high] * 6, 5 - high) for high in (1, 2, 3, 4, 4, 3, 2, 1, 2, 4)]
    yield "opposed", case([*opposed, *((*row[:8], None) for row in opposed[:4])])
    yield "partial-known-population", case(some(chance, 120, stopping=0.4), population=150)
    yield "everybody-came-some-stopped", case(some(chance, 120, stopping=0.4), population=120)
    yield "target-missed-by-one-element", case([*some(chance, 58), (3, *[None] * 8), (4, *[None] * 8)], population=69)
    yield "the-only-citizen", case([(3, 3, 4, 4, 3, 2, 3, 3, 4)], population=1)
    yield "a-single-answer", case([(*row[:8], None) for row in some(chance, 12)] + [(3,) * 9], population=40)
    yield "nearly-all-fours", case([(4,) * 9] * 98 + [(4,) * 8 + (3,)] * 2)
    yield "nearly-all-asked", case([(4,) * 9] * 20 + [(3,) * 9], population=22)


def whole_cases() -> Iterator[tuple[str, Case]]:
    """Cases of one unit."""
    chance = random.Random(2017)
    sekadau, _ = sample("sekadau-2019-s1.csv")
    yield "sekadau", case(sekadau)
    yield "known-population", case(sekadau, population=400)
    yield "target-reached", case(some(chance, 60), population=66)
    yield "everybody-asked", case(sekadau, population=len(sekadau))
    yield "partial-answers", case(some(chance, 120, stopping=0.4))
    yield "long-fractions", case(some(chance, 400, stopping=0.6))
    yield "weight-0.11", case(sekadau, weights=parse_weights("0,11", CODES))
    shares = dict(zip(CODES, (Fraction(1, 5), Fraction(1, 5), *[Fraction(3, 35)] * 7), strict=True))
    yield "own-weights", case(some(chance, 40, stopping=0.2), weights=own_weights(CODES, shares))
    fourteen = KEP_25_2004.codes
    yield "rule-of-2004", case(some(chance, 150, 14), KEP_25_2004)
    yield "weight-0.071", case(some(chance, 30, 14), KEP_25_2004, weights=parse_weights("0,071", fourteen))
    yield "anti-corruption", case(some(chance, 25, 5), IPAK)
    gate = Element("GATE", 6, 6, "Tanpa titipan", "No favours asked", Factor.STAFF)
    yield "anti-corruption-added", case(some(chance, 20, 6), extended(IPAK, [gate]))
    several = ("PROC", "REQ.a", "REQ.b", *CODES[2:8], "FACI.a", "FACI.b", "FACI.c")
    yield "several-questions", case(some(chance, 35, 12, stopping=0.2), questions=several)
    yield (
        "several-questions-printed",
        case(some(chance, 35, 12), questions=several, weights=parse_weights("0,111", CODES)),
    )
    skipped = [(*row[:2], None, *row[3:]) for row in some(chance, 15, 12)]
    yield "a-question-unanswered", case(skipped, questions=several)
    yield "all-fours", case([(4,) * 9] * 10)
    yield "all-fours-printed", case([(4,) * 9] * 10, weights=parse_weights("0,111", CODES))
    fours = [tuple(4 if place < 1 + row % 9 else None for place in range(9)) for row in range(997)]
    yield "all-fours-long-fractions", case([*fours, (4,) * 9])
    yield "all-ones", case([(1,) * 9] * 12)
    yield "all-ones-printed", case([(1,) * 9] * 12, weights=parse_weights("0,11", CODES))
    yield "one-respondent", case([(3, 3, 4, 4, 3, 2, 3, 3, 4)])
    yield "alike", case([(3,) * 9] * 8 + [(2,) * 9] * 8)
    yield "an-element-unanswered", case([(*row[:8], None) for row in some(chance, 12)])
    yield "nobody", case([])
    safe = Element("SAFE", 10, 10, "Keamanan lingkungan", "Safety", Factor.FACILITIES)
    yield "added-elements", case(some(chance, 45, 10, stopping=0.1), extended(PERMENPANRB_14_2017, [safe]))
    site = Element("SITE", 4, 4, "Kualitas situs", "Website", Factor.SYSTEMS)
    yield "replaced-element", case(some(chance, 22), extended(PERMENPANRB_14_2017, replaced={"COST": site}))


def vectors() -> Iterator[tuple[str, Case]]:
    """Cases whose figures are known, at a bound or halfway between two hundredths."""
    yield "19-524", case(spread(19, 524))
    yield "19-604", case(spread(19, 604))
    yield "58-1357", case(spread(58, 1357))
    yield "tie", case(spread(200, 9 * 613))
    yield "tie-printed", case(spread(100, 2786), weights=parse_weights("0,11", CODES))


def group_cases() -> Iterator[tuple[str, Case]]:
    """Cases of several units."""
    chance = random.Random(2004)
    mall, agencies = sample("mpp-pangkep.csv", "instansi")
    yield "mall-by-agency", case(mall, groups=agencies)
    yield "nobody-by-group", case([], groups=[])
    named = [EVIL[place % len(EVIL)] for place in range(5 * len(EVIL))]
    yield "evil-names", case(some(chance, len(named), stopping=0.1), groups=named)
    quiet = [*some(chance, 9), (3, *[None] * 8), (2, *[None] * 8)]
    yield "silent-groups", case(quiet, groups=[*"AAABBBCCC", "D", "E"])
    unnamed = ["Timur", "(kosong)", "Barat", "(kosong)", "Utara", "Utara"]
    better = [(4,) * 9, (4,) * 8 + (3,), (2,) * 9, (3,) * 9, (1,) * 9, (1,) * 8 + (2,)]
    yield (
        "respondents-of-no-group",
        case([better[place % 6] for place in range(60)], groups=unnamed * 10, unknown="(kosong)"),
    )
    alone = [*some(chance, 6), (3, *[None] * 8)]
    yield "no-group-and-no-index", case(alone, groups=["A"] * 6 + ["(kosong)"], unknown="(kosong)")
    yield "no-group-at-all", case(some(chance, 6), groups=["(kosong)"] * 6, unknown="(kosong)")
    units = [row for points in (766, 766, 766, 767) for row in spread(250, 9 * points)]
    yield "tie-of-means", case(units, groups=[name for name in "PQRS" for _ in range(250)])


CASES = {**dict(whole_cases()), **dict(doubtful_cases()), **dict(vectors()), **dict(group_cases())}
