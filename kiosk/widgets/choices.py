"""A grid of chips of which one is chosen by a tap; the chips are kept and change their words."""

from collections.abc import Iterator, Sequence

from kivy.properties import ObjectProperty
from kivy.uix.gridlayout import GridLayout

from kiosk.theme import Theme
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.target import Chip

Choice = tuple[str, str, bool]
"""Code, words, and whether it is chosen."""


class Choices(GridLayout):
    """Emits `on_choose` with the code of what was tapped."""

    __events__ = ("on_choose",)

    look = ObjectProperty(Theme(1280, 800), rebind=True)

    def __init__(self, **properties: object) -> None:
        self._group = FitGroup()
        self._kept: list[Chip] = []
        self._codes: list[str] = []
        super().__init__(**properties)

    def do_layout(self, *_event: object) -> None:
        """Rows of equal height; chips that do not fill the last one share its width, so that no hole is left."""
        chips = list(reversed(self.children))
        if not chips:
            return
        across = max(1, self.cols or 1)
        gap_x, gap_y = self.spacing
        rows = [chips[at : at + across] for at in range(0, len(chips), across)]
        height = (self.height - gap_y * (len(rows) - 1)) / len(rows)
        for line, row in enumerate(rows):
            width = (self.width - gap_x * (len(row) - 1)) / len(row)
            for column, chip in enumerate(row):
                chip.pos = self.x + column * (width + gap_x), self.top - height - line * (height + gap_y)
                chip.size = width, height

    def on_choose(self, code: str) -> None:
        """Emitted for a whole tap."""

    def offer(self, choices: Sequence[Choice], places: int = 0) -> None:
        """Show these, in at least so many places."""
        count = max(places, len(choices))
        while len(self._kept) < count:
            self._kept.append(self._chip(len(self._kept)))
        # only places in use, so that the others take no room
        for chip in self._kept[count : len(self.children)]:
            chip.words = ""
            self.remove_widget(chip)
        for chip in self._kept[len(self.children) : count]:
            self.add_widget(chip)
        self._codes = [code for code, _words, _chosen in choices]
        for place, chip in enumerate(self._kept[:count]):
            chip.offered = place < len(choices)
            chip.words, chip.chosen = choices[place][1:] if chip.offered else ("", False)

    def chips(self) -> Iterator[tuple[str, Chip]]:
        """What can be chosen now, by code."""
        yield from zip(self._codes, self._kept, strict=False)

    def _chip(self, place: int) -> Chip:
        chip = Chip(look=self.look, group=self._group)
        self.fbind("look", chip.setter("look"))
        chip.bind(on_tap=lambda _chip: self.dispatch("on_choose", self._codes[place]))
        return chip
