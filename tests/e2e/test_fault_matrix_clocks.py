"""Faults 26 to 29 of the matrix: clocks that are wrong, that jump, and the ends of days, months and years.

The kiosk's store and client and the server are whole; only the machine's clock is put by hand, where a machine has one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from ikm.domain.period import parse_period
from ikm.server import tables
from ikm.server.enrol import make_code
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.store import Store
from tests.support import samples
from tests.support.http_server import http_server
from tests.support.sample_database import sample_store
from tests.support.served import running
from tests.support.whole_device import HandClock, WholeDevice, now_ms, whole_device
from tests.sync.test_line import self_signed

HOUR_MS = 3_600_000
WRONG = {"1970": 5_000, "2099": 4_090_000_000_000}
CLOCK_FIRST = "Jam dan tanggal perangkat ini mungkin salah; betulkan lebih dahulu."


@dataclass
class Office:
    """A running server, and its books."""

    address: str
    store: ServerStore
    code: str

    def rows(self):
        """Number, moment and how it is known, in the order of the chain."""
        c = tables.response.c
        with self.store._engine.connect() as connection:
            query = select(c.seq, c.occurred_ms, c.clock, c.local_date).order_by(c.epoch, c.seq)
            return [tuple(row) for row in connection.execute(query)]

    def counted(self, period):
        """How many responses count in a period."""
        return sum(cell.tally.responses for cell in self.store.cells(parse_period(period)))


@pytest.fixture
def office(tmp_path):
    settings = Settings.from_environment({"IKM_DATA": str(tmp_path / "server")})
    (tmp_path / "server").mkdir()
    store = sample_store(tmp_path / "server" / "ikm.db")
    with running(create_app(settings)) as address:
        yield Office(address, store, make_code(store, "dukcapil-2", now_ms()).code)
    store.close()


@pytest.mark.parametrize("year", WRONG)
def test_answers_given_by_a_clock_of_another_time_count_in_the_period_they_were_given_in(office, tmp_path, year):
    hand = HandClock(WRONG[year], 60_000)
    began = now_ms()
    with whole_device(tmp_path / "kiosk", office.address, office.code, hand.source) as device:
        device.answer(3)
        assert device.machine.clock().state == "unknown"
        hand.go(2_000)
        assert device.round().failure is None
        assert device.store.queue().pending == 0
        # the server's time does not make that clock a right one
        assert device.machine.clock().state == "unknown"
    assert [kind for _, _, kind, _ in office.rows()] == ["exact"] * 3
    assert all(began - 3_000 < ms <= now_ms() for _, ms, _, _ in office.rows())
    this_year = datetime.now(UTC).year
    assert office.counted(str(this_year)) + office.counted(str(this_year + 1)) == 3
    assert office.counted(year) == 0


@pytest.mark.parametrize("year", WRONG)
def test_what_a_boot_without_contact_left_is_counted_when_it_arrives_and_marked(office, tmp_path, year):
    hand = HandClock(WRONG[year], 60_000)
    with whole_device(tmp_path / "kiosk", office.address, office.code, hand.source) as device:
        device.answer(2)
    later = HandClock(WRONG[year] + HOUR_MS, 30_000, samples.LATER_BOOT)
    with Store.open(tmp_path / "kiosk") as store:
        device = WholeDevice(tmp_path / "kiosk", store, later.source)
        device.answer(1)
        assert device.round().failure is None
    assert [kind for _, _, kind, _ in office.rows()] == ["uncertain", "uncertain", "exact"]
    assert office.counted(year) == 0
    assert sum(cell.tally.responses for cell in office.store.cells(parse_period(str(datetime.now(UTC).year)))) == 3


@pytest.mark.parametrize("year", WRONG)
def test_where_a_wrong_clock_keeps_tls_from_working_people_are_told_of_the_clock_and_answers_stay(
    office, tmp_path, year
):
    hand = HandClock(WRONG[year], 60_000)
    with whole_device(tmp_path / "kiosk", office.address, office.code, hand.source) as device:
        device.answer(2)
        with http_server(lambda _: pytest.fail("asked"), certificate=self_signed(tmp_path)) as other:
            failure = device.round(other.url).failure
        assert failure is not None
        assert failure.sentence.startswith(CLOCK_FIRST)
        assert device.store.queue().pending == 2
        assert device.round().failure is None
    assert len(office.rows()) == 2


def test_a_clock_that_jumps_back_changes_neither_order_nor_moment(office, tmp_path):
    hand = HandClock(now_ms(), 10 * HOUR_MS)
    with whole_device(tmp_path / "kiosk", office.address, office.code, hand.source) as device:
        assert device.round().failure is None
        assert device.machine.clock().state == "synced"
        ids = device.answer(1)
        hand.go(1_000)
        hand.wall_ms -= 2 * HOUR_MS
        # what vouched for the clock vouches no more
        assert device.machine.clock().state == "unknown"
        ids += device.answer(1)
        hand.go(1_000)
        ids += device.answer(1)
        assert [row.id for row in device.store.pending(1, 10)] == ids
        assert device.round().failure is None
    rows = office.rows()
    assert [seq for seq, *_ in rows] == [1, 2, 3]
    assert [kind for _, _, kind, _ in rows] == ["exact"] * 3
    moments = [ms for _, ms, _, _ in rows]
    assert [later - sooner for sooner, later in pairwise(moments)] == [1_000, 1_000]


@pytest.mark.parametrize(("zone", "hours"), [("WIB", 7), ("WITA", 8), ("WIT", 9)])
@pytest.mark.parametrize("end", ["midnight", "month", "year"])
def test_the_last_minute_and_the_first_fall_into_the_periods_of_the_units_own_zone(office, tmp_path, zone, hours, end):
    with office.store._engine.begin() as connection:
        connection.execute(update(tables.unit).where(tables.unit.c.code == "dukcapil").values(time_zone=zone))
    midnight = _midnight(end) - timedelta(hours=hours)
    now = now_ms()
    # a machine that has run since before then, and whose own idea of the time is of no use
    hand = HandClock(0, int(timedelta(days=800).total_seconds() * 1000))
    here = hand.boot_ms
    with whole_device(tmp_path / "kiosk", office.address, office.code, hand.source) as device:
        for seconds in (-60, -60, 60):
            hand.boot_ms = here - (now - int((midnight + timedelta(seconds=seconds)).timestamp() * 1000))
            device.answer(1)
        hand.boot_ms = here + (now_ms() - now)
        assert device.round().failure is None
    days = [day.isoformat() for *_, day in office.rows()]
    before = (_midnight(end) - timedelta(days=1)).date().isoformat()
    assert days == [before, before, _midnight(end).date().isoformat()]
    if end != "midnight":
        length = 7 if end == "month" else 4
        assert (office.counted(before[:length]), office.counted(days[2][:length])) == (2, 1)


def _midnight(end: str) -> datetime:
    """The start, by local clocks, of the day before yesterday, of this month, of this year; never the last hours'."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match end:
        case "midnight":
            return today - timedelta(days=2)
        case "month":
            return (today - timedelta(days=3)).replace(day=1)
        case _:
            return (today - timedelta(days=3)).replace(month=1, day=1)
