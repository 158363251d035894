import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.sqlite import writing
from kiosk.store import AlreadyEnrolled, NotEnrolled, Store, StoreError
from kiosk.store.errors import Cause
from tests.contracts.outbox import CONFIGURATION, IDENTITY, LONG_AGO_MS, NOW_MS, OutboxContract, assert_linked
from tests.support import samples


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    with Store.open(folder) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        yield store


def tamper(store: Store, statement: str) -> None:
    with writing(store._engine) as connection:
        connection.execute(text(statement))


def assert_chain(rows: list[wire.Row]) -> None:
    assert_linked(rows, 1, wire.GENESIS)


class TestStoreAsOutbox(OutboxContract):
    @pytest.fixture
    def fresh(self, folder):
        with Store.open(folder) as store:
            store._now_ms = lambda: NOW_MS
            yield store


def test_everything_is_there_after_opening_again(store, folder):
    row = store.append(samples.body())
    store.append(samples.body())
    store.acknowledge(1, 1)
    store.close()
    with Store.open(folder) as again:
        assert again.identity() == IDENTITY
        assert again.configuration() == CONFIGURATION
        assert again.hash_at(1, 1) == row.hash
        assert [pending.seq for pending in again.pending(1, 10)] == [2]


def test_a_response_before_enrolment_is_refused(folder):
    with Store.open(folder) as store, pytest.raises(NotEnrolled, match="kiosk enrol"):
        store.append(samples.body())


def test_an_epoch_before_enrolment_is_refused(folder):
    with Store.open(folder) as store, pytest.raises(NotEnrolled):
        store.epoch()


def test_a_second_enrolment_is_refused_and_changes_nothing(store):
    other = type(IDENTITY)(samples.row_id(9), samples.SERVER, "https://other.example", bytes(32))
    with pytest.raises(AlreadyEnrolled, match=IDENTITY.device):
        store.enrol(other, CONFIGURATION)
    assert store.identity() == IDENTITY


def test_the_private_key_does_not_show_when_an_identity_is_printed():
    assert "private_key" not in repr(IDENTITY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"answers": {"U1": 5}}, "rating_out_of_range"), ({"unit": "dua kata"}, "response_malformed")],
)
def test_a_body_the_wire_cannot_carry_is_refused_and_does_not_take_a_number(store, changes, code):
    with pytest.raises(Refusal) as refused:
        store.append(samples.body(**changes))
    assert refused.value.code == code
    assert store.append(samples.body()).seq == 1


def test_several_threads_append_one_gap_free_chain(store):
    start = threading.Barrier(6)

    def append_some() -> None:
        start.wait()
        for _ in range(10):
            store.append(samples.body())

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(append_some) for _ in range(6)]:
            done.result()
    rows = store.pending(1, 100)
    assert len(rows) == 60
    assert_chain(rows)


def test_two_openings_of_one_file_append_one_chain(store, folder):
    with Store.open(folder) as other:
        for _ in range(5):
            store.append(samples.body())
            other.append(samples.body())
    rows = store.pending(1, 100)
    assert len(rows) == 10
    assert_chain(rows)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE responses SET body = x'7b7d'",
        "DELETE FROM responses",
        "REPLACE INTO responses SELECT * FROM responses",
        "REPLACE INTO responses SELECT epoch, seq + 1, id, body, hash, prev_hash FROM responses",
        "UPDATE responses SET body = NULL",
    ],
)
def test_a_stored_response_cannot_be_changed_or_removed(store, statement):
    row = store.append(samples.body())
    with pytest.raises(IntegrityError, match="a response is"):
        tamper(store, statement)
    assert store.hash_at(1, 1) == row.hash


def test_a_row_of_a_closed_epoch_can_no_longer_be_added(store):
    row = store.append(samples.body())
    store.begin_epoch("lost", 1, 1)
    with pytest.raises(IntegrityError, match="a response is new"):
        tamper(
            store,
            f"INSERT INTO responses VALUES (1, 2, '{samples.row_id(2)}', x'7b7d', '{row.hash}', '{'a' * 64}')",
        )


def test_a_new_epoch_that_breaks_off_leaves_the_old_one_as_it_was(store, monkeypatch):
    rows = [store.append(samples.body()) for _ in range(3)]
    dialect = store._engine.dialect

    def refuse(connection):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(dialect, "do_commit", refuse)
        with pytest.raises(StoreError):
            store.begin_epoch("fork", 1, 3)
    assert [row.hash for row in store.pending(1, 9)] == [row.hash for row in rows]
    assert store.opening(2) is None


def test_epochs_keys_and_forgotten_bodies_are_there_after_opening_again(store, folder):
    store._now_ms = lambda: NOW_MS
    rows = [store.append(samples.body(wall_ms=LONG_AGO_MS)) for _ in range(4)]
    store.acknowledge(1, 3)
    store.forget(1, 2)
    store.begin_epoch("fork", 3, 9)
    store.put_next_key(bytes(range(1, 33)))
    opening = store.opening(2)
    store.close()
    with Store.open(folder) as again:
        assert again.opening(2) == opening
        assert [again.hash_at(1, row.seq) for row in rows[:3]] == [row.hash for row in rows[:3]]
        assert [row.id for row in again.pending(2, 9)] == [rows[3].id]
        assert again.next_key() == bytes(range(1, 33))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO responses VALUES (1, 2, '{id}', x'7b7d', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (1, 0, '{id}', x'7b7d', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (1, 'dua', '{id}', x'7b7d', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (2, 1, '{id}', x'7b7d', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (1, 1, 'pendek', x'7b7d', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (1, 1, '{id}', x'', '{hash}', '{hash}')",
        "INSERT INTO responses VALUES (1, 1, '{id}', x'7b7d', 'abc', '{hash}')",
        "INSERT INTO responses VALUES (1, 1, '{id}', x'7b7d', '{hash}', 'abc')",
        "UPDATE epochs SET acknowledged_seq = -1",
        "INSERT INTO epochs VALUES (2, 0, NULL, 0, '{hash}')",
        "UPDATE epochs SET opening = x'7b7d'",
        "UPDATE identity SET private_key = x'00'",
        "INSERT INTO identity SELECT 2, device, server, server_url, private_key, '' FROM identity",
    ],
)
def test_the_tables_themselves_refuse_what_no_store_would_write(store, statement):
    with pytest.raises(IntegrityError):
        tamper(store, statement.format(id=samples.row_id(1), hash="a" * 64))


def test_every_connection_loses_nothing_on_a_power_cut(store):
    with store._engine.connect() as one, store._engine.connect() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "truncate"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_folder_and_file_are_for_their_owner_only(store, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [path for path in folder.iterdir() if path.name.startswith("kiosk.db")]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_heartbeats_acknowledgement_writes_nothing(store, folder):
    store.append(samples.body())
    store.acknowledge(1, 1)
    before = (folder / "kiosk.db").read_bytes()
    store.acknowledge(1, 1)
    assert (folder / "kiosk.db").read_bytes() == before


@pytest.fixture
def commit_that_lies(store, monkeypatch):
    """The next commit reaches the file and then fails, as when the last sync of it gives an input/output error."""
    dialect = store._engine.dialect
    honest = dialect.do_commit

    def once(connection):
        monkeypatch.setattr(dialect, "do_commit", honest)
        honest(connection)
        raise sqlite3.OperationalError("disk I/O error")

    return lambda: monkeypatch.setattr(dialect, "do_commit", once)


def test_a_response_tried_again_after_a_commit_that_came_through_after_all_is_kept_once(store, commit_that_lies):
    commit_that_lies()
    with pytest.raises(StoreError, match="belum tersimpan"):
        store.append(samples.body())
    row = store.append(samples.body())
    assert [pending.id for pending in store.pending(1, 10)] == [row.id]
    assert store.append(samples.body()).seq == 2


def test_a_response_tried_again_is_kept_once_however_often_the_medium_fails(store, commit_that_lies):
    for _ in range(3):
        commit_that_lies()
        with pytest.raises(StoreError):
            store.append(samples.body())
    assert store.append(samples.body()).seq == 1
    assert store.queue().stored == 1


def test_a_response_tried_again_is_on_the_medium_when_it_is_acknowledged(store, folder, commit_that_lies):
    commit_that_lies()
    with pytest.raises(StoreError):
        store.append(samples.body())
    changes_before = (folder / "kiosk.db").read_bytes()[24:28]
    store.append(samples.body())
    # the file's change counter: the acknowledgement rests on a commit of its own
    assert (folder / "kiosk.db").read_bytes()[24:28] != changes_before


def test_another_response_after_a_failure_is_a_row_of_its_own(store, commit_that_lies):
    commit_that_lies()
    with pytest.raises(StoreError):
        store.append(samples.body(language="jv"))
    assert store.append(samples.body(language="su")).seq == 2


def test_a_full_medium_refuses_the_response_and_keeps_the_earlier_ones(store):
    earlier = store.append(samples.body())
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.rollback()

    def fill_up() -> None:
        for _ in range(50):
            store.append(samples.body())

    with pytest.raises(StoreError, match=r"^Penyimpanan penuh") as failed:
        fill_up()
    assert failed.value.cause is Cause.FULL
    rows = store.pending(1, 100)
    assert rows[0].hash == earlier.hash
    assert_chain(rows)


def test_an_error_of_input_and_output_on_a_medium_without_room_is_a_full_one(store, commit_that_lies, monkeypatch):
    monkeypatch.setattr("kiosk.store.medium.shutil.disk_usage", lambda _folder: SimpleNamespace(free=4096))
    commit_that_lies()
    with pytest.raises(StoreError) as failed:
        store.append(samples.body())
    assert failed.value.cause is Cause.FULL


def test_a_database_another_process_holds_is_told_apart(store, folder):
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        connection.rollback()
    with closing(sqlite3.connect(folder / "kiosk.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="proses lain") as failed:
            store.append(samples.body())
    assert failed.value.cause is Cause.LOCKED
    assert store.append(samples.body()).seq == 1


def test_a_damaged_database_is_told_apart(store, folder):
    store.append(samples.body())
    store.close()
    with (folder / "kiosk.db").open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="rusak") as failed:
        store.queue()
    assert failed.value.cause is Cause.DAMAGED


def test_a_failed_statement_does_not_tell_the_answers(store):
    with pytest.raises(StoreError) as failed, store._writing() as connection:
        connection.execute(text("INSERT INTO responses VALUES (:secret)"), {"secret": "rahasia"})
    assert "rahasia" not in str(failed.value.__cause__)


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "berkas").write_text("")
    with pytest.raises(StoreError, match="tidak dapat dipakai"):
        Store.open(tmp_path / "berkas" / "data")


def test_a_damaged_oldest_row_does_not_keep_the_kiosk_from_opening(store, folder):
    store.append(samples.body())
    store.append(samples.body())
    with sqlite3.connect(folder / "kiosk.db") as damaged:
        triggers = damaged.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            damaged.execute(f"DROP TRIGGER {name}")
        damaged.execute("UPDATE responses SET body = CAST('?' || substr(body, 2) AS BLOB) WHERE seq = 1")
    queue = store.queue()
    assert (queue.stored, queue.pending, queue.oldest_pending_ms) == (2, 2, None)


def test_a_configuration_that_cannot_be_read_holds_nothing_up_and_makes_room_for_one_that_can(store):
    tamper(store, "UPDATE configuration SET body = x'7b22'")
    store.append(samples.body())
    assert store.configuration() is None
    store.hold_configuration(CONFIGURATION)
    assert store.configuration() == CONFIGURATION
