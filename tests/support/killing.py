"""The whole kiosk, killed while citizens tap on its window, and what each life of it owes to the next.

Real processes throughout: `python -m kiosk run` on a display of its own, a finger of real pointer events, a server that
takes what is sent. Acknowledged is what the kiosk itself says it showed: a thanks screen in its screen report.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ikm import wire
from ikm.assets import asset
from ikm.domain.regulation import RATINGS
from kiosk.demo.answers import Citizen
from kiosk.demo.player import Player, PlayerStuck
from kiosk.demo.processes import Running, ours, run, wait_healthy
from kiosk.store import Store
from tests.support.autopsy import Patience, autopsy

ROOT = Path(__file__).resolve().parents[2]
QUESTIONNAIRE = "questionnaires/skm-14-2017-v2.json"
COUNTER = "dukcapil-2"
ASKED = 3
TIMEOUT_S = 60


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """The address of a server of its own process with the sample regency; its database is in that folder."""
    environment = server_environment(folder, port)
    url = f"http://127.0.0.1:{port}"
    run("ikm.server", "example", environment=environment)
    server = Running("server", ours("ikm.server", "serve"), folder / "server.log", environment)
    try:
        wait_healthy(server, url)
        yield url
    finally:
        server.stop()


def server_environment(folder: Path, port: int) -> dict[str, str]:
    """The settings of that server."""
    return {"IKM_DATA": str(folder / "server"), "IKM_HOST": "127.0.0.1", "IKM_PORT": str(port), "IKM_DATABASE_URL": ""}


def enrolled(folder: Path, server: Mapping[str, str], url: str) -> None:
    """Enrol a device in that folder, and let it ask three questions a citizen: more visits for a killed hour."""
    code = json.loads(run("ikm.server", "enrol", "--counter", COUNTER, "--json", environment=server))["code"]
    run("kiosk", "enrol", "--server", url, "--code", code, environment={"KIOSK_DATA": str(folder)})
    with Store.open(folder) as store:
        held = store.configuration()
        assert held is not None
        store.hold_configuration(
            msgspec.structs.replace(
                # above anything the server will offer, so that it stays
                held, version=1_000_000, instrument="rotating", questions_each=ASKED, asks_comment=False,
                opening=[], closed_on=[], thanks_s=2,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Death:
    """How a life ended: thanks seen, the citizens in order (the last may not have come to an end)."""

    thanked: int
    citizens: Sequence[Citizen]


class Life:
    """One run of the kiosk's process, in a group of its own."""

    def __init__(self, data: Path, display: str, report: Path, log: Path) -> None:
        report.unlink(missing_ok=True)
        self._data = data
        self._report = report
        self._display = display
        environment = {
            **os.environ, "DISPLAY": display, "KIOSK_DATA": str(data), "KIOSK_WINDOW": "800x480",
            "KIOSK_SCREEN_REPORT": str(report), "KIOSK_SYNC_INTERVAL_S": "1", "SDL_AUDIODRIVER": "dummy",
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "run"],
                env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self._log = log

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL to it and to all it started; over when this returns."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(TIMEOUT_S)

    def wait(self, seconds: float) -> None:
        """Let it live that long."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise RuntimeError(f"the kiosk ended by itself\n{self._fate()}")

    def until_shown(self) -> None:
        """Wait for its first screen."""
        patience = Patience(self._process.pid, TIMEOUT_S)
        while not self._shown("attract"):
            if not self.alive or patience.over:
                raise RuntimeError(f"the kiosk did not start ({patience})\n{self._fate()}")
            time.sleep(0.02)

    def _fate(self) -> str:
        """How it ended or where it hangs, and the ends of what it wrote: its errors, its log, what it says it shows."""
        ended = self._process.poll()
        fate = "alive" if ended is None else f"ended with {ended}"
        found = autopsy(self._process.pid, self._display, self._log)
        written = (self._log, self._data / "kiosk.log", self._report)
        ends = [path.read_text(errors="replace")[-6000:] for path in written if path.exists()]
        return "\n".join([fate, found, *ends])

    def played(self, chance: random.Random, kill_after_s: float) -> Death:
        """Let citizens tap until the kill that long after the first of them begins."""
        citizens: list[Citizen] = []
        player = Player(self._report, self._display, lambda: self.alive, lambda _: None, timeout_s=TIMEOUT_S)
        killer = threading.Timer(kill_after_s, self.kill)
        killer.start()
        try:
            while self.alive:
                citizens.append(somebody(chance))
                player.play(citizens[-1])
        except PlayerStuck as stuck:
            # a kiosk that does not go on, or dies of itself, is a finding of its own; a killed one is what was wanted
            if self.alive or self._process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"{stuck}\n{self._fate()}") from stuck
        else:
            if self._process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"the kiosk ended by itself\n{self._fate()}")
        finally:
            killer.cancel()
            killer.join()
            self.kill()
            player.close()
        return Death(self._shown("thanks"), citizens)

    def _shown(self, screen: str) -> int:
        """How many times its report says that this screen came, from whole lines alone."""
        if not self._report.exists():
            return 0
        lines = self._report.read_bytes().split(b"\n")[:-1]
        screens = [json.loads(line)["screen"] for line in lines]
        return sum(now == screen != before for before, now in zip(["", *screens], screens, strict=False))


def somebody(chance: random.Random) -> Citizen:
    """A citizen with an opinion on everything; low ratings now and then, which are asked about."""
    questionnaire = wire.decode(asset(QUESTIONNAIRE).read_bytes(), wire.QuestionnaireMessage)
    return Citizen({question.code: chance.choice(RATINGS) for question in questionnaire.questions}, {})


@dataclass
class Account:
    """What a device has to hold: every acknowledged answer once and in order, a partial of every visit cut short."""

    data: Path
    known: int = 0
    owed: wire.ResponseBody | None = None
    lost: int = 0
    doubled: int = 0
    acknowledged: int = 0
    partials: int = 0
    notes: list[str] = field(default_factory=list)

    def settle(self, death: Death) -> None:
        """Hold the store against what was seen, by the store's own eyes."""
        with Store.open(self.data) as store:
            bodies = self._bodies(store)
            draft = store.draft()
        new = bodies[self.known :]
        self.known = len(bodies)
        new = self._partial(new, draft)
        thanked, rest = death.citizens[: death.thanked], death.citizens[death.thanked :]
        self.acknowledged += len(thanked)
        for citizen in thanked:
            if new and _said_by(new[0], citizen, whole=True):
                new = new[1:]
            else:
                self.lost += 1
                self.notes.append(f"thanked for {citizen.ratings}, kept {[body.answers for body in new[:1]]}")
        # the last one's answer may be on the medium although the kill came before the thanks
        if new and rest and _said_by(new[0], rest[0], whole=True):
            new, rest = new[1:], rest[1:]
        self.doubled += len(new)
        self.notes += [f"nobody said {body.answers}" for body in new]
        if draft is not None and draft != self.owed and not (rest and _said_by(draft, rest[0], whole=False)):
            self.doubled += 1
            self.notes.append(f"nobody began {draft.answers}")
        self.owed = draft

    def _partial(self, new: list[wire.ResponseBody], draft: wire.ResponseBody | None) -> list[wire.ResponseBody]:
        """What is left once the visit that the life before cut short has become a partial response."""
        if self.owed is None:
            return new
        if new and new[0].status == "partial" and dict(new[0].answers) == dict(self.owed.answers):
            self.partials += 1
            return new[1:]
        # killed again before the window came up: still a draft
        if not new and draft == self.owed:
            return new
        self.lost += 1
        self.notes.append(f"a visit cut short after {self.owed.answers} is gone")
        return new

    def _bodies(self, store: Store) -> list[wire.ResponseBody]:
        """All rows in order, the chain checked on the way."""
        watermark = store.queue().acknowledged
        epoch = store.epoch()
        if watermark:
            # the account is read from the beginning each time; nobody else has this store open
            store.acknowledge(epoch, 0)
        rows = store.pending(epoch, 1_000_000)
        if watermark:
            store.acknowledge(epoch, watermark)
        device = store.identity()
        assert device is not None
        prev = wire.GENESIS
        for row in rows:
            facts = {"device": device.device, "epoch": epoch, "seq": row.seq, "row_id": row.id, "prev_hash": prev}
            assert row.hash == wire.row_hash(**facts, body=bytes(row.body))
            prev = row.hash
        self.doubled += len(rows) - len({row.id for row in rows})
        return [wire.decode_body(row.body) for row in rows]


def _said_by(body: wire.ResponseBody, citizen: Citizen, *, whole: bool) -> bool:
    said = all(citizen.ratings.get(code) == rating for code, rating in body.answers.items())
    return said and (len(body.answers) == ASKED or not whole)
