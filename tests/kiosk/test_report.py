"""The screen report: a line per change, in order, and no answer in it."""

import json

from kiosk.model import Place, Screen
from kiosk.report import Report, Sight

QUESTION = Sight(Place(Screen.QUESTION, "REQ"), False, {"rating-1": (40, 350, 288, 410)})


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_change_is_a_line(tmp_path):
    report = Report(tmp_path / "report.jsonl")
    report.tell(QUESTION)
    report.tell(Sight(QUESTION.place, True, QUESTION.targets))
    report.tell(Sight(Place(Screen.THANKS), True, {}, ("done",)))
    assert lines(tmp_path / "report.jsonl") == [
        {
            "n": 1, "screen": "question", "subject": "REQ", "accepts": False,
            "targets": {"rating-1": [40, 350, 288, 410]}, "ring": [],
        },
        {
            "n": 2, "screen": "question", "subject": "REQ", "accepts": True,
            "targets": {"rating-1": [40, 350, 288, 410]}, "ring": [],
        },
        {"n": 3, "screen": "thanks", "subject": "", "accepts": True, "targets": {}, "ring": ["done"]},
    ]  # fmt: skip


def test_the_same_sight_is_told_once(tmp_path):
    report = Report(tmp_path / "report.jsonl")
    report.tell(QUESTION)
    report.tell(QUESTION)
    assert len(lines(tmp_path / "report.jsonl")) == 1


def test_lines_of_an_earlier_run_are_kept(tmp_path):
    Report(tmp_path / "report.jsonl").tell(QUESTION)
    Report(tmp_path / "report.jsonl").tell(QUESTION)
    assert [line["n"] for line in lines(tmp_path / "report.jsonl")] == [1, 1]
