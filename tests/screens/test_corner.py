"""The staff's way in: a finger at rest in the corner, and nothing else."""

import time

import pytest

from tests.screens.scenes import scenes

HOLD_S = 0.5
"""Shorter than on a kiosk, so that the suite need not wait."""


@pytest.fixture
def called(stage, monkeypatch):
    from kiosk.screens.corner import Corner

    calls = []
    corner = Corner(lambda: calls.append(1), HOLD_S)
    monkeypatch.setattr(stage.app, "_corner", corner)
    stage.show(scenes()["attract"])
    yield calls
    corner.forget()


def hold(stage, seconds):
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        stage.frames(1)
        time.sleep(0.01)


def test_a_finger_that_rests_in_the_corner_calls_the_staff_once(stage, called):
    stage.press(20, 20)
    hold(stage, HOLD_S - 0.2)
    assert called == []
    hold(stage, 0.5)
    stage.release(20, 20)
    assert called == [1]


@pytest.mark.parametrize("how", ["let go", "slid away", "elsewhere", "right button", "second finger"])
def test_nothing_else_does(stage, called, how):
    start = (400, 300) if how == "elsewhere" else (20, 20)
    stage.press(*start, "right" if how == "right button" else "left")
    if how == "let go":
        stage.release(*start)
    if how == "slid away":
        stage.move(500, 20)
        stage.move(20, 20)
    if how == "second finger":
        stage.press(600, 400)
    hold(stage, HOLD_S + 0.2)
    for place in (start, (600, 400)):
        stage.release(*place)
    assert called == []
