"""What carries the decisions of the staff's screens into the world: store, PIN, enrolment, tests.

All decisions run on the window's thread. What touches the medium runs on one thread of its own and what touches the
network on another, each one thing after another, and both come back as events; so a server that does not answer holds
up neither a finger nor a setting.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from kiosk import admin
from kiosk.admin.events import (
    Action,
    AddressTaken,
    Carried,
    CarryOut,
    Check,
    CheckAddress,
    Checked,
    Effect,
    Enrol,
    Enrolled,
    Erased,
    EraseTraining,
    Event,
    Failed,
    KeepPin,
    Leave,
    Look,
    PinKept,
    Probed,
    Restart,
    RunProbe,
    Search,
    Searched,
    Settle,
    Settled,
    TakeBack,
    Tap,
    Tick,
    Told,
    Touched,
    TrainingEnded,
    Written,
)
from kiosk.admin.model import Facts, Model, Page, Probe, Result, Stick
from kiosk.local import Local
from kiosk.model import Place

RESTART_CODE = 75
"""The exit code of a process that wants to be started again (EX_TEMPFAIL: nothing is wrong, come back)."""
TICK_S = 0.5
DAY_POLL_S = 60.0
"""How long after midnight training goes on at most."""

T = TypeVar("T")
Start = Callable[[Callable[[], None]], object]
"""Has something done on another thread."""

_UNEXPECTED = "Terjadi kesalahan yang tidak terduga. Kejadian ini sudah dicatat."

log = logging.getLogger(__name__)


class Scheduler(Protocol):
    """The window's thread. Both calls may come from any thread."""

    def soon(self, action: Callable[[], None]) -> None:
        """Run it on the window's thread."""
        ...

    def later(self, delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run it there after that time; gives what cancels it."""
        ...


class Desk(Protocol):
    """What the staff's screens ask of the device; `kiosk.desk` answers. Every call may wait, and may raise Trouble."""

    def facts(self) -> Facts:
        """What the device says about itself."""
        ...

    def begin(self) -> Facts:
        """The same at the start of the process; a wait after wrong PINs begins anew there."""
        ...

    def check(self, pin: str) -> tuple[bool, int]:
        """Whether the PIN opens, and how long in ms no other is looked at. The try is counted before."""
        ...

    def keep_pin(self, pin: str) -> None:
        """Make it the device's PIN; "" leaves the one there is."""
        ...

    def origin(self, address: str) -> str:
        """The address of a server as it is used, from what was typed."""
        ...

    def enrol(self, address: str, code: str) -> None:
        """Make this device one of the code's counter."""
        ...

    def settle(self, local: Local) -> None:
        """Keep these settings."""
        ...

    def erase_training(self) -> None:
        """Forget the answers from training."""
        ...

    def end_training(self) -> bool:
        """End training that was begun on another day; whether there was any."""
        ...

    def probe(self, probe: Probe) -> Result:
        """How the test of network or disk went."""
        ...

    def standing(self) -> str:
        """What the server last called this device: `active`, `forked` or `revoked`."""
        ...

    def sticks(self, own: Path | None) -> tuple[Stick, ...]:
        """Where answers can be carried out to now: the settings' own folder, and sticks."""
        ...

    def carry_out(self, folder: Path, written: Callable[[int], None]) -> Result:
        """How writing what the server has not received into that folder went; `written` is told how many so far."""
        ...

    def take_back(self, file: Path) -> Result:
        """How reading the server's receipts from that file went."""
        ...


class Trouble(Exception):
    """Something came to nothing. The message is the sentence for the staff, `page` where they can mend it."""

    def __init__(self, sentence: str, page: Page | None = None) -> None:
        self.page = page
        super().__init__(sentence)


class Staff:
    """The staff's screens of one running kiosk.

    Args:
        desk: What knows and changes the device.
        scheduler: The window's thread.
        show: Told each new model, on the window's thread.
        came: Told when the staff's screens are there: the interview makes room.
        left: Told when they are closed, with the settings in force.
        enrolled: Told when the device has just been enrolled: the sync can begin.
        trained: Told when training has ended with its day.
        restart: Ends the process with `RESTART_CODE`.
        sound: Plays a test sound at a volume from 0 to 10, without waiting for it; tells once, on any thread, why
            nothing sounds, or "".
        now_ms: The monotonic clock of the interview.
        carry_out: A folder to which answers may be carried out beside sticks.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        scheduler: Scheduler,
        show: Callable[[Model], None],
        came: Callable[[], None],
        left: Callable[[Local], None],
        enrolled: Callable[[], None],
        trained: Callable[[], None],
        restart: Callable[[], None],
        sound: Callable[[int, Callable[[str], None]], None],
        now_ms: Callable[[], int],
        carry_out: Path | None = None,
    ) -> None:
        self._desk = desk
        self._scheduler = scheduler
        self._show = show
        self._came = came
        self._left = left
        self._enrolled = enrolled
        self._trained = trained
        self._restart = restart
        self._sound = sound
        self._now_ms = now_ms
        self._carry_out = carry_out
        self._medium = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staff")
        self._opening = False
        self._closed = False
        self._cancel_tick: Callable[[], None] = _nothing
        self._cancel_day: Callable[[], None] = _nothing
        self.model = Model()

    def start(self) -> None:
        """Begin with the process; an assistant that was cut off before it had a PIN goes on at once."""
        self._work(self._on_medium, self._desk.begin, self._begun)
        self._watch_the_day()

    def _watch_the_day(self) -> None:
        self._work(self._on_medium, self._desk.end_training, self._day_looked_at)
        if not self._closed:
            self._cancel_day = self._scheduler.later(DAY_POLL_S, self._watch_the_day)

    def _day_looked_at(self, ended: bool) -> None:
        if ended:
            # the staff's screens too: what they leave behind must not begin it anew
            self._hear(TrainingEnded(self._now_ms()))
            self._trained()

    def open(self) -> None:
        """Show the staff's screens: the pad, or the assistant where the device is not enrolled."""
        if self._closed or self._opening or self.model.page is not Page.CLOSED:
            return
        self._opening = True
        self._work(self._on_medium, self._desk.facts, self._open, otherwise=self._not_opened)

    def tap(self, place: Place, action: Action) -> None:
        """Somebody did something on the page they saw; the place's subject names it."""
        if place.subject == self.model.page.value:
            self._hear(Tap(self._now_ms(), self.model.page, action))

    def touched(self) -> None:
        """A finger came down, wherever it was aimed."""
        self._hear(Touched(self._now_ms()))

    def abandon(self) -> None:
        """Close without a word: an error took the screen."""
        self._cancel_tick()
        self._cancel_tick = _nothing
        self.model = Model(address=self.model.address)

    def stop(self) -> None:
        """Wait for what is being written and be silent from then on. What waits for the network ends by itself."""
        self._closed = True
        self._cancel_tick()
        self._cancel_day()
        self._medium.shutdown(wait=True)

    def _begun(self, facts: Facts) -> None:
        if facts.device and facts.pin_due:
            self._open(facts)

    def _open(self, facts: Facts) -> None:
        self._opening = False
        if self.model.page is not Page.CLOSED:
            return
        self.model = admin.opened(self.model, facts, self._now_ms())
        self._came()
        self._show(self.model)
        self._await_tick()

    def _not_opened(self, _failed: Failed) -> None:
        self._opening = False

    def _hear(self, event: Event) -> None:
        if self._closed or self.model.page is Page.CLOSED:
            return
        before = self.model
        self.model, effects = admin.update(before, event)
        if self.model != before and self.model.page is not Page.CLOSED:
            self._show(self.model)
        for effect in effects:
            self._perform(effect)
        self._await_tick()

    def _await_tick(self) -> None:
        self._cancel_tick()
        self._cancel_tick = _nothing
        if self.model.page is not Page.CLOSED:
            self._cancel_tick = self._scheduler.later(TICK_S, lambda: self._hear(Tick(self._now_ms())))

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Leave(local=local):
                self._left(local)
            case Restart():
                self._restart()
            case RunProbe(probe=Probe.SOUND, volume=volume):
                self._try_sound(volume)
            case RunProbe(probe=probe):
                self._run_probe(probe)
            case Enrol() | CheckAddress():
                self._perform_on_network(effect)
            case Search() | CarryOut() | TakeBack():
                self._perform_on_stick(effect)
            case _:
                self._perform_on_medium(effect)

    def _perform_on_network(self, effect: Enrol | CheckAddress) -> None:
        desk = self._desk
        match effect:
            case CheckAddress(address=address):
                self._ask(_in_background, lambda: desk.origin(address), lambda origin, at: AddressTaken(at, origin))
            case Enrol(address=address, code=code):

                def enrol() -> Facts:
                    desk.enrol(address, code)
                    return desk.facts()

                self._ask(_in_background, enrol, self._is_enrolled)

    def _perform_on_stick(self, effect: Search | CarryOut | TakeBack) -> None:
        # not on the medium's thread: a stick that hangs must not keep the menu from opening
        desk = self._desk
        match effect:
            case Search():
                own = self._carry_out
                self._ask(_in_background, lambda: desk.sticks(own), lambda found, at: Searched(at, found))
            case CarryOut(folder=folder):
                self._run_result(_in_background, lambda: desk.carry_out(Path(folder), self._written), Carried)
            case TakeBack(file=file):
                self._run_result(_in_background, lambda: desk.take_back(Path(file)), Carried)

    def _written(self, rows: int) -> None:
        self._scheduler.soon(lambda: self._hear(Written(self._now_ms(), rows)))

    def _is_enrolled(self, facts: Facts, at_ms: int) -> Event:
        self._enrolled()
        return Enrolled(at_ms, facts)

    def _perform_on_medium(self, effect: Effect) -> None:
        desk, medium = self._desk, self._on_medium
        match effect:
            case Look():
                self._ask(medium, desk.facts, lambda facts, at: Told(at, facts))
            case Check(pin=pin):
                self._ask(medium, lambda: desk.check(pin), lambda found, at: Checked(at, *found))
            case KeepPin(pin=pin):
                self._ask(medium, lambda: self._then_facts(desk.keep_pin, pin), lambda facts, at: PinKept(at, facts))
            case Settle(local=local):
                self._ask(medium, lambda: desk.settle(local), lambda _none, at: Settled(at, local))
            case EraseTraining():
                self._ask(medium, lambda: self._then_facts(desk.erase_training), lambda facts, at: Erased(at, facts))

    def _then_facts(self, work: Callable[..., None], *arguments: object) -> Facts:
        work(*arguments)
        return self._desk.facts()

    def _try_sound(self, volume: int) -> None:
        def told(result: Result) -> None:
            self._scheduler.soon(lambda: self._hear(Probed(self._now_ms(), Probe.SOUND, result)))

        def played(trouble: str) -> None:
            if trouble:
                log.warning("the test sound could not be played: %s", trouble)
                told(Result(passed=False, sentence="Perangkat suara tidak ditemukan atau rusak."))
                return
            sentence = f"Suara uji dibunyikan dengan volume {volume}. Bila tidak terdengar, periksa pengeras suara."
            # only a person knows whether it was heard
            told(Result(passed=None, sentence=sentence))

        if volume:
            self._sound(volume, played)
        else:
            told(Result(passed=False, sentence="Suara dibisukan. Naikkan volume dahulu."))

    def _run_probe(self, probe: Probe) -> None:
        start = _in_background if probe is Probe.NETWORK else self._on_medium
        self._run_result(start, lambda: self._desk.probe(probe), lambda at, result: Probed(at, probe, result))

    def _run_result(self, start: Start, work: Callable[[], Result], answer: Callable[[int, Result], Event]) -> None:
        """Do what ends in a result, whatever happens; trouble is a result too."""

        def broken(failed: Failed) -> None:
            self._hear(answer(failed.at_ms, Result(passed=False, sentence=failed.sentence)))

        self._work(start, work, lambda result: self._hear(answer(self._now_ms(), result)), otherwise=broken)

    def _ask(self, start: Start, work: Callable[[], T], answer: Callable[[T, int], Event]) -> None:
        self._work(start, work, lambda found: self._hear(answer(found, self._now_ms())), otherwise=self._hear)

    def _work(
        self,
        start: Start,
        work: Callable[[], T],
        done: Callable[[T], None],
        otherwise: Callable[[Failed], None] | None = None,
    ) -> None:
        """Do it on another thread and tell the window's what came of it."""

        def run() -> None:
            try:
                found = work()
            except Trouble as trouble:
                log.warning("%s", trouble)
                failed = Failed(self._now_ms(), str(trouble), trouble.page)
            except Exception:  # the device may fail in any way; whoever stands before it must learn of it
                log.exception("what the staff wished could not be done")
                failed = Failed(self._now_ms(), _UNEXPECTED)
            else:
                self._scheduler.soon(lambda: None if self._closed else done(found))
                return
            if otherwise is not None:
                self._scheduler.soon(lambda: otherwise(failed))

        if not self._closed:
            start(run)

    def _on_medium(self, work: Callable[[], None]) -> None:
        self._medium.submit(work)


def _in_background(work: Callable[[], None]) -> None:
    # a daemon: a server that does not answer must not keep the process from ending
    threading.Thread(target=work, name="staff-network", daemon=True).start()


def _nothing() -> None:
    pass
