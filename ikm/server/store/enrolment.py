"""Enrolment as the database keeps it: codes by their hash, who tried wrong ones, and the device a code became."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, delete, func, or_, select, update

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.server import tables as t
from ikm.server.store.concerned import concerned, note_each
from ikm.server.store.deeds import Doer
from ikm.server.store.keys import keep_device_key, take_turns
from ikm.server.store.part import Part, insert

CODE_TRIES = 5
"""A code that was tried so often by keys that are not its own serves nobody any more, not even its own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often wrong codes may be tried within `window_ms`: by one address, and by all of them together."""

    address: int
    everybody: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class KeptCode:
    """A code as it is known once it was made: its counter, its times (milliseconds since 1970), what became of it."""

    counter: str
    made_ms: int
    expires_ms: int
    used_by: str | None
    revoked_ms: int | None


class EnrolmentPart(Part):
    """Who may become a device."""

    def add_enrolment_code(self, code_hash: bytes, counter: str, expires_ms: int, now_ms: int) -> None:
        """Let one device enrol at a counter. Raises Refusal (`not_found`) when there is no such counter."""

        def write(connection: Connection) -> None:
            level = connection.execute(select(t.node.c.level).where(t.node.c.code == counter)).scalar()
            if level != Level.COUNTER:
                raise Refusal("not_found", counter)
            connection.execute(
                t.enrolment_code.insert().values(
                    code_hash=code_hash, counter=counter, expires_ms=expires_ms, made_ms=now_ms
                )
            )

        self._write(write)

    def add_enrolment_codes(self, codes: Sequence[tuple[bytes, str, int]], by: Doer) -> None:
        """Let a device enrol by each of those codes (hash, counter, when it lapses), all or none.

        Raises:
            Refusal: `not_found` when a counter is not there, `done_already`.
        """
        counters = sorted({counter for _, counter, _ in codes})

        def write(connection: Connection) -> None:
            c = t.node.c
            known = select(c.code).where(c.code.in_(counters), c.level == Level.COUNTER, c.retired_ms.is_(None))
            missing = set(counters) - set(connection.execute(known).scalars())
            if missing:
                raise Refusal("not_found", min(missing))
            rows = [
                {"code_hash": digest, "counter": counter, "expires_ms": expires_ms, "made_ms": by.at_ms}
                for digest, counter, expires_ms in codes
            ]
            connection.execute(t.enrolment_code.insert(), rows)
            made = Counter(counter for _, counter, _ in codes)
            note_each(connection, by, "code.made", _told(connection, counters, made))

        self._write(write)

    def enrolment_codes(self, now_ms: int) -> Sequence[KeptCode]:
        """The codes that a device could still use, newest first."""
        c = t.enrolment_code.c
        query = (
            select(c.counter, c.made_ms, c.expires_ms, c.used_by, c.revoked_ms)
            .where(c.used_by.is_(None), c.revoked_ms.is_(None), c.expires_ms > now_ms, c.tries < CODE_TRIES)
            .order_by(c.made_ms.desc(), c.counter, c.expires_ms)
        )
        return self._glance(lambda connection: [KeptCode(*row) for row in connection.execute(query)])

    def revoke_codes(
        self, now_ms: int, *, hashes: Sequence[bytes] = (), counters: Sequence[str] = (), by: Doer | None = None
    ) -> int:
        """How many unused codes were withdrawn: those of these hashes, and those for these counters.

        Raises:
            Refusal: `done_already`.
        """
        c = t.enrolment_code.c
        statement = (
            update(t.enrolment_code)
            .where(
                or_(c.code_hash.in_(hashes), c.counter.in_(counters)),
                c.used_by.is_(None), c.revoked_ms.is_(None), c.expires_ms > now_ms,
            )
            .values(revoked_ms=now_ms)
        )  # fmt: skip

        def write(connection: Connection) -> int:
            withdrawn = Counter(connection.execute(statement.returning(c.counter)).scalars())
            if by is not None:
                note_each(connection, by, "code.withdrawn", _told(connection, {*counters, *withdrawn}, withdrawn))
            return withdrawn.total()

        return self._write(write)

    def begin_try(self, address: str, limits: Limits, now_ms: int) -> None:
        """Count a try of that address before it is known whether it is a wrong one; `forgive_try` takes it back.

        Counted first, so that neither many tries at once nor a restart give more than the limits.

        Raises:
            Refusal: `too_many_attempts`, with `retry_after_s`.
        """
        c = t.enrolment_try.c

        def write(connection: Connection) -> None:
            take_turns(connection)
            connection.execute(delete(t.enrolment_try).where(c.since_ms <= now_ms - limits.window_ms))
            own = connection.execute(select(c.tries, c.since_ms).where(c.address == address)).first()
            total, oldest = connection.execute(select(func.coalesce(func.sum(c.tries), 0), func.min(c.since_ms))).one()
            if own is not None and own.tries >= limits.address:
                raise _wait(own.since_ms, limits, now_ms)
            if total >= limits.everybody:
                raise _wait(oldest, limits, now_ms)
            statement = insert(connection)(t.enrolment_try).values(address=address, tries=1, since_ms=now_ms)
            more = {"tries": t.enrolment_try.c.tries + 1}
            connection.execute(statement.on_conflict_do_update(index_elements=["address"], set_=more))

        self._write(write)

    def forgive_try(self, address: str) -> None:
        """Take back the try that was counted last: it was no guess."""
        c = t.enrolment_try.c
        fewer = update(t.enrolment_try).where(c.address == address)
        one_less = case((c.tries > 0, c.tries - 1), else_=0)
        self._write(lambda connection: connection.execute(fewer.values(tries=one_less)))

    def enrol(self, code_hash: bytes, device: str, public_key: bytes, now_ms: int) -> tuple[str, str]:
        """The device id and counter that a code gives to a key; the code is used up in the same transaction.

        A repeated request with the same key gets what the first one got, so a lost answer costs no second code.

        Raises:
            Refusal: `enrolment_code_invalid` when the code is unknown, expired, withdrawn or another key's.
        """
        c = t.enrolment_code.c

        def write(connection: Connection) -> tuple[str, str] | None:
            query = select(c.counter, c.used_by).where(
                c.code_hash == code_hash, c.expires_ms > now_ms, c.revoked_ms.is_(None), c.tries < CODE_TRIES
            )
            code = connection.execute(query.with_for_update()).first()
            if code is None:
                return None
            if code.used_by is not None:
                first = select(t.device_key.c.public_key).where(t.device_key.c.device == code.used_by)
                first = first.order_by(t.device_key.c.number).limit(1)
                if bytes(connection.execute(first).scalar_one()) == public_key:
                    return str(code.used_by), code.counter
                connection.execute(update(t.enrolment_code).where(c.code_hash == code_hash).values(tries=c.tries + 1))
                return None
            connection.execute(
                t.device.insert().values(id=device, counter=code.counter, public_key=public_key, enrolled_ms=now_ms)
            )
            keep_device_key(connection, device, public_key, now_ms)
            connection.execute(update(t.enrolment_code).where(c.code_hash == code_hash).values(used_by=device))
            return device, str(code.counter)

        found = self._write(write)
        if found is None:
            # only now: raised inside, it would undo the count of tries
            raise Refusal("enrolment_code_invalid")
        return found


def _told(
    connection: Connection, counters: Iterable[str], codes: Counter[str]
) -> Iterator[tuple[str | None, str, Mapping[str, Any]]]:
    """What each agency hears of codes: how many, and of its own counters alone which."""
    for node, those in concerned(connection, counters).items():
        yield node, str(sum(codes[counter] for counter in those)), {"counters": list(those)}


def _wait(since_ms: int, limits: Limits, now_ms: int) -> Refusal:
    wait_ms = since_ms + limits.window_ms - now_ms
    return Refusal("too_many_attempts", retry_after_s=max(1, wait_ms // 1000 + 1))
