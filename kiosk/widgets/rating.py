"""The four answers: each a face, the official label, and the same label in Indonesian under a translation."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.gridlayout import GridLayout

from ikm.domain.questionnaire import OFFICIAL_LOCALE, Question, words
from ikm.domain.regulation import RATINGS
from kiosk.theme import Theme
from kiosk.widgets.drawn import Face, Tick
from kiosk.widgets.fitted import FitGroup, FittedLabel
from kiosk.widgets.target import Target

__all__ = ["Face", "FittedLabel", "RatingButton", "Ratings", "Tick"]

LONG_LABEL = 45
"""A label of more letters than this needs a box wider than a quarter of the screen."""


class RatingButton(Target):
    """The answer `rating`. `chosen` marks the answer given; a low, wide one has its words beside its face."""

    rating = NumericProperty(1)
    words = StringProperty("")
    official = StringProperty("")
    chosen = BooleanProperty(False)
    flat = BooleanProperty(False)
    colour = ColorProperty()
    edge = NumericProperty(0)
    gap = NumericProperty(0)
    group = ObjectProperty(None, allownone=True)
    official_group = ObjectProperty(None, allownone=True)


class Ratings(GridLayout):
    """The answers to one question; emits `on_rate` with the rating that was tapped.

    In portrait they stand one below the other, or, `square`, two by two.
    """

    __events__ = ("on_rate",)

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    long = BooleanProperty(False)
    square = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        group, official_group = FitGroup(), FitGroup()
        self.buttons: list[RatingButton] = []
        super().__init__(**properties)
        for rating in RATINGS:
            button = RatingButton(rating=rating, look=self.look, group=group, official_group=official_group)
            button.bind(on_tap=lambda tapped: self.dispatch("on_rate", int(tapped.rating)))
            self.fbind("look", button.setter("look"))
            self.buttons.append(button)
            self.add_widget(button)

    def on_rate(self, rating: int) -> None:
        """Emitted for a whole tap on an answer."""

    def render(self, question: Question, language: str, given: int | None) -> None:
        """That question's labels, and the answer given if there is one."""
        self.long = any(len(words(label, at)) > LONG_LABEL for label in question.labels for at in {language, "id"})
        for button, label in zip(self.buttons, question.labels, strict=True):
            official = label[OFFICIAL_LOCALE]
            button.words = words(label, language)
            button.official = official if button.words != official else ""
            button.chosen = button.rating == given

    def targets(self):
        """The answers by name."""
        yield from ((f"rating-{int(button.rating)}", button) for button in self.buttons)


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
