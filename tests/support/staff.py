"""What stands around the staff's screens in tests: facts, and a desk in memory that can fail or wait."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk import admin
from kiosk.admin.events import Action, Checked, Effect, Event, Go, Tap
from kiosk.admin.model import Facts, Model, Page, Probe, Result, Stick
from kiosk.admin.update import GUARD_MS
from kiosk.events import Done, Write
from kiosk.local import Local
from kiosk.staff import Trouble
from tests.support import samples

PIN = "4711"


def facts(**changes: object) -> Facts:
    """An enrolled device with a PIN."""
    known: dict[str, object] = {
        "version": "0.1.0",
        "now_ms": 1_793_500_000_000,
        "clock": "synced",
        "disk_free_bytes": 12_300_000_000,
        "device": samples.DEVICE,
        "server_url": "https://ikm.example",
        "configuration": samples.configuration(languages=("id", "en")),
        "pin_set": True,
    }
    return Facts(**(known | changes))  # type: ignore[arg-type]


def unenrolled(**changes: object) -> Facts:
    """A device that has just been unpacked."""
    return facts(**({"device": "", "server_url": "", "configuration": None, "pin_set": False} | changes))


class FakeDesk:
    """A device whose PIN is 4711. `fails` makes every call trouble, clearing `open` makes it wait."""

    def __init__(self, known: Facts | None = None) -> None:
        self.known = known or facts()
        self.calls: list[object] = []
        self.fails: Exception | None = None
        self.open = threading.Event()
        self.open.set()
        self.wait_ms = 0
        self.found: tuple[Stick, ...] = ()
        self.training_ends = False

    def _called(self, *call: object) -> None:
        self.open.wait(10)
        self.calls.append(call)
        if self.fails is not None:
            raise self.fails

    def facts(self) -> Facts:
        self._called("facts")
        return self.known

    def begin(self) -> Facts:
        self._called("begin")
        return self.known

    def check(self, pin: str) -> tuple[bool, int]:
        self._called("check", pin)
        return pin == PIN, 0 if pin == PIN else self.wait_ms

    def keep_pin(self, pin: str) -> None:
        self._called("keep_pin", pin)
        self.known = replace(self.known, pin_due=False, pin_set=True)

    def origin(self, address: str) -> str:
        self._called("origin", address)
        if "." not in address:
            raise Trouble("Alamat server tidak benar.", Page.ADDRESS)
        return address

    def enrol(self, address: str, code: str) -> None:
        self._called("enrol", address, code)
        self.known = facts(pin_set=False, pin_due=True)

    def settle(self, local: Local) -> None:
        self._called("settle", local)
        self.known = replace(self.known, local=local)

    def erase_training(self) -> None:
        self._called("erase_training")
        self.known = replace(self.known, training=0)

    def end_training(self) -> bool:
        self._called("end_training")
        return self.training_ends

    def standing(self) -> str:
        return self.known.standing

    def sticks(self, own: Path | None) -> tuple[Stick, ...]:
        self._called("sticks", own)
        return self.found

    def carry_out(self, folder: Path, written: Callable[[int], None]) -> Result:
        written(7)
        self._called("carry_out", folder)
        return Result(passed=True, sentence="12 jawaban ditulis.")

    def take_back(self, file: Path) -> Result:
        self._called("take_back", file)
        return Result(passed=True, sentence="2 tanda terima dibaca.")

    def probe(self, probe: Probe) -> Result:
        self._called("probe", probe)
        return Result(passed=True, sentence="Baik sekali.")


class Screens:
    """The machine with a clock: each tap comes when it is heard."""

    def __init__(self, known: Facts | None = None) -> None:
        self.now_ms = 1_000_000
        self.model = admin.opened(Model(), known or facts(), self.now_ms)
        self.effects: list[Effect] = []

    def hear(self, event: Event) -> "Screens":
        self.model, effects = admin.update(self.model, event)
        self.effects.extend(effects)
        return self

    def tap(self, *actions: Action) -> "Screens":
        for action in actions:
            self.now_ms += GUARD_MS
            self.hear(Tap(self.now_ms, self.model.page, action))
        return self

    def type(self, text: str) -> "Screens":
        return self.tap(*(Write(letter) for letter in text))

    def checked(self, *, right: bool, wait_ms: int = 0) -> "Screens":
        return self.hear(Checked(self.now_ms, right, wait_ms))

    def at(self, page: Page) -> "Screens":
        """Past the pad and on that page of the menu."""
        self.type("4711").tap(Done()).checked(right=True)
        if page is not Page.MENU:
            self.tap(Go(page))
        self.effects.clear()
        return self

    @property
    def page(self) -> Page:
        return self.model.page
