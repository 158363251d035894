"""What a kiosk does while the power is cut, through the store devices run; run as a program, by the recorder.

    python -m tests.support.powercut_scenarios NAME FOLDER [JOURNAL SYNCHRONOUS [AUTOCHECKPOINT]]

Before each call a mark says what is begun, after it what has been promised: a cut between the two may find either. With
a journal mode and a synchronous level the store's own settings are replaced, which is how the controls are made.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import msgspec
from alembic import command
from alembic.config import Config

import ikm.sqlite
from ikm import wire
from ikm.sqlite import durable_engine, writing
from kiosk.local import Local
from kiosk.store import Store, checks, opening
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

ROWS = 24
DAY_MS = 86_400_000
LONG_AGO_MS = 1_600_000_000_000
"""Rows this old may be pruned once the server has them for good."""


class Marks:
    """Lines beside the trace; each is one system call, so that it has a place among the others."""

    def __init__(self) -> None:
        self._file = os.open(os.environ["POWERCUT_MARKS"], os.O_WRONLY | os.O_APPEND)

    def begin(self, what: str, value: object) -> None:
        """Something is about to be asked of the store."""
        self._tell({"begin": what, "value": value})

    def promised(self, what: str, value: object) -> None:
        """The store has returned."""
        self._tell({"promised": what, "value": value})

    def _tell(self, mark: dict[str, object]) -> None:
        os.write(self._file, (json.dumps(mark) + "\n").encode())


def body(number: int, wall_ms: int = 1_793_500_000_000) -> wire.ResponseBody:
    """Bodies of many sizes, all different, so that rows fill pages in every way."""
    return samples.body(*(1 + (number * step) % 4 for step in range(1, 10)), comment="ulasan " * (number * 7 % 40),
                        wall_ms=wall_ms, duration_ms=1000 + number)  # fmt: skip


def append(store: Store, marks: Marks, number: int, wall_ms: int = 1_793_500_000_000, epoch: int = 1) -> wire.Row:
    marks.begin("row", None)
    row = store.append(body(number, wall_ms))
    marks.promised("row", [epoch, row.seq, row.id, row.hash])
    return row


def acknowledge(store: Store, marks: Marks, seq: int) -> None:
    marks.begin("acknowledged", seq)
    store.acknowledge(1, seq)
    marks.promised("acknowledged", seq)


def taps(store: Store, marks: Marks) -> None:
    """Citizens: drafts of each tap, rows, training between them; the device is enrolled first."""
    marks.begin("enrolled", None)
    store.enrol(IDENTITY, CONFIGURATION)
    marks.promised("enrolled", IDENTITY.device)
    for number in range(ROWS):
        if number % 3 == 0:
            for tap in (1, 2):
                drafted = samples.body(*([4] * tap), duration_ms=number * 10 + tap)
                marks.begin("draft", drafted.duration_ms)
                store.put_draft(drafted)
                marks.promised("draft", drafted.duration_ms)
        marks.begin("draft", None)
        append(store, marks, number)
        marks.promised("draft", None)
        if number % 8 == 5:
            store.append_training(body(number))
            store.put_local(Local(training=True, volume=number))


def sending(store: Store, marks: Marks) -> None:
    """Sync traffic between the rows: the watermark goes forward, and back where a restored server asks for it."""
    for number in range(ROWS):
        row = append(store, marks, number)
        if number % 2:
            acknowledge(store, marks, row.seq - number % 3)
        if number == ROWS // 2:
            acknowledge(store, marks, row.seq - 8)


def pruning(store: Store, marks: Marks) -> None:
    """Rows the server keeps for good are forgotten, new ones come in; nothing unsent may go."""
    held = store.queue().stored
    for number in range(8):
        marks.begin("forgotten", held + number)
        store.forget(1, held // 2 + number)
        marks.promised("forgotten", held // 2 + number)
        append(store, marks, number)


def beginning_epochs(store: Store, marks: Marks) -> None:
    """The server tells of a fork, then of rows nobody here has: epochs begin, and rows move with their ids."""
    for number in range(3):
        append(store, marks, number)
    for reason, after, known in (("fork", 13, 13), ("rollback", 3, 9)):
        marks.begin("rows", None)
        begun = store.begin_epoch(reason, after, known)
        marks.promised("rows", _everything(store))
        for number in range(3):
            append(store, marks, 100 + number, epoch=begun)


def _everything(store: Store) -> list[list[object]]:
    with closing(sqlite3.connect(str(store._engine.url.database))) as connection:
        return [list(row) for row in connection.execute("SELECT epoch, seq, id, hash FROM responses")]


def wrong_pins(store: Store, marks: Marks) -> None:
    """Wrong PINs: each is counted before it is looked at."""
    for number in range(1, 13):
        marks.begin("failures", number)
        guard = store.change_guard(lambda guard: guard.failed(samples.BOOT, 1000))
        assert guard.failures == number
        marks.promised("failures", number)


def configurations(store: Store, marks: Marks) -> None:
    """Configurations come down between rows; the newest that was held is held."""
    for version in range(2, 14):
        marks.begin("configuration", version)
        store.hold_configuration(wire.configuration_message(samples.configuration(
            version=version, counter_name=f"Loket {version} " + "panjang" * (version * 2),
        )))  # fmt: skip
        marks.promised("configuration", version)
        append(store, marks, version)


def migrating(store: Store, marks: Marks) -> None:
    """The schema was brought up to date while the store was opened; then a row comes in."""
    marks.promised("migrated", None)
    append(store, marks, 1)


def fresh(folder: Path, marks: Marks) -> None:
    """Nothing before."""


def with_rows(folder: Path, marks: Marks) -> None:
    """An enrolled device with some rows, all acknowledged and old, made before the trace begins to count."""
    with Store.open(folder) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        for number in range(12):
            append(store, marks, number, LONG_AGO_MS + number * DAY_MS)
        acknowledge(store, marks, 12)


def of_revision(revision: str) -> Callable[[Path, Marks], None]:
    """A device that software of that revision left, written with the tables as they were then."""

    def prepare(folder: Path, marks: Marks) -> None:
        folder.mkdir(mode=0o700)
        engine = durable_engine(folder / opening.FILE_NAME)
        config = Config()
        config.set_main_option("script_location", str(opening.MIGRATIONS))
        config.set_main_option("path_separator", "os")
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        with writing(engine) as connection:
            insert = connection.exec_driver_sql
            insert(
                "INSERT INTO identity (one, device, server, server_url, private_key) VALUES (1, ?, ?, ?, ?)",
                (IDENTITY.device, IDENTITY.server, IDENTITY.server_url, IDENTITY.private_key),
            )
            insert("INSERT INTO configuration VALUES (1, 1, ?)", (wire.canonical(CONFIGURATION),))
            insert("INSERT INTO epochs (epoch, acknowledged_seq) VALUES (1, 3)")
            for row in samples.chain([wire.canonical(body(number)) for number in range(10)]):
                insert(
                    "INSERT INTO responses (epoch, seq, id, body, prev_hash, hash) VALUES (1, ?, ?, ?, ?, ?)",
                    (row.seq, row.id, bytes(row.body), row.prev_hash, row.hash),
                )
                marks.promised("row", [1, row.seq, row.id, row.hash])
        engine.dispose()
        marks.promised("enrolled", IDENTITY.device)
        marks.promised("acknowledged", 3)

    return prepare


Prepare = Callable[[Path, Marks], None]
Play = Callable[[Store, Marks], None]
SCENARIOS: Mapping[str, tuple[Prepare, Play]] = MappingProxyType(
    {
        "taps": (fresh, taps),
        "sending": (with_rows, sending),
        "pruning": (with_rows, pruning),
        "epochs": (with_rows, beginning_epochs),
        "wrong-pins": (with_rows, wrong_pins),
        "configurations": (with_rows, configurations),
        "migration-0001": (of_revision("0001"), migrating),
        "migration-0002": (of_revision("0002"), migrating),
    }
)


def weaken(journal: str, synchronous: str, autocheckpoint: str | None) -> None:
    """Give the store's connections other settings than its own, and let it believe them."""
    ikm.sqlite._PRAGMAS |= {"journal_mode": journal, "synchronous": int(synchronous)}
    if journal == "wal":
        # the store takes a database in another mode than its own for a damaged one
        checks.header = lambda path: []
    if autocheckpoint is not None:
        ikm.sqlite._PRAGMAS["wal_autocheckpoint"] = int(autocheckpoint)


def main(name: str, folder: Path, *settings: str) -> None:
    """Prepare, then play: everything after the mark `go` is cut."""
    if settings:
        weaken(settings[0], settings[1], settings[2] if len(settings) > 2 else None)
    prepare, play = SCENARIOS[name]
    marks = Marks()
    prepare(folder, marks)
    marks.promised("go", None)
    with Store.open(folder) as store:
        play(store, marks)
        # WAL folds itself up when its last connection closes; a kiosk whose power goes never gets there
        marks.promised("over", msgspec.to_builtins(store.queue().stored))
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
