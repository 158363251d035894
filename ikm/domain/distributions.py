"""The beta and Student distributions, as far as intervals need them, without a numerical library.

The device and the domain carry no numerical library, and two quantiles are not worth one. The tests compare these with
SciPy over the whole range in use.
"""

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

_TINY = 1e-300
_EPSILON = 1e-15
_STEPS = 100_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """The probability (0-1) that a beta variable with shapes a, b is at most x: the regularised incomplete beta.

    By the continued fraction of DiDonato and Morris, evaluated with Lentz's method on the side where it converges fast.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x (0-1) that a beta variable with shapes a, b stays below with that probability."""
    low, high = 0.0, 1.0
    # starting at the normal approximation and stepping by Newton, held inside the bracket, needs a dozen evaluations
    x = a / (a + b) + NormalDist().inv_cdf(probability) * sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    for _ in range(200):
        if not low < x < high:
            x = (low + high) / 2
        over = beta_cdf(x, a, b) - probability
        low, high = (low, x) if over > 0 else (x, high)
        slope = exp(scale + (a - 1) * log(x) + (b - 1) * log1p(-x)) if 0 < x < 1 else 0.0
        step = over / slope if slope > 0 else 1.0
        if abs(step) < 1e-14 or high - low < 1e-15:
            return min(max(x - step if slope > 0 else x, 0.0), 1.0)
        x -= step
    return x


def student_quantile(probability: float, freedom: float) -> float:
    """The value that Student's t with that many degrees of freedom stays below; for probabilities above one half."""
    x = beta_quantile(2 * (1 - probability), freedom / 2, 0.5)
    return sqrt(freedom * (1 - x) / x)


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away(1 + even * d), _away(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away(1 + odd * d), _away(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
