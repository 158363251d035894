from fractions import Fraction
from math import ceil

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.sampling import (
    TABLE_POPULATIONS,
    finite_population_factor,
    krejcie_morgan,
    margin_of_error,
    sample_of,
    slovin,
    table_row,
)

# R. V. Krejcie and D. W. Morgan, "Determining sample size for research activities" (1970), the printed table
PRINTED = """
10:10 15:14 20:19 25:24 30:28 35:32 40:36 45:40 50:44 55:48 60:52 65:56 70:59 75:63 80:66 85:70 90:73 95:76
100:80 110:86 120:92 130:97 140:103 150:108 160:113 170:118 180:123 190:127 200:132 210:136 220:140 230:144
240:148 250:152 260:155 270:159 280:162 290:165 300:169 320:175 340:181 360:186 380:191 400:196 420:201 440:205
460:210 480:214 500:217 550:226 600:234 650:242 700:248 750:254 800:260 850:265 900:269 950:274 1000:278 1100:285
1200:291 1300:297 1400:302 1500:306 1600:310 1700:313 1800:317 1900:320 2000:322 2200:327 2400:331 2600:335
2800:338 3000:341 3500:346 4000:351 4500:354 5000:357 6000:361 7000:364 8000:367 9000:368 10000:370 15000:375
20000:377 30000:379 40000:380 50000:381 75000:382 1000000:384
"""
ROWS = [tuple(map(int, row.split(":"))) for row in PRINTED.split()]


def test_the_formula_rounded_half_up_is_all_ninety_rows_of_the_table():
    assert len(ROWS) == 90
    assert [(population, krejcie_morgan(population)) for population in TABLE_POPULATIONS] == ROWS


def test_rounding_up_instead_would_miss_half_the_table():
    # so the agreement above says something about the rounding
    def up(population: int) -> int:
        return ceil(Fraction("0.96025") * population / (Fraction("0.0025") * (population - 1) + Fraction("0.96025")))

    assert sum(up(population) != sample for population, sample in ROWS) == 45


@pytest.mark.parametrize(
    ("population", "row"),
    [(4384, (4500, 354)), (10, (10, 10)), (3, (10, 10)), (11, (15, 14)), (2 * 10**6, (10**6, 384))],
)
def test_offices_take_the_next_higher_row(population, row):
    assert table_row(population) == row


def test_between_rows_the_formula_may_ask_for_fewer_than_the_row():
    # religious court of Karawang: 4384 users, row 4500
    assert (krejcie_morgan(4384), table_row(4384)[1]) == (353, 354)


def test_a_target_never_exceeds_its_population():
    assert all(1 <= krejcie_morgan(population) <= population for population in range(1, 3000))


@pytest.mark.parametrize(("population", "error", "sample"), [(1000, "0.05", 286), (100, "0.1", 50), (1, "0.05", 1)])
def test_slovin_rounds_up(population, error, sample):
    assert slovin(population, Fraction(error)) == sample


@pytest.mark.parametrize("population", [0, -5])
def test_nobody_is_no_population(population):
    for call in (krejcie_morgan, table_row, lambda people: slovin(people, Fraction(1, 20))):
        with pytest.raises(Refusal) as refusal:
            call(population)
        assert refusal.value.code == "population_invalid"


@pytest.mark.parametrize("error", ["0", "1", "-0.1"])
def test_an_error_of_nothing_or_everything_is_refused(error):
    with pytest.raises(Refusal, match="galat"):
        slovin(100, Fraction(error))


def test_the_margin_of_error_of_the_target_is_about_five_points():
    assert all(4.85 <= margin_of_error(krejcie_morgan(people), people) <= 5.1 for people in range(200, 20_000, 37))


def test_the_margin_shrinks_in_a_small_population_and_vanishes_when_everybody_answered():
    assert margin_of_error(100) == pytest.approx(9.799, abs=0.001)
    assert margin_of_error(100, 120) < margin_of_error(100, 10_000) < margin_of_error(100)
    assert margin_of_error(50, 50) == margin_of_error(1, 1) == 0


@pytest.mark.parametrize(
    "call", [lambda: margin_of_error(0), lambda: margin_of_error(11, 10), lambda: sample_of(11, 11, 10)]
)
def test_more_respondents_than_people_or_none_is_refused(call):
    with pytest.raises(Refusal) as refusal:
        call()
    assert refusal.value.code == "population_invalid"


def test_the_finite_population_factor_is_the_textbooks():
    assert finite_population_factor(30, 100) == Fraction(70, 99)
    assert finite_population_factor(30, None) == 1


@pytest.mark.parametrize(
    ("respondents", "population", "minimum", "target", "adequate"),
    [
        (277, 1000, None, 278, False),
        (278, 1000, None, 278, True),
        (149, None, 150, 150, False),
        (150, None, 150, 150, True),
        (100, 120, 150, 92, True),
        (10, None, None, None, None),
        (0, 1000, None, 278, False),
    ],
)
def test_a_sample_is_adequate_from_its_target_on(respondents, population, minimum, target, adequate):
    sample = sample_of(respondents, respondents, population, minimum)
    assert (sample.target, sample.adequate) == (target, adequate)
    assert (sample.margin_of_error is None) == (respondents == 0)


def test_a_sample_is_judged_by_the_element_that_fewest_answered():
    sample = sample_of(300, 5, 1000)
    assert (sample.respondents, sample.answers, sample.adequate) == (300, 5, False)


def test_of_one_person_asked_nothing_is_left():
    assert (finite_population_factor(1, 1), finite_population_factor(0, 1)) == (0, 1)
