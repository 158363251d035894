"""What the device keeps for its staff beside the chain: settings, PIN, answers from training, counts for short forms.

Functions over a connection of the store, which opens and closes the transaction.
"""

import logging
import zlib
from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument
from kiosk.guard import Guard
from kiosk.local import FULL_VOLUME, Local
from kiosk.store import tables

_log = logging.getLogger(__name__)


class _LocalMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    aids: list[Aid] | None
    language: str
    service: str
    training: bool
    volume: int
    trained_on: date | None = None


_LOCAL = msgspec.json.Decoder(_LocalMessage)


def counts(body: wire.ResponseBody) -> bool:
    """Whether the answers are counted: those of the full form need not be, since everything is always asked."""
    return body.instrument is not Instrument.FULL


def count_answers(connection: Connection, body: wire.ResponseBody) -> None:
    """Count the answers of a short form."""
    if not counts(body):
        return
    rotation = tables.rotation
    one_more = upsert(rotation).on_conflict_do_update(
        index_elements=[rotation.c.questionnaire, rotation.c.question], set_={"answers": rotation.c.answers + 1}
    )
    connection.execute(
        one_more, [{"questionnaire": body.questionnaire, "question": code, "answers": 1} for code in body.answers]
    )


def answered(connection: Connection, questionnaire: str) -> Mapping[str, int]:
    """Answers by question code."""
    rotation = tables.rotation
    query = select(rotation.c.question, rotation.c.answers).where(rotation.c.questionnaire == questionnaire)
    return {found.question: found.answers for found in connection.execute(query)}


def put_draft(connection: Connection, raw: bytes | None) -> None:
    """Keep the body of a running visit in place of the one before, or none."""
    if raw is None:
        connection.execute(delete(tables.draft))
        return
    values = {"body": raw, "sum": zlib.crc32(raw)}
    connection.execute(
        upsert(tables.draft).values(one=1, **values).on_conflict_do_update(index_elements=["one"], set_=values)
    )


def draft(connection: Connection) -> wire.ResponseBody | None:
    """The body of a running visit, None where there is none or it is not what was put."""
    found = connection.execute(select(tables.draft)).first()
    if found is None or zlib.crc32(found.body) != found.sum:
        return None
    try:
        return wire.decode_body(found.body)
    except Refusal:
        return None


def keep_training(connection: Connection, raw: bytes) -> None:
    """Keep a body in the table nothing is sent from."""
    connection.execute(insert(tables.training).values(body=raw))


def training_count(connection: Connection) -> int:
    """How many bodies that table holds."""
    return connection.scalar(select(func.count()).select_from(tables.training)) or 0


def erase_training(connection: Connection) -> None:
    """Empty that table."""
    connection.execute(delete(tables.training))


def local(connection: Connection) -> Local:
    """The staff's settings; the defaults before there are any."""
    raw = connection.scalar(select(tables.local.c.body))
    if raw is None:
        return Local()
    try:
        held = _LOCAL.decode(raw)
    except msgspec.DecodeError:
        # settings nobody can read are no reason for a kiosk not to open; the staff see what is set and set it again
        _log.exception("the staff's settings cannot be read")
        return Local()
    return Local(
        service=held.service,
        language=held.language,
        aids=None if held.aids is None else frozenset(held.aids),
        volume=min(FULL_VOLUME, max(0, held.volume)),
        training=held.training,
        trained_on=held.trained_on,
    )


def put_local(connection: Connection, settings: Local) -> None:
    """Keep the staff's settings in place of the ones before."""
    raw = msgspec.json.encode(
        _LocalMessage(
            aids=None if settings.aids is None else sorted(settings.aids),
            language=settings.language,
            service=settings.service,
            trained_on=settings.trained_on,
            training=settings.training,
            volume=settings.volume,
        )
    )
    connection.execute(
        upsert(tables.local).values(one=1, body=raw).on_conflict_do_update(index_elements=["one"], set_={"body": raw})
    )


def guard(connection: Connection) -> Guard:
    """What is remembered about the PIN; nothing before there is one."""
    found = connection.execute(select(tables.staff)).first()
    if found is None:
        return Guard()
    return Guard(
        pin_hash=found.pin_hash,
        pin_due=bool(found.pin_due),
        failures=found.failures,
        boot_id=found.boot_id,
        since_ms=found.since_ms,
    )


def put_guard(connection: Connection, kept: Guard) -> None:
    """Remember this in place of what was before."""
    values = {
        "pin_hash": kept.pin_hash,
        "pin_due": int(kept.pin_due),
        "failures": kept.failures,
        "boot_id": kept.boot_id,
        "since_ms": kept.since_ms,
    }
    connection.execute(
        upsert(tables.staff).values(one=1, **values).on_conflict_do_update(index_elements=["one"], set_=values)
    )
