"""The suite notices mistakes planted in the scoring code: some in each file here, all with `make torture`."""

from pathlib import Path

import pytest

from tests.mutants import MUTANTS, killed

ROOT = Path(__file__).resolve().parents[1]
FIRST = {mutant.file: mutant for mutant in reversed(MUTANTS)}
FEW = [mutant for mutant in MUTANTS if mutant in {*FIRST.values(), *MUTANTS[::6]}]


@pytest.fixture(scope="module")
def noticed():
    """Mutant -> whether it was noticed; None for our own code."""
    return killed(FEW)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mistake_has_its_place_in_the_code_as_it_is(mutant):
    assert mutant.old in (ROOT / mutant.file).read_text(encoding="utf-8")


@pytest.mark.long
def test_our_own_code_passes_what_the_mutants_have_to_fail(noticed):
    assert not noticed[None]


@pytest.mark.long
@pytest.mark.parametrize("mutant", FEW, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(noticed, mutant):
    assert noticed[mutant]
