"""The answers are on the medium; the citizen is thanked. Before that, for as long as writing takes, the wait."""

from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from ikm.domain.questionnaire import words
from kiosk.events import Done
from kiosk.screens.base import BaseScreen, beside
from kiosk.widgets.drawn import Mark
from kiosk.widgets.qr import QrCode
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "Mark", "QrCode", "SavingScreen", "SolemnScreen", "ThanksScreen"]

ONE_LINE, ONE_LINE_PORTRAIT = 34, 18
"""A longer address, in letters, is shown in two lines: its server and its path."""


class SolemnScreen(BaseScreen):
    """A screen in the brand's colour; `tone` is that of its words. In high contrast it is black as all others are."""

    tone = ColorProperty()


class SavingScreen(SolemnScreen):
    """Shown for a blink on a sound medium."""

    def render(self, model, _):  # noqa: ARG002  (all screens are rendered alike)
        """What there is to say."""
        self.ids.wait.words = _("Menyimpan jawaban…")

    def spoken(self):
        """The wait."""
        return (self.ids.wait.words,)


class ThanksScreen(SolemnScreen):
    """Thanks, what becomes of the answers, where the result is published and where to complain."""

    has_code = BooleanProperty(False)
    unhappy = BooleanProperty(False)
    tight = BooleanProperty(False)
    address = StringProperty("")

    def render(self, model, _):
        """What there is to say."""
        self.ids.thanks.words = _("Terima kasih!")
        self.ids.why.words = (
            _("Ini latihan: jawaban tadi tidak dihitung dan tidak dikirim.")
            if model.training
            else _("Jawaban Anda tersimpan dan dihitung bersama jawaban warga lain. Tidak ada yang tahu siapa Anda.")
        )
        self.unhappy = model.unhappy
        self.ids.complain.words = (
            _("Ingin keluhan Anda ditanggapi resmi? SP4N-LAPOR!: lapor.go.id, SMS 1708")
            if model.unhappy
            else _("Pengaduan resmi: SP4N-LAPOR! – lapor.go.id, SMS 1708")
        )
        self.ids.unit.words = words(model.configuration.unit_name, model.language)
        self.ids.done.words = _("Selesai")
        self.ids.code.address = self.address = model.configuration.public_url
        self.has_code = self.ids.code.drawn
        self.ids.caption.words = _("Pindai untuk melihat hasil penilaian warga") if self.has_code else ""

    def readable(self, portrait):
        """The address in words, for a wide or a narrow card."""
        return readable(self.address, ONE_LINE_PORTRAIT if portrait else ONE_LINE) if self.has_code else ""

    def done(self):
        """Finish."""
        self.emit(Done())

    def targets(self):
        """The way out."""
        yield "done", self.ids.done

    def spoken(self):
        """The thanks, and what there is to know."""
        return (self.ids.thanks.words, self.ids.why.words, self.ids.complain.words)


def readable(address: str, letters: int) -> str:
    """The address as people read it out, without its scheme: in two pieces where a line has fewer letters than it."""
    plain = (address.partition("://")[2] or address).rstrip("/")
    server, slash, path = plain.partition("/")
    return f"{server}{slash} {path}" if path and len(plain) > letters else plain


beside(__file__)
