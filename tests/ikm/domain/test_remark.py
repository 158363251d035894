from datetime import date

import pytest

from ikm.domain.remark import due_on


@pytest.mark.parametrize(
    ("given", "due"),
    [
        (date(2026, 11, 30), date(2026, 12, 7)),  # Monday to Monday
        (date(2026, 12, 4), date(2026, 12, 11)),  # Friday to Friday
        (date(2026, 12, 5), date(2026, 12, 11)),  # Saturday counts from Monday
    ],
)
def test_a_first_answer_is_due_after_five_working_days(given, due):
    assert due_on(given) == due


def test_a_day_off_is_no_working_day_and_one_on_a_weekend_costs_none():
    off = {date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 8)}
    assert due_on(date(2026, 11, 30), off) == date(2026, 12, 9)
    assert due_on(date(2026, 11, 30), {date(2026, 11, 30)}) == date(2026, 12, 7)
