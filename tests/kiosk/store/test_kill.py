"""A process that is killed while it stores: what it said it had stored must be there."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ikm import wire
from kiosk.store import Store
from tests.contracts.outbox import CONFIGURATION, IDENTITY

APPENDER = """
import pathlib, sys
from kiosk.store import Store
from tests.support import samples
store = Store.open(pathlib.Path(sys.argv[1]))
while True:
    row = store.append(samples.body())
    print(row.seq, row.hash, flush=True)
"""


def run_and_kill(folder: Path, after_s: float) -> list[bytes]:
    """What two processes said they had stored before both were killed."""
    command = [sys.executable, "-c", APPENDER, str(folder)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    lines = [process.stdout.readline() for process in processes]
    time.sleep(after_s)
    for process in processes:
        process.kill()
    for process in processes:
        lines += process.communicate()[0].splitlines(keepends=True)
    return [line for line in lines if line.endswith(b"\n")]


@pytest.mark.whole
def test_killed_processes_lose_no_row_they_acknowledged(tmp_path):
    with Store.open(tmp_path) as store:
        store.enrol(IDENTITY, CONFIGURATION)
    moment = random.Random(20)
    kills = 20
    acknowledged = {}
    for _ in range(kills // 2):
        for line in run_and_kill(tmp_path, moment.uniform(0, 0.03)):
            seq, digest = line.decode().split()
            acknowledged[int(seq)] = digest
    with Store.open(tmp_path) as store:
        rows = store.pending(1, 100_000)
    stored = {row.seq: row.hash for row in rows}
    assert len(acknowledged) >= kills
    assert {seq: stored.get(seq) for seq in acknowledged} == acknowledged
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.prev_hash for row in rows] == [wire.GENESIS, *(row.hash for row in rows[:-1])]
    # a kill may fall between commit and print, so a few more may be there, never fewer
    assert len(acknowledged) <= len(rows) <= len(acknowledged) + kills
