"""A device as the server sees it: a key, an id, a chain, and signed calls."""

import gzip
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Raw, structs
from sqlalchemy import func, select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.period import Period, parse_period
from ikm.domain.tally import Tally
from ikm.server import tables
from ikm.server.enrol import Enrolment, make_code
from ikm.server.ingest import Call, Ingest
from ikm.server.store import Store
from tests.support import samples

NOW_MS = 1_793_500_000_000


@dataclass
class KioskDevice:
    """An enrolled device of a counter."""

    device: str
    counter: str
    key: Ed25519PrivateKey
    epoch: int = 1
    rows: list[wire.Row] = field(default_factory=list)
    openings: dict[int, wire.Opening] = field(default_factory=dict)
    salt: int = 0

    @classmethod
    def enrolled(cls, store: Store, counter: str = "dukcapil-1") -> "KioskDevice":
        key = Ed25519PrivateKey.generate()
        code = make_code(store, counter, NOW_MS)
        answer = Enrolment(store).enrol(enrol_bytes(code.code, key), "192.0.2.1", NOW_MS)
        return cls(answer.device, counter, key)

    def add(self, *bodies: wire.ResponseBody | bytes) -> list[wire.Row]:
        """New rows at the end of the chain."""
        raw = [body if isinstance(body, bytes) else wire.canonical(body) for body in bodies]
        prev = self.rows[-1].hash if self.rows else self.start
        made = linked(self.device, self.epoch, raw, after=len(self.rows), prev=prev, salt=self.salt)
        self.rows += made
        return made

    def call(self, rows: list[wire.Row], *, nonce: str = "0" * 32, epoch: int | None = None, **changes: object) -> Call:
        """The signed request that carries those rows; `changes` are of the batch."""
        epoch = epoch or self.epoch
        batch = samples.batch(rows, device=self.device, epoch=epoch, nonce=nonce)
        facts = {"opening": self.openings.get(epoch)} | changes
        return self.signed(wire.canonical(structs.replace(batch, **facts)))

    def begin(self, reason: str = "damaged", *, after: int | None = None, known: int | None = None) -> "KioskDevice":
        """The same device in its next epoch, which goes on from its row `after` (the last) of this one."""
        after = len(self.rows) if after is None else after
        start = self.rows[after - 1].hash if after else self.start
        opening = wire.Opening(
            known_seq=len(self.rows) if known is None else known, previous_epoch=self.epoch, previous_hash=start,
            previous_seq=after, reason=reason, salvaged=0,
        )  # fmt: skip
        return replace(self, epoch=self.epoch + 1, rows=[], openings={**self.openings, self.epoch + 1: opening})

    def copy(self) -> "KioskDevice":
        """Another machine with the same card, whose answers have ids of their own."""
        return replace(self, rows=list(self.rows), openings=dict(self.openings), salt=self.salt + 1)

    @property
    def start(self) -> str:
        """The hash before the first row of the epoch."""
        return wire.genesis(self.device, self.epoch, self.openings.get(self.epoch))

    def signed(self, raw: bytes, *, compressed: bytes | None = None) -> Call:
        """A signed request with those bytes; `compressed` is what travels instead."""
        path = f"/api/v1/devices/{self.device}/batches"
        signature = self.sign("POST", path, raw)
        if compressed is not None:
            return Call("POST", path, self.device, signature, compressed, "gzip")
        return Call("POST", path, self.device, signature, raw)

    def zipped(self, raw: bytes) -> Call:
        return self.signed(raw, compressed=gzip.compress(raw))

    def sign(self, method: str, path: str, raw: bytes) -> str:
        return wire.to_base64(self.key.sign(wire.signing_bytes(method, path, raw)))


def linked(
    device: str, epoch: int, bodies: list[bytes], *, after: int = 0, prev: str = wire.GENESIS, salt: int = 0
) -> list[wire.Row]:
    """Rows whose ids belong to that device alone."""
    rows = []
    for seq, raw in enumerate(bodies, after + 1):
        identity = f"{device[:13]}-7{device[15:18]}-8{epoch:03x}-{device[-4:]}{salt:02x}{seq:06x}"
        digest = wire.row_hash(device=device, epoch=epoch, seq=seq, row_id=identity, prev_hash=prev, body=raw)
        rows.append(wire.Row(body=Raw(raw), hash=digest, id=identity, prev_hash=prev, seq=seq))
        prev = digest
    return rows


def enrol_bytes(code: str, key: Ed25519PrivateKey) -> bytes:
    public = wire.to_base64(key.public_key().public_bytes_raw())
    return wire.canonical(wire.EnrolRequest(app_version="0.1.0", code=code, protocol=wire.PROTOCOL, public_key=public))


def stored(store: Store) -> dict[str, int]:
    """How many rows each table of the intake holds."""
    kept = (
        tables.response, tables.head, tables.tally, tables.tally_rating, tables.tally_product, tables.quarantine,
        tables.fork, tables.opening,
    )  # fmt: skip
    with store._engine.connect() as connection:
        return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in kept}


NOTHING = {
    "response": 0, "head": 0, "tally": 0, "tally_rating": 0, "tally_product": 0, "quarantine": 0, "fork": 0,
    "opening": 0,
}  # fmt: skip


def counted(store: Store, period: Period | None = None) -> dict[tuple[str, str], Tally]:
    """The tallies of a period (the year 2026) by unit and service, of one questionnaire."""
    return {(cell.unit, cell.service): cell.tally for cell in store.cells(period or parse_period("2026"))}


def code_of(ingest: Ingest, call: Call) -> str:
    """The code under which that call is refused."""
    with pytest.raises(Refusal) as caught:
        ingest.accept(call)
    return caught.value.code


def aside(store: Store) -> list[tuple[int, int, str]]:
    """Epoch, number and code of the rows kept aside."""
    return [(row.epoch, row.seq, row.code) for row in store.quarantined()]
