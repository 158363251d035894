"""One question: the element it asks about, its words, and four answers with the element's own official labels."""

from kivy.properties import NumericProperty, StringProperty

from ikm.domain.questionnaire import OFFICIAL_LOCALE, words
from ikm.domain.regulation import RATINGS
from ikm.domain.regulations import REGULATIONS
from kiosk.events import Rate
from kiosk.screens.base import BaseScreen, TopBar, beside
from kiosk.widgets.drawn import Bar
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.rating import RatingButton

__all__ = ["Bar", "QuestionScreen", "TopBar"]


class QuestionScreen(BaseScreen):
    """The same widgets for every question."""

    part = NumericProperty(0)
    progress = StringProperty("")

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        group, official_group = FitGroup(), FitGroup()
        self._buttons = []
        for rating in RATINGS:
            button = RatingButton(rating=rating, look=self.look, group=group, official_group=official_group)
            button.bind(on_tap=lambda tapped: self.emit(Rate(int(tapped.rating))))
            self._buttons.append(button)
            self.ids.ratings.add_widget(button)
        self.bind(look=self._lay_out)

    def render(self, model, _):
        """The question, its labels, and the answer given if there is one."""
        question, questionnaire = model.question, model.configuration.questionnaire
        number, count = model.session.step + 1, len(questionnaire.questions)
        element = REGULATIONS[questionnaire.regulation].element(question.element)
        self.ids.bar.render(model, _)
        self.progress = _("{number} dari {count}").format(number=number, count=count)
        self.part = number / count
        self.ids.element.words = element.name if model.language == OFFICIAL_LOCALE else element.name_en
        self.ids.question.words = words(question.text, model.language)
        given = model.session.answers.get(question.code)
        for button, label in zip(self._buttons, question.labels, strict=True):
            button.words = words(label, model.language)
            official = label[OFFICIAL_LOCALE]
            button.official = official if button.words != official else ""
            button.chosen = button.rating == given

    def targets(self):
        """The four answers."""
        yield from self.ids.bar.targets()
        yield from ((f"rating-{int(button.rating)}", button) for button in self._buttons)

    def _lay_out(self, _screen, look):
        for button in self._buttons:
            button.look = look
            button.flat = look.portrait


beside(__file__)
