"""A server killed at any statement of the ingest leaves the whole batch or nothing of it, on both databases."""

import json
import os
import subprocess
import sys

import pytest

from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import counted, stored
from tests.support.samples import body

TABLES = ("response", "quarantine", "head", "fork", "opening", "tally")


def killed(store, call) -> list[list[int]]:
    """What was left after each step at which a server taking that call was killed; the last one answered it."""
    url = store._engine.url.render_as_string(hide_password=False)
    told = {name: getattr(call, name) for name in ("method", "path", "device", "signature")}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.ikm.server.killed_server", url],
        input=json.dumps({**told, "body": call.body.decode()}), text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": "."}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def left(store) -> list[int]:
    found = stored(store)
    return [found[name] for name in TABLES]


@pytest.mark.parametrize("kind", ["good", "mixed in a new epoch"])
def test_a_server_killed_at_any_statement_left_the_whole_batch_or_nothing(store, ingest, device, kind):
    ingest.accept(device.call(device.add(body())))
    sender = device if kind == "good" else device.begin()
    rows = sender.add(*([body(), body(*(1,) * 9)] if kind == "good" else [body(), b"7", body()]))
    before = left(store)
    found = killed(store, sender.call(rows))
    after = left(store)
    states = [state for _, *state in found]
    assert before != after
    assert states == sorted(states, key=lambda state: state == after)
    assert all(state in (before, after) for state in states)
    # it was killed often before the commit, and nothing was left of it each time
    assert states.count(before) >= 12
    assert states[-1] == after
    assert store.differences() == []
    assert Ingest(store).accept(sender.call(rows)).head_seq == len(sender.rows)
    assert left(store) == after
    assert counted(store)["dukcapil", "ktp"].responses == 3


def test_a_server_killed_while_it_holds_a_fork_back_leaves_the_whole_fork_or_nothing(store, ingest, device):
    ingest.accept(device.call(device.add(*(body() for _ in range(4)))))
    clone = device.copy()
    clone.rows = clone.rows[:2]
    call = clone.call(clone.add(body(*(1,) * 9)))
    before = left(store)
    found = killed(store, call)
    states = [state for _, *state in found]
    after = left(store)
    assert before != after
    assert all(state in (before, after) for state in states)
    assert states.count(before) >= 12
    assert store.differences() == []
    assert counted(store)["dukcapil", "ktp"].responses == 2
