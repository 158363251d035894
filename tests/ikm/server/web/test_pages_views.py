from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.score import score
from ikm.domain.tally import tally_of
from ikm.server.web.pages import views
from tests.support.samples import CODES, response, skm, tapped

INDICES = st.integers(2500, 10000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))


@given(INDICES)
def test_the_pin_stands_in_the_grade_it_earned(index):
    steps = views.scale(RULE, RULE.grade(index))
    here = next(step for step in steps if step.here)
    assert here.start <= views.on_scale(index, RULE) <= here.start + here.width
    assert here.band.lower <= index <= here.upper


def test_the_grades_fill_the_scale_without_gap_or_overlap():
    steps = views.scale(RULE)
    assert [step.band.grade for step in steps] == ["D", "C", "B", "A"]
    ends = [step.start + step.width for step in steps]
    assert [step.start for step in steps] == [0, *ends[:-1]]
    assert ends[-1] == 1
    assert not any(step.here for step in steps)


@pytest.mark.parametrize(("index", "share"), [("25.00", 0), ("62.50", Fraction(1, 2)), ("100.00", 1)])
def test_an_index_lies_between_the_ends_of_its_scale(index, share):
    assert views.on_scale(Decimal(index), RULE) == share


@pytest.mark.parametrize(
    ("share", "length"), [(Fraction(0), "0.000%"), (Fraction(2, 3), "66.667%"), (Fraction(1), "100.000%")]
)
def test_a_share_is_a_length_an_svg_understands(share, length):
    assert views.percent(share) == length


@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=10, max_size=20))
def test_rows_and_steps_lead_from_the_answers_to_the_index(sheets):
    found = score(tally_of(response(*sheet) for sheet in sheets), skm().elements(), RULE)
    rows = views.rows(found)
    working = views.working(found, rows)
    assert sum(row.weighted for row in rows) == working.weighted_sum == working.sum / 9
    assert working.weighted_sum * working.factor == working.exact == found.index_exact
    assert all(0 <= row.share <= 1 and row.share == (Fraction(row.total, row.answers) - 1) / 3 for row in rows)
    extremes = views.extremes(rows)
    if extremes is None:
        assert len({row.mean for row in rows}) == 1
    else:
        assert {row.mean for row in extremes.lowest} == {min(row.mean for row in rows)}
        assert {row.mean for row in extremes.highest} == {max(row.mean for row in rows)}


def test_an_element_is_graded_by_the_same_table_after_the_same_rounding():
    # of 19 answers: 77.63, 76.32 and 75.00
    sheets = [[4, 4, *[3] * 7], [4, *[3] * 8], *[[3] * 9] * 17]
    rows = views.rows(score(tally_of(response(*sheet) for sheet in sheets), skm().elements(), RULE))
    assert [(row.total, row.band.grade) for row in rows[:3]] == [(59, "B"), (58, "C"), (57, "C")]


@pytest.mark.parametrize(("answers", "thin"), [(9, True), (10, False)])
def test_an_element_of_few_answers_has_no_letter_and_is_neither_lowest_nor_highest(answers, thin):
    # REQ is best and COST worst, each by that many answers; all others have thirty
    sheets = [tapped(code, 3) for code in CODES if code not in ("REQ", "COST") for _ in range(30)]
    sheets += [tapped("REQ", 4)] * answers + [tapped("COST", 1)] * answers + [tapped("TIME", 4)]
    found = score(tally_of(sheets), skm().elements(), RULE)
    rows = {row.code: row for row in views.rows(found)}
    assert {code for code, row in rows.items() if row.thin} == ({"REQ", "COST"} if thin else set())
    assert {code for code, row in rows.items() if row.band is None} == ({"REQ", "COST"} if thin else set())
    extremes = views.extremes(tuple(rows.values()))
    assert [row.code for row in extremes.highest] == (["TIME"] if thin else ["REQ"])
    assert ("COST" in {row.code for row in extremes.lowest}) is not thin
    # nor does it share such a place
    tied = tally_of([tapped("REQ", 4)] * 10 + [tapped("PROC", 1)] * 10 + [tapped("COST", 4), tapped("TIME", 1)])
    ends = views.extremes(views.rows(score(tied, skm().elements(), RULE)))
    assert [row.code for row in (*ends.lowest, *ends.highest)] == ["PROC", "REQ"]
    # the figures themselves stay what they are
    assert (rows["REQ"].mean, rows["COST"].mean) == (4, 1)


def test_few_answers_each_are_few_however_many_questions_an_element_has():
    asked = {**skm().elements(), "REQ": ("REQ", "REQ-2")}
    nine = tally_of([replace(tapped("REQ"), answers={"REQ": 4, "REQ-2": 4})] * 9)
    ten = tally_of([replace(tapped("REQ"), answers={"REQ": 4, "REQ-2": 4})] * 10)
    assert [views.rows(score(tally, asked, RULE))[0].thin for tally in (nine, ten)] == [True, False]


def test_without_an_index_there_is_nothing_to_work_out():
    found = score(tally_of([response(4)]), skm().elements(), RULE)
    rows = views.rows(found)
    assert views.working(found, rows) is None
    assert [row.mean for row in rows] == [4] + [None] * 8
    assert views.extremes(rows) is None
