"""The server's side of the protocol in memory, with the ways it can answer; rows are checked as the real one does."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ikm import wire
from ikm.domain.errors import Refusal
from sync.failure import Cause, Failure
from tests.support import samples


def refused(code: str, **facts: int | str) -> Failure:
    """The failure a device sees when the server answers with that problem."""
    problem = wire.problem_of(Refusal(code, "", **facts))
    cause = Cause.SERVER if problem.status >= 500 or problem.status == 429 else Cause.REFUSED
    return Failure(cause, status=problem.status, problem=problem)


@dataclass
class FakeServer:
    """`before` and `after` run around the commit of a push, and may raise what the device shall see."""

    newest: wire.ConfigurationMessage
    rows: list[wire.Row] = field(default_factory=list)
    batches: list[wire.Batch] = field(default_factory=list)
    fetched: int = 0
    max_rows: int = wire.MAX_ROWS
    announced: int | None = None
    before: Callable[[wire.Batch], None] = lambda batch: None
    after: Callable[[wire.Batch], None] = lambda batch: None

    @property
    def head_hash(self) -> str:
        return self.rows[-1].hash if self.rows else wire.GENESIS

    def push(self, batch: wire.Batch) -> wire.Receipt:
        self.batches.append(batch)
        self.before(batch)
        if len(batch.rows) > self.max_rows:
            raise refused("body_too_large")
        for row in batch.rows:
            if row.seq <= len(self.rows):
                if self.rows[row.seq - 1].hash != row.hash:
                    raise refused("fork")
            elif row.seq > len(self.rows) + 1 or row.prev_hash != self.head_hash:
                raise refused("gap", head_seq=len(self.rows), head_hash=self.head_hash)
            else:
                self.rows.append(row)
        self.after(batch)
        return self.receipt(batch)

    def receipt(self, batch: wire.Batch) -> wire.Receipt:
        return wire.Receipt(
            configuration=self.newest.version if self.announced is None else self.announced,
            device=batch.device,
            durable_seq=0,
            epoch=batch.epoch,
            head_hash=self.head_hash,
            head_seq=len(self.rows),
            nonce=batch.nonce,
            protocol=wire.PROTOCOL,
            rejected=[],
            server=samples.SERVER,
            server_time_ms=1_793_500_000_000,
            signature="",
        )

    def configuration(self) -> wire.ConfigurationMessage:
        self.fetched += 1
        return self.newest


@dataclass
class FakeDevice:
    heard_ms: list[int] = field(default_factory=list)

    def clock(self) -> wire.Clock:
        return samples.clock()

    def disk_free_bytes(self) -> int:
        return 10**9

    def heard(self, server_time_ms: int, sent: wire.Clock) -> None:
        self.heard_ms.append(server_time_ms)
