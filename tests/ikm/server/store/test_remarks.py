import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.period import parse_period
from ikm.domain.remark import Category, Status, due_on
from ikm.server import tables as t
from ikm.server.store.deeds import Doer
from ikm.server.store.remarks import Decision, Wanted
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.samples import body

SARI = Doer("Sari <sari@contoh.go.id>", NOW_MS + 1)
HERE = Wanted(["dukcapil"])
TODAY = date(2026, 11, 1)


def written(ingest, device, *comments):
    ingest.accept(device.call(device.add(*(body(comment=words) for words in comments))[-len(comments) :]))


def decision(**changes):
    held = {"category": "", "status": Status.NEW, "due_on": None, "answer": "", "published": False}
    return Decision(**(held | changes))


def test_what_citizens_write_is_kept_masked_and_as_it_was_in_the_response_alone(store, ingest, device):
    written(ingest, device, "Ramah", "", "Hubungi 081234567890", "   ")
    found = store.remarks(HERE)
    assert sorted(one.text for one in found) == ["Hubungi [nomor telepon]", "Ramah"]
    [masked] = [one for one in found if one.masked]
    assert masked.masked == {"phone": 1}
    assert (masked.status, masked.category, masked.published, masked.held) == (Status.NEW, "", False, False)
    assert masked.due_on > masked.local_date
    with store._engine.connect() as connection:
        kept = connection.execute(select(t.response.c.body).where(t.response.c.id == masked.id)).scalar_one()
    assert json.loads(kept)["comment"] == "Hubungi 081234567890"


def test_the_day_an_answer_is_due_counts_the_working_days_of_the_unit(store, ingest, device):
    written(ingest, device, "Ramah")
    [before] = store.remarks(HERE)
    # five working days with nothing off: whichever of them are free put it off, those of others do not
    days = [before.local_date + timedelta(days=n) for n in range(1, 8)]
    free = [day for day in days if day.isoweekday() <= 5][:4]
    for node, day in zip(("dukcapil", "disdukcapil", "contoh", "pkm-harapan"), free, strict=True):
        store.put_holidays(node, {day: "Libur"})
    written(ingest, device, "Cepat")
    [after] = [one for one in store.remarks(HERE) if one.text == "Cepat"]
    assert (after.local_date, before.due_on) == (before.local_date, due_on(before.local_date))
    assert after.due_on == due_on(before.local_date, free[:3]) > before.due_on


def test_a_row_released_from_quarantine_brings_its_words(store, ingest, device):
    ingest.accept(device.call(device.add(body(comment="Antre lama", service="paspor"))))
    assert store.remarks(HERE) == []
    store.put_service("dukcapil", Service("paspor", {"id": "Paspor"}), 9)
    store.release(device.device, 1, 1, who="Sari", reason="layanan baru", now_ms=NOW_MS)
    assert [one.text for one in store.remarks(HERE)] == ["Antre lama"]


def test_they_are_found_by_what_was_decided_and_by_words_and_read_on_page_by_page(store, ingest, device):
    written(ingest, device, *(f"Saran {number} 100%" for number in range(5)))
    first = store.remarks(HERE, limit=2)
    rest = store.remarks(HERE, before=(first[-1].received_ms, first[-1].id))
    assert len({one.id for one in (*first, *rest)}) == 5
    store.decide_remark(
        first[0].id, 1, decision(category="praise", status=Status.ANSWERED, answer="Terima kasih"), SARI
    )
    assert [one.id for one in store.remarks(Wanted(["dukcapil"], category="praise"))] == [first[0].id]
    assert len(store.remarks(Wanted(["dukcapil"], status=Status.NEW))) == 4
    assert len(store.remarks(Wanted(["dukcapil"], words="SARAN 3"))) == 1
    assert store.remarks(Wanted(["dukcapil"], words="%_")) == []
    assert store.remarks(Wanted(["pkm-harapan"])) == []
    late = date(2027, 1, 1)
    assert len(store.remarks(Wanted(["dukcapil"], overdue_on=late))) == 4
    assert store.remark_states(HERE, late) == {"new": 4, "open": 0, "answered": 1, "closed": 0, "overdue": 4}
    assert store.remark_states(HERE, TODAY)["overdue"] == 0


def test_praise_waits_for_nobody_and_what_was_not_sorted_yet_does(store, ingest, device):
    written(ingest, device, "Ramah", "Antre lama")
    praise, other = store.remarks(HERE)
    store.sort_remarks(["dukcapil"], [praise.id], status=Status.OPEN, category=Category.PRAISE, by=SARI)
    late = date(2027, 1, 1)
    assert [one.id for one in store.remarks(Wanted(["dukcapil"], overdue_on=late))] == [other.id]
    assert store.remark_states(HERE, late)["overdue"] == 1
    praise, other = store.remark(praise.id), store.remark(other.id)
    assert (praise.waits_until, praise.overdue(late)) == (None, False)
    assert (other.waits_until, other.overdue(late)) == (other.due_on, True)
    # whoever called it praise by mistake finds its day again
    store.sort_remarks(["dukcapil"], [praise.id], status=None, category=Category.COMPLAINT, by=SARI)
    assert store.remark(praise.id).waits_until == other.due_on


def test_of_two_officers_the_second_is_told_and_nothing_is_overwritten(store, ingest, device):
    written(ingest, device, "Kursi kurang")
    [remark] = store.remarks(HERE)
    store.decide_remark(remark.id, 1, decision(answer="Kursi ditambah"), SARI)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        store.decide_remark(remark.id, 1, decision(answer="Sudah cukup"), SARI)
    [held] = store.remarks(HERE)
    assert (held.answer, held.revision, held.changed_by) == ("Kursi ditambah", 2, SARI.who)


def test_the_log_tells_that_words_changed_and_never_which(store, ingest, device):
    written(ingest, device, "Bu Sari ramah")
    [remark] = store.remarks(HERE)
    told = decision(status=Status.CLOSED, answer="Rahasia", published=True, hide=("Sari",))
    store.decide_remark(remark.id, 1, told, SARI)
    [deed] = [one for one in store.deeds() if one.act == "remark.changed"]
    assert deed.node == "dukcapil"
    assert deed.facts == {
        "answer": True, "text": True, "status": ["new", "closed"], "published": ["False", "True"],
        "due_on": ["2026-11-06", ""],
    }  # fmt: skip
    assert store.remark(remark.id).text == "Bu [disamarkan] ramah"
    assert store.deed_fault() is None


def test_many_are_sorted_at_once_within_the_officers_units_only(store, ingest, device):
    written(ingest, device, "a", "b", "c")
    ids = [one.id for one in store.remarks(HERE)]
    assert store.sort_remarks(["pkm-harapan"], ids, status=Status.CLOSED, category=None, by=SARI) == 0
    by = Doer("Sari", NOW_MS, once="0123456789abcdef")
    assert store.sort_remarks(["dukcapil"], ids[:2], status=None, category=Category.PRAISE.value, by=by) == 2
    assert store.sort_remarks(["dukcapil"], ids, status=None, category=Category.PRAISE.value, by=SARI) == 1
    assert len([one for one in store.deeds() if one.act == "remark.changed"]) == 3


def test_the_public_sees_what_was_released_and_counts(store, ingest, device):
    written(ingest, device, "a", "b")
    one, other = store.remarks(HERE)
    for remark in (one, other):
        store.decide_remark(remark.id, 1, decision(published=True), SARI)
    store.declare_void(other.id, Doer("Sari", NOW_MS, reason="uji coba"))
    assert [shown.id for shown in store.published_remarks("dukcapil")] == [one.id]


def test_a_void_response_counts_nowhere_and_stays_with_who_and_why(store, ingest, device):
    ingest.accept(device.call(device.add(body(), body())))
    period = parse_period("2026")
    before = sum(cell.tally.responses for cell in store.cells(period))
    [first, _] = store.sheets("dukcapil", period.start, period.end)
    store.declare_void(first.id, Doer("Sari", NOW_MS, reason="petugas menguji kios"))
    assert sum(cell.tally.responses for cell in store.cells(period)) == before - 1
    assert store.differences() == []
    told = store.sheet(first.id)
    assert told.held
    assert (told.voided.who, told.voided.reason) == ("Sari", "petugas menguji kios")
    with pytest.raises(Refusal, match="done_already"):
        store.declare_void(first.id, SARI)
    with pytest.raises(Refusal, match="not_found"):
        store.declare_void("01a20a2d-7c00-7000-8001-00000000ffff", SARI)
    with pytest.raises(Refusal, match="not_found"):
        store.sheet("01a20a2d-7c00-7000-8001-00000000ffff")


def test_a_fork_decided_for_a_device_does_not_bring_a_void_response_back(store, ingest, device):
    ingest.accept(device.call(device.add(body(), body())))
    [last, _] = sorted(store.sheets("dukcapil", TODAY, date(2027, 1, 1)), key=lambda one: one.received_ms)
    store.declare_void(last.id, SARI)
    clone = device.copy()
    clone.rows = []
    with pytest.raises(Refusal, match="fork"):
        ingest.accept(clone.call(clone.add(body(duration_ms=7))))
    store.decide_fork(device.device, 1, "count", who="Sari", reason="", now_ms=NOW_MS)
    assert sum(cell.tally.responses for cell in store.cells(parse_period("2026"))) == 1
    assert store.differences() == []
