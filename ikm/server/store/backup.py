"""Backups: written by the database's own means, read back from the file, and only then said to hold anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from ikm.server import tables as t
from ikm.server.store import backup_postgres, backup_sqlite
from ikm.server.store.engine import is_sqlite
from ikm.server.store.part import Part, insert

Epoch = tuple[str, int]
"""A device and the number of one of its epochs."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup was found to hold: the last row's number of each epoch, and how many rows lie in each.

    `responses` is the number of responses in all of it.
    """

    heads: Mapping[Epoch, int]
    rows: Mapping[Epoch, int]
    responses: int

    @property
    def whole(self) -> Mapping[Epoch, int]:
        """The heads of the epochs that have a row for each of their numbers."""
        return {epoch: seq for epoch, seq in self.heads.items() if self.rows.get(epoch, 0) == seq}


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup that was made and verified: its moments are milliseconds since 1970, UTC."""

    made_ms: int
    verified_ms: int
    place: str
    size_bytes: int
    sha256: bytes
    responses: int


class BackupPart(Part):
    """What would be there if the rest were not."""

    def write_backup(self, file: Path) -> None:
        """Write one state of the whole database into that file, which exists and is empty.

        On SQLite writers wait meanwhile, and devices try again later.

        Raises:
            BackupFault: It could not be written.
        """
        if is_sqlite(self._engine.url):
            backup_sqlite.write(self._engine, file)
        else:
            backup_postgres.write(self._engine, file)

    def read_backup(self, file: Path) -> Contents:
        """What such a file holds, read from its first byte to its last.

        Raises:
            BackupFault: It cannot be read, or its own check finds damage.
        """
        read = backup_sqlite.read if is_sqlite(self._engine.url) else backup_postgres.read
        heads: dict[Epoch, int] = {}
        rows: Counter[Epoch] = Counter()
        responses = 0
        for table, device, epoch, seq in read(file):
            if table == t.head.name:
                heads[device, epoch] = seq
            else:
                rows[device, epoch] += 1
                responses += table == t.response.name
        return Contents(heads, rows, responses)

    def keep_backup(self, kept: KeptBackup, contents: Contents) -> int:
        """How many rows devices may forget in all, once the verified backup is noted; that never becomes less."""

        def write(connection: Connection) -> int:
            connection.execute(
                t.backup.insert().values(
                    made_ms=kept.made_ms,
                    verified_ms=kept.verified_ms,
                    place=kept.place,
                    size_bytes=kept.size_bytes,
                    sha256=kept.sha256,
                    responses=kept.responses,
                )
            )
            raised = insert(connection)(t.durable)
            raised = raised.on_conflict_do_update(
                index_elements=["device", "epoch"],
                set_={"seq": raised.excluded.seq},
                where=t.durable.c.seq < raised.excluded.seq,
            )
            whole = sorted(contents.whole.items())
            values = [{"device": device, "epoch": epoch, "seq": seq} for (device, epoch), seq in whole]
            if values:
                connection.execute(raised, values)
            return int(connection.execute(select(func.coalesce(func.sum(t.durable.c.seq), 0))).scalar_one())

        return self._write(write)

    def backups(self) -> Sequence[KeptBackup]:
        """The verified backups, newest first."""
        c = t.backup.c
        columns = (c.made_ms, c.verified_ms, c.place, c.size_bytes, c.sha256, c.responses)
        query = select(*columns).where(c.verified_ms.is_not(None)).order_by(c.number.desc())
        return self._glance(lambda connection: [KeptBackup(*row) for row in connection.execute(query)])
