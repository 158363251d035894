"""Whether an image of a medium still holds what the store had promised when the power went."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ikm import wire
from kiosk.store import Store, StoreError
from kiosk.store.opening import FILE_NAME

Row = tuple[int, int, str, str]
"""Epoch, seq, id, hash."""


@dataclass
class Promise:
    """What the store has returned from, and the one thing it was asked and had not returned from."""

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    begun: dict[str, Any] = field(default_factory=dict)

    def hear(self, mark: dict[str, Any]) -> None:
        """Take a mark of a scenario down."""
        if "begin" in mark:
            self.begun[mark["begin"]] = mark["value"]
            return
        what, value = mark["promised"], mark["value"]
        self.begun.pop(what, None)
        if what == "row":
            self.rows.append(tuple(value))
        elif what == "rows":
            self.rows = [tuple(row) for row in value]
        else:
            self.facts[what] = value

    def copy(self) -> "Promise":
        """As it stands now."""
        return Promise(list(self.rows), dict(self.facts), dict(self.begun))

    def allows(self, what: str, found: object) -> bool:
        """Whether that is what was promised last, or what was being asked for."""
        return found == self.facts.get(what) or (what in self.begun and found == self.begun[what])


@dataclass
class Verdict:
    """Promised answers that are gone, answers there twice or never given, damage, and other promises not kept."""

    lost: int = 0
    doubled: int = 0
    corrupt: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all is as promised."""
        return not (self.lost or self.doubled or self.corrupt or self.forgotten)


def judge(folder: Path, promise: Promise) -> Verdict:
    """What stock SQLite finds there after recovering by itself."""
    verdict = Verdict()
    try:
        with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
            _judge(connection, promise, verdict)
    except sqlite3.DatabaseError as error:
        verdict.corrupt.append(str(error))
        verdict.lost += len(promise.rows)
    return verdict


def open_and_judge(folder: Path, promise: Promise) -> tuple[Verdict, bool]:
    """What is there after the store itself has opened it, and whether it thought a sound medium damaged."""
    try:
        with Store.open(folder) as store:
            draft = store.draft()
            identity = store.identity()
    except StoreError as error:
        return Verdict(corrupt=[f"not opened: {error}"]), True
    alarmed = any(path.name.startswith("rusak") for path in folder.iterdir())
    verdict = judge(folder, promise)
    if "draft" in promise.facts | promise.begun and not promise.allows("draft", draft and draft.duration_ms):
        verdict.forgotten.append(f"draft {draft and draft.duration_ms}, promised {promise.facts.get('draft')}")
    if "enrolled" in promise.facts and (identity is None or identity.device != promise.facts["enrolled"]):
        verdict.forgotten.append("not enrolled any more")
    return verdict, alarmed


def _judge(connection: sqlite3.Connection, promise: Promise, verdict: Verdict) -> None:
    sound = connection.execute("PRAGMA integrity_check").fetchall()
    if sound != [("ok",)]:
        verdict.corrupt.append(f"integrity_check: {sound[0][0]}")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "responses" not in tables:
        # the first start broke off before it had made anything
        verdict.lost += len(promise.rows)
        return
    found = connection.execute(
        "SELECT epoch, seq, id, hash, prev_hash, body FROM responses ORDER BY epoch, seq"
    ).fetchall()
    if found:
        _judge_chain(connection, found, verdict)
    _judge_rows([row[:4] for row in found], promise, verdict)
    _judge_facts(connection, promise, verdict)


def _judge_chain(connection: sqlite3.Connection, found: Iterable[tuple[Any, ...]], verdict: Verdict) -> None:
    (device,) = connection.execute("SELECT device FROM identity").fetchone()
    last: dict[int, tuple[int, str]] = {}
    if "base_seq" in {row[1] for row in connection.execute("PRAGMA table_info(epochs)")}:
        last = {row[0]: row[1:] for row in connection.execute("SELECT epoch, base_seq, base_hash FROM epochs")}
    for epoch, seq, row_id, digest, prev_hash, body in found:
        before = last.get(epoch, (0, wire.GENESIS))
        if (seq - 1, prev_hash) != before:
            verdict.corrupt.append(f"row {epoch}:{seq} does not follow {before[0]}")
        # a pruned row keeps its hash without its body
        if body and digest != wire.row_hash(
            device=device, epoch=epoch, seq=seq, row_id=row_id, prev_hash=prev_hash, body=bytes(body)
        ):
            verdict.corrupt.append(f"row {epoch}:{seq} is not what was hashed")
        last[epoch] = (seq, digest)


def _judge_rows(found: list[Row], promise: Promise, verdict: Verdict) -> None:
    there, promised = set(found), set(promise.rows)
    ids = {row[2] for row in found}
    if "rows" in promise.begun:
        # rows on their way into another epoch are in one of the two, as the same responses
        verdict.lost += sum(row[2] not in ids for row in promise.rows)
        promised = {row for row in there if row[2] in {known[2] for known in promise.rows}}
    else:
        verdict.lost += len(promised - there)
    extra = len(there - promised)
    allowed = 1 if "row" in promise.begun else 0
    verdict.doubled += len(found) - len(ids) + max(0, extra - allowed)


def _judge_facts(connection: sqlite3.Connection, promise: Promise, verdict: Verdict) -> None:
    def one(query: str) -> Any:
        row = connection.execute(query).fetchone()
        return row[0] if row else None

    for what, query in (
        ("failures", "SELECT failures FROM staff"),
        ("configuration", "SELECT version FROM configuration"),
        ("acknowledged", "SELECT acknowledged_seq FROM epochs WHERE epoch = 1"),
        ("enrolled", "SELECT device FROM identity"),
    ):
        if what in promise.facts and not promise.allows(what, one(query)):
            verdict.forgotten.append(f"{what} is {one(query)}, promised {promise.facts[what]}")
    if raw := one("SELECT body FROM configuration"):
        wire.decode(raw, wire.ConfigurationMessage)
    unsent = "SELECT count(*) FROM responses JOIN epochs USING (epoch) WHERE seq > acknowledged_seq AND body IS NULL"
    if one(unsent):
        verdict.forgotten.append("a row that was not sent has lost its body")
