"""Deliveries that come in at the same moment share a transaction, and none of them suffers for another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice, counted, stored
from tests.support.samples import body

OTHERS = 4
ALONE = 1


class AtOnce:
    """Sends calls while another delivery is being written, so that they wait together; notes who was written with whom.

    `fails` is what writing more than one comes to, where it comes to that.
    """

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, fails: Exception | None = None) -> None:
        self.store, self.ingest = store, Ingest(store, lambda: NOW_MS)
        self.groups: list[int] = []
        self.first = KioskDevice.enrolled(store)
        self._write, self._fails, self._awaited = store._together._write, fails, 0
        self._begun = threading.Event()
        monkeypatch.setattr(store._together, "_write", self._noted)

    def __call__(self, *calls):
        """A receipt or a refusal for each call."""
        self._awaited = len(calls)
        with ThreadPoolExecutor(len(calls) + 1) as pool:
            first = pool.submit(self._answer, self.first.call(self.first.add(body())))
            assert self._begun.wait(30)
            answers = list(pool.map(self._answer, calls))
        assert first.result().head_seq == len(self.first.rows)
        return answers

    def _noted(self, deliveries):
        self.groups.append(len(deliveries))
        if len(self.groups) == 1:
            self._begun.set()
            while len(self.store._together._queue) < self._awaited:
                threading.Event().wait(0.001)
        elif self._fails is not None and len(deliveries) > 1:
            raise self._fails
        return self._write(deliveries)

    def _answer(self, call):
        try:
            return self.ingest.accept(call)
        except (Refusal, DatabaseFault) as fault:
            return fault


@pytest.fixture
def devices(store):
    return [KioskDevice.enrolled(store) for _ in range(OTHERS)]


def sent(devices, answers=3):
    return [device.call(device.add(*(body(*(1 + number,) * 9) for number in range(answers)))) for device in devices]


def test_deliveries_that_wait_at_once_are_one_transaction(store, devices, monkeypatch):
    at_once = AtOnce(store, monkeypatch)
    receipts = at_once(*sent(devices))
    assert at_once.groups == [ALONE, OTHERS]
    assert [(receipt.device, receipt.head_seq, receipt.head_hash) for receipt in receipts] == [
        (device.device, 3, device.rows[-1].hash) for device in devices
    ]
    assert counted(store)["dukcapil", "ktp"].responses == 3 * OTHERS + 1
    assert store.differences() == []


def test_who_does_not_fit_is_refused_alone(store, devices, monkeypatch):
    calls = sent(devices)
    gap = devices[1].call(devices[1].rows[1:])
    at_once = AtOnce(store, monkeypatch)
    answers = at_once(calls[0], gap, *calls[2:])
    assert [getattr(answer, "code", None) for answer in answers] == [None, "gap", None, None]
    assert at_once.groups[:2] == [ALONE, OTHERS]
    # what had to be tried again counts once
    assert stored(store)["response"] == counted(store)["dukcapil", "ktp"].responses == 3 * (OTHERS - 1) + 1
    assert store.differences() == []


def test_an_id_that_is_known_hurts_nobody_else(store, devices, monkeypatch):
    calls = sent(devices)
    # a card copied into another device, whose rows bear the first one's ids
    thief = KioskDevice.enrolled(store)
    stolen = KioskDevice(devices[0].device, thief.counter, thief.key)
    rows = stolen.add(*(body(*(4,) * 9) for _ in range(2)))
    thief.rows = relinked(thief, rows)
    at_once = AtOnce(store, monkeypatch)
    answers = at_once(*calls, thief.call(thief.rows))
    assert [answer.head_seq for answer in answers] == [3] * OTHERS + [2]
    # whoever came second with an id has its rows kept aside, and is told so
    assert sum(len(answer.rejected) for answer in answers) == 2
    assert stored(store)["response"] + stored(store)["quarantine"] == 3 * OTHERS + 3
    assert store.differences() == []


def test_a_fork_in_the_group_is_told_to_its_device_alone(store, devices, monkeypatch):
    ingest = Ingest(store, lambda: NOW_MS)
    ingest.accept(sent(devices[:1])[0])
    clone = devices[0].copy()
    clone.rows = []
    clone.add(*(body(*(2,) * 9) for _ in range(3)))
    at_once = AtOnce(store, monkeypatch)
    answers = at_once(clone.call(clone.rows), *sent(devices[1:]))
    assert [getattr(answer, "code", None) for answer in answers] == ["fork", None, None, None]
    assert at_once.groups == [ALONE, OTHERS]
    assert stored(store)["fork"] == 1
    assert store.differences() == []


def test_what_a_device_sends_twice_at_once_is_written_one_after_the_other(store, devices, monkeypatch):
    calls = sent(devices)
    at_once = AtOnce(store, monkeypatch)
    receipts = at_once(calls[0], *calls)
    assert receipts[0] == receipts[1]
    assert sorted(at_once.groups) == [ALONE, ALONE, OTHERS]
    assert counted(store)["dukcapil", "ktp"].responses == 3 * OTHERS + 1
    assert store.differences() == []


def test_a_busy_database_is_told_to_all_of_them_and_asked_once(store, devices, monkeypatch):
    at_once = AtOnce(store, monkeypatch, Refusal("server_busy", retry_after_s=5))
    assert [answer.code for answer in at_once(*sent(devices))] == ["server_busy"] * OTHERS
    assert at_once.groups == [ALONE, OTHERS]
    assert stored(store)["response"] == 1


def test_a_group_that_the_database_fails_at_is_tried_one_by_one(store, devices, monkeypatch):
    at_once = AtOnce(store, monkeypatch, DatabaseFault("DataError 22021"))
    assert [answer.head_seq for answer in at_once(*sent(devices))] == [3] * OTHERS
    assert store.differences() == []


def relinked(device, rows):
    """Those ids and bodies as rows of that device's own chain."""
    device.rows = []
    made = device.add(*(bytes(row.body) for row in rows))
    found, prev = [], device.start
    for row, other in zip(made, rows, strict=True):
        digest = wire.row_hash(
            device=device.device, epoch=device.epoch, seq=row.seq, row_id=other.id, prev_hash=prev, body=row.body
        )
        found.append(wire.Row(body=row.body, hash=digest, id=other.id, prev_hash=prev, seq=row.seq))
        prev = digest
    return found
