"""The tables of docs/reliability.md: each fault, threat and bad input stands there once, every test it names exists."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows(heading):
    """The cells of each row of the table below that heading."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = [line.strip("|").split(" | ") for line in section.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in cells] for cells in found]


FAULTS, THREATS, INPUTS = rows("The fault matrix"), rows("Threats"), rows("Bad input")


@pytest.mark.parametrize(
    ("table", "first", "last"),
    [(FAULTS, 1, 57), (THREATS, 1, 40), (INPUTS, 68, 98)],
    ids=["faults", "threats", "inputs"],
)
def test_every_number_stands_in_its_table_once(table, first, last):
    assert Counter(int(cells[0]) for cells in table) == Counter(range(first, last + 1))


@pytest.mark.parametrize("table", [FAULTS, THREATS, INPUTS], ids=["faults", "threats", "inputs"])
def test_every_row_names_a_test_or_says_why_there_is_none(table):
    for cells in table:
        assert len(cells) == 4, cells
        proof = cells[3]
        reason = re.match(r"(Not tried here: |Issue [67]: )\S+( \S+){3,}", proof)
        assert NAMED.search(proof) or reason, cells


def test_every_test_that_is_named_exists():
    named = sorted(set(NAMED.findall(DOCUMENT)))
    assert len(named) > 180
    missing = [f"{path}::{name}" for path, name in named if not _exists(path, name)]
    assert missing == []


def test_no_threat_of_the_officials_pages_and_no_input_waits_for_later():
    """Issue 6 asks for a test of each; what else is said of one stands behind it."""
    asked = {12, *range(15, 33)}
    waiting = [cells[0] for cells in THREATS if int(cells[0]) in asked and not NAMED.search(cells[3])]
    assert waiting == []
    assert [cells[0] for cells in INPUTS if not NAMED.search(cells[3])] == []


def test_what_is_no_test_is_not_taken_for_one():
    assert not _exists("tests/test_reliability_document.py", "rows")
    assert not _exists("tests/test_reliability_document.py", "test_nobody_wrote")
    assert not _exists("tests/test_nowhere.py", "")


def _exists(path: str, name: str) -> bool:
    if not (ROOT / path).is_file():
        return False
    return not name or (name.startswith("test_") and name in _functions(path))


@cache
def _functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
