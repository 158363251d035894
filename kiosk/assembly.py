"""The running kiosk: window, interview, staff's screens, voice and sync put together on one thread.

Importing it imports Kivy, so the environment must be prepared before.
"""

import logging
import os
import signal
from collections.abc import Callable
from random import SystemRandom
from typing import Any

from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock

from kiosk.checking import WeeklyCheck
from kiosk.events import SetUp
from kiosk.loop import KivyScheduler
from kiosk.model import Place, Screen
from kiosk.parts import Parts, Settings
from kiosk.quiet import quieten
from kiosk.report import Report
from kiosk.screens.window import KioskWindow
from kiosk.shell import Shell, monotonic_ms
from kiosk.staff import RESTART_CODE, Staff
from kiosk.voice.clips import Clips
from kiosk.voice.player import Player
from kiosk.voice.speech import Voice
from kiosk.watchdog import Watchdog, every

CRASHES_ENDURED = 5
"""More errors than this in one run are a fault that only a restart can mend."""
CHECK_LOOK_S = 60.0
"""How often it is looked whether the weekly check is due."""
SAMPLE = "Suara dinyalakan."
"""What the staff hear to judge the volume."""

log = logging.getLogger(__name__)


class Kiosk:
    """One window with all that runs behind it, from `run` until the process is told to end."""

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self._sync = parts.sync
        self._player = Player()
        self._voice = Voice(Clips(settings.data_dir / "sounds"), self._player)
        self._watchdog = Watchdog.of(os.environ)
        self._code = 0
        self.window = KioskWindow(
            self._tap,
            touched=self._touched,
            started=self._started,
            staff=self._staff_wanted,
            report=Report(settings.screen_report) if settings.screen_report else None,
            closable=settings.window is not None,
            scan_step_s=settings.scan_step_ms / 1000,
            voice=self._voice,
        )
        scheduler = KivyScheduler()
        self.shell = Shell(
            parts.keeper,
            parts.sync,
            parts.machine,
            scheduler=scheduler,
            show=self.window.show,
            seed=SystemRandom().getrandbits(63),
            standing=parts.desk.standing,
            roomed=quieten,
        )
        self._check = WeeklyCheck(
            parts.keeper.check_whole,
            lambda: scheduler.soon(self._mend),
            settings.data_dir,
            lambda: parts.machine.clock().wall_ms,
            monotonic_ms,
        )
        self.staff = Staff(
            parts.desk,
            scheduler=scheduler,
            show=self.window.attend,
            came=self.shell.staff_came,
            left=self.shell.staff_left,
            enrolled=self._enrolled,
            trained=self.shell.training_ended,
            restart=self._restart,
            sound=self._try_sound,
            now_ms=monotonic_ms,
            carry_out=settings.carry_out,
        )

    def run(self) -> int:
        """The exit code, once the window is closed and everything that was answered is on the medium."""
        ExceptionManager.add_handler(_Survivor(self))
        try:
            self.window.run()
        finally:
            self._watchdog.stopping()
            self.shell.stop()
            self.staff.stop()
            self._sync.stop()
            self._player.close()
        return self._code

    def crashed(self) -> None:
        """Apologise on the screen; whoever stood before it is kept as far as they came."""
        self.staff.abandon()
        self.shell.crashed()

    def _started(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        # first, so that a configuration this window cannot draw can still be replaced by one it can
        self._sync.start()
        self.shell.start()
        self.staff.start()
        every(_repeat, self._watchdog)
        _repeat(CHECK_LOOK_S, lambda: self._check.look(self.shell.idle_ms))

    def _end(self, *_signal: object) -> None:
        # at once, not with the next frame: a display that is told to end with us ends the process there
        self.shell.stop()
        if _signal:
            log.info("asked to end by a signal")
        Clock.schedule_once(lambda _elapsed_s: self.window.stop(), 0)

    def _mend(self) -> None:
        # the next start saves what is whole; whoever has come meanwhile is not sent away, and the staff are told
        if self.shell.model.session is None and self.shell.model.screen is not Screen.STAFF:
            log.warning("started anew to save what is whole")
            self._end_with(RESTART_CODE)

    def _restart(self) -> None:
        log.info("the staff wished a restart")
        self._end_with(RESTART_CODE)

    def _end_with(self, code: int) -> None:
        self._code = code
        self._end()

    def _tap(self, place: Place, action: Any, by: str) -> None:
        # the place says whose action it is: the staff's screens have their own
        if place.screen is Screen.STAFF:
            self.staff.tap(place, action)
        elif isinstance(action, SetUp):
            self.staff.open()
        else:
            self.shell.tap(place, action, by)

    def _touched(self) -> None:
        self.shell.touched()
        self.staff.touched()

    def _staff_wanted(self) -> None:
        # a citizen who rests a hand in the corner is not interrupted
        if self.shell.model.session is None:
            self.staff.open()

    def _try_sound(self, volume: int, told: Callable[[str], None]) -> None:
        self._voice.sample(volume, SAMPLE, told)

    def _enrolled(self) -> None:
        self.shell.configuration_came()
        self._sync.enrolled()


def _repeat(interval_s: float, action: Callable[[], None]) -> None:
    Clock.schedule_interval(lambda _elapsed_s: action(), interval_s)


class _Survivor(ExceptionHandler):  # type: ignore[misc]
    """Logs what nobody expected, apologises, and lets the loop run on."""

    def __init__(self, kiosk: Kiosk) -> None:
        super().__init__()
        self._kiosk = kiosk
        self._crashes = 0

    def handle_exception(self, error: BaseException) -> int:
        """Whether the loop goes on."""
        # Ctrl+C and the like are wishes, not crashes
        if not isinstance(error, Exception):
            return int(ExceptionManager.RAISE)
        self._crashes += 1
        log.error("an error nobody expected in the window", exc_info=error)
        if self._crashes > CRASHES_ENDURED:
            return int(ExceptionManager.RAISE)
        self._kiosk.crashed()
        return int(ExceptionManager.PASS)
