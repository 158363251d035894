"""One question: the element it asks about, its words, what was promised, and four answers."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from ikm.domain.questionnaire import words
from kiosk.events import Rate
from kiosk.reading import promise
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.spoken import labelled
from kiosk.widgets.drawn import Bar
from kiosk.widgets.rating import Ratings

__all__ = ["Bar", "Column", "QuestionScreen", "Ratings", "TopBar"]


class QuestionScreen(BaseScreen):
    """The same widgets for every question."""

    part = NumericProperty(0)
    progress = StringProperty("")
    promise = StringProperty("")
    tall = BooleanProperty(False)

    def render(self, model, _):
        """The question, its labels, and the answer given if there is one."""
        question, session = model.question, model.session
        number, count = session.step + 1, len(session.asked)
        element = model.configuration.questionnaire.rule.element(question.element)
        # the rule knows Indonesian; English is for those who know neither
        name = element.name_en if model.language == "en" else element.name
        several = len(model.standing.services) > 1 and model.service is not None
        self.ids.bar.render(model, _)
        self.progress = _("{number} dari {count}").format(number=number, count=count)
        self.part = sum(code in session.answers for code in session.asked) / count
        self.ids.element.words = f"{words(model.service.name, model.language)} · {name}" if several else name
        self.ids.question.words = words(question.text, model.language)
        self._promise(promise(model.service, question.element, model.language), _)
        self.ids.ratings.render(question, model.language, session.answers.get(question.code))

    def _promise(self, said, _):
        caption, self.promise = "", ""
        if said is not None:
            caption = _("Dijanjikan") if said.by_office else _("Menurut standar")
            several = _("{first}, dan {count} lainnya").format(first=said.first, count=said.more)
            self.promise = several if said.more else said.first
        self.ids.promised.words = caption

    def rate(self, rating):
        """That answer."""
        self.emit(Rate(rating))

    def targets(self):
        """The four answers, then the ways elsewhere."""
        yield from self.ids.ratings.targets()
        yield from self.ids.bar.targets()

    def spoken(self):
        """The question, what was promised, the labels in their order."""
        # together or not at all: "promised", and then the first label, would promise that label
        said = ((self.ids.promised.words, self.promise),) if self.promise else ()
        return self.ids.question.words, *said, *labelled(self.ids.ratings.targets())


beside(__file__)
