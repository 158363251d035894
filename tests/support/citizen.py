"""A citizen who needs time: to read what the window really shows, to choose, and to move a finger to a real target.

The model and where its numbers come from:

- Reading: words over words per minute. Brysbaert (2019, Journal of Memory and Language 109) finds a mean of 238 words a
  minute in silent reading of English. We know of no such figure for Indonesian; 150 for somebody who reads with care at
  a counter, and 80 for a slow reader, are our own assumptions. What is read is as important as how fast: see `Scope`.
  The other choices are looked over and not read, which is what Hick's law counts, except by those who read all.
- Choosing: Hick's law, CHOICE_S_PER_BIT * log2(n + 1) for n things to choose from.
- Reaching: Fitts's law, REACH_S + REACH_S_PER_BIT * log2(D / W + 1), where D is the way of the finger and W the smaller
  side of the target as it lies on the window. Once, at the beginning, the hand comes from 60 cm away.
- The four coefficients are our assumptions, on the careful side of what is usually taught for both laws.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import dist, log2

from kiosk.model import Place, Screen
from kiosk.spoken import texts_of

CHOICE_S_PER_BIT = 0.15
REACH_S, REACH_S_PER_BIT = 0.1, 0.2
ARM_MM = 600
DIAGONAL_MM = {(1280, 800): 254.0, (800, 480): 178.0, (1920, 1080): 546.0, (1080, 1920): 470.0}
"""10, 7, 21.5 and 18.5 inches: what such windows are shown on at counters."""


class Scope(Enum):
    """What somebody reads before they tap."""

    ASKED = "what is asked, and what is tapped"
    SAID = "what a voice would say (promises, notices and titles too), and what is tapped"
    ALL = "every word on the screen, letters of the keyboard aside"


@dataclass(frozen=True, slots=True)
class Reader:
    """How fast somebody reads, and what."""

    words_per_minute: float
    scope: Scope


@dataclass
class Timing:
    """What a visit took, in seconds by what they went to, and how many taps."""

    spent_s: dict[str, float] = field(default_factory=dict)
    taps: int = 0

    @property
    def total_s(self) -> float:
        """All of it."""
        return sum(self.spent_s.values())

    def add(self, what: str, seconds: float) -> float:
        """Count these seconds, and give them back."""
        self.spent_s[what] = self.spent_s.get(what, 0) + seconds
        return seconds

    def __str__(self) -> str:
        parts = ", ".join(f"{what} {seconds:.1f}" for what, seconds in self.spent_s.items())
        return f"{self.total_s:.1f} s ({parts}), {self.taps} taps"


class Citizen:
    """Goes through a whole visit on a running kiosk whose time is run by hand; a low rating is given its reason."""

    def __init__(self, kiosk, reader: Reader, ratings: Mapping[str, int]) -> None:
        self._kiosk = kiosk
        self._reader = reader
        self._ratings = ratings
        self._at: tuple[float, float] | None = None
        self._read: set[Place] = set()
        self.timing = Timing()

    def visit(self) -> Timing:
        """From the first look at the kiosk until it says thank you; the thanks pass by themselves."""
        began_ms = self._kiosk.time.now_ms()
        self._tap("start")
        while (screen := self._model().screen) is not Screen.THANKS:
            if screen is Screen.SAVING:
                self._wait("kiosk", 0.01)
                # the medium has a thread of its own; its news are heard here
                self._kiosk.time.run(lambda: not self._model().unsaved)
            else:
                self._tap(self._next(screen))
        # nothing was counted that did not pass, and nothing passed that was not counted
        passed_s = (self._kiosk.time.now_ms() - began_ms) / 1000
        assert abs(passed_s - self.timing.total_s) < 0.5, (passed_s, self.timing.total_s)
        return self.timing

    def _next(self, screen: Screen) -> str:
        if screen is Screen.QUESTION:
            return f"rating-{self._ratings[self._model().question.code]}"
        if screen is Screen.REASONS:
            return f"reason-{self._model().reasons[0].code}"
        return "stay" if screen is Screen.IDLE else "done"

    def _tap(self, name: str) -> None:
        place = self._model().place
        while name not in self._kiosk.stage.app.targets():
            self._wait("kiosk", 0.01)
            assert self._model().place == place, (name, place)
        # who was asked meanwhile whether they are still there does not begin to read again
        words = 0 if place in self._read else self._words(name)
        self._read.add(place)
        self._wait("reading", 60 * words / self._reader.words_per_minute)
        if self._model().place != place:
            return
        self._wait("choosing", CHOICE_S_PER_BIT * log2(self._choices(name) + 1))
        self._wait("reaching", self._reach_s(name))
        self._kiosk.stage.frames()
        if self._model().place != place:
            # too slow for the kiosk, which asks now whether anybody is there
            return
        assert self._model().accepts, place
        self._at = self._kiosk.stage.middle(name)
        self._kiosk.stage.tap(name)
        self.timing.taps += 1
        # on a choice the kiosk shows what was chosen, and goes on by itself
        while self._model().place == place:
            self._wait("kiosk", 0.01)
        self._kiosk.stage.frames()

    def _model(self):
        return self._kiosk.shell.model

    def _wait(self, what: str, seconds: float) -> None:
        self._kiosk.time.pass_s(self.timing.add(what, seconds))

    def _choices(self, name: str) -> int:
        """Among how many of its kind: four faces, some reasons, one button."""
        kind = name.split("-", maxsplit=1)[0]
        return sum(1 for other in self._kiosk.stage.app.targets() if other.split("-", maxsplit=1)[0] == kind)

    def _reach_s(self, name: str) -> float:
        stage = self._kiosk.stage
        _x, _y, width, height = stage.app.targets()[name]
        size = tuple(stage.window.size)
        px_per_mm = dist((0, 0), size) / DIAGONAL_MM[size]
        way = ARM_MM * px_per_mm if self._at is None else dist(self._at, stage.middle(name))
        return REACH_S + REACH_S_PER_BIT * log2(way / min(width, height) + 1)

    def _words(self, name: str) -> int:
        """How many words are read before this target is tapped."""
        from tests.screens.measure import labels

        screen = self._kiosk.stage.app.screen()
        of_targets = {target.words for _, target in screen.targets() if hasattr(target, "words")}
        said = [text for text in texts_of(screen.spoken()) if text not in of_targets]
        shown = {label.words for label in labels(screen) if len(label.words) > 1}
        tapped = {dict(screen.targets())[name].words}
        read = {
            # the question is the only text that asks; everything else stands beside it
            Scope.ASKED: {text for text in said if "?" in text} | tapped,
            Scope.SAID: set(said) | tapped,
            Scope.ALL: shown,
        }[self._reader.scope]
        return sum(len(words.split()) for words in read)
