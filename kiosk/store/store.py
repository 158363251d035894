"""The device's store over one SQLite file. What a call returned from is on the medium."""

import logging
from collections.abc import Callable, Mapping

import uuid_utils
from sqlalchemy import Connection, insert, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk.guard import Guard
from kiosk.local import Local
from kiosk.store import chain, desk, keys, tables
from kiosk.store.errors import Cause, MediumFailed, StoreError
from kiosk.store.medium import Medium
from kiosk.store.seals import seal
from sync.ports import Identity, Queue, Reason

_log = logging.getLogger(__name__)


class Store(Medium):
    """The rows of this device as `sync.ports.Outbox`, and the way new ones come in.

    Safe for several threads and several processes. Every method raises StoreError when the medium fails; the call may
    then be made again.
    """

    # the last body whose commit failed, and the id it was to have: the commit may have come through after all
    _doubtful: tuple[bytes, str] | None = None

    def enrol(self, identity: Identity, configuration: wire.ConfigurationMessage) -> None:
        """Belong to a counter from now on. Raises AlreadyEnrolled."""
        with self._writing(tables.identity, tables.next_key, tables.epochs, tables.configuration) as connection:
            keys.put_identity(connection, identity)
            chain.begin(connection, chain.FIRST_EPOCH, None)
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
        try:
            return self._kept(body, raw)
        except MediumFailed as failed:
            # what is under way is still written; after that, `room` says that there is none
            if failed.cause is not Cause.FULL or not self._ballast.give_up():
                raise
            return self._kept(body, raw)

    def _kept(self, body: wire.ResponseBody, raw: bytes) -> wire.Row:
        doubtful_id = self._doubtful[1] if self._doubtful and self._doubtful[0] == raw else None
        row_id = doubtful_id or str(uuid_utils.uuid7())
        try:
            with self._writing(*([tables.rotation] if desk.counts(body) else [])) as connection:
                epoch = chain.current_epoch(connection)
                row = chain.row(connection, row_id) if doubtful_id else None
                if row is None:
                    row = chain.append(connection, row_id, raw)
                    desk.count_answers(connection, body)
                    desk.put_draft(connection, None)
                else:
                    _write_something(connection)
        except StoreError:
            self._doubtful = (raw, row_id)
            raise
        if doubtful_id:
            self._doubtful = None
        if not self._second.add(epoch, row):
            self._follow(facts=False)
        return row

    def put_draft(self, body: wire.ResponseBody | None) -> None:
        """Keep a running visit as far as it has come, in place of what was kept of it before; None to drop it."""
        raw = None if body is None else wire.canonical(body)
        with self._writing() as connection:
            desk.put_draft(connection, raw)

    def draft(self) -> wire.ResponseBody | None:
        """The visit that was running when the device last stopped, or None. `append` ends it with what it keeps."""
        with self._reading() as connection:
            return desk.draft(connection)

    def identity(self) -> Identity | None:
        """Who this device is, or None before enrolment."""
        with self._reading() as connection:
            return keys.identity(connection)

    def epoch(self) -> int:
        """The oldest epoch with pending rows, or the current one. Raises NotEnrolled."""
        with self._reading() as connection:
            return chain.oldest_open_epoch(connection)

    def epochs(self) -> list[int]:
        """The epochs there are, oldest first."""
        with self._reading() as connection:
            return [standing.epoch for standing in chain.standings(connection)]

    def pending(self, epoch: int, limit: int, after_seq: int = 0) -> list[wire.Row]:
        """Unacknowledged rows of an epoch after that one, in order, at most `limit`, bodies exactly as stored."""
        with self._reading() as connection:
            return chain.pending(connection, epoch, limit, after_seq)

    def hash_at(self, epoch: int, seq: int) -> str | None:
        """The hash of a row of that epoch's chain; its genesis at 0; None where there is no such row."""
        with self._reading() as connection:
            return chain.hash_at(connection, epoch, seq)

    def acknowledge(self, epoch: int, head_seq: int) -> None:
        """Set the watermark. Raises ValueError where there is no such row."""
        with self._writing() as connection:
            if chain.acknowledge(connection, epoch, head_seq):
                seal(connection, tables.epochs)

    def queue(self) -> Queue:
        """How much is kept and pending."""
        with self._reading() as connection:
            return chain.queue(connection)

    def opening(self, epoch: int) -> wire.Opening | None:
        """How that epoch began; None for the first, and where there is no such epoch."""
        with self._reading() as connection:
            return chain.opening(connection, epoch)

    def begin_epoch(self, reason: Reason, after_seq: int, known_seq: int, *, epoch: int | None = None) -> int:
        """Close an epoch after that row, the current one if none is said; the number of the new. Raises ValueError."""
        with self._writing(tables.epochs) as connection:
            closing = chain.current_epoch(connection) if epoch is None else epoch
            return chain.begin_after(connection, reason, closing, after_seq, known_seq)

    def forget(self, epoch: int, durable_seq: int) -> int:
        """How many bodies were dropped: of acknowledged rows up to there that are older than 90 days."""
        with self._writing() as connection:
            dropped = chain.forget(connection, epoch, durable_seq, self._now_ms())
            forgotten = chain.forgotten(connection)
            identity = keys.identity(connection)
        if dropped and identity:
            self._second.forget(identity.device, forgotten)
        return dropped

    def pin_server_key(self, key: str) -> None:
        """Trust that public key (base64) of the server from now on. Raises NotEnrolled."""
        with self._writing(tables.identity) as connection:
            keys.pin_server_key(connection, key)

    def put_next_key(self, private_key: bytes) -> None:
        """Keep the key that this device will ask to be known by. Raises ValueError while another one waits."""
        with self._writing(tables.next_key) as connection:
            keys.put_next_key(connection, private_key)

    def next_key(self) -> bytes | None:
        """The key that waits to be used, or None."""
        with self._reading() as connection:
            return keys.next_key(connection)

    def use_next_key(self) -> None:
        """Sign with the waiting key from now on. Raises ValueError where none waits."""
        with self._writing(tables.identity, tables.next_key) as connection:
            keys.use_next_key(connection)

    def configuration(self) -> wire.ConfigurationMessage | None:
        """The newest configuration held; None before enrolment, and where what is held cannot be read any more."""
        with self._reading() as connection:
            raw = connection.scalar(select(tables.configuration.c.body))
        return None if raw is None else _configuration(raw)

    def hold_configuration(self, configuration: wire.ConfigurationMessage) -> None:
        """Keep a configuration; a version not above the one held is ignored."""
        with self._writing(tables.configuration) as connection:
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
        with self._writing(tables.local) as connection:
            desk.put_local(connection, local)

    def guard(self) -> Guard:
        """What is remembered about the PIN."""
        with self._reading() as connection:
            return desk.guard(connection)

    def change_guard(self, change: Callable[[Guard], Guard]) -> Guard:
        """What is remembered about the PIN from now on: what `change` makes of what was, with nobody in between."""
        with self._writing(tables.staff) as connection:
            changed = change(desk.guard(connection))
            desk.put_guard(connection, changed)
        return changed


def _write_something(connection: Connection) -> None:
    """Make this transaction's commit one that reaches the medium, and with it all that is in the file.

    SQLite skips a commit that changes nothing, and an update to the same value is nothing to it; `user_version` is
    used for nothing else.
    """
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {(version + 1) % 2**31}")


def _configuration(raw: bytes) -> wire.ConfigurationMessage | None:
    try:
        return wire.decode(raw, wire.ConfigurationMessage)
    except Refusal as refusal:
        _log.warning("the configuration held is damaged: %s", refusal)
        return None


def _hold(connection: Connection, configuration: wire.ConfigurationMessage) -> None:
    held = tables.configuration
    values = {"version": configuration.version, "body": wire.canonical(configuration)}
    found = connection.execute(select(held)).first()
    if found is None:
        connection.execute(insert(held).values(one=1, **values))
    # one that cannot be read makes room for any that can, and the server has it still
    elif configuration.version > found.version or _configuration(found.body) is None:
        connection.execute(update(held).values(**values))
