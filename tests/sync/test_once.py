import pytest

from ikm import wire
from sync.batches import _fitting
from sync.failure import Cause, Failure
from sync.once import sync_once
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.fake_outbox import FakeOutbox
from tests.support.fake_server import FakeDevice, refused
from tests.support.rounds import later_round, running


def raising(failure):
    def hook(batch):
        raise failure

    return hook


def once(failure):
    """A hook that fails the first time only."""
    left = [failure]

    def hook(batch):
        if left:
            raise left.pop()

    return hook


@pytest.fixture
def device():
    return FakeDevice()


def store(outbox, count, **changes):
    for _ in range(count):
        outbox.append(samples.body(**changes))


def sent(server):
    return [[row.seq for row in batch.rows] for batch in server.batches]


def test_pending_rows_go_up_and_are_acknowledged(outbox, server, device):
    store(outbox, 3)
    outcome = later_round(outbox, server, device)
    assert (outcome.acknowledged, outcome.failure) == (3, None)
    assert outcome.receipt is not None
    assert outcome.receipt.head_seq == 3
    assert outbox.queue().pending == 0
    assert [row.hash for row in server.rows] == [row.hash for row in outbox.rows]


def test_an_empty_queue_sends_one_heartbeat_with_the_devices_health(outbox, server, device):
    outcome = later_round(outbox, server, device)
    (batch,) = server.batches
    assert (outcome.acknowledged, outcome.failure) == (0, None)
    assert (batch.rows, batch.configuration, batch.device, batch.protocol) == ([], 1, IDENTITY.device, wire.PROTOCOL)
    assert (batch.health.queued, batch.health.disk_free_bytes, batch.health.clock) == (0, 10**9, samples.clock())


def test_a_batch_says_how_many_rows_are_queued(outbox, server, device):
    store(outbox, 201)
    later_round(outbox, server, device)
    assert [batch.health.queued for batch in server.batches] == [201, 1]


def test_a_long_queue_goes_in_batches_of_at_most_the_wires_rows(outbox, server, device):
    store(outbox, 2 * wire.MAX_ROWS + 1)
    assert later_round(outbox, server, device).acknowledged == 401
    assert [len(rows) for rows in sent(server)] == [200, 200, 1]


def test_no_batch_is_larger_than_the_wires_bytes(outbox, server, device):
    wide = {f"pertanyaan-{n:03d}-{'x' * 40}": 4 for n in range(60)}
    store(outbox, 150, answers=wide)
    assert later_round(outbox, server, device).acknowledged == 150
    sizes = [len(wire.canonical(batch)) for batch in server.batches]
    assert len(sizes) > 1
    assert max(sizes) <= wire.MAX_BODY_BYTES
    # and no smaller than need be
    assert sizes[0] > wire.MAX_BODY_BYTES - 5_000


def test_rows_are_taken_up_to_the_last_byte_of_the_room(outbox):
    store(outbox, 3)
    rows = outbox.pending(1, 3)
    two = sum(len(wire.canonical(row)) + len(",") for row in rows[:2])
    assert [row.seq for row in _fitting(rows, two)] == [1, 2]
    assert [row.seq for row in _fitting(rows, two - 1)] == [1]


def test_a_row_larger_than_any_batch_is_still_sent_for_the_server_to_refuse(outbox, server, device, monkeypatch):
    store(outbox, 2)
    # what a response may say is bounded, so none of ours is as large as that
    monkeypatch.setattr(wire, "MAX_BODY_BYTES", len(wire.canonical(outbox.rows[0])))
    server.before = raising(refused("body_too_large"))
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert outcome.failure.code == "body_too_large"
    assert sent(server) == [[1], []]


def test_every_request_has_its_own_nonce(outbox, server, device):
    store(outbox, 201)
    later_round(outbox, server, device)
    assert len({batch.nonce for batch in server.batches}) == 2


def test_rows_stored_while_a_batch_travels_go_in_the_same_round(outbox, server, device):
    store(outbox, 1)
    server.after = lambda batch: store(outbox, 1) if len(outbox.rows) < 3 else None
    assert later_round(outbox, server, device).acknowledged == 3
    assert sent(server) == [[1], [2], [3]]


def test_an_answer_lost_after_the_commit_is_sent_again_and_counted_once(outbox, server, device):
    store(outbox, 2)
    server.after = once(Failure(Cause.NETWORK, "lost"))
    lost = later_round(outbox, server, device)
    assert lost.failure is not None
    assert (lost.failure.cause, lost.receipt) == (Cause.NETWORK, None)
    assert outbox.queue().pending == 2
    assert len(server.rows) == 2
    assert later_round(outbox, server, device).acknowledged == 2
    assert (len(server.rows), outbox.queue().pending) == (2, 0)


def test_a_failure_in_the_middle_keeps_what_was_proved_before_it(outbox, server, device):
    store(outbox, 201)
    server.before = lambda batch: raising(Failure(Cause.NETWORK))(batch) if len(server.batches) == 2 else None
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert (outcome.acknowledged, outbox.queue().pending) == (200, 1)


def test_a_server_restored_from_a_backup_gets_what_it_lost(outbox, server, device):
    store(outbox, 5)
    later_round(outbox, server, device)
    del server.rows[2:]
    store(outbox, 1)
    outcome = later_round(outbox, server, device)
    assert outcome.failure is None
    assert [row.hash for row in server.rows] == [row.hash for row in outbox.rows]
    assert sent(server)[1:] == [[6], [3, 4, 5, 6]]
    assert outbox.queue().pending == 0


def test_a_heartbeat_tells_of_a_restored_server_without_a_gap(outbox, server, device):
    store(outbox, 3)
    later_round(outbox, server, device)
    server.rows.clear()
    outcome = later_round(outbox, server, device)
    assert outcome.failure is None
    assert len(server.rows) == 3
    assert sent(server)[1:] == [[], [1, 2, 3]]


def test_chains_that_parted_before_the_batch_are_followed_back_to_the_last_common_row(outbox, server, device):
    store(outbox, 4)
    outbox.acknowledge(1, 3)
    answers = [
        refused("gap", head_seq=2, head_hash="e" * 64),
        refused("gap", head_seq=1, head_hash="d" * 64),
        refused("fork", head_seq=0, head_hash=wire.GENESIS),
    ]

    def parted(batch):
        if batch.rows and batch.epoch == 1:
            raise answers.pop(0)

    server.before = parted
    later_round(outbox, server, device)
    assert sent(server)[:3] == [[4], [3, 4], [2, 3, 4]]
    opening = outbox.opening(2)
    assert (opening.reason, opening.previous_seq, opening.salvaged) == ("fork", 0, 4)


def test_a_gap_at_a_row_we_do_not_have_moves_nothing(outbox, server, device):
    store(outbox, 3)
    outbox.acknowledge(1, 2)
    outbox.hash_at = lambda epoch, seq: None
    server.before = raising(refused("gap", head_seq=1, head_hash="e" * 64))
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.failure.slow) == (Cause.DIVERGED, True)
    assert outbox.acknowledged_seq == 2


@pytest.mark.parametrize("head_seq", [2, 3])
def test_a_gap_never_moves_the_watermark_forward(outbox, server, device, head_seq):
    store(outbox, 3)
    outbox.acknowledge(1, 2)
    server.before = raising(refused("gap", head_seq=head_seq, head_hash=outbox.rows[head_seq - 1].hash))
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert outcome.failure.code == "gap"
    assert outbox.acknowledged_seq == 2
    assert sent(server) == [[3], []]


def test_a_gap_without_a_head_is_a_refusal(outbox, server, device):
    store(outbox, 1)
    server.before = raising(refused("gap"))
    failure = later_round(outbox, server, device).failure
    assert failure is not None
    assert failure.code == "gap"


def test_gap_after_gap_ends_the_round(outbox, server, device):
    store(outbox, 3)
    outbox.acknowledge(1, 2)
    heads = [1, 0]

    def gap(batch):
        if batch.rows:
            head = heads.pop(0)
            raise refused("gap", head_seq=head, head_hash=outbox.hash_at(1, head))
        raise Failure(Cause.NETWORK)

    server.before = gap
    failure = later_round(outbox, server, device).failure
    assert failure is not None
    assert failure.code == "gap"
    assert outbox.acknowledged_seq == 1


@pytest.mark.parametrize("head_seq", [1, 2, 9])
def test_a_receipt_whose_head_is_not_our_row_acknowledges_nothing(outbox, server, device, head_seq):
    store(outbox, 2)
    proper = server.receipt
    server.receipt = lambda batch: wire.Receipt(
        **{name: getattr(proper(batch), name) for name in wire.Receipt.__struct_fields__}
        | {"head_seq": head_seq, "head_hash": "e" * 64}
    )
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.receipt) == (Cause.DIVERGED, None)
    assert outbox.queue().pending == 2


def test_a_server_that_takes_rows_without_moving_its_head_does_not_keep_us_busy(outbox, server, device):
    store(outbox, 1)
    server.after = lambda batch: server.rows.clear()
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.SERVER
    assert len(server.batches) == 1


def test_too_large_halves_the_batch_until_it_passes(outbox, server, device):
    store(outbox, 100)
    server.max_rows = 30
    assert later_round(outbox, server, device).acknowledged == 100
    assert [len(rows) for rows in sent(server)] == [100, 50, 25, 25, 25, 25]


def test_too_large_in_a_proxys_own_words_halves_too(outbox, server, device):
    store(outbox, 4)
    server.before = once(Failure(Cause.REFUSED, status=413))
    assert later_round(outbox, server, device).acknowledged == 4
    assert [len(rows) for rows in sent(server)] == [4, 2, 2]


@pytest.mark.parametrize("code", ["row_hash_invalid", "device_unknown", "signature_invalid", "batch_device_mismatch"])
def test_a_refused_batch_stays_and_waits_for_a_person(outbox, server, device, code):
    store(outbox, 2)
    server.before = raising(refused(code))
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.slow, outcome.receipt) == (code, True, None)
    assert outbox.queue().pending == 2
    assert sent(server) == [[1, 2], []]


def test_a_refused_batch_holds_up_neither_the_heartbeat_nor_the_configuration(outbox, server, device):
    store(outbox, 2)
    server.newest = wire.configuration_message(samples.configuration(version=2))
    server.before = lambda batch: raising(refused("row_hash_invalid"))(batch) if batch.rows else None
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert outcome.failure.code == "row_hash_invalid"
    assert outcome.receipt is not None
    assert outbox.configuration() == server.newest
    assert outbox.queue().pending == 2


def test_where_not_even_the_heartbeat_is_taken_the_configuration_is_fetched_unasked(outbox, server, device):
    store(outbox, 1)
    server.newest = wire.configuration_message(samples.configuration(version=2))
    server.before = raising(refused("batch_device_mismatch"))
    assert later_round(outbox, server, device).failure is not None
    assert outbox.configuration() == server.newest


def test_while_rows_wait_only_the_heartbeat_goes(outbox, server, device):
    store(outbox, 2)
    outcome = sync_once(outbox, server, device, running(), rows=False)
    assert outcome.failure is None
    assert sent(server) == [[]]
    assert outbox.queue().pending == 2


def test_a_newer_configuration_is_fetched_and_held(outbox, server, device):
    server.newest = wire.configuration_message(samples.configuration(version=2, counter_name="Loket 2"))
    assert later_round(outbox, server, device).failure is None
    assert outbox.configuration() == server.newest
    later_round(outbox, server, device)
    assert server.fetched == 1
    assert server.batches[-1].configuration == 2


def test_the_configuration_held_is_not_fetched_again(outbox, server, device):
    later_round(outbox, server, device)
    assert server.fetched == 0


def test_a_configuration_older_than_the_receipt_speaks_of_is_not_held(outbox, server, device):
    server.newest = wire.configuration_message(samples.configuration(version=2))
    server.announced = 3
    failure = later_round(outbox, server, device).failure
    assert failure is not None
    assert failure.cause is Cause.NOT_OUR_SERVER
    assert outbox.configuration() == CONFIGURATION


def test_rows_stay_acknowledged_when_the_configuration_cannot_be_fetched(outbox, server, device):
    store(outbox, 2)
    server.announced = 7
    outcome = later_round(outbox, server, device)
    assert outcome.failure is not None
    assert outcome.receipt is not None
    assert outbox.queue().pending == 0


def test_the_machine_hears_the_servers_time(outbox, server, device):
    later_round(outbox, server, device)
    assert device.heard_ms == [1_793_500_000_000]


def test_a_device_that_is_not_enrolled_sends_nothing(server, device):
    failure = later_round(FakeOutbox(), server, device).failure
    assert failure is not None
    assert server.batches == []
