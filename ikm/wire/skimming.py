"""Reads batches and response bodies with the same result as `decode_batch` and `decode_body`, several times as fast.

msgspec tries a pattern on every string of a message, which takes longer than all the rest of decoding it. But a regency
has few codes, languages and screens, and they come again with every response: here a string that a strict reading once
found right is known, and of a message all of whose strings are known only the rest is looked at, by decoders without
patterns. Everything else is read strictly.
"""

import re
from collections.abc import Collection
from typing import Annotated

from msgspec import DecodeError, Meta, Raw, json

from ikm.wire.device import MAX_ROWS, Batch, ResponseBody, Row, VisitMessage
from ikm.wire.encoding import canonical, decode_batch, decode_body
from ikm.wire.types import MAX_QUESTIONS, MAX_STAGES, SPOKEN, Count, Rating

_MOST_WORDS = 10_000
_ROW = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:\n[0-9a-f]{64}){2}\n)*")
_ROW_LENGTH = 36 + 2 * (1 + 64) + 1


class _SkimmedVisit(VisitMessage, frozen=True, omit_defaults=True):
    left_at: str = ""
    spent_ms: Annotated[dict[str, Count], Meta(max_length=MAX_STAGES)] = {}
    unanswered: Annotated[dict[str, Count], Meta(max_length=MAX_STAGES)] = {}


class _SkimmedBody(ResponseBody, frozen=True, omit_defaults=True):
    answers: Annotated[dict[str, Rating], Meta(max_length=MAX_QUESTIONS)]
    counter: str
    language: str
    profile: Annotated[dict[str, str], Meta(max_length=20)]
    questionnaire: str
    service: str
    unit: str
    asked: Annotated[list[str], Meta(max_length=MAX_QUESTIONS)] = []
    reasons: Annotated[dict[str, str], Meta(max_length=MAX_QUESTIONS)] = {}
    visit: _SkimmedVisit | None = None


class _SkimmedRow(Row, frozen=True):
    hash: str
    id: str
    prev_hash: str


class _SkimmedBatch(Batch, frozen=True, omit_defaults=True):
    rows: Annotated[list[_SkimmedRow], Meta(max_length=MAX_ROWS)]  # type: ignore[assignment]  # nobody adds to them


# made here, on the thread that imports: see `ikm.wire.readers`
_BODY = json.Decoder(_SkimmedBody)
_BATCH = json.Decoder(_SkimmedBatch)


class BodyReader:
    """Reads response bodies and remembers their words. Safe for several threads."""

    def __init__(self) -> None:
        self._codes: set[str] = set()
        self._languages: set[str] = set()
        self._stages: set[str] = set()

    def read(self, raw: bytes | Raw) -> ResponseBody:
        """The body in those bytes. Raises Refusal as `decode_body` does."""
        try:
            body = _BODY.decode(raw)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return decode_body(raw)
        # what is spelt in another way is strictly refused with its reason
        if not self._knows(body) or canonical(body) != bytes(raw):
            strict = decode_body(raw)
            self._learn(strict)
            return strict
        return body

    def _knows(self, body: ResponseBody) -> bool:
        return (
            body.language in self._languages
            and self._codes.issuperset(_codes(body))
            and self._stages.issuperset(_stages(body))
        )

    def _learn(self, body: ResponseBody) -> None:
        _add(self._languages, (body.language,))
        _add(self._codes, _codes(body))
        _add(self._stages, _stages(body))


def skim_batch(raw: bytes) -> Batch:
    """The batch in those bytes. Raises Refusal as `decode_batch` does."""
    try:
        batch = _BATCH.decode(raw)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return decode_batch(raw)
    if batch.protocol not in SPOKEN or not _rows_are_right(batch.rows) or canonical(batch) != raw:
        return decode_batch(raw)
    return batch


def _rows_are_right(rows: Collection[Row]) -> bool:
    """Whether ids and hashes are spelt as such: one pattern over all of them."""
    spelt = "".join([f"{row.id}\n{row.prev_hash}\n{row.hash}\n" for row in rows])
    # with as many characters as rows ask for, no string can hold the end of one row and the start of another
    return len(spelt) == len(rows) * _ROW_LENGTH and _ROW.fullmatch(spelt) is not None


def _codes(body: ResponseBody) -> list[str]:
    profile, reasons = body.profile, body.reasons
    return [
        body.counter, body.questionnaire, body.service, body.unit, *body.answers, *profile, *profile.values(),
        *body.asked, *reasons, *reasons.values(),
    ]  # fmt: skip


def _stages(body: ResponseBody) -> list[str]:
    visit = body.visit
    if visit is None:
        return []
    # a visit that came to its end was left nowhere
    return [*visit.spent_ms, *visit.unanswered, *([visit.left_at] if visit.left_at else [])]


def _add(known: set[str], words: Collection[str]) -> None:
    # a device could send ever new ones; what is forgotten is read strictly once more
    if len(known) > _MOST_WORDS:
        known.clear()
    known.update(words)
