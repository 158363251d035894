"""A short storm in every run of the suite; ten thousand events come with `make torture`."""

import os
from dataclasses import replace

import pytest

from kiosk import visit
from tests.torture.ledger import Carried
from tests.torture.storm import Storm

EVENTS = 1_200
FEW = 400


def test_no_random_event_breaks_the_kiosk_or_mixes_citizens(stage, tmp_path, capsys):
    seed = int(os.environ.get("STORM_SEED", "7"))
    with capsys.disabled():
        print(f"\nstorm seed {seed}")
    outcome = Storm(stage, tmp_path, seed).run(EVENTS)
    # a storm in which nothing happens proves nothing
    assert outcome.kept >= 5, outcome
    assert outcome.training > 0, outcome
    assert outcome.refused > 0, outcome


@pytest.fixture
def leaking(monkeypatch):
    """Plants a leak: each visit begins with what the citizens before said last."""
    begin, rated, written, said = visit.begin, visit.rated, visit.written, {}

    def leak(part):
        def remember_answer(session, question, rating):
            said["answers"] = {question: rating}
            return rated(session, question, rating)

        def remember_comment(session, letter):
            after = written(session, letter)
            said["comment"] = letter
            return after

        monkeypatch.setattr(visit, "rated", remember_answer)
        monkeypatch.setattr(visit, "written", remember_comment)
        monkeypatch.setattr(
            visit, "begin", lambda model: replace(begin(model), **{part: said[part]} if part in said else {})
        )

    return leak


@pytest.mark.parametrize("part", ["answers", "comment"])
def test_the_storm_sees_on_the_screen_what_another_citizen_said(stage, tmp_path, leaking, part):
    leaking(part)
    events = FEW if part == "answers" else EVENTS
    with pytest.raises(Carried, match="where its citizen said"):
        Storm(stage, tmp_path, 6).run(events)


def test_the_storm_sees_in_the_store_what_another_citizen_said(stage, tmp_path, leaking, monkeypatch):
    leaking("answers")
    monkeypatch.setattr(Storm, "_look_at", lambda storm, model: None)
    with pytest.raises(Carried, match="kept"):
        Storm(stage, tmp_path, 6).run(FEW)
