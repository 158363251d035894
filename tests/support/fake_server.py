"""The server's side of the protocol in memory, by the rules docs/protocol.md gives it, with the ways it can answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from sync import keys
from sync.failure import Cause, Failure
from tests.support import samples
from tests.support.http_server import Asked, Reply, problem_reply


def refused(code: str, **facts: int | str) -> Failure:
    """The failure a device sees when the server answers with that problem."""
    problem = wire.problem_of(Refusal(code, "", **facts))
    cause = Cause.SERVER if problem.status >= 500 or problem.status == 429 else Cause.REFUSED
    return Failure(cause, status=problem.status, problem=problem)


FIRST_KEY = bytes(range(100, 132))
"""The private key servers begin with."""


@dataclass
class Chain:
    """One epoch of the device; `closed_after` is where fresh rows begin to be a fork, None while none is."""

    genesis: str
    opening: wire.Opening | None = None
    rows: list[wire.Row] = field(default_factory=list)
    closed_after: int | None = None

    @property
    def head(self) -> tuple[int, str]:
        return (len(self.rows), self.rows[-1].hash) if self.rows else (0, self.genesis)

    def hash_at(self, seq: int) -> str | None:
        if seq == 0:
            return self.genesis
        return self.rows[seq - 1].hash if seq <= len(self.rows) else None


@dataclass
class FakeServer:
    """`before` and `after` run around the commit of a push, and may raise what the device shall see.

    `judge` gives the code for which a row's body cannot be counted; `revoked_after` the last place (epoch, seq) that
    is accepted of a revoked device.
    """

    newest: wire.ConfigurationMessage
    batches: list[wire.Batch] = field(default_factory=list)
    fetched: int = 0
    max_rows: int = wire.MAX_ROWS
    announced: int | None = None
    before: Callable[[wire.Batch], None] = lambda batch: None
    after: Callable[[wire.Batch], None] = lambda batch: None
    judge: Callable[[wire.Row], str | None] = lambda row: None
    revoked_after: tuple[int, int] | None = None
    forked: bool = False
    durable: dict[int, int] = field(default_factory=dict)
    quarantine: dict[tuple[int, int], str] = field(default_factory=dict)
    chains: dict[int, Chain] = field(default_factory=lambda: {1: Chain(wire.GENESIS)})
    private_keys: list[bytes] = field(default_factory=lambda: [FIRST_KEY])

    @property
    def rows(self) -> list[wire.Row]:
        """The rows of the first epoch."""
        return self.chains[1].rows

    @property
    def head_hash(self) -> str:
        return self.chains[1].head[1]

    @property
    def counted(self) -> list[wire.Row]:
        """Rows that are accepted, of all epochs."""
        return [
            row
            for epoch, chain in sorted(self.chains.items())
            for row in chain.rows
            if (epoch, row.seq) not in self.quarantine
        ]

    def push(self, batch: wire.Batch) -> wire.Receipt:
        self.batches.append(batch)
        self.before(batch)
        if len(batch.rows) > self.max_rows:
            raise refused("body_too_large")
        self._check_hashes(batch)
        chain = self._chain(batch)
        self._check_places(chain, batch.rows)
        for row in batch.rows:
            if row.seq > len(chain.rows):
                self._take(batch.epoch, chain, row)
        self.after(batch)
        return self.receipt(batch)

    def receipt(self, batch: wire.Batch) -> wire.Receipt:
        head_seq, head_hash = self.chains[batch.epoch].head
        kept_aside = [(row.seq, self.quarantine.get((batch.epoch, row.seq))) for row in batch.rows]
        return self.sign(
            wire.Receipt(
                configuration=self.newest.version if self.announced is None else self.announced,
                device=batch.device,
                durable_seq=self.durable.get(batch.epoch, 0),
                epoch=batch.epoch,
                head_hash=head_hash,
                head_seq=head_seq,
                nonce=batch.nonce,
                protocol=wire.PROTOCOL,
                rejected=[wire.RejectedRow(code=code, seq=seq) for seq, code in kept_aside if code],
                server=samples.SERVER,
                server_time_ms=1_793_500_000_000,
                signature="",
                standing="revoked" if self.revoked_after else "forked" if self.forked else "active",
            )
        )

    def sign(self, receipt: wire.Receipt) -> wire.Receipt:
        signature = keys.signed(self.private_keys[-1], wire.receipt_bytes(receipt))
        return replace(receipt, signature=signature)

    def configuration(self) -> wire.ConfigurationMessage:
        self.fetched += 1
        return self.newest

    @property
    def key(self) -> str:
        """The public key receipts are signed with."""
        return keys.public_key(self.private_keys[-1])

    def server_keys(self) -> wire.ServerKeys:
        """All of its public keys, each signed by the one before."""
        public = [keys.public_key(private) for private in self.private_keys]
        signatures = [""] + [
            keys.signed(before, wire.server_key_bytes(samples.SERVER, key))
            for before, key in zip(self.private_keys, public[1:], strict=False)
        ]
        held = [wire.ServerKey(key=key, signature=made) for key, made in zip(public, signatures, strict=True)]
        return wire.ServerKeys(keys=held, server=samples.SERVER)

    def _check_hashes(self, batch: wire.Batch) -> None:
        for row in batch.rows:
            digest = wire.row_hash(
                device=batch.device, epoch=batch.epoch, seq=row.seq, row_id=row.id, prev_hash=row.prev_hash,
                body=row.body,
            )  # fmt: skip
            if digest != row.hash:
                raise refused("row_hash_invalid")

    def _chain(self, batch: wire.Batch) -> Chain:
        held, opening = self.chains.get(batch.epoch), batch.opening
        if (held.opening if held else None) == opening and held is not None:
            return held
        if held is not None or opening is None or opening.previous_epoch >= batch.epoch:
            raise refused("opening_invalid")
        made = Chain(wire.genesis(batch.device, batch.epoch, opening), opening)
        self.chains[batch.epoch] = made
        before = self.chains.get(opening.previous_epoch)
        if before is not None:
            common = before.hash_at(opening.previous_seq)
            self.forked |= common not in {opening.previous_hash, None}
            before.closed_after = max(opening.known_seq, len(before.rows))
        return made

    def _check_places(self, chain: Chain, rows: list[wire.Row]) -> None:
        head_seq, head_hash = chain.head
        for row in rows:
            if row.seq <= len(chain.rows):
                if chain.hash_at(row.seq) != row.hash:
                    self.forked = True
                    raise refused("fork", head_seq=row.seq - 1, head_hash=str(chain.hash_at(row.seq - 1)))
            elif row.seq != head_seq + 1 or row.prev_hash != head_hash:
                raise refused("gap", head_seq=chain.head[0], head_hash=chain.head[1])
            else:
                head_seq, head_hash = row.seq, row.hash

    def _take(self, epoch: int, chain: Chain, row: wire.Row) -> None:
        code = self._code(epoch, row)
        chain.rows.append(row)
        if code is not None:
            self.quarantine[epoch, row.seq] = code
        if chain.closed_after is not None and row.seq > chain.closed_after:
            self.forked = True

    def _code(self, epoch: int, row: wire.Row) -> str | None:
        if self.revoked_after is not None and (epoch, row.seq) > self.revoked_after:
            return "device_revoked"
        same = next((held for held in self.counted if held.id == row.id), None)
        if same is not None:
            return "response_repeated" if bytes(same.body) == bytes(row.body) else "response_conflict"
        return self.judge(row)


class Upstream:
    """The protocol over HTTP before a `FakeServer`: enrolment, batches, configuration and keys.

    Signatures are checked once a device's key is known: by enrolment, or because a test says so in `device_key`.
    """

    def __init__(self, newest: wire.ConfigurationMessage, server: FakeServer | None = None) -> None:
        self.server = server or FakeServer(newest=newest)
        self.device_key = ""

    def __call__(self, asked: Asked) -> Reply:
        try:
            return self._answer(asked)
        except Failure as failure:
            problem = failure.problem
            assert problem is not None
            facts = {"head_seq": problem.head_seq, "head_hash": problem.head_hash}
            return problem_reply(problem.code, **{name: fact for name, fact in facts.items() if fact is not UNSET})

    def _answer(self, asked: Asked) -> Reply:
        place = (asked.method, asked.path.rpartition("/")[2])
        if place == ("POST", "enrolments"):
            return self._enrol(wire.decode_enrol_request(asked.body))
        if asked.path == "/api/v1/server/keys":
            return Reply(200, wire.canonical(self.server.server_keys()))
        self._check_signature(asked)
        if place == ("GET", "configuration"):
            return Reply(200, wire.canonical(self.server.configuration()))
        if place == ("POST", "keys"):
            return self._roll(wire.decode_key_roll(asked.body))
        return Reply(200, wire.canonical(self.server.push(wire.decode_batch(asked.body))))

    def _enrol(self, request: wire.EnrolRequest) -> Reply:
        self.device_key = request.public_key
        return Reply(201, wire.canonical(enrolled(self.server)))

    def _roll(self, roll: wire.KeyRoll) -> Reply:
        if not keys.is_signed(roll.public_key, roll.proof, wire.key_roll_bytes(samples.DEVICE, roll.public_key)):
            raise refused("key_invalid")
        self.device_key = roll.public_key
        rolled = wire.KeyRolled(device=samples.DEVICE, public_key=roll.public_key, server=samples.SERVER)
        return Reply(201, wire.canonical(rolled))

    def _check_signature(self, asked: Asked) -> None:
        signed = wire.signing_bytes(asked.method, asked.path, asked.body)
        if self.device_key and not keys.is_signed(
            self.device_key, asked.headers.get(wire.SIGNATURE_HEADER, ""), signed
        ):
            raise refused("signature_invalid")


def enrolled(server: FakeServer) -> wire.Enrolled:
    """What the server tells a device it has taken."""
    return wire.Enrolled(
        configuration=server.newest,
        device=samples.DEVICE,
        protocol=wire.PROTOCOL,
        server=samples.SERVER,
        server_key=server.key,
    )


@dataclass
class FakeDevice:
    heard_ms: list[int] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    now: wire.Clock = field(default_factory=samples.clock)

    def clock(self) -> wire.Clock:
        return self.now

    def disk_free_bytes(self) -> int:
        return 10**9

    def warnings(self) -> list[str]:
        return self.complaints

    def heard(self, server_time_ms: int, sent: wire.Clock) -> None:
        self.heard_ms.append(server_time_ms)
