"""A few of the 100,000 power cuts of `make torture`, and the proof that they can find something."""

import pytest

from tests.torture.powercuts import CONTROLS, cut, recorded

pytestmark = pytest.mark.whole


@pytest.mark.parametrize("scenario", ["taps", "epochs", "migration-0002"])
def test_what_the_store_promised_survives_a_cut_at_any_moment(scenario):
    result = cut(recorded(scenario), 400, seed=5)
    assert result.good, result.notes


@pytest.mark.parametrize("weak", CONTROLS)
def test_weaker_settings_lose_answers_that_were_promised(weak):
    assert cut(recorded("sending", *CONTROLS[weak]), 400, seed=5).lost > 0
