from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from ikm.domain.period import Period, PeriodKind, TimeZone, parse_period, period_of

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
FIXED = [kind for kind in PeriodKind if kind is not PeriodKind.FREE]


@pytest.mark.parametrize(
    ("day", "kind", "start", "end", "label"),
    [
        (date(2026, 2, 28), PeriodKind.MONTH, date(2026, 2, 1), date(2026, 3, 1), "Februari 2026"),
        (date(2026, 12, 31), PeriodKind.MONTH, date(2026, 12, 1), date(2027, 1, 1), "Desember 2026"),
        (date(2026, 6, 30), PeriodKind.QUARTER, date(2026, 4, 1), date(2026, 7, 1), "Triwulan II 2026"),
        (date(2026, 10, 1), PeriodKind.QUARTER, date(2026, 10, 1), date(2027, 1, 1), "Triwulan IV 2026"),
        (date(2019, 6, 30), PeriodKind.SEMESTER, date(2019, 1, 1), date(2019, 7, 1), "Semester I 2019"),
        (date(2019, 7, 1), PeriodKind.SEMESTER, date(2019, 7, 1), date(2020, 1, 1), "Semester II 2019"),
        (date(2024, 2, 29), PeriodKind.YEAR, date(2024, 1, 1), date(2025, 1, 1), "Tahun 2024"),
    ],
)
def test_the_period_a_date_lies_in(day, kind, start, end, label):
    period = period_of(day, kind)
    assert (period.start, period.end, period.label) == (start, end, label)


@given(DAYS, st.sampled_from(FIXED))
def test_a_date_lies_in_its_period_and_the_next_begins_where_it_ends(day, kind):
    period = period_of(day, kind)
    assert day in period
    assert period.end not in period
    assert period_of(period.end, kind).start == period.end


@given(DAYS, st.sampled_from(FIXED))
def test_a_quarter_is_three_months_not_its_first_one(day, kind):
    period = period_of(day, kind)
    months = {(period.start + timedelta(days=n)).month for n in range((period.end - period.start).days)}
    assert len(months) == {"month": 1, "quarter": 3, "semester": 6, "year": 12}[kind]


def test_a_free_period_is_written_with_its_last_day():
    assert Period(date(2026, 1, 5), date(2026, 2, 1)).label == "5 Januari 2026 s.d. 31 Januari 2026"


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_an_empty_period_is_refused(end):
    with pytest.raises(Refusal) as refusal:
        Period(date(2026, 1, 1), end)
    assert refusal.value.code == "period_invalid"


def test_a_date_lies_in_no_particular_free_period():
    with pytest.raises(Refusal):
        period_of(date(2026, 1, 1), PeriodKind.FREE)


@pytest.mark.parametrize(("zone", "first"), [(TimeZone.WIB, 17), (TimeZone.WITA, 16), (TimeZone.WIT, 15)])
def test_the_new_year_begins_at_another_moment_in_each_zone(zone, first):
    before = 1_798_675_200_000 + first * 3_600_000 - 1  # 2026-12-31T00:00Z plus hours, less a millisecond
    assert zone.local_date(before) == date(2026, 12, 31)
    assert zone.local_date(before + 1) == date(2027, 1, 1)


@given(DAYS, st.sampled_from(TimeZone))
def test_the_local_date_agrees_with_the_time_zone_database(day, zone):
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    name = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}[zone.name]
    moment = datetime(day.year, day.month, day.day, 16, 59, 59, tzinfo=UTC)
    assert zone.local_date(int(moment.timestamp() * 1000)) == moment.astimezone(ZoneInfo(name)).date()


@pytest.mark.parametrize(("wall_ms", "year"), [(0, 1970), (-86_400_000, 1969), (2**53 - 1, 9999), (1 - 2**53, 1)])
@pytest.mark.parametrize("zone", TimeZone)
def test_a_clock_however_wrong_has_a_date(wall_ms, year, zone):
    assert zone.local_date(wall_ms).year == year


@pytest.mark.parametrize(
    ("text", "start", "end", "kind"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1), PeriodKind.YEAR),
        ("2026-S1", date(2026, 1, 1), date(2026, 7, 1), PeriodKind.SEMESTER),
        ("2026-S2", date(2026, 7, 1), date(2027, 1, 1), PeriodKind.SEMESTER),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1), PeriodKind.QUARTER),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), PeriodKind.QUARTER),
        ("2026-01", date(2026, 1, 1), date(2026, 2, 1), PeriodKind.MONTH),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1), PeriodKind.MONTH),
    ],
)
def test_a_period_is_written_by_its_code(text, start, end, kind):
    assert parse_period(text) == Period(start, end, kind)


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-", "2026-S0", "2026-S3", "2026-Q0", "2026-Q5", "2026-00", "2026-13", "2026-1", "2026-s1",
     "0000", "9999", " 2026", "2026\n", "٢٠٢٦", "2026-11-01", "2026-Q4-11"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text):
    with pytest.raises(Refusal) as caught:
        parse_period(text)
    assert caught.value.code == "period_invalid"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        (TimeZone.WIB, "31 Desember 2026 pukul 23.30 WIB"),
        (TimeZone.WITA, "1 Januari 2027 pukul 00.30 WITA"),
        (TimeZone.WIT, "1 Januari 2027 pukul 01.30 WIT"),
    ],
)
def test_a_moment_is_written_as_people_in_that_zone_write_it(zone, written):
    assert zone.written(1_798_734_600_000) == written


@pytest.mark.parametrize("utc_ms", [-(2**53), 2**53])
def test_a_moment_beyond_the_calendar_is_still_written(utc_ms):
    assert TimeZone.WIT.written(utc_ms).endswith("WIT")
