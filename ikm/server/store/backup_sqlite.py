"""Backups of SQLite: a database file like the one it was copied from, made by SQLite's own backup interface."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import DatabaseError

from ikm.server import tables as t
from ikm.server.store.backup_faults import BackupFault
from ikm.server.store.faults import faults

_CHUNK = 10_000


def write(engine: Engine, file: Path) -> None:
    """Copy one state of the database into that file.

    Raises:
        BackupFault: There is no room, or a page cannot be read.
        Refusal: `server_busy`.
    """
    source = engine.raw_connection()
    try:
        target = sqlite3.connect(file)
        try:
            with faults():
                # in one step: copying in several begins anew whenever a device has sent something
                cast("sqlite3.Connection", source.driver_connection).backup(target)
                # a copy opens without a second file beside it
                target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
    finally:
        source.close()


def read(file: Path) -> Iterator[tuple[str, str, int, int]]:
    """Table, device, epoch and number of every head, response and chained row of a copy that SQLite finds sound.

    Raises:
        BackupFault: It does not.
    """
    address = f"sqlite:///file:{quote(str(file.absolute()))}?mode=ro&immutable=1&uri=true"
    engine = create_engine(address, hide_parameters=True)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
            if found != "ok":
                raise BackupFault("Salinan rusak: pemeriksaan SQLite menemukan kesalahan.")
            places = ((t.head, ()), (t.response, ()), (t.quarantine, (t.quarantine.c.chained,)))
            for table, conditions in places:
                query = select(table.c.device, table.c.epoch, table.c.seq).where(*conditions)
                for device, epoch, seq in connection.execute(query.execution_options(yield_per=_CHUNK)):
                    yield table.name, str(device), epoch, seq
    except DatabaseError:
        raise BackupFault("Salinan rusak: SQLite tidak dapat membacanya.") from None
    finally:
        engine.dispose()
