"""Where the parts of a page of the staff's screens lie. Pure: boxes of pixels from the lower left corner."""

from dataclasses import dataclass, field

from kiosk.admin.view import View
from kiosk.theme import Theme

Box = tuple[float, float, float, float]
"""x, y, width, height."""

NOWHERE: Box = (-10, -10, 1, 1)
_PIN = "pin"


@dataclass
class Plan:
    """Boxes by part; what a page does not have lies nowhere."""

    title: Box = NOWHERE
    back: Box = NOWHERE
    lead: Box = NOWHERE
    note: Box = NOWHERE
    entry: Box = NOWHERE
    keyboard: Box = NOWHERE
    gauge: Box = NOWHERE
    choices: list[Box] = field(default_factory=list)
    details: list[Box] = field(default_factory=list)
    facts: list[tuple[Box, Box]] = field(default_factory=list)
    buttons: list[Box] = field(default_factory=list)


def plan(view: View, look: Theme) -> Plan:
    """The boxes for that page in a window of that look."""
    made = Plan()
    if view.cells:
        _cells(made, view, look)
        return made
    side = view.entry is not None and view.entry.layout == _PIN and not look.portrait
    within = _Within(look, look.width_px / 2 if side else look.width_px)
    if side:
        half, margin = look.width_px / 2, look.margin_px
        made.keyboard = (half + margin / 2, margin / 2, half - margin, look.height_px - margin / 2 - _free_top(look))
    _head(made, view, look, within)
    _foot(made, view, look, within)
    _lead(made, view, look, within)
    _body(made, view, look, within)
    return made


def _free_top(look: Theme) -> float:
    """What stays empty at the top: in training a mark stands there."""
    return max(look.margin_px * 0.5, look.band_px + look.space_px)


class _Within:
    """The room that is left, between `bottom` and `top`, `left` wide `width`."""

    def __init__(self, look: Theme, right: float) -> None:
        self.left = look.margin_px
        self.width = right - 1.5 * look.margin_px if right < look.width_px else right - 2 * look.margin_px
        self.bottom = look.margin_px * 0.6
        self.top = look.height_px - _free_top(look)

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def from_top(self, height: float, gap: float) -> Box:
        self.top -= height + gap
        return self.left, self.top + gap, self.width, height

    def from_bottom(self, height: float, gap: float) -> Box:
        box = self.left, self.bottom, self.width, height
        self.bottom += height + gap
        return box


def _head(made: Plan, view: View, look: Theme, within: _Within) -> None:
    x, y, width, height = within.from_top(look.target_px * 0.7, look.space_px * 2)
    # a keyboard that has its own way back needs no other
    if view.back and not (view.entry and "back" in view.entry.keys):
        across = look.target_px * 1.5
        made.back = (x, y, across, height)
        x, width = x + across + look.space_px * 3, width - across - look.space_px * 3
    made.title = (x, y, width, height)


def _foot(made: Plan, view: View, look: Theme, within: _Within) -> None:
    if view.buttons:
        x, y, width, height = within.from_bottom(look.target_px, look.space_px * 2)
        made.buttons = _row((x, y, width, height), len(view.buttons), look.space_px * 2)


def _lead(made: Plan, view: View, look: Theme, within: _Within) -> None:
    room = within.height
    line = look.small_px * 1.25 * 1.25
    if view.lead and view.is_bare:
        made.lead = within.from_top(look.body_px * 1.25 * 5, look.space_px * 2)
    elif view.lead:
        # a quarter line more than the lines, so that letters with tails have room
        lines = 4 if look.portrait or made.keyboard != NOWHERE else 2 if look.height_px > 3 * look.target_px else 1
        made.lead = within.from_top(min(line * (lines + 0.25), room * 0.3), look.space_px)
    if not view.note:
        return
    if made.keyboard != NOWHERE or view.entry is None:
        made.note = within.from_bottom(line * (3 if made.keyboard != NOWHERE else 2) + look.space_px, look.space_px * 2)
    else:
        made.note = within.from_top(line * 2 + look.space_px, look.space_px)


def _body(made: Plan, view: View, look: Theme, within: _Within) -> None:
    if view.entry is not None:
        _entry(made, view.entry.layout, look, within)
    if view.level is not None:
        made.gauge = within.from_top(look.target_px * 0.7, look.space_px * 2)
    if view.facts:
        _facts(made, view, look, within)
    if any(choice.detail for choice in view.choices):
        _listed(made, view, look, within)
    elif view.choices:
        _grid(made, view, look, within)


def _entry(made: Plan, layout: str, look: Theme, within: _Within) -> None:
    if made.keyboard == NOWHERE:
        rows = {"address": 5, "code": 3, _PIN: 4}[layout]
        row = min(look.target_px * (1.1 if look.portrait else 1), (within.height - look.target_px * 0.75) / rows)
        x, y, width, height = within.from_bottom(rows * row, look.space_px * 1.5)
        across = min(width, row * 6) if layout == _PIN else width
        made.keyboard = (x + (width - across) / 2, y, across, height)
    made.entry = within.from_top(min(within.height, look.target_px * 0.8), look.space_px)


def _facts(made: Plan, view: View, look: Theme, within: _Within) -> None:
    names = within.width * (0.32 if look.portrait else 0.26)
    values = within.width - names
    # a letter is about half as wide as it is high; what takes more than a line gets the room of as many
    letters = values / (look.small_px * 0.6)
    lines = [min(7 if look.portrait else 5, 1 + int(len(value) / letters)) for _name, value in view.facts]
    line = min(within.height / sum(lines), look.small_px * (3.2 if look.portrait else 2.6))
    for many in lines:
        x, y, _width, height = within.from_top(line * many, 0)
        made.facts.append(((x, y, names - look.space_px, height), (x + names, y, values, height)))
    within.top -= look.space_px


def _listed(made: Plan, view: View, look: Theme, within: _Within) -> None:
    gap = look.space_px * 1.3
    height = min((within.height + gap) / len(view.choices) - gap, look.target_px * 1.3)
    across = within.width * (0.4 if look.portrait else 0.28)
    for _choice in view.choices:
        x, y, width, _height = within.from_top(height, gap)
        made.choices.append((x, y, across, height))
        made.details.append((x + across + gap * 2, y, width - across - gap * 2, height))


def _grid(made: Plan, view: View, look: Theme, within: _Within) -> None:
    count, gap = len(view.choices), look.space_px * 1.5
    columns = 2 if look.portrait else 3
    if count in {7, 8} or any(len(choice.words) > 40 for choice in view.choices):
        columns = 1 if look.portrait else 2
    rows = -(-count // columns)
    height = min((within.height + gap) / rows - gap, look.target_px * 1.5)
    for line in range(rows):
        box = within.from_top(height, gap)
        made.choices.extend(_row(box, columns, gap)[: count - line * columns])


def _cells(made: Plan, view: View, look: Theme) -> None:
    # the whole screen, edges and corners too: they are what wears out
    columns = 3 if look.portrait else 4
    rows = len(view.choices) // columns
    width, height = look.width_px / columns, look.height_px / rows
    made.choices = [(at % columns * width, at // columns * height, width, height) for at in range(len(view.choices))]
    across = look.target_px * 1.5
    made.back = (
        (look.width_px - across) / 2,
        (look.height_px - look.target_px * 0.7) / 2,
        across,
        look.target_px * 0.7,
    )


def _row(within: Box, count: int, gap: float) -> list[Box]:
    x, y, width, height = within
    across = (width - gap * (count - 1)) / count
    return [(x + at * (across + gap), y, across, height) for at in range(count)]
