"""A kiosk's store in a process that runs out of memory while citizens answer (fault 55); run as a program.

    python -m tests.support.starved FOLDER

Prints the id of each answer once the store has said that it is kept, and ends when there is no memory left.
"""

import resource
import sys
from pathlib import Path

from kiosk.store import Store, StoreError
from kiosk.store.store import Store as _Store
from tests.support import samples

_ROOM = 24 * 1024 * 1024
_PIECE = 256 * 1024


def main(folder: Path) -> None:
    """Answer, and hold on to more memory with each answer."""
    with Store.open(folder) as store:
        _append(store)
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _ROOM, used + _ROOM))
        held = []
        while True:
            held.append(bytearray(_PIECE))
            _append(store)


def _append(store: _Store) -> None:
    print(store.append(samples.body(comment="Terima kasih " * 30)).id, flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (MemoryError, StoreError) as error:
        # nothing can be written that needs memory: the exit code says which
        sys.exit(3 if isinstance(error, MemoryError) else 4)
