"""Rows kept aside: known ids, revoked devices, and what an officer makes of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import Raw
from sqlalchemy import select

from ikm import wire
from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.server import tables
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice, aside, code_of, counted, stored
from tests.support.samples import body

BY = {"who": "Sari", "reason": "layanan baru", "now_ms": NOW_MS + 9}


def responses(store) -> int:
    return sum(tally.responses for tally in counted(store).values())


def renamed(device: str, row: wire.Row, seq: int, prev: str) -> wire.Row:
    """That row's id and body in another place."""
    digest = wire.row_hash(device=device, epoch=1, seq=seq, row_id=row.id, prev_hash=prev, body=row.body)
    return wire.Row(body=row.body, hash=digest, id=row.id, prev_hash=prev, seq=seq)


# -- ids ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "Antrean panjang"])
@pytest.mark.parametrize("together", [False, True])
def test_an_answer_that_comes_again_in_another_place_is_settled(store, ingest, device, together, words):
    first = device.add(body(comment=words))[0]
    again = renamed(device.device, first, 2, first.hash)
    if not together:
        ingest.accept(device.call([first]))
    receipt = ingest.accept(device.call([first, again]))
    assert receipt.rejected == [wire.RejectedRow(code="response_repeated", seq=2)]
    assert (receipt.head_seq, responses(store)) == (2, 1)
    assert store.quarantined(undecided=True) == []


@pytest.mark.parametrize("words", ["", "Antrean panjang"])
@pytest.mark.parametrize("together", [False, True])
def test_another_answer_under_a_known_id_is_kept_for_a_decision(store, ingest, device, together, words):
    first = device.add(body(comment=words))[0]
    worst = wire.canonical(body(*(1,) * 9, comment=words))
    other = wire.Row(body=Raw(worst), hash=first.hash, id=first.id, prev_hash="", seq=2)
    other = renamed(device.device, other, 2, first.hash)
    if not together:
        ingest.accept(device.call([first]))
    receipt = ingest.accept(device.call([first, other]))
    assert receipt.rejected == [wire.RejectedRow(code="response_conflict", seq=2)]
    assert (receipt.head_seq, responses(store), len(store.quarantined(undecided=True))) == (2, 1, 1)
    with pytest.raises(Refusal, match="response_conflict"):
        store.release(device.device, 1, 2, **BY)
    store.reject(device.device, 1, 2, **BY)
    assert responses(store) == 1


def test_an_id_of_another_device_is_a_conflict_though_the_answer_is_the_same(store, ingest, device):
    row = device.add(body())[0]
    ingest.accept(device.call([row]))
    other = KioskDevice.enrolled(store)
    receipt = ingest.accept(other.call([renamed(other.device, row, 1, wire.GENESIS)]))
    assert receipt.rejected == [wire.RejectedRow(code="response_conflict", seq=1)]
    assert responses(store) == 1


def test_two_devices_with_one_id_at_once_are_told_apart(store, ingest):
    devices = [KioskDevice.enrolled(store) for _ in range(4)]
    row = devices[0].add(body())[0]
    calls = [one.call([renamed(one.device, row, 1, wire.GENESIS)]) for one in devices]
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(ingest.accept, calls))
    assert [receipt.head_seq for receipt in receipts] == [1] * 4
    assert sum(len(receipt.rejected) for receipt in receipts) == 3
    assert (responses(store), store.differences()) == (1, [])


# -- decisions ----------------------------------------------------------------------------------------------------


def test_a_row_that_came_before_its_service_is_counted_once_the_service_is_known(store, ingest, device):
    rows = device.add(body(), body(service="legalisasi"), body())
    assert ingest.accept(device.call(rows)).rejected == [wire.RejectedRow(code="service_unknown", seq=2)]
    with pytest.raises(Refusal, match="service_unknown"):
        store.release(device.device, 1, 2, **BY)
    assert [row.decision for row in store.quarantined()] == [None]
    store.put_service("dukcapil", Service("legalisasi", {"id": "Legalisasi"}), 9)
    store.release(device.device, 1, 2, **BY)
    assert counted(store)["dukcapil", "legalisasi"].responses == 1
    [kept] = store.quarantined()
    assert (kept.decision, kept.decided_by, kept.reason, kept.decided_ms, kept.chained) == (
        "released", "Sari", "layanan baru", NOW_MS + 9, False,
    )  # fmt: skip
    with store._engine.connect() as connection:
        row = connection.execute(select(tables.response).where(tables.response.c.seq == 2)).one()
    assert (bytes(row.body), bytes(row.hash).hex(), row.received_ms) == (bytes(rows[1].body), rows[1].hash, NOW_MS)
    assert store.differences() == []
    # its place is still held: the batch is known and nothing of it is rejected any more
    assert ingest.accept(device.call(rows)).rejected == []
    with pytest.raises(Refusal, match="not_found"):
        store.release(device.device, 1, 2, **BY)


def test_a_released_row_of_a_forked_epoch_is_held_with_the_others(store, ingest, device):
    ingest.accept(device.call(device.add(body(), body(service="legalisasi"))))
    clone = device.copy()
    clone.rows = []
    code_of(ingest, clone.call(clone.add(body())))
    store.put_service("dukcapil", Service("legalisasi", {"id": "Legalisasi"}), 9)
    store.release(device.device, 1, 2, **BY)
    assert responses(store) == 0
    store.decide_fork(device.device, 1, "count", **BY)
    assert (responses(store), store.differences()) == (2, [])


def test_a_rejected_row_keeps_its_place_and_is_no_longer_asked_about(store, ingest, device):
    rows = device.add(b"7", body())
    ingest.accept(device.call(rows))
    store.reject(device.device, 1, 1, **BY)
    [kept] = store.quarantined()
    assert (kept.decision, kept.decided_by, kept.chained, kept.body) == ("rejected", "Sari", True, b"7")
    assert store.quarantined(undecided=True) == []
    assert ingest.accept(device.call(device.add(body()))).head_seq == 3
    for decide in (store.release, store.reject):
        with pytest.raises(Refusal, match="not_found"):
            decide(device.device, 1, 1, **BY)


@pytest.mark.parametrize("seq", [1, 3])
def test_there_is_nothing_to_decide_about_a_row_that_counts_or_never_came(store, ingest, device, seq):
    ingest.accept(device.call(device.add(body(), b"7")))
    for decide in (store.release, store.reject):
        with pytest.raises(Refusal, match="not_found"):
            decide(device.device, 1, seq, **BY)


def test_a_row_of_a_fork_cannot_be_released_beside_the_one_that_holds_its_place(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    clone = device.copy()
    clone.rows = []
    code_of(ingest, clone.call(clone.add(body(*(1,) * 9))))
    with pytest.raises(Refusal, match="not_found"):
        store.release(device.device, 1, 1, **BY)
    store.reject(device.device, 1, 1, **BY)
    assert stored(store)["response"] == 1


# -- revoked ------------------------------------------------------------------------------------------------------


def test_a_revoked_device_is_told_and_its_further_rows_are_kept_aside(store, ingest, device):
    rows = device.add(body(), body())
    ingest.accept(device.call(rows[:1]))
    store.revoke(device.device, NOW_MS)
    receipt = ingest.accept(device.call(rows))
    assert (receipt.head_seq, receipt.standing) == (2, "revoked")
    assert receipt.rejected == [wire.RejectedRow(code="device_revoked", seq=2)]
    assert (responses(store), aside(store)) == (1, [(1, 2, "device_revoked")])
    assert ingest.accept(device.call([])).standing == "revoked"
    store.release(device.device, 1, 2, **BY)
    assert (responses(store), store.differences()) == (2, [])


def test_what_a_revoked_device_gave_before_counts_though_it_comes_later(store, ingest, device):
    store.revoke(device.device, NOW_MS, after=(1, 2))
    rows = device.add(*(body() for _ in range(4)))
    receipt = ingest.accept(device.call(rows))
    assert [(row.seq, row.code) for row in receipt.rejected] == [(3, "device_revoked"), (4, "device_revoked")]
    later = device.begin()
    assert ingest.accept(later.call(later.add(body(), b"7"))).standing == "revoked"
    assert responses(store) == 2
    assert aside(store)[2:] == [(2, 1, "device_revoked"), (2, 2, "device_revoked")]


def test_a_revoked_devices_older_epochs_count_whole(store, ingest, device):
    store.revoke(device.device, NOW_MS, after=(2, 1))
    ingest.accept(device.call(device.add(*(body() for _ in range(3)))))
    later = device.begin()
    receipt = ingest.accept(later.call(later.add(body(), body())))
    assert [row.seq for row in receipt.rejected] == [2]
    assert responses(store) == 4
