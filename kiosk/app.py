"""The window as a process: an environment that leaves nothing to chance, a real display, a loop that survives."""

import ctypes
import ctypes.util
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Protocol

from kiosk import shell as kiosk_shell
from kiosk.events import Action
from kiosk.model import Model, Place
from kiosk.report import Report

FRAMES_PER_S = 60
"""A pressed button shows within one frame. 30 would save 1 % of a core at rest and answer a finger 15 ms later."""
CRASHES_ENDURED = 5
"""More errors than this in one run are a fault that only a restart can mend."""

NO_DISPLAY = (
    "Layar tidak ditemukan. Pastikan kabel layar terpasang dan sesi X11 berjalan (DISPLAY={display!r}), "
    "lalu jalankan: kiosk run"
)

_SDL_INIT_VIDEO = 0x20

log = logging.getLogger(__name__)


class Settings(Protocol):
    """What the window needs to know of the settings."""

    @property
    def data_dir(self) -> Path:
        """Where the device keeps its own files."""
        ...

    @property
    def window(self) -> tuple[int, int] | None:
        """Width and height in pixels of a window for development, or None for the whole screen."""
        ...

    @property
    def screen_report(self) -> Path | None:
        """Where to write what the screen shows, or None."""
        ...

    @property
    def scan_step_ms(self) -> int:
        """How long scanning stays on one target."""
        ...


class Worker(kiosk_shell.Worker, Protocol):
    """The sync, which runs while the window does."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...


def run(store: kiosk_shell.Keeper, worker: Worker, machine: kiosk_shell.Machine, settings: Settings) -> int:
    """The exit code of the kiosk's window, which runs until the process is told to end: 0, or 1 without a display."""
    prepare_environment(settings.data_dir)
    screen = screen_size()
    if screen is None:
        sys.stderr.write(NO_DISPLAY.format(display=os.environ.get("DISPLAY", "")) + "\n")
        return 1
    configure(settings.window or screen, whole_screen=settings.window is None)
    try:
        _run_window(store, worker, machine, settings)
    except Exception:  # the last line of defence: systemd restarts what ends with an error
        log.exception("the window ended with an error")
        return 1
    return 0


def prepare_environment(data_dir: Path) -> None:
    """Set what Kivy and SDL read while they are imported: no arguments, no user's configuration, X11 or nothing."""
    home = data_dir / "kivy"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_HOME=str(home),
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_ENV_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
        # without it SDL draws on an invisible screen when there is no display
        SDL_VIDEODRIVER="x11",
    )


def screen_size() -> tuple[int, int] | None:
    """Width and height of the display in pixels, or None where there is none."""
    sdl = _sdl()
    if sdl.SDL_Init(_SDL_INIT_VIDEO) != 0:
        return None
    box = (ctypes.c_int * 4)()
    found = sdl.SDL_GetDisplayBounds(0, ctypes.byref(box)) == 0
    sdl.SDL_QuitSubSystem(_SDL_INIT_VIDEO)
    return (box[2], box[3]) if found else None


def configure(size: tuple[int, int], *, whole_screen: bool) -> None:
    """Tell Kivy everything its defaults get wrong for a counter."""
    from kivy.config import Config

    options: dict[str, dict[str, str | int]] = {
        "graphics": {
            "width": size[0],
            "height": size[1],
            "fullscreen": "auto" if whole_screen else 0,
            "borderless": int(whole_screen),
            "resizable": int(not whole_screen),
            "show_cursor": int(not whole_screen),
            "allow_screensaver": 0,
            "maxfps": FRAMES_PER_S,
        },
        "kivy": {"exit_on_escape": 0, "keyboard_mode": "system", "desktop": 1, "log_level": "warning"},
    }
    for section, values in options.items():
        for option, value in values.items():
            Config.set(section, option, value)
    # the other providers deliver each tap of some panels twice
    for provider, _ in Config.items("input"):
        Config.remove_option("input", provider)
    Config.set("input", "mouse", "mouse,disable_multitouch")


def _run_window(store: kiosk_shell.Keeper, worker: Worker, machine: kiosk_shell.Machine, settings: Settings) -> None:
    from kivy.base import ExceptionHandler, ExceptionManager
    from kivy.clock import Clock

    from kiosk.loop import KivyScheduler
    from kiosk.screens.window import KioskWindow
    from kiosk.voice.clips import Clips
    from kiosk.voice.player import Player
    from kiosk.voice.speech import Voice

    def tap(place: Place, action: Action, by: str) -> None:
        shell.tap(place, action, by)

    def touched() -> None:
        shell.touched()

    def show(model: Model) -> None:
        window.show(model)

    def end(*_signal: object) -> None:
        # at once, not with the next frame: a display that is told to end with us ends the process there
        shell.stop()
        Clock.schedule_once(lambda _elapsed_s: window.stop(), 0)

    def started() -> None:
        signal.signal(signal.SIGTERM, end)
        shell.start()
        worker.start()

    report = Report(settings.screen_report) if settings.screen_report else None
    player = Player()
    window = KioskWindow(
        tap,
        touched=touched,
        started=started,
        report=report,
        closable=settings.window is not None,
        scan_step_s=settings.scan_step_ms / 1000,
        voice=Voice(Clips(settings.data_dir / "sounds"), player),
    )
    shell = kiosk_shell.Shell(store, worker, machine, scheduler=KivyScheduler(), show=show)

    class Survivor(ExceptionHandler):  # type: ignore[misc]
        """Logs what nobody expected, apologises, and lets the loop run on."""

        crashes = 0

        def handle_exception(self, error: BaseException) -> int:
            # Ctrl+C and the like are wishes, not crashes
            if not isinstance(error, Exception):
                return int(ExceptionManager.RAISE)
            self.crashes += 1
            log.error("an error nobody expected in the window", exc_info=error)
            if self.crashes > CRASHES_ENDURED:
                return int(ExceptionManager.RAISE)
            shell.crashed()
            return int(ExceptionManager.PASS)

    ExceptionManager.add_handler(Survivor())
    try:
        window.run()
    finally:
        shell.stop()
        worker.stop()
        player.close()


def _sdl() -> ctypes.CDLL:
    # the very library Kivy brings, so that its answer is the one Kivy's window will get
    import kivy

    beside = sorted((Path(kivy.__file__).parent.parent / "Kivy.libs").glob("libSDL2-2*.so*"))
    name = str(beside[0]) if beside else ctypes.util.find_library("SDL2-2.0")
    return ctypes.CDLL(name)
