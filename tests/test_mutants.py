"""The suite notices every mistake planted in the scoring code: see `tests.mutants`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.mutants import MUTANTS, killed

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def noticed():
    """Mutant -> whether it was noticed; None for our own code. Two at a time, each in a process of its own."""
    planted = [None, *MUTANTS]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(planted, pool.map(killed, planted), strict=True))


def test_our_own_code_passes_what_the_mutants_have_to_fail(noticed):
    assert not noticed[None]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(noticed, mutant):
    assert noticed[mutant]
