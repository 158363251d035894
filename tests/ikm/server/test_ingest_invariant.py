"""Nothing lost and nothing twice, whatever is sent in whatever order: by random stories of devices and their clones."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.tally import tally_of
from ikm.server import tables as t
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body, clock

KINDS = ("good", "good", "good", "bad", "uncertain", "again", "stolen")
STEPS = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 9), st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)),
    st.tuples(st.just("send"), st.integers(0, 9), st.integers(0, 6), st.integers(0, 5)),
    st.tuples(st.just("begin"), st.integers(0, 9), st.sampled_from(["damaged", "lost", "fork", "rollback"]),
              st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("clone"), st.integers(0, 9), st.integers(0, 3)),
    st.tuples(st.just("decide"), st.integers(0, 9), st.sampled_from(["count", "discard"])),
    st.tuples(st.just("review"), st.integers(0, 9), st.sampled_from(["release", "reject"])),
    st.tuples(st.just("revoke"), st.integers(0, 19)),
)  # fmt: skip
BY = {"who": "Sari", "reason": "", "now_ms": NOW_MS}


@dataclass
class Story:
    """One enrolled device, all machines that claim to be it, and every epoch each of them ever had."""

    store: Store
    ingest: Ingest
    machines: list[KioskDevice]
    past: list[KioskDevice] = field(default_factory=list)

    @property
    def device(self) -> str:
        return self.machines[0].device

    def add(self, which: int, kinds: list[str]) -> None:
        machine = self.machines[which % len(self.machines)]
        for kind in kinds:
            rating = (which + len(machine.rows)) % 4 + 1
            made = machine.add(b'{"x":1}' if kind == "bad" else body(*(rating,) * 9, clock=_clock(kind)))
            if kind in ("again", "stolen") and len(machine.rows) > 1:
                machine.rows[-1] = _under_another_id(machine, made[0], machine.rows[-2], same=kind == "again")

    def send(self, which: int, first: int, count: int) -> None:
        everyone = [*self.machines, *self.past]
        machine = everyone[which % len(everyone)]
        start = max(0, len(machine.rows) - 1 - first)
        self._sent(machine.call(machine.rows[start : start + count]))

    def begin(self, which: int, reason: str, back: int, more: int) -> None:
        place = which % len(self.machines)
        machine = self.machines[place]
        self.past.append(machine)
        after = max(0, len(machine.rows) - back)
        self.machines[place] = machine.begin(reason, after=after, known=after + more)

    def clone(self, which: int, back: int) -> None:
        copy = self.machines[which % len(self.machines)].copy()
        copy.salt = len(self.machines)
        copy.rows = copy.rows[: max(0, len(copy.rows) - back)]
        self.machines.append(copy)

    def decide(self, which: int, decision: str) -> None:
        if open_ones := self.store.forks(self.device, undecided=True):
            self.store.decide_fork(self.device, open_ones[which % len(open_ones)].epoch, decision, **BY)

    def review(self, which: int, what: str) -> None:
        if kept := self.store.quarantined(self.device, undecided=True):
            row = kept[which % len(kept)]
            try:
                getattr(self.store, what)(self.device, row.epoch, row.seq, **BY)
            except Refusal as refusal:
                if refusal.code not in ("not_found", "response_malformed", "response_conflict"):
                    raise

    def revoke(self, after: int) -> None:
        self.store.revoke(self.device, NOW_MS, after=(1 + after // 10, after % 10))

    def _sent(self, call) -> None:
        before = _heads(self.store, self.device)
        try:
            receipt = self.ingest.accept(call)
        except Refusal as refusal:
            if refusal.code not in ("gap", "fork", "opening_invalid"):
                raise
            assert _heads(self.store, self.device) == before
        else:
            again = self.ingest.accept(call)
            assert (again.head_seq, again.rejected) == (receipt.head_seq, receipt.rejected)


def _clock(kind: str) -> wire.Clock:
    return clock(0, state="unknown") if kind == "uncertain" else clock(NOW_MS)


def _under_another_id(machine: KioskDevice, made: wire.Row, other: wire.Row, *, same: bool) -> wire.Row:
    content = other.body if same else made.body
    digest = wire.row_hash(
        device=machine.device, epoch=machine.epoch, seq=made.seq, row_id=other.id, prev_hash=made.prev_hash,
        body=content,
    )  # fmt: skip
    return wire.Row(body=content, hash=digest, id=other.id, prev_hash=made.prev_hash, seq=made.seq)


def _heads(store: Store, device: str) -> dict[int, int]:
    with store._engine.connect() as connection:
        query = select(t.head.c.epoch, t.head.c.seq).where(t.head.c.device == device)
        return {row.epoch: row.seq for row in connection.execute(query)}


def _check(story: Story) -> None:
    store, device = story.store, story.device
    with store._engine.connect() as connection:
        for epoch, head in _heads(store, device).items():
            numbers = []
            for table, chained in ((t.response, True), (t.quarantine, t.quarantine.c.chained)):
                here = select(table.c.seq).where(table.c.device == device, table.c.epoch == epoch)
                numbers += connection.execute(here.where(chained) if table is t.quarantine else here).scalars()
            # head = accepted + kept aside, and no number is missing or held twice
            assert sorted(numbers) == list(range(1, head + 1))
        rows = connection.execute(select(t.response).where(t.response.c.device == device)).all()
        against = select(func.min(t.fork.c.seq)).where(
            t.fork.c.device == device, t.fork.c.decision.is_distinct_from("count")
        )
        for row in rows:
            first = connection.execute(against.where(t.fork.c.epoch == row.epoch)).scalar()
            assert bool(row.held) == (first is not None and row.seq >= first)
    ours = tally_of(wire.decode_body(bytes(row.body)).to_domain() for row in rows if not row.held)
    assert store.differences() == []
    assert ours.responses == sum(not row.held for row in rows)


@given(st.lists(STEPS, min_size=4, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_head_is_accepted_plus_kept_aside_and_tallies_are_what_counts_after_any_story(store, steps):
    story = Story(store, Ingest(store, lambda: NOW_MS), [KioskDevice.enrolled(store)])
    for name, *given_to_it in steps:
        getattr(story, name)(*given_to_it)
    for machine in (*story.past, *story.machines):
        story._sent(machine.call(machine.rows[:200]))
    _check(story)
