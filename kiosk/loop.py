"""Kivy's clock as the shell's scheduler. Importing it imports Kivy, so the environment must be prepared before."""

from collections.abc import Callable

from kivy.clock import Clock


class KivyScheduler:
    """Runs actions on the window's thread; both calls may come from any thread."""

    def soon(self, action: Callable[[], None]) -> None:
        """Run it before the next frame."""
        Clock.schedule_once(lambda _elapsed_s: action(), 0)

    def later(self, delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run it after that time; gives what cancels it."""
        event = Clock.schedule_once(lambda _elapsed_s: action(), delay_s)
        cancel: Callable[[], None] = event.cancel
        return cancel
