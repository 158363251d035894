from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.tally import tally_of
from ikm.server import tables
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, code_of, counted, linked, stored
from tests.support.samples import body

# -- exactly once --------------------------------------------------------------------------------------------------


def test_a_batch_is_acknowledged_counted_and_kept_as_sent(store, ingest, device):
    rows = device.add(body(*(4,) * 9), body(3, 2), body(*(1,) * 9))
    receipt = ingest.accept(device.call(rows, nonce="5" * 32))
    key = Ed25519PublicKey.from_public_bytes(store.server_keys()[-1].public_key)
    key.verify(wire.from_base64(receipt.signature, ""), wire.receipt_bytes(receipt))
    assert receipt == wire.Receipt(
        configuration=1, device=device.device, durable_seq=0, epoch=1, head_hash=rows[-1].hash, head_seq=3,
        nonce="5" * 32, protocol=2, rejected=[], server=store.server_id(), server_time_ms=NOW_MS,
        signature=receipt.signature,
    )  # fmt: skip
    responses = [wire.decode_body(row.body).to_domain() for row in rows]
    assert counted(store) == {("dukcapil", "ktp"): tally_of(responses)}
    with store._engine.connect() as connection:
        kept = connection.execute(select(tables.response).order_by(tables.response.c.seq)).all()
    assert [bytes(row.body) for row in kept] == [bytes(row.body) for row in rows]
    assert [bytes(row.hash).hex() for row in kept] == [row.hash for row in rows]
    assert [row.id for row in kept] == [row.id for row in rows]


def test_a_device_of_protocol_1_gets_the_receipt_it_knows(store, ingest, device):
    receipt = ingest.accept(device.call(device.add(body()), protocol=1))
    told = wire.canonical(receipt)
    assert (receipt.protocol, receipt.signature) == (1, "")
    assert b"standing" not in told
    store.revoke(device.device, NOW_MS)
    again = wire.canonical(ingest.accept(device.call(device.rows, protocol=1)))
    assert again == told


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


def test_a_heartbeat_tells_the_head_and_how_the_device_is(store, ingest, device):
    receipt = ingest.accept(device.call([]))
    assert (receipt.head_seq, receipt.head_hash) == (0, wire.GENESIS)
    assert stored(store) == NOTHING
    with store._engine.connect() as connection:
        seen = connection.execute(select(tables.device)).one()
    assert seen.last_seen_ms == NOW_MS
    assert wire.decode(seen.health.encode(), wire.Health).app_version == "0.1.0"


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


@pytest.mark.parametrize("order", [(0, 2), (1, 0), (0, 0), (0, 1, 1)])
def test_rows_out_of_order_are_refused(store, ingest, device, order):
    rows = device.add(*(body() for _ in range(3)))
    assert code_of(ingest, device.call([rows[place] for place in order])) == "batch_order"
    assert stored(store) == NOTHING
