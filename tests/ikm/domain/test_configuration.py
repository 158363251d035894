from datetime import UTC, datetime, timedelta, timezone

import pytest

from ikm.domain.configuration import Opening, PublishedIndex, Service
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from tests.support.samples import configuration

OFFSET_H = {"WIB": 7, "WITA": 8, "WIT": 9}


def test_the_sample_configuration_is_one_a_kiosk_can_run_on():
    assert configuration().default_language == "id"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"services": ()}, "services"),
        ({"services": (Service("ktp", {"id": "KTP"}),) * 2}, "services"),
        ({"languages": ("en",)}, "languages"),
        ({"default_language": "su"}, "languages"),
        ({"idle_s": 0}, "idle_s"),
        ({"countdown_s": 601}, "countdown_s"),
        ({"thanks_s": -1}, "thanks_s"),
        ({"unit_name": {"en": "Registry"}}, "unit_name"),
        ({"unit_name": {"id": "  "}}, "unit_name"),
        ({"questions_each": 0}, "questions_each"),
        ({"services": (Service("ktp", {"en": "Card"}),)}, "teks"),
        ({"services": (Service("ktp", {"id": "KTP"}, {"TIME": ({"en": "1 day"},)}),)}, "teks"),
        ({"pledge": ({"id": "Kami"}, {"jv": "Kula"})}, "teks"),
        ({"published": PublishedIndex(8345, "B", 312, {"en": "2026"})}, "teks"),
        ({"opening": (Opening(0, 480, 960),)}, "opening"),
        ({"opening": (Opening(8, 480, 960),)}, "opening"),
        ({"opening": (Opening(1, 480, 480),)}, "opening"),
        ({"opening": (Opening(1, 960, 480),)}, "opening"),
        ({"opening": (Opening(1, 480, 1441),)}, "opening"),
        ({"opening": (Opening(1, -1, 480),)}, "opening"),
    ],
)
def test_one_it_could_not_run_on_is_refused_with_the_place(change, where):
    with pytest.raises(Refusal) as refusal:
        configuration(**change)
    assert refusal.value.code == "configuration_invalid"
    assert where in refusal.value.detail


@pytest.mark.parametrize(
    ("weekday_hour_minute", "is_open"),
    [
        # local times of the week from Monday 23 November 2026
        ((23, 7, 59), False), ((23, 8, 0), True), ((23, 11, 59), True), ((23, 12, 0), False), ((23, 13, 0), True),
        ((23, 15, 59), True), ((23, 16, 0), False), ((24, 9, 0), False), ((25, 23, 59), True), ((26, 0, 0), False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", TimeZone)
def test_a_counter_is_open_in_its_hours_by_the_time_of_its_place(zone, weekday_hour_minute, is_open):
    day, hour, minute = weekday_hour_minute
    hours = (Opening(1, 480, 720), Opening(1, 780, 960), Opening(3, 0, 1440))
    local = datetime(2026, 11, day, hour, minute, tzinfo=timezone(timedelta(hours=OFFSET_H[zone.name])))
    moment = int(local.timestamp() * 1000)
    assert configuration(opening=hours, time_zone=zone).is_open(moment) is is_open
    assert configuration(opening=hours, time_zone=zone, closed_on=(f"2026-11-{day}",)).is_open(moment) is False


def test_a_counter_without_hours_is_always_open_but_on_the_dates_it_is_closed():
    moment = int(datetime(2026, 12, 25, 3, tzinfo=UTC).timestamp() * 1000)
    assert configuration().is_open(moment)
    assert not configuration(closed_on=("2026-12-25",)).is_open(moment)
