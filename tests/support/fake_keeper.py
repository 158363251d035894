"""What stands around the kiosk's shell, in memory: a keeper that can be slow or fail, a worker, a machine, a thread."""

import errno
import threading
from collections.abc import Callable

from ikm import wire
from kiosk.local import Local
from kiosk.space import Room
from tests.support.samples import clock, configuration


class FakeKeeper:
    """Keeps bodies in a list. `failing` makes it refuse; clearing `open` makes it wait."""

    def __init__(self, held: wire.ConfigurationMessage | None = None) -> None:
        self.bodies: list[wire.ResponseBody] = []
        self.held: wire.ConfigurationMessage | None = held or wire.configuration_message(configuration())
        self.training: list[wire.ResponseBody] = []
        self.settings = Local()
        self.counts: dict[str, int] = {}
        self.failing = False
        self.drafts: list[wire.ResponseBody | None] = []
        self.drafting = threading.Event()
        self.left_over: wire.ResponseBody | None = None
        self.space = Room.PLENTY
        self.unreadable = False
        self.open = threading.Event()
        self.open.set()

    def append(self, body: wire.ResponseBody) -> object:
        self.open.wait(10)
        if self.failing:
            raise OSError(errno.ENOSPC, "no space left on device")
        self.bodies.append(body)
        self.left_over = None
        return len(self.bodies)

    def append_training(self, body: wire.ResponseBody) -> object:
        self.open.wait(10)
        if self.failing:
            raise OSError(errno.ENOSPC, "no space left on device")
        self.training.append(body)
        return len(self.training)

    def put_draft(self, body: wire.ResponseBody | None) -> None:
        self.drafting.set()
        self.open.wait(10)
        if self.failing:
            raise OSError(errno.ENOSPC, "no space left on device")
        self.drafts.append(body)
        self.left_over = body

    def draft(self) -> wire.ResponseBody | None:
        if self.unreadable:
            raise OSError("input/output error")
        return self.left_over

    def room(self) -> Room:
        return self.space

    def check_whole(self) -> bool:
        return True

    def answered(self, questionnaire: str) -> dict[str, int]:
        return dict(self.counts)

    def local(self) -> Local:
        if self.unreadable:
            raise OSError("input/output error")
        return self.settings

    def configuration(self) -> wire.ConfigurationMessage | None:
        if self.unreadable:
            raise OSError("input/output error")
        return self.held


class FakeWorker:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.pokes = 0
        self.started = 0
        self.stopped = 0

    def start(self) -> None:
        self.started += 1

    def enrolled(self) -> None:
        self.started += 1

    def poke(self) -> None:
        self.pokes += 1

    def stop(self) -> None:
        self.stopped += 1


class FakeMachine:
    """A machine whose clock stands at the samples' moment, or where it is put."""

    def __init__(self) -> None:
        self.now = clock()

    def clock(self) -> wire.Clock:
        return self.now

    def disk_free_bytes(self) -> int:
        return 10**9


class FakeScheduler:
    """The window's thread, run by hand: `run()` does what is due, `later` waits for `pass_s`."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._soon: list[Callable[[], None]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._change = threading.Condition()

    def soon(self, action: Callable[[], None]) -> None:
        with self._change:
            self._soon.append(action)
            self._change.notify()

    def later(self, delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now_s + delay_s, action)
        with self._change:
            self._later.append(entry)
            self._change.notify()

        def cancel() -> None:
            with self._change:
                if entry in self._later:
                    self._later.remove(entry)

        return cancel

    def run(self, until: Callable[[], bool] = lambda: True) -> None:
        """Does what came in, waiting for the other thread until the condition holds."""
        while True:
            with self._change:
                if not self._soon and not until() and not self._change.wait(10):
                    raise TimeoutError("nothing came back from the keeper's thread")
                actions, self._soon = self._soon, []
            for action in actions:
                action()
            if not actions and until():
                return

    def pass_s(self, seconds: float) -> None:
        """Lets time pass, doing on the way what falls due."""
        end_s = self.now_s + seconds
        while True:
            with self._change:
                due = [entry for entry in self._later if entry[0] <= end_s + 1e-9]
                if not due:
                    break
                entry = min(due, key=lambda waiting: waiting[0])
                self._later.remove(entry)
            self.now_s = max(self.now_s, entry[0])
            entry[1]()
        self.now_s = end_s

    def now_ms(self) -> int:
        return round(self.now_s * 1000) + 1_000_000
