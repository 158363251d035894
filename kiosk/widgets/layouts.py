"""Which keys a keyboard has, where they lie, and how what is typed breaks into lines. Pure: nothing is drawn here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Rect = tuple[float, float, float, float]
"""x, y (of the lower left corner), width, height in pixels."""

ACTIONS = ("done", "space", "erase", "back", "options")
"""Keys that are words and not letters."""

_TARGETS = {"space": "key-space", "erase": "key-erase", "done": "done", "back": "back", "options": "options"}
_SENTENCE_ENDS = (".", "?", "!")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name is the letter it types or one of `ACTIONS`; it is `cells` columns wide."""

    name: str
    cells: int = 1

    @property
    def target(self) -> str:
        """What it is called among the targets of a screen."""
        return _TARGETS.get(self.name, f"key-{self.name}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of keys from top to bottom, all equally wide. `capitals` are shown where small letters are typed."""

    rows: tuple[tuple[Key, ...], ...]
    capitals: bool = False

    @property
    def columns(self) -> int:
        """How many cells a row has."""
        return sum(key.cells for key in self.rows[0])

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys in the order a keyboard or switch user meets them: done, the letters, and the way back last."""
        every = {key.name: key for row in self.rows for key in row}
        letters = (key for name, key in every.items() if name not in ACTIONS)
        first, *others = (every[name] for name in ACTIONS if name in every)
        return (first, *letters, *others)

    def shown(self, key: Key) -> str:
        """What stands on a letter's key."""
        return key.name.upper() if self.capitals else key.name

    def places(self, within: Rect) -> Mapping[str, Rect]:
        """Where each key lies, by name, in whole pixels. Keys touch: a finger between two presses one of them."""
        x, y, width, height = within
        across = [round(x + column * width / self.columns) for column in range(self.columns + 1)]
        upright = [round(y + line * height / len(self.rows)) for line in range(len(self.rows) + 1)]
        found: dict[str, Rect] = {}
        for line, row in enumerate(reversed(self.rows)):
            column = 0
            for key in row:
                left, right = across[column], across[column + key.cells]
                found[key.name] = (left, upright[line], right - left, upright[line + 1] - upright[line])
                column += key.cells
        return found


def _row(letters: str, cells: int = 1) -> tuple[Key, ...]:
    return tuple(Key(letter, cells) for letter in letters)


def _letters(cells: int = 1) -> tuple[tuple[Key, ...], ...]:
    return _row("qwertyuiop", cells), _row("asdfghjkl-", cells), _row("zxcvbnm.,?", cells)


LAYOUTS: Mapping[str, Layout] = {
    # without digits nobody can leave an identity or telephone number; the hyphen is for "baik-baik"
    "comment": Layout((*_letters(), (Key("back", 2), Key("erase", 2), Key("space", 3), Key("done", 3))), capitals=True),
    "comment-low": Layout(
        (*_letters(2), (Key("back", 4), Key("options", 5), Key("erase", 3), Key("space", 3), Key("done", 5))),
        capitals=True,
    ),
    "address": Layout(
        (
            _row("1234567890"),
            _row("qwertyuiop"),
            _row("asdfghjkl:"),
            _row("zxcvbnm.-/"),
            (Key("back", 2), Key("erase", 4), Key("done", 4)),
        )
    ),
    # the letters one-time codes are made of, in the order of the alphabet
    "code": Layout((_row("BCDFGHJKLM"), _row("NPQRSTVWXZ"), (Key("back", 2), Key("erase", 4), Key("done", 4)))),
    "pin": Layout((_row("123"), _row("456"), _row("789"), (Key("erase"), Key("0"), Key("done")))),
}


def capital_due(text: str) -> bool:
    """Whether the next letter begins a sentence."""
    return not text.strip() or (text.endswith(" ") and text.rstrip().endswith(_SENTENCE_ENDS))


def broken(text: str, measure: Callable[[str], float], width: float) -> list[str]:
    """The text in lines no wider than `width`, with every one of its letters: the caret stands after a blank too.

    A line breaks after a blank, and inside a word only where a whole line has no room for it.
    """
    lines = [""]
    for piece in _pieces(text):
        # blanks at the end of a line need no room
        if measure((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
            continue
        if lines[-1]:
            lines.append("")
        for letter in piece:
            if lines[-1] and measure((lines[-1] + letter).rstrip()) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _pieces(text: str) -> Iterator[str]:
    """Words, each with the blanks that follow it."""
    start = 0
    for at in range(1, len(text)):
        if text[at] != " " and text[at - 1] == " ":
            yield text[start:at]
            start = at
    if text:
        yield text[start:]
