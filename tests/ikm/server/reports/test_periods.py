from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from ikm.domain.period import Period, PeriodKind, period_of
from ikm.server.reports.periods import KINDS, after, at_length, before, period_code

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (PeriodKind.MONTH, "2026-08"),
        (PeriodKind.QUARTER, "2026-Q3"),
        (PeriodKind.SEMESTER, "2026-S2"),
        (PeriodKind.YEAR, "2026"),
    ],
)
def test_every_length_has_its_written_code(kind, code):
    assert period_code(period_of(date(2026, 8, 31), kind)) == code


def test_a_free_period_has_no_code():
    with pytest.raises(Refusal, match="period_invalid"):
        period_code(Period(date(2026, 1, 5), date(2026, 2, 9)))


@given(DAYS, st.sampled_from(KINDS))
def test_one_back_and_one_on_is_where_one_was(day, kind):
    period = period_of(day, kind)
    assert before(period).end == period.start
    assert after(before(period), day) == period


@given(DAYS, st.sampled_from(KINDS))
def test_no_way_leads_into_a_period_that_has_not_begun(day, kind):
    assert after(period_of(day, kind), day) is None


@given(DAYS, DAYS, st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_another_length_keeps_to_days_of_the_period_and_to_today(day, today, kind, other):
    period = period_of(day, kind)
    chosen = at_length(period, other, today)
    assert chosen.kind is other
    anchor = today if today in period else period.end - timedelta(days=1)
    assert anchor in chosen


def test_before_the_first_day_of_the_calendar_there_is_nothing():
    assert before(period_of(date.min, PeriodKind.YEAR)) is None
