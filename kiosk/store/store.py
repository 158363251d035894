"""The device's store over one SQLite file. What a call returned from is on the medium."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import uuid_utils
from msgspec import Raw
from sqlalchemy import Connection, Engine, Executable, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.sqlite import writing
from kiosk.guard import Guard
from kiosk.local import Local
from kiosk.store import desk, tables
from kiosk.store.errors import AlreadyEnrolled, Cause, MediumFailed, NotEnrolled, StoreError, cause_of
from kiosk.store.opening import open_database
from sync.ports import Identity, Queue

_FIRST_EPOCH = 1
# two of SQLite's pages: less than this, and no commit finds room
_FULL_BYTES = 8192


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far an epoch is: its watermark and its last row."""

    epoch: int
    acknowledged_seq: int
    head_seq: int

    @property
    def pending(self) -> int:
        return self.head_seq - self.acknowledged_seq


class Store:
    """The rows of this device as `sync.ports.Outbox`, and the way new ones come in.

    Safe for several threads and several processes. Every method raises StoreError when the medium fails; the call may
    then be made again.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._doubtful: tuple[bytes, str] | None = None

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The store in that folder, made or brought up to date where needed. Raises StoreError."""
        return cls(open_database(folder))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None:
        """Belong to a counter from now on. Raises AlreadyEnrolled."""
        with self._writing() as connection:
            held = _identity(connection)
            if held is not None:
                raise AlreadyEnrolled(held.device)
            connection.execute(
                insert(tables.identity).values(
                    one=1,
                    device=identity.device,
                    server=identity.server,
                    server_url=identity.server_url,
                    private_key=identity.private_key,
                )
            )
            connection.execute(insert(tables.epochs).values(epoch=_FIRST_EPOCH, acknowledged_seq=0))
            _hold(connection, configuration)

    def append(self, body: wire.ResponseBody) -> wire.Row:
        """The new last row of the chain, holding that response.

        The same body after a failure is the same response: if the failed commit had reached the file after all, its
        row is made sure of and returned. Only the last failure is remembered.

        Raises:
            NotEnrolled: There is no counter it could belong to.
            Refusal: The body is none the wire can carry; a row of it would hold up all later ones.
        """
        raw = wire.canonical(body)
        wire.decode_body(raw)
        doubtful_id = self._doubtful[1] if self._doubtful and self._doubtful[0] == raw else None
        row_id = doubtful_id or str(uuid_utils.uuid7())
        try:
            with self._writing() as connection:
                row = _row(connection, row_id) if doubtful_id else None
                if row is None:
                    row = _appended(connection, row_id, raw)
                    desk.count_answers(connection, body)
                else:
                    _write_something(connection)
        except StoreError:
            self._doubtful = (raw, row_id)
            raise
        if doubtful_id:
            self._doubtful = None
        return row

    def identity(self) -> Identity | None:
        """Who this device is, or None before enrolment."""
        with self._reading() as connection:
            return _identity(connection)

    def epoch(self) -> int:
        """The oldest epoch with pending rows, or the current one. Raises NotEnrolled."""
        with self._reading() as connection:
            standings = _standings(connection)
        if not standings:
            raise NotEnrolled
        return next((standing.epoch for standing in standings if standing.pending), standings[-1].epoch)

    def pending(self, epoch: int, limit: int) -> list[wire.Row]:
        """Unacknowledged rows of an epoch in order, at most `limit`, bodies exactly as stored."""
        with self._reading() as connection:
            return _pending(connection, epoch, limit)

    def hash_at(self, epoch: int, seq: int) -> str | None:
        """The hash of a stored row; `GENESIS` at 0; None where there is no such row."""
        with self._reading() as connection:
            return _hash_at(connection, epoch, seq)

    def acknowledge(self, epoch: int, head_seq: int) -> None:
        """Set the watermark. Raises ValueError where there is no such row."""
        epochs = tables.epochs
        with self._writing() as connection:
            if _hash_at(connection, epoch, head_seq) is None:
                raise ValueError(f"epoch {epoch} has no row {head_seq}")
            # a heartbeat that moves nothing writes nothing
            connection.execute(
                update(epochs)
                .where(epochs.c.epoch == epoch, epochs.c.acknowledged_seq != head_seq)
                .values(acknowledged_seq=head_seq)
            )

    def queue(self) -> Queue:
        """How much is kept and pending."""
        with self._reading() as connection:
            standings = _standings(connection)
            oldest = next((_pending(connection, standing.epoch, 1) for standing in standings if standing.pending), [])
        return Queue(
            stored=sum(standing.head_seq for standing in standings),
            pending=sum(standing.pending for standing in standings),
            oldest_pending_ms=_written_ms(oldest[0]) if oldest else None,
        )

    def configuration(self) -> wire.ConfigurationMessage | None:
        """The newest configuration held, or None before enrolment."""
        with self._reading() as connection:
            raw = connection.scalar(select(tables.configuration.c.body))
        return None if raw is None else wire.decode(raw, wire.ConfigurationMessage)

    def hold_configuration(self, configuration: wire.ConfigurationMessage) -> None:
        """Keep a configuration; a version not above the one held is ignored."""
        with self._writing() as connection:
            _hold(connection, configuration)

    def append_training(self, body: wire.ResponseBody) -> None:
        """Keep a response that nobody counts and that never leaves this device. Raises Refusal as `append` does."""
        raw = wire.canonical(body)
        wire.decode_body(raw)
        with self._writing() as connection:
            desk.keep_training(connection, raw)

    def training_count(self) -> int:
        """How many responses are kept from training."""
        with self._reading() as connection:
            return desk.training_count(connection)

    def erase_training(self) -> None:
        """Forget all responses from training."""
        with self._writing() as connection:
            desk.erase_training(connection)

    def answered(self, questionnaire: str) -> Mapping[str, int]:
        """How many answers each question has had in short forms of that questionnaire; questions without are absent."""
        with self._reading() as connection:
            return desk.answered(connection, questionnaire)

    def local(self) -> Local:
        """The staff's own settings, as they were put last."""
        with self._reading() as connection:
            return desk.local(connection)

    def put_local(self, local: Local) -> None:
        """Keep the staff's own settings."""
        with self._writing() as connection:
            desk.put_local(connection, local)

    def guard(self) -> Guard:
        """What is remembered about the PIN."""
        with self._reading() as connection:
            return desk.guard(connection)

    def change_guard(self, change: Callable[[Guard], Guard]) -> Guard:
        """What is remembered about the PIN from now on: what `change` makes of what was, with nobody in between."""
        with self._writing() as connection:
            changed = change(desk.guard(connection))
            desk.put_guard(connection, changed)
        return changed

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(error, "Penyimpanan perangkat tidak dapat dibaca. Hubungi petugas.") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with writing(self._engine) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(
                error, "Penyimpanan perangkat gagal; jawaban belum tersimpan. Hubungi petugas."
            ) from error

    def _failed(self, error: SQLAlchemyError, otherwise: str) -> MediumFailed:
        cause = cause_of(getattr(error, "orig", None))
        if cause is Cause.OTHER and self._is_full():
            # no room for the journal is an error of input and output to SQLite, or a file it cannot open
            cause = Cause.FULL
        return MediumFailed(cause, otherwise)

    def _is_full(self) -> bool:
        try:
            return shutil.disk_usage(Path(self._engine.url.database or "").parent).free < _FULL_BYTES
        except OSError:
            return False


def _identity(connection: Connection) -> Identity | None:
    found = connection.execute(select(tables.identity)).first()
    if found is None:
        return None
    return Identity(
        device=found.device, server=found.server, server_url=found.server_url, private_key=found.private_key
    )


def _current_epoch(connection: Connection) -> int:
    epoch: int | None = connection.scalar(select(func.max(tables.epochs.c.epoch)))
    if epoch is None:
        raise NotEnrolled
    return epoch


def _head(connection: Connection, epoch: int) -> tuple[int, str]:
    """The last row's place and hash; 0 and `GENESIS` before the first."""
    rows = tables.responses
    query = select(rows.c.seq, rows.c.hash).where(rows.c.epoch == epoch).order_by(rows.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    return (0, wire.GENESIS) if last is None else (last.seq, last.hash)


def _hash_at(connection: Connection, epoch: int, seq: int) -> str | None:
    if seq == 0:
        return wire.GENESIS
    rows = tables.responses
    return connection.scalar(select(rows.c.hash).where(rows.c.epoch == epoch, rows.c.seq == seq))


def _appended(connection: Connection, row_id: str, raw: bytes) -> wire.Row:
    identity = _identity(connection)
    if identity is None:
        raise NotEnrolled
    epoch = _current_epoch(connection)
    head_seq, head_hash = _head(connection, epoch)
    seq = head_seq + 1
    digest = wire.row_hash(device=identity.device, epoch=epoch, seq=seq, row_id=row_id, prev_hash=head_hash, body=raw)
    connection.execute(
        insert(tables.responses).values(epoch=epoch, seq=seq, id=row_id, body=raw, prev_hash=head_hash, hash=digest)
    )
    return wire.Row(body=Raw(raw), hash=digest, id=row_id, prev_hash=head_hash, seq=seq)


def _written_ms(row: wire.Row) -> int | None:
    # a damaged body is for the server to refuse; it must not keep the kiosk from opening
    try:
        return wire.decode_body(row.body).clock.wall_ms
    except Refusal:
        return None


def _write_something(connection: Connection) -> None:
    """Make this transaction's commit one that reaches the medium, and with it all that is in the file.

    SQLite skips a commit that changes nothing, and an update to the same value is nothing to it; `user_version` is
    used for nothing else.
    """
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {(version + 1) % 2**31}")


def _row(connection: Connection, row_id: str) -> wire.Row | None:
    return next(_rows(connection, select(tables.responses).where(tables.responses.c.id == row_id)), None)


def _pending(connection: Connection, epoch: int, limit: int) -> list[wire.Row]:
    rows, epochs = tables.responses, tables.epochs
    acknowledged_seq = select(epochs.c.acknowledged_seq).where(epochs.c.epoch == epoch).scalar_subquery()
    query = select(rows).where(rows.c.epoch == epoch, rows.c.seq > acknowledged_seq).order_by(rows.c.seq).limit(limit)
    return list(_rows(connection, query))


def _rows(connection: Connection, query: Executable) -> Iterator[wire.Row]:
    for found in connection.execute(query):
        yield wire.Row(body=Raw(found.body), hash=found.hash, id=found.id, prev_hash=found.prev_hash, seq=found.seq)


def _standings(connection: Connection) -> list[_Standing]:
    """How far each epoch is, oldest first. Numbers have no gaps, so the last row's says how many there are."""
    rows, epochs = tables.responses, tables.epochs
    head_seq = select(func.coalesce(func.max(rows.c.seq), 0)).where(rows.c.epoch == epochs.c.epoch).scalar_subquery()
    query = select(epochs.c.epoch, epochs.c.acknowledged_seq, head_seq).order_by(epochs.c.epoch)
    return [_Standing(*found) for found in connection.execute(query)]


def _hold(connection: Connection, configuration: wire.ConfigurationMessage) -> None:
    held = tables.configuration
    values = {"version": configuration.version, "body": wire.canonical(configuration)}
    version = connection.scalar(select(held.c.version))
    if version is None:
        connection.execute(insert(held).values(one=1, **values))
    elif configuration.version > version:
        connection.execute(update(held).values(**values))
