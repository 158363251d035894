"""The weekly look at all that is kept: when it begins, what it leaves, and that it never begins in anybody's way."""

import threading

import pytest

from ikm import wire
from kiosk.checking import AGAIN_MS, EVERY_MS, IDLE_MS, CheckResult, WeeklyCheck, last_check
from kiosk.store import Store
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples


class Week:
    """A check with its clocks set by hand. `found` is what it finds."""

    def __init__(self, folder):
        self.folder = folder
        self.wall_ms, self.boot_ms = 1_793_500_000_000, 50_000
        self.whole, self.broken = True, 0
        self.looked = 0
        self.trouble: Exception | None = None
        self.weekly = WeeklyCheck(self.check, self.told, folder, lambda: self.wall_ms, lambda: self.boot_ms)

    def check(self):
        self.looked += 1
        if self.trouble:
            raise self.trouble
        return self.whole

    def told(self):
        self.broken += 1

    def look(self, idle_ms=IDLE_MS):
        self.weekly.look(idle_ms)
        if self.weekly._thread is not None:
            self.weekly._thread.join(10)
        return self.looked

    def later(self, by_ms):
        self.wall_ms += by_ms
        self.boot_ms += by_ms


@pytest.fixture
def week(tmp_path):
    return Week(tmp_path)


def test_a_check_waits_until_nobody_has_been_there_for_a_while(week):
    assert week.look(IDLE_MS - 1) == 0
    assert last_check(week.folder) is None
    assert week.look() == 1


def test_it_is_due_once_a_week_across_restarts(week):
    assert week.look() == 1
    again = Week(week.folder)
    again.later(EVERY_MS - 1)
    assert again.look() == 0
    again.later(1)
    assert again.look() == 1


def test_a_check_noted_by_a_clock_that_was_ahead_does_not_put_off_the_next_for_years(week):
    week.wall_ms += 10**12
    assert week.look() == 1
    again = Week(week.folder)
    assert again.look() == 1


def test_what_is_found_is_kept_and_told(week, caplog):
    week.look()
    assert (week.broken, last_check(week.folder)) == (0, CheckResult(week.wall_ms, whole=True))
    week.whole = False
    week.later(EVERY_MS)
    week.look()
    assert (week.broken, last_check(week.folder)) == (1, CheckResult(week.wall_ms, whole=False))
    assert caplog.text.count("not all that is kept is whole") == 1


def test_a_check_that_broke_off_is_tried_again_after_an_hour(week, caplog):
    week.trouble = OSError("input/output error")
    assert week.look() == 1
    assert last_check(week.folder) is None
    assert week.look() == 1
    week.later(AGAIN_MS)
    assert week.look() == 2
    assert "could not be looked at" in caplog.text


def test_one_check_runs_at_a_time(week):
    gate, begun = threading.Event(), []

    def slow():
        begun.append(1)
        return gate.wait(10)

    weekly = WeeklyCheck(slow, week.told, week.folder, lambda: 0, lambda: week.boot_ms)
    weekly.look(IDLE_MS)
    first = weekly._thread
    week.later(AGAIN_MS)
    weekly.look(IDLE_MS)
    gate.set()
    first.join(10)
    assert (len(begun), weekly._thread) == (1, first)


@pytest.mark.parametrize("content", [b"", b"{", b'{"at_ms": "x", "whole": true}', b"\x00" * 40])
def test_a_note_nobody_can_read_is_none(week, content):
    (week.folder / "storage-check.json").write_bytes(content)
    assert last_check(week.folder) is None
    assert week.look() == 1


def test_on_the_real_store_a_changed_answer_is_found(tmp_path):
    with Store.open(tmp_path) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        for _ in range(3):
            store.append(samples.body())
        week = Week(tmp_path)
        week.weekly._check = store.check_whole
        week.look()
        assert last_check(tmp_path).whole
        row = store.pending(1, 3)[1]
        changed = bytes(row.body).replace(b'"REQ":3', b'"REQ":4')
        assert changed != bytes(row.body)
        wire.decode_body(changed)
        with store._engine.begin() as connection:
            for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("UPDATE responses SET body = ? WHERE seq = 2", (changed,))
        week.later(EVERY_MS)
        week.look()
        assert not last_check(tmp_path).whole
        assert week.broken == 1
