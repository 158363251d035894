"""The program that fills a small disk under a kiosk's store: `python -m tests.torture.full_disk FOLDER`.

Prints a line of JSON: rows kept before the disk was full, causes of the refusals, and what is there afterwards.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path

from kiosk.store import Store, StoreError
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support.powercut_oracle import Promise, judge
from tests.support.powercut_scenarios import body


def main(folder: Path) -> None:
    """Fill the disk, be refused, read, free some room, and go on."""
    promise, causes = Promise(), []
    data, filler = folder / "data", folder / "filler"
    with Store.open(data) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        _fill(filler)
        for number in range(3000):
            try:
                row = store.append(body(number))
            except StoreError as error:
                causes.append(error.cause.name)
                if len(causes) == 3:
                    break
            else:
                promise.rows.append((1, row.seq, row.id, row.hash))
        # what was kept can be read while nothing can be written
        readable = len(store.pending(1, 10_000)) >= len(promise.rows)
    full = len(promise.rows)
    opens = _opens(data)
    filler.unlink(missing_ok=True)
    with Store.open(data) as store:
        for number in range(3):
            row = store.append(body(5000 + number))
            promise.rows.append((store.epoch(), row.seq, row.id, row.hash))
    # the last one that was refused may have reached the medium after all
    promise.begun["row"] = None
    verdict = judge(data, promise)
    print(json.dumps({
        "kept_before_full": full, "causes": causes, "readable": readable, "opens_when_full": opens,
        "lost": verdict.lost, "doubled": verdict.doubled, "corrupt": verdict.corrupt,
    }))  # fmt: skip


def _fill(filler: Path) -> None:
    """Leave a little room, so that some rows still fit."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with filler.open("r+b") as file:
        file.truncate(max(0, file.seek(0, 2) - 256 * 1024))


def _opens(data: Path) -> bool:
    """Whether the store can be opened, or says why not in a sentence."""
    try:
        Store.open(data).close()
    except StoreError as error:
        return str(error).endswith(".")
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
