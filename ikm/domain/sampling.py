"""How many respondents are enough: Krejcie and Morgan's formula and table, Slovin, and the margin of error."""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt

from ikm.domain.errors import Refusal
from ikm.domain.score import round_half_up

_CHI_SQUARE = Fraction("3.841")
_SHARE = Fraction(1, 2)
_ERROR = Fraction("0.05")
"""Krejcie and Morgan (1970): chi-square for one degree of freedom at 5 %, the most varied share, the accuracy."""

TABLE_POPULATIONS: tuple[int, ...] = (
    *range(10, 100, 5),
    *range(100, 300, 10),
    *range(300, 500, 20),
    *range(500, 1000, 50),
    *range(1000, 2000, 100),
    *range(2000, 3000, 200),
    3000, 3500, 4000, 4500, *range(5000, 10_000, 1000),
    10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 75_000, 1_000_000,
)  # fmt: skip
"""The populations that have a row in the printed table."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How many respondents were wanted and how many came.

    `population` is the number of users of that service in that period, None where it is not known; `answers` is how
    many respondents answered the element that fewest did, which is what has to suffice; `target` the number wanted,
    None where nothing tells; `adequate` whether they came, None without a target. `margin_of_error` is the half width
    in percentage points of a 95 % interval for a share of one half, None when nobody came.
    """

    population: int | None
    respondents: int
    answers: int
    target: int | None
    adequate: bool | None
    margin_of_error: float | None


def krejcie_morgan(population: int) -> int:
    """The target sample of a population, the formula rounded half-up as the printed table is.

    Raises:
        Refusal: `population_invalid` for fewer than one person.
    """
    _check(population)
    spread = _CHI_SQUARE * _SHARE * (1 - _SHARE)
    return int(round_half_up(spread * population / (_ERROR**2 * (population - 1) + spread), 0))


def table_row(population: int) -> tuple[int, int]:
    """The row of the printed table that offices take for a population: the next higher one, and its sample.

    Raises:
        Refusal: `population_invalid` for fewer than one person.
    """
    _check(population)
    place = min(bisect_left(TABLE_POPULATIONS, population), len(TABLE_POPULATIONS) - 1)
    row = TABLE_POPULATIONS[place]
    return row, krejcie_morgan(row)


def slovin(population: int, error: Fraction) -> int:
    """The sample by Slovin's formula N / (1 + N e^2), rounded up so that the error is not exceeded.

    Raises:
        Refusal: `population_invalid` for fewer than one person, or an error that is not between 0 and 1.
    """
    _check(population)
    if not 0 < error < 1:
        raise Refusal("population_invalid", f"galat {error} harus antara 0 dan 1")
    return ceil(population / (1 + population * error**2))


def margin_of_error(respondents: int, population: int | None = None) -> float:
    """The half width, in percentage points, of the 95 % interval of a share of one half; smaller in a small population.

    Raises:
        Refusal: `population_invalid` when there are fewer people than respondents, or no respondent.
    """
    if respondents < 1:
        raise Refusal("population_invalid", "belum ada responden")
    factor = finite_population_factor(respondents, population)
    return 100 * sqrt(float(_CHI_SQUARE * _SHARE * (1 - _SHARE) * factor / respondents))


def finite_population_factor(respondents: int, population: int | None) -> Fraction:
    """By how much a variance shrinks (0-1) when a known share of the population was asked: (N - n) / (N - 1).

    Raises:
        Refusal: `population_invalid` when there are fewer people than respondents.
    """
    if population is None:
        return Fraction(1)
    _check(population)
    if population < respondents:
        raise Refusal("population_invalid", f"populasi {population} kurang dari {respondents} responden")
    # of a single person nothing is left once asked, and the formula would divide by nothing
    return Fraction(population - respondents, population - 1) if population > 1 else Fraction(1 - respondents)


def sample_of(respondents: int, answers: int, population: int | None, minimum: int | None = None) -> Sample:
    """The sample a survey reached. `minimum` is a rule's own target, used where the population is not known.

    Raises:
        Refusal: `population_invalid` when there are fewer people than respondents.
    """
    target = minimum if population is None else krejcie_morgan(population)
    return Sample(
        population=population,
        respondents=respondents,
        answers=answers,
        target=target,
        adequate=None if target is None else answers >= target,
        margin_of_error=margin_of_error(respondents, population) if respondents else None,
    )


def _check(population: int) -> None:
    if population < 1:
        raise Refusal("population_invalid", f"populasi {population} harus paling sedikit 1")
