"""Backups of PostgreSQL: an archive of pg_dump, read back whole by pg_restore, both of Debian's postgresql-client."""

import io
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine

from ikm.server import tables as t
from ikm.server.store.backup_faults import BackupFault

_COUNTED = (t.head.name, t.response.name, t.quarantine.name)


def write(engine: Engine, file: Path) -> None:
    """Write an archive of one state of the database, compressed.

    Raises:
        BackupFault: pg_dump is not there or did not succeed.
    """
    given = dict(engine.dialect.create_connect_args(engine.url)[1])
    # the adapters' own, which is no part of an address
    given.pop("context", None)
    password = given.pop("password", None)
    # not among the arguments, which every user of the machine can see
    environment = os.environ if password is None else {**os.environ, "PGPASSWORD": str(password)}
    command = [
        "pg_dump",
        "--format=custom",
        "--no-password",
        f"--file={file}",
        f"--dbname={make_conninfo('', **given)}",
    ]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - our own words
    except FileNotFoundError:
        raise BackupFault(_missing("pg_dump")) from None
    if done.returncode:
        raise BackupFault(f"pg_dump gagal: {_last(done.stderr)}")


def read(file: Path) -> Iterator[tuple[str, str, int, int]]:
    """Table, device, epoch and number of every head, response and chained row of an archive, read to its end.

    Raises:
        BackupFault: pg_restore is not there, or it met damage.
    """
    command = ["pg_restore", "--file=-", str(file)]
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told)  # noqa: S603 - our own words
        except FileNotFoundError:
            raise BackupFault(_missing("pg_restore")) from None
        with process:
            yield from _rows(process.stdout or io.BytesIO())
        if process.returncode:
            told.seek(0)
            raise BackupFault(f"Salinan rusak: pg_restore berkata {_last(told.read())}")


def _rows(script: IO[bytes]) -> Iterator[tuple[str, str, int, int]]:
    # a script of SQL: the rows of a table stand between its COPY and a line of \., one a line, separated by tabs
    table = ""
    places: Sequence[int] = ()
    for line in script:
        if table:
            if line == b"\\.\n":
                table = ""
                continue
            if (found := _counted(table, line, places)) is not None:
                yield found
        elif line.startswith(b"COPY "):
            table, places = _opened(line.decode())


def _counted(table: str, line: bytes, places: Sequence[int]) -> tuple[str, str, int, int] | None:
    if table not in _COUNTED:
        return None
    cells = line.rstrip(b"\n").split(b"\t")
    device, epoch, seq, *chained = (cells[place].decode() for place in places)
    if chained == ["f"]:
        return None
    return table, device, int(epoch), int(seq)


def _opened(line: str) -> tuple[str, Sequence[int]]:
    """The table that a COPY begins, and where in its rows stands what is read."""
    name, _, rest = line.removeprefix("COPY ").partition(" (")
    table = name.rpartition(".")[2].strip('"')
    if table not in _COUNTED:
        return table, ()
    columns = [column.strip().strip('"') for column in rest.partition(")")[0].split(",")]
    wanted = ("device", "epoch", "seq", *(("chained",) if table == t.quarantine.name else ()))
    return table, [columns.index(column) for column in wanted]


def _missing(program: str) -> str:
    return f"Program {program} belum terpasang. Pasang dengan: sudo apt-get install postgresql-client"


def _last(told: bytes) -> str:
    lines = [line for line in told.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "tanpa keterangan"
