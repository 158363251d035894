"""The kiosk between citizens: whose it is, an invitation, and what answering takes."""

from kivy.properties import DictProperty

from ikm.domain.questionnaire import words
from kiosk import theme
from kiosk.events import Speak, Start
from kiosk.screens.base import BaseScreen, beside
from kiosk.widgets.drawn import Face
from kiosk.widgets.target import Chip, Target

__all__ = ["AttractScreen", "Face", "Target"]

SECONDS_A_QUESTION = 6


class AttractScreen(BaseScreen):
    """Start, or choose a language first."""

    languages = DictProperty({})

    def render(self, model, _):
        """Whose kiosk it is, what is asked, and in which languages."""
        held = model.configuration
        count = len(held.questionnaire.questions)
        minutes = max(1, -(-count * SECONDS_A_QUESTION // 60))
        self.ids.regency.words = held.regency
        self.ids.unit.words = words(held.unit_name, model.language)
        self.ids.invitation.words = _("Bagaimana pelayanan kami hari ini?")
        self.ids.start.words = _("Mulai")
        self.ids.effort.words = _("{count} pertanyaan, kurang dari {minutes} menit.").format(
            count=count, minutes=minutes
        )
        self.ids.promise.words = _("Tanpa nama, tanpa NIK. Tidak ada yang tahu siapa yang menjawab.")
        self._offer(held.languages if len(held.languages) > 1 else ())
        for locale, chip in self.languages.items():
            chip.chosen = locale == model.language

    def start(self):
        """Begin."""
        self.emit(Start())

    def targets(self):
        """The start and the languages."""
        yield "start", self.ids.start
        yield from ((f"language-{locale}", chip) for locale, chip in self.languages.items())

    def _offer(self, locales):
        if tuple(self.languages) == tuple(locales):
            return
        self.ids.languages.clear_widgets()
        self.languages = {locale: self._chip(locale) for locale in locales}
        for chip in self.languages.values():
            self.ids.languages.add_widget(chip)

    def _chip(self, locale):
        chip = Chip(words=theme.endonym(locale), look=self.look)
        self.fbind("look", chip.setter("look"))
        chip.bind(on_tap=lambda _chip: self.emit(Speak(locale)))
        return chip


beside(__file__)
