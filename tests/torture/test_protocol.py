"""Device, proxy and server in any order of events: a short run of the state machine in every run of the suite."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.machine import Protocol
from tests.torture.protocol_world import world
from tests.torture.stories import STORIES, tell

EXAMPLES = int(os.environ.get("TORTURE_EXAMPLES", "12"))
STEPS = 25


@pytest.fixture(scope="module")
def running_world(tmp_path_factory):
    with world(tmp_path_factory.mktemp("protocol")) as made:
        yield made


@pytest.mark.parametrize("story", STORIES)
def test_a_promise_is_kept_in_its_story(running_world, story):
    class Here(Protocol):
        world = running_world

    tell(story, Here)


def test_whatever_happens_what_was_given_is_there_once_and_counted_as_it_should_be(running_world):
    class Here(Protocol):
        world = running_world

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
            # a story of 25 steps is told as it was found: to find a shorter one takes minutes
            phases=[Phase.generate], report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
