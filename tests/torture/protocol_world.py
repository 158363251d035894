"""Cards, a proxy and a server, as a state machine may move them about: every part of them the real one."""

import shutil
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from ikm import wire
from ikm.server import keys, tables
from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import now_ms
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from ikm.server.web.app import create_app
from kiosk.store import Store
from sync.client import Client, enrol
from sync.keys import new_private_key
from sync.memory import Memory
from sync.once import APP_VERSION, Outcome, sync_once
from sync.ports import Identity
from tests.support.fake_server import FakeDevice
from tests.support.fault_proxy import FaultProxy, Trouble, fault_proxy
from tests.support.forging import forged
from tests.support.served import running


class Card:
    """One memory card in one machine: the device's store in its folder, and the process over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine = FakeDevice()
        self._begin()

    def _begin(self) -> None:
        self.store = Store.open(self.folder)
        identity = self.store.identity()
        assert identity is not None
        self._client = Client(identity, APP_VERSION, ring=self.store)
        self._memory = Memory()

    def send(self) -> Outcome:
        """One round of the sync."""
        return sync_once(self.store, self._client, self.machine, self._memory)

    def end(self) -> None:
        """Stop the process."""
        self._client.close()
        self.store.close()

    def restart(self) -> None:
        """Stop the process and start another over what is on the card."""
        self.end()
        self._begin()

    def copied(self, folder: Path) -> Path:
        """A copy of the card; the process stands still meanwhile."""
        self.end()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        self._begin()
        return folder

    def put_back(self, copy: Path) -> None:
        """Go on from that copy."""
        self.end()
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        self._begin()

    @property
    def pending(self) -> int:
        """Rows that wait."""
        return self.store.queue().pending

    def rows(self) -> list[tuple[int, int, str, str]]:
        """Epoch, seq, id and hash of every row on the card."""
        with closing(sqlite3.connect(self.folder / "kiosk.db")) as connection:
            return connection.execute("SELECT epoch, seq, id, hash FROM responses ORDER BY 1, 2").fetchall()

    def acknowledged(self) -> set[str]:
        """Ids of the rows the card takes for delivered."""
        with closing(sqlite3.connect(self.folder / "kiosk.db")) as connection:
            query = "SELECT id FROM responses JOIN epochs USING (epoch) WHERE seq <= acknowledged_seq"
            return {found for (found,) in connection.execute(query)}


@dataclass
class Held:
    """What the server holds of a device."""

    responses: dict[str, tuple[int, int, bytes, bool]] = field(default_factory=dict)
    aside: list[tuple[str, int, int, str, bool]] = field(default_factory=list)
    heads: dict[int, int] = field(default_factory=dict)
    forks: list[tuple[int, int, str | None]] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Everything that came, counted or kept aside."""
        return set(self.responses) | {one[0] for one in self.aside}


class World:
    """A server with the sample regency, and the proxy every card has to go through."""

    def __init__(self, folder: Path, url: str, proxy: FaultProxy, server: ServerStore, database: Path) -> None:
        self.folder, self.url, self.proxy, self.server = folder, url, proxy, server
        self._database = database
        self._template = folder / "template"
        Store.open(self._template).close()
        self._cards = 0
        self.troubles: deque[Trouble] = deque()
        proxy.choose = self._next
        proxy.forge = lambda request: forged(request, server.server_id())

    def _next(self, line: str) -> Trouble:
        return self.troubles.popleft() if self.troubles and "/batches" in line else Trouble.NONE

    def place(self) -> Path:
        """A folder nobody has used."""
        self._cards += 1
        return self.folder / f"card-{self._cards}"

    def enrolled(self) -> tuple[Card, str]:
        """A new device on a card of its own, and its id."""
        folder = self.place()
        # a migrated, empty store is copied: the migrations take longer than everything else
        shutil.copytree(self._template, folder)
        identity, configuration = self.identity()
        with Store.open(folder) as store:
            store.enrol(identity, configuration)
        return Card(folder), identity.device

    def identity(self) -> tuple[Identity, wire.ConfigurationMessage]:
        """A newly enrolled device that knows the server by the proxy's address."""
        code = make_code(self.server, "dukcapil-1", now_ms()).code
        made, configuration = enrol(self.url, code, new_private_key(), APP_VERSION)
        through = Identity(made.device, made.server, self.proxy.url, made.private_key, server_key=made.server_key)
        return through, configuration

    def held(self, device: str) -> Held:
        """What the server's database says of a device."""
        t = tables
        with self.server._engine.connect() as connection:
            r, q, h, f = t.response.c, t.quarantine.c, t.head.c, t.fork.c
            responses = connection.execute(select(r.id, r.epoch, r.seq, r.body, r.held).where(r.device == device))
            aside = connection.execute(select(q.id, q.epoch, q.seq, q.code, q.chained).where(q.device == device))
            heads = connection.execute(select(h.epoch, h.seq).where(h.device == device))
            forks = connection.execute(select(f.epoch, f.seq, f.decision).where(f.device == device))
            return Held(
                {str(row.id): (row.epoch, row.seq, bytes(row.body), row.held) for row in responses},
                [(str(row.id), row.epoch, row.seq, row.code, row.chained) for row in aside],
                {row.epoch: row.seq for row in heads},
                [tuple(row) for row in forks],
            )

    def back_up(self) -> sqlite3.Connection:
        """The server's database as it is now."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._database)) as live:
            live.backup(copy)
        return copy

    def restore(self, copy: sqlite3.Connection) -> None:
        """Put an older database in the place of the server's, under its hands."""
        with closing(sqlite3.connect(self._database)) as live:
            copy.backup(live)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A running world in that folder."""
    # a rolled key is taken up at once: seconds of the wall clock are no part of what is tried here
    looked_s, keys._LOOK_AGAIN_S = keys._LOOK_AGAIN_S, 0.0
    settings = Settings.from_environment({"IKM_DATA": str(folder / "server")})
    server = ServerStore.open(settings.database)
    install_example(server)
    try:
        with running(create_app(settings)) as url, fault_proxy(url, lambda _: Trouble.NONE, seed=1) as proxy:
            yield World(folder, url, proxy, server, Path(str(settings.database.database)))
    finally:
        keys._LOOK_AGAIN_S = looked_s
        server.close()
