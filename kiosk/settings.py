"""How this kiosk runs, read once from the environment and never changed after."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SYSTEM_FOLDER = Path("/var/lib/ikm-kiosk")
HOME_FOLDER = Path(".local/share/ikm-kiosk")

_NAMES = frozenset(
    {
        "KIOSK_CARRY_OUT", "KIOSK_DATA", "KIOSK_SCAN_STEP_MS", "KIOSK_SCREEN_REPORT", "KIOSK_SECOND_COPY",
        "KIOSK_SYNC_INTERVAL_S", "KIOSK_WINDOW",
    }
)  # fmt: skip
_WINDOW = re.compile(r"([1-9][0-9]{2,4})x([1-9][0-9]{2,4})")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_LONGEST_INTERVAL_S = 24 * 60 * 60


class SettingInvalid(ValueError):
    """A variable says something this software cannot follow; the message names it, in Indonesian."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this kiosk runs.

    `window` is width and height in pixels, None for the full screen. `screen_report` is a file that gets a JSON line
    for each screen shown. `sync_interval_s` is the time between heartbeats in seconds, `scan_step_ms` how long the ring
    of people who use one switch stays on one target. `second_copy` is where every answer is written once more, None for
    the data folder itself. `carry_out` is a folder to which answers may be carried out beside USB sticks.
    """

    data_dir: Path
    window: tuple[int, int] | None
    screen_report: Path | None
    sync_interval_s: int
    scan_step_ms: int = 1_600
    second_copy: Path | None = None
    carry_out: Path | None = None


def settings_from(environment: Mapping[str, str], home: Path, system_folder: Path = SYSTEM_FOLDER) -> Settings:
    """The settings an environment asks for; an empty variable is an absent one. Raises SettingInvalid."""
    for name in sorted(environment):
        if name.startswith("KIOSK_") and name not in _NAMES:
            raise SettingInvalid(f"{name} tidak dikenal; yang ada: {', '.join(sorted(_NAMES))}")
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    report = given.get("KIOSK_SCREEN_REPORT")
    data = given.get("KIOSK_DATA")
    second = given.get("KIOSK_SECOND_COPY")
    carry_out = given.get("KIOSK_CARRY_OUT")
    return Settings(
        data_dir=_default_folder(home, system_folder) if data is None else _path("KIOSK_DATA", data),
        window=_window(given.get("KIOSK_WINDOW")),
        screen_report=None if report is None else _path("KIOSK_SCREEN_REPORT", report),
        sync_interval_s=_interval_s(given.get("KIOSK_SYNC_INTERVAL_S", "60")),
        scan_step_ms=_scan_step_ms(given.get("KIOSK_SCAN_STEP_MS", "1600")),
        second_copy=None if second is None else _path("KIOSK_SECOND_COPY", second),
        carry_out=None if carry_out is None else _path("KIOSK_CARRY_OUT", carry_out),
    )


def _default_folder(home: Path, system_folder: Path) -> Path:
    """The system's folder where this user may write to it or make it; one of the user's own where there is none.

    Another user's device is not "not enrolled": a system's folder that is closed to this user is said to be so.
    """
    if system_folder.exists() and not os.access(system_folder, os.W_OK | os.X_OK):
        raise SettingInvalid(
            f"Folder {system_folder} tidak boleh dibuka pengguna ini. "
            "Jalankan sebagai pengguna kios, misalnya: sudo -u kios kiosk status"
        )
    existing = system_folder if system_folder.exists() else system_folder.parent
    return system_folder if os.access(existing, os.W_OK | os.X_OK) else home / HOME_FOLDER


def _path(name: str, text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise SettingInvalid(f"{name} harus berupa jalur lengkap yang diawali /, bukan: {text}")
    return path


def _window(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise SettingInvalid(f"KIOSK_WINDOW harus seperti 1280x800, bukan: {text}")
    return int(match[1]), int(match[2])


def _interval_s(text: str) -> int:
    if _NUMBER.fullmatch(text) is None or int(text) > _LONGEST_INTERVAL_S:
        raise SettingInvalid(
            f"KIOSK_SYNC_INTERVAL_S harus bilangan bulat 1 sampai {_LONGEST_INTERVAL_S} detik, bukan: {text}"
        )
    return int(text)


def _scan_step_ms(text: str) -> int:
    # faster than a quarter of a second nobody could press, slower than ten nobody could wait
    if _NUMBER.fullmatch(text) is None or not 250 <= int(text) <= 10_000:
        raise SettingInvalid(f"KIOSK_SCAN_STEP_MS harus bilangan bulat 250 sampai 10000 milidetik, bukan: {text}")
    return int(text)
