"""Nobody can answer now: what is the matter, and what happens next, in a sentence."""

from kiosk.model import Fault
from kiosk.screens.base import BaseScreen, beside


class OutOfServiceScreen(BaseScreen):
    """A title, a sentence, and whom to ask."""

    def render(self, model, _):
        """The sentence for this fault."""
        match model.fault:
            case Fault.UNCONFIGURED:
                title = _("Kios ini belum siap")
                sentence = _("Kios menunggu pendaftaran ke server. Layar ini berganti sendiri begitu selesai.")
            case Fault.SAVE:
                title = _("Mohon maaf")
                sentence = _("Jawaban terakhir belum dapat disimpan. Kios mencoba lagi secara otomatis.")
            case _fault:
                title = _("Mohon maaf")
                sentence = _("Terjadi gangguan. Kios kembali ke layar awal sebentar lagi.")
        self.ids.title.words = title
        self.ids.sentence.words = sentence
        self.ids.help.words = _("Bila layar ini tidak berganti, mohon beri tahu petugas loket.")

    def targets(self):
        """Nothing."""
        yield from ()


beside(__file__)
