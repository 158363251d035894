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
