"""A network of its own for one program of ours: a cable with two ends and nothing else, gone when the program ends.

The program is root of a user namespace, so nobody needs to be root of the machine, and no cable, rate limit or name
server it sets can be met by anything else on the machine.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEAR, FAR = "10.77.0.2", "10.77.0.1"
"""This end's address, and the other's."""
_CABLE = (
    "mount -t tmpfs run /run",
    "ip netns add far",
    "ip link set lo up",
    "ip link add near type veth peer name far netns far",
    f"ip addr add {NEAR}/24 dev near",
    "ip link set near up",
    "ip -n far link set lo up",
    f"ip -n far addr add {FAR}/24 dev far",
    "ip -n far link set far up",
)
_LONGEST_S = 300


def in_own_network(module: str, *arguments: str) -> str:
    """What a program of ours printed at the near end; whatever it started has ended with it.

    Raises:
        RuntimeError: It failed; the message holds its last words.
    """
    script = " && ".join((*_CABLE, 'exec "$@"'))
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child",
         "sh", "-c", script, "sh", sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=_LONGEST_S, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


# -- for the program itself ----------------------------------------------------------------------------------------


def plug(*, into: bool) -> None:
    """Put the cable into its socket, or pull it out."""
    _ip("link", "set", "near", "up" if into else "down")


def silence(*, on: bool) -> None:
    """Let the other end swallow every packet without a word, or no more: no refusal, no reset, nothing unreachable."""
    if on:
        # without an address there, nothing answers; and this end must not ask first who has it
        mac = _inside("cat", "/sys/class/net/far/address")
        _ip("neigh", "replace", FAR, "lladdr", mac, "dev", "near", "nud", "permanent")
        _ip("-n", "far", "addr", "del", f"{FAR}/24", "dev", "far")
    else:
        _ip("-n", "far", "addr", "add", f"{FAR}/24", "dev", "far")


def narrow(kbit: int) -> None:
    """Let no more than that pass in a second, each way; what does not fit into half a minute is dropped."""
    # a bucket smaller than a packet would pass none
    shape = ["root", "tbf", "rate", f"{kbit}kbit", "burst", "2000", "limit", str(kbit * 125 * 30)]
    _run("tc", "qdisc", "replace", "dev", "near", *shape)
    _run("ip", "netns", "exec", "far", "tc", "qdisc", "replace", "dev", "far", *shape)


def name_server(address: str) -> None:
    """Let this program ask for names there, for one second and once."""
    path = Path("/etc/resolv.conf").resolve()
    words = f"nameserver {address}\noptions timeout:1 attempts:1\n"
    if path.is_relative_to("/run"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
        return
    ours = Path("/run/resolv.conf")
    ours.write_text(words)
    _run("mount", "--bind", str(ours), str(path))


def at_the_far_end(environment: Mapping[str, str], log: Path, *command: str) -> subprocess.Popen[bytes]:
    """A program that runs there. The caller ends it."""
    with log.open("wb") as out:
        return subprocess.Popen(
            ["ip", "netns", "exec", "far", sys.executable, *command],
            env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip


def ended(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and see that it has."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    process.kill()
    process.wait(10)


def _inside(*command: str) -> str:
    return _run("ip", "netns", "exec", "far", *command)


def _ip(*words: str) -> str:
    return _run("ip", *words)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()
