import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from ikm import wire
from ikm.sqlite import durable_engine, writing
from kiosk.guard import Guard
from kiosk.local import Local
from kiosk.store import Store, StoreError, migrating, opening, seals, tables
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

NEXT = '''
"""A later schema."""
from alembic import op
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
def upgrade():
    op.execute("ALTER TABLE epochs ADD COLUMN reason TEXT")
    {then}
'''


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def a_later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str = "") -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(Path(opening.__file__).parent / "migrations", migrations)
    (migrations / "versions" / "0004_later.py").write_text(NEXT.format(then=then))
    monkeypatch.setattr(opening, "MIGRATIONS", migrations)


OLD = {
    "identity": "one, device, server, server_url, private_key",
    "configuration": "one, version, body",
    "epochs": "epoch, acknowledged_seq",
    "responses": "epoch, seq, id, body, prev_hash, hash",
}
"""The columns of the first version."""


def written_by(revision: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> list[wire.Row]:
    """Make the database as that revision's software left it, with four rows of which two are acknowledged; the rows."""
    migrations = data.parent / f"until-{revision}"
    shutil.copytree(Path(opening.__file__).parent / "migrations", migrations)
    for path in (migrations / "versions").glob("0*.py"):
        if path.name[:4] > revision:
            path.unlink()
    data.mkdir()
    engine = durable_engine(data / "kiosk.db")
    with monkeypatch.context() as patched:
        # that software knew no seals
        patched.setattr(migrating, "seal", lambda *_: None)
        migrating.migrate(engine, data / "kiosk.db", migrations)
    rows = samples.chain([wire.canonical(samples.body(1 + n % 4, 2, 3)) for n in range(4)])
    with writing(engine) as connection:
        connection.execute(
            text("INSERT INTO identity VALUES (1, :device, :server, :url, :key)"),
            {
                "device": IDENTITY.device, "server": IDENTITY.server, "url": IDENTITY.server_url,
                "key": IDENTITY.private_key,
            },
        )  # fmt: skip
        configuration = {"version": CONFIGURATION.version, "body": wire.canonical(CONFIGURATION)}
        connection.execute(text("INSERT INTO configuration VALUES (1, :version, :body)"), configuration)
        connection.execute(text("INSERT INTO epochs VALUES (1, 2)"))
        for row in rows:
            connection.execute(
                text("INSERT INTO responses VALUES (1, :seq, :id, :body, :prev_hash, :hash)"),
                {"seq": row.seq, "id": row.id, "body": bytes(row.body), "prev_hash": row.prev_hash, "hash": row.hash},
            )
    engine.dispose()
    return rows


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    engine = durable_engine(path)
    with engine.connect() as connection:
        found = {
            table: [tuple(row) for row in connection.execute(text(f"SELECT {of} FROM {table} ORDER BY 1, 2"))]
            for table, of in OLD.items()
        }
    engine.dispose()
    return found


def columns(data: Path, table: str) -> set[str]:
    engine = durable_engine(data / "kiosk.db")
    found = {column["name"] for column in inspect(engine).get_columns(table)}
    engine.dispose()
    return found


def test_the_migrations_lead_to_the_tables_the_store_uses(data):
    declared = create_engine("sqlite://")
    tables.metadata.create_all(declared)
    with Store.open(data) as store, store._engine.connect() as migrated, declared.connect() as wanted:
        assert compare_metadata(MigrationContext.configure(migrated), tables.metadata) == []
        for table in tables.metadata.tables:
            checks = inspect(wanted).get_check_constraints(table)
            assert checks
            assert inspect(migrated).get_check_constraints(table) == checks
            strict = migrated.execute(text("SELECT strict FROM pragma_table_list(:name)"), {"name": table})
            assert strict.scalar() == 1


def test_a_migration_keeps_every_row_and_leaves_a_copy_of_what_was(data, tmp_path, monkeypatch):
    with Store.open(data) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        rows = [store.append(samples.body()) for _ in range(3)]
        store.acknowledge(1, 1)
    a_later_version(tmp_path, monkeypatch)
    with Store.open(data) as store:
        assert [row.hash for row in store.pending(1, 10)] == [row.hash for row in rows[1:]]
        assert store.append(samples.body()).prev_hash == rows[-1].hash
    assert "reason" in columns(data, "epochs")
    copy = data / "kiosk.db.0003"
    assert copy.stat().st_mode & 0o777 == 0o600
    engine = durable_engine(copy)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM responses")).scalar() == 3
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0003"
    engine.dispose()


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_device_of_an_older_version_keeps_every_byte_and_learns_what_is_new(data, monkeypatch, revision):
    rows = written_by(revision, data, monkeypatch)
    assert columns(data, "epochs") == {"epoch", "acknowledged_seq"}
    before = contents(data / "kiosk.db")
    assert [row[2] for row in before["responses"]] == [row.id for row in rows]
    with Store.open(data) as store:
        assert contents(data / "kiosk.db") == before == contents(data / f"kiosk.db.{revision}")
        assert [row.hash for row in store.pending(1, 10)] == [row.hash for row in rows[2:]]
        assert (store.local(), store.guard(), store.training_count(), store.answered("skm-14-2017-v1")) == (
            Local(), Guard(), 0, {},
        )  # fmt: skip
        assert (store.identity(), store.next_key(), store.draft()) == (IDENTITY, None, None)
        assert (store.opening(1), store.hash_at(1, 0)) == (None, wire.GENESIS)
        with store._reading() as connection:
            assert seals.broken(connection) == []
        assert store.append(samples.body()).prev_hash == rows[-1].hash
        assert store.begin_epoch("lost", 5, 5) == 2


def test_a_migration_that_breaks_off_leaves_the_old_schema_whole(data, tmp_path, monkeypatch):
    with Store.open(data) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        row = store.append(samples.body())
    with monkeypatch.context() as patched:
        a_later_version(tmp_path, patched, then='op.execute("NO SUCH STATEMENT")')
        with pytest.raises(StoreError, match="tidak dapat dibuka"):
            Store.open(data)
    assert "reason" not in columns(data, "epochs")
    with Store.open(data) as store:
        assert store.hash_at(1, 1) == row.hash


def test_a_fresh_database_needs_no_copy(data):
    Store.open(data).close()
    assert sorted(path.name for path in data.iterdir()) == ["kiosk.db", "kiosk.db-journal", "store.lock"]


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_was(data, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        a_later_version(tmp_path, patched)
        Store.open(data).close()
    before = (data / "kiosk.db").read_bytes()
    with pytest.raises(StoreError, match="versi aplikasi yang lebih baru"):
        Store.open(data)
    assert (data / "kiosk.db").read_bytes() == before


def test_a_database_of_something_else_is_refused_and_left_as_it_was(data):
    data.mkdir()
    engine = durable_engine(data / "kiosk.db")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE lain (x)"))
    engine.dispose()
    before = (data / "kiosk.db").read_bytes()
    with pytest.raises(StoreError, match="bukan basis data kios"):
        Store.open(data)
    assert (data / "kiosk.db").read_bytes() == before


def test_the_newest_revision_is_the_one_whose_file_comes_last():
    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    last = max(path.name for path in (opening.MIGRATIONS / "versions").glob("*_*.py"))
    assert last.startswith(f"{head}_")


def test_a_device_whose_schema_is_the_newest_starts_without_the_migrations_library(data):
    Store.open(data).close()
    code = """
import sys
from pathlib import Path
from kiosk.store import Store
Store.open(Path(sys.argv[1]))
print({"alembic", "kiosk.store.salvage", "kiosk.store.carving"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, str(data)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_what_tests_put_into_new_kiosks_is_what_the_migrations_make(tmp_path, monkeypatch):
    Store.open(tmp_path / "said").close()
    with monkeypatch.context() as patched:
        patched.setattr(opening, "MIGRATIONS", shutil.copytree(opening.MIGRATIONS, tmp_path / "migrations"))
        Store.open(tmp_path / "made").close()
    found = []
    for name in ("said", "made"):
        with closing(sqlite3.connect(tmp_path / name / "kiosk.db")) as connection:
            found.append((connection.execute("PRAGMA application_id").fetchone(), [*connection.iterdump()]))
    assert found[0] == found[1]
