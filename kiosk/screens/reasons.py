"""What was missing, after a rating of 1 or 2: one tap says it, or it is skipped."""

from kivy.properties import NumericProperty

from ikm.domain.questionnaire import words
from kiosk.events import Because, Done
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.spoken import labelled
from kiosk.widgets.choices import Choices
from kiosk.widgets.drawn import Face
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "Choices", "Column", "Face", "ReasonsScreen", "TopBar"]

LINES, LINES_PORTRAIT = 2, 4
LOW_LINES, LOW_LINES_PORTRAIT = 1, 2
"""How many reasons stand one below the other before they stand side by side."""


class ReasonsScreen(BaseScreen):
    """The reasons of this question, under the answer they explain."""

    count = NumericProperty(1)
    rating = NumericProperty(1)
    across = NumericProperty(1)
    lines = NumericProperty(1)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
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
        given = session.reasons.get(question.code)
        self.count = len(model.reasons)
        self.ids.reasons.offer(
            [(reason.code, words(reason.text, model.language), reason.code == given) for reason in model.reasons]
        )

    def because(self, reason):
        """That reason."""
        self.emit(Because(reason))

    def skip(self):
        """No reason."""
        self.emit(Done())

    def targets(self):
        """The reasons, the way past them, the way back."""
        yield from self._offered()
        yield "skip", self.ids.skip
        yield from self.ids.bar.targets()

    def spoken(self):
        """What is asked, and what may be said."""
        return self.ids.title.words, *labelled(self._offered())

    def _offered(self):
        yield from ((f"reason-{code}", chip) for code, chip in self.ids.reasons.chips())

    def _spread(self, *_event):
        look = self.look
        if look.portrait:
            most = LOW_LINES_PORTRAIT if look.low else LINES_PORTRAIT
        else:
            most = LOW_LINES if look.low else LINES
        self.across = -(-int(self.count) // most)
        self.lines = -(-int(self.count) // int(self.across))


beside(__file__)
