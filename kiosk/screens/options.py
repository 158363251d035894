"""Languages and aids in one place, reachable from everywhere: back from there, or out of the visit altogether."""

from kivy.properties import DictProperty, NumericProperty, ObjectProperty

from ikm.domain.configuration import Aid
from kiosk import theme
from kiosk.events import Done, Leave, Speak, Use
from kiosk.screens.attract import aid_words
from kiosk.screens.base import BaseScreen, Column, beside
from kiosk.spoken import labelled
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "Column", "OptionsScreen"]


class OptionsScreen(BaseScreen):
    """Every language and every aid, large. `voices` are the languages that can be read aloud."""

    languages = DictProperty({})
    voices = ObjectProperty(frozenset())
    column_px = NumericProperty(0)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        self._language_group, group = FitGroup(), FitGroup()
        self._chips = {aid: Chip(look=self.look, icon=aid.value, group=group) for aid in Aid}
        for aid, chip in self._chips.items():
            self.fbind("look", chip.setter("look"))
            chip.bind(on_tap=lambda _chip, aid=aid: self.emit(Use(aid)))
            self.ids.aids.add_widget(chip)

    def render(self, model, _):
        """What is in use."""
        self.ids.title.words = _("Bahasa & bantuan")
        locales = model.configuration.languages
        self._offer(locales if len(locales) > 1 else ())
        for locale, chip in self.languages.items():
            chip.chosen = locale == model.language
        names = aid_words(_)
        for aid, chip in self._chips.items():
            chip.words, chip.chosen = names[aid], aid in model.aids
        self.ids.voices.words = _voices_sentence([locale for locale in locales if locale in self.voices], _)
        self.ids.scanning.words = _("Satu tombol: pilihan disorot bergantian, tekan tombol untuk memilih.")
        self.ids.done.words = _("Selesai")
        self.ids.leave.words = _("Akhiri survei")
        self.ids.leave.offered = model.can_leave

    def done(self):
        """Back to where this was opened."""
        self.emit(Done())

    def leave(self):
        """End the visit here, with what has been answered."""
        self.emit(Leave())

    def targets(self):
        """Languages, aids, the way back, the way out."""
        yield from ((f"language-{locale}", chip) for locale, chip in self.languages.items())
        yield from self._aids()
        yield "done", self.ids.done
        yield "leave", self.ids.leave

    def spoken(self):
        """What can be changed."""
        return self.ids.title.words, *labelled(self._aids())

    def _aids(self):
        yield from ((f"aid-{aid}", chip) for aid, chip in self._chips.items())

    def _offer(self, locales):
        if tuple(self.languages) == tuple(locales):
            return
        self.ids.languages.clear_widgets()
        self.languages = {locale: self._chip(locale) for locale in locales}
        for chip in self.languages.values():
            self.ids.languages.add_widget(chip)

    def _chip(self, locale):
        chip = Chip(words=theme.endonym(locale), look=self.look, group=self._language_group)
        self.fbind("look", chip.setter("look"))
        chip.bind(on_tap=lambda _chip: self.emit(Speak(locale)))
        return chip


def _voices_sentence(locales, _):
    """Which languages can be listened to."""
    if not locales:
        return _("Suara belum ada untuk bahasa di kios ini.")
    spoken = ", ".join(theme.endonym(locale) for locale in locales)
    return _("Suara membacakan layar dalam bahasa: {languages}.").format(languages=spoken)


beside(__file__)
