"""One citizen after another, played against the pure interview with time run by hand."""

from ikm.domain.configuration import Configuration
from kiosk.events import Done, Event, Keep, Rate, Saved, Tap, Tick
from kiosk.interview import due_ms, home, update
from kiosk.model import Model, Place, Screen, Standing
from kiosk.moves import GUARD_MS
from kiosk.taps import CONFIRM_MS
from tests.support.samples import configuration


class Visit:
    """Plays events against the rules and keeps what came out."""

    def __init__(
        self, held: Configuration | None = None, at_ms: int = 1_000_000, standing: Standing | None = None
    ) -> None:
        self.now_ms = at_ms
        self.model: Model = home(standing or Standing(held or configuration()), at_ms)
        self.effects: list[object] = []
        self.wait(GUARD_MS)

    def do(self, event: Event) -> "Visit":
        self.now_ms = max(self.now_ms, event.at_ms)
        self.model, effects = update(self.model, event)
        self.effects += effects
        return self

    def wait(self, for_ms: int) -> "Visit":
        """Lets time pass as the shell does: a tick a second, and one whenever something is due."""
        end_ms = self.now_ms + for_ms
        while self.now_ms < end_ms:
            due = due_ms(self.model)
            step_ms = min(end_ms, self.now_ms + 1000, end_ms if due is None else max(due, self.now_ms + 1))
            self.do(Tick(step_ms))
        return self

    def tap(self, action: object, place: Place | None = None) -> "Visit":
        self.wait(GUARD_MS)
        return self.do(Tap(self.now_ms, place or self.model.place, action))  # type: ignore[arg-type]

    def rate(self, *ratings: int) -> "Visit":
        for rating in ratings:
            self.tap(Rate(rating)).wait(CONFIRM_MS)
            if self.screen is Screen.REASONS:
                self.skip()
        return self

    def skip(self) -> "Visit":
        """Goes on without giving what the screen asks for."""
        return self.tap(Done())

    def finish(self) -> "Visit":
        """Skips what comes after the questions."""
        while self.screen in {Screen.PROFILE, Screen.COMMENT}:
            self.skip()
        return self

    def saved(self) -> "Visit":
        return self.do(Saved(self.now_ms))

    @property
    def kept(self) -> list[Keep]:
        return [effect for effect in self.effects if isinstance(effect, Keep)]

    @property
    def screen(self) -> Screen:
        return self.model.screen
