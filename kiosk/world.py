"""What the kiosk's shell is given to work with: a medium, the sync, a machine, and the window's thread."""

from collections.abc import Callable, Mapping
from typing import Protocol

from ikm import wire
from kiosk.local import Local
from kiosk.space import Room


class Keeper(Protocol):
    """Where answers are kept. `append` returns when the response is on the medium, or raises."""

    def append(self, body: wire.ResponseBody) -> object:
        """Keep a response durably."""
        ...

    def append_training(self, body: wire.ResponseBody) -> object:
        """Keep a response where nothing counts and nothing is sent from."""
        ...

    def put_draft(self, body: wire.ResponseBody | None) -> None:
        """Keep what an unfinished visit has given so far instead of what was kept of it before; None for nothing."""
        ...

    def draft(self) -> wire.ResponseBody | None:
        """What is left of a visit that was cut off, or None. `append` takes it away."""
        ...

    def room(self) -> Room:
        """How much room the medium has."""
        ...

    def check_whole(self) -> bool:
        """Whether all that is kept is whole; takes long, and holds nobody up for more than a moment."""
        ...

    def configuration(self) -> wire.ConfigurationMessage | None:
        """The newest configuration held, or None before enrolment."""
        ...

    def answered(self, questionnaire: str) -> Mapping[str, int]:
        """How many answers each question has had in short forms of that questionnaire."""
        ...

    def local(self) -> Local:
        """The staff's own settings."""
        ...


class Worker(Protocol):
    """The sync. `poke` says that there is something to send."""

    def poke(self) -> None:
        """Send soon."""
        ...


class Machine(Protocol):
    """The device's own facts."""

    def clock(self) -> wire.Clock:
        """Now."""
        ...


class Scheduler(Protocol):
    """The window's thread. Both calls may come from any thread."""

    def soon(self, action: Callable[[], None]) -> None:
        """Run it on the window's thread."""
        ...

    def later(self, delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run it there after that time; gives what cancels it."""
        ...
