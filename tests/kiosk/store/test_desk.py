"""What the store keeps beside the chain: training, settings, the PIN's guard, counts of short forms."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument
from kiosk.guard import Guard
from kiosk.local import Local
from kiosk.store import Store, StoreError
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

QUESTIONNAIRE = "skm-14-2017-v1"
HASH = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNo"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    with Store.open(folder) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        yield store


def short(*codes: str, instrument: Instrument = Instrument.ROTATING, wall_ms: int = 1) -> wire.ResponseBody:
    return samples.body(
        wall_ms=wall_ms, answers=dict.fromkeys(codes, 3), asked=list(codes), instrument=instrument,
        status="partial", questionnaire=QUESTIONNAIRE,
    )  # fmt: skip


def test_training_is_kept_and_counted_and_can_be_erased(store, folder):
    store.append_training(samples.body(4))
    store.append_training(samples.body(3))
    store.close()
    with Store.open(folder) as again:
        assert again.training_count() == 2
        again.erase_training()
        assert again.training_count() == 0


def test_nothing_of_training_is_ever_pending_counted_or_part_of_the_chain(store):
    real = store.append(samples.body(1, wall_ms=1))
    for _ in range(5):
        store.append_training(samples.body(4, wall_ms=2))
    next_real = store.append(samples.body(2, wall_ms=3))
    assert next_real.prev_hash == real.hash
    assert [row.hash for row in store.pending(1, 100)] == [real.hash, next_real.hash]
    assert (store.queue().stored, store.queue().pending) == (2, 2)
    assert store.hash_at(1, 3) is None
    with pytest.raises(ValueError, match="no row 3"):
        store.acknowledge(1, 3)


def test_training_takes_no_response_a_real_visit_could_not_give(store):
    with pytest.raises(Refusal, match="rating_out_of_range"):
        store.append_training(samples.body(answers={samples.CODES[0]: 5}))
    assert store.training_count() == 0


def test_training_in_short_forms_does_not_shift_the_rotation(store):
    store.append_training(short("REQ", "PROC"))
    assert store.answered(QUESTIONNAIRE) == {}


def test_each_answer_of_a_short_form_is_counted_with_its_response(store, folder):
    store.append(short("REQ", "PROC"))
    store.append(short("REQ", instrument=Instrument.ONE_TAP))
    store.append(short("REQ", "TIME", wall_ms=2))
    store.close()
    with Store.open(folder) as again:
        assert again.answered(QUESTIONNAIRE) == {"REQ": 3, "PROC": 1, "TIME": 1}
        assert again.answered("lain") == {}


def test_the_full_form_is_not_counted(store):
    store.append(samples.body())
    assert store.answered(QUESTIONNAIRE) == {}


def test_a_short_form_that_could_not_be_kept_is_not_counted_and_one_tried_again_is_counted_once(store, monkeypatch):
    dialect = store._engine.dialect
    honest = dialect.do_commit

    def refuse(connection):
        raise sqlite3.OperationalError("disk I/O error")

    def lie(connection):
        honest(connection)
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(dialect, "do_commit", refuse)
        with pytest.raises(StoreError):
            store.append(short("REQ"))
    assert store.answered(QUESTIONNAIRE) == {}
    with monkeypatch.context() as patched:
        patched.setattr(dialect, "do_commit", lie)
        with pytest.raises(StoreError):
            store.append(short("PROC"))
    store.append(short("PROC"))
    assert store.answered(QUESTIONNAIRE) == {"PROC": 1}


@pytest.mark.parametrize(
    "local",
    [
        Local(),
        Local(
            service="ktp",
            language="jv",
            aids=frozenset({Aid.LARGE, Aid.LOW}),
            volume=0,
            training=True,
            trained_on=date(2026, 11, 24),
        ),
        Local(aids=frozenset()),
    ],
)
def test_the_staffs_settings_come_back_as_they_were_put(store, folder, local):
    store.put_local(Local(service="lain", volume=3))
    store.put_local(local)
    store.close()
    with Store.open(folder) as again:
        assert again.local() == local


def test_settings_from_before_training_had_a_day_are_read(store, folder):
    store.put_local(Local())
    with sqlite3.connect(folder / "kiosk.db") as older:
        older.execute(
            "UPDATE local SET body = ?", (b'{"aids":null,"language":"","service":"","training":true,"volume":7}',)
        )
    assert store.local() == Local(training=True)


@pytest.mark.parametrize("spoiled", [b"{", b'{"volume":"keras"}', b'{"aids":["terbang"]}'])
def test_settings_nobody_can_read_are_the_defaults(store, folder, spoiled):
    store.put_local(Local(volume=1))
    with sqlite3.connect(folder / "kiosk.db") as damaged:
        damaged.execute("UPDATE local SET body = ?", (spoiled,))
    assert store.local() == Local()


def test_the_guard_comes_back_as_it_was_put(store, folder):
    kept = Guard(pin_hash=HASH, pin_due=True, failures=7, boot_id=samples.BOOT, since_ms=123)
    store.change_guard(lambda _none: Guard(failures=1))
    assert store.change_guard(lambda before: replace(kept, failures=before.failures + 6)) == kept
    store.close()
    with Store.open(folder) as again:
        assert again.guard() == kept


def test_settings_and_guard_can_be_put_before_enrolment(folder):
    with Store.open(folder) as fresh:
        fresh.put_local(Local(volume=2))
        fresh.change_guard(lambda guard: replace(guard, pin_hash=HASH))
        assert (fresh.local().volume, fresh.guard().pin_hash) == (2, HASH)


def test_the_digits_of_a_pin_have_no_place_in_the_store(store):
    with pytest.raises(StoreError):
        store.change_guard(lambda guard: replace(guard, pin_hash="4711"))


def test_of_failures_counted_at_the_same_time_none_is_lost(store):
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(store.change_guard, lambda guard: guard.failed("a", 1)) for _ in range(20)]:
            done.result()
    assert store.guard().failures == 20


def test_a_draft_is_kept_replaced_and_dropped(store, folder):
    assert store.draft() is None
    store.put_draft(samples.body(1, 2))
    store.put_draft(samples.body(1, 2, 3))
    store.close()
    with Store.open(folder) as again:
        assert again.draft() == samples.body(1, 2, 3)
        again.put_draft(None)
        assert again.draft() is None


def test_a_draft_is_no_part_of_the_chain(store):
    store.put_draft(samples.body(1, 2))
    assert (store.queue().stored, store.pending(1, 9)) == (0, [])


def test_the_response_of_a_visit_ends_its_draft_or_neither_happens(store, monkeypatch):
    store.put_draft(samples.body(1, 2))

    def refuse(connection):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(store._engine.dialect, "do_commit", refuse)
        with pytest.raises(StoreError):
            store.append(samples.body(1, 2, 3))
    assert (store.draft(), store.queue().stored) == (samples.body(1, 2), 0)
    store.append(samples.body(1, 2, 3))
    assert (store.draft(), store.queue().stored) == (None, 1)


@pytest.mark.parametrize("change", ["replace(body, '\"ktp\"', '\"ktq\"')", "x'7b'"])
def test_a_draft_that_is_not_what_was_put_is_none(store, folder, change):
    store.put_draft(samples.body(1, 2))
    with sqlite3.connect(folder / "kiosk.db") as damaged:
        damaged.execute(f"UPDATE draft SET body = CAST({change} AS BLOB)")
    assert store.draft() is None
