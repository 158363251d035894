"""Users in spans, and what they say of a period."""

from datetime import date

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.period import PeriodKind, parse_period
from ikm.domain.population import MOST_USERS, Users, uncovered, users_in


def users(start, end, number=10):
    return Users(date.fromisoformat(start), date.fromisoformat(end), number)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ([], None),
        ([users("2026-01-01", "2026-04-01")], 10),
        ([users("2026-01-01", "2026-02-15", 3), users("2026-02-15", "2026-04-01", 4)], 7),
        # a gap, a span that reaches beyond, one that is longer than the period
        ([users("2026-01-01", "2026-02-01"), users("2026-03-01", "2026-04-01")], None),
        ([users("2026-01-01", "2026-03-01"), users("2026-03-01", "2026-04-02")], None),
        ([users("2026-01-01", "2027-01-01")], None),
        ([users("2025-12-31", "2026-04-01")], None),
        # one that reaches beyond is left out where others suffice
        ([users("2026-01-01", "2026-04-01"), users("2026-04-01", "2026-07-01")], 10),
    ],
)
def test_only_spans_that_lie_within_a_period_and_cover_it_count(said, number):
    assert users_in(parse_period("2026-Q1"), reversed(said)) == number


def test_what_is_not_covered_is_told():
    gaps = uncovered(parse_period("2026-Q1"), [users("2026-02-01", "2026-03-01"), users("2026-03-20", "2026-06-01")])
    assert [(gap.start.isoformat(), gap.end.isoformat()) for gap in gaps] == [
        ("2026-01-01", "2026-02-01"), ("2026-03-01", "2026-04-01"),
    ]  # fmt: skip
    assert uncovered(parse_period("2026-Q1"), [users("2026-01-01", "2026-04-01")]) == ()


def test_a_span_is_called_by_the_name_people_know_it_by():
    assert users("2026-07-01", "2027-01-01").period.kind is PeriodKind.SEMESTER
    assert users("2026-11-01", "2026-12-01").period.label == "November 2026"
    assert users("2026-11-02", "2026-12-01").period.kind is PeriodKind.FREE


@pytest.mark.parametrize("number", [0, -1, MOST_USERS + 1])
def test_nobody_and_more_than_everybody_are_refused(number):
    with pytest.raises(Refusal, match="population_invalid"):
        users("2026-01-01", "2026-02-01", number)


def test_a_span_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refusal, match="period_invalid"):
        users("2026-02-01", "2026-02-01")
