"""Bad lines between a kiosk's store and a server's process, in a network of their own (faults 31, 32, 34 and 35).

    python -m tests.support.bad_lines NAME FOLDER [SHARE]

Prints one line of JSON. Waiting times are `SHARE` (1) of what ships, where a line is to be tried in a shorter time.
"""

import json
import socket
import sqlite3
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.settings import Settings
from ikm.server.store import Store as ServerStore
from sync import transport
from sync.client import Client
from sync.failure import Failure
from sync.once import Outcome, sync_once
from tests.support.netns import FAR, at_the_far_end, ended, in_own_network, name_server, narrow, plug, silence
from tests.support.whole_device import WholeDevice, now_ms, whole_device

PORT = 8080
NAME = "ikm.contoh.test"
_A_QUERYS_HEAD = 12


def told(name: str, folder: Path, share: float = 1.0) -> dict[str, Any]:
    """What the scenario of that name found, in a network of its own."""
    printed = in_own_network("tests.support.bad_lines", name, str(folder), str(share))
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def main(name: str, folder: Path, share: float) -> None:
    """Play one, with the server at the far end."""
    transport.CONNECT_TIMEOUT_S *= share
    transport.READ_TIMEOUT_S *= share
    transport.TOTAL_TIMEOUT_S *= share
    with _office(folder) as (address, code), whole_device(folder / "kiosk", address, code) as device:
        found = SCENARIOS[name](device)
        found["kept"] = device.store.queue().stored
        found["pending"] = device.store.queue().pending
    with closing(sqlite3.connect(folder / "server" / "ikm.db")) as database:
        rows, ids, head = database.execute(
            "SELECT count(*), count(DISTINCT id), (SELECT max(seq) FROM head) FROM response"
        ).fetchone()
    print(json.dumps(found | {"arrived": rows, "ids": ids, "head": head}))


def _flapping(device: WholeDevice) -> dict[str, Any]:
    """The cable is out as often as in, while citizens go on; it is left in once both have been met often enough."""
    over, met = threading.Event(), Counter[str]()

    def flap() -> None:
        while not over.wait(0.25):
            plug(into=False)
            over.wait(0.25)
            plug(into=True)

    thread = threading.Thread(target=flap)
    thread.start()
    try:
        for _ in range(400):
            device.answer(3)
            met[_how(device.round())] += 1
            if met["network"] >= 8 and met["well"] >= 8:
                break
            time.sleep(0.03)
    finally:
        over.set()
        thread.join()
    met["well afterwards"] += _how(device.round()) == "well"
    return {"met": met}


def _narrow(device: WholeDevice) -> dict[str, Any]:
    """A line that a full batch does not fit through in time: batches get smaller, and each brings something."""
    device.answer(120)
    narrow(8 if transport.TOTAL_TIMEOUT_S > 100 else 48)
    met, pending, limits = Counter[str](), [device.store.queue().pending], []
    for _ in range(40):
        met[_how(device.round())] += 1
        pending.append(device.store.queue().pending)
        limits.append(device.memory.limit)
        if not pending[-1]:
            break
        # as a worker does; what was given up is still under way, and goes first
        time.sleep(transport.READ_TIMEOUT_S)
    return {"met": met, "left": pending, "limits": limits}


def _silent(device: WholeDevice) -> dict[str, Any]:
    """Packets vanish: before a line is made, and after it was made. Citizens are not held up by either."""
    met, meanwhile = [], 0
    client = device.client()
    device.answer(2)
    met.append(_how(_over(device, client)))
    silence(on=True)
    for fresh in (False, True):
        # the line that is there already, then a new one
        used = device.client() if fresh else client
        waiting = threading.Thread(target=lambda line=used: met.append(_how(_over(device, line))))
        waiting.start()
        device.answer(10)
        meanwhile += 10 if waiting.is_alive() else 0
        waiting.join()
        used.close()
    silence(on=False)
    met.append(_how(device.round()))
    return {"met": met, "meanwhile": meanwhile}


def _names(device: WholeDevice) -> dict[str, Any]:
    """A name server that says nothing, that knows no such name, that lies, and that is right again."""
    met, address = [], f"http://{NAME}:{PORT}"
    device.answer(5)
    with _resolver() as say:
        name_server("127.0.0.1")
        # nobody answers there at 127.0.0.9: a name that leads nowhere
        for answer in (None, "", "127.0.0.9", FAR):
            say(answer)
            met.append(_how(device.round(address)))
    return {"met": met}


def _over(device: WholeDevice, client: Client) -> Outcome:
    return sync_once(device.store, client, device.machine, device.memory)


def _how(outcome: Outcome) -> str:
    failure: Failure | None = outcome.failure
    return "well" if failure is None else failure.code


@contextmanager
def _office(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of a server process at the far end, and a code to enrol with."""
    store = ServerStore.open(Settings.from_environment({"IKM_DATA": str(folder / "server")}).database)
    try:
        install_example(store)
        code = make_code(store, "dukcapil-2", now_ms()).code
    finally:
        store.close()
    environment = {"IKM_DATA": str(folder / "server"), "IKM_HOST": FAR, "IKM_PORT": str(PORT), "IKM_DATABASE_URL": ""}
    process = at_the_far_end(environment, folder / "server.log", "-m", "ikm.server", "serve")
    try:
        _wait(folder / "server.log")
        yield f"http://{FAR}:{PORT}", code
    finally:
        ended(process)


def _wait(log: Path) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex((FAR, PORT)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(log.read_text()[-2000:])


@contextmanager
def _resolver() -> Iterator[Callable[[str | None], None]]:
    """A name server at this end: it gives the address it is told to, says "no such name" to "", nothing to None."""
    said: list[str | None] = [None]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 53))
        line.settimeout(0.1)
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                try:
                    query, who = line.recvfrom(512)
                except TimeoutError:
                    continue
                if said[0] is not None:
                    line.sendto(_answered(query, said[0]), who)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield lambda address: said.__setitem__(0, address)
        finally:
            over.set()
            thread.join()


def _answered(query: bytes, address: str) -> bytes:
    """The answer to a question for an address: of IPv4 that one, of IPv6 none, and for "" no such name at all."""
    end = query.index(b"\0", _A_QUERYS_HEAD) + 5
    question, kind = query[_A_QUERYS_HEAD:end], struct.unpack(">H", query[end - 4 : end - 2])[0]
    known = bool(address) and kind == 1
    head = query[:2] + struct.pack(">HHHHH", 0x8180 if address else 0x8183, 1, int(known), 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(address) if known else b""
    return head + question + record


SCENARIOS: Mapping[str, Callable[[WholeDevice], dict[str, Any]]] = MappingProxyType(
    {"flapping": _flapping, "narrow": _narrow, "silent": _silent, "names": _names}
)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
