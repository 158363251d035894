"""Every kind of loss and damage in the stored chains is found and named, and nothing else is."""

import pytest
from msgspec import structs
from sqlalchemy import delete, select, update

from ikm import wire
from ikm.server import tables as t
from ikm.server.reports.completeness import completeness, described, sentence
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body


def fill(ingest, device, rows=5):
    ingest.accept(device.call(device.add(*[body() for _ in range(rows)])))


def run(store, statement):
    with store._engine.begin() as connection:
        assert connection.execute(statement).rowcount == 1


def found(store, **asked):
    return completeness(store, thorough=True, **asked)


def faults(store):
    return [(f.fault, f.epoch, f.first, f.last, f.rows) for _, f in found(store).findings]


def response(seq, epoch=1):
    return (t.response.c.seq == seq) & (t.response.c.epoch == epoch)


def test_what_is_whole_is_said_to_be_whole(store, ingest, device):
    fill(ingest, device)
    other = KioskDevice.enrolled(store, "dukcapil-2")
    fill(ingest, other, 2)
    whole = found(store)
    assert whole.complete
    assert sentence(whole) == (
        "LENGKAP: tidak ada yang hilang; 7 jawaban dari 2 kios, terakhir diterima 1 November 2026 pukul 09.26 WIB."
    )
    assert [books.responses for books in found(store, device=other.device).devices] == [2]
    assert len(found(store, unit="dukcapil").devices) == 2
    assert found(store, unit="nowhere").devices == ()


def test_a_server_without_answers_misses_none(store):
    whole = found(store)
    assert whole.complete
    assert sentence(whole) == "BELUM ADA KIOS terdaftar, jadi tidak ada yang dapat diperiksa."


def test_rows_that_are_not_there_are_named(store, ingest, device):
    fill(ingest, device)
    with store._engine.begin() as connection:
        connection.execute(delete(t.response).where(t.response.c.seq.in_([2, 3])))
    assert faults(store) == [("missing", 1, 2, 3, 2)]
    assert sentence(found(store)) == (
        f"TIDAK LENGKAP: 2 jawaban hilang: kios dukcapil-1 ({device.device}) rantai 1 nomor 2–3 tidak ada di server, "
        "sejak 1 November 2026 pukul 09.26 WIB."
    )


@pytest.mark.parametrize("gone", [[1], [5], [4, 5], [1, 2, 3, 4, 5]])
def test_rows_missing_at_either_end_are_named(store, ingest, device, gone):
    fill(ingest, device)
    with store._engine.begin() as connection:
        connection.execute(delete(t.response).where(t.response.c.seq.in_(gone)))
    assert faults(store) == [("missing", 1, gone[0], gone[-1], len(gone))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"body": b"{}"}, ["altered"]),
        ({"hash": b"x" * 32}, ["altered", "link"]),
        ({"prev_hash": b"x" * 32}, ["link", "altered"]),
        ({"id": "01a20a2d-7c00-7000-8000-0000000000aa"}, ["altered"]),
        ({"device": "01a20a2d-7c00-7000-8000-0000000000aa"}, ["missing"]),
    ],
)
def test_whatever_of_a_row_was_altered_is_found(store, ingest, device, values, expected):
    fill(ingest, device)
    run(store, update(t.response).where(response(3)).values(values))
    assert [fault for fault, *_ in faults(store)] == expected
    assert not found(store).complete


def test_a_moved_head_is_found(store, ingest, device):
    fill(ingest, device)
    run(store, update(t.head).values(hash=b"x" * 32))
    assert [fault for fault, *_ in faults(store)] == ["head"]
    run(store, update(t.head).values(seq=4))
    assert [fault for fault, *_ in faults(store)] == ["head"]
    run(store, delete(t.head))
    assert [fault for fault, *_ in faults(store)] == ["head"]


def test_a_row_kept_aside_holds_its_place_and_is_checked_as_well(store, ingest, device):
    ingest.accept(device.call(device.add(body(), b'{"not":"an answer"}', body())))
    whole = found(store)
    [books] = whole.devices
    assert (whole.complete, books.responses, books.aside, books.undecided) == (True, 2, 1, 1)
    run(store, update(t.quarantine).values(body=b"{}"))
    assert faults(store) == [("altered", 1, 2, 2, 0)]
    run(store, delete(t.quarantine))
    assert faults(store) == [("missing", 1, 2, 2, 1)]


def test_an_opening_that_was_altered_breaks_the_chain_of_its_epoch(store, ingest, device):
    fill(ingest, device)
    again = device.begin("lost")
    fill(ingest, again, 2)
    assert found(store).complete
    run(store, update(t.opening).values(salvaged=1))
    assert ("link", 2, 1, 1, 0) in faults(store)


def test_what_a_device_lost_is_told_with_when_it_told(store, ingest, device):
    # numbers 1 to 6 were given; the server has 1 to 3, the device saved nothing after that
    rows = device.add(*[body() for _ in range(6)])
    ingest.accept(device.call(rows[:3]))
    again = device.begin("damaged", after=3, known=6)
    ingest.accept(again.call(again.add(body())))
    assert faults(store) == [("lost", 1, 4, 6, 3)]
    [(books, finding)] = found(store).findings
    assert finding.since_ms == NOW_MS
    assert described(books, finding).endswith(
        "rantai 1 nomor 4–6 hilang di kios, sejak 1 November 2026 pukul 09.26 WIB"
    )
    with store._engine.connect() as connection:
        assert connection.execute(select(t.opening.c.known_seq)).scalar_one() == 6
    # what a quick look says, it says without hashing anything
    assert completeness(store, thorough=False).missing == 3


def test_two_rows_of_one_number_are_found(store, ingest, device):
    ingest.accept(device.call(device.add(body(), b"{}", body())))
    with store._engine.begin() as connection:
        # the row kept aside is let in a second time, as no command of ours does
        kept = connection.execute(select(t.response).where(response(3))).one()._mapping
        connection.execute(t.response.insert().values({**kept, "seq": 2, "id": "01a20a2d-7c00-7000-8000-0000000000aa"}))
    assert ("double", 1, 2, 2, 0) in faults(store)


def again_in(device, rows, *, known):
    """The device in its next epoch, which takes over those rows of this one after its third."""
    later = device.begin("damaged", after=3, known=known)
    later.openings[2] = structs.replace(later.openings[2], salvaged=len(rows))
    prev = later.start
    for seq, row in enumerate(rows, 1):
        facts = {"device": later.device, "epoch": 2, "seq": seq, "row_id": row.id, "prev_hash": prev, "body": row.body}
        digest = wire.row_hash(**facts)
        later.rows.append(wire.Row(body=row.body, hash=digest, id=row.id, prev_hash=prev, seq=seq))
        prev = digest
    return later


def test_rows_that_were_saved_into_a_new_epoch_are_not_lost(store, ingest, device):
    # 1 to 8 were given, 4 and 5 arrived; 6 and 7 were saved with them, 8 was not
    rows = device.add(*[body() for _ in range(8)])
    ingest.accept(device.call(rows[:5]))
    later = again_in(device, rows[3:7], known=8)
    ingest.accept(later.call(later.rows[:1]))
    # what has been announced and has not come yet is not called lost
    [books] = found(store).devices
    assert [epoch.coming for epoch in books.epochs] == [3, 0]
    assert found(store).missing == 0
    ingest.accept(later.call(later.rows[1:]))
    assert faults(store) == [("lost", 1, 6, 8, 1)]
    assert found(store).devices[0].responses == 7


def test_rows_the_old_epoch_still_sends_are_not_lost_either(store, ingest, device):
    rows = device.add(*[body() for _ in range(5)])
    ingest.accept(device.call(rows[:1]))
    later = device.begin("damaged", after=3, known=5)
    ingest.accept(later.call(later.add(body())))
    assert [epoch.coming for epoch in found(store).devices[0].epochs] == [2, 0]
    ingest.accept(device.call(rows[1:3]))
    assert [epoch.coming for epoch in found(store).devices[0].epochs] == [0, 0]
    assert faults(store) == [("lost", 1, 4, 5, 2)]
