"""A kiosk without its window: the store on its own files, the client it ships with, and a clock that may be set."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.machine import ClockSource, Machine, system_clock
from kiosk.store import Store
from sync.client import Client, enrol
from sync.keys import new_private_key
from sync.memory import Memory
from sync.once import APP_VERSION, Outcome, sync_once
from tests.support import samples


@dataclass
class HandClock:
    """The clocks of a machine, put by hand: UTC in ms, ms since it was started, the name of that start."""

    wall_ms: int
    boot_ms: int
    boot_id: str = samples.BOOT

    @property
    def source(self) -> ClockSource:
        """For a machine to read."""
        return ClockSource(lambda: self.wall_ms, lambda: self.boot_ms, lambda: self.boot_id)

    def go(self, ms: int) -> None:
        """Time passes."""
        self.wall_ms += ms
        self.boot_ms += ms


class WholeDevice:
    """An enrolled device; `memory` is what its rounds leave for the next, as in one process that goes on."""

    def __init__(self, folder: Path, store: Store, source: ClockSource) -> None:
        self.folder, self.store = folder, store
        self.machine = Machine(folder, source, store.warnings)
        self.memory = Memory()

    def answer(self, count: int = 1, **changes: object) -> list[str]:
        """So many citizens answer everything; the ids under which that is kept."""
        held = self.store.configuration()
        assert held is not None
        ids = []
        for number in range(count):
            # each another one, so that nothing but its own place says which is which
            ratings = [(number + place) % 4 + 1 for place in range(9)]
            facts: dict[str, object] = {
                "clock": self.machine.clock(), "configuration": held.version, "counter": held.counter,
                "questionnaire": held.questionnaire.code, "service": held.services[0].code, "unit": held.unit,
            }  # fmt: skip
            ids.append(self.store.append(samples.body(*ratings, **(facts | changes))).id)
        return ids

    def client(self, address: str = "") -> Client:
        """A client for its server, or for that address in place of it. The caller closes it."""
        identity = self.store.identity()
        assert identity is not None
        return Client(replace(identity, server_url=address or identity.server_url), APP_VERSION, self.store)

    def round(self, address: str = "") -> Outcome:
        """One round, over a line of its own."""
        client = self.client(address)
        try:
            return sync_once(self.store, client, self.machine, self.memory)
        finally:
            client.close()


@contextmanager
def whole_device(folder: Path, address: str, code: str, source: ClockSource | None = None) -> Iterator[WholeDevice]:
    """A device that has just been enrolled with that code."""
    identity, configuration = enrol(address, code, new_private_key(), APP_VERSION)
    with Store.open(folder) as store:
        store.enrol(identity, configuration)
        yield WholeDevice(folder, store, source or system_clock())


def now_ms() -> int:
    """This machine's wall clock."""
    return time.time_ns() // 1_000_000
