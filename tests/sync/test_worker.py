import threading
from random import Random

import pytest

from ikm import wire
from sync.failure import Cause, Failure
from sync.worker import SyncStatus, Worker
from tests.support import samples
from tests.support.fake_server import FakeDevice, refused

LONG_S = 3600.0
PATIENCE_S = 10.0
"""How long a test waits for a thread before it says that nothing happened."""


class Longest(Random):
    def uniform(self, a, b):
        return b


class Shortest(Random):
    def uniform(self, a, b):
        return 0.0


class Rounds:
    """Collects what a worker reports, and waits for the n-th."""

    def __init__(self):
        self.seen = []
        self._more = threading.Condition()

    def __call__(self, status):
        with self._more:
            self.seen.append(status)
            self._more.notify_all()

    def comes(self, count, within_s):
        with self._more:
            return self._more.wait_for(lambda: len(self.seen) >= count, within_s)

    def wait_for(self, count):
        assert self.comes(count, PATIENCE_S)
        return self.seen[count - 1]


@pytest.fixture
def rounds():
    return Rounds()


@pytest.fixture
def started(outbox, server, rounds):
    """Starts a worker and ends it with the test."""
    workers = []

    def start(*, interval_s=LONG_S, random=None, device=None):
        worker = Worker(
            outbox, server, device or FakeDevice(), interval_s=interval_s, random=random or Longest(), report=rounds
        )
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop(PATIENCE_S)
        assert worker._thread is not None
        assert not worker._thread.is_alive()


def failing(server, *failures):
    """Fail the next rounds with these, then go well."""
    left = list(failures)

    def before(batch):
        if left:
            raise left.pop(0)

    server.before = before


def test_it_starts_with_a_round_and_says_how_it_went(outbox, rounds, started):
    outbox.append(samples.body())
    worker = started()
    status = rounds.wait_for(1)
    assert (status.pending, status.failure) == (0, None)
    assert status.last_receipt_ms is not None
    assert worker.status == status


def test_before_the_first_round_the_status_knows_what_is_pending(outbox, server):
    outbox.append(samples.body())
    status = Worker(outbox, server, FakeDevice(), interval_s=1, random=Random(1)).status
    assert (status.pending, status.last_receipt_ms, status.failure) == (1, None, None)


def test_a_poke_sends_a_new_row_without_waiting_for_the_heartbeat(outbox, server, rounds, started):
    worker = started()
    rounds.wait_for(1)
    outbox.append(samples.body())
    worker.poke()
    assert rounds.wait_for(2).pending == 0
    assert len(server.rows) == 1
    assert not rounds.comes(3, within_s=0.1)


def test_a_poke_while_a_round_runs_is_not_lost(outbox, server, rounds, started):
    arrived, go_on = threading.Event(), threading.Event()

    def slow(batch):
        arrived.set()
        assert go_on.wait(PATIENCE_S)

    server.before = slow
    worker = started()
    assert arrived.wait(PATIENCE_S)
    worker.poke()
    go_on.set()
    rounds.wait_for(2)


def test_heartbeats_go_on_without_pokes(rounds, started):
    started(interval_s=0.001)
    rounds.wait_for(3)


def test_a_failure_is_told_and_forgotten_after_success(server, rounds, started):
    failing(server, Failure(Cause.NETWORK))
    started(random=Shortest())
    first, second = rounds.wait_for(1), rounds.wait_for(2)
    assert first.failure is not None
    assert first.failure.code == "network"
    assert "jaringan" in first.failure.sentence
    assert first.last_receipt_ms is None
    assert second.failure is None
    assert second.last_receipt_ms is not None


def test_the_last_receipt_is_remembered_through_failures(server, rounds, started):
    worker = started()
    good = rounds.wait_for(1)
    failing(server, Failure(Cause.NETWORK))
    worker.poke()
    bad = rounds.wait_for(2)
    assert bad.failure is not None
    assert bad.last_receipt_ms == good.last_receipt_ms


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), OSError(5, "Input/output error"), KeyError("x"), AssertionError(), MemoryError()]
)
def test_an_unexpected_exception_does_not_end_the_thread(outbox, server, rounds, started, error):
    outbox.append(samples.body())
    failing(server, error)
    started(random=Shortest())
    first, second = rounds.wait_for(1), rounds.wait_for(2)
    assert first.failure is not None
    assert (first.failure.code, first.pending) == ("unexpected", 1)
    assert (second.failure, second.pending) == (None, 0)


def test_a_broken_device_does_not_end_the_thread(server, rounds, started):
    class Broken(FakeDevice):
        def clock(self):
            raise OSError("no clock")

    started(random=Shortest(), device=Broken())
    failure = rounds.wait_for(3).failure
    assert failure is not None
    assert failure.code == "unexpected"


def test_a_status_nobody_can_write_down_does_not_end_the_thread(outbox, server):
    told = threading.Semaphore(0)

    def report(status):
        told.release()
        raise OSError(28, "No space left on device")

    worker = Worker(outbox, server, FakeDevice(), interval_s=0.001, random=Random(1), report=report)
    worker.start()
    try:
        assert all(told.acquire(timeout=PATIENCE_S) for _ in range(3))
    finally:
        worker.stop(PATIENCE_S)


def test_an_error_outside_any_round_is_told_and_the_thread_goes_on(server, outbox, rounds, monkeypatch):
    monkeypatch.setattr("sync.backoff.BASE_S", 0.001)
    outbox.append(samples.body())
    errors = [SystemExit(1), RuntimeError("a bug")]

    class Breaking(Random):
        def uniform(self, a, b):
            if errors:
                raise errors.pop()
            return 0.0

    failing(server, *[Failure(Cause.NETWORK)] * 2)
    worker = Worker(outbox, server, FakeDevice(), interval_s=LONG_S, random=Breaking(), report=rounds)
    worker.start()
    try:
        # failed, broke off, failed, broke off, went well
        assert rounds.wait_for(5).failure is None
    finally:
        worker.stop(PATIENCE_S)
    codes = [status.failure.code if status.failure else None for status in rounds.seen]
    assert codes == ["network", "unexpected", "network", "unexpected", None]
    assert outbox.queue().pending == 0


def test_stop_does_not_wait_for_the_interval(started, rounds):
    worker = started()
    rounds.wait_for(1)
    worker.stop(PATIENCE_S)
    assert worker._thread is not None
    assert not worker._thread.is_alive()


def test_stop_does_not_wait_for_a_request_that_hangs(outbox, server):
    arrived, go_on = threading.Event(), threading.Event()

    def hang(batch):
        arrived.set()
        go_on.wait(PATIENCE_S)

    server.before = hang
    worker = Worker(outbox, server, FakeDevice(), interval_s=LONG_S, random=Random(1))
    worker.start()
    assert arrived.wait(PATIENCE_S)
    worker.stop(timeout_s=0.01)
    assert worker._thread is not None
    assert worker._thread.is_alive()
    assert worker._thread.daemon
    go_on.set()
    worker._thread.join(PATIENCE_S)


def test_the_log_carries_numbers_and_no_answers(outbox, server, rounds, started, caplog):
    caplog.set_level("INFO", logger="sync")
    outbox.append(samples.body(language="jv", service="ktp"))
    started()
    rounds.wait_for(1)
    assert "rows 1 to 1 sent" in caplog.text
    assert "answers" not in caplog.text
    assert "ktp" not in caplog.text


# -- how long it waits ---------------------------------------------------------------------------------------------


@pytest.fixture
def worker(outbox, server):
    return Worker(outbox, server, FakeDevice(), interval_s=60, random=Longest())


def waits(worker, count):
    return [worker._delay_s(worker.round()) for _ in range(count)]


def test_after_success_it_waits_for_the_heartbeat(worker):
    assert waits(worker, 2) == [60, 60]


def test_failures_in_a_row_wait_longer_and_success_starts_again(worker, server):
    failing(server, *[Failure(Cause.NETWORK)] * 3)
    assert waits(worker, 4) == [5, 10, 20, 60]
    failing(server, Failure(Cause.NETWORK))
    assert waits(worker, 1) == [5]


def test_a_line_that_carries_some_rows_before_it_breaks_is_tried_again_soon(worker, server, outbox):
    for _ in range(450):
        outbox.append(samples.body())
    calls = iter(range(100))

    def every_second(batch):
        if next(calls) % 2:
            raise Failure(Cause.NETWORK)

    server.before = every_second
    assert waits(worker, 4) == [5, 5, 5, 60]


def test_refused_rows_wait_while_heartbeats_and_configurations_go_on(worker, server, outbox):
    outbox.append(samples.body())
    server.before = lambda batch: failing_rows(batch, "row_hash_invalid")
    assert waits(worker, 1) == [60]
    refusal = worker.status.failure
    assert refusal is not None
    assert (refusal.code, worker.status.pending) == ("row_hash_invalid", 1)
    server.batches.clear()
    server.newest = wire.configuration_message(samples.configuration(version=2))
    assert waits(worker, 2) == [60, 60]
    assert [len(batch.rows) for batch in server.batches] == [0, 0]
    assert worker.status.failure == refusal
    assert outbox.configuration() == server.newest


def test_refused_rows_are_tried_again_when_their_wait_is_over(outbox, server):
    worker = Worker(outbox, server, FakeDevice(), interval_s=60, random=Shortest())
    outbox.append(samples.body())
    server.before = lambda batch: failing_rows(batch, "row_hash_invalid")
    waits(worker, 1)
    server.before = lambda batch: None
    waits(worker, 1)
    assert (worker.status.failure, worker.status.pending) == (None, 0)


def failing_rows(batch, code):
    if batch.rows:
        raise refused(code)


def test_the_line_is_measured_from_round_to_round(worker, server, outbox):
    for _ in range(100):
        outbox.append(samples.body())

    def narrow(batch):
        if len(batch.rows) > 30:
            raise Failure(Cause.NETWORK, partway=True)

    server.before = narrow
    for _ in range(30):
        worker.round()
    sizes = [len(batch.rows) for batch in server.batches if batch.rows]
    assert sizes[:3] == [100, 50, 25]
    assert outbox.queue().pending == 0
    assert max(sizes[2:]) <= 50


def test_standing_and_rows_kept_aside_are_in_the_status(worker, server, outbox):
    for _ in range(3):
        outbox.append(samples.body())
    server.judge = lambda row: "unit_unknown" if row.seq == 2 else None
    worker.round()
    assert (worker.status.standing, worker.status.rejected) == ("active", 1)
    # a restored server is sent the same rows again
    del server.rows[:]
    server.revoked_after = (1, 2)
    worker.round()
    status = worker.status
    assert (status.standing, status.rejected, status.rejected_until) == ("revoked", 2, (1, 3))


def test_an_earlier_runs_standing_and_counts_go_on(outbox, server):
    last = SyncStatus(pending=9, last_receipt_ms=7, standing="revoked", rejected=4, rejected_until=(1, 9))
    status = Worker(outbox, server, FakeDevice(), interval_s=1, random=Random(1), last=last).status
    assert status == SyncStatus(0, 7, None, "revoked", 4, (1, 9))


def test_what_a_person_must_mend_is_tried_in_the_slow_lane(worker, server):
    failing(server, refused("fork"), refused("device_unknown"))
    assert waits(worker, 2) == [3600, 3600]


def test_the_server_may_ask_for_more_patience(worker, server):
    failing(server, Failure(Cause.SERVER, retry_after_s=600))
    assert waits(worker, 1) == [605]


def test_pokes_do_not_shorten_a_back_off(outbox, server, rounds, started):
    failing(server, Failure(Cause.NETWORK))
    worker = started(random=Longest())
    rounds.wait_for(1)
    worker.poke()
    assert not rounds.comes(2, within_s=0.1)
