"""The kiosk between citizens: whose it is, an invitation, what answering takes, how it was rated, how to be helped."""

from kivy.properties import BooleanProperty, DictProperty, NumericProperty

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import words
from kiosk import theme
from kiosk.events import Options, Rate, Read, Speak, Start, Use
from kiosk.screens.base import BaseScreen, beside
from kiosk.spoken import labelled
from kiosk.widgets.drawn import Face
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.rating import Ratings
from kiosk.widgets.target import Chip, Target

__all__ = ["AttractScreen", "Face", "Ratings", "Target"]

SECONDS_A_QUESTION = 6
AIDS = (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.ALOUD)
"""One tap away. The fifth, one switch for everything, is turned on by that switch."""


class AttractScreen(BaseScreen):
    """Start, or choose a language or an aid first; where only one thing is asked, it is asked right here."""

    languages = DictProperty({})
    one_tap = BooleanProperty(False)
    published = BooleanProperty(False)
    cramped = BooleanProperty(False)
    faceless = BooleanProperty(False)
    tool_rows = NumericProperty(1)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        # what is not shown leaves the screen, and has to be held by somebody
        self._welcome, self._ask = self.ids.welcome.__self__, self.ids.ask.__self__
        self._languages = self.ids.languages.__self__
        self._aids, self._ways = self.ids.aids.__self__, self.ids.ways.__self__
        group = FitGroup()
        self._chips = {aid: Chip(look=self.look, icon=aid.value, group=group) for aid in AIDS}
        for aid, chip in self._chips.items():
            self.fbind("look", chip.setter("look"))
            chip.bind(on_tap=lambda _chip, aid=aid: self.emit(Use(aid)))
            self._aids.add_widget(chip)
        self.bind(one_tap=self._stand_in, cramped=self._stand_in, languages=self._stand_in)
        self._stand_in()

    def render(self, model, _):
        """Whose kiosk it is, what is asked, and in which languages."""
        held = model.configuration
        self.one_tap = model.one_tap
        for place in ("", "ask_"):
            self.ids[f"{place}regency"].words = held.regency
            self.ids[f"{place}unit"].words = words(held.unit_name, model.language)
            self.ids[f"{place}promise"].words = _("Tanpa nama, tanpa NIK. Tidak ada yang tahu siapa yang menjawab.")
            self.ids[f"{place}read"].words = _("Standar & maklumat pelayanan")
            self.ids[f"{place}read"].offered = model.reading_pages > 0
        if model.one_tap:
            self.ids.question.words = words(model.question.text, model.language)
            self.ids.ratings.render(model.question, model.language, None)
            self.ids.options.words = _("Bahasa & bantuan")
        else:
            self._invite(model, _)
        self._publish(held.published, model.language, _)
        self._offer(held.languages if len(held.languages) > 1 else ())
        for locale, chip in self.languages.items():
            chip.chosen = locale == model.language
        for aid, chip in self._chips.items():
            chip.words, chip.chosen = aid_words(_)[aid], aid in model.aids

    def start(self):
        """Begin."""
        self.emit(Start())

    def read(self):
        """The service standard and the pledge."""
        self.emit(Read())

    def open_options(self):
        """Languages and aids."""
        self.emit(Options())

    def rate(self, rating):
        """The one answer."""
        self.emit(Rate(rating))

    def targets(self):
        """What to do here, then languages and aids."""
        if self.one_tap:
            yield from self.ids.ratings.targets()
            yield from self._language_targets()
            yield "read", self.ids.ask_read
            yield "options", self.ids.options
        else:
            yield "start", self.ids.start
            yield from self._language_targets()
            yield from ((f"aid-{aid}", chip) for aid, chip in self._chips.items())
            yield "read", self.ids.read

    def spoken(self):
        """The invitation and what answering takes; or the question itself."""
        if self.one_tap:
            return self.ids.question.words, *labelled(self.ids.ratings.targets())
        return self.ids.invitation.words, self.ids.effort.words, self.ids.promise.words

    def _language_targets(self):
        if not self.cramped:
            yield from ((f"language-{locale}", chip) for locale, chip in self.languages.items())

    def _stand_in(self, *_event):
        self.ids.middle.clear_widgets()
        self.ids.middle.add_widget(self._ask if self.one_tap else self._welcome)
        self.ids.tools.clear_widgets()
        # where the lower half has no room for them, languages are one tap further away
        boxes = ((self._languages,) if self.languages and not self.cramped else ()) + (
            (self._ways,) if self.one_tap else (self._aids,)
        )
        for box in boxes:
            self.ids.tools.add_widget(box)

    def _invite(self, model, _):
        count = len(model.standing.asked)
        minutes = max(1, -(-count * SECONDS_A_QUESTION // 60))
        self.ids.invitation.words = _("Bagaimana pelayanan kami hari ini?")
        self.ids.start.words = _("Mulai")
        self.ids.effort.words = _("{count} pertanyaan, kurang dari {minutes} menit.").format(
            count=count, minutes=minutes
        )

    def _publish(self, published, language, _):
        self.published = published is not None
        self.ids.index_title.words = _("Indeks Kepuasan Masyarakat") if published else ""
        self.ids.index.words = index_words(published.index_hundredths, language) if published else ""
        self.ids.grade.words = published.grade if published else ""
        self.ids.grade_word.words = grade_words(_).get(published.grade, "") if published else ""
        self.ids.basis.words = (
            _("{count} responden, {period}").format(
                count=published.respondents, period=words(published.period, language)
            )
            if published
            else ""
        )

    def _offer(self, locales):
        if tuple(self.languages) == tuple(locales):
            return
        self._languages.clear_widgets()
        group = FitGroup()
        self.languages = {locale: self._chip(locale, group) for locale in locales}
        for chip in self.languages.values():
            self._languages.add_widget(chip)

    def _chip(self, locale, group):
        chip = Chip(words=theme.endonym(locale), look=self.look, group=group)
        self.fbind("look", chip.setter("look"))
        chip.bind(on_tap=lambda _chip: self.emit(Speak(locale)))
        return chip


def aid_words(_):
    """What each aid is called."""
    return {
        Aid.LARGE: _("Huruf besar"),
        Aid.CONTRAST: _("Kontras"),
        Aid.LOW: _("Posisi rendah"),
        Aid.ALOUD: _("Suara"),
        Aid.SCANNING: _("Satu tombol"),
    }


def grade_words(_):
    """What the rule's letters mean."""
    return {"A": _("Sangat baik"), "B": _("Baik"), "C": _("Kurang baik"), "D": _("Tidak baik")}


def index_words(hundredths, language):
    """An index in hundredths as a number with two decimals, as that language writes it."""
    mark = "." if language == "en" else ","
    return f"{hundredths // 100}{mark}{hundredths % 100:02d}"


beside(__file__)
