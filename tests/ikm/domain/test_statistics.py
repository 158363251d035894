"""Certainty and reliability against independent computations on the raw answers, by NumPy and SciPy."""

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest
from scipy import stats

from ikm.domain.errors import Refusal
from ikm.domain.regulations import IPAK, KEP_25_2004, PERMENPANRB_14_2017, PERMENPANRB_16_2014
from ikm.domain.score import score
from ikm.domain.statistics import certainty, reliability
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import parse_weights

RULES = (PERMENPANRB_14_2017, PERMENPANRB_16_2014, KEP_25_2004, IPAK)


def counted(codes, answers: np.ndarray) -> Tally:
    """The tally of a matrix of answers, 0 where there is none."""
    rows: dict[tuple[int | None, ...], int] = {}
    for line in answers.tolist():
        row = tuple(rating or None for rating in line)
        rows[row] = rows.get(row, 0) + 1
    return tally_rows(codes, rows)


def evaluated(rule, answers: np.ndarray, weights="exact", population=None):
    tally = counted(rule.codes, answers)
    asked = {code: (code,) for code in rule.codes}
    result = score(tally, asked, rule, parse_weights(weights, rule.codes))
    return tally, result, certainty(tally, result, population)


def independent_interval(answers: np.ndarray, low: float, high: float, population: int | None = None):
    """The interval's definition over raw answers: everybody answered everything, elements weigh the same."""
    n = len(answers)
    shares = (answers.mean(axis=1) - 1) / 3
    share = shares.mean()
    factor, draws = 1.0, float(n)
    if population is not None:
        factor, draws = (population - n) / (population - 1), -population * np.log1p(-n / population)
    variance = shares.var(ddof=1) / n * factor
    effective = draws * (1 + 10 * n * share * (1 - share))
    if variance > 1e-15:
        t = stats.t.ppf(0.975, n - 1) / stats.norm.ppf(0.975)
        effective = min(effective, share * (1 - share) / variance / t**2)
    yes, no = effective * share, effective * (1 - share)
    ends = (
        0.0 if share < 1e-12 else stats.beta.ppf(0.025, yes, no + 1),
        1.0 if share > 1 - 1e-12 else stats.beta.ppf(0.975, yes + 1, no),
    )
    return [low + (high - low) * end for end in ends], yes, no


def a_survey(chance: np.random.Generator, elements: int) -> np.ndarray:
    """Answers as surveys have them: some good, some bad, some all alike, some left early."""
    respondents = int(chance.choice([0, 1, 2, 3, 10, 30, 60]))
    mood = chance.dirichlet(chance.choice([0.3, 1.0, 4.0]) * np.array([0.5, 1.0, 3.0, 3.0]))
    answers = chance.choice([1, 2, 3, 4], size=(respondents, elements), p=mood)
    alike = chance.random(respondents) < chance.choice([0.0, 0.5, 1.0])
    answers[alike] = answers[alike][:, :1]
    if respondents and chance.random() < 0.5:
        for line in answers:
            if chance.random() < 0.3:
                line[chance.integers(1, elements) :] = 0
    return answers


def check_score(result, answers: np.ndarray, rule) -> None:
    seen = answers > 0
    assert result.responses == len(answers)
    assert result.complete == int(seen.all(axis=1).sum())
    for place, element in enumerate(result.elements):
        column = answers[:, place][seen[:, place]]
        assert (element.answers, element.total) == (len(column), int(column.sum()))
        assert (element.mean is None) == (len(column) == 0)
        if len(column):
            assert float(element.mean) == pytest.approx(column.mean(), rel=1e-14)
    if not seen.any(axis=0).all():
        assert (result.index_exact, result.index, result.band) == (None, None, None)
        return
    with localcontext() as context:
        context.prec = 50
        means = [Decimal(int(answers[:, p].sum())) / Decimal(int(seen[:, p].sum())) for p in range(answers.shape[1])]
        exact = rule.index_factor * sum(means) / len(means)
        # as close as fifty digits come, so a figure beside a tie cannot hide
        assert abs(exact - Decimal(result.index_exact.numerator) / result.index_exact.denominator) < Decimal("1e-46")
        assert result.index == (exact + Decimal("1e-45")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    lower = [band.lower for band in rule.bands if band.lower <= result.index]
    assert result.band.lower == max(lower)


def check_reliability(tally: Tally, answers: np.ndarray, codes) -> None:
    found = reliability(tally, codes)
    whole = answers[(answers > 0).all(axis=1)].astype(float)
    k = whole.shape[1]
    totals = whole.sum(axis=1)
    if len(whole) < 2 or totals.var() == 0:
        assert found.alpha is None
    else:
        alpha = k / (k - 1) * (1 - whole.var(axis=0, ddof=1).sum() / totals.var(ddof=1))
        assert found.alpha == pytest.approx(alpha, rel=1e-9, abs=1e-9)
    for place, code in enumerate(codes):
        own, rest = whole[:, place], totals - whole[:, place]
        if len(whole) < 2 or own.std() == 0 or rest.std() == 0:
            assert found.item_total[code] is None
        else:
            assert found.item_total[code] == pytest.approx(stats.pearsonr(own, rest)[0], abs=1e-9)


@pytest.mark.long
def test_ten_thousand_random_surveys_equal_an_independent_computation():
    chance = np.random.default_rng(20_171_114)
    intervals = 0
    for number in range(10_000):
        rule = RULES[number % len(RULES)]
        answers = a_survey(chance, len(rule.codes))
        tally, result, sure = evaluated(rule, answers)
        check_score(result, answers, rule)
        check_reliability(tally, answers, rule.codes)
        if len(answers) > 1 and (answers > 0).all():
            factor = rule.index_factor
            expected, _, _ = independent_interval(answers, factor, 4 * factor)
            assert sure.interval == pytest.approx(expected, abs=1e-7 * factor)
            intervals += 1
        if sure is not None:
            low, high = sure.interval
            assert low <= result.index_exact <= high
            assert sum(sure.grade_probabilities.values()) == pytest.approx(1)
    assert intervals > 2000


# -- the interval ----------------------------------------------------------------------------------------------------

NINE = PERMENPANRB_14_2017


def column(*ratings: int) -> np.ndarray:
    """One citizen per rating, who gave it to every element."""
    return np.array([[rating] * 9 for rating in ratings])


@pytest.mark.parametrize("respondents", [2, 10, 49])
def test_all_fours_are_not_a_sure_hundred(respondents):
    _, result, sure = evaluated(NINE, column(*[4] * respondents))
    assert (str(result.index), sure.interval[1]) == ("100.00", pytest.approx(100))
    # what so many citizens alike can rule out: one end of Clopper and Pearson's interval for all of n
    assert sure.interval[0] == pytest.approx(25 + 75 * 0.025 ** (1 / respondents))
    assert sure.grade_probabilities["A"] < 1


def test_all_ones_are_not_a_sure_twenty_five():
    _, _, sure = evaluated(NINE, column(*[1] * 10))
    assert sure.interval == (25, pytest.approx(100 - 75 * 0.025 ** (1 / 10)))


@pytest.mark.parametrize("respondents", [10, 30, 49])
def test_one_citizen_who_differs_a_little_hardly_moves_the_interval(respondents):
    perfect = evaluated(NINE, column(*[4] * respondents))[2].interval
    answers = column(*[4] * respondents)
    answers[0, 0] = 3
    low, high = evaluated(NINE, answers)[2].interval
    assert high == pytest.approx(100)
    assert 0 < low - perfect[0] < (perfect[1] - perfect[0]) / 3


def test_the_more_citizens_differ_the_surer_the_index_until_their_spread_takes_over():
    widths = []
    for differing in range(5):
        answers = column(*[4] * 20)
        answers[:differing, 0] = 3
        widths.append(np.ptp(evaluated(NINE, answers)[2].interval))
    assert widths == sorted(widths, reverse=True)


def test_a_known_population_narrows_the_interval_by_the_share_asked():
    answers = np.array([[1 + (3 * row + place) % 4 for place in range(9)] for row in range(20)] + [[3] * 9] * 20)
    _, _, everywhere = evaluated(NINE, answers)
    _, _, here = evaluated(NINE, answers, population=50)
    expected, yes, no = independent_interval(answers, 25, 100, population=50)
    assert here.interval == pytest.approx(expected)
    assert here.effective == pytest.approx(yes + no)
    assert here.interval[1] - here.interval[0] < everywhere.interval[1] - everywhere.interval[0]


@pytest.mark.parametrize("ratings", [(4, 3, 3), (4,)])
def test_when_everybody_answered_nothing_is_left_to_chance(ratings):
    _, result, sure = evaluated(NINE, column(*ratings), population=len(ratings))
    assert sure.interval == (float(result.index_exact), float(result.index_exact))
    grade = result.band.grade
    assert sure.grade_probabilities == {"A": 0, "B": 0, "C": 0, "D": 0} | {grade: 1}


def test_a_population_is_not_used_up_by_citizens_who_left_early():
    # a hundred came, but two answered more than the first question
    answers = np.zeros((100, 9), dtype=int)
    answers[:, 0] = 3
    answers[:2] = [[4] * 9, [2] * 9]
    low, high = evaluated(NINE, answers, population=100)[2].interval
    assert high - low > 30
    wider = evaluated(NINE, answers, population=101)[2].interval
    assert wider == pytest.approx((low, high), abs=0.5)


def test_of_a_population_asked_nearly_whole_a_rare_citizen_may_still_be_unseen():
    # 800 of 1000 gave all fours; the index of the thousand is 99.925 if one of the others gave all ones
    _, _, sure = evaluated(NINE, column(*[4] * 800), population=1000)
    assert 99 < sure.interval[0] < 99.925


def test_fewer_people_than_respondents_are_refused():
    with pytest.raises(Refusal) as refusal:
        evaluated(NINE, column(4, 3, 3), population=2)
    assert refusal.value.code == "population_invalid"


def test_one_respondent_and_nobody_have_no_interval():
    assert evaluated(NINE, column(4))[2] is None
    assert evaluated(NINE, np.zeros((0, 9), dtype=int))[2] is None


@pytest.mark.parametrize(("weights", "low", "high"), [("0.11", 24.75, 99), ("0.111", 24.975, 99.9)])
def test_a_printed_weight_stretches_the_interval_with_its_scale(weights, low, high):
    answers = np.array([[3, 4, 4, 2, 3, 4, 3, 4, 4]] * 6 + [[4, 3, 2, 2, 4, 4, 3, 1, 4]] * 9)
    expected, _, _ = independent_interval(answers, low, high)
    assert evaluated(NINE, answers, weights)[2].interval == pytest.approx(expected)


def test_own_weights_decide_whose_spread_counts():
    answers = column(*[3] * 30)
    answers[:, 0] = [1, 4] * 15
    light = "REQ=1/100 " + " ".join(f"{code}=99/800" for code in NINE.codes[1:])
    heavy = "REQ=92/100 " + " ".join(f"{code}=1/100" for code in NINE.codes[1:])
    spans = [np.ptp(evaluated(NINE, answers, weights)[2].interval) for weights in (light, "exact", heavy)]
    assert spans == sorted(spans)


def test_who_left_early_counts_with_what_they_answered():
    answers = np.random.default_rng(9).choice([1, 2, 3, 4], size=(30, 9), p=[0.1, 0.2, 0.4, 0.3])
    answers[:4, 6:] = 0
    tally, result, sure = evaluated(NINE, answers)
    whole = answers[4:].astype(float)
    together = np.corrcoef(whole.T)
    seen = np.where(answers > 0, answers, np.nan)
    spread, n = np.nanstd(seen, axis=0, ddof=1), (answers > 0).sum(axis=0)
    variance = 0.0
    for a in range(9):
        for b in range(9):
            both = min(n[a], n[b]) if together[a, b] > 0 else 26
            variance += together[a, b] * spread[a] * spread[b] * both / (n[a] * n[b]) / 27**2
    assert (together < 0).any()
    share = float((result.index_exact / 25 - 1) / 3)
    t = stats.t.ppf(0.975, n.min() - 1) / stats.norm.ppf(0.975)
    assert sure.effective == pytest.approx(share * (1 - share) / variance / t**2)
    assert tally.complete == 26


def test_two_complete_sheets_do_not_tell_how_a_hundred_others_answer_together():
    apart = np.zeros((200, 9), dtype=int)
    apart[:100, :4] = np.where(np.arange(100)[:, None] % 2, 4, 1)
    apart[100:, 4:] = np.where(np.arange(100)[:, None] % 2, 4, 1)
    without = evaluated(NINE, apart)[2].interval
    opposite = np.vstack([apart, [4, 4, 4, 4, 1, 1, 1, 1, 1], [1, 1, 1, 1, 4, 4, 4, 4, 4]])
    assert np.ptp(evaluated(NINE, opposite)[2].interval) > 0.9 * np.ptp(without)


def test_where_nobody_answered_everything_answers_are_taken_to_go_together():
    # the rotating short form: each citizen answers some; no covariance is known, so the widest is taken
    apart = np.zeros((60, 9), dtype=int)
    for row in range(60):
        apart[row, [(row + step) % 9 for step in (0, 3, 6)]] = [2 + row % 3, 3, 4 - row % 2]
    tally, result, sure = evaluated(NINE, apart)
    assert tally.complete == 0
    spread = [np.std(part[part > 0], ddof=1) / math.sqrt((part > 0).sum()) for part in apart.T]
    share = float((result.index_exact / 25 - 1) / 3)
    n = min((part > 0).sum() for part in apart.T)
    t = stats.t.ppf(0.975, n - 1) / stats.norm.ppf(0.975)
    assert sure.effective == pytest.approx(share * (1 - share) / (sum(spread) / 27) ** 2 / t**2)


def test_several_questions_in_an_element_share_its_weight():
    asked = {code: (code,) for code in NINE.codes} | {"REQ": ("REQ", "REQ-2")}
    questions = ("REQ", "REQ-2", *NINE.codes[1:])
    chance = np.random.default_rng(3)
    answers = chance.choice([2, 3, 4], size=(25, 10))
    tally = counted(questions, answers)
    result = score(tally, asked, NINE)
    weights = np.array([1 / 18, 1 / 18] + [1 / 9] * 8)
    shares = (answers @ weights - 1) / 3
    share, variance = shares.mean(), shares.var(ddof=1) / 25
    t = stats.t.ppf(0.975, 24) / stats.norm.ppf(0.975)
    assert certainty(tally, result).effective == pytest.approx(share * (1 - share) / variance / t**2)


# -- probabilities of the grades -------------------------------------------------------------------------------------


def test_a_grade_is_as_probable_as_the_indices_that_round_into_its_band():
    answers = np.array([[3, 4, 4, 2, 3, 4, 3, 4, 4]] * 6 + [[4, 3, 2, 2, 4, 4, 3, 1, 4]] * 9)
    _, yes, no = independent_interval(answers, 25, 100)
    below = [stats.beta.cdf((bound - 0.005 - 25) / 75, yes + 0.5, no + 0.5) for bound in (65.00, 76.61, 88.31)]
    assert evaluated(NINE, answers)[2].grade_probabilities == pytest.approx(
        {"D": below[0], "C": below[1] - below[0], "B": below[2] - below[1], "A": 1 - below[2]}
    )


def test_grades_come_highest_first():
    assert list(evaluated(NINE, column(4, 3))[2].grade_probabilities) == ["A", "B", "C", "D"]


# -- reliability -----------------------------------------------------------------------------------------------------


def test_alpha_of_answers_that_always_agree_is_one():
    tally = counted(NINE.codes, column(4, 3, 2, 2))
    found = reliability(tally, NINE.codes)
    assert found.alpha == pytest.approx(1)
    assert all(value == pytest.approx(1) for value in found.item_total.values())


def test_one_question_one_respondent_and_no_spread_have_no_reliability():
    assert reliability(counted(NINE.codes, column(4, 3)), ("REQ",)).alpha is None
    assert reliability(counted(NINE.codes, column(4)), NINE.codes).alpha is None
    found = reliability(counted(NINE.codes, column(4, 4)), NINE.codes)
    assert found.alpha is None
    assert set(found.item_total.values()) == {None}


def test_alpha_stays_exact_where_floats_would_cancel():
    # a billion respondents: the covariance is a tiny difference of huge products
    tally = tally_rows(NINE.codes, {(4,) * 9: 10**9, (3,) + (4,) * 8: 1})
    assert reliability(tally, NINE.codes).alpha == 0
