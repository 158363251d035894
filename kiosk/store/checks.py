"""What is looked at before a database is trusted: its pages, the seals, the links of the chain."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DatabaseError

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk.store import chain, keys, seals, tables
from kiosk.store.errors import is_of_the_file

OURS = 0x494B
LINKS = 1_000
"""So many of the last rows are looked at in every start, and every pending one."""
START_S = 5.0
"""The pages are looked at for no longer than this before the kiosk opens; 20,000 rows take 0.06 s."""
IDLE_S = 3.0
"""The same when it is idle: an answer waits no longer than this for its turn."""

_AT_ONCE = 500
_INSTRUCTIONS = 10_000


def at_start(engine: Engine) -> list[str]:
    """What is wrong with a database, as far as a start can afford to look; nothing where all is well.

    Raises:
        DatabaseError: It could not be looked at, for a reason that is not in the file.
    """
    try:
        with engine.connect() as connection:
            found = _pages(connection, START_S) + _sealed(connection)
            # what stands in damaged pages is not counted with: it need not even be a number
            if found:
                return found
            for standing in chain.standings(connection):
                first = min(standing.acknowledged_seq, standing.head_seq - LINKS)
                found += _links(connection, standing.epoch, max(0, first))
            return found
    except (DatabaseError, ValueError, Refusal) as error:
        return _unreadable(error)


def whole(engine: Engine) -> list[str]:
    """What is wrong with a database, every row looked at; in between, others can write. Raises as `at_start`."""
    try:
        with engine.connect() as connection:
            found = _pages(connection, IDLE_S) + _sealed(connection)
            if found:
                return found
            places = [(standing.epoch, standing.head_seq) for standing in chain.standings(connection)]
        for epoch, head_seq in places:
            for first in range(0, head_seq, _AT_ONCE):
                with engine.connect() as connection:
                    found += _links(connection, epoch, first, first + _AT_ONCE)
    except (DatabaseError, ValueError, Refusal) as error:
        return _unreadable(error)
    return found


def header(path: Path) -> list[str]:
    """What is wrong with the first bytes of a database that was written here. Raises OSError."""
    with path.open("rb") as file:
        raw = file.read(100)
    # page size, no WAL, no reserved bytes, the three fractions that never differ; text in UTF-8
    if raw[:16] != b"SQLite format 3\0" or raw[16:24] != b"\x10\0\x01\x01\0\x40\x20\x20" or raw[56:60] != b"\0\0\0\x01":
        return ["header"]
    return []


def mark(revision: str) -> int:
    """What the file's header says of a database of ours with that schema: the second note of it."""
    return OURS << 16 | int(revision)


def is_marked(path: Path, revision: str) -> bool:
    """Whether the header says that the schema is this one. Raises OSError."""
    with path.open("rb") as file:
        return file.read(72)[68:] == mark(revision).to_bytes(4)


def _unreadable(error: Exception) -> list[str]:
    """The finding that something cannot be read, when that is the file's own fault; otherwise raises the error."""
    if isinstance(error, DatabaseError) and not is_of_the_file(error.orig):
        raise error
    # a page that cannot be read, a column that holds what no column of that kind can, an opening that is none
    return [f"unreadable: {type(error).__name__}"]


def _pages(connection: Connection, limit_s: float) -> list[str]:
    with _limited(connection, limit_s) as was_cut:
        # not quick_check, which would not see an index that points elsewhere
        try:
            found = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
        except DatabaseError:
            # what could not be looked at in time is looked at when the kiosk is idle
            if was_cut():
                return []
            raise
    return [] if found == ["ok"] else [f"integrity_check: {len(found)}"]


@contextmanager
def _limited(connection: Connection, limit_s: float) -> Iterator[Callable[[], bool]]:
    driver = connection.connection.driver_connection
    if driver is None:
        raise ValueError("a connection without a driver's")
    until = time.monotonic() + limit_s

    def is_over() -> bool:
        return time.monotonic() > until

    driver.set_progress_handler(is_over, _INSTRUCTIONS)
    try:
        yield is_over
    finally:
        driver.set_progress_handler(None, 0)


def _sealed(connection: Connection) -> list[str]:
    return [f"seal: {name}" for name in seals.broken(connection)]


def _links(connection: Connection, epoch: int, after: int, until: int | None = None) -> list[str]:
    """The first row after that place that does not follow from the one before it."""
    identity = keys.identity(connection)
    if identity is None:
        return [f"rows of nobody: epoch {epoch}"]
    rows = tables.responses
    begun = connection.execute(select(tables.epochs).where(tables.epochs.c.epoch == epoch)).one()
    seq = max(after, begun.base_seq)
    prev = chain.hash_at(connection, epoch, seq)
    query = select(rows).where(rows.c.epoch == epoch, rows.c.seq > seq).order_by(rows.c.seq)
    if until is not None:
        query = query.where(rows.c.seq <= until)
    for found in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        digest = found.hash
        if found.body is not None:
            digest = wire.row_hash(
                device=identity.device, epoch=epoch, seq=seq + 1, row_id=found.id, prev_hash=prev or "", body=found.body
            )
        if (found.seq, found.prev_hash, found.hash) != (seq + 1, prev, digest):
            return [f"link: epoch {epoch} row {seq + 1}"]
        seq, prev = found.seq, found.hash
    if begun.acknowledged_seq > seq and until is None:
        return [f"watermark: epoch {epoch} {begun.acknowledged_seq} of {seq}"]
    return []
