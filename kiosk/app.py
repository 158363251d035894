"""The window as a process: an environment that leaves nothing to chance, a real display, and nothing else."""

import ctypes
import ctypes.util
import logging
import os
import sys
from pathlib import Path

from kiosk.parts import Parts, Settings

FRAMES_PER_S = 40
"""A pressed button shows within one frame. 60 would answer 8 ms sooner and use 2.3 % of a core all day, not 1.5."""
NO_DISPLAY = (
    "Layar tidak ditemukan. Pastikan kabel layar terpasang dan sesi X11 berjalan (DISPLAY={display!r}), "
    "lalu jalankan: kiosk run"
)

_SDL_INIT_VIDEO = 0x20

log = logging.getLogger(__name__)


def run(parts: Parts, settings: Settings) -> int:
    """The exit code of the kiosk's window, which runs until the process is told to end: 0, or 1 without a display.

    `kiosk.staff.RESTART_CODE` where the staff want it started again.
    """
    prepare_environment(settings.data_dir)
    screen = screen_size()
    if screen is None:
        sys.stderr.write(NO_DISPLAY.format(display=os.environ.get("DISPLAY", "")) + "\n")
        return 1
    configure(settings.window or screen, whole_screen=settings.window is None)
    try:
        # imports the window's library, for which everything had to be ready
        from kiosk.assembly import Kiosk

        return Kiosk(parts, settings).run()
    except Exception:  # the last line of defence: systemd restarts what ends with an error
        log.exception("the window ended with an error")
        return 1


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
        # without it SDL keeps for itself a click that comes with the focus: on a slow machine a citizen's first tap
        SDL_MOUSE_FOCUS_CLICKTHROUGH="1",
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
            # all shapes are smooth by themselves; samples would cost 50 MB and half the speed without a graphics card
            "multisamples": 0,
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


def _sdl() -> ctypes.CDLL:
    # the very library Kivy brings, so that its answer is the one Kivy's window will get
    import kivy

    beside = sorted((Path(kivy.__file__).parent.parent / "Kivy.libs").glob("libSDL2-2*.so*"))
    name = str(beside[0]) if beside else ctypes.util.find_library("SDL2-2.0")
    return ctypes.CDLL(name)
