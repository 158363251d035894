"""Which target a key presses: where the ring stands for people who use a keyboard or one switch.

A keyboard user moves the ring and presses; a switch user has one key, and the ring moves by itself. Pure: moments are
milliseconds passed in, targets are known by name, and what comes out says what is to be done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ikm.domain.configuration import Aid
from kiosk.events import Action, Erase, Use, Write
from kiosk.model import Place, Screen

SCAN_STEP_MS = 1_600
"""How long the ring stays on one target while scanning: a slow hand needs about a second to answer what it sees."""

BOUNCE_MS = 250
"""A second press of the switch this soon is a trembling hand or a worn contact."""

_SIGNS = frozenset(" .,?!'-()")
_RATINGS = frozenset("1234")

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels from the top left."""


class Key(StrEnum):
    """Keys that mean something. A key with a character on it is known by that character."""

    NEXT = "next"
    BEFORE = "before"
    ENTER = "enter"
    ESCAPE = "escape"
    SWITCH = " "
    ERASE = "erase"
    VOICE = "5"


@dataclass(frozen=True, slots=True)
class Press:
    """Press the target of that name, by `keyboard` or `switch`."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Act:
    """Do what no target on the screen stands for."""

    action: Action
    by: str


@dataclass(frozen=True, slots=True)
class Here:
    """Nothing to do, but somebody is there."""


Outcome = Press | Act | Here


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be pressed now: names in groups. Scanning goes from group to group and into one that is chosen."""

    place: Place
    groups: tuple[tuple[str, ...], ...]
    scanning: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every target, in order."""
        return tuple(name for group in self.groups for name in group)


@dataclass(frozen=True, slots=True)
class Focus:
    """Where the ring stands.

    `ring` are the names it surrounds: none, one, or a whole row of the keyboard. `inside` is the row that scanning has
    gone into, `switched_ms` the moment the switch was last pressed.
    """

    sight: Sight
    ring: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    switched_ms: int | None = None


Step = tuple[Focus, Outcome | None]


def groups_of(boxes: Mapping[str, Box]) -> tuple[tuple[str, ...], ...]:
    """Targets as scanning meets them: keys of the keyboard that stand in one line are one group, all others alone.

    Keys come last, so that going on and going back need no way through the alphabet.
    """
    keys = {name: box for name, box in boxes.items() if name.startswith("key-")}
    lines: dict[int, list[str]] = {}
    for name, (_x, y, _width, _height) in keys.items():
        lines.setdefault(y, []).append(name)
    rows = (tuple(sorted(lines[y], key=lambda name: keys[name][0])) for y in sorted(lines))
    return (*((name,) for name in boxes if name not in keys), *rows)


def shown(focus: Focus, sight: Sight) -> Focus:
    """The ring after the screen was drawn anew: it stays where the same thing still stands, or goes."""
    if sight.place == focus.sight.place and sight.scanning == focus.sight.scanning:
        known = set(sight.names)
        inside = focus.inside if known.issuperset(focus.inside) else ()
        ring = focus.ring if known.issuperset(focus.ring) else ()
        return replace(focus, sight=sight, ring=ring, inside=inside if ring else ())
    # nothing is under the ring when a screen comes: whoever presses twice must not answer what they have not seen.
    # Only "Masih di sini?" may not be missed
    begun = sight.groups[0] if sight.scanning and sight.groups and sight.place.screen is Screen.IDLE else ()
    return Focus(sight, begun, switched_ms=focus.switched_ms)


def touched(focus: Focus) -> Focus:
    """A finger came: the ring is in the way, unless it moves by itself."""
    return focus if focus.sight.scanning else replace(focus, ring=(), inside=())


def moved_on(focus: Focus) -> Focus:
    """Scanning, one step later."""
    if not focus.sight.scanning:
        return focus
    if focus.inside:
        ring = _after(tuple((name,) for name in focus.inside), focus.ring, 1)
        # once through the row and nothing chosen: out again, to the row itself
        return replace(focus, ring=ring) if ring != (focus.inside[0],) else replace(focus, ring=focus.inside, inside=())
    return replace(focus, ring=_after(focus.sight.groups, focus.ring, 1))


def pressed(focus: Focus, key: str, at_ms: int) -> Step:
    """What a key that came down leads to; None where it means nothing here."""
    screen = focus.sight.place.screen
    if screen is Screen.SLEEP or (screen is Screen.IDLE and key not in {Key.NEXT, Key.BEFORE}):
        return focus, _woken(focus, key)
    if (known := _known_by_itself(focus, key)) is not None:
        return focus, known
    if key == Key.SWITCH:
        return _switched(focus, at_ms)
    if key in {Key.NEXT, Key.BEFORE}:
        alone = tuple((name,) for name in focus.sight.names)
        return replace(focus, ring=_after(alone, focus.ring, 1 if key == Key.NEXT else -1), inside=()), Here()
    return focus, _chosen(focus, key)


def _known_by_itself(focus: Focus, key: str) -> Outcome | None:
    """What a key stands for wherever the ring is: a letter where one writes, elsewhere the voice."""
    if focus.sight.place.screen is Screen.STAFF:
        return _keycap(focus, key)
    if focus.sight.place.screen is Screen.COMMENT:
        typed = _typed(focus, key)
        return None if typed is None else Act(typed, "keyboard")
    # the one key that fingers find unseen, for those who cannot see where the voice is turned on
    return Act(Use(Aid.ALOUD), "keyboard") if key == Key.VOICE else None


def _chosen(focus: Focus, key: str) -> Outcome | None:
    names = focus.sight.names
    if key == Key.ENTER:
        return Press(focus.ring[0], "keyboard") if len(focus.ring) == 1 else Here()
    if key == Key.ESCAPE:
        # languages and help have no way back but the way on
        way = "back" if "back" in names else "done" if focus.sight.place.screen is Screen.OPTIONS else ""
        return Press(way, "keyboard") if way else Here()
    return Press(f"rating-{key}", "keyboard") if key in _RATINGS and f"rating-{key}" in names else None


def _woken(focus: Focus, key: str) -> Outcome | None:
    """Any key says "I am here", unless the ring stands on another answer and is pressed."""
    if key not in set(Key) | _RATINGS:
        return None
    by = "switch" if key == Key.SWITCH else "keyboard"
    if key in {Key.ENTER, Key.SWITCH} and len(focus.ring) == 1:
        return Press(focus.ring[0], by)
    return Press("stay", by) if "stay" in focus.sight.names else Here()


def _keycap(focus: Focus, key: str) -> Outcome | None:
    """The key on the staff's screen that stands for this one: a technician may bring a keyboard."""
    if key == Key.SWITCH:
        return Here()
    names = focus.sight.names
    for name in (f"key-{key}", f"key-{key.lower()}", f"key-{key.upper()}"):
        if name in names:
            return Press(name, "keyboard")
    return None


def _switched(focus: Focus, at_ms: int) -> Step:
    bounced = focus.switched_ms is not None and 0 <= at_ms - focus.switched_ms < BOUNCE_MS
    focus = replace(focus, switched_ms=at_ms)
    if bounced:
        return focus, None
    if not focus.sight.scanning:
        return focus, Act(Use(Aid.SCANNING), "switch")
    if len(focus.ring) > 1:
        return replace(focus, ring=focus.ring[:1], inside=focus.ring), Here()
    if not focus.ring:
        return focus, Here()
    chosen = focus.ring[0]
    # after a letter the next one may be in any row: the rows again, from the first
    if focus.inside:
        rows = [group for group in focus.sight.groups if group[0].startswith("key-")]
        focus = replace(focus, ring=rows[0], inside=())
    return focus, Press(chosen, "switch")


def _typed(focus: Focus, key: str) -> Action | None:
    if key == Key.ERASE:
        return Erase()
    # the switch and the space bar are one key; while scanning it is the switch
    if len(key) != 1 or (key == Key.SWITCH and focus.sight.scanning):
        return None
    return Write(key) if key.isalpha() or key in _SIGNS else None


def _after(groups: tuple[tuple[str, ...], ...], ring: tuple[str, ...], by: int) -> tuple[str, ...]:
    if not groups:
        return ()
    # a ring round a whole row, met by a keyboard user, counts as standing on its first key
    at = next((place for place, group in enumerate(groups) if ring and ring[0] in group), None)
    if at is None:
        return groups[0 if by > 0 else -1]
    return groups[(at + by) % len(groups)]
