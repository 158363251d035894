"""The kiosk between citizens: whose it is, an invitation, what answering takes, how it was rated, how to be helped."""

from kivy.properties import BooleanProperty, DictProperty, NumericProperty, ObjectProperty
from kivy.uix.gridlayout import GridLayout

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import words
from ikm.domain.regulation import RATINGS
from kiosk import theme
from kiosk.events import Options, Rate, Read, Speak, Start, Use
from kiosk.screens.base import BaseScreen, beside
from kiosk.spoken import labelled
from kiosk.theme import Theme
from kiosk.widgets.drawn import Face
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.rating import Ratings
from kiosk.widgets.target import Chip, Target

__all__ = ["AttractScreen", "Face", "Faces", "Ratings", "Target"]

SECONDS_A_QUESTION = 6
AIDS = (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.ALOUD)
"""One tap away. The fifth, one switch for everything, is turned on by that switch."""


class Faces(GridLayout):
    """All four faces, equally large: a picture of what is asked that leads nobody to an answer."""

    look = ObjectProperty(Theme(1280, 800), rebind=True)

    cell_px = NumericProperty(0)

    def __init__(self, **properties):
        super().__init__(**properties)
        self._faces = [Face(rating=rating) for rating in RATINGS]
        for face in self._faces:
            self.add_widget(face)
        self.bind(look=self._paint)
        self._paint()

    def _paint(self, *_event):
        colours = self.look.colours
        for face, head, features in zip(self._faces, colours.ratings, colours.features, strict=True):
            face.head, face.features, face.outline = head, features, colours.features[0]


class AttractScreen(BaseScreen):
    """Start, or choose a language or an aid first; where only one thing is asked, it is asked right here."""

    languages = DictProperty({})
    one_tap = BooleanProperty(False)
    published = BooleanProperty(False)
    cramped = BooleanProperty(False)
    faceless = BooleanProperty(False)
    large = BooleanProperty(False)
    tool_rows = NumericProperty(1)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        # what is not shown leaves the screen, and has to be held by somebody
        self._welcome, self._ask = self.ids.welcome.__self__, self.ids.ask.__self__
        self._languages = self.ids.languages.__self__
        self._aids, self._ways = self.ids.aids.__self__, self.ids.ways.__self__
        self._read = self.ids.ask_read.__self__
        group = FitGroup()
        self._chips = {aid: Chip(look=self.look, icon=aid.value, group=group) for aid in AIDS}
        for aid, chip in self._chips.items():
            self.fbind("look", chip.setter("look"))
            chip.bind(on_tap=lambda _chip, aid=aid: self.emit(Use(aid)))
            self._aids.add_widget(chip)
        for name in ("one_tap", "cramped", "languages", "look"):
            self.fbind(name, self._stand_in)
        self._read.bind(offered=self._stand_in)
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
            yield from self._tool_targets()
            yield "read", self.ids.ask_read
            if self.cramped:
                yield "options", self.ids.options
        else:
            yield "start", self.ids.start
            yield from self._tool_targets()
            yield "read", self.ids.read

    def spoken(self):
        """The invitation and what answering takes; or the question itself."""
        if self.one_tap:
            return self.ids.question.words, *labelled(self.ids.ratings.targets())
        return self.ids.invitation.words, self.ids.effort.words, self.ids.promise.words

    def _tool_targets(self):
        if not self.cramped:
            yield from ((f"language-{locale}", chip) for locale, chip in self.languages.items())
        yield from ((f"aid-{aid}", chip) for aid, chip in self._chips.items())

    def _stand_in(self, *_event):
        self.ids.middle.clear_widgets()
        self.ids.middle.add_widget(self._ask if self.one_tap else self._welcome)
        self.ids.tools.clear_widgets()
        if self._read.parent is not None:
            self._read.parent.remove_widget(self._read)
        boxes = [self._aids]
        if self.cramped:
            # where the lower half has no room for them, languages are one tap further away
            boxes = [self._aids, self._ways]
        elif self.languages:
            boxes = [self._languages, self._aids]
        for box in boxes:
            self.ids.tools.add_widget(box)
        if self.one_tap and self._read.offered:
            self._place_read()

    def _place_read(self):
        self._read.size_hint_x = 1
        if self.cramped:
            self._ways.add_widget(self._read, index=len(self._ways.children))
        elif self.look.low:
            self._read.size_hint_x = 1 / len(AIDS)
            self.ids.tools.add_widget(self._read)
        else:
            self.ids.read_above.add_widget(self._read)

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
