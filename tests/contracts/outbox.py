"""What every outbox must do: run by the fake the sync is tested with and by the store devices use."""

from typing import Protocol

import pytest

from ikm import wire
from sync.ports import Identity, Outbox, Queue
from tests.support import samples

IDENTITY = Identity(
    device=samples.DEVICE, server=samples.SERVER, server_url="https://ikm.example", private_key=bytes(range(32))
)
CONFIGURATION = wire.configuration_message(samples.configuration())


class WritableOutbox(Outbox, Protocol):
    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None: ...

    def append(self, body: wire.ResponseBody) -> wire.Row: ...


class OutboxContract:
    """Subclasses give the fixture `fresh`: an outbox nobody has enrolled yet."""

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
