"""The suite notices every mistake planted in the scoring code: see `tests.mutants`."""

import pytest

from tests.mutants import MUTANTS, killed

pytestmark = pytest.mark.long


def test_our_own_code_passes_what_the_mutants_have_to_fail():
    assert not killed(None)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(mutant):
    assert killed(mutant)
