"""The long parts of `make torture`, each in its shortest form: they run, find nothing, and could find something."""

from pathlib import Path

import pytest

from tests.torture import flips, kills, lying, network
from tests.torture.protocol_mutants import MUTANTS, killed

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.whole, pytest.mark.long]


def test_flipped_bits_are_found_or_have_changed_nothing():
    [result] = flips.run(24, seed=3)
    assert result.good, result.notes


def test_what_a_lying_medium_lost_is_never_served_damaged():
    [result] = lying.run(30, seed=3)
    assert result.good, result.notes


@pytest.mark.window
def test_a_killed_kiosk_keeps_what_it_gave_thanks_for():
    [result] = kills.run(4, seed=3)
    assert (result.lost, result.doubled) == (0, 0), result.notes


# another process, the server's own, checks the code that is made here
@pytest.mark.usefixtures("dear_hashes")
def test_answers_arrive_once_through_troubles_and_clones_are_found():
    [result] = network.run(3_000, seed=3)
    assert (result.lost, result.doubled, result.false_alarms, result.missed) == (0, 0, 0, 0), result.notes


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_has_its_place_in_the_code_as_it_is(mutant):
    # only `make torture` plants all of them, which may be months after the code moved
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1


def test_a_broken_promise_is_noticed():
    [mutant] = [mutant for mutant in MUTANTS if mutant.name == "head not compared"]
    assert killed(mutant, stories_only=True)
