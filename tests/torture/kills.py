"""SIGKILL of the whole kiosk while citizens tap: whoever was thanked is kept, once, and arrives once (faults 9, 55)."""

import random
import sqlite3
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from kiosk.demo.processes import run as run_program
from tests.support.free_port import free_port
from tests.support.killing import Account, Death, Life, enrolled, server_environment, serving
from tests.support.screen import screen
from tests.torture.result import Result

EARLY_SHARE = 0.1
"""Of so many kills the window has not come up yet."""
LONGEST_S = 9.0
LONGEST_STARTS = 1.5
"""Longer on a machine that takes long over a start: too few visits would come to their end before the kill."""


def run(kills: int, seed: int, lanes: int = 2) -> list[Result]:
    """So many kills on devices side by side, then everything is sent and counted on the server."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        server = server_environment(folder, port)
        with serving(folder, port) as url:
            devices = [folder / f"kiosk-{lane}" for lane in range(lanes)]
            for device in devices:
                enrolled(device, server, url)
            shares = [kills // lanes + (lane < kills % lanes) for lane in range(lanes)]
            over = threading.Event()
            with ThreadPoolExecutor(lanes) as pool:
                try:
                    jobs = [
                        pool.submit(_lane, device, share, seed + lane, over)
                        for lane, (device, share) in enumerate(zip(devices, shares, strict=True))
                    ]
                    accounts = [job.result() for job in jobs]
                finally:
                    # interrupted: each lane ends its own kiosk and leaves
                    over.set()
            return [_settled(accounts, kills, folder / "server" / "ikm.db")]


def _lane(device: Path, kills: int, seed: int, over: threading.Event) -> Account:
    chance = random.Random(seed)
    account = Account(device)
    report, log = device.with_suffix(".jsonl"), device.with_suffix(".log")
    with screen("800x480") as display:
        for _ in range(kills):
            if over.is_set():
                break
            life = Life(device, display, report, log)
            try:
                if chance.random() < EARLY_SHARE:
                    # killed while it starts, when a draft is on its way to become a partial response
                    try:
                        life.wait(chance.uniform(0.0, 1.5))
                    finally:
                        life.kill()
                    death = Death(0, [])
                else:
                    began_s = time.monotonic()
                    life.until_shown()
                    longest_s = max(LONGEST_S, LONGEST_STARTS * (time.monotonic() - began_s))
                    death = life.played(chance, chance.uniform(0.0, longest_s))
            finally:
                life.kill()
            account.settle(death)
    return account


def _settled(accounts: list[Account], kills: int, database: Path) -> Result:
    result = Result("kills", cases=kills)
    for account in accounts:
        result.lost += account.lost
        result.doubled += account.doubled
        result.notes += account.notes
        # twice, since the first round may find the watermark put back
        for _ in range(2):
            run_program("kiosk", "sync", "--once", environment={"KIOSK_DATA": str(account.data)})
    kept = sum(account.known for account in accounts)
    with closing(sqlite3.connect(database)) as server:
        arrived, ids = server.execute("SELECT count(*), count(DISTINCT id) FROM response").fetchone()
    result.lost += max(0, kept - arrived)
    result.doubled += max(0, arrived - kept) + arrived - ids
    acknowledged = sum(account.acknowledged for account in accounts)
    partials = sum(account.partials for account in accounts)
    # kills that hit nothing prove nothing
    result.control_failed = acknowledged < kills // 4 or partials == 0
    result.notes.append(f"{acknowledged} thanked, {partials} visits cut short, {arrived} on the server")
    return result
