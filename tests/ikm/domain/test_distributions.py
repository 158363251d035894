"""Our two quantiles against SciPy's, over more than the range that intervals use."""

import random
from itertools import product

import pytest
from scipy import stats

from ikm.domain.distributions import beta_cdf, beta_quantile, student_quantile

SHAPES = (0.02, 0.5, 1.0, 3.5, 40.0, 700.0, 30_000.0)
PROBABILITIES = (0.001, 0.025, 0.5, 0.975, 0.999)


@pytest.mark.parametrize(("a", "b"), list(product(SHAPES, repeat=2)))
def test_the_beta_distribution_is_scipys(a, b):
    for probability in PROBABILITIES:
        x = beta_quantile(probability, a, b)
        assert x == pytest.approx(stats.beta.ppf(probability, a, b), abs=1e-11, rel=1e-8)
        assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-9)


def test_the_beta_distribution_is_scipys_at_random_places():
    chance = random.Random(14_2017)
    for _ in range(2000):
        a, b = 10 ** chance.uniform(-2, 6), 10 ** chance.uniform(-2, 6)
        probability = chance.random()
        assert beta_quantile(probability, a, b) == pytest.approx(stats.beta.ppf(probability, a, b), abs=1e-10)


def test_outside_the_unit_interval_lies_nothing_or_everything():
    assert beta_cdf(-0.1, 2, 3) == beta_cdf(0, 2, 3) == 0
    assert beta_cdf(1.1, 2, 3) == beta_cdf(1, 2, 3) == 1


@pytest.mark.parametrize("freedom", [1, 2, 3, 9, 29, 48, 399, 10**6])
def test_students_quantile_is_scipys(freedom):
    assert student_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)
