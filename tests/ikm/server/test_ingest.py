from dataclasses import replace

import pytest
from sqlalchemy import select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import parse_period
from ikm.domain.tally import tally_of
from ikm.server import tables
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, code_of, counted, linked, stored
from tests.support.samples import body

# -- exactly once --------------------------------------------------------------------------------------------------


def test_a_batch_is_acknowledged_counted_and_kept_as_sent(store, ingest, device):
    rows = device.add(body(*(4,) * 9), body(3, 2), body(*(1,) * 9))
    receipt = ingest.accept(device.call(rows, nonce="5" * 32))
    assert receipt == wire.Receipt(
        configuration=1, device=device.device, durable_seq=0, epoch=1, head_hash=rows[-1].hash, head_seq=3,
        nonce="5" * 32, protocol=1, rejected=[], server=store.server_id(), server_time_ms=NOW_MS, signature="",
    )  # fmt: skip
    responses = [wire.decode_body(row.body).to_domain() for row in rows]
    assert counted(store) == {("dukcapil", "ktp"): tally_of(responses)}
    with store._engine.connect() as connection:
        kept = connection.execute(select(tables.response).order_by(tables.response.c.seq)).all()
    assert [bytes(row.body) for row in kept] == [bytes(row.body) for row in rows]
    assert [bytes(row.hash).hex() for row in kept] == [row.hash for row in rows]
    assert [row.id for row in kept] == [row.id for row in rows]


def test_a_batch_sent_twice_is_counted_once_and_gets_the_same_receipt(store, ingest, device):
    call = device.call(device.add(body(), body()))
    assert ingest.accept(call) == ingest.accept(call)
    assert counted(store)["dukcapil", "ktp"].responses == 2
    assert stored(store)["response"] == 2


def test_a_batch_that_overlaps_what_is_held_adds_only_its_new_rows(store, ingest, device):
    rows = device.add(*(body() for _ in range(5)))
    ingest.accept(device.call(rows[:3]))
    receipt = ingest.accept(device.call(rows[1:]))
    assert (receipt.head_seq, receipt.head_hash) == (5, rows[-1].hash)
    assert counted(store)["dukcapil", "ktp"].responses == 5


def test_rows_far_behind_the_head_are_acknowledged_with_the_head(store, ingest, device):
    rows = device.add(*(body() for _ in range(5)))
    ingest.accept(device.call(rows))
    assert ingest.accept(device.call(rows[1:3])).head_seq == 5


def test_a_new_epoch_begins_at_one_and_leaves_the_old_one_alone(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    rows = linked(device.device, 2, [wire.canonical(body())])
    assert ingest.accept(device.call(rows, epoch=2)).head_seq == 1
    assert ingest.accept(device.call([], epoch=1)).head_seq == 1
    assert counted(store)["dukcapil", "ktp"].responses == 2


def test_a_heartbeat_tells_the_head_and_how_the_device_is(store, ingest, device):
    receipt = ingest.accept(device.call([]))
    assert (receipt.head_seq, receipt.head_hash) == (0, wire.GENESIS)
    assert stored(store) == NOTHING
    with store._engine.connect() as connection:
        seen = connection.execute(select(tables.device)).one()
    assert seen.last_seen_ms == NOW_MS
    assert wire.decode(seen.health.encode(), wire.Health).app_version == "0.1.0"


def test_a_response_counts_on_the_local_date_of_its_unit(store, ingest, device):
    # 16:59:59.999 UTC on 31 October is still October at +07:00, a millisecond later it is November
    midnight = 1_793_466_000_000
    ingest.accept(device.call(device.add(body(wall_ms=midnight - 1), body(wall_ms=midnight), body(wall_ms=midnight))))
    assert counted(store, parse_period("2026-10"))["dukcapil", "ktp"].responses == 1
    assert counted(store, parse_period("2026-11"))["dukcapil", "ktp"].responses == 2


def test_a_clock_however_wrong_refuses_no_answer(store, ingest, device):
    rows = device.add(body(wall_ms=1 - 2**53), body(wall_ms=0), body(wall_ms=2**53 - 1))
    assert ingest.accept(device.call(rows)).head_seq == 3
    assert store.differences() == []


def test_the_receipt_names_the_newest_configuration(store, ingest, device):
    held = store.configuration("dukcapil-1").to_domain()
    store.put_configuration(replace(held, idle_s=held.idle_s + 1))
    assert ingest.accept(device.call([])).configuration == 2


def test_a_row_of_another_counter_of_the_same_unit_is_fine(store, ingest, device):
    assert ingest.accept(device.call(device.add(body(counter="dukcapil-2", service="kia")))).head_seq == 1


# -- the chain -----------------------------------------------------------------------------------------------------


def test_a_jump_is_refused_with_the_head_so_the_device_can_go_back(store, ingest, device):
    rows = device.add(*(body() for _ in range(4)))
    ingest.accept(device.call(rows[:1]))
    before = stored(store)
    with pytest.raises(Refusal) as caught:
        ingest.accept(device.call(rows[2:]))
    assert caught.value.code == "gap"
    assert caught.value.facts == {"head_seq": 1, "head_hash": rows[0].hash}
    assert stored(store) == before
    ingest.accept(device.call(rows[1:]))
    assert counted(store)["dukcapil", "ktp"].responses == 4


def test_the_first_row_must_stand_on_the_genesis_hash(store, ingest, device):
    rows = linked(device.device, 1, [wire.canonical(body())], prev="1" * 64)
    assert code_of(ingest, device.call(rows)) == "gap"
    assert stored(store) == NOTHING


def test_a_link_broken_inside_a_batch_stores_nothing_of_it(store, ingest, device):
    first = device.add(body())
    second = linked(device.device, 1, [wire.canonical(body())], after=1, prev="1" * 64)
    assert code_of(ingest, device.call(first + second)) == "gap"
    assert stored(store) == NOTHING


def test_the_same_number_with_other_content_is_a_fork(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    before = stored(store)
    other = linked(device.device, 1, [wire.canonical(body(*(1,) * 9)), wire.canonical(body())])
    assert code_of(ingest, device.call(other)) == "fork"
    assert stored(store) == before


@pytest.mark.parametrize("order", [(0, 2), (1, 0), (0, 0), (0, 1, 1)])
def test_rows_out_of_order_are_refused(store, ingest, device, order):
    rows = device.add(*(body() for _ in range(3)))
    assert code_of(ingest, device.call([rows[place] for place in order])) == "batch_order"
    assert stored(store) == NOTHING


def test_a_known_id_in_another_place_is_a_conflict(store, ingest, device):
    first = device.add(body())[0]
    ingest.accept(device.call([first]))
    before = stored(store)
    digest = wire.row_hash(device=device.device, epoch=1, seq=2, row_id=first.id, prev_hash=first.hash, body=first.body)
    again = wire.Row(body=first.body, hash=digest, id=first.id, prev_hash=first.hash, seq=2)
    assert code_of(ingest, device.call([again])) == "response_conflict"
    assert code_of(ingest, device.call([first, again])) == "response_conflict"
    assert stored(store) == before


def test_an_id_of_another_device_is_a_conflict(store, ingest, device):
    row = device.add(body())[0]
    ingest.accept(device.call([row]))
    other = KioskDevice.enrolled(store)
    digest = wire.row_hash(device=other.device, epoch=1, seq=1, row_id=row.id, prev_hash=wire.GENESIS, body=row.body)
    stolen = wire.Row(body=row.body, hash=digest, id=row.id, prev_hash=wire.GENESIS, seq=1)
    assert code_of(ingest, other.call([stolen])) == "response_conflict"
    assert stored(store)["response"] == 1
