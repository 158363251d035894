"""Where device and server stop speaking of the same chain: old cards, clones, restored servers; every answer once."""

from copy import deepcopy

import pytest
from msgspec import structs

from ikm import wire
from sync.divergence import _MOST_UNPROVED
from sync.failure import Cause
from sync.memory import Memory
from sync.once import sync_once
from tests.contracts.outbox import IDENTITY, LONG_AGO_MS
from tests.support import samples
from tests.support.fake_outbox import FakeOutbox
from tests.support.fake_server import FakeDevice, refused
from tests.support.rounds import later_round, running


@pytest.fixture
def device():
    return FakeDevice()


def store(outbox, count, **changes):
    return [outbox.append(samples.body(**changes)).id for _ in range(count)]


def went_well(outbox, server, device, memory=None):
    outcome = sync_once(outbox, server, device, memory)
    assert outcome.failure is None, outcome.failure
    assert outbox.queue().pending == 0
    return outcome


def assert_each_once(server, *ids):
    """These responses are on the server, each accepted once, and no other."""
    assert sorted(row.id for row in server.counted) == sorted(ids)


# -- an old card ---------------------------------------------------------------------------------------------------


def test_an_old_card_goes_on_in_a_new_epoch_and_nothing_is_lost_or_doubled(outbox, server, device):
    common = store(outbox, 3)
    went_well(outbox, server, device)
    card = deepcopy(outbox)
    later = store(outbox, 2)
    went_well(outbox, server, device)
    fresh = store(card, 2)
    went_well(card, server, device)
    assert card.opening(2) == wire.Opening(
        known_seq=5,
        previous_epoch=1,
        previous_hash=server.chains[1].rows[2].hash,
        previous_seq=3,
        reason="rollback",
        salvaged=2,
    )
    assert server.chains[2].opening == card.opening(2)
    assert_each_once(server, *common, *later, *fresh)
    assert not server.forked


def test_an_old_card_without_new_answers_finds_out_by_its_heartbeat(outbox, server, device):
    store(outbox, 3)
    went_well(outbox, server, device)
    card = deepcopy(outbox)
    store(outbox, 1)
    went_well(outbox, server, device)
    assert sync_once(card, server, device, running()).failure is None
    assert card.opening(2) is not None
    assert card.opening(2).previous_seq == 3
    assert store(card, 1)
    went_well(card, server, device, running())
    assert len(server.counted) == 5


def test_answers_an_old_card_still_holds_and_the_server_has_count_once(outbox, server, device):
    held = store(outbox, 3)
    card = deepcopy(outbox)
    later = store(outbox, 2)
    went_well(outbox, server, device)
    went_well(card, server, device)
    assert set(server.quarantine.values()) == {"response_repeated"}
    assert_each_once(server, *held, *later)


def test_a_card_older_than_the_epoch_the_server_knows_takes_the_next_free_one(outbox, server, device):
    first = store(outbox, 2)
    went_well(outbox, server, device)
    oldest = deepcopy(outbox)
    second = store(outbox, 1)
    went_well(outbox, server, device)
    old = deepcopy(oldest)
    third = store(old, 1)
    went_well(old, server, device)
    assert old.opening(2) is not None
    fourth = store(oldest, 2)
    went_well(oldest, server, device)
    assert oldest.opening(3) is not None
    assert oldest.opening(4) is None
    assert_each_once(server, *first, *second, *third, *fourth)


def test_an_epoch_the_server_has_rows_of_is_not_left_because_it_refuses_it(outbox, server, device):
    outbox.begin_epoch("lost", 0, 0)
    store(outbox, 2)
    went_well(outbox, server, device)
    server.before = lambda batch: (_ for _ in ()).throw(refused("opening_invalid"))
    store(outbox, 1)
    failure = later_round(outbox, server, device).failure
    assert failure is not None
    assert (failure.code, failure.slow) == ("opening_invalid", True)
    assert outbox.opening(3) is None


def test_a_server_nothing_fits_is_left_to_a_person_before_epochs_are_wasted(outbox, server, device):
    store(outbox, 2)
    server.before = lambda batch: (
        (_ for _ in ()).throw(refused("fork", head_seq=0, head_hash=outbox.hash_at(batch.epoch, 0)))
        if batch.rows
        else None
    )
    memory = running()
    for _ in range(3):
        failure = sync_once(outbox, server, device, memory).failure
        assert failure is not None
        assert (failure.cause, failure.slow) == (Cause.DIVERGED, True)
    assert outbox.opening(_MOST_UNPROVED + 1) is not None
    assert outbox.opening(_MOST_UNPROVED + 2) is None
    assert outbox.queue().pending == 2


# -- a clone -------------------------------------------------------------------------------------------------------


def test_rows_under_numbers_another_has_used_go_into_a_new_epoch_with_their_ids(outbox, server, device):
    common = store(outbox, 2)
    went_well(outbox, server, device)
    clone = deepcopy(outbox)
    others = store(clone, 1)
    went_well(clone, server, device)
    own = store(outbox, 2)
    bodies = [bytes(row.body) for row in outbox.pending(1, 9)]
    went_well(outbox, server, device, running())
    opening = outbox.opening(2)
    assert opening is not None
    assert (opening.reason, opening.previous_seq, opening.salvaged) == ("fork", 2, 2)
    assert server.forked
    assert [bytes(row.body) for row in server.chains[2].rows] == bodies
    assert_each_once(server, *common, *others, *own)


@pytest.mark.parametrize("kept", [2, 300])
def test_another_that_wrote_on_a_restored_server_is_found_by_the_heartbeat_too(outbox, server, device, kept):
    ids = store(outbox, kept)
    went_well(outbox, server, device)
    card = deepcopy(outbox)
    ids += store(outbox, 5)
    went_well(outbox, server, device)
    del server.chains[1].rows[kept:]
    ids += store(card, 2)
    went_well(card, server, device)
    # nothing pends here, and the head the server names lies below all that was acknowledged
    went_well(outbox, server, device)
    assert server.forked
    assert outbox.opening(2).reason == "fork"
    assert outbox.opening(2).previous_seq == kept
    assert_each_once(server, *ids)


def test_a_fork_in_an_epoch_that_was_closed_already_does_not_hold_up_the_later_one(outbox, server, device):
    common = store(outbox, 1)
    went_well(outbox, server, device)
    clone = deepcopy(outbox)
    others = store(clone, 1)
    went_well(clone, server, device)
    own = store(outbox, 1)
    outbox.begin_epoch("damaged", 2, 2)
    newest = store(outbox, 1)
    went_well(outbox, server, device, running())
    opening = outbox.opening(3)
    assert opening is not None
    assert (opening.previous_epoch, opening.reason) == (1, "fork")
    assert_each_once(server, *common, *others, *own, *newest)


@pytest.mark.parametrize("facts", [{}, {"head_seq": 1, "head_hash": "e" * 64}], ids=["no head", "foreign head"])
def test_a_fork_at_a_place_that_is_not_ours_is_left_to_a_person(outbox, server, device, facts):
    store(outbox, 2)
    server.before = lambda batch: (_ for _ in ()).throw(refused("fork", **facts))
    failure = later_round(outbox, server, device).failure
    assert failure is not None
    assert failure.slow
    assert outbox.opening(2) is None


# -- several epochs ------------------------------------------------------------------------------------------------


def test_epochs_are_drained_in_order_each_batch_with_its_opening(outbox, server, device):
    store(outbox, 2)
    outbox.begin_epoch("damaged", 2, 7)
    store(outbox, 1)
    went_well(outbox, server, device, running())
    sent = [(batch.epoch, [row.seq for row in batch.rows], batch.opening) for batch in server.batches]
    assert sent == [(1, [1, 2], None), (2, [1], outbox.opening(2))]


def test_numbers_left_out_between_epochs_hide_none_of_them(outbox, server, device):
    ids = store(outbox, 4)
    outbox.step = 1000
    outbox.begin_epoch("damaged", 4, 6)
    ids += store(outbox, 3)
    outbox.begin_epoch("damaged", 3, 3)
    ids += store(outbox, 1)
    memory = Memory()
    went_well(outbox, server, device, memory)
    # neither the first, which is always looked at, nor the last, which the heartbeat is of
    del server.chains[1001].rows[1:]
    device.now = structs.replace(device.now, boot_ms=device.now.boot_ms + 86_400_000)
    went_well(outbox, server, device, memory)
    assert_each_once(server, *ids)


def test_what_the_server_has_beyond_an_epoch_long_closed_does_not_begin_another(outbox, server, device):
    store(outbox, 4)
    went_well(outbox, server, device)
    outbox.step = 1000
    outbox.begin_epoch("damaged", 2, 4)
    went_well(outbox, server, device, Memory())
    assert outbox.epochs() == [1, 1001]


def test_what_the_server_has_beyond_a_closed_epoch_does_not_hold_up_its_rows(outbox, server, device):
    known = store(outbox, 2)
    card = deepcopy(outbox)
    lost = store(outbox, 2)
    went_well(outbox, server, device)
    card.begin_epoch("damaged", 2, 4)
    fresh = store(card, 1)
    went_well(card, server, device, running())
    assert_each_once(server, *known, *lost, *fresh)


# -- a server restored from a backup -------------------------------------------------------------------------------


def restored(server, *kept):
    """The server as a backup has it: so many rows of each epoch, later epochs not at all."""
    for epoch in list(server.chains):
        if epoch > len(kept):
            del server.chains[epoch]
        else:
            del server.chains[epoch].rows[kept[epoch - 1] :]


@pytest.mark.parametrize("kept", [(0,), (2,), (3, 0), (1, 1)], ids=str)
def test_a_restored_server_gets_back_what_it_lost_of_every_epoch(outbox, server, device, kept):
    ids = store(outbox, 3)
    outbox.begin_epoch("damaged", 3, 3)
    ids += store(outbox, 2)
    memory = Memory()
    went_well(outbox, server, device, memory)
    restored(server, *kept)
    ids += store(outbox, 1)
    went_well(outbox, server, device, memory)
    assert_each_once(server, *ids)


def test_rows_only_an_earlier_epoch_lost_are_found_within_a_day(outbox, server, device):
    ids = store(outbox, 3)
    outbox.begin_epoch("damaged", 3, 3)
    memory = Memory()
    went_well(outbox, server, device, memory)
    restored(server, 1)
    went_well(outbox, server, device, memory)
    assert len(server.counted) == 1
    device.now = wire.Clock(
        boot_id=samples.BOOT, boot_ms=device.now.boot_ms + 86_400_000, state="synced", wall_ms=device.now.wall_ms
    )
    went_well(outbox, server, device, memory)
    assert_each_once(server, *ids)


def test_where_bodies_are_forgotten_the_rest_goes_into_a_new_epoch_that_tells_of_the_hole(outbox, server, device):
    ids = store(outbox, 4, wall_ms=LONG_AGO_MS)
    server.durable[1] = 2
    memory = Memory()
    went_well(outbox, server, device, memory)
    restored(server, 1)
    went_well(outbox, server, device, memory)
    opening = server.chains[2].opening
    assert opening is not None
    assert (opening.reason, opening.previous_seq, opening.known_seq, opening.salvaged) == ("lost", 1, 4, 2)
    assert_each_once(server, ids[0], *ids[2:])


# -- forgetting ----------------------------------------------------------------------------------------------------


class Forgetful(FakeOutbox):
    """Remembers what it was told to forget."""

    def forget(self, epoch, durable_seq):
        self.told = [*getattr(self, "told", []), (epoch, durable_seq)]
        return super().forget(epoch, durable_seq)


def test_bodies_are_forgotten_below_the_durable_row_once_a_day(server, device):
    outbox = Forgetful()
    outbox.enrol(IDENTITY, server.newest)
    store(outbox, 3)
    server.durable[1] = 2
    memory = Memory()
    for _ in range(3):
        went_well(outbox, server, device, memory)
    assert outbox.told == [(1, 2)]
    memory.looked_back_ms = device.now.boot_ms - 86_400_000
    went_well(outbox, server, device, memory)
    assert outbox.told == [(1, 2), (1, 2)]


def test_nothing_is_forgotten_that_the_receipt_does_not_prove(server, device):
    outbox = Forgetful()
    outbox.enrol(IDENTITY, server.newest)
    store(outbox, 3)
    server.durable[1] = 99
    went_well(outbox, server, device)
    assert outbox.told == [(1, 3)]


# -- rows kept aside -----------------------------------------------------------------------------------------------


def test_a_row_that_cannot_be_counted_does_not_hold_up_the_others_and_is_named(outbox, server, device, caplog):
    store(outbox, 3)
    server.judge = lambda row: "unit_unknown" if row.seq == 2 else None
    outcome = went_well(outbox, server, device)
    assert outcome.rejected == ((1, 2),)
    assert outcome.acknowledged == 3
    assert "row 2 is kept aside by the server: unit_unknown" in caplog.text
    assert "answers" not in caplog.text


def test_a_row_that_was_there_already_is_not_told_as_kept_aside(outbox, server, device):
    store(outbox, 1)
    card = deepcopy(outbox)
    store(outbox, 1)
    went_well(outbox, server, device)
    assert went_well(card, server, device).rejected == ()


def test_a_revoked_device_goes_on_sending_and_hears_that_it_is_revoked(outbox, server, device):
    store(outbox, 3)
    server.revoked_after = (1, 1)
    outcome = went_well(outbox, server, device)
    assert outcome.receipt is not None
    assert outcome.receipt.standing == "revoked"
    assert outcome.rejected == ((1, 2), (1, 3))
