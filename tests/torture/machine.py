"""Whatever happens between cards and server, in any order: what was given is there, once, and counted as it should be.

A Hypothesis state machine. Its rules are what citizens, networks, thieves, officers and administrators do; its
invariants are the promises of docs/protocol.md. `tests.torture.protocol_mutants` breaks each promise on purpose.
"""

import logging

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ikm import wire
from ikm.server.ingest import now_ms
from ikm.server.keys import roll_server_key
from sync.once import APP_VERSION
from tests.support import samples
from tests.support.fault_proxy import Trouble
from tests.torture.mischief import MISCHIEF, mischief
from tests.torture.protocol_world import Card, World

ROUNDS = 12
TROUBLES = st.lists(st.sampled_from([kind for kind in Trouble if kind is not Trouble.NONE]), max_size=3)
WHICH = st.integers(0, 1)


class Protocol(RuleBasedStateMachine):
    """One device's life, with its clones; `world` is put on the class by whoever runs it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        logging.getLogger("sync").setLevel(logging.CRITICAL)
        self.given: dict[str, bytes] = {}
        self.uncountable: set[str] = set()
        self.cards: list[Card] = []
        self.image = None
        self.backup = None
        self.cloned_at: set[str] | None = None
        # after the server went back, a card may believe more than is so until it has asked again
        self.unaware: set[Card] = set()
        self.number = 0

    @initialize()
    def enrol(self) -> None:
        """A device comes to its counter."""
        card, self.device = self.world.enrolled()
        self.cards = [card]
        self.world.troubles.clear()

    def card(self, which: int) -> Card:
        return self.cards[which % len(self.cards)]

    @rule(which=WHICH, count=st.integers(1, 4))
    def tap(self, which: int, count: int) -> None:
        """Citizens answer."""
        for _ in range(count):
            self._append(which, samples.body(*(1 + (self.number * step) % 4 for step in range(1, 10))))

    @rule(which=WHICH)
    def tap_what_nobody_can_count(self, which: int) -> None:
        """An answer about a service that the server does not know (any more)."""
        self.uncountable.add(self._append(which, samples.body(service="sudah-dihapus")))

    @rule(which=WHICH, troubles=TROUBLES)
    def send(self, which: int, troubles: list[Trouble]) -> None:
        """A round of the sync, through a network in such a mood."""
        card = self.card(which)
        self.world.troubles.extend(troubles)
        done = card.send()
        self.world.troubles.clear()
        if done.failure is None:
            self.unaware.discard(card)

    @rule(which=WHICH)
    def power_cycle(self, which: int) -> None:
        """The kiosk starts anew."""
        self.card(which).restart()

    @rule()
    def keep_an_image(self) -> None:
        """Somebody copies the card into a drawer."""
        self.image = self.cards[0].copied(self.world.place())

    @precondition(lambda self: self.image is not None and self.cloned_at is None)
    @rule()
    def put_the_image_back(self) -> None:
        """The old image is written to the card; what never left it is gone, as everybody knows. The server is asked
        before the first citizen comes."""
        arrived = self.world.held(self.device).ids
        card = self.cards[0]
        card.put_back(self.image)
        there = arrived | {row[2] for row in card.rows()}
        for gone in self.given.keys() - there:
            del self.given[gone]
        self._drain(card)

    @precondition(lambda self: self.cloned_at is None)
    @rule()
    def clone(self) -> None:
        """The card is copied and put into a second machine."""
        # what waits on the card would be on both: that is the same answer, not a second one
        self.cards.append(Card(self.cards[0].copied(self.world.place())))
        self.cloned_at = {row[2] for row in self.cards[0].rows()}
        if self.cards[0] in self.unaware:
            self.unaware.add(self.cards[1])

    @rule()
    def back_the_server_up(self) -> None:
        """A backup is made."""
        self.backup = self.world.back_up()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore_the_server(self) -> None:
        """The server loses everything since."""
        self.world.restore(self.backup)
        self.unaware = set(self.cards)
        if self.cloned_at is None:
            # a card that has forgotten nothing brings everything back; one set back in between cannot
            kept = {row[2] for card in self.cards for row in card.rows()} | self.world.held(self.device).ids
            for gone in self.given.keys() - kept:
                del self.given[gone]

    @rule()
    def roll_the_servers_key(self) -> None:
        """The server signs with a new key from now on."""
        roll_server_key(self.world.server, now_ms())
        # a server put back to before it would sign with a key that devices have left behind
        self.backup = None

    @rule(decision=st.sampled_from(["count", "discard"]))
    def decide(self, decision: str) -> None:
        """An officer decides about what is disputed."""
        for epoch in {epoch for epoch, _, decided in self.world.held(self.device).forks if decided is None}:
            self.world.server.decide_fork(
                self.device, epoch, decision, who="petugas", reason="diperiksa", now_ms=now_ms()
            )

    @rule(kind=st.sampled_from(MISCHIEF))
    def mischief(self, kind: str) -> None:
        """Somebody with a device's key, or without one, sends what no kiosk would."""
        mischief(self.world, kind)

    @invariant()
    def what_is_acknowledged_is_on_the_server(self) -> None:
        """A card never takes for delivered what is not."""
        ids = self._ids()
        for card in self.cards:
            if card not in self.unaware:
                assert card.acknowledged() <= ids

    @invariant()
    def heads_are_what_came(self) -> None:
        """Per epoch: head = accepted + kept aside in the chain, without a hole."""
        if not self.cards:
            return
        held = self.world.held(self.device)
        for epoch, head in held.heads.items():
            places = [seq for at, seq, _, _ in held.responses.values() if at == epoch]
            places += [seq for _, at, seq, _, chained in held.aside if at == epoch and chained]
            assert sorted(places) == list(range(1, head + 1))

    @invariant()
    def nothing_is_there_that_nobody_said(self) -> None:
        """Bodies are those that were given, countable ones alone among the responses."""
        if not self.cards:
            return
        for row_id, (_, _, body, _) in self.world.held(self.device).responses.items():
            assert self.given[row_id] == body
            assert row_id not in self.uncountable

    @invariant()
    def only_clones_fork_and_disputed_rows_are_held(self) -> None:
        """No false alarm; and nothing after a fork is counted before somebody said so."""
        if not self.cards:
            return
        held = self.world.held(self.device)
        if self.cloned_at is None:
            assert held.forks == []
        for row_id, (epoch, seq, _, aside) in held.responses.items():
            against = any(
                decision != "count" and ((epoch == at and seq >= since) or (decision is None and epoch > at))
                for at, since, decision in held.forks
            )
            if against:
                assert aside, row_id
            if not held.forks:
                assert not aside, row_id

    def teardown(self) -> None:
        """In the end the network is good: everything arrives, clones are found out, tallies are the responses."""
        if not self.cards:
            return
        self.world.troubles.clear()
        for card in self.cards:
            self._drain(card)
        held = self.world.held(self.device)
        assert self.given.keys() <= held.ids
        if self.cloned_at is None:
            assert self.given.keys() - self.uncountable == held.responses.keys()
        else:
            self._find_the_clone()
        assert self.world.server.differences() == []
        for card in self.cards:
            card.end()

    def _find_the_clone(self) -> None:
        """A copy that is first heard of when the other has stopped cannot be told from a card that was put back; two
        that both go on are found out."""
        for _ in range(2):
            for which, card in enumerate(self.cards):
                self._append(which, samples.body())
                self._drain(card)
        assert self.world.held(self.device).forks, "both machines went on, and nobody noticed"

    def _append(self, which: int, body: wire.ResponseBody) -> str:
        self.number += 1
        row = self.card(which).store.append(body)
        self.given[row.id] = bytes(row.body)
        return row.id

    def _drain(self, card: Card) -> None:
        for _ in range(ROUNDS):
            done = card.send()
            if done.failure is None and not card.pending:
                self.unaware.discard(card)
                return
        raise AssertionError(f"{card.pending} rows do not leave the card: {done.failure} ({APP_VERSION})")

    def _ids(self) -> set[str]:
        return self.world.held(self.device).ids if self.cards else set()
