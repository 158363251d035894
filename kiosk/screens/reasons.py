"""What was missing, after a rating of 1 or 2: one tap says it, or it is skipped."""

from kivy.properties import NumericProperty, StringProperty

from ikm.domain.questionnaire import words
from kiosk.events import Because, Done
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.widgets.drawn import Face
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "Column", "Face", "ReasonsScreen", "TopBar"]

LINES, LINES_PORTRAIT = 3, 5
LOW_LINES, LOW_LINES_PORTRAIT = 1, 3
"""How many chips stand one above the other before they stand side by side."""


class ReasonsScreen(BaseScreen):
    """The reasons of this question; the chips are kept and change their words."""

    count = NumericProperty(1)
    given = StringProperty("")
    rating = NumericProperty(1)
    lines = NumericProperty(1)
    across = NumericProperty(1)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        self._codes = ()
        self._chips = []
        self._group = FitGroup()
        self.bind(count=self._spread, look=self._spread)

    def render(self, model, _):
        """The reasons, and which has been given before."""
        question, session = model.question, model.session
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Apa yang kurang?")
        self.rating = session.answers[question.code]
        self.ids.given.words = words(question.labels[self.rating - 1], model.language)
        self.ids.question.words = words(question.text, model.language)
        self.ids.skip.words = _("Lewati")
        self._make(len(model.reasons))
        self._codes = tuple(reason.code for reason in model.reasons)
        self.count = len(self._codes)
        for chip, reason in zip(self._chips, model.reasons, strict=False):
            chip.words = words(reason.text, model.language)
            chip.chosen = session.reasons.get(question.code) == reason.code

    def skip(self):
        """No reason."""
        self.emit(Done())

    def targets(self):
        """The reasons, the way past them, the way back."""
        yield from ((f"reason-{code}", chip) for code, chip in zip(self._codes, self._chips, strict=False))
        yield "skip", self.ids.skip
        yield from self.ids.bar.targets()

    def spoken(self):
        """What is asked, and what may be said."""
        return self.ids.title.words, *(chip.words for chip in self._chips[: len(self._codes)])

    def _spread(self, *_event):
        self.across = across(int(self.count), self.look)

    def _make(self, count):
        while len(self._chips) < count:
            place = len(self._chips)
            chip = Chip(look=self.look, group=self._group)
            self.fbind("look", chip.setter("look"))
            chip.bind(on_tap=lambda _chip, place=place: self.emit(Because(self._codes[place])))
            self._chips.append(chip)
        grid = self.ids.reasons
        # only those in use, so that the others take no room
        while len(grid.children) > count:
            grid.remove_widget(grid.children[0])
        for chip in self._chips[len(grid.children) : count]:
            grid.add_widget(chip)


def across(count, look):
    """How many chips stand side by side."""
    lines = (LOW_LINES_PORTRAIT if look.low else LINES_PORTRAIT) if look.portrait else LOW_LINES if look.low else LINES
    return max(1, -(-count // lines))


beside(__file__)
