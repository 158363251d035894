from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given as every
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Instrument
from ikm.server import tables as t
from ikm.server.ingest import Ingest
from ikm.server.store.facets import add_facets, count_facets, hour_of
from ikm.server.store.holding import hold_one
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body

MONDAY_NINE_MS = int(datetime(2026, 10, 26, 2, 30, tzinfo=UTC).timestamp() * 1000)


def facets(store):
    c = t.tally_facet.c
    sums = (func.sum(c.responses), func.sum(c.ratings), func.sum(c.total))
    query = select(c.facet, c.value, *sums).group_by(c.facet, c.value)
    with store._engine.connect() as connection:
        return {(facet, value): tuple(map(int, numbers)) for facet, value, *numbers in connection.execute(query)}


def months(store):
    with store._engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(t.tally_month).order_by(t.tally_month.c.starts_on))]


@pytest.fixture
def given(store):
    device = KioskDevice.enrolled(store)
    visit = wire.VisitMessage(aids=["large"], left_at="question-TIME", unanswered={"question-REQ": 3})
    rows = device.add(
        body(4, 4, 4, 4, 4, 4, 4, 4, 4, wall_ms=MONDAY_NINE_MS, profile={"gender": "P"}),
        body(1, 2, wall_ms=MONDAY_NINE_MS + 3_600_000, reasons={"REQ": "other"}, visit=visit, service="kk"),
        body(wall_ms=MONDAY_NINE_MS, language="en", profile={"gender": "L"}),
    )
    Ingest(store, lambda: NOW_MS).accept(device.call(rows))
    return store


def test_who_answered_and_how_is_counted_with_the_ratings_they_gave(given):
    found = facets(given)
    assert found["hour", "1-09"] == (2, 18, 36 + 27)
    assert ("clock", "uncertain") not in found
    assert found["hour", "1-10"] == (1, 2, 3)
    assert found["language", "id"] == (2, 11, 39)
    assert found["language", "en"] == (1, 9, 27)
    assert found["profile.gender", "P"] == (1, 9, 36)
    assert found["left_at", "question-TIME"] == (1, 2, 3)
    assert found["aid", "large"] == (1, 2, 3)
    assert found["reason", "REQ:other"] == (1, 2, 3)
    assert found["unanswered", "question-REQ"] == (3, 0, 0)
    assert given.differences() == []


def test_a_month_of_a_unit_holds_what_all_its_services_come_to(given):
    [row] = months(given)
    assert row[:6] == ("dukcapil", date(2026, 10, 1), "skm-14-2017-v2", "kiosk", 3, 2)
    codes, totals = row[6].split(" "), row[7]
    place = codes.index("REQ")
    assert totals[4 * place : 4 * place + 4] == [1, 0, 1, 1]


def test_a_response_taken_out_leaves_no_trace_in_any_facet(given):
    with given._engine.begin() as connection:
        for identity in connection.execute(select(t.response.c.id)).scalars().all():
            hold_one(connection, str(identity))
    assert facets(given) == {}
    assert months(given) == []
    assert given.differences() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tally_facet SET responses = responses + 1 WHERE facet = 'hour' AND value = '1-09'",
        "DELETE FROM tally_facet WHERE facet = 'language'",
        "UPDATE tally_month SET responses = responses + 1",
        "DELETE FROM tally_month",
    ],
)
def test_verifying_finds_a_facet_or_a_month_that_was_changed(given, change):
    with given._engine.begin() as connection:
        connection.execute(text(change))
    assert given.differences() != []


@pytest.mark.parametrize("zone", list(TimeZone))
@pytest.mark.parametrize("ms", [0, -1, MONDAY_NINE_MS, MONDAY_NINE_MS + 13 * 3_600_000])
def test_an_hour_is_the_calendars(zone, ms):
    local = zone._local(ms)
    assert hour_of(ms, zone) == f"{local.isoweekday()}-{local.hour:02}"


VISITS = [
    None, wire.VisitMessage(left_at="comment"), wire.VisitMessage(left_at="profile"),
    wire.VisitMessage(aids=[Aid.LARGE]), wire.VisitMessage(aids=[Aid.LARGE, Aid.CONTRAST]),
    wire.VisitMessage(unanswered={"question-REQ": 2, "comment": 0}),
]  # fmt: skip
CHOICES = {
    "answers": [{"REQ": 1}, {"REQ": 4, "COST": 2}],
    "language": ["id", "jv"],
    "instrument": list(Instrument),
    "profile": [{}, {"gender": "P"}, {"gender": "L"}],
    "reasons": [{}, {"REQ": "other"}],
    "visit": VISITS,
    "occurred_ms": [MONDAY_NINE_MS, MONDAY_NINE_MS + 1, MONDAY_NINE_MS + 3_600_000],
    "clock": ["exact", "device", "uncertain"],
}


def a_response(chosen):
    facts = {
        name: choices[number % len(choices)] for (name, choices), number in zip(CHOICES.items(), chosen, strict=True)
    }
    moment = {name: facts.pop(name) for name in ("occurred_ms", "clock")}
    return SimpleNamespace(body=body(**facts), **moment)


# many that differ in one fact alone: those are the ones that could be taken for alike
ALIKE = st.tuples(*(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]) for _ in CHOICES))


@every(st.lists(ALIKE, max_size=12), st.sampled_from([None, TimeZone.WIB, TimeZone.WIT]))
def test_many_counted_at_once_are_what_each_counted_by_itself_comes_to(chosen, zone):
    many = [a_response(each) for each in chosen]
    together, one_by_one = {}, {}
    count_facets(together, many, zone)
    for each in many:
        add_facets(one_by_one, each, zone)
    assert together == one_by_one
