"""What the window is given to run on. Nothing here knows the window's library, so the command line can name it all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk import staff, world


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
    def carry_out(self) -> Path | None:
        """A folder to which answers may be carried out beside sticks, or None."""
        ...

    @property
    def scan_step_ms(self) -> int:
        """How long scanning stays on one target."""
        ...


class Sync(world.Worker, Protocol):
    """The sync, which runs while the window does."""

    def start(self) -> None:
        """Begin, if the device is enrolled."""
        ...

    def enrolled(self) -> None:
        """The device has just been enrolled."""
        ...

    def stop(self) -> None:
        """End."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything round the window: what keeps answers, what sends them, this machine, and what the staff ask of it."""

    keeper: world.Keeper
    sync: Sync
    machine: world.Machine
    desk: staff.Desk
