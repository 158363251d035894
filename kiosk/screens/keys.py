"""The kiosk by keyboard or by one switch: keys become presses of what is shown, and a ring says where one stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, SmoothLine

from ikm.domain.configuration import Aid
from ikm.i18n import Translate
from kiosk import focus as ring
from kiosk.focus import Act, Box, Focus, Here, Key, Press, Sight
from kiosk.model import Model, Place, Screen
from kiosk.screens.base import BaseScreen
from kiosk.theme import Colour, Theme
from kiosk.widgets.target import Target

PRESSED_S = 0.12
"""How long a target pressed by a key looks pressed."""
BREATH_S = 0.6
"""The pause after a target was read aloud before the ring moves on."""
LOST_RELEASE_MS = 2000
"""A held key speaks up more often than this; one that was silent for longer came up while nobody heard."""

_CODES = {
    8: Key.ERASE, 9: Key.NEXT, 13: Key.ENTER, 27: Key.ESCAPE, 32: Key.SWITCH, 271: Key.ENTER,
    273: Key.BEFORE, 274: Key.NEXT, 275: Key.NEXT, 276: Key.BEFORE, 257: "1", 258: "2", 259: "3", 260: "4",
    261: Key.VOICE,
}  # fmt: skip
_SHIFTED = {"/": "?", "1": "!", "9": "(", "0": ")"}
_CHORDS = frozenset({"ctrl", "alt", "alt-gr", "meta", "super"})


def _kivy_later(delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
    event = Clock.schedule_once(lambda _elapsed_s: action(), delay_s)
    return event.cancel


@dataclass(frozen=True)
class Timing:
    """Where time comes from; tests run it by hand."""

    later: Callable[[float, Callable[[], None]], Callable[[], None]] = _kivy_later
    now_ms: Callable[[], int] = lambda: round(Clock.get_time() * 1000)


class Board(Protocol):
    """What the keys are played on: the window."""

    def screen(self) -> BaseScreen:
        """The screen shown."""
        ...

    def targets(self) -> dict[str, Box]:
        """What can be pressed now, by name."""
        ...

    def felt(self) -> None:
        """Somebody is there."""
        ...

    def pointed(self, targets: tuple[Target, ...]) -> float:
        """The ring came to these; says how many seconds reading them aloud takes."""
        ...


def key_of(code: int, text: str | None, modifiers: list[str]) -> str:
    """What a key of the keyboard means, "" where it means nothing."""
    if _CHORDS & set(modifiers):
        return ""
    shift = "shift" in modifiers
    if code in _CODES:
        return Key.BEFORE if code == 9 and shift else _CODES[code]
    # from 256 on codes are keys without a character, and Kivy gives them the letter of that number nevertheless
    if code >= 256 or not text or len(text) != 1 or not text.isprintable():
        return ""
    if text.isalpha():
        return text.upper() if shift != ("capslock" in modifiers) else text.lower()
    return _SHIFTED.get(text, "") if shift else text


def called(targets: tuple[Target, ...], _: Translate) -> tuple[str, ...]:
    """What to say of a target: its words, and whether it is chosen; of a row of keys the first and the last."""
    if len(targets) > 1:
        return targets[0].words, targets[-1].words
    return tuple(
        text
        for target in targets
        for text in (
            getattr(target, "words", ""),
            getattr(target, "official", ""),
            _("Sudah dipilih.") if getattr(target, "chosen", False) else "",
        )
        if text
    )


def dark_of(look: Theme) -> Colour:
    """The darker of ink and paper: on both palettes the accent is light."""
    return min(look.colours.ink, look.colours.paper, key=sum)


class Ring:
    """Drawn round a target, in two colours, so that one of them stands out on whatever lies beneath."""

    def __init__(self, canvas) -> None:
        with canvas:
            self._outer_colour = Color(0, 0, 0, 0)
            self._outer = SmoothLine()
            self._inner_colour = Color(0, 0, 0, 0)
            self._inner = SmoothLine()
        self._drawn: tuple[object, ...] = ()

    def surround(self, boxes: list[Box], look: Theme) -> None:
        """Lie round all of these, or nowhere."""
        wanted = (tuple(boxes), look)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self._outer_colour.rgba = dark_of(look) if boxes else (0, 0, 0, 0)
        self._inner_colour.rgba = look.colours.accent if boxes else (0, 0, 0, 0)
        if not boxes:
            return
        half = look.space_px * 0.75
        out = look.space_px * 0.75
        left = max(half, min(box[0] for box in boxes) - out)
        top = max(half, min(box[1] for box in boxes) - out)
        right = min(look.width_px - half, max(box[0] + box[2] for box in boxes) + out)
        bottom = min(look.height_px - half, max(box[1] + box[3] for box in boxes) + out)
        outline = (left, look.height_px - bottom, right - left, bottom - top, look.radius_px + out)
        for line, width in ((self._outer, half), (self._inner, half * 0.65)):
            line.width = width
            line.rounded_rectangle = outline


class Guide:
    """Follows a voice from target to target: `named` is the one being said now, "" for none; `moved` hears of it."""

    def __init__(self, moved: Callable[[], None]) -> None:
        self.named = ""
        self._moved = moved
        self._cancel: Callable[[], None] = _nothing

    def follow(self, marks: Sequence[tuple[float, str]], timing: Timing) -> None:
        """Name these targets from now on, each from its second on, until the next one or until `rest`."""
        self.rest()
        self._await(list(marks), timing, timing.now_ms())

    def rest(self) -> None:
        """Name none any more."""
        self._cancel()
        self._cancel = _nothing
        self._turn_to("")

    def _await(self, marks: list[tuple[float, str]], timing: Timing, begun_ms: int) -> None:
        if not marks:
            return
        (at_s, name), further = marks[0], marks[1:]

        def go() -> None:
            self._turn_to(name)
            self._await(further, timing, begun_ms)

        # from the beginning each time, so that late frames do not add up
        self._cancel = timing.later(max(0, at_s - (timing.now_ms() - begun_ms) / 1000), go)

    def _turn_to(self, name: str) -> None:
        if name != self.named:
            self.named = name
            self._moved()


class Keys:
    """Hears the keyboard and moves the ring. `step_s` is how long scanning stays on one target."""

    def __init__(self, board: Board, canvas, step_s: float, timing: Timing | None = None) -> None:
        self._board = board
        self.step_s = step_s
        self.timing = timing or Timing()
        self._ring = Ring(canvas)
        self._focus = Focus(Sight(Place(Screen.OUT_OF_SERVICE), ()))
        self._place = self._focus.sight.place
        self._scanning = False
        self._held: dict[int, int] = {}
        self._cancel: Callable[[], None] = _nothing
        self._guide = Guide(self.draw)
        Window.bind(on_key_down=self._down, on_key_up=self._up)

    @property
    def ring(self) -> tuple[str, ...]:
        """The names of what the ring surrounds."""
        return self._focus.ring

    @property
    def named(self) -> str:
        """The target that is ringed because a voice is naming it, or ""."""
        return self._guide.named

    def shown(self, model: Model, speaking_s: float) -> None:
        """A model has been shown, and reading it aloud takes that long."""
        scanning = Aid.SCANNING in model.aids and model.screen is not Screen.STAFF
        changed = (model.place, scanning) != (self._place, self._scanning)
        self._place, self._scanning = model.place, scanning
        self._look()
        if changed:
            self._await_step(speaking_s)

    def follow(self, marks: Sequence[tuple[float, str]]) -> None:
        """A voice begins, and names these targets, each from its second on: show which one is meant."""
        # to who scans, a ring is what the switch would press now: it must not stand elsewhere
        self._guide.follow(() if self._scanning else marks, self.timing)

    def acted(self) -> None:
        """Something was done: the voice's targets are no longer the question."""
        self._guide.rest()

    def touched(self) -> None:
        """A finger came down."""
        self._focus = ring.touched(self._focus)
        self.draw()

    def draw(self) -> None:
        """Put the ring where its targets stand now."""
        boxes = self._board.targets()
        surrounded = self.ring or (self.named,)
        self._ring.surround([boxes[name] for name in surrounded if name in boxes], self._board.screen().look)

    def _look(self) -> None:
        groups = ring.groups_of(self._board.targets())
        self._focus = ring.shown(self._focus, Sight(self._place, groups, self._scanning))
        self.draw()

    def _await_step(self, speaking_s: float = 0) -> None:
        self._cancel()
        self._cancel = _nothing
        if self._scanning:
            delay_s = max(self.step_s, speaking_s + BREATH_S if speaking_s else 0)
            self._cancel = self.timing.later(delay_s, self._step)

    def _step(self) -> None:
        self._look()
        self._move(ring.moved_on(self._focus))

    def _move(self, moved: Focus) -> None:
        came = moved.ring if moved.ring != self.ring else ()
        self._focus = moved
        self.draw()
        known = dict(self._board.screen().targets())
        if came:
            self._guide.rest()
        speaking_s = self._board.pointed(tuple(known[name] for name in came if name in known)) if came else 0
        self._await_step(speaking_s)

    def _down(self, _window, code: int, _scancode: int, text: str | None, modifiers: list[str]) -> bool:
        # a held key, like a lasting press of a switch, is one press: it comes again and again without coming up
        now_ms = self.timing.now_ms()
        before_ms = self._held.get(code)
        self._held[code] = now_ms
        if before_ms is None or abs(now_ms - before_ms) > LOST_RELEASE_MS:
            self._hear(key_of(code, text, modifiers))
        return True

    def _up(self, _window, code: int, *_rest) -> bool:
        self._held.pop(code, None)
        return True

    def _hear(self, key: str) -> None:
        if not key:
            return
        self._look()
        moved, outcome = ring.pressed(self._focus, key, self.timing.now_ms())
        self._move(moved)
        match outcome:
            case Press(name=name, by=by):
                self._press(name, by)
            case Act(action=action, by=by):
                self._board.screen().emit(action, by)
            case Here():
                self._board.felt()

    def _press(self, name: str, by: str) -> None:
        screen = self._board.screen()
        target = dict(screen.targets())[name]
        target.pressed = True
        # a screen that follows forgets what was pressed on it; one that stays is told here
        self.timing.later(PRESSED_S, target.forget)
        screen.press(target, by)


def _nothing() -> None:
    pass
