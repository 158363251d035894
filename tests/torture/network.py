"""Answers through a network that misbehaves and a server that is killed: all arrive, once; clones are found, and only
clones (faults 24, 25, 31, 33, 36 to 41, 44).

Devices are simulated in number, not in kind: each runs the real `sync_once` over the real client against a real server
process, and only its store is in memory, so that a million answers need minutes. What counts is read from the server's
own database.
"""

import copy
import logging
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, func, select

from ikm.server import tables
from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import now_ms
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from kiosk.demo.processes import Running, ours, wait_healthy
from kiosk.demo.processes import run as run_program
from sync.client import Client, enrol
from sync.keys import new_private_key
from sync.memory import Memory
from sync.once import APP_VERSION, sync_once
from sync.ports import Identity
from tests.support import samples
from tests.support.fake_outbox import FakeOutbox
from tests.support.fake_server import FakeDevice
from tests.support.fault_proxy import FaultProxy, Trouble, by_chance, fault_proxy
from tests.support.forging import forged
from tests.support.free_port import free_port
from tests.support.killing import server_environment
from tests.torture.result import Result

A_DEVICE = 5_000
"""Answers of one device."""
TROUBLED = 0.25
CLONED, SET_BACK, OF = 0, 1, 8
"""Of so many devices the first's card is copied, the second's replaced by an older copy of itself, and so on."""
BURSTS = 14
"""At least so many, on the way to a device's last answer."""
FIRST_KILL_S = 0.5
KILL_EVERY_S = 5.0
ROUNDS = 400
"""A device that has not sent all after so many tries, each with a server that lived through it, is stuck."""
PATIENCE_S = 600.0
"""How long a machine busy with other things may take over what is done in a second."""


@dataclass
class Kiosk:
    """A simulated device, and what it remembers between rounds."""

    outbox: FakeOutbox
    client: Client
    machine: FakeDevice = field(default_factory=FakeDevice)
    memory: Memory = field(default_factory=Memory)

    def tap(self, count: int, chance: random.Random) -> None:
        """So many citizens answer."""
        for _ in range(count):
            self.outbox.append(
                samples.body(*(chance.randint(1, 4) for _ in range(9)), duration_ms=chance.randint(1, 10**6))
            )

    def send(self) -> bool:
        """Whether a round came to its end."""
        return sync_once(self.outbox, self.client, self.machine, self.memory).failure is None

    @property
    def waiting(self) -> int:
        """Rows not yet acknowledged."""
        return self.outbox.queue().pending

    def another(self) -> "Kiosk":
        """The same card in another machine."""
        identity = self.outbox.identity()
        assert identity is not None
        return Kiosk(copy.deepcopy(self.outbox), Client(identity, APP_VERSION))


@dataclass
class Story:
    """What one card was put through, and every id that a citizen was thanked for."""

    kiosks: list[Kiosk]
    cloned: bool = False
    set_back: bool = False
    given: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    early: int = 0

    def note(self) -> None:
        """Remember what is there now, before a card is exchanged."""
        self.given |= {row.id for kiosk in self.kiosks for row in kiosk.outbox.rows}


class World:
    """A server that may die, the proxy before it, and an eye on its database."""

    def __init__(self, folder: Path, server: Running, proxy: FaultProxy, url: str) -> None:
        self.proxy = proxy
        self.url = url
        self._server = server
        self._over = threading.Event()
        # a server that is killed leaves a commit to be taken back, and whoever comes first waits for the others
        database = f"sqlite:///{folder / 'server' / 'ikm.db'}"
        self._engine = create_engine(database, connect_args={"timeout": PATIENCE_S})
        self.kills = 0
        self._up = True

    @property
    def over(self) -> bool:
        """Whether everybody should leave."""
        return self._over.is_set()

    def end(self) -> None:
        """Let everybody leave."""
        self._over.set()

    @property
    def life(self) -> int | None:
        """Which life of the server this is; None while there is none."""
        return self.kills if self._up else None

    def kill_now_and_then(self, chance: random.Random) -> None:
        """SIGKILL to the server and a new one, until the end."""
        wait_s = FIRST_KILL_S
        try:
            while not self._over.wait(wait_s):
                wait_s = chance.uniform(0.2, 1.5) * KILL_EVERY_S
                self._up = False
                self._server.restart()
                self.kills += 1
                wait_healthy(self._server, self.url, PATIENCE_S)
                self._up = True
        finally:
            # without a server nobody would ever come to an end
            self.end()

    def head(self, device: str, epoch: int) -> int:
        """How far the server's database is."""
        query = select(tables.head.c.seq).where(tables.head.c.device == device, tables.head.c.epoch == epoch)
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def rows(self, device: str) -> list[tuple[str, int, int, bytes]]:
        """Everything kept of a device: ids, places and hashes of responses and of what is kept aside."""
        found = []
        with self._engine.connect() as connection:
            for table in (tables.response, tables.quarantine):
                columns = (table.c.id, table.c.epoch, table.c.seq, table.c.hash)
                found += [tuple(row) for row in connection.execute(select(*columns).where(table.c.device == device))]
        return found

    def accepted(self, device: str) -> list[str]:
        """Ids of its responses, in order."""
        query = select(tables.response.c.id).where(tables.response.c.device == device)
        with self._engine.connect() as connection:
            return list(connection.scalars(query.order_by(tables.response.c.epoch, tables.response.c.seq)))

    def forks(self, device: str) -> int:
        """Forks that the server has seen of a device."""
        query = select(func.count()).select_from(tables.fork).where(tables.fork.c.device == device)
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0


def run(answers: int, seed: int, lanes: int = 4) -> list[Result]:
    """About so many answers, from as many devices as it takes."""
    # a thousand rows kept aside are counted here, not told one by one
    logging.getLogger("sync").setLevel(logging.ERROR)
    devices = max(20, answers // A_DEVICE)
    each = answers // devices
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        environment = server_environment(folder, port)
        codes = _prepared(environment, devices)
        url = f"http://127.0.0.1:{port}"
        server = Running("server", ours("ikm.server", "serve"), folder / "server.log", environment)
        try:
            wait_healthy(server, url)
            with fault_proxy(url, by_chance(chance, TROUBLED), seed) as proxy:
                stories = [
                    Story([_enrolled(url, proxy.url, code)], place % OF == CLONED, place % OF == SET_BACK)
                    for place, code in enumerate(codes)
                ]
                proxy.forge = partial(forged, server=_identity(stories[0]).server)
                world = World(folder, server, proxy, url)
                _play(world, stories, each, seed, lanes)
                result = _judged(world, stories)
            result.notes.append(f"{len(stories)} devices, {world.kills} times the server was killed")
            result.notes.append(str({str(kind.name): count for kind, count in sorted(proxy.met.items())}))
            result.control_failed |= any(kind not in proxy.met for kind in Trouble) or not world.kills
        finally:
            server.stop()
        # tallies against responses, by the server's own command
        run_program("ikm.server", "tallies", "verify", environment=environment, timeout_s=6 * PATIENCE_S)
    return [result]


def _prepared(environment: dict[str, str], devices: int) -> list[str]:
    store = ServerStore.open(Settings.from_environment(environment).database)
    install_example(store)
    codes = [make_code(store, "dukcapil-1", now_ms()).code for _ in range(devices)]
    store.close()
    return codes


def _enrolled(url: str, through: str, code: str) -> Kiosk:
    identity, configuration = enrol(url, code, new_private_key(), APP_VERSION)
    outbox = FakeOutbox(now_ms=now_ms())
    troubled = Identity(
        identity.device, identity.server, through, identity.private_key, server_key=identity.server_key
    )  # fmt: skip
    outbox.enrol(troubled, configuration)
    return Kiosk(outbox, Client(troubled, APP_VERSION))


def _play(world: World, stories: Sequence[Story], each: int, seed: int, lanes: int) -> None:
    with ThreadPoolExecutor(lanes + 1) as pool:
        killer = pool.submit(world.kill_now_and_then, random.Random(seed))
        try:
            jobs = [pool.submit(_live, world, story, each, seed + place) for place, story in enumerate(stories)]
            for job in jobs:
                job.result()
        finally:
            world.end()
        # whatever kept the server from coming back is the finding, not the devices that waited for it
        killer.result()


def _live(world: World, story: Story, each: int, seed: int) -> None:
    """The whole life of one card."""
    chance = random.Random(seed)
    left = each
    turning = each // 2
    while left > 0 and not world.over:
        burst = min(left, chance.randint(1, max(1, 2 * each // BURSTS)))
        left -= burst
        for kiosk in story.kiosks:
            kiosk.tap(max(1, burst // len(story.kiosks)), chance)
        for kiosk in story.kiosks:
            _send(world, story, kiosk, chance, most=12)
        if left < turning:
            turning = 0
            _turn(world, story, chance)
    for kiosk in story.kiosks:
        _send(world, story, kiosk, chance, most=ROUNDS)
        story.waiting |= {row.id for epoch in kiosk.outbox.begun for row in epoch.pending}
        kiosk.client.close()
    story.note()


def _turn(world: World, story: Story, chance: random.Random) -> None:
    """What happens to the card in the middle of its life."""
    if story.cloned:
        story.kiosks.append(story.kiosks[0].another())
    elif story.set_back:
        old = story.kiosks[0].another()
        _send(world, story, story.kiosks[0], chance, most=ROUNDS)
        story.kiosks[0].tap(50, chance)
        _send(world, story, story.kiosks[0], chance, most=ROUNDS)
        story.note()
        story.kiosks[0].client.close()
        story.kiosks[0] = old
        # a machine that starts talks to its server before the first citizen comes
        _send(world, story, old, chance, most=ROUNDS)


def _send(world: World, story: Story, kiosk: Kiosk, chance: random.Random, most: int) -> None:
    tries = 0
    while tries < most:
        life = world.life
        done = kiosk.send()
        # what fails while the server is being killed and comes back says nothing about the device
        tries += life is not None and life == world.life
        if chance.random() < 0.1:
            story.early += _acknowledged_early(world, kiosk)
        if done and not kiosk.waiting:
            return
        if world.over:
            return
        time.sleep(chance.uniform(0.0, 0.05))


def _acknowledged_early(world: World, kiosk: Kiosk) -> int:
    """Rows the device takes for delivered that are not in the server's database."""
    identity = kiosk.outbox.identity()
    assert identity is not None
    return sum(
        max(0, epoch.acknowledged_seq - world.head(identity.device, epoch.number)) for epoch in kiosk.outbox.begun
    )


def _identity(story: Story) -> Identity:
    held = story.kiosks[0].outbox.identity()
    assert held is not None
    return held


def _judged(world: World, stories: Sequence[Story]) -> Result:
    result = Result("network")
    for story in stories:
        identity = _identity(story)
        accepted = Counter(world.accepted(identity.device))
        known = {row[0] for row in world.rows(identity.device)}
        result.cases += len(story.given)
        # what waits on its device is no loss yet, but a device that cannot send is stuck
        lost = len(story.given - known - story.waiting) + story.early
        stuck = len(story.waiting - known)
        result.lost += lost
        result.doubled += sum(accepted.values()) - len(accepted) + len(set(accepted) - story.given)
        forks = world.forks(identity.device)
        if story.cloned:
            result.missed += forks == 0
        else:
            result.false_alarms += forks
            result.lost += len(story.given - set(accepted)) - len(story.given - known)
        if lost or stuck or (forks and not story.cloned):
            fate = "cloned" if story.cloned else "set back" if story.set_back else "plain"
            counts = f"{lost} lost, {story.early} early, {stuck} still waiting of {len(story.given)}, {forks} forks"
            result.notes.append(f"{fate}: {counts}")
            result.missed += stuck > 0
    clones = sum(story.cloned for story in stories)
    result.control_failed = clones == 0
    result.notes.append(f"{clones} clones, {sum(story.set_back for story in stories)} cards set back")
    return result
