"""Two machines with one card: both are kept, neither is counted from where they part until an officer says so."""

import pytest
from msgspec import structs

from ikm import wire
from ikm.domain.errors import Refusal
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, aside, code_of, counted, stored
from tests.support.samples import body

UNIT = ("dukcapil", "ktp")


def refusal(ingest, call) -> Refusal:
    with pytest.raises(Refusal) as caught:
        ingest.accept(call)
    return caught.value


def places(store, **asked: object) -> list[tuple[int, int, str, int]]:
    """Epoch, number, kind and rows held of each fork."""
    return [(fork.epoch, fork.seq, fork.kind, fork.held) for fork in store.forks(**asked)]


def responses(store) -> int:
    return sum(tally.responses for tally in counted(store).values())


@pytest.fixture
def parted(store, ingest, device):
    """A device with six rows on the server, and a clone that went its own way after the third and was told so."""
    ingest.accept(device.call(device.add(*(body(*(n % 4 + 1,) * 9) for n in range(6)))))
    clone = device.copy()
    clone.rows = clone.rows[:3]
    told = refusal(ingest, clone.call(clone.add(*(body(*(1,) * 9) for _ in range(5)))))
    return device, clone, told


# -- one number, two rows -----------------------------------------------------------------------------------------


def test_a_clone_is_told_where_both_were_one(parted):
    device, _, told = parted
    assert (told.code, told.detail) == ("fork", "seq 4")
    assert told.facts == {"head_seq": 3, "head_hash": device.rows[2].hash}


def test_from_there_on_nothing_of_either_counts_and_both_are_kept(store, parted):
    _, clone, _ = parted
    assert places(store) == [(1, 4, "conflict", 3)]
    assert responses(store) == 3
    kept = store.quarantined()
    assert [(row.seq, row.code, row.chained, row.hash) for row in kept] == [
        (row.seq, "fork", False, row.hash) for row in clone.rows[3:]
    ]
    assert store.differences() == []


def test_the_same_clone_again_changes_nothing(store, ingest, parted):
    _, clone, told = parted
    before = stored(store)
    again = refusal(ingest, clone.call(clone.rows[3:]))
    assert (again.code, again.facts) == (told.code, told.facts)
    assert stored(store) == before


def test_while_nothing_is_decided_rows_come_in_and_are_held(store, ingest, parted):
    device, _, _ = parted
    receipt = ingest.accept(device.call(device.add(body(), body())))
    assert (receipt.head_seq, receipt.standing, receipt.rejected) == (8, "forked", [])
    assert (responses(store), places(store)) == (3, [(1, 4, "conflict", 5)])
    assert ingest.accept(device.call([])).standing == "forked"
    assert store.differences() == []


def test_the_epoch_the_clone_begins_is_held_too(store, ingest, parted):
    _, clone, _ = parted
    later = clone.begin("fork", after=3)
    receipt = ingest.accept(later.call(later.add(body(), body())))
    assert (receipt.head_seq, receipt.standing) == (2, "forked")
    assert places(store) == [(1, 4, "conflict", 3), (2, 1, "after", 2)]
    assert responses(store) == 3


@pytest.mark.parametrize(
    ("said", "total"),
    [(("count", "discard"), 6), (("discard", "count"), 5), (("count", "count"), 8), (("discard", "discard"), 3)],
)
def test_an_officer_says_of_each_branch_whether_it_counts(store, ingest, parted, said, total):
    device, clone, _ = parted
    first, second = said
    later = clone.begin("fork", after=3)
    ingest.accept(later.call(later.add(body(), body())))
    store.decide_fork(device.device, 1, first, who="Sari", reason="kartu disalin", now_ms=NOW_MS)
    assert ingest.accept(device.call([])).standing == "forked"
    store.decide_fork(device.device, 2, second, who="Sari", reason="kartu salinan", now_ms=NOW_MS + 1)
    assert responses(store) == total
    assert ingest.accept(device.call([])).standing == "active"
    assert [(f.decision, f.decided_by, f.reason, f.decided_ms) for f in store.forks()] == [
        (first, "Sari", "kartu disalin", NOW_MS), (second, "Sari", "kartu salinan", NOW_MS + 1),
    ]  # fmt: skip
    assert store.forks(undecided=True) == []
    assert store.differences() == []
    # what the branch still sends goes the way it was decided
    ingest.accept(later.call(later.add(body())))
    assert responses(store) == total + (second == "count")
    assert store.differences() == []


def test_after_count_new_rows_count_and_after_discard_they_are_held_for_ever(store, ingest, parted):
    device, _, _ = parted
    store.decide_fork(device.device, 1, "discard", who="Sari", reason="", now_ms=NOW_MS)
    receipt = ingest.accept(device.call(device.add(body())))
    assert (receipt.standing, responses(store), places(store)) == ("active", 3, [(1, 4, "conflict", 4)])
    later = device.begin("damaged")
    ingest.accept(later.call(later.add(body())))
    assert responses(store) == 4
    assert store.differences() == []


def test_a_clone_that_comes_back_after_the_decision_does_not_undo_it(store, ingest, parted):
    device, clone, _ = parted
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    assert code_of(ingest, clone.call(clone.rows[3:])) == "fork"
    assert (responses(store), store.forks(undecided=True)) == (6, [])
    # but the epoch it then begins is not one that anybody decided about
    later = clone.begin("fork", after=3)
    assert ingest.accept(later.call(later.add(body()))).standing == "forked"
    assert responses(store) == 6


def test_a_fork_earlier_than_a_decided_one_is_another_question(store, ingest, parted):
    device, clone, _ = parted
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    third = clone.copy()
    third.rows = third.rows[:1]
    assert refusal(ingest, third.call(third.add(body()))).facts["head_seq"] == 1
    assert responses(store) == 1
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    assert responses(store) == 6
    assert store.differences() == []


def test_nothing_waits_for_a_decision_where_no_fork_is(store, ingest, parted):
    device, _, _ = parted
    other = KioskDevice.enrolled(store)
    for of, epoch in ((device.device, 2), (other.device, 1)):
        with pytest.raises(Refusal, match="not_found"):
            store.decide_fork(of, epoch, "count", who="Sari", reason="", now_ms=NOW_MS)
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    with pytest.raises(Refusal, match="not_found"):
        store.decide_fork(device.device, 1, "discard", who="Budi", reason="", now_ms=NOW_MS)
    assert responses(store) == 6


def test_a_fork_of_one_device_leaves_the_others_of_its_unit_alone(store, ingest, parted):
    other = KioskDevice.enrolled(store)
    receipt = ingest.accept(other.call(other.add(body(), body())))
    assert (receipt.standing, responses(store)) == ("active", 5)
    assert store.forks(other.device) == []


def test_a_fork_at_the_first_row_goes_back_to_the_beginning(store, ingest, device):
    ingest.accept(device.call(device.add(body(*(2,) * 9))))
    clone = device.copy()
    clone.rows = []
    told = refusal(ingest, clone.call(clone.add(body(), body())))
    assert (told.code, told.facts) == ("fork", {"head_seq": 0, "head_hash": wire.GENESIS})
    # the only response is held, so no cell is left
    assert stored(store) == NOTHING | {"response": 1, "head": 1, "fork": 1, "quarantine": 2}
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    assert responses(store) == 1
    assert store.differences() == []


def test_a_row_kept_aside_forks_like_any_other(store, ingest, device):
    ingest.accept(device.call(device.add(body(), b"7", body())))
    clone = device.copy()
    clone.rows = clone.rows[:1]
    told = refusal(ingest, clone.call(clone.add(body())))
    assert (told.code, told.facts["head_seq"]) == ("fork", 1)
    # two rows of one number stand in the order of their hashes, which is chance
    assert sorted(aside(store)) == [(1, 2, "fork"), (1, 2, "response_malformed")]


# -- where both parted before the batch ---------------------------------------------------------------------------


def test_a_clone_whose_pending_rows_begin_after_the_fork_is_led_back_to_it(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(300)))[:200]))
    ingest.accept(device.call(device.rows[200:]))
    clone = device.copy()
    clone.rows = clone.rows[:260]
    clone.add(*(body(*(1,) * 9) for _ in range(30)))
    # it believes 280 of its own rows to be here, perhaps because its watermark was restored from elsewhere
    told = refusal(ingest, clone.call(clone.rows[280:]))
    assert (told.code, told.facts) == ("gap", {"head_seq": 80, "head_hash": device.rows[79].hash})
    assert responses(store) == 280
    told = refusal(ingest, clone.call(clone.rows[80:280]))
    assert (told.code, told.facts) == ("fork", {"head_seq": 260, "head_hash": device.rows[259].hash})
    assert responses(store) == 260
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    assert responses(store) == 300
    assert store.differences() == []


def test_a_row_that_follows_another_row_than_the_head_is_a_fork_at_the_head(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(3)))))
    clone = device.copy()
    clone.rows = clone.rows[:2]
    clone.add(body(*(1,) * 9), body(*(1,) * 9))
    told = refusal(ingest, clone.call(clone.rows[3:]))
    assert (told.code, told.facts) == ("gap", {"head_seq": 0, "head_hash": wire.GENESIS})
    assert places(store) == [(1, 3, "conflict", 1)]
    assert refusal(ingest, clone.call(clone.rows)).facts["head_seq"] == 2


# -- an epoch that another closed ---------------------------------------------------------------------------------


def test_more_rows_of_an_epoch_than_its_device_ever_gave_are_a_clones(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(3)))))
    clone = device.copy()
    later = device.begin("damaged", after=3, known=5)
    ingest.accept(later.call(later.add(body())))
    clone.add(*(body() for _ in range(4)))
    receipt = ingest.accept(clone.call(clone.rows[3:5]))
    assert (receipt.standing, responses(store)) == ("active", 6)
    receipt = ingest.accept(clone.call(clone.rows[5:]))
    assert (receipt.head_seq, receipt.standing) == (7, "forked")
    assert places(store) == [(1, 6, "closed", 2), (2, 1, "after", 1)]
    assert responses(store) == 5
    assert store.differences() == []


def test_once_such_an_epoch_was_counted_its_further_rows_count(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    clone, later = device.copy(), device.begin("damaged")
    ingest.accept(later.call([]))
    ingest.accept(clone.call(clone.add(body())))
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    store.decide_fork(device.device, 2, "count", who="Sari", reason="", now_ms=NOW_MS)
    receipt = ingest.accept(clone.call(clone.add(body())))
    assert (receipt.standing, responses(store)) == ("active", 3)


def test_an_epoch_that_was_passed_over_may_not_grow(store, ingest, device):
    ingest.accept(device.call(device.add(body())))
    clone = device.copy()
    second = clone.begin("damaged")
    ingest.accept(second.call(second.add(body())))
    opening = structs.replace(device.begin("damaged").openings[2], known_seq=1)
    ingest.accept(device.call([], epoch=3, opening=opening))
    assert ingest.accept(second.call(second.rows)).standing == "active"
    assert ingest.accept(second.call(second.add(body()))).standing == "forked"
    assert places(store) == [(2, 2, "closed", 1), (3, 1, "after", 0)]
