"""What a run of some parts leaves in the summary, and what is seen of a part that breaks."""

import json

from tests.torture import __main__ as torture
from tests.torture.result import Result


def test_a_part_run_alone_replaces_its_own_line_and_keeps_the_others(tmp_path):
    summary = tmp_path / "torture" / "summary.json"
    torture.keep([Result("kills", cases=1_000), Result("network", cases=7, lost=1)], summary)
    torture.keep([Result("network", cases=9)], summary)
    assert [(line["name"], line["cases"], line["lost"]) for line in json.loads(summary.read_text())] == [
        ("kills", 1_000, 0),
        ("network", 9, 0),
    ]


def test_a_summary_broken_off_in_the_middle_is_begun_anew(tmp_path):
    summary = tmp_path / "summary.json"
    summary.write_text('[{"name": "ki')
    torture.keep([Result("flips", cases=3)], summary)
    assert [line["name"] for line in json.loads(summary.read_text())] == ["flips"]


def test_a_part_that_breaks_says_where_and_the_next_still_runs(tmp_path, monkeypatch, capsys):
    def broken(_cases: int, _seed: int) -> list[Result]:
        raise OSError("no such cable")

    parts = {"outage": _Ready(broken), "events": _Ready(lambda cases, _seed: [Result("events", cases=cases)])}
    monkeypatch.setattr(torture, "PARTS", parts)
    monkeypatch.setattr(torture, "SUMMARY", tmp_path / "summary.json")
    assert torture.main(["--cases", "5", "--seed", "1"]) == 1
    said = capsys.readouterr().out
    assert "Traceback" in said
    assert "no such cable" in said
    assert [(line["name"], line["cases"], line["control_failed"]) for line in _lines(tmp_path)] == [
        ("outage", 0, True),
        ("events", 5, False),
    ]


def _lines(folder):
    return json.loads((folder / "summary.json").read_text())


class _Ready:
    cases = quick = 1

    def __init__(self, run) -> None:
        self.run = run
