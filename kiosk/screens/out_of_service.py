"""Nobody can answer now: what is the matter, and what happens next, in a sentence."""

from kivy.properties import BooleanProperty

from kiosk.events import SetUp
from kiosk.model import Fault
from kiosk.screens.base import BaseScreen, beside
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "OutOfServiceScreen"]


class OutOfServiceScreen(BaseScreen):
    """A title, a sentence, and whom to tell; a kiosk that was never set up offers that to the staff."""

    can_set_up = BooleanProperty(False)

    def render(self, model, _):
        """The sentence for this fault."""
        help_words = _("Bila layar ini tidak berganti, mohon beri tahu petugas loket.")
        match model.fault:
            case Fault.UNCONFIGURED:
                title = _("Kios ini belum siap")
                sentence = _("Kios menunggu pendaftaran ke server. Layar ini berganti sendiri begitu selesai.")
                help_words = _("Untuk petugas: siapkan kode pendaftaran dari server, lalu tekan tombol ini.")
            case Fault.FULL:
                title = _("Mohon maaf")
                sentence = _("Penyimpanan penuh, jadi jawaban belum dapat diterima.")
                help_words = _("Mohon hubungi petugas loket.")
            case Fault.REVOKED:
                title = _("Mohon maaf")
                sentence = _("Kios ini sedang tidak dipakai.")
                help_words = _("Mohon hubungi petugas loket.")
            case Fault.SAVE:
                title = _("Mohon maaf")
                sentence = _("Jawaban terakhir belum dapat disimpan. Kios mencoba lagi secara otomatis.")
            case _fault:
                title = _("Mohon maaf")
                sentence = _("Terjadi gangguan. Kios kembali ke layar awal sebentar lagi.")
        self.can_set_up = model.fault is Fault.UNCONFIGURED
        self.ids.title.words = title
        self.ids.sentence.words = sentence
        self.ids.help.words = help_words
        self.ids.setup.words = _("Siapkan kios") if self.can_set_up else ""

    def set_up(self):
        """Begin the first-start assistant."""
        self.emit(SetUp())

    def targets(self):
        """Setting up, where there is nothing yet."""
        yield "setup", self.ids.setup

    def spoken(self):
        """All that is said to a citizen."""
        said = (self.ids.title.words, self.ids.sentence.words)
        return said if self.can_set_up else (*said, self.ids.help.words)


beside(__file__)
