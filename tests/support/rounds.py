"""Rounds of the sync in tests."""

from sync.memory import Memory
from sync.once import Outcome, sync_once
from sync.ports import Device, Outbox, Server
from tests.support import samples


def running() -> Memory:
    """The memory of a sync that has run for a while: it has asked the server, and looked through all epochs."""
    return Memory(asked=True, looked_back_ms=samples.clock().boot_ms)


def later_round(outbox: Outbox, server: Server, device: Device) -> Outcome:
    """How a round went that is not the first of its process."""
    return sync_once(outbox, server, device, running())
