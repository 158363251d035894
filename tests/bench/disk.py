"""A kept answer beside the raw promise of the medium: one fdatasync of one page."""

import os
import time
from pathlib import Path

from ikm.wire import configuration_message
from kiosk.store import Store
from sync.ports import Identity
from tests.bench.harness import Result, median, percentile
from tests.support import samples

_ROUNDS = 500


def measure(folder: Path) -> list[Result]:
    """Milliseconds of `Store.append`, durable when it returns, and of the reference, in turn."""
    store = Store.open(folder / "commit")
    identity = Identity(samples.DEVICE, samples.SERVER, "http://127.0.0.1:9", bytes(32))
    store.enrol(identity, configuration_message(samples.configuration()))
    body = samples.body()
    raw = os.open(folder / "raw", os.O_CREAT | os.O_RDWR, 0o600)
    page = os.urandom(4096)
    kept, synced = [], []
    for number in range(_ROUNDS):
        began = time.perf_counter()
        os.pwrite(raw, page, 4096 * number)
        os.fdatasync(raw)
        between = time.perf_counter()
        store.append(body)
        ended = time.perf_counter()
        synced.append(1000 * (between - began))
        kept.append(1000 * (ended - between))
    os.close(raw)
    store.close()
    against = "fdatasync satu halaman"
    return [
        Result("kios: jawaban tersimpan, median", median(kept), "ms", against, median(synced)),
        Result("kios: jawaban tersimpan, p99", percentile(kept, 0.99), "ms", against, percentile(synced, 0.99)),
    ]
