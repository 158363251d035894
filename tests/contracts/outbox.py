"""What every outbox must do: run by the fake the sync is tested with and by the store devices use."""

from dataclasses import replace
from typing import Protocol

import pytest

from ikm import wire
from sync.ports import Identity, Outbox, Queue
from tests.support import samples

IDENTITY = Identity(
    device=samples.DEVICE, server=samples.SERVER, server_url="https://ikm.example", private_key=bytes(range(32))
)
CONFIGURATION = wire.configuration_message(samples.configuration())
OTHER_KEY = bytes(range(1, 33))
NOW_MS = 1_793_500_000_000
"""The clock of every outbox under contract."""
LONG_AGO_MS = NOW_MS - 91 * 86_400_000


def assert_linked(rows: list[wire.Row], epoch: int, genesis: str) -> None:
    """Those rows are a whole chain of IDENTITY's from its genesis on."""
    prev = genesis
    for seq, row in enumerate(rows, 1):
        assert (row.seq, row.prev_hash) == (seq, prev)
        prev = wire.row_hash(
            device=IDENTITY.device, epoch=epoch, seq=seq, row_id=row.id, prev_hash=prev, body=bytes(row.body)
        )
        assert row.hash == prev


class WritableOutbox(Outbox, Protocol):
    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None: ...

    def append(self, body: wire.ResponseBody) -> wire.Row: ...


class OutboxContract:
    """Subclasses give the fixture `fresh`: an outbox nobody has enrolled yet, its clock at NOW_MS."""

    @pytest.fixture
    def outbox(self, fresh: WritableOutbox) -> WritableOutbox:
        fresh.enrol(IDENTITY, CONFIGURATION)
        return fresh

    def test_before_enrolment_there_is_nobody_and_nothing(self, fresh):
        assert fresh.identity() is None
        assert fresh.configuration() is None
        assert fresh.queue() == Queue(stored=0, pending=0, oldest_pending_ms=None)

    def test_enrolment_is_kept(self, outbox):
        assert outbox.identity() == IDENTITY
        assert outbox.configuration() == CONFIGURATION
        assert outbox.epoch() == 1

    def test_rows_are_a_gap_free_chain_from_the_beginning(self, outbox):
        appended = [outbox.append(samples.body(1 + n % 4, 2, 3)) for n in range(5)]
        assert [row.seq for row in appended] == [1, 2, 3, 4, 5]
        prev = wire.GENESIS
        for row in appended:
            assert row.prev_hash == prev
            prev = wire.row_hash(
                device=IDENTITY.device, epoch=1, seq=row.seq, row_id=row.id, prev_hash=prev, body=row.body
            )
            assert row.hash == prev

    def test_ids_are_fresh_and_of_the_kind_the_wire_takes(self, outbox):
        rows = [outbox.append(samples.body()) for _ in range(3)]
        assert len({row.id for row in rows}) == 3
        assert all(wire.decode(wire.canonical(row), wire.Row).id == row.id for row in rows)

    def test_pending_rows_come_in_order_as_they_were_stored(self, outbox):
        appended = [outbox.append(samples.body(language=language)) for language in ("id", "jv", "su")]
        pending = outbox.pending(1, 10)
        assert [wire.canonical(row) for row in pending] == [wire.canonical(row) for row in appended]
        assert [bytes(row.body) for row in pending] == [
            wire.canonical(samples.body(language=language)) for language in ("id", "jv", "su")
        ]

    def test_no_more_rows_come_than_asked_for(self, outbox):
        for _ in range(4):
            outbox.append(samples.body())
        assert [row.seq for row in outbox.pending(1, 3)] == [1, 2, 3]

    def test_another_epoch_has_no_rows(self, outbox):
        outbox.append(samples.body())
        assert outbox.pending(2, 10) == []
        assert outbox.hash_at(2, 1) is None

    def test_acknowledged_rows_are_pending_no_more(self, outbox):
        for _ in range(3):
            outbox.append(samples.body())
        outbox.acknowledge(1, 2)
        assert [row.seq for row in outbox.pending(1, 10)] == [3]

    def test_the_watermark_may_go_back(self, outbox):
        for _ in range(3):
            outbox.append(samples.body())
        outbox.acknowledge(1, 3)
        outbox.acknowledge(1, 1)
        assert [row.seq for row in outbox.pending(1, 10)] == [2, 3]
        outbox.acknowledge(1, 0)
        assert [row.seq for row in outbox.pending(1, 10)] == [1, 2, 3]

    def test_what_was_never_stored_cannot_be_acknowledged(self, outbox):
        outbox.append(samples.body())
        with pytest.raises(ValueError, match="no row 2"):
            outbox.acknowledge(1, 2)
        assert [row.seq for row in outbox.pending(1, 10)] == [1]

    def test_a_row_stored_after_an_acknowledgement_is_pending_and_goes_on_with_the_chain(self, outbox):
        first = outbox.append(samples.body())
        outbox.acknowledge(1, 1)
        second = outbox.append(samples.body())
        assert second.prev_hash == first.hash
        assert [row.seq for row in outbox.pending(1, 10)] == [2]

    def test_hashes_are_found_by_place(self, outbox):
        row = outbox.append(samples.body())
        assert outbox.hash_at(1, 0) == wire.GENESIS
        assert outbox.hash_at(1, 1) == row.hash
        assert outbox.hash_at(1, 2) is None

    def test_the_queue_counts_all_and_pending_and_knows_the_oldest(self, outbox):
        for wall_ms in (1_000, 2_000, 3_000):
            outbox.append(samples.body(wall_ms=wall_ms))
        assert outbox.queue() == Queue(stored=3, pending=3, oldest_pending_ms=1_000)
        outbox.acknowledge(1, 1)
        assert outbox.queue() == Queue(stored=3, pending=2, oldest_pending_ms=2_000)
        assert outbox.queue().acknowledged == 1
        outbox.acknowledge(1, 3)
        assert outbox.queue() == Queue(stored=3, pending=0, oldest_pending_ms=None)

    def test_a_higher_configuration_replaces_a_lower_one_and_never_the_other_way(self, outbox):
        third = wire.configuration_message(samples.configuration(version=3))
        outbox.hold_configuration(third)
        assert outbox.configuration() == third
        outbox.hold_configuration(wire.configuration_message(samples.configuration(version=2)))
        assert outbox.configuration() == third
        outbox.hold_configuration(wire.configuration_message(samples.configuration(version=3, counter_name="Lain")))
        assert outbox.configuration() == third

    def test_the_first_epoch_begins_with_nothing_and_another_there_is_not(self, outbox):
        assert outbox.opening(1) is None
        assert outbox.opening(2) is None
        assert outbox.hash_at(2, 0) is None

    def test_epochs_are_told_oldest_first(self, fresh):
        assert fresh.epochs() == []
        fresh.enrol(IDENTITY, CONFIGURATION)
        assert fresh.epochs() == [1]
        fresh.begin_epoch("lost", 0, 0)
        assert fresh.epochs() == [1, 2]

    def test_rows_are_read_on_from_where_a_reader_was(self, outbox):
        rows = [outbox.append(samples.body()) for _ in range(5)]
        assert outbox.pending(1, 2, 1) == rows[1:3]
        outbox.acknowledge(1, 3)
        assert outbox.pending(1, 5, 1) == rows[3:]
        assert outbox.pending(1, 5, 5) == []

    def test_a_new_epoch_takes_the_later_rows_along_and_says_so_in_its_opening(self, outbox):
        rows = [outbox.append(samples.body(1 + n, 2, 3)) for n in range(4)]
        assert outbox.begin_epoch("fork", 2, 2) == 2
        opening = outbox.opening(2)
        assert opening == wire.Opening(
            known_seq=4, previous_epoch=1, previous_hash=rows[1].hash, previous_seq=2, reason="fork", salvaged=2
        )
        assert [row.hash for row in outbox.pending(1, 10)] == [row.hash for row in rows[:2]]
        moved = outbox.pending(2, 10)
        assert [(row.id, bytes(row.body)) for row in moved] == [(row.id, bytes(row.body)) for row in rows[2:]]
        genesis = wire.genesis(IDENTITY.device, 2, opening)
        assert outbox.hash_at(2, 0) == genesis != wire.GENESIS
        assert_linked(moved, 2, genesis)
        assert outbox.queue().stored == 4

    def test_rows_of_many_batches_move_in_their_order(self, outbox):
        rows = [outbox.append(samples.body(1 + n % 4, 2, 3)) for n in range(1_050)]
        outbox.begin_epoch("fork", 20, 20)
        assert [row.id for row in outbox.pending(2, 2_000)] == [row.id for row in rows[20:]]

    def test_new_responses_go_into_the_new_epoch_and_the_old_one_is_drained_first(self, outbox):
        outbox.append(samples.body())
        outbox.begin_epoch("rollback", 1, 9)
        fresh = outbox.append(samples.body())
        assert (fresh.seq, fresh.prev_hash) == (1, outbox.hash_at(2, 0))
        assert outbox.epoch() == 1
        outbox.acknowledge(1, 1)
        assert outbox.epoch() == 2
        assert outbox.queue() == Queue(stored=2, pending=1, oldest_pending_ms=samples.clock().wall_ms)

    def test_a_server_that_knows_more_than_this_device_is_believed_in_the_opening(self, outbox):
        outbox.append(samples.body())
        outbox.begin_epoch("rollback", 1, 9)
        opening = outbox.opening(2)
        assert opening is not None
        assert (opening.known_seq, opening.previous_seq, opening.salvaged) == (9, 1, 0)

    def test_nothing_that_left_an_epoch_counts_as_acknowledged_in_it(self, outbox):
        for _ in range(3):
            outbox.append(samples.body())
        outbox.acknowledge(1, 3)
        outbox.begin_epoch("fork", 1, 3)
        assert outbox.queue() == Queue(stored=3, pending=2, oldest_pending_ms=samples.clock().wall_ms)
        assert outbox.hash_at(1, 2) is None
        assert outbox.hash_at(1, 3) is None

    def test_an_epoch_can_begin_after_one_that_never_had_a_row(self, outbox):
        outbox.begin_epoch("lost", 0, 0)
        outbox.begin_epoch("lost", 0, 0)
        opening = outbox.opening(3)
        assert opening is not None
        assert (opening.previous_epoch, opening.previous_hash) == (2, outbox.hash_at(2, 0))
        assert outbox.append(samples.body()).prev_hash == outbox.hash_at(3, 0)

    def test_an_older_epoch_can_be_closed_earlier_than_it_was(self, outbox):
        rows = [outbox.append(samples.body()) for _ in range(3)]
        outbox.begin_epoch("damaged", 3, 3)
        between = outbox.append(samples.body())
        assert outbox.begin_epoch("fork", 1, 5, epoch=1) == 3
        opening = outbox.opening(3)
        assert opening is not None
        assert (opening.previous_epoch, opening.previous_seq, opening.known_seq, opening.salvaged) == (1, 1, 5, 2)
        assert [row.id for row in outbox.pending(1, 9)] == [rows[0].id]
        assert [row.id for row in outbox.pending(2, 9)] == [between.id]
        assert [row.id for row in outbox.pending(3, 9)] == [rows[1].id, rows[2].id]

    def test_no_epoch_begins_after_a_row_there_is_not(self, outbox):
        outbox.append(samples.body())
        with pytest.raises(ValueError, match="no row 2"):
            outbox.begin_epoch("fork", 2, 2)
        assert outbox.epoch() == 1
        assert outbox.append(samples.body()).seq == 2

    def test_only_old_durable_acknowledged_bodies_are_forgotten_and_their_hashes_stay(self, outbox):
        rows = [outbox.append(samples.body(wall_ms=LONG_AGO_MS)) for _ in range(6)]
        outbox.acknowledge(1, 4)
        assert outbox.forget(1, 3) == 3
        assert outbox.forget(1, 3) == 0
        assert outbox.forget(1, 6) == 1
        assert [outbox.hash_at(1, row.seq) for row in rows] == [row.hash for row in rows]
        assert outbox.queue() == Queue(stored=6, pending=2, oldest_pending_ms=LONG_AGO_MS)
        assert outbox.append(samples.body()).prev_hash == rows[-1].hash

    def test_bodies_younger_than_90_days_are_kept(self, outbox):
        for wall_ms in (LONG_AGO_MS, NOW_MS - 89 * 86_400_000, NOW_MS):
            outbox.append(samples.body(wall_ms=wall_ms))
        outbox.acknowledge(1, 3)
        assert outbox.forget(1, 3) == 1

    def test_the_last_body_of_an_epoch_is_kept_and_of_an_epoch_there_is_not_nothing_is_forgotten(self, outbox):
        outbox.append(samples.body(wall_ms=LONG_AGO_MS))
        outbox.acknowledge(1, 1)
        assert outbox.forget(1, 1) == 0
        assert outbox.forget(2, 1) == 0
        outbox.begin_epoch("lost", 1, 1)
        assert outbox.forget(2, 0) == 0

    def test_a_server_that_went_back_behind_what_is_forgotten_gets_nothing_that_would_not_fit(self, outbox):
        rows = [outbox.append(samples.body(wall_ms=LONG_AGO_MS)) for _ in range(4)]
        outbox.acknowledge(1, 4)
        outbox.forget(1, 2)
        outbox.acknowledge(1, 0)
        assert outbox.pending(1, 10) == []
        outbox.begin_epoch("lost", 0, 4)
        opening = outbox.opening(2)
        assert opening is not None
        assert (opening.previous_seq, opening.known_seq, opening.salvaged) == (0, 4, 2)
        assert [row.id for row in outbox.pending(2, 10)] == [rows[2].id, rows[3].id]

    def test_the_servers_key_is_kept_and_replaced(self, outbox):
        for key in ("A" * 43 + "=", "B" * 43 + "="):
            outbox.pin_server_key(key)
            assert outbox.identity() == replace(IDENTITY, server_key=key)

    def test_a_waiting_key_becomes_the_own_one_when_it_is_used(self, outbox):
        assert outbox.next_key() is None
        outbox.put_next_key(OTHER_KEY)
        assert (outbox.next_key(), outbox.identity()) == (OTHER_KEY, IDENTITY)
        outbox.use_next_key()
        assert (outbox.next_key(), outbox.identity()) == (None, replace(IDENTITY, private_key=OTHER_KEY))

    def test_a_waiting_key_is_not_lost_to_another_one(self, outbox):
        outbox.put_next_key(OTHER_KEY)
        outbox.put_next_key(OTHER_KEY)
        with pytest.raises(ValueError, match="another key"):
            outbox.put_next_key(bytes(32))
        assert outbox.next_key() == OTHER_KEY

    def test_without_a_waiting_key_none_is_used(self, outbox):
        with pytest.raises(ValueError, match="no key"):
            outbox.use_next_key()

    def test_the_key_to_enrol_with_waits_before_enrolment_and_no_longer(self, fresh):
        fresh.put_next_key(OTHER_KEY)
        assert fresh.next_key() == OTHER_KEY
        with pytest.raises(ValueError, match="no key"):
            fresh.use_next_key()
        fresh.enrol(replace(IDENTITY, private_key=OTHER_KEY), CONFIGURATION)
        assert fresh.next_key() is None
