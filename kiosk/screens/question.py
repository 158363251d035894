"""One question: the element it asks about, its words, what was promised, and four answers."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from ikm.domain.questionnaire import words
from ikm.domain.regulations import REGULATIONS
from kiosk.events import Rate
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
        element = REGULATIONS[model.configuration.questionnaire.regulation].element(question.element)
        # the rule knows Indonesian; English is for those who know neither
        name = element.name_en if model.language == "en" else element.name
        several = len(model.standing.services) > 1 and model.service is not None
        self.ids.bar.render(model, _)
        self.progress = _("{number} dari {count}").format(number=number, count=count)
        self.part = sum(code in session.answers for code in session.asked) / count
        self.ids.element.words = f"{words(model.service.name, model.language)} · {name}" if several else name
        self.ids.question.words = words(question.text, model.language)
        self.promise = promised(model.service, question.element, model.language, _)
        # papers and steps are asked of the citizen; time, cost and the like are promised to them
        kept_by_office = question.element not in {"REQ", "PROC"}
        caption = _("Dijanjikan") if kept_by_office else _("Menurut standar")
        self.ids.promised.words = caption if self.promise else ""
        self.ids.ratings.render(question, model.language, session.answers.get(question.code))

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
        promise = ((self.ids.promised.words, self.promise),) if self.promise else ()
        return self.ids.question.words, *promise, *labelled(self.ids.ratings.targets())


def promised(service, element, language, _):
    """What the standard promises about an element, its first line and how many more, or ""."""
    lines = service.standard.get(element, ()) if service else ()
    if not lines:
        return ""
    first, others = words(lines[0], language), len(lines) - 1
    # papers are a list; the further lines of time, cost and the like only explain the first
    if element == "REQ" and others:
        return _("{first}, dan {count} lainnya").format(first=first, count=others)
    return first


beside(__file__)
