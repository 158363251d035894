"""Epochs after the first: where their chain begins, what of the one before stays, and which openings are refused."""

import pytest
from msgspec import structs
from sqlalchemy import select

from ikm import wire
from ikm.server import tables
from tests.ikm.server.kiosk_device import NOTHING, aside, code_of, counted, linked, stored
from tests.support.samples import body

UNIT = ("dukcapil", "ktp")


def openings(store) -> list[tuple[object, ...]]:
    c = tables.opening.c
    with store._engine.connect() as connection:
        query = select(c.epoch, c.reason, c.previous_epoch, c.previous_seq, c.known_seq, c.head_seq_before)
        return [tuple(row) for row in connection.execute(query.order_by(c.epoch))]


def test_a_new_epoch_begins_at_its_opening_and_leaves_the_old_one_alone(store, ingest, device):
    ingest.accept(device.call(device.add(body(), body())))
    later = device.begin("damaged", known=9)
    receipt = ingest.accept(later.call(later.add(body())))
    assert (receipt.epoch, receipt.head_seq, receipt.standing) == (2, 1, "active")
    assert ingest.accept(device.call([])).head_seq == 2
    assert openings(store) == [(2, "damaged", 1, 2, 9, 2)]
    assert counted(store)[UNIT].responses == 3
    assert store.forks() == []


def test_a_heartbeat_of_a_new_epoch_opens_it_and_tells_where_it_begins(store, ingest, device):
    later = device.begin("lost", known=0)
    receipt = ingest.accept(later.call([]))
    assert (receipt.head_seq, receipt.head_hash) == (0, later.start)
    assert ingest.accept(later.call([])) == receipt
    assert stored(store) == NOTHING | {"opening": 1}


def test_rows_that_do_not_stand_on_their_opening_are_a_gap(store, ingest, device):
    later = device.begin()
    rows = linked(device.device, 2, [wire.canonical(body())], prev=wire.GENESIS)
    assert code_of(ingest, later.call(rows)) == "gap"
    assert stored(store) == NOTHING


def test_what_the_epoch_before_still_had_comes_in_after_it_was_closed(store, ingest, device):
    device.add(*(body() for _ in range(5)))
    ingest.accept(device.call(device.rows[:2]))
    later = device.begin("damaged", after=5)
    ingest.accept(later.call(later.add(body())))
    receipt = ingest.accept(device.call(device.rows[2:]))
    assert (receipt.head_seq, receipt.standing) == (5, "active")
    assert (counted(store)[UNIT].responses, store.forks()) == (6, [])


def test_rows_appended_again_with_their_ids_are_settled_and_counted_once(store, ingest, device):
    ingest.accept(device.call(device.add(*(body(*(n % 4 + 1,) * 9) for n in range(6)))))
    # the card lost row 4, so rows 5 and 6 stand in the new epoch again
    later = device.begin("damaged", after=3, known=6)
    again = _appended(later, device.rows[4:])
    receipt = ingest.accept(later.call([*again, *later.add(body())]))
    assert receipt.rejected == [wire.RejectedRow(code="response_repeated", seq=n) for n in (1, 2)]
    assert (receipt.head_seq, counted(store)[UNIT].responses) == (3, 7)
    kept = store.quarantined()
    assert [(row.seq, row.chained, row.decision) for row in kept] == [(1, True, "settled"), (2, True, "settled")]
    assert store.quarantined(undecided=True) == []
    assert store.differences() == []


def test_the_same_row_appended_again_in_an_epoch_before_it_was_ever_sent_counts_there(store, ingest, device):
    device.add(body(), body())
    ingest.accept(device.call(device.rows[:1]))
    later = device.begin("damaged", after=1, known=2)
    ingest.accept(later.call(_appended(later, device.rows[1:])))
    assert (counted(store)[UNIT].responses, aside(store)) == (2, [])


def _appended(later, rows):
    """The rows again, at the end of another epoch."""
    prev, made = later.rows[-1].hash if later.rows else later.start, []
    for seq, row in enumerate(rows, len(later.rows) + 1):
        digest = wire.row_hash(
            device=later.device, epoch=later.epoch, seq=seq, row_id=row.id, prev_hash=prev, body=row.body
        )
        made.append(wire.Row(body=row.body, hash=digest, id=row.id, prev_hash=prev, seq=seq))
        prev = digest
    later.rows += made
    return made


# -- refused ------------------------------------------------------------------------------------------------------


def test_a_later_epoch_without_an_opening_is_refused(store, ingest, device):
    rows = linked(device.device, 2, [wire.canonical(body())])
    assert code_of(ingest, device.call(rows, epoch=2)) == "opening_invalid"
    assert stored(store) == NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "lost"}, {"known_seq": 3}, {"previous_seq": 0}, {"previous_hash": "1" * 64}, {"salvaged": 1},
    ],
)  # fmt: skip
def test_an_epoch_has_one_opening(store, ingest, device, changes):
    ingest.accept(device.call(device.add(body())))
    later = device.begin()
    ingest.accept(later.call([]))
    before = stored(store)
    other = structs.replace(later.openings[2], **changes)
    assert code_of(ingest, later.call([], opening=other)) == "opening_invalid"
    assert stored(store) == before


@pytest.mark.parametrize(("epoch", "previous"), [(1, 1), (2, 2), (2, 3)])
def test_an_opening_names_an_epoch_before_its_own(store, ingest, device, epoch, previous):
    opening = structs.replace(device.begin().openings[2], previous_epoch=previous)
    assert code_of(ingest, device.call([], epoch=epoch, opening=opening)) == "opening_invalid"
    assert stored(store) == NOTHING


def test_an_opening_may_pass_over_numbers_that_were_lost(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    opening = device.begin().openings[2]
    assert ingest.accept(device.call([], epoch=7, opening=opening)).standing == "active"
    assert openings(store) == [(7, "damaged", 1, 1, 1, 1)]


def test_an_epoch_begun_before_openings_were_told_goes_on(store, ingest, device):
    rows = linked(device.device, 3, [wire.canonical(body()), wire.canonical(body())])
    with store._engine.begin() as connection:
        head = {"device": device.device, "epoch": 3, "seq": 1, "hash": bytes.fromhex(rows[0].hash)}
        connection.execute(tables.head.insert().values(head))
    assert ingest.accept(device.call(rows[1:], epoch=3)).head_seq == 2
    opening = device.begin().openings[2]
    assert code_of(ingest, device.call([], epoch=3, opening=opening)) == "opening_invalid"


# -- contradictions -----------------------------------------------------------------------------------------------


def test_an_opening_that_contradicts_what_is_held_is_kept_and_disputed(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(4)))))
    clone = device.copy()
    clone.rows = clone.rows[:2]
    clone.add(body(*(1,) * 9))
    later = clone.begin("damaged", after=3)
    receipt = ingest.accept(later.call(later.add(body(*(1,) * 9))))
    assert (receipt.head_seq, receipt.standing) == (1, "forked")
    found = [(fork.epoch, fork.seq, fork.kind, fork.held) for fork in store.forks()]
    assert found == [(1, 3, "opening", 2), (2, 1, "after", 1)]
    assert counted(store)[UNIT].responses == 2
    assert store.differences() == []


def test_a_rollback_that_says_what_the_server_has_is_no_fork(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(6)))))
    old = device.copy()
    old.rows = old.rows[:2]
    later = old.begin("rollback", after=2, known=6)
    receipt = ingest.accept(later.call(later.add(body())))
    assert (receipt.standing, store.forks(), counted(store)[UNIT].responses) == ("active", [], 7)
