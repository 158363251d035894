"""A new database out of what a damaged or lost one and its second copy still hold.

Nothing is changed until the new database is whole and on the medium under a name of its own; from then on the steps
that put it in place can be done again and again. So a cut at any moment leaves either all that was there before, or the
new one. The damaged files stay beside it as `rusak-*`.
"""

import base64
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, func, insert, select, text
from sqlalchemy.exc import DatabaseError

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.sqlite import WeakDurability, durable_engine, writing
from kiosk.store import chain, desk, seals, tables
from kiosk.store.carving import Found, carve, carve_identities, is_whole
from kiosk.store.migrating import migrate
from kiosk.store.plan import Begun, Ended, Plan, planned
from kiosk.store.second import Facts, SecondCopy, facts_of, noted, put_facts, to_medium
from sync.ports import Reason

_SMALL = (tables.next_key, tables.configuration, tables.staff, tables.local, tables.rotation)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """What could still be read: the small tables, the draft, and the file to carve rows from.

    `certain` if what was said about epochs can be trusted to be all; `heads` the numbers of their last rows.
    """

    facts: Facts
    draft: bytes | None
    work: Path | None
    certain: bool
    heads: Mapping[int, int]


def salvage(path: Path, second: SecondCopy, migrations: Path, reason: Reason) -> None:
    """Put a new database in place of the one at `path`. The caller alone may have it open. Raises OSError."""
    clear_unfinished(path)
    held = _read(path, second)
    unfinished = path.with_name(f"{path.name}.part")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    engine = durable_engine(unfinished)
    try:
        migrate(engine, unfinished, migrations)
        _fill(engine, held, second, reason)
    finally:
        engine.dispose()
    unfinished.with_name(f"{unfinished.name}-journal").unlink(missing_ok=True)
    to_medium(unfinished)
    whole = path.with_name(f"{path.name}.baru-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
    unfinished.replace(whole)
    to_medium(path.parent)
    finish(path)
    clear_unfinished(path)


def finish(path: Path) -> bool:
    """Whether a new database waited to be put in place; it is in place now. Can be broken off and done again."""
    waiting = sorted(path.parent.glob(f"{path.name}.baru-*"))
    if not waiting:
        return False
    moment = waiting[-1].name.rpartition("-")[2]
    journal = path.with_name(f"{path.name}-journal")
    for damaged, ending in ((path, ".db"), (journal, ".db-journal")):
        if damaged.exists() and damaged.stat().st_size:
            _keep(damaged, path.with_name(f"rusak-{moment}{ending}"))
    to_medium(path.parent)
    # before the new file has its name, or SQLite would roll the old one's journal back into it
    journal.unlink(missing_ok=True)
    to_medium(path.parent)
    waiting[-1].replace(path)
    to_medium(path.parent)
    return True


def clear_unfinished(path: Path) -> None:
    """Remove what a salvage that was broken off has left half done."""
    for name in ("part", "part-journal", "kerja", "kerja-journal"):
        path.with_name(f"{path.name}.{name}").unlink(missing_ok=True)


def _keep(damaged: Path, name: Path) -> None:
    """Give a file a second name; where the medium has no second names, a copy."""
    if name.exists():
        return
    try:
        os.link(damaged, name)
    except OSError:
        _copy(damaged, name)


def _copy(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.part")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    shutil.copyfile(source, unfinished)
    to_medium(unfinished)
    unfinished.replace(target)


def _read(path: Path, second: SecondCopy) -> _Held:
    work = _work_copy(path)
    own, loose, draft = ({}, {}, None) if work is None else _facts(work)
    device = _device(own) or second.device() or _device(loose)
    copied = second.facts(device) if device else {}
    # what the database sealed itself is newer than what was noted of it, and anything is better than nothing
    facts: Facts = loose | copied | own
    begun = {row[0]: row for source in (loose, copied, own) for row in source.get("epochs", [])}
    facts["epochs"] = [begun[epoch] for epoch in sorted(begun)]
    certain = bool(copied.get("epochs") or own.get("epochs"))
    return _Held(facts, draft, work, certain=certain, heads={} if work is None else _heads(work))


def _work_copy(path: Path) -> Path | None:
    """A copy of the damaged file, an unfinished transaction taken back as SQLite would; None where there is none."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    work = path.with_name(f"{path.name}.kerja")
    _copy(path, work)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        _copy(journal, work.with_name(f"{work.name}-journal"))
    try:
        with closing(sqlite3.connect(work)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        _log.warning("the damaged database does not open: %s", type(error).__name__)
    return work


def _facts(work: Path) -> tuple[Facts, Facts, bytes | None]:
    """The small tables that hold what was sealed, those that only look right, and the draft."""
    own: Facts = {}
    loose: Facts = {}
    draft: wire.ResponseBody | None = None
    engine = durable_engine(work)
    try:
        for table in seals.SEALED:
            with _enduring(f"table {table.name}"), engine.connect() as connection:
                loose[table.name] = _loose(connection, table)
                if seals.is_whole(connection, table):
                    own[table.name] = facts_of(connection, table)
        if not loose.get(tables.identity.name):
            loose[tables.identity.name] = [noted(row) for row in carve_identities(work)][:1]
        if any(not _is_configuration(row) for row in loose.get(tables.configuration.name, [])):
            # without one, the sync fetches it again
            del loose[tables.configuration.name]
        with _enduring("draft"), engine.connect() as connection:
            draft = desk.draft(connection)
    finally:
        engine.dispose()
    return own, loose, None if draft is None else wire.canonical(draft)


def _heads(work: Path) -> dict[int, int]:
    """How far each epoch had gone by its index: the last row may be the very one that is damaged."""
    found: dict[int, int] = {}
    engine = durable_engine(work)
    try:
        with _enduring("numbers"), engine.connect() as connection:
            rows = tables.responses
            counted = select(rows.c.epoch, func.min(rows.c.seq), func.max(rows.c.seq), func.count())
            for epoch, first, head, count in connection.execute(counted.group_by(rows.c.epoch)):
                # a page that never came to be reads as rows of nothing
                numbers = all(type(number) is int for number in (epoch, first, head))
                # numbers have no gaps, so one beyond the count is a damaged one
                if numbers and head - first < count:
                    found[epoch] = head
    finally:
        engine.dispose()
    return found


@contextmanager
def _enduring(what: str) -> Iterator[None]:
    try:
        yield
    # a text that is none is not even decoded by the driver; a setting that does not take is a header that is broken
    except (DatabaseError, ValueError, WeakDurability) as error:
        _log.warning("%s cannot be read: %s", what, type(error).__name__)


def _loose(connection: Connection, table: Table) -> list[list[Any]]:
    """What a table says, of whatever version it is; a watermark nothing vouches for is none."""
    found = [dict(row._mapping) for row in connection.execute(select(text("*")).select_from(table))]
    defaults = {"server_key": "", "opening": None, "base_seq": 0, "base_hash": wire.GENESIS}
    for row in found:
        row["acknowledged_seq"] = 0
    rows = [[(defaults | row)[column.name] for column in table.columns] for row in found]
    return [noted(row) for row in rows if all(map(_fits, table.columns, row))]


def _fits(column: Column[Any], value: object) -> bool:
    """Whether a column could ever have been given that value: SQLite reads from damaged pages whatever stands there."""
    return bool(column.nullable) if value is None else type(value) is column.type.python_type


def _is_configuration(row: list[Any]) -> bool:
    try:
        wire.decode(base64.b64decode(row[2]), wire.ConfigurationMessage).to_domain()
    except (ValueError, TypeError, Refusal):
        return False
    return True


def _device(facts: Facts) -> str | None:
    rows = facts.get("identity") or [[None, None]]
    device: str | None = rows[0][1]
    return device


def _fill(engine: Engine, held: _Held, second: SecondCopy, reason: Reason) -> None:
    device = _device(held.facts)
    with writing(engine) as connection:
        if device is None or not _put(connection, tables.identity, held.facts):
            device = None
            _log.error("nothing says whose rows these are; the damaged file is kept")
        else:
            rows, begun = _rows(held, second, device), _begun(held.facts)
            plan = planned(rows, begun, device, certain=held.certain, heads=held.heads)
            _fill_chain(connection, plan, reason)
        for table in _SMALL:
            # without a device, a configuration would belong to nobody
            if device is not None or table in (tables.staff, tables.local, tables.next_key):
                _put(connection, table, held.facts)
        desk.put_draft(connection, held.draft if device else None)
        seals.seal(connection, *seals.SEALED)


def _put(connection: Connection, table: Table, facts: Facts) -> bool:
    """Whether what was found of a table fits into it."""
    try:
        with connection.begin_nested():
            put_facts(connection, table, facts.get(table.name, []))
    except (DatabaseError, ValueError) as error:
        _log.warning("table %s begins anew: %s", table.name, type(error).__name__)
        return False
    return True


def _rows(held: _Held, second: SecondCopy, device: str) -> list[Found]:
    carved = list(carve(held.work, device)) if held.work else []
    for line in second.rows(device):
        row = line.row
        found = Found(line.epoch, row.seq, row.id, bytes(row.body), row.prev_hash, row.hash)
        if is_whole(found, device):
            carved.append(found)
    return carved


def _begun(facts: Facts) -> list[Begun]:
    found = []
    for epoch, acknowledged_seq, opening, base_seq, base_hash in facts.get("epochs", []):
        try:
            raw = None if opening is None else base64.b64decode(opening)
            if raw is not None:
                wire.decode(raw, wire.Opening)
            found.append(Begun(epoch, acknowledged_seq, raw, base_seq, base_hash))
        except (ValueError, Refusal):
            _log.warning("how epoch %s began cannot be read", epoch)
    return found


def _fill_chain(connection: Connection, plan: Plan, reason: Reason) -> None:
    for kept in plan.kept:
        begun = kept.begun
        connection.execute(
            insert(tables.epochs).values(
                epoch=begun.epoch,
                acknowledged_seq=begun.acknowledged_seq,
                opening=begun.opening,
                base_seq=begun.base_seq,
                base_hash=begun.base_hash,
            )
        )
        if kept.rows:
            connection.execute(insert(tables.responses), [asdict(row) for row in kept.rows])
    _log.warning("salvaged: %d rows in their places", sum(len(kept.rows) for kept in plan.kept))
    for epoch, ended in enumerate(plan.ended, plan.next_epoch):
        _take_over(connection, epoch, ended, reason)


def _take_over(connection: Connection, epoch: int, ended: Ended, reason: Reason) -> None:
    """Begin an epoch with what could not stay in the one that ended."""
    previous_seq, previous_hash = chain.head(connection, ended.epoch)
    opened = wire.Opening(
        known_seq=max(ended.known_seq, previous_seq),
        previous_epoch=ended.epoch,
        previous_hash=previous_hash,
        previous_seq=previous_seq,
        reason=reason,
        salvaged=len(ended.rows),
    )
    chain.begin(connection, epoch, opened)
    chain.append_all(connection, ((row.id, row.body) for row in ended.rows if row.body is not None))
    _log.warning(
        "epoch %d ends at %d of %d; %d of its rows go on in epoch %d",
        *(ended.epoch, previous_seq, opened.known_seq, len(ended.rows), epoch),
    )
